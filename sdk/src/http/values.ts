import { z } from "zod";

/** 32 bytes as `0x` and 64 lower-case hex digits: ids, hashes, public keys. */
export const bytes32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, "expected 0x and 64 lower-case hex digits")
  .meta({ example: `0x${"ab".repeat(32)}` });

/** An sr25519 signature: 64 bytes as `0x` and 128 lower-case hex digits. */
export const signature = z.string().regex(/^0x[0-9a-f]{128}$/, "expected 0x and 128 lower-case hex digits");

/**
 * Bytes in base64 (RFC 4648 section 4, with padding).
 * @param longest - most bytes that the text may stand for
 */
export const base64 = (longest: number) => z.base64().max(Math.ceil(longest / 3) * 4);

/** Milliseconds since the Unix epoch. */
export const milliseconds = z.int().nonnegative();

/** A CIDv1 in base32, as every root and block of Keystrand is named. */
export const cid = z
  .string()
  .regex(/^b[a-z2-7]{20,200}$/, "expected a CIDv1 in base32")
  .meta({ example: "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi" });

/** Platforms of the contracts' `Platform`, by the names that the contract metadata has. */
export const platform = z.enum(["IntelTdx", "IntelSgx", "AwsNitro", "Simulated"]);

/** The keys that an enclave makes for one order. */
export const enclaveKeys = z.object({
  /** 1 = X25519 with crypt4gh packets. */
  suite: z.literal(1),
  /** X25519 public key that packets are sealed to. */
  encryption: bytes32,
  /** sr25519 public key that signs the receipt. */
  signing: bytes32,
});

/** An order, named so that no other chain or contract can be meant. */
export const orderReference = z.object({
  /** Hash of block 0. */
  genesis: bytes32,
  /** Account of the escrow contract. */
  escrow: bytes32,
  order: bytes32,
});

export type Platform = z.infer<typeof platform>;
export type EnclaveKeysJson = z.infer<typeof enclaveKeys>;
export type OrderReference = z.infer<typeof orderReference>;
