import { BaseError } from "./errors.ts";

/**
 * Bytes backed by a plain ArrayBuffer. What this package hands out is of this type, so that it can go straight into
 * a `Blob`, a `Response` or WebCrypto, which refuse shared memory.
 */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Anything that yields bytes once, in order: a file's stream, an HTTP body, chunks in memory. */
export type ByteSource =
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>;

/** Bytes that can be read anywhere and again: a file, a Blob, a range-serving URL. */
export interface RandomAccess {
  /** Length in bytes. */
  readonly size: number;
  /** Bytes `start` (inclusive) to `end` (exclusive), both inside `size`. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Source of secret randomness: `length` fresh bytes. Passed in so that tests can hold it. */
export type RandomBytes = (length: number) => Bytes;

/** The platform's cryptographic generator. */
export const secureRandom: RandomBytes = (length) => {
  const bytes = new Uint8Array(length);
  // getRandomValues refuses more than 65 536 bytes a call.
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
};

/** A value that should be of fixed length is not. */
export class ByteLengthError extends BaseError {
  override readonly name = "ByteLengthError";
  constructor(what: string, expected: number, actual: number) {
    super(`${what} must be ${expected} bytes long.`, { happened: [`It has ${actual}.`] });
  }
}

/** Text that should be hex is not. */
export class HexError extends BaseError {
  override readonly name = "HexError";
  constructor() {
    super("This is not a hex string of whole bytes.", {
      remedy: "Give 0x and an even number of hex digits.",
    });
  }
}

/** A source ended in the middle of something. Callers turn it into their own error, which knows of what. */
export class EndOfBytesError extends BaseError {
  override readonly name = "EndOfBytesError";
  constructor(wanted: number, had: number) {
    super("The bytes end too early.", { happened: [`${wanted} were due and ${had} left.`] });
  }
}

/** @throws {@link ByteLengthError} unless `bytes` has exactly `length` bytes */
export function expectLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new ByteLengthError(what, length, bytes.length);
}

/** The parts one after another. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether both hold the same bytes. Takes the same time wherever they differ, so it may compare secrets. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let at = 0; at < left.length; at++) difference |= left[at]! ^ right[at]!;
  return difference === 0;
}

/** `0x` and lower-case hex digits. */
export function toHex(bytes: Uint8Array): `0x${string}` {
  let text: `0x${string}` = "0x";
  for (const byte of bytes) text = `${text}${byte.toString(16).padStart(2, "0")}`;
  return text;
}

/**
 * Bytes of a hex string, with or without `0x`.
 * @throws {@link HexError}
 */
export function fromHex(text: string): Bytes {
  const digits = text.startsWith("0x") ? text.slice(2) : text;
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) throw new HexError();
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16),
  );
}

/** UTF-8 of a text. */
export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

/** A u32, little-endian. */
export function u32LittleEndian(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** A u64, little-endian. */
export function u64LittleEndian(value: bigint): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** A view for reading numbers out of bytes. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
