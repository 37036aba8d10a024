import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, equalBytes, fromHex, HexError, secureRandom, toHex } from "./bytes.ts";

test("bytes and hex give each other back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(fromHex(toHex(bytes))).toEqual(bytes);
      expect(fromHex(toHex(bytes).slice(2).toUpperCase())).toEqual(bytes);
    }),
  );
});

test.each(["0x1", "0xzz", "0x 1", "12 4", "0x0x"])("%s is no hex", (text) => {
  expect(() => fromHex(text)).toThrow(HexError);
});

describe("comparing", () => {
  test("finds any difference and any other length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(39), fc.nat(7), (bytes, at, bit) => {
        const other = bytes.slice();
        other[at % bytes.length]! ^= 1 << bit;
        expect(equalBytes(bytes, bytes.slice())).toBe(true);
        expect(equalBytes(bytes, other)).toBe(false);
        expect(equalBytes(bytes, concatBytes(bytes, bytes))).toBe(false);
      }),
    );
  });
});

test("randomness of any length is fresh, past what the platform gives in one call too", () => {
  const [first, second] = [secureRandom(200_000), secureRandom(200_000)];
  expect(first.length).toBe(200_000);
  expect(equalBytes(first, second)).toBe(false);
  expect(first.subarray(190_000).some((byte) => byte !== 0)).toBe(true);
});
