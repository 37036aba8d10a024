export * from "./register.ts";
export * from "./store.ts";
