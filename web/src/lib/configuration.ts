import { deployedContractSchema } from "@keystrand/sdk/deployment";
import { z } from "zod";

/** `config.json` beside the page: where the system runs. Nothing of it is known when the page is built. */
const configurationSchema = z.object({
  /** The chain's node; what signs and sends talks to it. */
  node: z.url({ protocol: /^wss?$/ }),
  /** GraphQL at `/graphql`, live updates over server-sent events. */
  indexer: z.url({ protocol: /^https?$/ }),
  /** Block 0 of the chain that this page is of; null: whichever the indexer follows. */
  genesis: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/)
    .nullable(),
  /** The contracts that are signed for, by name; null: this page only reads. */
  contracts: z.record(z.string(), deployedContractSchema).nullable().default(null),
  /** Who keeps keys, computes, and keeps encrypted data; null: this page neither orders nor adds data. */
  services: z
    .object({
      custodian: z.url({ protocol: /^https?$/ }),
      enclave: z.url({ protocol: /^https?$/ }),
      blockStore: z.object({ url: z.url({ protocol: /^https?$/ }), token: z.string().nullable() }),
    })
    .nullable()
    .default(null),
});
export type Configuration = z.output<typeof configurationSchema>;

/** The page cannot know where its system is. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/**
 * Reads `config.json`.
 * @throws {@link ConfigurationError} when it is missing or says something else
 */
export async function readConfiguration(fetcher: typeof fetch): Promise<Configuration> {
  let answer: unknown;
  try {
    const response = await fetcher("config.json", { cache: "no-store" });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    answer = await response.json();
  } catch (cause) {
    throw new ConfigurationError("config.json beside this page could not be read.", { cause });
  }
  const parsed = configurationSchema.safeParse(answer);
  if (!parsed.success) {
    throw new ConfigurationError(`config.json is not as expected: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}
