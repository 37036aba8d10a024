import type { Block, Hex, TransactionSource } from "../chain/types.ts";
import { PoolError, type PoolRefusal } from "./errors.ts";
import { FutureQueue } from "./future.ts";
import { type PoolTransaction, ReadyQueue } from "./ready.ts";
import { type StatusListener, type TransactionStatus, Watchers } from "./status.ts";
import { decodeValidity, type Validity } from "./validity.ts";

/** What the pool asks of the chain. */
export interface PoolSource {
  /** Number of the block on which `validate` judges. */
  bestNumber(): number;
  /** SCALE `TransactionValidity`; `at` defaults to the best block. @throws when the runtime traps */
  validate(extrinsic: Uint8Array, source: TransactionSource, at?: Hex): Uint8Array;
  /** BLAKE2b-256 of the extrinsic with its length prefix. */
  hash(extrinsic: Uint8Array): Hex;
  /** Milliseconds; only differences matter. */
  now(): number;
}

/** Limits of one queue. */
export interface QueueLimit {
  readonly count: number;
  /** Sum of the extrinsics' lengths in bytes. */
  readonly bytes: number;
}

export interface PoolLimits {
  readonly ready: QueueLimit;
  readonly future: QueueLimit;
  /** How long an invalid transaction is refused unseen, in milliseconds. The node's `--dev` has 0. */
  readonly banMilliseconds: number;
}

/**
 * The node's defaults (`--pool-limit 8192 --pool-kbytes 20480`; a tenth of that for the future queue). With a
 * ban of 0 a refused transaction is refused unseen only until the next block.
 */
export const DEFAULT_POOL_LIMITS: PoolLimits = {
  ready: { count: 8192, bytes: 20_480 * 1024 },
  future: { count: 819, bytes: 2048 * 1024 },
  banMilliseconds: 0,
};

/** Block pruning remembers the tags of this many prunings, so that a late transaction is not taken for a future one. */
const RECENTLY_PRUNED = 2;

/**
 * Transactions that wait for a block. Behaves as sc_transaction_pool's basic pool: a transaction whose required
 * tags are provided is ready, others are future; equal tags replace each other by priority.
 */
export class TransactionPool {
  private readonly source: PoolSource;
  private readonly limits: PoolLimits;
  private readonly readyQueue = new ReadyQueue();
  private readonly futureQueue = new FutureQueue();
  private readonly watchers = new Watchers();
  /** Hash -> time until which it is refused unseen. */
  private readonly banned = new Map<Hex, number>();
  private recentlyPruned: ReadonlySet<Hex>[] = [];
  private readonly readyListeners = new Set<(hash: Hex) => void>();

  constructor(source: PoolSource, limits: PoolLimits = DEFAULT_POOL_LIMITS) {
    this.source = source;
    this.limits = limits;
  }

  /**
   * Validates a transaction on the best block and takes it.
   * @param extrinsic with its SCALE length prefix
   * @param listener told every status from now on, the first before this returns
   * @returns the transaction's hash and a function that stops the listener
   * @throws PoolError
   */
  submit(extrinsic: Uint8Array, listener?: StatusListener): { hash: Hex; unwatch: () => void } {
    const hash = this.source.hash(extrinsic);
    if (this.banned.has(hash)) throw new PoolError({ kind: "banned" });
    if (this.has(hash)) throw new PoolError({ kind: "alreadyImported" });
    const transaction = this.check(hash, extrinsic, "external");
    const unwatch = listener ? this.watchers.add(hash, listener) : () => {};
    try {
      this.fire(this.import(transaction));
      if (this.enforceLimits().has(hash)) throw new PoolError({ kind: "immediatelyDropped" });
    } catch (error) {
      unwatch();
      throw error;
    }
    return { hash, unwatch };
  }

  has(hash: Hex): boolean {
    return this.readyQueue.has(hash) || this.futureQueue.has(hash);
  }
  /** In the order a block should try them. */
  ready(): PoolTransaction[] {
    return this.readyQueue.inOrder();
  }
  future(): PoolTransaction[] {
    return this.futureQueue.values();
  }
  /** Whether a ready transaction provides the tag. */
  provides(tag: Hex): boolean {
    return this.readyQueue.provides(tag);
  }
  get readyCount(): number {
    return this.readyQueue.size;
  }

  /** Called with the hash of each submitted transaction that is ready. Returns a function that stops it. */
  onReady(listener: (hash: Hex) => void): () => void {
    this.readyListeners.add(listener);
    return () => this.readyListeners.delete(listener);
  }

  /**
   * Drops transactions that turned out invalid, with all that depend on them, and bans them.
   * @returns what was removed
   */
  removeInvalid(hashes: readonly Hex[]): Hex[] {
    const removed = this.remove(hashes);
    this.ban([...hashes, ...removed]);
    for (const hash of removed) this.watchers.notify(hash, "invalid");
    return removed;
  }

