import { termsSchema } from "@keystrand/sdk/duo";
import { z } from "zod";
import { hex } from "../indexer/values.ts";

const KEPT = "keystrand:contribution:1";

const pendingSchema = z.object({
  contributor: z.string(),
  stored: z.object({
    dataset: hex,
    nonce: hex,
    root: hex,
    cid: z.string(),
    size: z.string().transform(BigInt),
    keyCommitment: hex,
    custodian: z.array(z.number()).transform((bytes): Uint8Array => Uint8Array.from(bytes)),
    custodianReceipt: hex,
  }),
  consent: z.object({
    collection: z.number(),
    terms: termsSchema,
    price: z.string().transform(BigInt),
    payee: z.string(),
  }),
});

/** A dataset that is stored and not registered yet. It holds no secret. */
export type PendingContribution = z.output<typeof pendingSchema>;

/** What was stored before a reload and still waits for its consent. */
export function pendingContribution(): PendingContribution | null {
  const text = localStorage.getItem(KEPT);
  const parsed = text === null ? null : pendingSchema.safeParse(JSON.parse(text));
  return parsed?.success ? parsed.data : null;
}

export function keepContribution(pending: PendingContribution): void {
  localStorage.setItem(
    KEPT,
    JSON.stringify(pending, (_, value) => {
      if (value instanceof Uint8Array) return [...value];
      return typeof value === "bigint" ? value.toString() : value;
    }),
  );
}

export const forgetContribution = (): void => localStorage.removeItem(KEPT);
