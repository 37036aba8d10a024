import { calculate_state_root, decode_proof } from "@acala-network/chopsticks-executor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare, toBinaryString, toHex } from "../codec/bytes.ts";
import { encodeCompact } from "../codec/scale.ts";
import { EMPTY_ROOT, type StateVersion } from "./node.ts";
import { orderedRoot } from "./ordered.ts";
import { Trie } from "./trie.ts";

/** Root of the same pairs by the Rust trie of paritytech, as chopsticks compiles it to Wasm. */
async function rustRoot(
  pairs: Iterable<readonly [Uint8Array, Uint8Array]>,
  version: StateVersion,
): Promise<string> {
  return String(
    await calculate_state_root(
      [...pairs].map(([k, v]) => [toHex(k), toHex(v)]),
      version,
    ),
  );
}

// Few distinct bytes make shared prefixes, branches with values and odd partial keys likely.
const byte = fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0x1f, 0xf0, 0xff);
const key = fc.array(byte, { maxLength: 6 }).map((bytes) => Uint8Array.from(bytes));
// 31 to 34: around the length where a value leaves its node, and where a node leaves its parent.
const value = fc
  .tuple(fc.constantFrom(0, 1, 5, 25, 27, 31, 32, 33, 34, 100), fc.integer({ min: 0, max: 255 }))
  .map(([length, fill]) => new Uint8Array(length).fill(fill));
const version = fc.constantFrom<StateVersion>(0, 1);
const changes = fc.array(fc.record({ key, value: fc.option(value, { nil: undefined, freq: 4 }) }), {
  maxLength: 60,
});

class Model {
  readonly pairs = new Map<string, readonly [Uint8Array, Uint8Array]>();

  apply(list: readonly { key: Uint8Array; value: Uint8Array | undefined }[]): void {
    for (const change of list) {
      const name = toBinaryString(change.key);
      if (change.value === undefined) this.pairs.delete(name);
      else this.pairs.set(name, [change.key, change.value]);
    }
  }

  get sorted(): (readonly [Uint8Array, Uint8Array])[] {
    return [...this.pairs.values()].sort(([a], [b]) => compare(a, b));
  }
}

describe("the trie", () => {
  test("has the published root when it is empty", () => {
    expect(toHex(Trie.empty().root)).toBe(
      "0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314",
    );
    expect(toHex(EMPTY_ROOT)).toBe(toHex(Trie.empty().root));
  });

  test("has the Rust trie's root after each of several batches of insertions and deletions, in both layouts", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(changes, { minLength: 1, maxLength: 4 }),
        version,
        async (batches, layout) => {
          const model = new Model();
          let trie = Trie.empty();
          for (const batch of batches) {
            model.apply(batch);
            trie = trie.with(batch, layout);
            expect(trie.size).toBe(model.pairs.size);
            expect(toHex(trie.root)).toBe(await rustRoot(model.sorted, layout));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("has the Rust trie's root for long keys and large values", async () => {
    const longKeys = fc.array(
      fc.tuple(fc.uint8Array({ minLength: 20, maxLength: 300 }), fc.uint8Array({ maxLength: 5000 })),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    await fc.assert(
      fc.asyncProperty(longKeys, version, async (pairs, layout) => {
        const model = new Model();
        model.apply(pairs.map(([k, v]) => ({ key: k, value: v })));
        const trie = Trie.empty().with(
          pairs.map(([k, v]) => ({ key: k, value: v })),
          layout,
        );
        expect(toHex(trie.root)).toBe(await rustRoot(model.sorted, layout));
      }),
      { numRuns: 50 },
    );
  });

  test("answers get, next key, pages and entries as a sorted list does", () => {
    fc.assert(
      fc.property(changes, key, key, (batch, prefix, probe) => {
        const model = new Model();
        model.apply(batch);
        const trie = Trie.empty().with(batch, 1);
        const { sorted } = model;
        expect(trie.get(probe)).toEqual(sorted.find(([k]) => compare(k, probe) === 0)?.[1]);
        expect(trie.nextKey(probe)).toEqual(sorted.find(([k]) => compare(k, probe) > 0)?.[0]);
        const within = sorted.filter(([k]) => toHex(k).startsWith(toHex(prefix)));
        expect([...trie.entries(prefix)].map(([k, v]) => [k, v.bytes])).toEqual(within);
        expect([...trie.entries(prefix, probe)].map(([k]) => k)).toEqual(
          within.filter(([k]) => compare(k, probe) > 0).map(([k]) => k),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("never changes: what was read from it before later edits is read after them", () => {
    fc.assert(
      fc.property(changes, changes, (first, second) => {
        const before = Trie.empty().with(first, 1);
        const read = () => [...before.entries()].map(([k, v]) => [toHex(k), toHex(v.bytes)]);
        const then = read();
        before.with(second, 1);
        expect(read()).toEqual(then);
        const rebuilt = Trie.empty().with(first, 1);
        expect(toHex(before.root)).toBe(toHex(rebuilt.root));
      }),
      { numRuns: 300 },
    );
  });

  test("is the same object after changes that change nothing", () => {
    const trie = Trie.empty().with([{ key: Uint8Array.of(1), value: Uint8Array.of(2) }], 1);
    const again = trie.with(
      [
        { key: Uint8Array.of(1), value: Uint8Array.of(2) },
        { key: Uint8Array.of(3), value: undefined },
      ],
      1,
    );
    expect(again).toBe(trie);
  });

  test("keeps values written in layout V0 inline until they are written anew in V1", async () => {
    const long = new Uint8Array(40).fill(7);
    const old = Trie.empty().with([{ key: Uint8Array.of(1, 2), value: long }], 0);
    const added = old.with([{ key: Uint8Array.of(0xf0), value: Uint8Array.of(1) }], 1);
    const rewritten = added.with([{ key: Uint8Array.of(1, 2), value: long }], 1);
    const pairs = [
      [Uint8Array.of(1, 2), long],
      [Uint8Array.of(0xf0), Uint8Array.of(1)],
    ] as const;
    expect(toHex(added.root)).toBe(await rustRoot(pairs, 0));
    expect(toHex(rewritten.root)).toBe(await rustRoot(pairs, 1));
  });

  test("makes proofs from which the Rust trie reads every proved value", async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (batch) => {
        const model = new Model();
        model.apply(batch);
        const { sorted } = model;
        fc.pre(sorted.length > 0);
        const trie = Trie.empty().with(batch, 1);
        const proof = trie.proof(sorted.map(([k]) => k));
        const decoded: unknown = await decode_proof(toHex(trie.root), proof.map(toHex));
        expect(decoded).toEqual(sorted.map(([k, v]) => [toHex(k), toHex(v)]));
      }),
      { numRuns: 200 },
    );
  });
});

describe("the ordered root", () => {
  test("of no extrinsics is the empty root", () => {
    expect(orderedRoot([], 1)).toEqual(EMPTY_ROOT);
  });

  test("is the root over compact-encoded indices, as the Rust trie computes it", async () => {
    const items = Array.from({ length: 70 }, (_, i) => new Uint8Array(i).fill(i));
    const pairs = items.map((item, i) => [encodeCompact(i), item] as const);
    for (const layout of [0, 1] as const) {
      expect(toHex(orderedRoot(items, layout))).toBe(await rustRoot(pairs, layout));
    }
  });
});
