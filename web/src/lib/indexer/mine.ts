import { z } from "zod";
import { ask } from "./ask.ts";
import { CONSENT_STATES } from "./datasets.ts";
import { amount, hex, moment, nodesOf, purpose, terms } from "./values.ts";

const use = z.object({
  order: hex,
  line: z.number(),
  state: z.enum(["Delivered", "Disputed", "Locked", "Open", "Paid", "Refunded"]),
  creditPayee: amount,
  ofOrder: z.object({ buyer: z.string(), purpose, createdAt: moment }).nullable(),
});

const ownDataset = z.object({
  id: hex,
  collection: z.number(),
  contributor: z.string(),
  state: z.enum(CONSENT_STATES),
  terms: terms.nullable(),
  price: amount,
  registeredAt: moment,
  changedAt: moment,
  orderLines: z.array(use),
});
export type OwnDataset = z.output<typeof ownDataset>;
export type Use = z.output<typeof use>;

/** States of a line in which the buyer's enclave got the key. */
const HAS_KEY: readonly Use["state"][] = ["Delivered", "Disputed", "Paid"];
export const hasKey = ({ state }: Use): boolean => HAS_KEY.includes(state);

/** Datasets of these accounts with every use of them, the newest first. */
export async function listOwnDatasets(
  indexer: string,
  accounts: readonly string[],
): Promise<readonly OwnDataset[]> {
  if (accounts.length === 0) return [];
  const answer = await ask(
    indexer,
    z.object({ datasets: nodesOf(ownDataset) }),
    `query ($accounts: [String!]!) {
      datasets(first: 100, where: { contributor: { in: $accounts } },
        orderBy: { by: position, direction: Descending }) {
        nodes { id collection contributor state terms price registeredAt changedAt
          orderLines { order line state creditPayee ofOrder { buyer purpose createdAt } } }
        pageInfo { hasNextPage } } }`,
    { accounts },
  );
  return answer.datasets.nodes;
}
