import type { Logger } from "pino";
import type { AbiLibrary } from "../chain/abi.ts";
import type { Rpc } from "../chain/rpc.ts";
import { RuntimeLibrary } from "../chain/runtime.ts";
import { ChainSource, type SourceLimits } from "../chain/source.ts";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/open.ts";
import { IndexerError, isRetryable, OtherChain } from "../errors.ts";
import type { Reducers } from "../projections/reducer.ts";
import { Bell, type FollowObserver, follow } from "./follow.ts";
import { Store, type Subject } from "./store.ts";

/** What the indexer is made of; everything that tests hold is passed in. */
export interface IndexerParts {
  database: Pick<Database, "pool" | "failed">;
  subject: Subject;
  abis: AbiLibrary;
  reducers: Readonly<Record<string, Reducers>>;
  /** A new connection to the node. */
  connect: () => Promise<Rpc>;
  limits: SourceLimits;
  clock: Clock;
  /** In [0, 1): spreads the pauses between attempts. */
  random: () => number;
  observer: FollowObserver;
  log: Logger;
  /** Decoders of the chain's runtimes, kept over sessions; its own where none is given. */
  runtimes?: RuntimeLibrary;
}

/** Longest pause between attempts, ms. */
const LONGEST_PAUSE = 15_000;
const FIRST_PAUSE = 200;
/** The node is asked at least this often, ms, should it forget a subscription. */
const POLL = 6_000;

/**
 * Follows the chain until the signal aborts. What passes (node gone, database gone) is tried again with
 * growing pauses; everything else is thrown.
 */
export async function runIndexer(parts: IndexerParts, signal: AbortSignal): Promise<void> {
  const { clock, log, random } = parts;
  const store = new Store(parts.database.pool, parts.abis, parts.reducers);
  const runtimes = parts.runtimes ?? new RuntimeLibrary();
  let attempts = 0;
  while (!signal.aborted) {
    const began = clock.now();
    try {
      await session(parts, store, runtimes, signal);
      attempts = 0;
    } catch (error) {
      if (!isRetryable(error)) throw error;
      // A session that worked for a while starts the count anew.
      if (clock.now() - began > LONGEST_PAUSE) attempts = 0;
      const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempts) * (0.5 + random() / 2);
      attempts++;
      const advice = error instanceof IndexerError ? error.advice : undefined;
      log.warn({ err: error, advice, pause: Math.round(pause) }, "trying again");
      await clock.sleep(pause, signal);
    }
  }
}

/** One connection to the node, from the database's cursor on. */
async function session(
  parts: IndexerParts,
  store: Store,
  runtimes: RuntimeLibrary,
  signal: AbortSignal,
): Promise<void> {
  const { subject, clock, log } = parts;
  const rpc = await parts.connect();
  const over = new AbortController();
  const bell = new Bell();
  const end = () => {
    over.abort();
    bell.ring();
  };
  signal.addEventListener("abort", end);
  let lost: unknown;
  parts.database.failed.catch((error: unknown) => {
    lost = error;
    end();
  });
  rpc.closed.then(end);
  try {
    const addresses = new Set(Object.values(subject.contracts).map(({ address }) => address));
    const source = new ChainSource(rpc, addresses, clock, parts.limits, runtimes);
    const genesis = await source.genesis();
    if (genesis !== subject.genesis) throw new OtherChain("the deployment record", subject.genesis, genesis);
    const cursor = await store.open(subject, async (height) => {
      const hash = await source.hashAt(height);
      if (hash === null)
        throw new OtherChain("the deployment record", `a chain with block ${height}`, "shorter");
      return hash;
    });
    parts.observer.opened(cursor);
    log.info({ height: cursor.height, hash: cursor.hash }, "following the chain");
    await rpc.watchHeads(() => bell.ring());
    if (signal.aborted) return;
    const polling = poll(clock, bell, over.signal);
    await follow(source, store, bell, parts.observer, over.signal);
    over.abort();
    await polling;
    if (lost !== undefined) throw lost;
  } finally {
    signal.removeEventListener("abort", end);
    over.abort();
    await rpc.close();
  }
}

async function poll(clock: Clock, bell: Bell, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(POLL, signal);
    bell.ring();
  }
}
