import { RuntimeCallError } from "../chain/errors.ts";
import type { Block, Chain, Clock, Hex, SealedBlock, SnapshotId } from "../chain/types.ts";
import { toHex } from "../codec/bytes.ts";
import { blake2_256 } from "../crypto/hashing.ts";
import { DEFAULT_POOL_LIMITS, type PoolLimits, TransactionPool } from "../pool/pool.ts";
import { decodeValidityError } from "../pool/validity.ts";
import type { Json } from "../rpc/json.ts";
import { type Scheduler, systemScheduler } from "./scheduler.ts";

/** When blocks are made. */
export type Sealing =
  /** As soon as a transaction is ready; all that are ready go into one block. */
  | {
      readonly mode: "instant";
      /** An empty block after this many milliseconds without one; 0: never. Default 6000. */
      readonly idleMilliseconds?: number;
    }
  /** Every so many milliseconds, empty or not. */
  | { readonly mode: "interval"; readonly milliseconds: number }
  /** Only by `seal()`. */
  | { readonly mode: "manual" };

/** Milliseconds from import to finality, or "held": only by `finalize()`. */
export type Finality = number | "held";

/** What the chain says of itself: `system_chain`, `system_chainType`, `system_properties`. */
export interface ChainIdentity {
  readonly name: string;
  /** "Development", "Local", "Live", or `{ Custom: "..." }`. */
  readonly chainType: Json;
  /** For wallets: `tokenSymbol`, `tokenDecimals`, `ss58Format`. */
  readonly properties: { readonly [key: string]: Json };
}

/** As the node's `--dev`. */
export const DEVELOPMENT: ChainIdentity = {
  name: "Development",
  chainType: "Development",
  properties: {},
};

export interface ChainNodeOptions {
  readonly chain: Chain;
  /** Default: the development chain's. */
  readonly identity?: ChainIdentity;
  /** Default: instant, with an empty block every 6 seconds. */
  readonly sealing?: Sealing;
  /** Default: 1000, as the real node. */
  readonly finality?: Finality;
  readonly pool?: PoolLimits;
  readonly scheduler?: Scheduler;
  /** Told of blocks that could not be made; the node goes on. Default: console.error. */
  readonly onError?: (message: string, error: unknown) => void;
}

/** An empty block this often lets idle chains tell the time to dry runs. */
export const DEFAULT_IDLE_MILLISECONDS = 6000;
/**
 * A block takes at most this many of the pool's transactions, about a second's work: other requests wait while
 * it is made. The real node has a deadline instead.
 */
export const MAX_TRANSACTIONS_PER_BLOCK = 1000;
/** What substrate-contracts-node waits between import and finality. */
export const DEFAULT_FINALITY_MILLISECONDS = 1000;

/** What `seal` may be told. */
export interface SealOptions {
  readonly parent?: Hex;
  /** Milliseconds since 1970. */
  readonly timestamp?: number;
  /** Extrinsics with length prefix instead of the pool's. */
  readonly extrinsics?: readonly Uint8Array[];
}

/** A snapshot of chain and pool. */
interface Snapshot {
  readonly chain: SnapshotId;
  readonly pool: readonly Uint8Array[];
}

/**
 * A chain with what makes it a node: a transaction pool, block making and delayed finality. Everything runs on
 * one thread; `close()` stops its timers.
 */
export class ChainNode {
  readonly chain: Chain;
  readonly identity: ChainIdentity;
  readonly pool: TransactionPool;
  private readonly scheduler: Scheduler;
  /** Tells of something that went wrong without anyone to answer. */
  readonly report: (message: string, error: unknown) => void;
  private readonly stops: (() => void)[] = [];
  private currentSealing: Sealing;
  private currentFinality: Finality;
  private delayBeforeHold: number;
  private readonly systemClock: Clock;
  private cancelTimer: (() => void) | undefined;
  private cancelSeal: (() => void) | undefined;
  /** Blocks on the way to finality, by hash. */
  private readonly cancelFinality = new Map<Hex, () => void>();
  private readonly snapshots = new Map<SnapshotId, Snapshot>();
  private isSealing = false;
  private closed = false;

