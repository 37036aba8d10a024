import { boolean, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { account, amount, height } from "./columns.ts";

/** Everyone who ever had voice. */
export const members = pgTable(
  "members",
  {
    account: account().primaryKey(),
    /** Kept and delegated away. */
    voice: amount().notNull(),
    joinedAt: height("joined_at").notNull(),
    changedAt: height("changed_at").notNull(),
    position: height().notNull(),
  },
  (table) => [index("members_by_voice").on(table.voice, table.account)],
);

/** Parts of an owner's voice in another's hands, as last set; ended mandates stay until the list is set anew. */
export const delegations = pgTable(
  "delegations",
  {
    owner: account().notNull(),
    /** The track, or `All` for the list that binds where a track has none of its own. */
    track: text().notNull(),
    delegate: account().notNull(),
    /** Basis points of the owner's voice. */
    share: integer().notNull(),
    /** In the `for` part of a widening it counts as abstain. */
    narrowOnly: boolean("narrow_only").notNull(),
    /** The first month (months since January 1970, UTC) in which the mandate is over. */
    ends: integer().notNull(),
    setAt: height("set_at").notNull(),
    position: height().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.owner, table.track, table.delegate] }),
    index("delegations_by_delegate").on(table.delegate, table.track),
  ],
);
