import { toHex } from "../../codec/bytes.ts";
import type { ChainNode } from "../../node/node.ts";
import { RpcError } from "../errors.ts";
import { bytes, oneOf, type Params } from "../params.ts";
import type { Method } from "../session.ts";

/** Storage of off-chain workers, which this chain does not run: only what these methods put there. */
const storages = new WeakMap<ChainNode, Map<string, string>>();

function storageOf(node: ChainNode, params: Params): Map<string, string> {
  const kind = params.required("kind", oneOf("PERSISTENT", "LOCAL"));
  if (kind === "LOCAL") throw new RpcError(5001, "This storage kind is not available yet");
  const found = storages.get(node) ?? new Map<string, string>();
  storages.set(node, found);
  return found;
}

const get: Method = (params, { node }) => {
  const storage = storageOf(node, params);
  return storage.get(toHex(params.required("key", bytes))) ?? null;
};

const set: Method = (params, { node }) => {
  const storage = storageOf(node, params);
  storage.set(toHex(params.required("key", bytes)), toHex(params.required("value", bytes)));
  return null;
};

export const offchainMethods: readonly (readonly [string, Method])[] = [
  ["offchain_localStorageGet", get],
  ["offchain_localStorageSet", set],
];
