import { z } from "zod";
import { ask } from "./ask.ts";
import { amount, hex, moment, nodesOf, terms } from "./values.ts";

export const CONSENT_STATES = ["Given", "Withdrawn", "Erased"] as const;

const dataset = z.object({
  id: hex,
  collection: z.number(),
  contributor: z.string(),
  custodian: z.string(),
  laboratory: z.string().nullable(),
  state: z.enum(CONSENT_STATES),
  terms: terms.nullable(),
  price: amount,
  size: amount,
  registeredAt: moment,
  expiresAt: moment.nullable(),
});

/** What narrows a list of datasets; null: does not. */
export interface DatasetFacets {
  readonly collection: number | null;
  readonly state: (typeof CONSENT_STATES)[number] | null;
}

export type Dataset = z.output<typeof dataset>;

const datasetPage = nodesOf(dataset);

/** The newest 100 datasets for which the facets hold, and whether there are more. */
export async function listDatasets(
  indexer: string,
  { collection, state }: DatasetFacets,
): Promise<z.output<typeof datasetPage>> {
  const where = {
    ...(collection === null ? {} : { collection: { eq: collection } }),
    ...(state === null ? {} : { state: { eq: state } }),
  };
  const answer = await ask(
    indexer,
    z.object({ datasets: datasetPage }),
    `query ($where: DatasetFilter) {
      datasets(first: 100, where: $where, orderBy: { by: position, direction: Descending }) {
        nodes { id collection contributor custodian laboratory state terms price size registeredAt expiresAt }
        pageInfo { hasNextPage } } }`,
    { where },
  );
  return answer.datasets;
}

/** Ids of a collection's first 100 datasets, whatever became of them. */
export async function datasetIds(indexer: string, collection: number): Promise<readonly string[]> {
  const answer = await ask(
    indexer,
    z.object({ datasets: nodesOf(z.object({ id: hex })) }),
    `query ($collection: Long!) {
      datasets(first: 100, where: { collection: { eq: $collection } }) {
        nodes { id } pageInfo { hasNextPage } } }`,
    { collection },
  );
  return answer.datasets.nodes.map(({ id }) => id);
}
