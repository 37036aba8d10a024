import { z } from "zod";
import { ask } from "./ask.ts";
import { CONTRACT_EVENT, contractEvent, INDEXED, indexed, nodesOf } from "./values.ts";

const ids = nodesOf(z.object({}));
const overview = z.object({
  indexed,
  contracts: z.array(z.object({ name: z.string(), address: z.string(), codeHash: z.string() })),
  collections: ids,
  datasets: ids,
  orders: ids,
  proposals: ids,
  members: ids,
  auditLog: nodesOf(contractEvent),
});
export type Overview = z.output<typeof overview>;

/** What is running, and the newest events. Counts are of the first 100; `hasNextPage` says that there are more. */
export const readOverview = (indexer: string): Promise<Overview> =>
  ask(
    indexer,
    overview,
    `{ ${INDEXED}
      contracts { name address codeHash }
      collections(first: 100) { nodes { id } pageInfo { hasNextPage } }
      datasets(first: 100, where: { state: { eq: Given } }) { nodes { id } pageInfo { hasNextPage } }
      orders(first: 100) { nodes { id } pageInfo { hasNextPage } }
      proposals(first: 100) { nodes { id } pageInfo { hasNextPage } }
      members(first: 100) { nodes { account } pageInfo { hasNextPage } }
      auditLog(first: 8, orderBy: { by: position, direction: Descending }) {
        nodes { ${CONTRACT_EVENT} } pageInfo { hasNextPage } } }`,
  );
