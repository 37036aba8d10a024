/**
 * SCALE codecs compiled from the portable registry in ink! metadata.
 *
 * JavaScript shapes: integers up to 32 bits are `number`, wider ones `bigint`; byte arrays and byte vectors are
 * `0x` hex; accounts are SS58 (prefix 42); structs are objects with camelCase names; an enum whose variants
 * carry nothing is its variant's name, any other enum is `{ type, value }` (fields of a variant are an object
 * when named, the value itself when single, else an array); `Option` is `null` or the value; `Result` is
 * `{ ok }` or `{ err }`; the unit is `null`.
 * Source: SCALE specification, https://docs.polkadot.com/polkadot-protocol/basics/data-encoding/
 */
import { bnToU8a, hexToU8a, isHex, u8aConcat, u8aToBigInt, u8aToHex } from "@polkadot/util";
import { decodeAddress, encodeAddress } from "@polkadot/util-crypto";
import { BaseError } from "../errors.ts";

/** SS58 prefix of the development chain and of every address this project prints. */
export const SS58_PREFIX = 42;

/** A value does not fit its type, or bytes do not encode one. `path` names the field. */
export class CodecError extends BaseError {
  override readonly name = "CodecError";
  constructor(path: string, problem: string) {
    super(`${path || "value"}: ${problem}.`);
  }
}

export interface Codec {
  encode(value: unknown, path: string): Uint8Array;
  decode(input: Input, path: string): unknown;
}

/** Bytes being read. */
export class Input {
  readonly bytes: Uint8Array;
  position = 0;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  get left(): number {
    return this.bytes.length - this.position;
  }
  take(length: number, path: string): Uint8Array {
    if (length > this.left) throw new CodecError(path, `needs ${length} bytes, ${this.left} are left`);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }
}

interface Field {
  name?: string | null | undefined;
  type: number;
}
interface Variant {
  name: string;
  index: number;
  fields?: Field[] | undefined;
}
/** One definition of the registry, as ink! prints it. */
export interface TypeDefinition {
  id: number;
  type: {
    path?: string[] | undefined;
    params?: { name: string; type?: number | null | undefined }[] | undefined;
    def: {
      primitive?: string | undefined;
      composite?: { fields?: Field[] | undefined } | undefined;
      variant?: { variants?: Variant[] | undefined } | undefined;
      sequence?: { type: number } | undefined;
      array?: { len: number; type: number } | undefined;
      tuple?: number[] | undefined;
      compact?: { type: number } | undefined;
    };
  };
}

export const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const SMALL_BYTES: Record<string, number> = { u8: 1, u16: 2, u32: 4, i8: 1, i16: 2, i32: 4 };
const BIG_BYTES: Record<string, number> = { u64: 8, u128: 16, i64: 8, i128: 16 };

const integerCodec = (primitive: string): Codec => {
  const bytes = SMALL_BYTES[primitive] ?? BIG_BYTES[primitive];
  if (bytes === undefined) throw new CodecError("", `unsupported primitive ${primitive}`);
  const signed = primitive.startsWith("i");
  const small = primitive in SMALL_BYTES;
  const lowest = signed ? -(1n << BigInt(bytes * 8 - 1)) : 0n;
  const highest = (1n << BigInt(signed ? bytes * 8 - 1 : bytes * 8)) - 1n;
  return {
    encode(value, path) {
      if (typeof value !== "bigint" && !(typeof value === "number" && Number.isSafeInteger(value)))
        throw new CodecError(path, `expected an integer (${primitive}), got ${typeof value}`);
      const wide = BigInt(value);
      if (wide < lowest || wide > highest) throw new CodecError(path, `${wide} does not fit ${primitive}`);
      return bnToU8a(wide, { bitLength: bytes * 8, isLe: true, isNegative: signed });
    },
    decode(input, path) {
      const wide = u8aToBigInt(input.take(bytes, path), { isLe: true, isNegative: signed });
      return small ? Number(wide) : wide;
    },
  };
};

const encodeLength = (length: number): Uint8Array => {
  if (length < 1 << 6) return new Uint8Array([length << 2]);
  if (length < 1 << 14) return bnToU8a((length << 2) | 1, { bitLength: 16, isLe: true });
  return bnToU8a(length * 4 + 2, { bitLength: 32, isLe: true });
};

