import { compactToU8a } from "@polkadot/util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromBinaryString, fromHex, toBinaryString, toHex } from "./bytes.ts";
import { encodeCompact, encodeU64, encodeVector, MalformedScale, ScaleReader, tryCompact } from "./scale.ts";

describe("compact integers", () => {
  const numbers = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    fc.maxSafeNat(),
    fc.constantFrom(
      0,
      63,
      64,
      16383,
      16384,
      2 ** 30 - 1,
      2 ** 30,
      2 ** 32 - 1,
      2 ** 32,
      Number.MAX_SAFE_INTEGER,
    ),
  );

  test("are encoded as @polkadot/util encodes them, and read back", () => {
    fc.assert(
      fc.property(numbers, (value) => {
        const encoded = encodeCompact(value);
        expect(encoded).toEqual(compactToU8a(value));
        expect(new ScaleReader(encoded).compact()).toBe(value);
        expect(tryCompact(encoded)).toEqual({ value, width: encoded.length });
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["0x0100", "two bytes for 0"],
    ["0xfd00", "two bytes for 63"],
    ["0x02000000", "four bytes for 0"],
    ["0xfeff0000", "four bytes for 16383"],
    ["0x03ffffff00", "big mode for less than 2^30"],
    ["0x070000004000", "a leading zero byte"],
    ["0x01", "an end in the middle"],
    ["0x", "nothing"],
  ])("are refused when not canonical: %s, %s", (text) => {
    expect(() => new ScaleReader(fromHex(text)).compact()).toThrow(MalformedScale);
    expect(tryCompact(fromHex(text))).toBeUndefined();
  });

  test("above 2^53 are refused rather than rounded", () => {
    expect(() => new ScaleReader(fromHex("0x13ffffffffffffffff")).compact()).toThrow(/exceeds 2\^53/);
  });
});

describe("a reader", () => {
  test("takes values one after another and knows when bytes are left over", () => {
    const reader = new ScaleReader(fromHex("0x2a010000000200000000000000086869ff"));
    expect(reader.u8()).toBe(42);
    expect(reader.u32()).toBe(1);
    expect(reader.u64()).toBe(2n);
    expect(reader.text()).toBe("hi");
    expect(() => reader.end()).toThrow(/1 bytes left over/);
    reader.take(1);
    reader.end();
    expect(() => reader.u8()).toThrow(MalformedScale);
  });

  test("reads what the encoders write", () => {
    expect(toHex(encodeVector([encodeU64(1n), encodeU64(2n ** 64n - 1n)]))).toBe(
      "0x080100000000000000ffffffffffffffff",
    );
  });
});

test("binary strings keep bytes and their order, also beyond what a call stack holds", () => {
  const long = new Uint8Array(300_000).map((_, i) => i * 7);
  expect(fromBinaryString(toBinaryString(long))).toEqual(long);
  expect(toBinaryString(Uint8Array.of(0x7f)) < toBinaryString(Uint8Array.of(0x80))).toBe(true);
});

test("hexadecimal is read in either case, and anything else is refused", () => {
  expect(fromHex("0x00aBfF")).toEqual(Uint8Array.of(0, 0xab, 0xff));
  expect(fromHex("0x")).toEqual(new Uint8Array());
  for (const wrong of ["", "0", "00", "0x0", "x0", "0xg0", "0x0 ", "0x\u01300", "1x00"]) {
    expect(() => fromHex(wrong)).toThrow(RangeError);
  }
});
