import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, toHex } from "../codec/bytes.ts";
import { encodeBytes } from "../codec/scale.ts";
import { decodeHeader, encodeHeader, hashHeader, ZERO_HASH } from "./header.ts";

const EMPTY = "0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314";

describe("a header", () => {
  // The genesis state roots and hashes of public chains, as their chain specs and explorers publish them.
  test.each([
    [
      "Polkadot",
      "0x29d0d972cd27cbc511e9589fcb7a4506d5eb6a9e8df205f00472e5ab354a4e17",
      "0x91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3",
    ],
    [
      "Kusama",
      "0xb0006203c3a6e6bd2c6a17b1d4ae8ca49a31da0f4579da950b127774b44aef6b",
      "0xb0a8d493285c2df73290dfb7e61f870f17b41801197a149ca93654499ea3dafe",
    ],
  ] as const)("of %s's genesis has its published hash", (_chain, stateRoot, hash) => {
    const header = {
      parentHash: ZERO_HASH,
      number: 0,
      stateRoot,
      extrinsicsRoot: EMPTY,
      digest: [],
    } as const;
    expect(hashHeader(encodeHeader(header))).toBe(hash);
  });

  test("decodes to what was encoded, with every kind of digest item", () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);
    const payload = fc.uint8Array({ maxLength: 80 });
    const engine = fc.uint8Array({ minLength: 4, maxLength: 4 });
    const item = fc.oneof(
      payload.map((bytes) => concat(Uint8Array.of(0), encodeBytes(bytes))),
      fc
        .tuple(fc.constantFrom(4, 5, 6), engine, payload)
        .map(([kind, id, bytes]) => concat(Uint8Array.of(kind), id, encodeBytes(bytes))),
      fc.constant(Uint8Array.of(8)),
    );
    const header = fc.record({
      parentHash: hash,
      number: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      stateRoot: hash,
      extrinsicsRoot: hash,
      digest: fc.array(item, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(header, (original) => {
        expect(decodeHeader(encodeHeader(original))).toEqual(original);
      }),
    );
  });

  test("with bytes left over or an unknown digest item is refused", () => {
    const encoded = encodeHeader({
      parentHash: ZERO_HASH,
      number: 1,
      stateRoot: ZERO_HASH,
      extrinsicsRoot: ZERO_HASH,
      digest: [],
    });
    expect(() => decodeHeader(concat(encoded, Uint8Array.of(1)))).toThrow(/left over/);
    expect(() => decodeHeader(concat(encoded.subarray(0, -1), Uint8Array.of(4, 99)))).toThrow(/kind 99/);
  });
});
