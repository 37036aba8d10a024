import { purposeSchema, RULES, termsSchema } from "@keystrand/sdk/duo";
import { z } from "zod";

/** Planck, or voice; they do not fit a JavaScript number. */
export const amount = z.string().regex(/^\d+$/).transform(BigInt);
/** Milliseconds since 1970. */
export const moment = z.number();
export const hex = z.string().regex(/^0x[0-9a-f]*$/);

/** The indexer writes 64-bit numbers as text, the contracts' names in snake case. */
const bigNumber = z.string().regex(/^\d+$/).transform(BigInt);

/** A field under the contracts' name, given the name of the sdk. */
const renamed = (from: string, to: string, read: (value: unknown) => unknown = (value) => value) =>
  z.preprocess((given) => {
    if (typeof given !== "object" || given === null || !(from in given)) return given;
    const { [from]: value, ...rest } = given as Record<string, unknown>;
    return { ...rest, [to]: value === null ? null : read(value) };
  }, z.unknown());
const asBigInt = (value: unknown) =>
  typeof value === "string" && /^\d+$/.test(value) ? BigInt(value) : value;

export const terms = renamed("publish_from", "publishFrom", asBigInt).pipe(termsSchema);
export const purpose = renamed("publish_at", "publishAt", asBigInt)
  .pipe(renamed("genetic_study", "geneticStudy"))
  .pipe(renamed("non_profit", "nonProfit"))
  .pipe(renamed("commercial_use", "commercialUse"))
  .pipe(purposeSchema);

/** The rule that refused, and whose it is. */
export const reason = z.object({
  rule: z.enum(Object.keys(RULES) as [keyof typeof RULES, ...(keyof typeof RULES)[]]),
  whose: z.enum(["Policy", "Consent"]),
});

/** A collection's policy as its contract has it. */
export const policy = z.object({
  terms,
  required: z.array(z.object({ kind: z.string(), scope: hex })),
  min_cohort: z.number(),
  laboratory: z.boolean(),
  /** Basis points of a line's price. */
  split: z.object({ contributor: z.number(), custodian: z.number(), treasury: z.number() }),
  /** ms. */
  windows: z.object({
    fulfil: bigNumber,
    release: bigNumber,
    dispute: bigNumber,
    answer: bigNumber,
    arbitration: bigNumber,
  }),
  attestation: z.object({ quorum: z.number(), platforms: z.array(z.string()), admit_debug: z.boolean() }),
  committee: z.object({ members: z.array(z.string()), quorum: z.number() }),
  bond: amount,
});
export type Policy = z.output<typeof policy>;

/** An event of a contract with the block that has it. */
export const contractEvent = z.object({
  position: z.number(),
  contract: z.string(),
  name: z.string().nullable(),
  height: z.number(),
  blockHash: hex,
  timestamp: moment,
  signer: z.string().nullable(),
});
export type ContractEvent = z.output<typeof contractEvent>;
/** The same with what the event says, by the contracts' names. */
export const contractEventInFull = contractEvent.extend({
  fields: z.record(z.string(), z.unknown()).nullable(),
});
export const CONTRACT_EVENT = "position contract name height blockHash timestamp signer";

const point = z.object({ height: z.number(), hash: hex });
/** The state of the chain that an answer shows. */
export const indexed = z.object({ genesis: hex, head: point, finalized: point }).nullable();
export type Indexed = NonNullable<z.output<typeof indexed>>;
export const INDEXED = "indexed { genesis head { height hash } finalized { height hash } }";

export const nodesOf = <T extends z.ZodType>(row: T) =>
  z.object({ nodes: z.array(row), pageInfo: z.object({ hasNextPage: z.boolean() }) });
