import { hexToU8a, u8aToHex } from "@polkadot/util";
import { encodeAddress } from "@polkadot/util-crypto";
import { z } from "zod";

/** What a decoded value may be: JSON, with integers above 32 bits as decimal strings. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The bytes do not encode a value of the type, or more bytes follow than the type has. */
export class ScaleError extends Error {
  override readonly name = "ScaleError";
}

const field = z.object({ name: z.string().nullish(), type: z.coerce.number() });
const variant = z.object({ name: z.string(), index: z.coerce.number(), fields: z.array(field).optional() });
const primitive = z.string().transform((name) => name.toLowerCase());

/** scale-info's portable registry, as ink! metadata and `@polkadot/types` print it. */
export const portableTypesSchema = z.array(
  z.object({
    id: z.coerce.number(),
    type: z.object({
      path: z.array(z.string()).optional(),
      params: z.array(z.object({ name: z.string(), type: z.coerce.number().nullish() })).optional(),
      def: z.union([
        z.object({ composite: z.object({ fields: z.array(field).optional() }) }),
        z.object({ variant: z.object({ variants: z.array(variant).optional() }) }),
        z.object({ sequence: z.object({ type: z.coerce.number() }) }),
        z.object({ array: z.object({ len: z.coerce.number(), type: z.coerce.number() }) }),
        z.object({ tuple: z.array(z.coerce.number()) }),
        z.object({ primitive }),
        z.object({ compact: z.object({ type: z.coerce.number() }) }),
        z.object({
          bitSequence: z.object({ bitStoreType: z.coerce.number(), bitOrderType: z.coerce.number() }),
        }),
        // What @polkadot/types prints for types that were not used.
        z.object({ historicMetaCompat: z.string() }),
      ]),
    }),
  }),
);
export type PortableTypes = z.infer<typeof portableTypesSchema>;
type Definition = PortableTypes[number]["type"]["def"];