  /** Follows the chain: `enacted` are the blocks now on top, `retracted` those that left. Oldest first. */
  onBest(change: { readonly retracted: readonly Block[]; readonly enacted: readonly Block[] }): void {
    for (const block of change.retracted) this.watchers.retracted(block.hash);
    const included = new Set<Hex>();
    for (const block of change.enacted) {
      const hashes = block.extrinsics.map((extrinsic) => this.source.hash(extrinsic));
      for (const hash of hashes) included.add(hash);
      this.prune(block, hashes);
    }
    for (const block of change.retracted) {
      // The first extrinsic is the timestamp inherent; validation refuses it, as it should.
      for (const extrinsic of block.extrinsics) {
        const hash = this.source.hash(extrinsic);
        if (!included.has(hash)) this.fire(this.place(hash, extrinsic));
      }
    }
    if (change.retracted.length > 0) this.revalidate();
    this.dropStale();
  }

  /** @param blocks newly final, oldest first */
  onFinalized(blocks: readonly Block[]): void {
    for (const block of blocks) this.watchers.finalized(block);
    this.clearBans();
  }

  /** Hands back all transactions, for a snapshot: ready ones in order, then future ones. */
  contents(): readonly Uint8Array[] {
    return [...this.ready(), ...this.future()].map((transaction) => transaction.extrinsic);
  }

  /**
   * Replaces everything after the chain went back to a snapshot. Watched transactions that are in no block and
   * not among `extrinsics` are told `dropped`; those in blocks that are gone, `retracted` first.
   * @param survives whether a block is still on the chain
   */
  restore(extrinsics: readonly Uint8Array[], survives: (block: Hex) => boolean): void {
    for (const block of this.watchers.unfinalizedBlocks())
      if (!survives(block)) this.watchers.retracted(block);
    const all = [...this.readyQueue.values(), ...this.futureQueue.values()].map(({ hash }) => hash);
    this.remove(all);
    this.banned.clear();
    this.recentlyPruned = [];
    for (const extrinsic of extrinsics) this.fire(this.place(this.source.hash(extrinsic), extrinsic));
    const inBlocks = this.watchers.included();
    for (const hash of this.watchers.watched())
      if (!this.has(hash) && !inBlocks.has(hash)) this.watchers.notify(hash, "dropped");
  }

  /** Judges every transaction again on the best block: tags depend on the state, so places may change. */
  revalidate(): void {
    const wereReady = this.readyQueue.inOrder();
    const wereFuture = this.futureQueue.values();
    const before = new Map<Hex, TransactionStatus>();
    for (const { hash } of wereReady) before.set(hash, "ready");
    for (const { hash } of wereFuture) before.set(hash, "future");
    this.remove([...before.keys()]);
    const events = new Map<Hex, TransactionStatus>();
    for (const { hash, extrinsic } of [...wereReady, ...wereFuture])
      for (const event of this.place(hash, extrinsic)) events.set(event.hash, event.status);
    for (const [hash, status] of events) if (before.get(hash) !== status) this.watchers.notify(hash, status);
  }

  private prune(block: Block, hashes: readonly Hex[]): void {
    const tags = hashes.flatMap((hash, index) => this.tagsOf(block, hash, block.extrinsics[index]!));
    const includedHere = new Set(hashes);
    const conflicting = tags
      .flatMap((tag) => this.readyQueue.pruneTag(tag))
      .filter((transaction) => !includedHere.has(transaction.hash));
    for (const hash of hashes) this.futureQueue.remove(hash);
    this.recentlyPruned = [new Set(tags), ...this.recentlyPruned].slice(0, RECENTLY_PRUNED);
    for (const transaction of this.futureQueue.satisfy(tags)) this.fire(this.import(transaction));
    for (const [index, hash] of hashes.entries()) this.watchers.inBlock(block.hash, hash, index);
    // Another transaction with the same tags was included: these are judged again, mostly to be stale.
    for (const { hash, extrinsic } of conflicting) this.fire(this.place(hash, extrinsic));
  }

  /** Tags that an extrinsic of a block provides. One that never was here is judged where it came from. */
  private tagsOf(block: Block, hash: Hex, extrinsic: Uint8Array): readonly Hex[] {
    const known = this.readyQueue.get(hash) ?? this.futureQueue.get(hash);
    if (known) return known.provides;
    if (this.readyQueue.size + this.futureQueue.size === 0) return [];
    const answer = this.judge(extrinsic, "inBlock", block.parentHash);
    return answer.kind === "valid" ? answer.transaction.provides : [];
  }

  /** Judges and imports a transaction that was taken before; refusals become statuses. */
  private place(hash: Hex, extrinsic: Uint8Array): StatusEvent[] {
    if (this.has(hash)) return [];
    const answer = this.judge(extrinsic, "external");
    if (answer.kind !== "valid") return [{ hash, status: "invalid" }];
    try {
      return this.import(this.fromValidity(hash, extrinsic, answer.transaction));
    } catch (error) {
      if (!(error instanceof PoolError)) throw error;
      return [{ hash, status: "invalid" }];
    }
  }

  private fire(events: readonly StatusEvent[]): void {
    for (const { hash, status } of events) this.watchers.notify(hash, status);
  }

