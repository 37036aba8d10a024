import type { BlockPoint } from "../chain/block.ts";
import type { ChainSource, Tip } from "../chain/source.ts";
import { ChainLostBlocks, ForkChanged, NodeUnavailable } from "../errors.ts";
import type { Cursor, Store, Written } from "./store.ts";

/** What the follower tells as it goes; nothing it does depends on the listener. */
export interface FollowObserver {
  opened(cursor: Cursor): void;
  /** Where the node is. */
  seen(tip: Tip): void;
  appended(written: Written, head: BlockPoint, final: boolean): void;
  finalizedTo(point: BlockPoint): void;
  rolledBack(from: BlockPoint, to: BlockPoint): void;
}

/** Wakes the follower; a wake-up that comes while it works is not lost. */
export class Bell {
  #rung = Promise.withResolvers<void>();

  ring(): void {
    this.#rung.resolve();
  }

  /** Resolves once it has rung since the last call returned. */
  async heard(): Promise<void> {
    await this.#rung.promise;
    this.#rung = Promise.withResolvers();
  }
}

/**
 * Brings the store to the node's best head and keeps it there until the signal aborts.
 *
 * Heads only wake it: each round asks the node where it is and goes there from the cursor, so that lost,
 * repeated or disordered heads change nothing, and backfill and live reading are one path without a gap.
 *
 * @throws ChainLostBlocks, and what source and store throw
 */
export async function follow(
  source: ChainSource,
  store: Store,
  bell: Bell,
  observer: FollowObserver,
  signal: AbortSignal,
): Promise<void> {
  let forks = 0;
  while (!signal.aborted) {
    try {
      await round(source, store, bell, observer, signal);
      forks = 0;
    } catch (error) {
      // A fork may change under a reading any time; when it never rests, something else is wrong.
      if (!(error instanceof ForkChanged) || ++forks >= MAX_FORKS) throw error;
    }
  }
}

/** Rounds in a row that may be spoilt by a reorganisation. */
const MAX_FORKS = 20;

async function round(
  source: ChainSource,
  store: Store,
  bell: Bell,
  observer: FollowObserver,
  signal: AbortSignal,
): Promise<void> {
  const tip = await source.tip();
  observer.seen(tip);
  await returnToChain(source, store, tip, observer);
  await settle(source, store, tip.finalized, observer);
  await advance(source, store, tip, observer, signal);
  await settle(source, store, tip.finalized, observer);
  if (store.cursor.hash === tip.best.hash && !signal.aborted) await bell.heard();
}

/** Rolls back to the last indexed block that is on the node's best chain. */
async function returnToChain(
  source: ChainSource,
  store: Store,
  tip: Tip,
  observer: FollowObserver,
): Promise<void> {
  const { cursor } = store;
  if ((await source.hashAt(cursor.height)) === cursor.hash) return;
  const candidates: BlockPoint[] = [
    { height: cursor.finalizedHeight, hash: cursor.finalizedHash },
    ...(await store.unfinalized()),
  ];
  let point = candidates.pop();
  while (point !== undefined) {
    const found = await source.hashAt(point.height);
    if (found === point.hash) break;
    if (candidates.length === 0) await refuseLostBlocks(source, point, found, tip);
    point = candidates.pop();
  }
  if (!point || point.height === cursor.height) return;
  const from: BlockPoint = { height: cursor.height, hash: cursor.hash };
  await store.rollBack(point);
  observer.rolledBack(from, point);
}

/** What was final is not on the chain: another chain, or a node that is still catching up. */
async function refuseLostBlocks(
  source: ChainSource,
  point: BlockPoint,
  found: string | null,
  tip: Tip,
): Promise<never> {
  if (found === null && (await source.isSyncing())) {
    throw new NodeUnavailable(`it is at block ${tip.best.height} and still syncing towards ${point.height}`);
  }
  throw new ChainLostBlocks(point.height, point.hash, found);
}

async function advance(
  source: ChainSource,
  store: Store,
  tip: Tip,
  observer: FollowObserver,
  signal: AbortSignal,
): Promise<void> {
  // Only what the node has finalised may be written without a way back.
  for (const [target, final] of [
    [tip.finalized.height, true],
    [tip.best.height, false],
  ] as const) {
    const from = store.cursor.height + 1;
    if (from > target) continue;
    for await (const blocks of source.blocks(from, target)) {
      if (signal.aborted) return;
      const [first] = blocks;
      if (first === undefined || first.parentHash !== store.cursor.hash) throw new ForkChanged(from);
      for (const batch of final ? [blocks] : blocks.map((block) => [block])) {
        const written = await store.append(batch, final);
        const { height, hash } = store.cursor;
        observer.appended(written, { height, hash }, final);
      }
    }
  }
}

/** Marks indexed blocks as final up to the node's finalised head. */
async function settle(
  source: ChainSource,
  store: Store,
  finalized: BlockPoint,
  observer: FollowObserver,
): Promise<void> {
  const { cursor } = store;
  const height = Math.min(finalized.height, cursor.height);
  if (height <= cursor.finalizedHeight) return;
  const hash = await store.hashAt(height);
  const canonical = height === finalized.height ? finalized.hash : await source.hashAt(height);
  // On another fork than the finalised one: the next round rolls back.
  if (hash === null || hash !== canonical) return;
  await store.finalize({ height, hash });
  observer.finalizedTo({ height, hash });
}
