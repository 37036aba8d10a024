export * from "./governance.ts";
export * from "./message.ts";
export * from "./messages.ts";
