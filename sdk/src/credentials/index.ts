export * from "./grant.ts";
