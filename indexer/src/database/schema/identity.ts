import { boolean, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { account, hash, height, time } from "./columns.ts";
import { credentialKinds, grantStates, platforms } from "./words.ts";

export const issuers = pgTable("issuers", {
  account: account().primaryKey(),
  /** One bit a kind, in the order of `CredentialKind`; 0: not accredited. */
  kinds: integer().notNull(),
  /** Guardians let none of its grants count. */
  withheld: boolean().notNull(),
  changedAt: height("changed_at").notNull(),
  position: height().notNull(),
});

/** Grants that their holders put on-chain. */
export const credentials = pgTable(
  "credentials",
  {
    grant: hash().primaryKey(),
    holder: account().notNull(),
    issuer: account().notNull(),
    kind: text({ enum: credentialKinds }).notNull(),
    /** All zero: unscoped. */
    scope: hash().notNull(),
    validFrom: time("valid_from").notNull(),
    validUntil: time("valid_until").notNull(),
    state: text({ enum: grantStates }).notNull(),
    presentedAt: height("presented_at").notNull(),
    endedAt: height("ended_at"),
    position: height().notNull(),
  },
  (table) => [
    index("credentials_by_holder").on(table.holder, table.position),
    index("credentials_by_issuer").on(table.issuer, table.position),
    index("credentials_by_position").on(table.position),
  ],
);

/** Hashes of grants that an account ended, presented or not. */
export const revocations = pgTable(
  "revocations",
  {
    /** The issuer that revoked, or the holder that dropped. */
    account: account().notNull(),
    grant: hash().notNull(),
    state: text({ enum: grantStates }).notNull(),
    revokedAt: height("revoked_at").notNull(),
    position: height().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.grant] }),
    index("revocations_by_grant").on(table.grant),
    index("revocations_by_position").on(table.position),
  ],
);

/** Accounts that were ever suspended. */
export const suspensions = pgTable("suspensions", {
  account: account().primaryKey(),
  suspended: boolean().notNull(),
  changedAt: height("changed_at").notNull(),
  position: height().notNull(),
});

export const verifiers = pgTable("verifiers", {
  account: account().primaryKey(),
  allowed: boolean().notNull(),
  /** Guardians let its results not count. */
  withheld: boolean().notNull(),
  changedAt: height("changed_at").notNull(),
  position: height().notNull(),
});

/** Measurements of enclave code that were ever spoken of. */
export const measurements = pgTable("measurements", {
  measurement: hash().primaryKey(),
  /** It is a reference value: platform, date and label are set. */
  referenced: boolean().notNull(),
  platform: text({ enum: platforms }),
  minTcbDate: time("min_tcb_date"),
  label: text(),
  /** Guardians let it not count. */
  withheld: boolean().notNull(),
  changedAt: height("changed_at").notNull(),
  position: height().notNull(),
});

/** Evidence that the escrow used for an order. */
export const attestations = pgTable(
  "attestations",
  {
    order: hash().notNull(),
    evidence: hash().notNull(),
    measurement: hash().notNull(),
    attestedAt: height("attested_at").notNull(),
    /** When the order was sent back because it no longer stood. */
    invalidatedAt: height("invalidated_at"),
    position: height().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.order, table.evidence] }),
    index("attestations_by_measurement").on(table.measurement, table.position),
    index("attestations_by_position").on(table.position),
  ],
);
