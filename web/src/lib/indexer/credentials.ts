import { z } from "zod";
import { ask } from "./ask.ts";
import { hex, moment, nodesOf } from "./values.ts";

const credential = z.object({ kind: z.string(), scope: hex, validUntil: moment });
export type Credential = z.output<typeof credential>;

/** What an account presented and what still stands, the newest first. */
export async function listCredentials(
  indexer: string,
  holder: string | null,
): Promise<readonly Credential[]> {
  if (holder === null) return [];
  const answer = await ask(
    indexer,
    z.object({ credentials: nodesOf(credential) }),
    `query ($holder: String!) {
      credentials(first: 100, where: { holder: { eq: $holder }, state: { eq: Presented } },
        orderBy: { by: position, direction: Descending }) {
        nodes { kind scope validUntil } pageInfo { hasNextPage } } }`,
    { holder },
  );
  return answer.credentials.nodes;
}
