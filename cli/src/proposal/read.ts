import { BaseError } from "@keystrand/sdk/errors";
import {
  datasetsOf,
  explainProposal,
  fetchDescription,
  listProposals,
  readProposal,
} from "@keystrand/sdk/governance";
import { requestJson } from "@keystrand/sdk/http";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import type { GovernedSystem } from "../system.ts";
import { jsonText, proposalNumber, withSystem } from "./session.ts";

const limit = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It is a number from 1.");
  return number;
};

export const listCommand = (): Command =>
  new Command("list")
    .description("Proposals, the newest first.")
    .option("-n, --limit <number>", "how many", limit, 20)
    .option("--json", "as JSON")
    .action((options: { limit: number; json?: boolean }) =>
      withSystem(async ({ contracts }) => {
        const views = await listProposals(contracts, options.limit);
        if (options.json) return console.log(jsonText(views));
        if (views.length === 0) return console.log("No proposal was made yet.");
        for (const { proposal, state, head, progress } of views) {
          const { favour, against, abstain } = head.tally;
          console.log(
            `${String(proposal).padStart(5)}  ${state.padEnd(10)}  ${head.track.padEnd(10)}  for ${favour}, against ${against}, abstain ${abstain} of ${progress.total}`,
          );
        }
      }),
    );

/** Blocks whose events are searched in a moment; on a longer chain an indexer is asked. */
const SHORT_CHAIN = 2_000;

/** Datasets of a collection: by the chain's events, or on a long chain by the indexer where one is known. */
const datasetsIn =
  ({ contracts, endpoints }: GovernedSystem) =>
  async (collection: number): Promise<readonly string[]> => {
    const { api, deployment } = contracts;
    const head = (await api.rpc.chain.getHeader()).number.toNumber();
    const isShort = head - (deployment.contracts["consents"]?.block ?? 0) <= SHORT_CHAIN;
    if (endpoints.indexer === undefined || isShort) return datasetsOf(contracts, collection);
    return indexedDatasets(endpoints.indexer, collection);
  };

const pageSchema = z.object({
  data: z.object({
    datasets: z.object({
      nodes: z.array(z.object({ id: z.string() })),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  }),
});
const QUERY = `query Datasets($where: DatasetFilter, $after: String) {
  datasets(first: 100, after: $after, where: $where) { nodes { id } pageInfo { hasNextPage endCursor } }
}`;

const indexedDatasets = async (indexer: string, collection: number): Promise<string[]> => {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const { data }: z.infer<typeof pageSchema> = await requestJson(`${indexer}/graphql`, pageSchema, {
      json: { query: QUERY, variables: { where: { collection: { eq: collection } }, after } },
    });
    ids.push(...data.datasets.nodes.map(({ id }) => id));
    after = data.datasets.pageInfo.hasNextPage ? data.datasets.pageInfo.endCursor : null;
  } while (after !== null);
  return ids;
};

/** The description, or why it is not shown: a proposal is readable without it. */
const descriptionOf = async (
  { contracts, endpoints }: GovernedSystem,
  proposal: number,
): Promise<{ text?: string; missing?: string }> => {
  const { details } = await readProposal(contracts, proposal);
  if (!details) return {};
  if (!endpoints.blockStore) return { missing: "no block store is known to this home folder" };
  try {
    const text = await fetchDescription(endpoints.blockStore.url, details.description);
    return text === undefined ? { missing: "the proposal names no text" } : { text };
  } catch (error) {
    if (error instanceof BaseError) return { missing: error.summary };
    throw error;
  }
};

export const showCommand = (): Command =>
  new Command("show")
    .description("Says what a proposal would change, for which datasets, and how far its vote is.")
    .argument("<proposal>", "its number", proposalNumber)
    .option("--json", "as JSON")
    .action((proposal: number, options: { json?: boolean }) =>
      withSystem(async (system) => {
        const { text, missing } = await descriptionOf(system, proposal);
        const explained = await explainProposal(system.contracts, proposal, {
          datasets: datasetsIn(system),
          description: text,
        });
        if (options.json) return console.log(jsonText({ ...explained, description: text ?? null }));
        for (const line of explained.lines) console.log(line);
        if (missing) console.log(`\nIts description is not shown: ${missing}`);
      }),
    );
