export * from "./accounts.ts";
export * from "./connect.ts";
export * from "./submit.ts";
