import type { Hex } from "../chain/types.ts";

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hexadecimal with `0x`. */
export function toHex(bytes: Uint8Array): Hex {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += hexOfByte[bytes[i]!];
  return `0x${text}`;
}

/** Value of a hexadecimal digit by its character code; 255 for anything else. */
const digits = new Uint8Array(128).fill(255);
for (let digit = 0; digit < 16; digit++) {
  digits[digit.toString(16).charCodeAt(0)] = digit;
  digits[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/** @throws RangeError unless the text is `0x` and an even number of hexadecimal digits */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, (text.length >> 1) - 1));
  let wrong = text.length % 2 !== 0 || !text.startsWith("0x") ? 255 : 0;
  for (let i = 0; i < bytes.length; i++) {
    const high = digits[text.charCodeAt(2 * i + 2)] ?? 255;
    const low = digits[text.charCodeAt(2 * i + 3)] ?? 255;
    wrong |= high | low;
    bytes[i] = (high << 4) | low;
  }
  if (wrong > 15) throw new RangeError(`Not 0x-prefixed hexadecimal: ${text.slice(0, 40)}`);
  return bytes;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lexicographic order, a prefix before what extends it: negative, zero or positive. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
}

/**
 * One character (0 to 255) a byte. As a Map key it compares by content, and its order is the order of the
 * bytes; engines keep such strings at one byte a character.
 */
export type BinaryString = string;

// Function.apply takes its arguments on the stack, so long keys go in pieces.
const PIECE = 4096;

export function toBinaryString(bytes: Uint8Array): BinaryString {
  if (bytes.length <= PIECE) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + PIECE) as unknown as number[]);
  }
  return text;
}

export function fromBinaryString(text: BinaryString): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Bytes of an ASCII text. */
export function ascii(text: string): Uint8Array {
  return fromBinaryString(text);
}
