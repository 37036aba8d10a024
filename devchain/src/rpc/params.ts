import type { Hex } from "../chain/types.ts";
import { invalidParams } from "./errors.ts";
import type { Json } from "./json.ts";

/** Turns a JSON value into what a method wants. @throws RpcError -32602 with serde's text, as the node's */
export type Decoder<T> = (value: Json) => T;

/** The parameters of one call, by position or by name, read in order. */
export class Params {
  private readonly positional: readonly Json[] | undefined;
  private readonly named: ReadonlyMap<string, Json>;
  private next = 0;

  constructor(params: Json | undefined) {
    this.positional = Array.isArray(params) ? params : undefined;
    const isObject = typeof params === "object" && params !== null && !Array.isArray(params);
    const entries = isObject ? Object.entries(params) : [];
    this.named = new Map(entries.map(([name, value]) => [name, value ?? null]));
    this.isNamed = isObject;
    this.textLength = isObject ? JSON.stringify(params).length : 0;
  }
  private readonly isNamed: boolean;
  private readonly textLength: number;

  /** @throws RpcError -32602 when it is missing or of another type */
  required<T>(name: string, decode: Decoder<T>): T {
    const value = this.take(name);
    if (value === undefined && this.isNamed)
      throw invalidParams(`missing field \`${name}\` at line 1 column ${this.textLength}`);
    if (value === undefined) throw invalidParams("No more params");
    return decode(value);
  }

  /** Absent and null mean the same. @throws RpcError -32602 when it is of another type */
  optional<T>(name: string, decode: Decoder<T>): T | undefined {
    const value = this.take(name);
    return value === undefined || value === null ? undefined : decode(value);
  }

  private take(name: string): Json | undefined {
    const position = this.next++;
    if (!this.isNamed) return this.positional?.[position];
    // The node's macro accepts both spellings of a name.
    const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return this.named.get(name) ?? this.named.get(camel);
  }
}

/** Where serde says it stopped: parameters are parsed one by one, each as line 1. */
function at(value: Json): string {
  if (typeof value === "object" && value !== null) return "at line 1 column 0";
  return `at line 1 column ${JSON.stringify(value).length}`;
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "sequence";
  switch (typeof value) {
    case "string":
      return `string ${JSON.stringify(value)}`;
    case "number":
      return Number.isInteger(value) ? `integer \`${value}\`` : `floating point \`${value}\``;
    case "boolean":
      return `boolean \`${value}\``;
    default:
      return "map";
  }
}

export const wrongType = (value: Json, expected: string) =>
  invalidParams(`invalid type: ${kindOf(value)}, expected ${expected} ${at(value)}`);

export const string: Decoder<string> = (value) => {
  if (typeof value !== "string") throw wrongType(value, "a string");
  return value;
};

export const boolean: Decoder<boolean> = (value) => {
  if (typeof value !== "boolean") throw wrongType(value, "a boolean");
  return value;
};

const BYTES = "a (both 0x-prefixed or not) hex string or byte array";

function hexDigits(value: string, whole: Json): string {
  const digits = value.startsWith("0x") ? value.slice(2) : value;
  const bad = digits.search(/[^0-9a-fA-F]/);
  if (bad >= 0) throw invalidParams(`invalid hex character: ${digits[bad]}, at ${bad} ${at(whole)}`);
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}

/** Hexadecimal with or without `0x`, of even or odd length, as impl-serde takes it. */
export const bytes: Decoder<Uint8Array> = (value) => {
  if (typeof value !== "string") throw wrongType(value, BYTES);
  const digits = hexDigits(value, value);
  const result = new Uint8Array(digits.length / 2);
  for (let i = 0; i < result.length; i += 1) result[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return result;
};

/** Thirty-two bytes. */
export const hash: Decoder<Hex> = (value) => {
  const expected = `${BYTES} containing 32 bytes`;
  if (typeof value !== "string") throw wrongType(value, expected);
  const digits = value.startsWith("0x") ? value.slice(2) : value;
  if (digits.length !== 64)
    throw invalidParams(`invalid length ${digits.length}, expected ${expected} ${at(value)}`);
  return `0x${hexDigits(value, value).toLowerCase()}`;
};

export const u32: Decoder<number> = (value) => {
  if (typeof value !== "number" || !Number.isInteger(value)) throw wrongType(value, "u32");
  if (value < 0 || value > 0xffffffff)
    throw invalidParams(`invalid value: integer \`${value}\`, expected u32 ${at(value)}`);
  return value;
};

export const list =
  <T>(item: Decoder<T>): Decoder<T[]> =>
  (value) => {
    if (!Array.isArray(value)) throw wrongType(value, "a sequence");
    return value.map((element: Json) => item(element));
  };

export const oneOf =
  <const T extends string>(...variants: readonly T[]): Decoder<T> =>
  (value) => {
    const found = variants.find((variant) => variant === value);
    if (found !== undefined) return found;
    if (typeof value !== "string") throw wrongType(value, "variant identifier");
    const names = variants.map((variant) => `\`${variant}\``);
    const expected = names.length === 2 ? names.join(" or ") : `one of ${names.join(", ")}`;
    throw invalidParams(`unknown variant \`${value}\`, expected ${expected} ${at(value)}`);
  };

/** A JSON object. */
export const object: Decoder<{ readonly [key: string]: Json | undefined }> = (value) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongType(value, "a map");
  return value as { readonly [key: string]: Json | undefined };
};

/** Either of two. */
export const either =
  <A, B>(first: Decoder<A>, second: Decoder<B>, failure: string): Decoder<A | B> =>
  (value) => {
    for (const decode of [first, second]) {
      try {
        return decode(value);
      } catch {
        // The other form is tried; the failure text names the whole choice, as serde's untagged enums do.
      }
    }
    throw invalidParams(failure);
  };

/** A block number as JSON number, decimal text or hexadecimal text, with the node's Debug form of it. */
export const numberOrHex: Decoder<{ readonly value: bigint; readonly text: string }> = (value) => {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0)
    return { value: BigInt(value), text: `Number(${value})` };
  if (typeof value === "string" && /^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(value)) {
    // The node reads text as hexadecimal, with or without its prefix.
    const parsed = BigInt(value.startsWith("0x") ? value : `0x${value}`);
    return { value: parsed, text: `Hex(${parsed})` };
  }
  throw invalidParams(invalidListOrValue);
};

export const invalidListOrValue = "data did not match any variant of untagged enum ListOrValue";