/** Reads one value and moves on behind it. */
export type Decode = (input: ScaleInput) => Json;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Bytes with a position. */
export class ScaleInput {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** Throws {@link ScaleError} unless every byte was read. */
  end(): void {
    if (this.left !== 0) throw new ScaleError(`${this.left} bytes follow the last field`);
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new ScaleError(`needs ${length} bytes and ${this.left} are left`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  u8(): number {
    return this.take(1)[0]!;
  }

  u16(): number {
    this.take(2);
    return this.#view.getUint16(this.at - 2, true);
  }

  u32(): number {
    this.take(4);
    return this.#view.getUint32(this.at - 4, true);
  }

  u64(): bigint {
    this.take(8);
    return this.#view.getBigUint64(this.at - 8, true);
  }

  u128(): bigint {
    const low = this.u64();
    return (this.u64() << 64n) | low;
  }

  /** Compact integer: the two lowest bits say how many bytes it has. */
  compact(): bigint {
    const first = this.u8();
    switch (first & 3) {
      case 0:
        return BigInt(first >> 2);
      case 1:
        return BigInt((first | (this.u8() << 8)) >> 2);
      case 2: {
        const [b, c, d] = this.take(3);
        return BigInt((first | (b! << 8) | (c! << 16) | (d! << 24)) >>> 2);
      }
      default: {
        const bytes = this.take((first >> 2) + 4);
        let value = 0n;
        for (let index = bytes.length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index]!);
        return value;
      }
    }
  }

  /** A count of items that each need at least `itemSize` bytes: a lie is refused before memory is taken. */
  count(itemSize: number): number {
    const count = this.compact();
    if (count * BigInt(itemSize) > BigInt(this.left)) throw new ScaleError(`claims ${count} items`);
    return Number(count);
  }
}

/** 0x and lower-case digits. */
export function hex(bytes: Uint8Array): string {
  return u8aToHex(bytes);
}

/** The bytes of a 0x string; throws {@link ScaleError} when it is none. */
export function unhex(text: string): Uint8Array {
  if (!/^0x(?:[0-9a-f]{2})*$/.test(text)) throw new ScaleError("no 0x and pairs of hex digits");
  return hexToU8a(text);
}

const SS58_PREFIX = 42;
const addressCache = new Map<string, string>();
const ADDRESS_CACHE_LIMIT = 50_000;

/** SS58 with prefix 42. Remembered, since its checksum costs a hash. */
export function address(bytes: Uint8Array): string {
  const key = hex(bytes);
  const known = addressCache.get(key);
  if (known !== undefined) return known;
  if (addressCache.size >= ADDRESS_CACHE_LIMIT) addressCache.clear();
  const encoded = encodeAddress(bytes, SS58_PREFIX);
  addressCache.set(key, encoded);
  return encoded;
}

const SIGNED_BITS: Record<string, number> = { i8: 8, i16: 16, i32: 32, i64: 64, i128: 128 };

function primitiveDecoder(name: string): Decode {
  switch (name) {
    case "bool":
      return (input) => {
        const byte = input.u8();
        if (byte > 1) throw new ScaleError(`${byte} is no boolean`);
        return byte === 1;
      };
    case "u8":
      return (input) => input.u8();
    case "u16":
      return (input) => input.u16();
    case "u32":
    case "char":
      return (input) => input.u32();
    case "u64":
      return (input) => input.u64().toString();
    case "u128":
      return (input) => input.u128().toString();
    case "u256":
    case "i256":
      return (input) => hex(input.take(32));
    case "i8":
    case "i16":
    case "i32":
      return (input) => {
        const bits = SIGNED_BITS[name]!;
        const raw = bits === 8 ? input.u8() : bits === 16 ? input.u16() : input.u32();
        return Number(BigInt.asIntN(bits, BigInt(raw)));
      };
    case "i64":
      return (input) => BigInt.asIntN(64, input.u64()).toString();
    case "i128":
      return (input) => BigInt.asIntN(128, input.u128()).toString();
    case "str":
      return (input) => {
        const bytes = input.take(input.count(1));
        try {
          // PostgreSQL has no NUL in text; the raw bytes are kept beside.
          return utf8.decode(bytes).replaceAll("\0", "\u{FFFD}");
        } catch (cause) {
          throw new ScaleError("a string is not UTF-8", { cause });
        }
      };
    default:
      throw new ScaleError(`unknown primitive ${name}`);
  }
}

/** Nesting beyond this is hostile: types of the contracts nest less than 12 deep. */
const MAX_DEPTH = 64;

/**
 * Compiles the types of a portable registry into decoders.
 *
 * Structs become objects with the names of the metadata, enums without data their name, enums with data an
 * object of one entry, byte sequences 0x hex, accounts SS58 (prefix 42), `Option` null or the value.
 */
export function compileTypes(types: PortableTypes): (id: number) => Decode {
  const definitions = new Map(types.map(({ id, type }) => [id, type]));
  const compiled = new Map<number, Decode>();
  let depth = 0;

  function decoder(id: number): Decode {
    const known = compiled.get(id);
    if (known) return known;
    // A type may contain itself: the name is bound before the body is compiled.
    let body: Decode | undefined;
    const late: Decode = (input) => {
      if (body === undefined) throw new ScaleError(`type ${id} is used before it is known`);
      if (++depth > MAX_DEPTH) throw new ScaleError("nested too deeply");
      try {
        return body(input);
      } finally {
        depth--;
      }
    };
    compiled.set(id, late);
    const type = definitions.get(id);
    if (!type) throw new ScaleError(`no type ${id} in the metadata`);
    body = compile(type.def, type.path ?? []);
    compiled.set(id, body);
    return body;
  }

  function isByte(id: number): boolean {
    const definition = definitions.get(id)?.def;
    return definition !== undefined && "primitive" in definition && definition.primitive === "u8";
  }

  function fields(list: z.infer<typeof field>[]): Decode {
    const parts = list.map((each) => ({ name: each.name ?? undefined, decode: decoder(each.type) }));
    if (parts.length === 0) return () => null;
    if (parts.length === 1 && parts[0]!.name === undefined) return parts[0]!.decode;
    if (parts.every((part) => part.name === undefined)) {
      return (input) => parts.map((part) => part.decode(input));
    }
    return (input) => {
      const value: { [name: string]: Json } = {};
      for (const [index, part] of parts.entries()) value[part.name ?? index] = part.decode(input);
      return value;
    };
  }

  function compile(definition: Definition, path: string[]): Decode {
    const name = path.at(-1);
    if (name === "AccountId" || name === "AccountId32") return (input) => address(input.take(32));
    if ("primitive" in definition) return primitiveDecoder(definition.primitive);
    if ("composite" in definition) return fields(definition.composite.fields ?? []);
    if ("tuple" in definition) return fields(definition.tuple.map((type) => ({ name: null, type })));
    if ("compact" in definition) {
      return (input) => {
        const value = input.compact();
        return value <= 0xffff_ffffn ? Number(value) : value.toString();
      };
    }
    if ("array" in definition) {
      const { len, type } = definition.array;
      if (isByte(type)) return (input) => hex(input.take(len));
      const item = decoder(type);
      return (input) => Array.from({ length: len }, () => item(input));
    }
    if ("sequence" in definition) {
      if (isByte(definition.sequence.type)) return (input) => hex(input.take(input.count(1)));
      const item = decoder(definition.sequence.type);
      // Items may be empty (unit), so that a count alone could claim billions: one byte each is demanded.
      return (input) => Array.from({ length: input.count(1) }, () => item(input));
    }
    if ("variant" in definition) {
      const variants = new Map(
        (definition.variant.variants ?? []).map((each) => [
          each.index,
          { name: each.name, bare: (each.fields ?? []).length === 0, decode: fields(each.fields ?? []) },
        ]),
      );
      if (name === "Option") {
        return (input) => {
          const chosen = variants.get(input.u8());
          if (!chosen) throw new ScaleError("neither None nor Some");
          return chosen.decode(input);
        };
      }
      return (input) => {
        const index = input.u8();
        const chosen = variants.get(index);
        if (!chosen) throw new ScaleError(`${index} is no variant of ${path.join("::")}`);
        return chosen.bare ? chosen.name : { [chosen.name]: chosen.decode(input) };
      };
    }
    return () => {
      throw new ScaleError(`cannot decode ${JSON.stringify(definition)}`);
    };
  }

  return decoder;
}
