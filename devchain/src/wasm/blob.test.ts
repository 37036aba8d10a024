import { zstdDecompressSync } from "node:zlib";
import { loadRuntime } from "@keystrand/runtime-config/load";
import { describe, expect, test } from "vitest";
import { ascii, concat, fromHex } from "../codec/bytes.ts";
import { sha2_256 } from "../crypto/hashing.ts";
import { decompressCode, importedMemory } from "./blob.ts";

const code = await loadRuntime();
const HEADER = concat(Uint8Array.of(0), ascii("asm"), Uint8Array.of(1, 0, 0, 0));

describe("runtime code", () => {
  test("decompresses to the module whose checksum the provenance gives, as zstd's own decoder does", () => {
    const wasm = decompressCode(code);
    expect(sha2_256(wasm)).toEqual(
      fromHex("0x8e250ceced6a86b087b0f9872d4ae52feaa4e00d6c14e31d2794fea0b59df3ca"),
    );
    expect(wasm).toEqual(new Uint8Array(zstdDecompressSync(code.subarray(8))));
  });

  test("without the marker is taken as it is", () => {
    expect(decompressCode(HEADER)).toBe(HEADER);
  });

  test("with the marker but not zstd behind it is refused", () => {
    expect(() => decompressCode(concat(code.subarray(0, 8), ascii("not zstd at all")))).toThrow();
  });
});

describe("the limits of imported memory", () => {
  /** An import section with one function import of type 0 and then what is given. */
  const withImports = (...entry: number[]) => {
    const name = (text: string) => [text.length, ...ascii(text)];
    const body = [2, ...name("env"), ...name("f"), 0, 0x80, 0x01, ...name("env"), ...name("m"), ...entry];
    // A custom section first, to be skipped.
    return concat(HEADER, Uint8Array.of(0, 3, 1, 120, 99), Uint8Array.of(2, body.length, ...body));
  };

  test("are read from the import section, with or without a maximum", () => {
    expect(importedMemory(withImports(2, 0, 22))).toEqual({ initial: 22, maximum: undefined });
    expect(importedMemory(withImports(2, 1, 0x80, 0x02, 0x80, 0x10))).toEqual({
      initial: 256,
      maximum: 2048,
    });
  });

  test("are absent where a module imports none", () => {
    expect(importedMemory(HEADER)).toBeUndefined();
    expect(importedMemory(withImports(3, 0x7f, 0))).toBeUndefined();
  });

  test("of the real runtime fit its instantiation", () => {
    const limits = importedMemory(decompressCode(code))!;
    expect(limits.initial).toBeGreaterThan(0);
    expect(limits.maximum ?? limits.initial).toBeGreaterThanOrEqual(limits.initial);
  });
});
