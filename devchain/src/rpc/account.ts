import { blake2b } from "@noble/hashes/blake2.js";
import { ascii, concat } from "../codec/bytes.ts";
import { invalidParams } from "./errors.ts";
import { type Decoder, string } from "./params.ts";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** @returns undefined when a character is not of base 58 */
export function decodeBase58(text: string): Uint8Array | undefined {
  let value = 0n;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return undefined;
    value = value * 58n + BigInt(digit);
  }
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
  const zeros = /^1*/.exec(text)?.[0].length ?? 0;
  return concat(new Uint8Array(zeros), Uint8Array.from(bytes));
}

export function encodeBase58(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = "";
  for (let rest = value; rest > 0n; rest /= 58n) text = `${ALPHABET[Number(rest % 58n)]}${text}`;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return "1".repeat(zeros < 0 ? bytes.length : zeros) + text;
}

const MAX_SS58_LENGTH = 64;

/**
 * A 32-byte account id in SS58, of any network. Source: the SS58 address format, docs.substrate.io.
 * @throws RpcError -32602 with the node's reason
 */
export const account: Decoder<Uint8Array> = (value) => {
  const text = string(value);
  if (text.length > MAX_SS58_LENGTH) throw invalidParams("Length is bad");
  const bytes = decodeBase58(text);
  if (!bytes) throw invalidParams("Base 58 requirement is violated");
  const prefix = bytes[0] !== undefined && bytes[0] >= 64 ? 2 : 1;
  if (bytes.length !== prefix + 34) throw invalidParams("Length is bad");
  const checked = bytes.subarray(0, prefix + 32);
  const sum = blake2b(concat(ascii("SS58PRE"), checked), { dkLen: 64 });
  if (sum[0] !== bytes[prefix + 32] || sum[1] !== bytes[prefix + 33]) throw invalidParams("Invalid checksum");
  return bytes.slice(prefix, prefix + 32);
};
