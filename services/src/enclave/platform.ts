import type { Evidence, Platform } from "@keystrand/sdk/http";

/** What an enclave asks of the machine that it runs on. */
export interface EnclavePlatform {
  readonly platform: Platform;
  /** blake2_256 of the registers that a verifier will find in the evidence. */
  readonly measurement: Uint8Array;
  /** Evidence that carries 64 bytes of report data. */
  attest(reportData: Uint8Array): Promise<Evidence>;
}
