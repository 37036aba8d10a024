import type { Hex } from "../chain/types.ts";
import { PoolError } from "./errors.ts";

/** A validated transaction in the pool. Immutable. */
export interface PoolTransaction {
  readonly hash: Hex;
  /** The extrinsic with its SCALE length prefix. */
  readonly extrinsic: Uint8Array;
  readonly priority: bigint;
  readonly requires: readonly Hex[];
  readonly provides: readonly Hex[];
  /** Last block number at which the validity holds. */
  readonly validTill: bigint;
}

interface Entry {
  readonly transaction: PoolTransaction;
  /** Order of arrival; breaks ties between equal priorities. */
  readonly insertion: number;
}

/**
 * Transactions whose every required tag is provided, by the state or by another transaction here. A tag has at
 * most one provider: a second one replaces the first if its priority is higher than that of all it replaces.
 */
export class ReadyQueue {
  private readonly entries = new Map<Hex, Entry>();
  private readonly providers = new Map<Hex, Hex>();
  /** Tag -> transactions here that require it. */
  private readonly requirers = new Map<Hex, Set<Hex>>();
  private insertions = 0;
  private totalBytes = 0;

  get size(): number {
    return this.entries.size;
  }
  /** Sum of the extrinsics' lengths. */
  get bytes(): number {
    return this.totalBytes;
  }
  has(hash: Hex): boolean {
    return this.entries.has(hash);
  }
  get(hash: Hex): PoolTransaction | undefined {
    return this.entries.get(hash)?.transaction;
  }
  provides(tag: Hex): boolean {
    return this.providers.has(tag);
  }
  values(): PoolTransaction[] {
    return [...this.entries.values()].map((entry) => entry.transaction);
  }

  /**
   * Adds a transaction and returns those that it replaced.
   * @throws PoolError tooLowPriority
   */
  import(transaction: PoolTransaction): PoolTransaction[] {
    const rivals = new Set<Hex>();
    for (const tag of transaction.provides) {
      const rival = this.providers.get(tag);
      if (rival !== undefined) rivals.add(rival);
    }
    const old = [...rivals].reduce((sum, hash) => sum + (this.get(hash)?.priority ?? 0n), 0n);
    if (rivals.size > 0 && old >= transaction.priority)
      throw new PoolError({ kind: "tooLowPriority", old, new: transaction.priority });
    // Dependents of a replaced transaction stay when the new one provides the tag they wait for.
    const replaced = this.removeSubtree([...rivals], new Set(transaction.provides));
    this.insertions += 1;
    this.entries.set(transaction.hash, { transaction, insertion: this.insertions });
    this.totalBytes += transaction.extrinsic.length;
    for (const tag of transaction.provides) this.providers.set(tag, transaction.hash);
    for (const tag of transaction.requires) {
      const requirers = this.requirers.get(tag);
      if (requirers) requirers.add(transaction.hash);
      else this.requirers.set(tag, new Set([transaction.hash]));
    }
    return replaced;
  }

  /** Removes transactions with all that depend on a tag only they provide (and that is not in `keptTags`). */
  removeSubtree(hashes: readonly Hex[], keptTags: ReadonlySet<Hex> = new Set()): PoolTransaction[] {
    const removed: PoolTransaction[] = [];
    const toRemove = [...hashes];
    for (let hash = toRemove.pop(); hash !== undefined; hash = toRemove.pop()) {
      const entry = this.entries.get(hash);
      if (!entry) continue;
      this.take(entry.transaction);
      removed.push(entry.transaction);
      const lost = entry.transaction.provides.filter((tag) => !keptTags.has(tag));
      for (const tag of lost) toRemove.push(...(this.requirers.get(tag) ?? []));
    }
    return removed;
  }

  /** Removes the transaction that provides the tag and those it required; its dependents stay ready. */
  pruneTag(tag: Hex): PoolTransaction[] {
    const pruned: PoolTransaction[] = [];
    const tags = [tag];
    for (let next = tags.pop(); next !== undefined; next = tags.pop()) {
      const hash = this.providers.get(next);
      const entry = hash === undefined ? undefined : this.entries.get(hash);
      if (!entry) continue;
      this.take(entry.transaction);
      pruned.push(entry.transaction);
      for (const required of entry.transaction.requires) {
        // An earlier transaction that something else still waits for is kept.
        if (!this.requirers.has(required)) tags.push(required);
      }
    }
    return pruned;
  }

  /**
   * All transactions in the order in which a block should try them: dependencies first, then by priority, then
   * the one that expires sooner, then the older.
   */
  inOrder(): PoolTransaction[] {
    const waiting = new Map<Hex, Set<Hex>>();
    const best = new BestFirst();
    for (const entry of this.entries.values()) {
      const missing = new Set(entry.transaction.requires.filter((tag) => this.providers.has(tag)));
      if (missing.size === 0) {
        best.push(entry);
        continue;
      }
      waiting.set(entry.transaction.hash, missing);
    }
    const ordered: PoolTransaction[] = [];
    for (let entry = best.pop(); entry; entry = best.pop()) {
      ordered.push(entry.transaction);
      for (const tag of entry.transaction.provides) {
        for (const hash of this.requirers.get(tag) ?? []) {
          const missing = waiting.get(hash);
          if (missing?.delete(tag) && missing.size === 0) best.push(this.entries.get(hash)!);
        }
      }
    }
    return ordered;
  }

  /** The lowest priority, the oldest among equals: what a full pool drops first. */
  worst(): PoolTransaction | undefined {
    let worst: Entry | undefined;
    for (const entry of this.entries.values()) {
      const lower = !worst || entry.transaction.priority < worst.transaction.priority;
      if (lower) worst = entry;
    }
    return worst?.transaction;
  }

  private take(transaction: PoolTransaction): void {
    this.entries.delete(transaction.hash);
    this.totalBytes -= transaction.extrinsic.length;
    for (const tag of transaction.provides)
      if (this.providers.get(tag) === transaction.hash) this.providers.delete(tag);
    for (const tag of transaction.requires) {
      const requirers = this.requirers.get(tag);
      requirers?.delete(transaction.hash);
      if (requirers?.size === 0) this.requirers.delete(tag);
    }
  }
}

/** Binary heap, best entry on top. */
class BestFirst {
  private readonly heap: Entry[] = [];

  push(entry: Entry): void {
    const { heap } = this;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!goesBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  pop(): Entry | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && goesBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!goesBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function goesBefore(a: Entry, b: Entry): boolean {
  if (a.transaction.priority !== b.transaction.priority)
    return a.transaction.priority > b.transaction.priority;
  if (a.transaction.validTill !== b.transaction.validTill)
    return a.transaction.validTill < b.transaction.validTill;
  return a.insertion < b.insertion;
}