const decodeLength = (input: Input, path: string): number => {
  const first = input.take(1, path)[0]!;
  const mode = first & 3;
  if (mode === 0) return first >> 2;
  if (mode === 1) return ((input.take(1, path)[0]! << 8) | first) >> 2;
  if (mode === 3) throw new CodecError(path, "a length beyond 2^30");
  const rest = input.take(3, path);
  return ((rest[2]! << 24) | (rest[1]! << 16) | (rest[0]! << 8) | first) >>> 2;
};

const bytesCodec = (fixed: number | undefined): Codec => ({
  encode(value, path) {
    const bytes = value instanceof Uint8Array ? value : isHex(value) ? hexToU8a(value) : undefined;
    if (!bytes) throw new CodecError(path, "expected 0x hex or bytes");
    if (fixed === undefined) return u8aConcat(encodeLength(bytes.length), bytes);
    if (bytes.length !== fixed) throw new CodecError(path, `expected ${fixed} bytes, got ${bytes.length}`);
    return bytes;
  },
  decode(input, path) {
    return u8aToHex(input.take(fixed ?? decodeLength(input, path), path));
  },
});

const accountCodec: Codec = {
  encode(value, path) {
    if (typeof value !== "string" && !(value instanceof Uint8Array))
      throw new CodecError(path, "expected an address");
    try {
      return decodeAddress(value);
    } catch (cause) {
      throw new CodecError(path, `no valid address (${cause instanceof Error ? cause.message : cause})`);
    }
  },
  decode: (input, path) => encodeAddress(input.take(32, path), SS58_PREFIX),
};

const boolCodec: Codec = {
  encode(value, path) {
    if (typeof value !== "boolean") throw new CodecError(path, "expected true or false");
    return new Uint8Array([value ? 1 : 0]);
  },
  decode(input, path) {
    const byte = input.take(1, path)[0]!;
    if (byte > 1) throw new CodecError(path, `${byte} is no boolean`);
    return byte === 1;
  },
};

const stringCodec: Codec = {
  encode(value, path) {
    if (typeof value !== "string") throw new CodecError(path, "expected text");
    const bytes = new TextEncoder().encode(value);
    return u8aConcat(encodeLength(bytes.length), bytes);
  },
  decode: (input, path) => new TextDecoder().decode(input.take(decodeLength(input, path), path)),
};

