export * from "./describe.ts";
export * from "./rules.ts";
export * from "./schemas.ts";
export * from "./vocabulary.ts";
