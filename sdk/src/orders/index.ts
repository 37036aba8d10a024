export * from "./actions.ts";
export * from "./request.ts";
export * from "./sentences.ts";
