import { z } from "zod";
import { ask } from "./ask.ts";
import {
  amount,
  CONTRACT_EVENT,
  contractEvent,
  hex,
  moment,
  nodesOf,
  policy,
  purpose,
  reason,
} from "./values.ts";

const ORDER_STATES = [
  "Delivered",
  "Disputed",
  "Funded",
  "Qualified",
  "Refunded",
  "Releasing",
  "Resolved",
  "Settled",
  "UnderReview",
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

const order = z.object({
  id: hex,
  collection: z.number(),
  buyer: z.string(),
  state: z.enum(ORDER_STATES),
  ending: z.string().nullable(),
  total: amount,
  lineCount: z.number(),
  createdAt: moment,
  changedAt: moment,
  deadline: moment,
});
const ORDER = "id collection buyer state ending total lineCount createdAt changedAt deadline";

const orderLine = z.object({
  line: z.number(),
  dataset: hex,
  state: z.enum(["Delivered", "Disputed", "Locked", "Open", "Paid", "Refunded"]),
  ending: z.string(),
  price: amount,
  bad: z.boolean(),
  consentVersion: z.number(),
  creditContributor: amount,
  creditPayee: amount,
  creditCustodian: amount,
  creditTreasury: amount,
  creditBuyer: amount,
  reason: reason.nullable(),
});

const credit = z.object({ account: z.string(), credited: amount, withdrawn: amount });

const orderInFull = order.extend({
  custodian: z.string(),
  policyVersion: z.number(),
  purpose,
  reason: reason.nullable(),
  output: hex.nullable(),
  lines: z.array(orderLine),
  timeline: z.array(contractEvent),
  attestations: z.array(z.object({ evidence: hex, measurement: hex, attestedAt: moment })),
  credits: z.array(credit),
  inCollection: z.object({ policy }).nullable(),
});
export type OrderInFull = z.output<typeof orderInFull> & {
  /** What the order still owes its buyer, planck. */
  readonly owedToBuyer: bigint;
};

const orderPage = nodesOf(order);

/** The newest 100 orders, and whether there are more. */
export async function listOrders(indexer: string): Promise<z.output<typeof orderPage>> {
  const answer = await ask(
    indexer,
    z.object({ orders: orderPage }),
    `{ orders(first: 100, orderBy: { by: position, direction: Descending }) {
      nodes { ${ORDER} } pageInfo { hasNextPage } } }`,
  );
  return answer.orders;
}

/** One order with its lines and all that happened to it; null when there is none. */
export async function readOrder(indexer: string, id: string): Promise<OrderInFull | null> {
  const answer = await ask(
    indexer,
    z.object({ order: orderInFull.nullable() }),
    `query ($id: String!) { order(id: $id) {
      ${ORDER} custodian policyVersion purpose reason output
      lines { line dataset state ending price bad consentVersion reason
        creditContributor creditPayee creditCustodian creditTreasury creditBuyer }
      timeline { ${CONTRACT_EVENT} }
      attestations { evidence measurement attestedAt }
      credits { account credited withdrawn }
      inCollection { policy } } }`,
    { id },
  );
  const { order } = answer;
  if (order === null) return null;
  const owedToBuyer = order.credits
    .filter(({ account }) => account === order.buyer)
    .reduce((sum, { credited, withdrawn }) => sum + credited - withdrawn, 0n);
  return { ...order, owedToBuyer };
}
