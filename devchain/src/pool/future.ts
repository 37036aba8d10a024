import type { Hex } from "../chain/types.ts";
import type { PoolTransaction } from "./ready.ts";

interface Waiting {
  readonly transaction: PoolTransaction;
  readonly missing: Set<Hex>;
}

/** Transactions that wait for tags nobody provides yet, such as an earlier nonce of the same account. */
export class FutureQueue {
  private readonly waiting = new Map<Hex, Waiting>();
  private totalBytes = 0;

  get size(): number {
    return this.waiting.size;
  }
  /** Sum of the extrinsics' lengths. */
  get bytes(): number {
    return this.totalBytes;
  }
  has(hash: Hex): boolean {
    return this.waiting.has(hash);
  }
  get(hash: Hex): PoolTransaction | undefined {
    return this.waiting.get(hash)?.transaction;
  }
  /** Oldest first. */
  values(): PoolTransaction[] {
    return [...this.waiting.values()].map((entry) => entry.transaction);
  }

  import(transaction: PoolTransaction, missing: Iterable<Hex>): void {
    this.waiting.set(transaction.hash, { transaction, missing: new Set(missing) });
    this.totalBytes += transaction.extrinsic.length;
  }

  /** Marks tags as provided; removes and returns the transactions that now miss nothing. */
  satisfy(tags: readonly Hex[]): PoolTransaction[] {
    const ready: PoolTransaction[] = [];
    for (const { transaction, missing } of this.waiting.values()) {
      for (const tag of tags) missing.delete(tag);
      if (missing.size === 0) ready.push(transaction);
    }
    for (const transaction of ready) this.remove(transaction.hash);
    return ready;
  }

  remove(hash: Hex): PoolTransaction | undefined {
    const entry = this.waiting.get(hash);
    if (!entry) return undefined;
    this.waiting.delete(hash);
    this.totalBytes -= entry.transaction.extrinsic.length;
    return entry.transaction;
  }
}
