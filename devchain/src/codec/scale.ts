/** The parts of SCALE that a host needs. Source: Polkadot specification, appendix A.2.2. */
import { concat } from "./bytes.ts";

/** Compact integer up to 2^53 - 1 (lengths, block numbers, counts). */
export function encodeCompact(value: number): Uint8Array {
  if (value < 64) return Uint8Array.of(value << 2);
  if (value < 16384) return Uint8Array.of(((value & 63) << 2) | 1, value >> 6);
  if (value < 1073741824) {
    const word = value * 4 + 2;
    return Uint8Array.of(word & 255, (word >>> 8) & 255, (word >>> 16) & 255, (word >>> 24) & 255);
  }
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  return Uint8Array.of(((bytes.length - 4) << 2) | 3, ...bytes);
}

/** A `Vec<u8>`: compact length, then the bytes. */
export function encodeBytes(bytes: Uint8Array): Uint8Array {
  return concat(encodeCompact(bytes.length), bytes);
}

/** A `Vec<T>` of items that are encoded already. */
export function encodeVector(items: readonly Uint8Array[]): Uint8Array {
  return concat(encodeCompact(items.length), ...items);
}

export function encodeU32(value: number): Uint8Array {
  return Uint8Array.of(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255);
}

export function encodeU64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** Thrown when bytes end early or are not canonical. */
export class MalformedScale extends Error {
  constructor(what: string) {
    super(`Malformed SCALE: ${what}`);
    this.name = "MalformedScale";
  }
}

/** Reads SCALE values one after another. Slices are views of the input. */
export class ScaleReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  take(length: number): Uint8Array {
    if (length > this.remaining) throw new MalformedScale(`${length} bytes wanted, ${this.remaining} left`);
    const slice = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return slice;
  }

  u8(): number {
    return this.take(1)[0]!;
  }

  u32(): number {
    const [a, b, c, d] = this.take(4);
    return (a! | (b! << 8) | (c! << 16) | (d! << 24)) >>> 0;
  }

  u64(): bigint {
    const slice = this.take(8);
    return new DataView(slice.buffer, slice.byteOffset, 8).getBigUint64(0, true);
  }

  /** Refuses encodings longer than needed, as parity-scale-codec does. */
  compact(): number {
    const first = this.u8();
    const mode = first & 3;
    if (mode === 0) return first >> 2;
    if (mode === 1) {
      const value = (first >> 2) | (this.u8() << 6);
      if (value < 64) throw new MalformedScale("compact integer is not canonical");
      return value;
    }
    if (mode === 2) {
      const [b, c, d] = this.take(3);
      const value = ((first | (b! << 8) | (c! << 16) | (d! << 24)) >>> 0) / 4;
      if (Math.floor(value) < 16384) throw new MalformedScale("compact integer is not canonical");
      return Math.floor(value);
    }
    const length = (first >> 2) + 4;
    const digits = this.take(length);
    let value = 0;
    for (let i = length - 1; i >= 0; i--) value = value * 256 + digits[i]!;
    if (value < 1073741824 || digits[length - 1] === 0) {
      throw new MalformedScale("compact integer is not canonical");
    }
    if (!Number.isSafeInteger(value)) throw new MalformedScale("compact integer exceeds 2^53 - 1");
    return value;
  }

  /** A `Vec<u8>`. */
  vectorOfBytes(): Uint8Array {
    return this.take(this.compact());
  }

  text(): string {
    return new TextDecoder().decode(this.vectorOfBytes());
  }

  /** @throws MalformedScale when bytes are left over */
  end(): void {
    if (this.remaining !== 0) throw new MalformedScale(`${this.remaining} bytes left over`);
  }
}

/** A compact length at `at` with the bytes it takes, or undefined where there is no canonical one. */
export function tryCompact(bytes: Uint8Array, at = 0): { value: number; width: number } | undefined {
  const reader = new ScaleReader(bytes, at);
  try {
    const value = reader.compact();
    return { value, width: reader.at - at };
  } catch (error) {
    if (error instanceof MalformedScale) return undefined;
    throw error;
  }
}
