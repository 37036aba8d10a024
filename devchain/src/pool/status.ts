import type { Block, Hex } from "../chain/types.ts";

/** What a watcher of a transaction is told, in the JSON form of `author_extrinsicUpdate`. */
export type TransactionStatus =
  | "future"
  | "ready"
  | "dropped"
  | "invalid"
  | { readonly broadcast: readonly string[] }
  | { readonly inBlock: Hex }
  | { readonly retracted: Hex }
  | { readonly finalityTimeout: Hex }
  | { readonly finalized: Hex }
  | { readonly usurped: Hex };

/** `index` is the extrinsic's place in its block, for the statuses that name one. */
export type StatusListener = (status: TransactionStatus, index?: number) => void;

/** After one of these nothing follows. */
export function isLast(status: TransactionStatus): boolean {
  if (typeof status === "string") return status === "dropped" || status === "invalid";
  return "finalized" in status || "usurped" in status || "finalityTimeout" in status;
}

/**
 * As on the node: a watcher that waits for this many later blocks without finality gets `finalityTimeout`.
 * Source: sc_transaction_pool `MAX_FINALITY_WATCHERS`.
 */
export const MAX_UNFINALIZED_BLOCKS = 512;

/** Who watches which transaction, and which blocks their transactions are in. */
export class Watchers {
  private readonly listeners = new Map<Hex, Set<StatusListener>>();
  /** Block hash -> watched transactions in it with their index. Oldest block first. */
  private readonly inBlocks = new Map<Hex, { readonly hash: Hex; readonly index: number }[]>();

  /** Returns a function that stops watching. */
  add(hash: Hex, listener: StatusListener): () => void {
    const set = this.listeners.get(hash) ?? new Set();
    set.add(listener);
    this.listeners.set(hash, set);
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.listeners.get(hash) === set) this.listeners.delete(hash);
    };
  }

  /** Hashes of all watched transactions. */
  watched(): Hex[] {
    return [...this.listeners.keys()];
  }

  notify(hash: Hex, status: TransactionStatus, index?: number): void {
    const set = this.listeners.get(hash);
    if (!set) return;
    if (isLast(status)) this.listeners.delete(hash);
    for (const listener of [...set]) listener(status, index);
  }

  inBlock(block: Hex, hash: Hex, index: number): void {
    if (!this.listeners.has(hash)) return;
    const list = this.inBlocks.get(block);
    if (list) list.push({ hash, index });
    else this.inBlocks.set(block, [{ hash, index }]);
    this.notify(hash, { inBlock: block }, index);
    if (this.inBlocks.size <= MAX_UNFINALIZED_BLOCKS) return;
    const oldest = this.inBlocks.keys().next().value;
    if (oldest === undefined) return;
    const late = this.inBlocks.get(oldest) ?? [];
    this.inBlocks.delete(oldest);
    for (const entry of late) this.notify(entry.hash, { finalityTimeout: oldest });
  }

  retracted(block: Hex): void {
    const list = this.inBlocks.get(block) ?? [];
    this.inBlocks.delete(block);
    for (const { hash } of list) this.notify(hash, { retracted: block });
  }

  finalized(block: Block): void {
    const list = this.inBlocks.get(block.hash) ?? [];
    this.inBlocks.delete(block.hash);
    for (const { hash, index } of list) this.notify(hash, { finalized: block.hash }, index);
  }

  /** Watched transactions that are in a block which is not final yet. */
  included(): Set<Hex> {
    return new Set([...this.inBlocks.values()].flat().map((entry) => entry.hash));
  }

  /** Blocks that hold watched transactions and are not final yet. */
  unfinalizedBlocks(): Hex[] {
    return [...this.inBlocks.keys()];
  }
}
