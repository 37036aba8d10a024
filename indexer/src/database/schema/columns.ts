import { bigint, numeric, text } from "drizzle-orm/pg-core";

/** A block's height, or a position in the chain (see `positionOf`): below 2^53. */
export const height = (name = "") => bigint(name, { mode: "number" });

/** u128: planck, voice. */
export const amount = (name = "") => numeric(name, { precision: 39, scale: 0, mode: "bigint" });

/** u64: ms since 1970, exactly as the chain has it. */
export const time = (name = "") => numeric(name, { precision: 20, scale: 0, mode: "bigint" });

/** SS58 with prefix 42. */
export const account = (name = "") => text(name);

/** 0x and 64 hex digits. */
export const hash = (name = "") => text(name);

/** u32: more than PostgreSQL's signed integer. */
export const u32 = (name = "") => bigint(name, { mode: "number" });
