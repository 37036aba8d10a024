import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare, concat, fromHex, startsWith, toHex } from "../codec/bytes.ts";
import { encodeCompact } from "../codec/scale.ts";
import { Trie } from "../trie/trie.ts";
import { Overlay } from "./overlay.ts";
import { DEFAULT_CHILD_STORAGE, State } from "./state.ts";

type Storage = Map<string, string>;
type Whole = { top: Storage; child: Storage };

/** Storage as plain maps, copied whole at each transaction: slow, and too simple to be wrong. */
class NaiveStorage {
  current: Whole;
  readonly #backend: Whole;
  readonly #saved: Whole[] = [];

  constructor(backend: Whole) {
    this.#backend = backend;
    this.current = copy(backend);
  }

  start(): void {
    this.#saved.push(copy(this.current));
  }

  commit(): void {
    this.#saved.pop();
  }

  rollback(): void {
    this.current = this.#saved.pop()!;
  }

  next(storage: Storage, key: string): string | undefined {
    return [...storage.keys()].filter((other) => other > key).sort()[0];
  }

  append(key: string, element: string): void {
    const present = this.current.top.get(key);
    // Elements of this test are single bytes and counts stay below 64, so that one byte holds the length.
    const first =
      present === undefined || present === "0x" ? undefined : Number.parseInt(present.slice(2, 4), 16);
    const isVector = first !== undefined && (first & 3) === 0;
    const count = isVector ? first >> 2 : 0;
    const rest = isVector ? present!.slice(4) : "";
    this.current.top.set(key, `${toHex(encodeCompact(count + 1))}${rest}${element.slice(2)}`);
  }

  /** Keys only in the overlay all go; of the backend's keys, in order, as many as the limit says. */
  clearPrefix(
    part: keyof Whole,
    prefix: string,
    limit: number | undefined,
  ): { loops: number; remaining: boolean } {
    const inBackend = [...this.#backend[part].keys()].filter((key) => key.startsWith(prefix)).sort();
    const storage = this.current[part];
    const removed = limit === undefined ? inBackend : inBackend.slice(0, limit);
    const spared = new Set(inBackend.slice(removed.length));
    for (const key of [...storage.keys()]) {
      if (!key.startsWith(prefix)) continue;
      // A spared key shows its old value again only if the overlay had not written it.
      if (spared.has(key) && !this.#written[part].has(key)) continue;
      storage.delete(key);
    }
    for (const key of removed) this.#written[part].add(key);
    return { loops: removed.length, remaining: removed.length < inBackend.length };
  }

  readonly #written = { top: new Set<string>(), child: new Set<string>() };

  /** The overlay holds a key from its first write on, unless that write is rolled back. */
  noteWrite(part: keyof Whole, key: string): void {
    this.#written[part].add(key);
  }

  saveWritten(): { top: Set<string>; child: Set<string> } {
    return { top: new Set(this.#written.top), child: new Set(this.#written.child) };
  }

  restoreWritten(saved: { top: Set<string>; child: Set<string> }): void {
    for (const part of ["top", "child"] as const) {
      this.#written[part].clear();
      for (const key of saved[part]) this.#written[part].add(key);
    }
  }
}

function copy({ top, child }: Whole): Whole {
  return { top: new Map(top), child: new Map(child) };
}

const keys = ["0x", "0x01", "0x0101", "0x010102", "0x02", "0x0203", "0x10", "0x1001", "0xff", "0xffff"];
const key = fc.constantFrom(...keys);
// As vectors: empty, one element, two, and two values without a canonical length, of which one is hashed.
const value = fc.constantFrom("0x", "0x04aa", "0x08aabb", "0x03", `0x${"03".repeat(40)}`);
const part = fc.constantFrom<keyof Whole>("top", "child");

type Operation =
  | { kind: "set"; part: keyof Whole; key: string; value: string }
  | { kind: "remove" | "next" | "get"; part: keyof Whole; key: string }
  | { kind: "append"; key: string; element: string }
  | { kind: "clear"; part: keyof Whole; key: string; limit: number | undefined }
  | { kind: "start" | "commit" | "rollback" | "root" };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("set" as const), part, key, value }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom("remove", "next", "get"), part, key }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      key,
      element: fc.constantFrom("0x11", "0x22"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("clear" as const),
      part,
      key,
      limit: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("start", "commit", "rollback", "root") }) },
);

const child = Uint8Array.of(0xc1);

function stateOf(whole: Whole): State {
  const pairs = (storage: Storage) => [...storage].map(([k, v]) => [fromHex(k), fromHex(v)] as const);
  return State.empty.with(
    { top: pairs(whole.top), children: [{ storageKey: child, changes: pairs(whole.child) }] },
    1,
  );
}

/** What the root must be, built from nothing. */
function rootOf(whole: Whole): string {
  return stateOf(whole).root;
}

