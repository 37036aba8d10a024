import { type BinaryString, concat, fromBinaryString } from "../codec/bytes.ts";
import { encodeCompact, tryCompact } from "../codec/scale.ts";

/** What the overlay says of a key: its bytes, null for deleted, undefined when only the backend knows. */
export type OverlayValue = Uint8Array | null | undefined;

/**
 * A growing vector (System.Events). Appending and taking an append back move `length`; the bytes beyond it are
 * rubbish that the next append overwrites. So both are O(1), whatever the vector's size.
 */
class AppendedVector {
  buffer: Uint8Array;
  length: number;
  count: number;
  #encoded: Uint8Array | undefined;

  constructor(elements: Uint8Array, count: number) {
    this.buffer = elements.slice();
    this.length = elements.length;
    this.count = count;
  }

  push(element: Uint8Array): void {
    const needed = this.length + element.length;
    if (needed > this.buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2, 256));
      grown.set(this.buffer.subarray(0, this.length));
      this.buffer = grown;
    }
    this.buffer.set(element, this.length);
    this.length = needed;
    this.count++;
    this.#encoded = undefined;
  }

  truncate(length: number, count: number): void {
    this.length = length;
    this.count = count;
    this.#encoded = undefined;
  }

  get encoded(): Uint8Array {
    this.#encoded ??= concat(encodeCompact(this.count), this.buffer.subarray(0, this.length));
    return this.#encoded;
  }
}

type Stored = Uint8Array | AppendedVector | null | undefined;

interface Entry {
  readonly key: BinaryString;
  value: Stored;
  /** The transaction that wrote last; another one must note the value before it writes. */
  transaction: symbol | undefined;
}

/** How to take one write back. */
interface Undo {
  readonly entry: Entry;
  readonly value: Stored;
  readonly length: number;
  readonly count: number;
}

/** Nested transactions over any number of overlay maps: one list of undo notes, marked where each one began. */
export class TransactionLog {
  readonly #undos: Undo[] = [];
  readonly #open: { readonly id: symbol; readonly mark: number }[] = [];

  get depth(): number {
    return this.#open.length;
  }

  start(): void {
    this.#open.push({ id: Symbol("transaction"), mark: this.#undos.length });
  }

  /** The notes stay: they now belong to the transaction around it. @throws RangeError when none is open */
  commit(): void {
    this.#close();
    if (this.#open.length === 0) this.#undos.length = 0;
  }

  /** @throws RangeError when none is open */
  rollback(): void {
    const { mark } = this.#close();
    while (this.#undos.length > mark) {
      const { entry, value, length, count } = this.#undos.pop()!;
      entry.value = value;
      if (value instanceof AppendedVector) value.truncate(length, count);
      // Whoever writes next must note again: the last writer's note may just have gone.
      entry.transaction = undefined;
    }
  }

  #close(): { mark: number } {
    const closed = this.#open.pop();
    if (closed === undefined) throw new RangeError("No storage transaction is open");
    return closed;
  }

  /** Must be called before each write to the entry. */
  note(entry: Entry): void {
    const current = this.#open.at(-1);
    if (current === undefined || entry.transaction === current.id) return;
    const { value } = entry;
    const vector = value instanceof AppendedVector ? value : undefined;
    this.#undos.push({ entry, value, length: vector?.length ?? 0, count: vector?.count ?? 0 });
    entry.transaction = current.id;
  }
}

/** Uncommitted writes over one trie, in key order. */
export class OverlayMap {
  readonly #entries = new Map<BinaryString, Entry>();
  readonly #log: TransactionLog;
  /** Keys in order, and keys not sorted in yet: order is asked for far less often than keys are added. */
  #sorted: BinaryString[] = [];
  #unsorted: BinaryString[] = [];

  constructor(log: TransactionLog) {
    this.#log = log;
  }

  get(key: BinaryString): OverlayValue {
    const value = this.#entries.get(key)?.value;
    return value instanceof AppendedVector ? value.encoded : value;
  }

  /** Keeps the bytes: the caller must not change them afterwards. */
  set(key: BinaryString, value: Uint8Array | null): void {
    const entry = this.#entry(key);
    this.#log.note(entry);
    entry.value = value;
  }

  /**
   * Appends an encoded element to the encoded vector at the key. Where the present value does not begin with a
   * canonical compact length, the vector becomes that one element (`StorageAppend` in sp-state-machine).
   * @param backend the value below the overlay, read only when the overlay has none
   */
  append(key: BinaryString, element: Uint8Array, backend: () => Uint8Array | undefined): void {
    const entry = this.#entry(key);
    this.#log.note(entry);
    if (!(entry.value instanceof AppendedVector)) {
      const present = entry.value === undefined ? backend() : (entry.value ?? undefined);
      const length = present && tryCompact(present);
      entry.value =
        length === undefined
          ? new AppendedVector(new Uint8Array(), 0)
          : new AppendedVector(present!.subarray(length.width), length.value);
    }
    entry.value.push(element);
  }

  /** Deletes every key that the overlay holds and that begins with the prefix. */
  clearPrefix(prefix: BinaryString): void {
    for (const key of this.#keysFrom(prefix)) {
      if (!key.startsWith(prefix)) break;
      // A key whose only write was rolled back is the backend's alone again: the limit decides on it.
      if (this.#entries.get(key)?.value !== undefined) this.set(key, null);
    }
  }

  /** Keys that the overlay has something to say of, in order, from `key` on (strictly after it if `after`). */
  *changesFrom(
    key: BinaryString,
    after: boolean,
  ): IterableIterator<readonly [BinaryString, Uint8Array | null]> {
    for (const found of this.#keysFrom(key)) {
      if (after && found === key) continue;
      const value = this.get(found);
      if (value !== undefined) yield [found, value];
    }
  }

  /** Everything the overlay changes, in key order. */
  changes(): (readonly [Uint8Array, Uint8Array | undefined])[] {
    const changes: (readonly [Uint8Array, Uint8Array | undefined])[] = [];
    for (const [key, value] of this.changesFrom("", false)) {
      changes.push([fromBinaryString(key), value ?? undefined]);
    }
    return changes;
  }

  #entry(key: BinaryString): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, value: undefined, transaction: undefined };
      this.#entries.set(key, entry);
      this.#unsorted.push(key);
    }
    return entry;
  }

  *#keysFrom(key: BinaryString): IterableIterator<BinaryString> {
    this.#sortIn();
    // A snapshot of the array: #sortIn replaces it rather than changing it, so writes during the walk are safe.
    const keys = this.#sorted;
    for (let at = lowerBound(keys, key); at < keys.length; at++) yield keys[at]!;
  }

  #sortIn(): void {
    if (this.#unsorted.length === 0) return;
    const fresh = this.#unsorted.sort(byCodeUnits);
    this.#unsorted = [];
    const old = this.#sorted;
    const merged: BinaryString[] = [];
    let at = 0;
    for (const key of fresh) {
      while (at < old.length && old[at]! < key) merged.push(old[at++]!);
      merged.push(key);
    }
    while (at < old.length) merged.push(old[at++]!);
    this.#sorted = merged;
  }
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function lowerBound(keys: readonly BinaryString[], key: BinaryString): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
