import { boolean, index, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Json } from "../../chain/scale.ts";
import { account, amount, hash, height, time, u32 } from "./columns.ts";
import { directions, emergencyEnds, stages, tracks as trackNames } from "./words.ts";

/** The classes of proposals with their present numbers. */
export const tracks = pgTable("tracks", {
  id: text({ enum: trackNames }).primaryKey(),
  terms: jsonb().$type<Json>().notNull(),
  position: height().notNull(),
});

/** Messages of contracts that have a track of their own. */
export const routes = pgTable(
  "routes",
  {
    callee: account().notNull(),
    /** 0x and 8 hex digits. */
    selector: text().notNull(),
    track: text({ enum: trackNames }).notNull(),
    position: height().notNull(),
  },
  (table) => [primaryKey({ columns: [table.callee, table.selector] })],
);

export const proposals = pgTable(
  "proposals",
  {
    id: u32().primaryKey(),
    /** Of an emergency: who handed the guardians' signatures in. */
    proposer: account(),
    track: text({ enum: trackNames }).notNull(),
    /** The track's numbers that it keeps. */
    terms: jsonb().$type<Json>().notNull(),
    /** Block and time at which both sides of every ballot are read. */
    snapshotBlock: u32("snapshot_block").notNull(),
    snapshotTime: time("snapshot_time").notNull(),
    /** What signed ballots name. */
    content: hash().notNull(),
    /** The collection of a policy change; 0: all of them. */
    collection: u32(),
    direction: text({ enum: directions }),
    closes: time().notNull(),
    /** A late swing extended it. */
    extended: boolean().notNull(),
    deposit: amount().notNull(),
    /** Null until the deposit was settled. */
    depositReturned: boolean("deposit_returned"),
    /** CID of the description. */
    description: text(),
    actions: jsonb().$type<Json>().notNull(),
    /** What guardians did, of an emergency. */
    act: jsonb().$type<Json>(),
    stage: text({ enum: stages }).notNull(),
    executableFrom: time("executable_from"),
    executableUntil: time("executable_until"),
    cancelledByGuardians: boolean("cancelled_by_guardians"),
    emergencyEnd: text("emergency_end", { enum: emergencyEnds }),
    favour: amount().notNull(),
    against: amount().notNull(),
    abstain: amount().notNull(),
    proposedAt: height("proposed_at").notNull(),
    changedAt: height("changed_at").notNull(),
    position: height().notNull(),
  },
  (table) => [
    index("proposals_by_track").on(table.track, table.position),
    index("proposals_by_stage").on(table.stage, table.position),
    index("proposals_by_collection").on(table.collection, table.position),
    index("proposals_by_proposer").on(table.proposer, table.position),
    index("proposals_by_position").on(table.position),
  ],
);

/** The newest ballot of each voter. */
export const ballots = pgTable(
  "ballots",
  {
    proposal: u32().notNull(),
    voter: account().notNull(),
    /** How the voter's own voice is divided, basis points; null: not cast. */
    ownParts: jsonb("own_parts").$type<Json>(),
    /** How the voice delegated to the voter is divided. */
    delegatedParts: jsonb("delegated_parts").$type<Json>(),
    nonce: u32().notNull(),
    bySignature: boolean("by_signature").notNull(),
    ownFavour: amount("own_favour").notNull(),
    ownAgainst: amount("own_against").notNull(),
    ownAbstain: amount("own_abstain").notNull(),
    /** As the ballot told it; `overridden` was taken back since. */
    delegatedFavour: amount("delegated_favour").notNull(),
    delegatedAgainst: amount("delegated_against").notNull(),
    delegatedAbstain: amount("delegated_abstain").notNull(),
    overridden: amount().notNull(),
    /** Struck from the proposal: nothing of it counts. */
    recused: boolean().notNull(),
    reason: text().notNull(),
    castAt: height("cast_at").notNull(),
    position: height().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.proposal, table.voter] }),
    index("ballots_by_voter").on(table.voter, table.position),
    index("ballots_by_position").on(table.position),
  ],
);

/** Voice that owners took back from delegates on a proposal. */
export const overrides = pgTable(
  "overrides",
  {
    proposal: u32().notNull(),
    delegate: account().notNull(),
    owner: account().notNull(),
    amount: amount().notNull(),
    narrowOnly: boolean("narrow_only").notNull(),
    position: height().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.proposal, table.delegate, table.owner] }),
    index("overrides_by_owner").on(table.owner),
  ],
);

/** Accounts that were struck from a proposal. */
export const recusals = pgTable(
  "recusals",
  {
    proposal: u32().notNull(),
    account: account().notNull(),
    recusedAt: height("recused_at").notNull(),
    position: height().notNull(),
  },
  (table) => [primaryKey({ columns: [table.proposal, table.account] })],
);

/** Payments of the treasury. */
export const treasuryPayments = pgTable("treasury_payments", {
  position: height().primaryKey(),
  to: account().notNull(),
  amount: amount().notNull(),
  paidAt: height("paid_at").notNull(),
});