function run(backend: Whole, operations: readonly Operation[]): number {
  const naive = new NaiveStorage(backend);
  const overlay = new Overlay(stateOf(backend));
  const written: ReturnType<NaiveStorage["saveWritten"]>[] = [];
  for (const step of operations) {
    switch (step.kind) {
      case "set":
      case "remove": {
        const bytes = step.kind === "set" ? fromHex(step.value) : undefined;
        if (step.part === "top") overlay.set(fromHex(step.key), bytes);
        else overlay.childSet(child, fromHex(step.key), bytes);
        naive.noteWrite(step.part, step.key);
        if (step.kind === "set") naive.current[step.part].set(step.key, step.value);
        else naive.current[step.part].delete(step.key);
        break;
      }
      case "get": {
        const found =
          step.part === "top" ? overlay.get(fromHex(step.key)) : overlay.childGet(child, fromHex(step.key));
        expect(found && toHex(found)).toBe(naive.current[step.part].get(step.key));
        break;
      }
      case "next": {
        const found =
          step.part === "top"
            ? overlay.nextKey(fromHex(step.key))
            : overlay.childNextKey(child, fromHex(step.key));
        const ours =
          step.part === "top" && found && startsWith(found, DEFAULT_CHILD_STORAGE)
            ? overlay.nextKey(found)
            : found;
        expect(ours && toHex(ours)).toBe(naive.next(naive.current[step.part], step.key));
        break;
      }
      case "append":
        overlay.append(fromHex(step.key), fromHex(step.element));
        naive.append(step.key, step.element);
        naive.noteWrite("top", step.key);
        break;
      case "clear": {
        // The empty prefix covers child roots in the top trie and is refused there; tested by itself below.
        if (step.part === "top" && step.key === "0x") break;
        const prefix = fromHex(step.key);
        const ours =
          step.part === "top"
            ? overlay.clearPrefix(prefix, step.limit)
            : overlay.childClearPrefix(child, prefix, step.limit);
        expect(ours).toEqual(naive.clearPrefix(step.part, step.key, step.limit));
        break;
      }
      case "start":
        overlay.startTransaction();
        naive.start();
        written.push(naive.saveWritten());
        break;
      case "commit":
      case "rollback":
        if (overlay.depth === 0) break;
        if (step.kind === "commit") {
          overlay.commitTransaction();
          naive.commit();
          written.pop();
        } else {
          overlay.rollbackTransaction();
          naive.rollback();
          naive.restoreWritten(written.pop()!);
        }
        break;
      case "root":
        expect(overlay.result(1).root).toBe(rootOf(naive.current));
        break;
    }
  }
  expect(overlay.result(1).root).toBe(rootOf(naive.current));
  return operations.length;
}

describe("the overlay", () => {
  test("agrees with a naive model over tens of thousands of random operations", () => {
    const backends = fc.record({
      top: fc
        .uniqueArray(fc.tuple(key, value), { selector: ([k]) => k, maxLength: 8 })
        .map((pairs) => new Map(pairs)),
      child: fc
        .uniqueArray(fc.tuple(key, value), { selector: ([k]) => k, maxLength: 8 })
        .map((pairs) => new Map(pairs)),
    });
    let operations = 0;
    fc.assert(
      fc.property(
        backends,
        fc.array(operation, { minLength: 40, maxLength: 160, size: "max" }),
        (backend, steps) => {
          operations += run(backend, steps);
        },
      ),
      { numRuns: 600 },
    );
    expect(operations).toBeGreaterThan(30_000);
  });

  test("refuses to touch child roots through the top trie, silently", () => {
    const overlay = new Overlay(stateOf({ top: new Map(), child: new Map([["0x01", "0x02"]]) }));
    const rootKey = concat(DEFAULT_CHILD_STORAGE, child);
    const before = overlay.get(rootKey);
    overlay.set(rootKey, Uint8Array.of(1));
    overlay.set(rootKey, undefined);
    expect(overlay.clearPrefix(DEFAULT_CHILD_STORAGE, undefined)).toEqual({ loops: 0, remaining: false });
    expect(overlay.clearPrefix(new Uint8Array(), undefined)).toEqual({ loops: 0, remaining: false });
    expect(overlay.get(rootKey)).toEqual(before);
    expect(before).toHaveLength(32);
  });

  test("drops a child's root when its last key goes", () => {
    const backend = stateOf({ top: new Map(), child: new Map([["0x01", "0x02"]]) });
    const overlay = new Overlay(backend);
    expect(overlay.childKill(child, undefined)).toEqual({ loops: 1, remaining: false });
    expect(overlay.result(1).root).toBe(State.empty.root);
    expect(overlay.result(1).child(child)).toBeUndefined();
  });

  test("answers the child root of now, and the top trie has it then", () => {
    const overlay = new Overlay(State.empty);
    overlay.childSet(child, Uint8Array.of(1), Uint8Array.of(2));
    const expected = Trie.empty().with([{ key: Uint8Array.of(1), value: Uint8Array.of(2) }], 1).root;
    expect(overlay.childRoot(child, 1)).toEqual(expected);
    expect(overlay.get(concat(DEFAULT_CHILD_STORAGE, child))).toEqual(expected);
    expect(overlay.result(1).child(child)?.root).toBe(toHex(expected));
  });

  test("appends and takes back in constant time: a hundred thousand appends in nested transactions", () => {
    const overlay = new Overlay(State.empty);
    const events = Uint8Array.of(9);
    for (let i = 0; i < 100_000; i++) {
      overlay.startTransaction();
      overlay.append(events, Uint8Array.of(1, 2, 3));
      if (i % 2 === 0) overlay.rollbackTransaction();
      else overlay.commitTransaction();
    }
    const value = overlay.get(events)!;
    expect(value.length).toBe(encodeCompact(50_000).length + 150_000);
    expect(compare(value.subarray(0, 4), encodeCompact(50_000))).toBe(0);
  });

  test("starts a vector anew where the value has no canonical length", () => {
    const notCanonical = Uint8Array.of(0x01, 0x00, 0xaa);
    const overlay = new Overlay(State.empty);
    overlay.set(Uint8Array.of(1), notCanonical);
    overlay.append(Uint8Array.of(1), Uint8Array.of(7));
    expect(overlay.get(Uint8Array.of(1))).toEqual(Uint8Array.of(4, 7));
  });

  test("refuses to close a transaction that is not open", () => {
    const overlay = new Overlay(State.empty);
    expect(() => overlay.commitTransaction()).toThrow(RangeError);
    expect(() => overlay.rollbackTransaction()).toThrow(RangeError);
  });
});
