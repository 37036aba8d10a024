import { z } from "zod";
import { ask } from "./ask.ts";
import { moment, nodesOf, policy } from "./values.ts";

const collection = z.object({
  id: z.number(),
  version: z.number(),
  closed: z.boolean(),
  disease: z.number().nullable(),
  openedAt: moment,
  changedAt: moment,
  policy,
  queued: z.object({ direction: z.string(), proposal: z.number(), from: moment, until: moment }).nullable(),
});
export type Collection = z.output<typeof collection>;
const COLLECTION = `id version closed disease openedAt changedAt policy
  queued { direction proposal from until }`;

const version = z.object({
  version: z.number(),
  setAt: moment,
  direction: z.string().nullable(),
  closes: z.boolean(),
});

/** Every collection, the newest first. */
export async function listCollections(indexer: string): Promise<readonly Collection[]> {
  const answer = await ask(
    indexer,
    z.object({ collections: nodesOf(collection) }),
    `{ collections(first: 100, orderBy: { by: id, direction: Descending }) {
      nodes { ${COLLECTION} } pageInfo { hasNextPage } } }`,
  );
  return answer.collections.nodes;
}

const collectionWithVersions = collection.extend({ versions: z.array(version) });
export type CollectionWithVersions = z.output<typeof collectionWithVersions>;

/** One collection with the versions of its policy; null when there is none. */
export async function readCollection(indexer: string, id: number): Promise<CollectionWithVersions | null> {
  const answer = await ask(
    indexer,
    z.object({ collection: collectionWithVersions.nullable() }),
    `query ($id: Long!) { collection(id: $id) {
      ${COLLECTION} versions { version setAt direction closes } } }`,
    { id },
  );
  return answer.collection;
}
