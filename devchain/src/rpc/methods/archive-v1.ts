/**
 * `archive_v1`, the stable form of the group. The real node has only `archive_unstable`; clients of today ask
 * for this one. Source: the JSON-RPC interface specification, archive_v1.
 */
import type { StorageView } from "../../chain/types.ts";
import { compare, equal, toHex } from "../../codec/bytes.ts";
import { blake2_256 } from "../../crypto/hashing.ts";
import { callErrorText, clientErrorText, invalidParams } from "../errors.ts";
import type { Json } from "../json.ts";
import { bytes, type Decoder, hash, list, object, oneOf, string } from "../params.ts";
import type { Method } from "../session.ts";
import { archiveBody, archiveHashByHeight, archiveHeader } from "./archive.ts";
import { answerStorageQuery, storageQuery } from "./storage-query.ts";
import { subscription } from "./subscription.ts";

/** null for a block that is not known. */
const call: Method = (params, { node: { chain } }) => {
  const at = params.required("hash", hash);
  const method = params.required("function", string);
  const args = params.required("callParameters", bytes);
  if (!chain.block(at)) return null;
  try {
    return { success: true, value: toHex(chain.call(at, method, args)) };
  } catch (error) {
    return { success: false, error: callErrorText(error) };
  }
};

const storage = subscription("archive_v1_storageEvent", ({ node: { chain } }, emit, end, params) => {
  const at = params.required("hash", hash);
  const items = params.required("items", list(storageQuery));
  const childTrie = params.optional("childTrie", bytes);
  try {
    const state = chain.state(at);
    const child = childTrie ? { childTrieKey: toHex(childTrie) } : {};
    for (const query of items)
      for (const result of answerStorageQuery(state, query, childTrie))
        emit({ event: "storage", ...object(result), ...child });
    emit({ event: "storageDone" });
  } catch (error) {
    emit({ event: "storageError", error: clientErrorText(error) });
  }
  end();
  return () => {};
});

/** One item of `archive_v1_storageDiff`: a prefix, and whether to tell values or their hashes. */
interface DiffQuery {
  readonly key: Uint8Array;
  readonly returnType: "value" | "hash";
  readonly childTrie: Uint8Array | undefined;
}

const returnType = oneOf("value", "hash");
const diffQuery: Decoder<DiffQuery> = (value) => {
  const item = object(value);
  if (item["key"] === undefined) throw invalidParams("missing field `key`");
  if (item["returnType"] === undefined) throw invalidParams("missing field `returnType`");
  const { childTrieKey } = item;
  return {
    key: bytes(item["key"]),
    returnType: returnType(item["returnType"]),
    childTrie: childTrieKey === undefined || childTrieKey === null ? undefined : bytes(childTrieKey),
  };
};

const storageDiff = subscription("archive_v1_storageDiffEvent", ({ node: { chain } }, emit, end, params) => {
  const at = params.required("hash", hash);
  const items = params.required("items", list(diffQuery));
  const previous = params.optional("previousHash", hash);
  try {
    const after = chain.state(at);
    const before = chain.state(previous ?? chain.block(at)?.parentHash ?? at);
    for (const query of items) {
      const { childTrie } = query;
      const child = childTrie ? { childTrieKey: toHex(childTrie) } : {};
      const [old, now] = childTrie ? [before.child(childTrie), after.child(childTrie)] : [before, after];
      for (const difference of differences(old, now, query))
        emit({ event: "storageDiff", ...difference, ...child });
    }
    emit({ event: "storageDiffDone" });
  } catch (error) {
    emit({ event: "storageDiffError", error: clientErrorText(error) });
  }
  end();
  return () => {};
});

type Difference = { readonly [key: string]: Json };

/** Walks two tries side by side, in key order. */
function* differences(
  old: StorageView | undefined,
  now: StorageView | undefined,
  query: DiffQuery,
): Generator<Difference> {
  const present = (value: Uint8Array): Difference =>
    query.returnType === "hash" ? { hash: toHex(blake2_256(value)) } : { value: toHex(value) };
  const olds = old?.entries(query.key);
  const news = now?.entries(query.key);
  let left = olds?.next().value;
  let right = news?.next().value;
  while (left || right) {
    const order = !left ? 1 : !right ? -1 : compare(left[0], right[0]);
    if (order < 0) {
      yield { key: toHex(left[0]), type: "deleted" };
      left = olds?.next().value;
    } else if (order > 0) {
      yield { key: toHex(right[0]), ...present(right[1]), type: "added" };
      right = news?.next().value;
    } else {
      if (!equal(left[1], right[1])) yield { key: toHex(right[0]), ...present(right[1]), type: "modified" };
      left = olds?.next().value;
      right = news?.next().value;
    }
  }
}

export const archiveV1Methods: readonly (readonly [string, Method])[] = [
  ["archive_v1_genesisHash", (_, { node }) => node.chain.genesisHash],
  ["archive_v1_finalizedHeight", (_, { node }) => node.chain.finalized.number],
  ["archive_v1_hashByHeight", archiveHashByHeight],
  ["archive_v1_header", archiveHeader],
  ["archive_v1_body", archiveBody],
  ["archive_v1_call", call],
  ["archive_v1_storage", storage.subscribe],
  ["archive_v1_stopStorage", storage.unsubscribe],
  ["archive_v1_storageDiff", storageDiff.subscribe],
  ["archive_v1_storageDiff_stopStorageDiff", storageDiff.unsubscribe],
];
