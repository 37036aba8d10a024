export * from "./actions.ts";
export * from "./request.ts";
export * from "./sentences.ts";
export * from "./time-out.ts";
