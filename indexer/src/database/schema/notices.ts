import { index, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Json } from "../../chain/scale.ts";
import { account, height } from "./columns.ts";

/** What an account should hear of. */
export const notifications = pgTable(
  "notifications",
  {
    account: account().notNull(),
    /** Of the event. */
    position: height().notNull(),
    /** Tells what happened, as `OrderDelivered`. */
    kind: text().notNull(),
    /** Id of what it happened to: an order, a dataset, `collection/1`, `proposal/1`. */
    subject: text().notNull(),
    details: jsonb().$type<{ [name: string]: Json }>().notNull(),
    /** ms since 1970. */
    notifiedAt: height("notified_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.position, table.kind, table.subject] }),
    index("notifications_by_position").on(table.position),
  ],
);
