import type { StorageChanges } from "../chain/types.ts";
import { type BinaryString, compare, fromBinaryString, startsWith, toBinaryString } from "../codec/bytes.ts";
import type { StateVersion } from "../trie/node.ts";
import { Trie } from "../trie/trie.ts";
import { OverlayMap, TransactionLog } from "./overlay-map.ts";
import { CHILD_STORAGE, childRootKey, isChildStorageKey, type State } from "./state.ts";

/** Outcome of a removal by prefix. */
export interface PrefixRemoval {
  /** Backend keys visited, also those that the overlay had deleted already: what the limit counts. */
  readonly loops: number;
  /** Whether the limit stopped it. */
  readonly remaining: boolean;
}

/** What the backend needs to answer: a trie. */
interface Backend {
  get(key: Uint8Array): Uint8Array | undefined;
  nextKey(key: Uint8Array): Uint8Array | undefined;
}

const nothing: Backend = { get: () => undefined, nextKey: () => undefined };

/**
 * What the runtime sees as storage during a call: uncommitted changes over a state, with nested transactions.
 * It follows `sp_state_machine::Ext`, whose quirks the runtime's results depend on.
 */
export class Overlay {
  readonly state: State;
  readonly #log = new TransactionLog();
  readonly #top = new OverlayMap(this.#log);
  readonly #children = new Map<BinaryString, OverlayMap>();
  /** The state with the changes of now; dropped by any write. Finalising and sealing ask for it both. */
  #result:
    | { readonly version: StateVersion; readonly state: State; readonly changes: StorageChanges }
    | undefined;

  constructor(state: State) {
    this.state = state;
  }

  // --- transactions

  get depth(): number {
    return this.#log.depth;
  }

  startTransaction(): void {
    this.#log.start();
  }

  commitTransaction(): void {
    this.#log.commit();
  }

  rollbackTransaction(): void {
    this.#result = undefined;
    this.#log.rollback();
  }

  // --- top trie

  get(key: Uint8Array): Uint8Array | undefined {
    const written = this.#top.get(toBinaryString(key));
    return written === undefined ? this.state.top.get(key) : (written ?? undefined);
  }

  /** Refuses, silently as the node does, to touch child roots. Keeps the value's bytes. */
  set(key: Uint8Array, value: Uint8Array | undefined): void {
    if (isChildStorageKey(key)) return;
    this.#result = undefined;
    this.#top.set(toBinaryString(key), value ?? null);
  }

  append(key: Uint8Array, element: Uint8Array): void {
    this.#result = undefined;
    this.#top.append(toBinaryString(key), element, () => this.state.top.get(key));
  }

  nextKey(key: Uint8Array): Uint8Array | undefined {
    return nextKey(this.state.top, this.#top, key);
  }

  clearPrefix(prefix: Uint8Array, limit: number | undefined): PrefixRemoval {
    const overlapsChildRoots =
      prefix.length > CHILD_STORAGE.length ? isChildStorageKey(prefix) : startsWith(CHILD_STORAGE, prefix);
    if (overlapsChildRoots) return { loops: 0, remaining: false };
    this.#result = undefined;
    return removePrefix(this.state.top, this.#top, prefix, limit);
  }

  // --- child tries, by storage key without the `:child_storage:default:` prefix

  childGet(storageKey: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    const written = this.#children.get(toBinaryString(storageKey))?.get(toBinaryString(key));
    return written === undefined ? this.#childBackend(storageKey).get(key) : (written ?? undefined);
  }

  childSet(storageKey: Uint8Array, key: Uint8Array, value: Uint8Array | undefined): void {
    this.#result = undefined;
    this.#child(storageKey).set(toBinaryString(key), value ?? null);
  }

  childNextKey(storageKey: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    const overlay = this.#children.get(toBinaryString(storageKey));
    const backend = this.#childBackend(storageKey);
    return overlay === undefined ? backend.nextKey(key) : nextKey(backend, overlay, key);
  }

  childClearPrefix(storageKey: Uint8Array, prefix: Uint8Array, limit: number | undefined): PrefixRemoval {
    this.#result = undefined;
    return removePrefix(this.#childBackend(storageKey), this.#child(storageKey), prefix, limit);
  }

  childKill(storageKey: Uint8Array, limit: number | undefined): PrefixRemoval {
    return this.childClearPrefix(storageKey, new Uint8Array(), limit);
  }

  /** Root of the child trie with its uncommitted changes, which it also writes where child roots live. */
  childRoot(storageKey: Uint8Array, version: StateVersion): Uint8Array {
    const before = this.state.childTrie(storageKey) ?? Trie.empty();
    const changes = this.#children.get(toBinaryString(storageKey))?.changes() ?? [];
    if (changes.length === 0) return before.root;
    const after = before.with(
      changes.map(([key, value]) => ({ key, value })),
      version,
    );
    this.#result = undefined;
    this.#top.set(toBinaryString(childRootKey(storageKey)), after.size === 0 ? null : after.root);
    return after.root;
  }

  // --- outcome

  changes(): StorageChanges {
    return this.#result?.changes ?? this.#collectChanges();
  }

  /** The state with everything written so far, open transactions included. */
  result(version: StateVersion): State {
    if (this.#result?.version !== version) {
      const changes = this.#collectChanges();
      this.#result = { version, state: this.state.with(changes, version), changes };
    }
    return this.#result.state;
  }

  #collectChanges(): StorageChanges {
    const children = [...this.#children].map(([storageKey, map]) => ({
      storageKey: fromBinaryString(storageKey),
      changes: map.changes(),
    }));
    return {
      top: this.#top.changes(),
      children: children
        .filter(({ changes }) => changes.length > 0)
        .sort((a, b) => compare(a.storageKey, b.storageKey)),
    };
  }

  #child(storageKey: Uint8Array): OverlayMap {
    const name = toBinaryString(storageKey);
    let map = this.#children.get(name);
    if (map === undefined) {
      map = new OverlayMap(this.#log);
      this.#children.set(name, map);
    }
    return map;
  }

  #childBackend(storageKey: Uint8Array): Backend {
    return this.state.childTrie(storageKey) ?? nothing;
  }
}

/** `Ext::next_storage_key`: the smaller of both sides, without what the overlay deleted. */
function nextKey(backend: Backend, overlay: OverlayMap, key: Uint8Array): Uint8Array | undefined {
  let below = backend.nextKey(key);
  for (const [written, value] of overlay.changesFrom(toBinaryString(key), true)) {
    const above = fromBinaryString(written);
    const order = below === undefined ? 1 : compare(below, above);
    if (order < 0) return below;
    if (value !== null) return above;
    if (order === 0) below = backend.nextKey(above);
  }
  return below;
}

/** `Ext::clear_prefix`: overlay keys go first and do not count, then backend keys up to the limit. */
function removePrefix(
  backend: Backend,
  overlay: OverlayMap,
  prefix: Uint8Array,
  limit: number | undefined,
): PrefixRemoval {
  overlay.clearPrefix(toBinaryString(prefix));
  let loops = 0;
  const beginsHere = backend.get(prefix) !== undefined;
  for (
    let key = beginsHere ? prefix : backend.nextKey(prefix);
    key !== undefined && startsWith(key, prefix);
    key = backend.nextKey(key)
  ) {
    if (loops === limit) return { loops, remaining: true };
    const name = toBinaryString(key);
    if (overlay.get(name) !== null) overlay.set(name, null);
    loops++;
  }
  return { loops, remaining: false };
}
