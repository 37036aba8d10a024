export * from "./errors.ts";
export * from "./recovery-file.ts";
