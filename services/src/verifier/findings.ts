import type { Platform } from "@keystrand/sdk/http";
import { blake2b } from "@noble/hashes/blake2.js";

/** What evidence says, once everything about it has been verified. */
export interface Findings {
  readonly platform: Platform;
  /** 64 bytes that the enclave put in: the hash that binds its keys to one order. */
  readonly reportData: Uint8Array;
  /** blake2_256 of the platform's measurement registers. */
  readonly measurement: Uint8Array;
  /** Date of the trusted computing base, ms. */
  readonly tcbDate: number;
  readonly debug: boolean;
}

/** One digest for all measurement registers of a platform, in the order given. */
export function measurementOf(registers: readonly Uint8Array[]): Uint8Array {
  const hash = blake2b.create({ dkLen: 32 });
  for (const register of registers) hash.update(register);
  return hash.digest();
}
