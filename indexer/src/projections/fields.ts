import { z } from "zod";
import { type Json, unhex } from "../chain/scale.ts";
import {
  credentialKinds,
  directions,
  emergencyEnds,
  endings,
  orderStates,
  platforms,
  tracks,
} from "../database/schema/words.ts";

// Fields as the decoder gives them (see `compileTypes`).

/** u64 and u128 arrive as decimal text. */
export const integer = z
  .string()
  .regex(/^\d{1,39}$/)
  .transform(BigInt);
/** u8, u16, u32. */
export const small = z.int().nonnegative();
/** SS58. */
export const account = z.string().min(46).max(50);
/** 0x and hex digits. */
export const bytes = z.string().regex(/^0x[0-9a-f]*$/);

/** `Vec<u8>` that holds numbers: the decoder gives every list of bytes as hex. */
export const byteList = bytes.transform((hex) => [...unhex(hex)]);

export const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(json), z.record(z.string(), json)]),
);

export const orderState = z.enum(orderStates);
export const ending = z.enum(endings);
export const direction = z.enum(directions);
export const credentialKind = z.enum(credentialKinds);
export const platform = z.enum(platforms);
export const track = z.enum(tracks);
export const emergencyEnd = z.enum(emergencyEnds);

/** Text that a person wrote, as bytes that need not be UTF-8. PostgreSQL has no NUL in text. */
export const words = bytes.transform((hex) =>
  new TextDecoder().decode(unhex(hex)).replaceAll("\0", "\u{FFFD}"),
);
