export * from "./cohort.ts";
export * from "./counts.ts";
export * from "./errors.ts";
export * from "./frequencies-file.ts";
export { NEUTRAL_SAMPLE } from "./person-header.ts";
export * from "./read.ts";
export * from "./split.ts";
