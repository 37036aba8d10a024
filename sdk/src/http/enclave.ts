import { z } from "zod";
import { bytes32, cid, enclaveKeys, platform, signature } from "./values.ts";
import { claimSchema } from "./verifier.ts";

/** `GET /identity`: what this enclave is, before any order. */
export const enclaveIdentitySchema = z
  .object({
    /** The account that pays for the transactions of the enclave's host; it has no say over keys or results. */
    host: bytes32,
    platform,
    /** What a verifier will measure. */
    measurement: bytes32,
    /** What it computes. */
    computation: z.string(),
    simulated: z.boolean(),
  })
  .meta({ id: "EnclaveIdentity" });

/** Where an order stands in the enclave. */
export const enclaveStage = z.enum([
  "attested",
  "waiting",
  "fetching",
  "computing",
  "storing",
  "submitting",
  "done",
  "refused",
]);

/** `POST /orders`: have the enclave make keys for an order and have them attested. */
export const enclaveOrderRequestSchema = z
  .object({
    order: bytes32,
    /** Orders that share one job give one result; all must be named before the first is delivered. */
    job: z.array(bytes32).min(1).max(64).optional(),
  })
  .meta({ id: "EnclaveOrderRequest" });

/** Answer of `POST /orders` and `GET /orders/{order}`. */
export const enclaveOrderSchema = z
  .object({
    order: bytes32,
    /** The orders that are computed together, this one included. */
    job: z.array(bytes32),
    keys: enclaveKeys,
    claim: claimSchema,
    signatures: z.array(z.object({ verifier: bytes32, signature })),
    simulated: z.boolean(),
    stage: enclaveStage,
    /** Why it waits or was refused, in one sentence. */
    note: z.string().nullable(),
    /** The sealed result, once it is stored. */
    output: cid.nullable(),
    /** The enclave's signed word on what was delivered, for accept or reject; null before. */
    receipt: z
      .object({
        /** Root digest of the sealed output; zeroes where there is none. */
        output: bytes32,
        /** Positions of the lines that are bad. */
        bad: z.array(z.int().nonnegative()),
        signature,
      })
      .nullable(),
  })
  .meta({ id: "EnclaveOrder" });

/** `POST /orders/{order}/naming`: the buyer's signature over the enclave's keys (`signing::enclave`). */
export const namingSchema = z.object({ signature }).meta({ id: "Naming" });

export type EnclaveIdentity = z.infer<typeof enclaveIdentitySchema>;
export type EnclaveStage = z.infer<typeof enclaveStage>;
export type EnclaveOrder = z.infer<typeof enclaveOrderSchema>;
export type EnclaveOrderRequest = z.infer<typeof enclaveOrderRequestSchema>;
