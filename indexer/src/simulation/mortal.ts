import pg from "pg";
import { pino } from "pino";
import { z } from "zod";
import { AbiLibrary } from "../chain/abi.ts";
import { connectRpc } from "../chain/rpc.ts";
import { systemClock } from "../clock.ts";
import { openDatabase } from "../database/open.ts";
import { readBundles } from "../files.ts";
import { Progress } from "../indexing/progress.ts";
import { runIndexer } from "../indexing/run.ts";
import { reducers } from "../projections/index.ts";
import { subject } from "../testing/fake-chain.ts";

// An indexer in a process of its own that kills itself (SIGKILL) at a statement that its parent chose, before
// or after that statement; without one it says where it is and lives on.
const order = z
  .object({
    place: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("pglite"), folder: z.string() }),
      z.object({ kind: z.literal("postgresql"), url: z.string(), connections: z.number() }),
    ]),
    node: z.string(),
    artifacts: z.array(z.string()),
    /** Number of the statement, counted from the first that the writer sends. */
    deathAt: z.number().nullable(),
    after: z.boolean(),
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

const database = await openDatabase(order.place);
let statements = 0;
const die = () => process.kill(process.pid, "SIGKILL");

const query = pg.Client.prototype.query;
/** Counts what the writer sends, whoever sends it. */
pg.Client.prototype.query = function counted(this: pg.Client, ...given: unknown[]) {
  const fatal = ++statements === order.deathAt;
  if (fatal && !order.after) die();
  const result: unknown = Reflect.apply(query, this, given);
  if (fatal && result instanceof Promise) result.then(die, die);
  return result;
} as typeof query;

const progress = new Progress(systemClock);
const say = () =>
  process.stdout.write(
    `${JSON.stringify({ head: progress.head, finalized: progress.finalized, statements })}\n`,
  );
await runIndexer(
  {
    database,
    subject,
    abis: new AbiLibrary(readBundles(order.artifacts)),
    reducers,
    connect: () => connectRpc(order.node, 10_000),
    limits: { chunk: 8, ahead: 2, timeoutMs: 10_000, attempts: 6 },
    clock: systemClock,
    random: Math.random,
    observer: {
      opened: progress.opened.bind(progress),
      seen: progress.seen.bind(progress),
      appended: (...told) => {
        progress.appended(...told);
        say();
      },
      finalizedTo: (point) => {
        progress.finalizedTo(point);
        say();
      },
      rolledBack: (from, to) => {
        progress.rolledBack(from, to);
        say();
      },
    },
    log: pino({ level: "silent" }),
  },
  new AbortController().signal,
);