  constructor(options: ChainNodeOptions) {
    this.chain = options.chain;
    this.identity = options.identity ?? DEVELOPMENT;
    this.scheduler = options.scheduler ?? systemScheduler;
    this.report = options.onError ?? ((message, error) => console.error(message, error));
    this.currentSealing = options.sealing ?? { mode: "instant" };
    this.currentFinality = options.finality ?? DEFAULT_FINALITY_MILLISECONDS;
    this.delayBeforeHold =
      this.currentFinality === "held" ? DEFAULT_FINALITY_MILLISECONDS : this.currentFinality;
    this.systemClock = this.chain.clock;
    const { chain, systemClock } = this;
    this.pool = new TransactionPool(
      {
        bestNumber: () => chain.best.number,
        validate: (extrinsic, source, at) => chain.validate(extrinsic, at ? { at, source } : { source }),
        hash: (extrinsic) => toHex(blake2_256(extrinsic)),
        now: systemClock,
      },
      options.pool ?? DEFAULT_POOL_LIMITS,
    );
    this.stops.push(
      chain.on("best", ({ block, retracted, enacted }) => {
        this.pool.onBest({ retracted, enacted });
        this.finalizeLater(block);
        this.startTimer();
        // A block from elsewhere can make waiting transactions ready; after our own, seal() decides.
        if (!this.isSealing && this.pool.readyCount > 0) this.sealSoon();
      }),
      chain.on("finalized", ({ finalized }) => {
        for (const block of finalized) this.cancelFinality.get(block.hash)?.();
        for (const block of finalized) this.cancelFinality.delete(block.hash);
        this.pool.onFinalized(finalized);
      }),
      this.pool.onReady(() => this.sealSoon()),
    );
    // A chain that was kept may have stopped before its last blocks became final.
    if (chain.best.hash !== chain.finalized.hash) this.finalizeLater(chain.best);
    this.startTimer();
  }

  get sealing(): Sealing {
    return this.currentSealing;
  }
  /** Takes effect at once. */
  set sealing(sealing: Sealing) {
    this.currentSealing = sealing;
    this.cancelSeal?.();
    this.cancelSeal = undefined;
    this.startTimer();
    if (this.pool.readyCount > 0) this.sealSoon();
  }

  get finality(): Finality {
    return this.currentFinality;
  }
  /** For blocks from now on; from "held" to a number, also for the blocks that were held. */
  set finality(finality: Finality) {
    this.currentFinality = finality;
    for (const cancel of this.cancelFinality.values()) cancel();
    this.cancelFinality.clear();
    if (this.chain.best.hash !== this.chain.finalized.hash) this.finalizeLater(this.chain.best);
  }

  /**
   * Makes a block of what is ready, or of the given extrinsics. Transactions that turn out invalid leave the
   * pool; those for which the block has no room stay.
   */
  seal(options: SealOptions = {}): SealedBlock {
    const extrinsics = options.extrinsics ?? (options.parent ? [] : this.nextExtrinsics());
    const sealed = this.whileSealing(() =>
      this.chain.seal({
        extrinsics,
        ...(options.parent === undefined ? {} : { parent: options.parent }),
        ...(options.timestamp === undefined ? {} : { timestamp: options.timestamp }),
      }),
    );
    let misplaced = false;
    const invalid = sealed.outcomes.flatMap((outcome, index) => {
      const extrinsic = extrinsics[index];
      if (!extrinsic) return [];
      if (outcome.kind === "trapped") {
        this.report(`An extrinsic made the runtime panic and was dropped: ${outcome.message}`, undefined);
        return [toHex(blake2_256(extrinsic))];
      }
      if (outcome.kind !== "invalid") return [];
      // A nonce too high for this block stays good, as the node's author keeps `Future` ones; but it was not
      // ready after all.
      if (decodeValidityError(outcome.error).reason.name !== "Future") return [toHex(blake2_256(extrinsic))];
      misplaced = true;
      return [];
    });
    if (invalid.length > 0) this.pool.removeInvalid(invalid);
    if (misplaced) this.pool.revalidate();
    // Only after progress: what no block takes must not make blocks for ever.
    const progress = sealed.outcomes.some((outcome) => outcome.kind === "included");
    if (progress && this.pool.readyCount > 0) this.sealSoon();
    return sealed;
  }

  private nextExtrinsics(): Uint8Array[] {
    return this.pool
      .ready()
      .slice(0, MAX_TRANSACTIONS_PER_BLOCK)
      .map(({ extrinsic }) => extrinsic);
  }

  private whileSealing<T>(work: () => T): T {
    this.isSealing = true;
    try {
      return work();
    } finally {
      this.isSealing = false;
    }
  }

  /** Makes a block and all before it final; default the best one. */
  finalize(hash: Hex = this.chain.best.hash): void {
    this.chain.finalize(hash);
  }

  /** As `finalize`, in a later task: a watcher that gets `inBlock` and `finalized` in one loses one of them. */
  finalizeSoon(hash: Hex): void {
    this.cancelFinality.get(hash)?.();
    this.cancelFinality.set(
      hash,
      this.scheduler.after(0, () => {
        this.cancelFinality.delete(hash);
        this.tryFinalize(hash);
      }),
    );
  }

  /** Stops finality, or lets it go on with the delay it had. */
  holdFinality(hold: boolean): void {
    if (hold && this.currentFinality !== "held") {
      this.delayBeforeHold = this.currentFinality;
      this.finality = "held";
    } else if (!hold && this.currentFinality === "held") {
      this.finality = this.delayBeforeHold;
    }
  }

