import { join } from "node:path";
import { bytes32 } from "@keystrand/sdk/http";
import { z } from "zod";
import { commaSeparated, commonSettings } from "../service/settings.ts";
import type { TrustSettings } from "./trust.ts";

const HOUR = 3_600_000;

/** Settings of a verifier. */
export const verifierSettings = commonSettings.extend({
  /** Platforms whose vendors' roots are trusted. */
  PLATFORMS: commaSeparated(z.enum(["IntelTdx", "IntelSgx", "AwsNitro"])).default([
    "IntelTdx",
    "IntelSgx",
    "AwsNitro",
  ]),
  /** Folder of a development root; set it only where simulated evidence shall be appraised. */
  DEVELOPMENT_ROOT: z.string().min(1).optional(),
  /** Folder with revocation lists (`.crl`, `.pem`, `.der`); `crls` in the service's folder without it. */
  CRLS: z.string().min(1).optional(),
  /** `required` refuses evidence whose issuers have no current revocation list. */
  REVOCATION: z.enum(["required", "when-known"]).default("required"),
  /** Measurements that this verifier knows; without it, it reports what was measured and the policy decides. */
  MEASUREMENTS: commaSeparated(bytes32).default([]),
  /** Oldest evidence that is appraised, ms. */
  MAX_EVIDENCE_AGE: z.coerce.number().int().positive().default(HOUR),
  /** Longest life of a claim, ms. */
  MAX_CLAIM_LIFETIME: z.coerce
    .number()
    .int()
    .positive()
    .default(24 * HOUR),
  /** How far a claim's beginning, by the chain's clock, may lie from this machine's clock, ms. */
  MAX_CLOCK_DIFFERENCE: z.coerce
    .number()
    .int()
    .positive()
    .default(10 * 60_000),
});

export type VerifierSettings = z.infer<typeof verifierSettings>;

/** The part of the settings that says whom to trust. */
export function trustSettings(settings: VerifierSettings): TrustSettings {
  return {
    platforms: settings.PLATFORMS,
    developmentRoot: settings.DEVELOPMENT_ROOT,
    crlFolder: settings.CRLS ?? join(settings.FOLDER, "crls"),
    revocation: settings.REVOCATION,
  };
}
