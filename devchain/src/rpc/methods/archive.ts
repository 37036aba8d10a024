import type { Chain, Hex } from "../../chain/types.ts";
import { toHex } from "../../codec/bytes.ts";
import { callErrorText } from "../errors.ts";
import type { Json } from "../json.ts";
import { bytes, hash, list, string, u32 } from "../params.ts";
import type { Method } from "../session.ts";
import { answerStorageQuery, storageQuery } from "./storage-query.ts";

export const archiveBody: Method = (params, { node: { chain } }) => {
  const block = chain.block(params.required("hash", hash));
  return block ? block.extrinsics.map(toHex) : null;
};

export const archiveHeader: Method = (params, { node: { chain } }) => {
  const block = chain.block(params.required("hash", hash));
  return block ? toHex(block.header) : null;
};

/** Up to the final block one hash a height; above it all known ones. */
export const archiveHashByHeight: Method = (params, { node: { chain } }) => {
  const height = params.required("height", u32);
  if (height > chain.finalized.number) return chain.hashesAt(height);
  const final = chain.hashAt(height);
  return final ? [final] : [];
};

const call: Method = (params, { node: { chain } }) => {
  const at = params.required("hash", hash);
  const method = params.required("function", string);
  const args = params.required("call_parameters", bytes);
  try {
    return { success: true, result: toHex(chain.call(at, method, args)) };
  } catch (error) {
    return { success: false, error: callErrorText(error) };
  }
};

/** As on the node, a page of descendants has five items; `paginationStartKey` asks for the next. */
const ITEMS_OF_DESCENDANTS = 5;
/** Queries of one call that are answered; the rest is counted as discarded. */
const MAX_QUERIES = 8;

const storage: Method = (params, { node: { chain } }) => {
  const at = params.required("hash", hash);
  const items = params.required("items", list(storageQuery));
  const childTrie = params.optional("child_trie", bytes);
  if (!readable(chain, at)) return { result: [], discardedItems: 0 };
  const state = chain.state(at);
  const result: Json[] = items
    .slice(0, MAX_QUERIES)
    .flatMap((query) => answerStorageQuery(state, query, childTrie).take(ITEMS_OF_DESCENDANTS).toArray());
  return { result, discardedItems: Math.max(0, items.length - MAX_QUERIES) };
};

function readable(chain: Chain, at: Hex): boolean {
  return chain.block(at) !== undefined && chain.hasState(at);
}

export const archiveMethods: readonly (readonly [string, Method])[] = [
  ["archive_unstable_genesisHash", (_, { node }) => node.chain.genesisHash],
  ["archive_unstable_finalizedHeight", (_, { node }) => node.chain.finalized.number],
  ["archive_unstable_hashByHeight", archiveHashByHeight],
  ["archive_unstable_header", archiveHeader],
  ["archive_unstable_body", archiveBody],
  ["archive_unstable_call", call],
  ["archive_unstable_storage", storage],
];

export const chainSpecMethods: readonly (readonly [string, Method])[] = [
  ["chainSpec_v1_chainName", (_, { node }) => node.identity.name],
  ["chainSpec_v1_genesisHash", (_, { node }) => node.chain.genesisHash],
  ["chainSpec_v1_properties", (_, { node }) => node.identity.properties],
];
