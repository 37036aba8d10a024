import { z } from "zod";
import { chainSettings } from "../service/deployment.ts";
import { commaSeparated, commonSettings } from "../service/settings.ts";

const url = z.url({ protocol: /^https?$/ });

/** Settings of the enclave. */
export const enclaveSettings = commonSettings.extend(chainSettings.shape).extend({
  /** Folder of a development root with its key: the enclave is then SIMULATED. */
  DEVELOPMENT_ROOT: z.string().min(1, "no hardware platform is built in yet: set a development root"),
  /** Where verifiers answer, separated by commas. */
  VERIFIER_URLS: commaSeparated(url).pipe(z.array(url).min(1, "name at least one verifier")),
  /** Where datasets are fetched and results are stored. */
  BLOCK_STORE_URL: url,
  /** The block store's write token. */
  BLOCK_STORE_TOKEN: z.string().min(16),
  /** How long a claim lives, ms; policies bound it. */
  CLAIM_LIFETIME: z.coerce
    .number()
    .int()
    .positive()
    .default(6 * 3_600_000),
});
