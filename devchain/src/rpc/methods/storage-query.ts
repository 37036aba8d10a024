import type { StateView, StorageView } from "../../chain/types.ts";
import { toHex } from "../../codec/bytes.ts";
import { blake2_256 } from "../../crypto/hashing.ts";
import { invalidParams } from "../errors.ts";
import type { Json } from "../json.ts";
import { closestMerkleValue } from "../merkle-value.ts";
import { bytes, type Decoder, object, oneOf } from "../params.ts";

/** One item of `chainHead_v1_storage` and `archive_*_storage`. */
export interface StorageQuery {
  readonly key: Uint8Array;
  readonly type: (typeof QUERY_TYPES)[number];
  /** Where a paginated iteration goes on, exclusive. */
  readonly startAfter: Uint8Array | undefined;
}

const QUERY_TYPES = [
  "value",
  "hash",
  "closestDescendantMerkleValue",
  "descendantsValues",
  "descendantsHashes",
] as const;

const queryType = oneOf(...QUERY_TYPES);

export const storageQuery: Decoder<StorageQuery> = (value) => {
  const { key, type, paginationStartKey } = object(value);
  if (key === undefined) throw invalidParams("missing field `key`");
  if (type === undefined) throw invalidParams("missing field `type`");
  return {
    key: bytes(key),
    type: queryType(type),
    startAfter:
      paginationStartKey === undefined || paginationStartKey === null ? undefined : bytes(paginationStartKey),
  };
};

/** Results of one query, lazily. An absent value gives none. */
export function* answerStorageQuery(
  state: StateView,
  query: StorageQuery,
  childTrie: Uint8Array | undefined,
): Generator<Json> {
  const view: StorageView | undefined = childTrie ? state.child(childTrie) : state;
  if (!view) return;
  const present = (key: Uint8Array, value: Uint8Array, hashed: boolean): Json =>
    hashed ? { key: toHex(key), hash: toHex(blake2_256(value)) } : { key: toHex(key), value: toHex(value) };
  switch (query.type) {
    case "value":
    case "hash": {
      const value = view.get(query.key);
      if (value) yield present(query.key, value, query.type === "hash");
      return;
    }
    case "descendantsValues":
    case "descendantsHashes": {
      let start = query.startAfter;
      for (;;) {
        const page = view.keysPaged(query.key, PAGE, start);
        for (const key of page) {
          const value = view.get(key);
          if (value) yield present(key, value, query.type === "descendantsHashes");
        }
        start = page.at(-1);
        if (page.length < PAGE || !start) return;
      }
    }
    case "closestDescendantMerkleValue": {
      const merkleValue = closestMerkleValue(view, query.key);
      if (merkleValue) yield { key: toHex(query.key), closestDescendantMerkleValue: toHex(merkleValue) };
    }
  }
}

const PAGE = 256;
