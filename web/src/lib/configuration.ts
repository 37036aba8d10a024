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
