export * from "./actions.ts";
export * from "./request.ts";
