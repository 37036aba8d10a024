import { z } from "zod";
import { base64, bytes32, enclaveKeys, milliseconds, orderReference, platform, signature } from "./values.ts";

/** Intel's collateral for a DCAP quote, as its provisioning service gives it; all of it is signed by Intel. */
export const collateralSchema = z.object({
  pck_crl_issuer_chain: z.string().max(20_000),
  /** Hex of DER. */
  root_ca_crl: z.string().max(100_000),
  pck_crl: z.string().max(2_000_000),
  tcb_info_issuer_chain: z.string().max(20_000),
  tcb_info: z.string().max(200_000),
  tcb_info_signature: z.string().max(200),
  qe_identity_issuer_chain: z.string().max(20_000),
  qe_identity: z.string().max(50_000),
  qe_identity_signature: z.string().max(200),
});

/** Evidence in one of the two shapes that platforms give. */
export const evidenceSchema = z.discriminatedUnion("format", [
  z.object({
    /** AWS Nitro's attestation document: COSE_Sign1 over CBOR. The simulated platform uses this shape too. */
    format: z.literal("nitro"),
    document: base64(16_384),
  }),
  z.object({
    /** Intel SGX (v3) or TDX (v4, v5) quote. */
    format: z.literal("dcap"),
    document: base64(16_384),
    collateral: collateralSchema,
  }),
]);

/** `POST /appraise`. */
export const appraisalRequestSchema = orderReference
  .extend({
    keys: enclaveKeys,
    evidence: evidenceSchema,
    /** Chain time at which the claim begins, ms: all verifiers of one order must sign the same claim. */
    issued: milliseconds,
    /** Chain time at which the claim ends, ms. */
    expires: milliseconds,
  })
  .meta({ id: "AppraisalRequest" });

/** The contracts' `Claim`, in JSON. */
export const claimSchema = z
  .object({
    order: bytes32,
    keys: enclaveKeys,
    platform,
    /** blake2_256 of the platform's measurement registers. */
    measurement: bytes32,
    tcbDate: milliseconds,
    debug: z.boolean(),
    /** blake2_256 of the evidence document. */
    evidence: bytes32,
    issued: milliseconds,
    expires: milliseconds,
  })
  .meta({ id: "Claim" });

/** Answer of `POST /appraise`: an attestation result (RFC 9334). */
export const attestationResultSchema = z
  .object({
    claim: claimSchema,
    /** sr25519 public key of the verifier. */
    verifier: bytes32,
    /** Over `signing::attestation`. */
    signature,
    /** True for evidence under a development root: no hardware stands behind it. Show it wherever the claim is shown. */
    simulated: z.boolean(),
  })
  .meta({ id: "AttestationResult" });

/** `GET /identity`. */
export const verifierIdentitySchema = z
  .object({
    account: bytes32,
    /** Platforms for which a root is configured. */
    platforms: z.array(platform),
  })
  .meta({ id: "VerifierIdentity" });

export type Collateral = z.infer<typeof collateralSchema>;
export type Evidence = z.infer<typeof evidenceSchema>;
export type AppraisalRequest = z.infer<typeof appraisalRequestSchema>;
export type ClaimJson = z.infer<typeof claimSchema>;
export type AttestationResult = z.infer<typeof attestationResultSchema>;
export type VerifierIdentity = z.infer<typeof verifierIdentitySchema>;
