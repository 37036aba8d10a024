import { index, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Json } from "../../chain/scale.ts";
import { account, amount, hash, height, time, u32 } from "./columns.ts";
import { consentStates } from "./words.ts";

/** Datasets with their present consent. */
export const datasets = pgTable(
  "datasets",
  {
    id: hash().primaryKey(),
    contributor: account().notNull(),
    collection: u32().notNull(),
    state: text({ enum: consentStates }).notNull(),
    version: u32().notNull(),
    /** Digest of the CAR's root; null once erased. */
    root: hash(),
    /** Bytes of the encrypted files. */
    size: amount().notNull(),
    /** Null once erased. */
    keyCommitment: text("key_commitment"),
    custodian: account().notNull(),
    payee: account().notNull(),
    /** Planck. */
    price: amount().notNull(),
    /** Null once erased. */
    terms: jsonb().$type<Json>(),
    rootVersion: u32("root_version").notNull(),
    expiresAt: time("expires_at"),
    laboratory: account(),
    registeredAt: height("registered_at").notNull(),
    changedAt: height("changed_at").notNull(),
    position: height().notNull(),
  },
  (table) => [
    index("datasets_by_collection").on(table.collection, table.state, table.position),
    index("datasets_by_contributor").on(table.contributor, table.position),
    index("datasets_by_custodian").on(table.custodian, table.position),
    index("datasets_by_position").on(table.position),
    index("datasets_by_price").on(table.price, table.id),
  ],
);

/** Every version of every consent. */
export const consentVersions = pgTable(
  "consent_versions",
  {
    dataset: hash().notNull(),
    version: u32().notNull(),
    state: text({ enum: consentStates }).notNull(),
    /** What made this version: the event's name. */
    change: text().notNull(),
    custodian: account().notNull(),
    payee: account().notNull(),
    price: amount().notNull(),
    terms: jsonb().$type<Json>(),
    rootVersion: u32("root_version").notNull(),
    expiresAt: time("expires_at"),
    position: height().notNull(),
    changedAt: height("changed_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.dataset, table.version] })],
);
