export * from "./pass.ts";
