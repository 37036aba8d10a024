import { z } from "zod";
import {
  collections,
  diseasePairs,
  ontologyRoots,
  orders,
  parameters,
  policyVersions,
  queuedChanges,
} from "../database/schema/index.ts";
import { bytes, direction, integer, json, small } from "./fields.ts";
import { codeSet, handedOverFromTo } from "./governing.ts";
import { notify } from "./notify.ts";
import { differences } from "./policy-difference.ts";
import { on, type Reducers } from "./reducer.ts";
import { existing, type Moment, type RowOf, type Rows } from "./rows.ts";

/** The collection number that announces a new ontology root. */
const EVERY_COLLECTION = 0;

const queuedChange = z.object({
  proposal: small,
  version: small,
  hash: bytes,
  direction,
  from: integer,
  until: integer,
});

export const policies: Reducers = {
  CollectionOpened: on(
    { collection: small, disease: small.nullable(), hash: bytes, policy: json },
    ({ collection, disease, hash, policy }, at, rows) => {
      rows.put(collections, {
        id: collection,
        disease,
        version: 1,
        hash,
        policy,
        closed: false,
        openedAt: at.timestamp,
        changedAt: at.timestamp,
      });
      putVersion(rows, at, {
        collection,
        version: 1,
        hash,
        policy,
        direction: null,
        difference: [],
        closes: false,
      });
    },
  ),

  PolicySet: on(
    { collection: small, version: small, hash: bytes, direction, policy: json },
    async ({ collection, version, hash, direction, policy }, at, rows) => {
      const before = await existing(rows, collections, "collection", collection);
      rows.put(collections, { ...before, version, hash, policy, changedAt: at.timestamp });
      putVersion(rows, at, {
        collection,
        version,
        hash,
        policy,
        direction,
        difference: differences(before.policy, policy),
        closes: false,
      });
      await removeQueued(rows, collection);
    },
  ),

  CollectionClosed: on({ collection: small, version: small }, async ({ collection, version }, at, rows) => {
    const before = await existing(rows, collections, "collection", collection);
    rows.put(collections, { ...before, version, closed: true, changedAt: at.timestamp });
    putVersion(rows, at, {
      collection,
      version,
      hash: before.hash,
      policy: before.policy,
      direction: null,
      difference: [{ path: "closed", before: false, after: true }],
      closes: true,
    });
    await removeQueued(rows, collection);
  }),

  ChangeQueued: on({ collection: small, change: queuedChange }, async ({ collection, change }, at, rows) => {
    rows.put(queuedChanges, { collection, ...change, position: at.position });
    if (collection === EVERY_COLLECTION) return;
    // A queued change opens a way out for those whose order is not delivered yet.
    const waiting = [
      ...(await rows.where(orders, { collection, state: "UnderReview" })),
      ...(await rows.where(orders, { collection, state: "Funded" })),
      ...(await rows.where(orders, { collection, state: "Qualified" })),
    ];
    notify(
      rows,
      at,
      "PolicyChangeQueued",
      `collection/${collection}`,
      waiting.map(({ buyer }) => buyer),
      { proposal: change.proposal, version: change.version, direction: change.direction },
    );
  }),

  ChangeCleared: on({ collection: small, proposal: small }, async ({ collection }, _at, rows) => {
    await removeQueued(rows, collection);
  }),

  RootSet: on({ version: small, root: bytes }, async ({ version, root }, at, rows) => {
    rows.put(ontologyRoots, { version, root, position: at.position, setAt: at.timestamp });
    await removeQueued(rows, EVERY_COLLECTION);
  }),

  PairProved: on({ root_version: small, child: small, ancestor: small }, (event, at, rows) => {
    rows.put(diseasePairs, {
      rootVersion: event.root_version,
      child: event.child,
      ancestor: event.ancestor,
      position: at.position,
    });
  }),

  LimitsSet: on({ limits: json }, ({ limits }, at, rows) => {
    rows.put(parameters, { contract: "policies", name: "limits", value: limits, position: at.position });
  }),

  HandedOver: handedOverFromTo("policies"),
  CodeSet: codeSet("policies"),
};

function putVersion(
  rows: Rows,
  at: Moment,
  version: Omit<RowOf<typeof policyVersions>, "position" | "setAt">,
): void {
  rows.put(policyVersions, { ...version, position: at.position, setAt: at.timestamp });
}

async function removeQueued(rows: Rows, collection: number): Promise<void> {
  const queued = await rows.get(queuedChanges, collection);
  if (queued) rows.remove(queuedChanges, queued);
}
