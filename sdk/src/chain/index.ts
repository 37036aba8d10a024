export * from "./accounts.ts";
export * from "./balance.ts";
export * from "./connect.ts";
export * from "./contract-events.ts";
export * from "./submit.ts";
export * from "./time.ts";
