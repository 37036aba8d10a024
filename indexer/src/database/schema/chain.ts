import { sql } from "drizzle-orm";
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { Json } from "../../chain/scale.ts";
import { account, amount, hash, height } from "./columns.ts";

/** One row: how far the tables are, and of which chain they are. Written in the transaction of the rows. */
export const cursor = pgTable("cursor", {
  /** Always 1. */
  id: smallint().primaryKey(),
  genesis: hash().notNull(),
  /** First height that was indexed. */
  start: height().notNull(),
  height: height().notNull(),
  hash: hash().notNull(),
  finalizedHeight: height("finalized_height").notNull(),
  finalizedHash: text("finalized_hash").notNull(),
});

export const blocks = pgTable("blocks", {
  height: height().primaryKey(),
  hash: hash().notNull().unique(),
  parentHash: text("parent_hash").notNull(),
  /** ms since 1970. */
  timestamp: height().notNull(),
});

/** Signed extrinsics that called one of the contracts or made one speak, failed ones included. */
export const extrinsics = pgTable(
  "extrinsics",
  {
    blockHash: text("block_hash").notNull(),
    index: integer().notNull(),
    height: height().notNull(),
    hash: hash().notNull(),
    signer: account(),
    /** Planck, tip included. */
    fee: amount().notNull(),
    success: boolean().notNull(),
    /** `Pallet.Error`. */
    error: text(),
    /** `Pallet.call`. */
    call: text().notNull(),
    contract: account(),
    message: text(),
    value: amount().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.blockHash, table.index] }),
    index("extrinsics_by_height").on(table.height),
    index("extrinsics_by_signer").on(table.signer, table.height),
    index("extrinsics_by_hash").on(table.hash),
  ],
);

/** Every event of the contracts, in its own words; the projections can be recomputed from this table. */
export const contractEvents = pgTable(
  "contract_events",
  {
    blockHash: text("block_hash").notNull(),
    /** Among all events of the block. */
    index: integer().notNull(),
    height: height().notNull(),
    /** See `positionOf`. */
    position: height().notNull(),
    /** ms since 1970. */
    timestamp: height().notNull(),
    /** Who signed the extrinsic. */
    signer: account(),
    extrinsicIndex: integer("extrinsic_index"),
    /** SS58 of the contract. */
    address: account().notNull(),
    /** Its name in the deployment record. */
    contract: text().notNull(),
    /** The code that it ran when it emitted. */
    codeHash: text("code_hash").notNull(),
    topics: jsonb().$type<string[]>().notNull(),
    /** 0x hex. */
    data: text().notNull(),
    /** Null when the bytes could not be decoded. */
    name: text(),
    fields: jsonb().$type<{ [name: string]: Json }>(),
    /** Id of what it is about: an order, a dataset, an account, `collection/1`, `proposal/1`. */
    subject: text(),
    /** Why it was not decoded, or not applied. */
    problem: text(),
  },
  (table) => [
    primaryKey({ columns: [table.blockHash, table.index] }),
    uniqueIndex("contract_events_by_position").on(table.position),
    index("contract_events_by_name").on(table.contract, table.name, table.position),
    index("contract_events_by_subject").on(table.subject, table.position),
    index("contract_events_by_signer").on(table.signer, table.position),
    index("contract_events_with_problem").on(table.position).where(sql`problem IS NOT NULL`),
  ],
);

/** How to take back what blocks that are not final yet did; the newest first. Filled by triggers. */
export const undo = pgTable(
  "undo",
  {
    id: height().primaryKey().generatedAlwaysAsIdentity(),
    height: height().notNull(),
    relation: text().notNull(),
    key: jsonb().notNull(),
    /** The row as it was; null when there was none. */
    before: jsonb(),
  },
  (table) => [index("undo_by_height").on(table.height)],
);

/** The deployment's contracts and the code that each runs. */
export const contracts = pgTable("contracts", {
  address: account().primaryKey(),
  name: text().notNull().unique(),
  codeHash: text("code_hash").notNull(),
  /** Height since which it runs this code. */
  since: height().notNull(),
});

/** Every code that a contract ran. */
export const contractCodes = pgTable(
  "contract_codes",
  {
    address: account().notNull(),
    /** See `positionOf`. */
    position: height().notNull(),
    codeHash: text("code_hash").notNull(),
  },
  (table) => [primaryKey({ columns: [table.address, table.position] })],
);
