export * from "./deploy.ts";
export * from "./development.ts";
