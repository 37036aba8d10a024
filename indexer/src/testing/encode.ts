import { decodeAddress } from "@polkadot/util-crypto";
import type { Json, PortableTypes } from "../chain/scale.ts";
import { unhex } from "../chain/scale.ts";
import { join, littleEndian } from "../chain/scale-write.ts";

/** Writes one value; the inverse of what `compileTypes` reads. */
export type Encode = (value: Json) => Uint8Array;

const BYTES: Record<string, number> = { u8: 1, u16: 2, u32: 4, u64: 8, u128: 16, bool: 1 };

export function compact(value: bigint): Uint8Array {
  if (value < 1n << 6n) return littleEndian(value << 2n, 1);
  if (value < 1n << 14n) return littleEndian((value << 2n) | 1n, 2);
  if (value < 1n << 30n) return littleEndian((value << 2n) | 2n, 4);
  const length = Math.max(4, Math.ceil(value.toString(16).length / 2));
  return join([littleEndian(BigInt(((length - 4) << 2) | 3), 1), littleEndian(value, length)]);
}

/** Compiles the types of a portable registry into encoders, for chains that tests make up. */
export function compileEncoders(types: PortableTypes): (id: number) => Encode {
  const definitions = new Map(types.map(({ id, type }) => [id, type]));

  function encode(id: number, value: Json): Uint8Array {
    const type = definitions.get(id);
    if (!type) throw new Error(`no type ${id}`);
    const { def, path = [] } = type;
    const name = path.at(-1);
    if (name === "AccountId" || name === "AccountId32") return decodeAddress(text(value));
    if ("primitive" in def) {
      if (def.primitive === "str") {
        const bytes = new TextEncoder().encode(text(value));
        return join([compact(BigInt(bytes.length)), bytes]);
      }
      const length = BYTES[def.primitive];
      if (length === undefined) throw new Error(`cannot encode ${def.primitive}`);
      if (typeof value === "boolean") return littleEndian(value ? 1n : 0n, 1);
      return littleEndian(
        BigInt(typeof value === "number" || typeof value === "string" ? value : Number.NaN),
        length,
      );
    }
    if ("compact" in def) return compact(BigInt(value as string | number));
    if ("composite" in def) return fields(def.composite.fields ?? [], value);
    if ("tuple" in def)
      return fields(
        def.tuple.map((each) => ({ type: each })),
        value,
      );
    if ("array" in def) {
      if (typeof value === "string") return unhex(value);
      return join(list(value).map((item) => encode(def.array.type, item)));
    }
    if ("sequence" in def) {
      if (typeof value === "string") {
        const bytes = unhex(value);
        return join([compact(BigInt(bytes.length)), bytes]);
      }
      const items = list(value);
      return join([compact(BigInt(items.length)), ...items.map((item) => encode(def.sequence.type, item))]);
    }
    if ("variant" in def) {
      const variants = def.variant.variants ?? [];
      const [chosen, content]: [string, Json] =
        name === "Option"
          ? value === null
            ? ["None", null]
            : ["Some", value]
          : typeof value === "string"
            ? [value, null]
            : (Object.entries(record(value))[0] ?? ["", null]);
      const variant = variants.find((each) => each.name === chosen);
      if (!variant) throw new Error(`${path.join("::")} has no ${chosen}`);
      return join([new Uint8Array([variant.index]), fields(variant.fields ?? [], content)]);
    }
    throw new Error(`cannot encode ${JSON.stringify(def)}`);
  }

  function fields(declared: { name?: string | null | undefined; type: number }[], value: Json): Uint8Array {
    if (declared.length === 0) return new Uint8Array();
    if (declared.length === 1 && (declared[0]!.name ?? undefined) === undefined)
      return encode(declared[0]!.type, value);
    if (declared.every((field) => (field.name ?? undefined) === undefined)) {
      const items = list(value);
      return join(declared.map((field, index) => encode(field.type, items[index] ?? null)));
    }
    const content = record(value);
    return join(declared.map((field) => encode(field.type, content[field.name ?? ""] ?? null)));
  }

  return (id) => (value) => encode(id, value);
}

function text(value: Json): string {
  if (typeof value !== "string") throw new Error(`expected text, not ${JSON.stringify(value)}`);
  return value;
}

function list(value: Json): Json[] {
  if (!Array.isArray(value)) throw new Error(`expected a list, not ${JSON.stringify(value)}`);
  return value;
}

function record(value: Json): { [name: string]: Json } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`expected fields, not ${JSON.stringify(value)}`);
  }
  return value;
}
