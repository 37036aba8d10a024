export * from "./chain.ts";
export * from "./collections.ts";
export * from "./datasets.ts";
export * from "./identity.ts";
export * from "./notices.ts";
export * from "./orders.ts";
export * from "./proposals.ts";
export * from "./voice.ts";
