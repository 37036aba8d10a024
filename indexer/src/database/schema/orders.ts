import { boolean, index, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Json } from "../../chain/scale.ts";
import { account, amount, hash, height, time, u32 } from "./columns.ts";
import { endings, lineStates, orderStates } from "./words.ts";

export const orders = pgTable(
  "orders",
  {
    id: hash().primaryKey(),
    buyer: account().notNull(),
    collection: u32().notNull(),
    custodian: account().notNull(),
    state: text({ enum: orderStates }).notNull(),
    policyVersion: u32("policy_version").notNull(),
    /** The policy version under which the committee cleared it. */
    clearedVersion: u32("cleared_version"),
    /** Orders of one cohort share it. */
    job: hash().notNull(),
    /** The buyer's crypt4gh public key. */
    readerKey: text("reader_key").notNull(),
    purpose: jsonb().$type<Json>().notNull(),
    /** Planck. */
    total: amount().notNull(),
    lineCount: integer("line_count").notNull(),
    /** End of the state's window, ms since 1970, as it was set: a later pause stretches it. */
    deadline: time().notNull(),
    /** The attested enclave: suite, encryption and signing key, measurement, evidence; null where there is none. */
    enclave: jsonb().$type<Json>(),
    /** Why the order was refunded. */
    ending: text({ enum: endings }),
    /** The rule that denied, and whose it is. */
    reason: jsonb().$type<Json>(),
    /** Root digest of the sealed output. */
    output: hash(),
    createdAt: height("created_at").notNull(),
    changedAt: height("changed_at").notNull(),
    endedAt: height("ended_at"),
    /** Its cells on-chain were cleared. */
    forgotten: boolean().notNull(),
    /** Of its creation. */
    position: height().notNull(),
  },
  (table) => [
    index("orders_by_buyer").on(table.buyer, table.position),
    index("orders_by_custodian").on(table.custodian, table.state, table.position),
    index("orders_by_collection").on(table.collection, table.state, table.position),
    index("orders_by_state").on(table.state, table.position),
    index("orders_by_job").on(table.job),
    index("orders_by_position").on(table.position),
    index("orders_by_total").on(table.total, table.id),
  ],
);

export const orderLines = pgTable(
  "order_lines",
  {
    order: hash().notNull(),
    line: integer().notNull(),
    dataset: hash().notNull(),
    consentVersion: u32("consent_version").notNull(),
    price: amount().notNull(),
    payee: account().notNull(),
    state: text({ enum: lineStates }).notNull(),
    ending: text({ enum: endings }).notNull(),
    /** The rule that denied it, and whose it is. */
    reason: jsonb().$type<Json>(),
    /** The key packet, sealed to the order's enclave. */
    packet: text(),
    /** The enclave's receipt called it bad. */
    bad: boolean().notNull(),
    /** Who answered the dispute with a bond. */
    answeredBy: account("answered_by"),
    /** The payees' share of the price in basis points; null until it ended. */
    share: integer(),
    /** What each role may withdraw for it, bonds included, planck. */
    creditPayee: amount("credit_payee").notNull(),
    creditCustodian: amount("credit_custodian").notNull(),
    creditTreasury: amount("credit_treasury").notNull(),
    creditBuyer: amount("credit_buyer").notNull(),
    creditContributor: amount("credit_contributor").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.order, table.line] }),
    index("order_lines_by_dataset").on(table.dataset, table.state),
    index("order_lines_by_payee").on(table.payee),
  ],
);

/** What ended lines of an order owe an account, and what it took. */
export const credits = pgTable(
  "credits",
  {
    order: hash().notNull(),
    account: account().notNull(),
    credited: amount().notNull(),
    withdrawn: amount().notNull(),
    position: height().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.order, table.account] }),
    index("credits_by_account").on(table.account, table.position),
    index("credits_by_position").on(table.position),
  ],
);

/** Money that left the escrow. */
export const payments = pgTable(
  "payments",
  {
    position: height().primaryKey(),
    order: hash().notNull(),
    to: account().notNull(),
    amount: amount().notNull(),
    paidAt: height("paid_at").notNull(),
  },
  (table) => [
    index("payments_by_account").on(table.to, table.position),
    index("payments_by_order").on(table.order),
  ],
);

/** Times in which create, attest and release were blocked. */
export const pauses = pgTable("pauses", {
  position: height().primaryKey(),
  from: time().notNull(),
  /** Moves when the pause is ended early. */
  until: time().notNull(),
});
