export * from "./bytes.ts";
export * from "./errors.ts";
export * from "./signing/index.ts";
export * from "./streams.ts";
