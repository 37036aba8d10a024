import { z } from "zod";

/** What went wrong with a question to the indexer, and so what a person can do about it. */
export type IndexerFailure = "unreachable" | "busy" | "refused" | "unexpected";

/** The indexer gave no answer that can be shown. */
export class IndexerUnavailable extends Error {
  override readonly name = "IndexerUnavailable";
  readonly failure: IndexerFailure;

  constructor(failure: IndexerFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

const answerSchema = z.object({
  data: z.unknown(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/** How long an answer may take, ms: longer, and a person thinks that the page is broken. */
const PATIENCE = 15_000;

/**
 * Asks the indexer one GraphQL question and checks the answer.
 * @throws {@link IndexerUnavailable}
 */
export async function ask<T extends z.ZodType>(
  indexer: string,
  schema: T,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<z.output<T>> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(new URL("/graphql", indexer), {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(PATIENCE),
    });
    body = await response.json();
  } catch (cause) {
    throw new IndexerUnavailable("unreachable", `The indexer at ${indexer} does not answer.`, { cause });
  }
  if (response.status === 503) {
    throw new IndexerUnavailable("busy", "The indexer has too much to do just now, or is still starting.");
  }
  const answer = answerSchema.safeParse(body);
  const refusal = answer.data?.errors?.[0]?.message;
  if (!answer.success || refusal !== undefined) {
    throw new IndexerUnavailable(
      "refused",
      `The indexer refused the question: ${refusal ?? `HTTP ${response.status}`}`,
    );
  }
  const data = schema.safeParse(answer.data.data);
  if (!data.success) {
    throw new IndexerUnavailable(
      "unexpected",
      `The indexer's answer is not as expected: ${z.prettifyError(data.error)}`,
    );
  }
  return data.data;
}

/** A GraphQL subscription as the address of a stream of server-sent events. */
export function streamAddress(indexer: string, subscription: string): URL {
  const address = new URL("/graphql", indexer);
  address.searchParams.set("query", subscription);
  return address;
}
