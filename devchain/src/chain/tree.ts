import type { State } from "../state/state.ts";
import { StateDiscarded, UnknownBlock, UnknownSnapshot } from "./errors.ts";
import type { Block, Hex, SnapshotId, StorageChanges, TreeRoute } from "./types.ts";

interface Entry {
  readonly block: Block;
  readonly children: Set<Hex>;
  /** Undefined once pruned. */
  kept: { readonly state: State; readonly changes: StorageChanges | undefined } | undefined;
}

/**
 * Blocks, their forks and states, and which of them are best and final. While a snapshot exists each change
 * leaves a note of how to take it back, so a snapshot costs nothing and restoring costs what changed since.
 */
export class BlockTree {
  readonly genesis: Block;
  readonly #entries = new Map<Hex, Entry>();
  /** Hash by number along the best chain. */
  #canonical: Hex[];
  #finalized: Block;
  #prunedBelow = 0;
  readonly #undo: (() => void)[] = [];
  readonly #snapshots = new Map<SnapshotId, number>();
  #nextSnapshot = 1;

  constructor(genesis: Block, state: State) {
    this.genesis = genesis;
    this.#entries.set(genesis.hash, {
      block: genesis,
      children: new Set(),
      kept: { state, changes: undefined },
    });
    this.#canonical = [genesis.hash];
    this.#finalized = genesis;
  }

  get best(): Block {
    return this.block(this.#canonical.at(-1)!);
  }

  get finalized(): Block {
    return this.#finalized;
  }

  has(hash: Hex): boolean {
    return this.#entries.has(hash);
  }

  /** @throws UnknownBlock */
  block(hash: Hex): Block {
    return this.#entry(hash).block;
  }

  /** @throws UnknownBlock, StateDiscarded */
  kept(hash: Hex): { readonly state: State; readonly changes: StorageChanges | undefined } {
    const { kept } = this.#entry(hash);
    if (kept === undefined) throw new StateDiscarded(hash);
    return kept;
  }

  hasState(hash: Hex): boolean {
    return this.#entries.get(hash)?.kept !== undefined;
  }

  hashAt(number: number): Hex | undefined {
    return this.#canonical[number];
  }

  isCanonical(block: Block): boolean {
    return this.#canonical[block.number] === block.hash;
  }

  /** The canonical hash first. Forks exist only above the final block. */
  hashesAt(number: number): Hex[] {
    const canonical = this.#canonical[number];
    const found = canonical === undefined ? [] : [canonical];
    if (number <= this.#finalized.number) return found;
    for (const { block } of this.#descendants(this.#finalized.hash)) {
      if (block.number === number && block.hash !== canonical) found.push(block.hash);
    }
    return found;
  }

  leaves(): Hex[] {
    const best = this.best.hash;
    const others: Hex[] = [];
    for (const { block, children } of this.#descendants(this.#finalized.hash)) {
      if (children.size === 0 && block.hash !== best) others.push(block.hash);
    }
    return [best, ...others];
  }

  /** @throws UnknownBlock */
  route(from: Hex, to: Hex): TreeRoute {
    let left = this.block(from);
    let right = this.block(to);
    const retracted: Block[] = [];
    const enacted: Block[] = [];
    while (left.hash !== right.hash) {
      if (left.number >= right.number) {
        retracted.push(left);
        left = this.block(left.parentHash);
      } else {
        enacted.push(right);
        right = this.block(right.parentHash);
      }
    }
    return { common: left, retracted: retracted.reverse(), enacted: enacted.reverse() };
  }

  /** Adds a block whose parent is known. */
  add(block: Block, state: State, changes: StorageChanges): void {
    const parent = this.#entry(block.parentHash);
    this.#entries.set(block.hash, { block, children: new Set(), kept: { state, changes } });
    parent.children.add(block.hash);
    this.#note(() => {
      this.#entries.delete(block.hash);
      parent.children.delete(block.hash);
    });
  }

  /** All final blocks below this number have lost their state. */
  get prunedBelow(): number {
    return this.#prunedBelow;
  }

  /** Adds a block on top of the final one that is final already, and whose state is dropped. Never after a fork. */
  addPruned(block: Block): void {
    const parent = this.#entry(block.parentHash);
    parent.kept = undefined;
    parent.children.add(block.hash);
    this.#entries.set(block.hash, { block, children: new Set(), kept: undefined });
    this.#canonical.push(block.hash);
    this.#finalized = block;
    this.#prunedBelow = block.number + 1;
  }

  /** All blocks from a number on, parents before their children. */
  *from(number: number): IterableIterator<Block> {
    const first = this.#canonical[number];
    if (first === undefined) return;
    for (const { block } of this.#descendants(first)) yield block;
  }

  /** Makes a block that descends from the final one the best. */
  setBest(hash: Hex): TreeRoute {
    const route = this.route(this.best.hash, hash);
    this.#canonical.length = route.common.number + 1;
    for (const block of route.enacted) this.#canonical.push(block.hash);
    this.#note(() => {
      this.#canonical.length = route.common.number + 1;
      for (const block of route.retracted) this.#canonical.push(block.hash);
    });
    return route;
  }

  /**
   * Makes a block on the best chain final, drops forks that do not contain it, and drops the state of final
   * blocks beyond `keep`.
   * @returns the newly final blocks and the dropped hashes
   */
  finalize(hash: Hex, keep: number): { finalized: Block[]; discarded: Hex[] } {
    const before = this.#finalized;
    const target = this.block(hash);
    const { enacted } = this.route(before.hash, hash);
    const discarded: Hex[] = [];
    let parent = before;
    for (const block of enacted) {
      for (const sibling of this.#entry(parent.hash).children) {
        if (sibling !== block.hash) this.#drop(sibling, parent.hash, discarded);
      }
      parent = block;
    }
    this.#finalized = target;
    this.#note(() => {
      this.#finalized = before;
    });
    this.#prune(target.number - keep);
    return { finalized: [...enacted], discarded };
  }

  #prune(below: number): void {
    const from = this.#prunedBelow;
    if (below <= from) return;
    for (let number = from; number < below; number++) {
      const entry = this.#entry(this.#canonical[number]!);
      const { kept } = entry;
      entry.kept = undefined;
      this.#note(() => {
        entry.kept = kept;
      });
    }
    this.#prunedBelow = below;
    this.#note(() => {
      this.#prunedBelow = from;
    });
  }

  #drop(hash: Hex, parentHash: Hex, discarded: Hex[]): void {
    const siblings = this.#entry(parentHash).children;
    const dropped = [...this.#descendants(hash)];
    siblings.delete(hash);
    for (const { block } of dropped) {
      this.#entries.delete(block.hash);
      discarded.push(block.hash);
    }
    this.#note(() => {
      siblings.add(hash);
      for (const entry of dropped) this.#entries.set(entry.block.hash, entry);
    });
  }

  /** A block and everything above it, parents first. */
  *#descendants(hash: Hex): IterableIterator<Entry> {
    const waiting = [hash];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const entry = this.#entry(next);
      yield entry;
      waiting.push(...entry.children);
    }
  }

  #entry(hash: Hex): Entry {
    const entry = this.#entries.get(hash);
    if (entry === undefined) throw new UnknownBlock(hash);
    return entry;
  }

  #note(undo: () => void): void {
    if (this.#snapshots.size > 0) this.#undo.push(undo);
  }

  snapshot(): SnapshotId {
    const id = this.#nextSnapshot++;
    this.#snapshots.set(id, this.#undo.length);
    return id;
  }

  /** @throws UnknownSnapshot */
  restore(id: SnapshotId): void {
    const mark = this.#snapshots.get(id);
    if (mark === undefined) throw new UnknownSnapshot(id);
    while (this.#undo.length > mark) this.#undo.pop()!();
    for (const later of this.#snapshots.keys()) if (later > id) this.#snapshots.delete(later);
  }

  /** @throws UnknownSnapshot */
  release(id: SnapshotId): void {
    if (!this.#snapshots.delete(id)) throw new UnknownSnapshot(id);
    if (this.#snapshots.size === 0) this.#undo.length = 0;
  }
}
