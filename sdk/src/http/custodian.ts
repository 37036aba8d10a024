import { z } from "zod";
import { base64, bytes32, signature } from "./values.ts";

/** `GET /identity`: to whom data keys are sealed and who signs receipts. */
export const custodianIdentitySchema = z
  .object({
    /** sr25519 public key: the custodian's account on-chain. */
    account: bytes32,
    /** X25519 public key that data keys are sealed to (crypt4gh). */
    encryption: bytes32,
  })
  .meta({ id: "CustodianIdentity" });

/** `POST /keys`: a data key, sealed to the custodian. */
export const sealedKeySchema = z
  .object({
    dataset: bytes32,
    /** Digest of the CAR's root CID. */
    root: bytes32,
    /** `signing::key_commitment` of root and data key. */
    keyCommitment: bytes32,
    /** A crypt4gh header packet (with its length field) that holds the data key: 108 bytes. */
    packet: base64(108),
  })
  .meta({ id: "SealedKey" });

/** Answer of `POST /keys`: the custodian's word that it holds the key of this commitment. */
export const custodianReceiptSchema = z
  .object({
    dataset: bytes32,
    root: bytes32,
    keyCommitment: bytes32,
    /** sr25519 public key that signed. */
    custodian: bytes32,
    /** Over `signing::custodian_receipt`. */
    signature,
  })
  .meta({ id: "CustodianReceipt" });

export type CustodianIdentity = z.infer<typeof custodianIdentitySchema>;
export type SealedKey = z.infer<typeof sealedKeySchema>;
export type CustodianReceipt = z.infer<typeof custodianReceiptSchema>;
