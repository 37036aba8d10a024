import { type Bytes, concatBytes, expectLength, u32LittleEndian, u64LittleEndian, utf8 } from "../bytes.ts";
import { BaseError } from "../errors.ts";

/** A number does not fit the field that it should go into. */
export class FieldRangeError extends BaseError {
  override readonly name = "FieldRangeError";
  constructor(field: string, value: number | bigint, bits: number) {
    super(`${field} must be a whole number of at most ${bits} bits.`, {
      happened: [`It is ${value}.`],
    });
  }
}

/**
 * Builds one signed message, byte for byte as `contracts-ink/commons/src/signing.rs` does: the domain (ASCII, no
 * length), then the fields in order; integers little-endian; booleans and enums one byte; lists a u32 count and then
 * the items.
 */
export class SignedMessage {
  readonly #parts: Uint8Array[];

  constructor(domain: `keystrand/${string}`) {
    this.#parts = [utf8(domain)];
  }

  /** A 32-byte field: a digest, an id, an account or a public key. */
  bytes32(field: string, value: Uint8Array): this {
    expectLength(field, value, 32);
    this.#parts.push(value);
    return this;
  }

  u8(field: string, value: number): this {
    this.#parts.push(Uint8Array.of(inRange(field, value, 8)));
    return this;
  }

  bool(value: boolean): this {
    this.#parts.push(Uint8Array.of(value ? 1 : 0));
    return this;
  }

  u16(field: string, value: number): this {
    const number = inRange(field, value, 16);
    this.#parts.push(Uint8Array.of(number & 0xff, number >> 8));
    return this;
  }

  u32(field: string, value: number): this {
    this.#parts.push(u32LittleEndian(inRange(field, value, 32)));
    return this;
  }

  u64(field: string, value: number | bigint): this {
    const fits =
      typeof value === "bigint"
        ? value >= 0n && value < 1n << 64n
        : Number.isSafeInteger(value) && value >= 0;
    if (!fits) throw new FieldRangeError(field, value, 64);
    this.#parts.push(u64LittleEndian(BigInt(value)));
    return this;
  }

  /** The message. */
  build(): Bytes {
    return concatBytes(...this.#parts);
  }
}

function inRange(field: string, value: number, bits: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits)
    throw new FieldRangeError(field, value, bits);
  return value;
}
