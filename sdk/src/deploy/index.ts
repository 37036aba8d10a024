export * from "./deploy.ts";
