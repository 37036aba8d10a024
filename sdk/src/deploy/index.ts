export * from "./admit.ts";
export * from "./deploy.ts";
export * from "./development.ts";
export * from "./routes.ts";
