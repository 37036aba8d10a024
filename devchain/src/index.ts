export * from "./chain/errors.ts";
export type * from "./chain/types.ts";