  /**
   * Sets the clock that blocks take their time from.
   * @param timestamp milliseconds since 1970; null: the clock the chain began with
   * @param frozen it stands still instead of going on
   * @returns what the clock says now
   */
  setTime(timestamp: number | null, frozen = false): number {
    const { systemClock } = this;
    if (timestamp === null) this.chain.clock = systemClock;
    else if (frozen) this.chain.clock = () => timestamp;
    else {
      const offset = timestamp - systemClock();
      this.chain.clock = () => systemClock() + offset;
    }
    return this.chain.clock();
  }

  /** Remembers chain, time and pool. */
  snapshot(): SnapshotId {
    const id = this.chain.snapshot();
    this.snapshots.set(id, { chain: id, pool: this.pool.contents() });
    return id;
  }

  /** Goes back to a snapshot, as often as wanted. @throws UnknownSnapshot */
  restore(id: SnapshotId): void {
    this.chain.restore(id);
    for (const cancel of this.cancelFinality.values()) cancel();
    this.cancelFinality.clear();
    for (const later of this.snapshots.keys()) if (later > id) this.snapshots.delete(later);
    const snapshot = this.snapshots.get(id);
    this.pool.restore(snapshot?.pool ?? [], (hash) => this.chain.block(hash) !== undefined);
    if (this.chain.best.hash !== this.chain.finalized.hash) this.finalizeLater(this.chain.best);
    this.startTimer();
  }

  /** @throws UnknownSnapshot */
  release(id: SnapshotId): void {
    this.chain.release(id);
    this.snapshots.delete(id);
  }

  /**
   * Replaces the last `depth` blocks by a competing fork, which becomes the best one. The transactions of the
   * blocks that leave go back to the pool.
   * @throws RangeError beyond genesis, NotDescendant below the final block
   * @param length blocks of the fork; default `depth + 1`
   * @returns the fork's blocks, oldest first
   */
  reorg(depth: number, length: number = depth + 1): Block[] {
    let parent = this.chain.best;
    for (let step = 0; step < depth; step += 1) {
      const next = this.chain.block(parent.parentHash);
      if (!next) throw new RangeError(`Cannot go back ${depth} blocks from block ${this.chain.best.number}`);
      parent = next;
    }
    const oldTime = this.chain.timestamp(this.chain.best.hash);
    const fork: Block[] = [];
    for (let step = 0; step < length; step += 1) {
      // A time later than any on the other branch makes every block of the fork a different block.
      const timestamp = Math.max(this.chain.clock(), oldTime) + step + 1;
      const { block } = this.chain.seal({ extrinsics: [], parent: parent.hash, timestamp });
      fork.push(block);
      parent = block;
    }
    if (this.chain.best.hash !== parent.hash) this.chain.reorgTo(parent.hash);
    if (this.pool.readyCount > 0) this.sealSoon();
    return fork;
  }

  /** Stops all timers. The chain can still be read. */
  close(): void {
    this.closed = true;
    for (const stop of this.stops) stop();
    this.cancelTimer?.();
    this.cancelSeal?.();
    for (const cancel of this.cancelFinality.values()) cancel();
    this.cancelFinality.clear();
  }

  /** The next empty or regular block; each block starts the wait over. */
  private startTimer(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (this.closed) return;
    const { currentSealing: sealing } = this;
    if (sealing.mode === "manual") return;
    const wait =
      sealing.mode === "interval"
        ? sealing.milliseconds
        : (sealing.idleMilliseconds ?? DEFAULT_IDLE_MILLISECONDS);
    if (wait <= 0) return;
    this.cancelTimer = this.scheduler.after(wait, () => {
      this.cancelTimer = undefined;
      this.trySeal();
    });
  }

  /** In instant mode: after the requests that are already here, so that a burst shares a block. */
  private sealSoon(): void {
    if (this.currentSealing.mode !== "instant" || this.cancelSeal || this.closed) return;
    this.cancelSeal = this.scheduler.after(0, () => {
      this.cancelSeal = undefined;
      if (this.pool.readyCount > 0) this.trySeal();
    });
  }

  private trySeal(): void {
    try {
      this.seal();
    } catch (error) {
      const what = error instanceof RuntimeCallError ? `the runtime: ${error.message}` : String(error);
      this.report(`No block could be made: ${what}`, error);
      this.startTimer();
    }
  }

  private tryFinalize(hash: Hex): void {
    try {
      this.chain.finalize(hash);
    } catch (error) {
      this.report(`Block ${hash} could not be made final`, error);
    }
  }

  private finalizeLater(block: Block): void {
    if (this.currentFinality === "held" || this.closed) return;
    const cancel = this.scheduler.after(this.currentFinality, () => {
      this.cancelFinality.delete(block.hash);
      const { chain } = this;
      // A block that a reorganisation took off the best chain is not made final.
      if (chain.hashAt(block.number) === block.hash && block.number > chain.finalized.number)
        this.tryFinalize(block.hash);
    });
    this.cancelFinality.set(block.hash, cancel);
  }
}
