import { and, eq, gt } from "drizzle-orm";
import { cursor, notifications } from "../../database/schema/index.ts";
import type { Cursor } from "../../indexing/store.ts";
import { positionOf, type RowOf } from "../../projections/rows.ts";
import { builder, type GraphContext } from "../builder.ts";
import { rowByKey } from "../entity.ts";
import { LONGEST_PAGE } from "../paginate.ts";
import { notification } from "./accounts.ts";
import { order } from "./orders.ts";

const point = builder.objectRef<{ height: number; hash: string }>("Point").implement({
  description: "A block by height and hash.",
  fields: (t) => ({
    height: t.expose("height", { type: "Long", complexity: 0 }),
    hash: t.exposeString("hash", { complexity: 0 }),
  }),
});

const indexed = builder.objectRef<Cursor>("Indexed").implement({
  description: "The state of the chain that this answer shows.",
  fields: (t) => ({
    genesis: t.exposeString("genesis", { complexity: 0 }),
    start: t.expose("start", { type: "Long", description: "First indexed height.", complexity: 0 }),
    head: t.field({ type: point, complexity: 0, resolve: ({ height, hash }) => ({ height, hash }) }),
    finalized: t.field({
      type: point,
      description: "Up to here nothing will be undone.",
      complexity: 0,
      resolve: ({ finalizedHeight, finalizedHash }) => ({ height: finalizedHeight, hash: finalizedHash }),
    }),
  }),
});

builder.queryField("indexed", (t) =>
  t.field({
    type: indexed,
    nullable: true,
    description: "Which block everything else in this answer shows; null before the first start.",
    resolve: async (_root, _args, { reads }) =>
      (await reads.run((queries) => queries.select().from(cursor)))[0] ?? null,
  }),
);

/**
 * Values as the index changes, the newest only: whoever reads slowly misses values between, never the last
 * one, and nothing piles up.
 */
async function* whenChanged<T>(
  context: GraphContext,
  read: () => Promise<T | null>,
  identity: (value: T) => string,
): AsyncGenerator<T> {
  let last: string | undefined;
  for (;;) {
    // Before reading, so that a change during the reading is not missed.
    const changed = context.progress.changed();
    const value = await read();
    if (value !== null && identity(value) !== last) {
      last = identity(value);
      yield value;
    }
    await changed;
  }
}

async function* newNotifications(
  context: GraphContext,
  account: string,
  after: number,
): AsyncGenerator<RowOf<typeof notifications>[]> {
  let seen = after;
  let rollbacks = context.progress.rollbacks;
  for (;;) {
    const changed = context.progress.changed();
    if (context.progress.rollbacks !== rollbacks) {
      rollbacks = context.progress.rollbacks;
      // What was undone comes again, perhaps at a lower position, on the new fork.
      const height = context.progress.head?.height ?? 0;
      seen = Math.min(seen, positionOf(height + 1, 0) - 1);
    }
    const rows = await context.reads.run((queries) =>
      queries
        .select()
        .from(notifications)
        .where(and(eq(notifications.account, account.replaceAll("\0", "")), gt(notifications.position, seen)))
        .orderBy(notifications.position)
        .limit(LONGEST_PAGE),
    );
    const last = rows.at(-1);
    if (last) {
      seen = last.position;
      yield rows;
      if (rows.length === LONGEST_PAGE) continue;
    }
    await changed;
  }
}

const json = (value: unknown) =>
  JSON.stringify(value, (_name, part) => (typeof part === "bigint" ? part.toString() : part));

builder.subscriptionFields((t) => ({
  indexed: t.field({
    type: indexed,
    description: "At each indexed, finalised or undone block.",
    subscribe: (_root, _args, context) =>
      whenChanged(
        context,
        async () => (await context.reads.run((queries) => queries.select().from(cursor)))[0] ?? null,
        json,
      ),
    resolve: (value) => value,
  }),
  order: t.field({
    type: order.ref,
    description: "The order, now and whenever it changes.",
    args: { id: t.arg.string({ required: true }) },
    subscribe: (_root, { id }, context) =>
      whenChanged(context, () => rowByKey(context.reads, order, { id }), json),
    resolve: (value) => value,
  }),
  notified: t.field({
    type: [notification.ref],
    description:
      "An account's notifications after a position, whenever there are new ones; at most 100 at once.",
    args: {
      account: t.arg.string({ required: true }),
      after: t.arg({
        type: "Long",
        required: true,
        description: "Position of the last known one; 0 for all.",
      }),
    },
    complexity: { field: 2, multiplier: 10 },
    subscribe: (_root, { account, after }, context) => newNotifications(context, account, after),
    resolve: (value) => value,
  }),
}));
