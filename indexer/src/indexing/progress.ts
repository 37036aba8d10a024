import type { BlockPoint } from "../chain/block.ts";
import type { Tip } from "../chain/source.ts";
import type { Clock } from "../clock.ts";
import type { FollowObserver } from "./follow.ts";
import type { Cursor, Written } from "./store.ts";

/** Where the indexer is, for those who ask; and a signal for those who wait. */
export class Progress implements FollowObserver {
  readonly #clock: Clock;
  #changed = Promise.withResolvers<void>();
  /** Last indexed block: what it wrote is committed. */
  head: BlockPoint | undefined;
  finalized: BlockPoint | undefined;
  tip: Tip | undefined;
  /** ms since 1970: when the node last said where it is. */
  tipAt = 0;
  /** ms since 1970: when the head was last the node's best one. */
  caughtUpAt: number;
  genesis: string | undefined;
  blocks = 0;
  events = 0;
  problems = 0;
  rollbacks = 0;
  deepestRollback = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.caughtUpAt = clock.now();
  }

  opened({ genesis, height, hash, finalizedHeight, finalizedHash }: Cursor): void {
    this.genesis = genesis;
    this.head = { height, hash };
    this.finalized = { height: finalizedHeight, hash: finalizedHash };
    this.#announce();
  }

  seen(tip: Tip): void {
    this.tip = tip;
    this.tipAt = this.#clock.now();
    if (this.head?.hash === tip.best.hash) this.caughtUpAt = this.tipAt;
  }

  appended(written: Written, head: BlockPoint, final: boolean): void {
    this.blocks += written.blocks;
    this.events += written.events;
    this.problems += written.problems;
    this.head = head;
    if (final) this.finalized = head;
    if (head.hash === this.tip?.best.hash) this.caughtUpAt = this.#clock.now();
    this.#announce();
  }

  finalizedTo(point: BlockPoint): void {
    this.finalized = point;
    this.#announce();
  }

  rolledBack(from: BlockPoint, to: BlockPoint): void {
    this.rollbacks++;
    this.deepestRollback = Math.max(this.deepestRollback, from.height - to.height);
    this.head = to;
    this.#announce();
  }

  /** Blocks between the indexed head and the node's best one. */
  get lagBlocks(): number | undefined {
    return this.tip && this.head ? Math.max(0, this.tip.best.height - this.head.height) : undefined;
  }

  /** Seconds since the indexed head was last the node's best one. */
  get lagSeconds(): number {
    return this.lagBlocks === 0 ? 0 : (this.#clock.now() - this.caughtUpAt) / 1000;
  }

  /** Resolves at the next change of head or finalised head. */
  changed(): Promise<void> {
    return this.#changed.promise;
  }

  #announce(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
