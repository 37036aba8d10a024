import type { Hex, StateView, StorageChanges, StorageView } from "../chain/types.ts";
import { ascii, compare, concat, startsWith, toHex } from "../codec/bytes.ts";
import { ScaleReader } from "../codec/scale.ts";
import type { StateVersion, TrieValue } from "../trie/node.ts";
import { Trie, type TrieChange } from "../trie/trie.ts";

/** Child roots live in the top trie under this prefix. */
export const CHILD_STORAGE = ascii(":child_storage:");
/** The only kind of child storage there is. */
export const DEFAULT_CHILD_STORAGE = ascii(":child_storage:default:");
const CODE = ascii(":code");
const HEAP_PAGES = ascii(":heappages");

export function isChildStorageKey(key: Uint8Array): boolean {
  return startsWith(key, CHILD_STORAGE);
}

export function childRootKey(storageKey: Uint8Array): Uint8Array {
  return concat(DEFAULT_CHILD_STORAGE, storageKey);
}

/** A trie as the outside sees it. */
class TrieView implements StorageView {
  protected readonly trie: Trie<Trie> | Trie;

  constructor(trie: Trie<Trie> | Trie) {
    this.trie = trie;
  }

  get root(): Hex {
    return toHex(this.trie.root);
  }

  get size(): number {
    return this.trie.size;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.trie.get(key);
  }

  nextKey(key: Uint8Array): Uint8Array | undefined {
    return this.trie.nextKey(key);
  }

  keysPaged(prefix: Uint8Array, count: number, startKey?: Uint8Array): Uint8Array[] {
    const keys: Uint8Array[] = [];
    if (count <= 0) return keys;
    for (const [key] of this.trie.entries(prefix, startKey)) {
      keys.push(key);
      if (keys.length === count) break;
    }
    return keys;
  }

  *entries(prefix?: Uint8Array): IterableIterator<readonly [Uint8Array, Uint8Array]> {
    for (const [key, value] of this.trie.entries(prefix)) yield [key, value.bytes];
  }

  proof(keys: readonly Uint8Array[]): Uint8Array[] {
    return this.trie.proof(keys);
  }
}

/**
 * The storage after a block: the top trie, with each child trie attached to the value that holds its root, so
 * that one persistent structure carries both. Immutable.
 */
export class State extends TrieView implements StateView {
  readonly top: Trie<Trie>;

  constructor(top: Trie<Trie>) {
    super(top);
    this.top = top;
  }

  static readonly empty = new State(Trie.empty<Trie>());

  childTrie(storageKey: Uint8Array): Trie | undefined {
    return this.top.value(childRootKey(storageKey))?.attachment;
  }

  child(storageKey: Uint8Array): StorageView | undefined {
    const trie = this.childTrie(storageKey);
    return trie && new TrieView(trie);
  }

  childKeys(): Uint8Array[] {
    return this.keysPaged(DEFAULT_CHILD_STORAGE, Number.POSITIVE_INFINITY).map((key) =>
      key.slice(DEFAULT_CHILD_STORAGE.length),
    );
  }

  childProof(storageKey: Uint8Array, keys: readonly Uint8Array[]): Uint8Array[] {
    const below = this.childTrie(storageKey)?.proof(keys) ?? [];
    return [...this.top.proof([childRootKey(storageKey)]), ...below].sort(compare);
  }

  /** The runtime code with its cached hash. */
  get code(): TrieValue<Trie> | undefined {
    return this.top.value(CODE);
  }

  /** Pages of heap that the chain grants its runtime, where root has set them. */
  get heapPages(): number | undefined {
    const stored = this.top.get(HEAP_PAGES);
    return stored?.length === 8 ? Number(new ScaleReader(stored).u64()) : undefined;
  }

  /** The state after the changes; new values are laid out as `version` says. An empty child loses its key. */
  with(changes: StorageChanges, version: StateVersion): State {
    const top: TrieChange<Trie>[] = changes.top.map(([key, value]) => ({ key, value }));
    for (const { storageKey, changes: childChanges } of changes.children) {
      const before = this.childTrie(storageKey) ?? Trie.empty();
      const after = before.with(
        childChanges.map(([key, value]) => ({ key, value })),
        version,
      );
      const empty = after.size === 0;
      top.push({
        key: childRootKey(storageKey),
        value: empty ? undefined : after.root,
        attachment: empty ? undefined : after,
      });
    }
    return new State(this.top.with(top, version));
  }
}