const unitCodec: Codec = { encode: () => new Uint8Array(), decode: () => null };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Compiles codecs on demand; `codec(id)` is the codec of type `id`. */
export const compileCodecs = (types: readonly TypeDefinition[]): ((id: number) => Codec) => {
  const definitions = new Map(types.map((each) => [each.id, each.type]));
  const compiled = new Map<number, Codec>();

  const codec = (id: number): Codec => {
    const known = compiled.get(id);
    if (known) return known;
    const definition = definitions.get(id);
    if (!definition) throw new CodecError("", `type ${id} is not in the registry`);
    // Late binding, so that a type may contain itself.
    let made: Codec | undefined;
    const late: Codec = {
      encode: (value, path) => made!.encode(value, path),
      decode: (input, path) => made!.decode(input, path),
    };
    compiled.set(id, late);
    made = compile(definition);
    compiled.set(id, made);
    return made;
  };

  const isByte = (id: number) => definitions.get(id)?.def.primitive === "u8";

  const fieldsCodec = (fields: readonly Field[]): Codec => {
    if (fields.length === 0) return unitCodec;
    const parts = fields.map((field) => ({
      name: field.name ? camelCase(field.name) : undefined,
      codec: codec(field.type),
    }));
    const single = parts[0]!;
    if (parts.length === 1 && single.name === undefined) return single.codec;
    if (parts.every((part) => part.name === undefined)) {
      return {
        encode(value, path) {
          if (!Array.isArray(value) || value.length !== parts.length)
            throw new CodecError(path, `expected ${parts.length} values`);
          return u8aConcat(
            ...parts.map((part, index) => part.codec.encode(value[index], `${path}[${index}]`)),
          );
        },
        decode: (input, path) => parts.map((part, index) => part.codec.decode(input, `${path}[${index}]`)),
      };
    }
    return {
      encode(value, path) {
        if (!isRecord(value)) throw new CodecError(path, "expected an object");
        return u8aConcat(
          ...parts.map(({ name, codec }) => codec.encode(value[name!], path ? `${path}.${name}` : name!)),
        );
      },
      decode: (input, path) =>
        Object.fromEntries(
          parts.map(({ name, codec }) => [name!, codec.decode(input, path ? `${path}.${name}` : name!)]),
        ),
    };
  };

  const listCodec = (item: Codec, fixed: number | undefined): Codec => ({
    encode(value, path) {
      if (!Array.isArray(value)) throw new CodecError(path, "expected a list");
      if (fixed !== undefined && value.length !== fixed)
        throw new CodecError(path, `expected ${fixed} items`);
      const items = value.map((each, index) => item.encode(each, `${path}[${index}]`));
      return u8aConcat(...(fixed === undefined ? [encodeLength(items.length)] : []), ...items);
    },
    decode(input, path) {
      const length = fixed ?? decodeLength(input, path);
      const items: unknown[] = [];
      for (let index = 0; index < length; index++) {
        const before = input.position;
        items.push(item.decode(input, `${path}[${index}]`));
        if (input.position === before && length > 1024)
          throw new CodecError(path, `claims ${length} empty items`);
      }
      return items;
    },
  });

  const optionCodec = (some: Codec): Codec => ({
    encode: (value, path) =>
      value === null || value === undefined
        ? new Uint8Array([0])
        : u8aConcat(new Uint8Array([1]), some.encode(value, path)),
    decode(input, path) {
      const flag = input.take(1, path)[0]!;
      if (flag > 1) throw new CodecError(path, `${flag} is no Option`);
      return flag === 0 ? null : some.decode(input, path);
    },
  });

  const resultCodec = (ok: Codec, err: Codec): Codec => ({
    encode(value, path) {
      if (isRecord(value) && "ok" in value)
        return u8aConcat(new Uint8Array([0]), ok.encode(value["ok"], path));
      if (isRecord(value) && "err" in value)
        return u8aConcat(new Uint8Array([1]), err.encode(value["err"], path));
      throw new CodecError(path, "expected { ok } or { err }");
    },
    decode(input, path) {
      const flag = input.take(1, path)[0]!;
      if (flag > 1) throw new CodecError(path, `${flag} is no Result`);
      return flag === 0 ? { ok: ok.decode(input, path) } : { err: err.decode(input, path) };
    },
  });

  const enumCodec = (variants: readonly Variant[]): Codec => {
    const plain = variants.every((variant) => (variant.fields ?? []).length === 0);
    const parts = variants.map((variant) => ({ ...variant, codec: fieldsCodec(variant.fields ?? []) }));
    return {
      encode(value, path) {
        const name = typeof value === "string" ? value : isRecord(value) ? value["type"] : undefined;
        const part = parts.find((each) => each.name === name);
        if (!part)
          throw new CodecError(path, `expected one of ${variants.map((each) => each.name).join(", ")}`);
        const inner = isRecord(value) ? value["value"] : null;
        return u8aConcat(
          new Uint8Array([part.index]),
          part.codec.encode(inner, path ? `${path}.${part.name}` : part.name),
        );
      },
      decode(input, path) {
        const index = input.take(1, path)[0]!;
        const part = parts.find((each) => each.index === index);
        if (!part) throw new CodecError(path, `no variant ${index}`);
        const value = part.codec.decode(input, path ? `${path}.${part.name}` : part.name);
        return plain ? part.name : { type: part.name, value };
      },
    };
  };

  const compile = ({ path = [], def }: TypeDefinition["type"]): Codec => {
    const name = path.at(-1);
    if (name === "AccountId") return accountCodec;
    if (def.primitive === "bool") return boolCodec;
    if (def.primitive === "str") return stringCodec;
    if (def.primitive) return integerCodec(def.primitive);
    if (def.composite) return fieldsCodec(def.composite.fields ?? []);
    if (def.tuple) return fieldsCodec(def.tuple.map((type) => ({ type })));
    if (def.array)
      return isByte(def.array.type)
        ? bytesCodec(def.array.len)
        : listCodec(codec(def.array.type), def.array.len);
    if (def.sequence)
      return isByte(def.sequence.type)
        ? bytesCodec(undefined)
        : listCodec(codec(def.sequence.type), undefined);
    if (def.variant) {
      const variants = def.variant.variants ?? [];
      const inner = (variant: string) =>
        fieldsCodec(variants.find((each) => each.name === variant)?.fields ?? []);
      if (path.length === 1 && name === "Option") return optionCodec(inner("Some"));
      if (path.length === 1 && name === "Result") return resultCodec(inner("Ok"), inner("Err"));
      return enumCodec(variants);
    }
    throw new CodecError("", `unsupported type ${name ?? JSON.stringify(def)}`);
  };

  return codec;
};
