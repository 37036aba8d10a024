import { boolean, index, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Json } from "../../chain/scale.ts";
import { hash, height, time, u32 } from "./columns.ts";
import { directions } from "./words.ts";

/** Collections with their present policy. */
export const collections = pgTable("collections", {
  id: u32().primaryKey(),
  /** MONDO number of the one disease that the collection is for. */
  disease: u32(),
  version: u32().notNull(),
  hash: hash().notNull(),
  policy: jsonb().$type<Json>().notNull(),
  closed: boolean().notNull(),
  openedAt: height("opened_at").notNull(),
  changedAt: height("changed_at").notNull(),
});

/** One entry of a policy's change: `path` names the part, as `terms.permission`. */
export interface PolicyDifference {
  path: string;
  before: Json;
  after: Json;
}

/** Every policy that a collection had. */
export const policyVersions = pgTable(
  "policy_versions",
  {
    collection: u32().notNull(),
    version: u32().notNull(),
    hash: hash().notNull(),
    /** What the change did to the purposes that are admitted; null for the first version. */
    direction: text({ enum: directions }),
    policy: jsonb().$type<Json>().notNull(),
    /** What changed since the version before. */
    difference: jsonb().$type<PolicyDifference[]>().notNull(),
    /** This version closed the collection. */
    closes: boolean().notNull(),
    position: height().notNull(),
    /** ms since 1970. */
    setAt: height("set_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.collection, table.version] })],
);

/** Changes that are announced; collection 0 stands for all of them (a new ontology root). */
export const queuedChanges = pgTable("queued_changes", {
  collection: u32().primaryKey(),
  proposal: u32().notNull(),
  version: u32().notNull(),
  hash: hash().notNull(),
  direction: text({ enum: directions }).notNull(),
  from: time().notNull(),
  until: time().notNull(),
  position: height().notNull(),
});

export const ontologyRoots = pgTable("ontology_roots", {
  version: u32().primaryKey(),
  root: hash().notNull(),
  position: height().notNull(),
  setAt: height("set_at").notNull(),
});

/** Proved pairs of a disease and one that it descends from. */
export const diseasePairs = pgTable(
  "disease_pairs",
  {
    rootVersion: u32("root_version").notNull(),
    /** MONDO numbers. */
    child: u32().notNull(),
    ancestor: u32().notNull(),
    position: height().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.rootVersion, table.child, table.ancestor] }),
    index("disease_pairs_by_ancestor").on(table.ancestor, table.rootVersion),
  ],
);

/** Parameters that a contract publishes by event, in its own words: the limits of policies, tracks ... */
export const parameters = pgTable(
  "parameters",
  {
    contract: text().notNull(),
    name: text().notNull(),
    value: jsonb().$type<Json>().notNull(),
    position: height().notNull(),
  },
  (table) => [primaryKey({ columns: [table.contract, table.name] })],
);