  private check(hash: Hex, extrinsic: Uint8Array, source: TransactionSource): PoolTransaction {
    const answer = this.judge(extrinsic, source);
    if (answer.kind === "valid") {
      if (answer.transaction.provides.length === 0) return this.refuse(hash, { kind: "noTags" });
      return this.fromValidity(hash, extrinsic, answer.transaction);
    }
    if (answer.kind === "unknown") throw new PoolError(answer);
    return this.refuse(hash, answer);
  }

  private refuse(hash: Hex, refusal: PoolRefusal): never {
    this.ban([hash]);
    throw new PoolError(refusal);
  }

  private judge(extrinsic: Uint8Array, source: TransactionSource, at?: Hex): Judgement {
    let bytes: Uint8Array;
    try {
      bytes = this.source.validate(extrinsic, source, at);
    } catch (error) {
      return { kind: "verification", cause: error };
    }
    return decodeValidity(bytes);
  }

  private fromValidity(
    hash: Hex,
    extrinsic: Uint8Array,
    validity: Extract<Validity, { kind: "valid" }>["transaction"],
  ): PoolTransaction {
    return {
      hash,
      extrinsic,
      priority: validity.priority,
      requires: validity.requires,
      provides: validity.provides,
      validTill: BigInt(this.source.bestNumber()) + validity.longevity,
    };
  }

  /** @throws PoolError tooLowPriority, cycle */
  private import(transaction: PoolTransaction): StatusEvent[] {
    const missing = transaction.requires.filter(
      (tag) => !this.readyQueue.provides(tag) && !this.recentlyPruned.some((tags) => tags.has(tag)),
    );
    if (missing.length > 0) {
      this.futureQueue.import(transaction, missing);
      return [{ hash: transaction.hash, status: "future" }];
    }
    return this.importReady(transaction);
  }

  /** Adds a ready transaction and all future ones that it makes ready. */
  private importReady(first: PoolTransaction): StatusEvent[] {
    const promoted = new Set<Hex>();
    const removed: Hex[] = [];
    const toImport = [first];
    for (let next = toImport.pop(); next; next = toImport.pop()) {
      toImport.push(...this.futureQueue.satisfy(next.provides));
      try {
        const replaced = this.readyQueue.import(next);
        if (next !== first) promoted.add(next.hash);
        for (const { hash } of replaced) {
          promoted.delete(hash);
          removed.push(hash);
        }
      } catch (error) {
        if (next === first || !(error instanceof PoolError)) throw error;
        removed.push(next.hash);
      }
    }
    if (removed.includes(first.hash)) {
      this.readyQueue.removeSubtree([...promoted]);
      throw new PoolError({ kind: "cycle" });
    }
    for (const listener of this.readyListeners) listener(first.hash);
    return [
      { hash: first.hash, status: "ready" },
      ...removed.map((hash) => ({ hash, status: { usurped: first.hash } })),
      ...[...promoted].map((hash) => ({ hash, status: "ready" as const })),
    ];
  }

  private enforceLimits(): Set<Hex> {
    const dropped = new Set<Hex>();
    const { ready, future } = this.limits;
    while (this.readyQueue.size > ready.count || this.readyQueue.bytes > ready.bytes) {
      const worst = this.readyQueue.worst();
      if (!worst) break;
      for (const { hash } of this.readyQueue.removeSubtree([worst.hash])) dropped.add(hash);
    }
    while (this.futureQueue.size > future.count || this.futureQueue.bytes > future.bytes) {
      const oldest = this.futureQueue.values()[0];
      if (!oldest) break;
      this.futureQueue.remove(oldest.hash);
      dropped.add(oldest.hash);
    }
    this.ban([...dropped]);
    for (const hash of dropped) this.watchers.notify(hash, "dropped");
    return dropped;
  }

  private remove(hashes: readonly Hex[]): Hex[] {
    return hashes.flatMap((hash) => this.take(hash)).map((transaction) => transaction.hash);
  }

  private take(hash: Hex): PoolTransaction[] {
    const future = this.futureQueue.remove(hash);
    return future ? [future] : this.readyQueue.removeSubtree([hash]);
  }

  private dropStale(): void {
    const best = BigInt(this.source.bestNumber());
    const stale = [...this.readyQueue.values(), ...this.futureQueue.values()].filter(
      (transaction) => transaction.validTill <= best,
    );
    this.removeInvalid(stale.map((transaction) => transaction.hash));
    this.clearBans();
  }

  private ban(hashes: readonly Hex[]): void {
    const until = this.source.now() + this.limits.banMilliseconds;
    for (const hash of hashes) this.banned.set(hash, until);
  }

  private clearBans(): void {
    const now = this.source.now();
    for (const [hash, until] of this.banned) if (until <= now) this.banned.delete(hash);
  }
}

interface StatusEvent {
  readonly hash: Hex;
  readonly status: TransactionStatus;
}

type Judgement = Validity | { readonly kind: "verification"; readonly cause: unknown };
