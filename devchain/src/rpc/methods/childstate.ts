import type { StateView, StorageView } from "../../chain/types.ts";
import { ascii, startsWith, toHex } from "../../codec/bytes.ts";
import { blake2_256 } from "../../crypto/hashing.ts";
import { RpcError, stateError } from "../errors.ts";
import { bytes, type Decoder, hash, list, type Params, u32 } from "../params.ts";
import type { CallContext, Method } from "../session.ts";
import { stateAt } from "./state.ts";

const DEFAULT_CHILD_PREFIX = ascii(":child_storage:default:");

/** A prefixed child storage key; the answer is without the prefix. @throws RpcError 4003 */
const childKey: Decoder<{ readonly unprefixed: Uint8Array | undefined }> = (value) => {
  const key = bytes(value);
  const isChild = startsWith(key, DEFAULT_CHILD_PREFIX);
  return { unprefixed: isChild ? key.subarray(DEFAULT_CHILD_PREFIX.length) : undefined };
};

/** The child trie; undefined when it is empty. */
function childOf(
  state: StateView,
  key: { readonly unprefixed: Uint8Array | undefined },
): StorageView | undefined {
  if (!key.unprefixed) throw new RpcError(4003, "Client error: Invalid child storage key");
  return state.child(key.unprefixed);
}

/** A method over one value of a child trie. */
function ofValue(present: (value: Uint8Array) => string | number): Method {
  return (params, context) => {
    const child = params.required("child_storage_key", childKey);
    const key = params.required("key", bytes);
    const value = childOf(stateAt(params, context), child)?.get(key);
    return value ? present(value) : null;
  };
}

const getStorageEntries: Method = (params, context) => {
  const child = params.required("child_storage_key", childKey);
  const keys = params.required("keys", list(bytes));
  const view = childOf(stateAt(params, context), child);
  return keys.map((key) => {
    const value = view?.get(key);
    return value ? toHex(value) : null;
  });
};

const getKeys: Method = (params, context) => {
  const child = params.required("child_storage_key", childKey);
  const prefix = params.required("prefix", bytes);
  const view = childOf(stateAt(params, context), child);
  return view ? Array.from(view.entries(prefix), ([key]) => toHex(key)) : [];
};

const getKeysPaged: Method = (params, context) => {
  const child = params.required("child_storage_key", childKey);
  const prefix = params.optional("prefix", bytes) ?? new Uint8Array();
  const count = params.required("count", u32);
  const startKey = params.optional("start_key", bytes);
  const view = childOf(stateAt(params, context), child);
  return view ? view.keysPaged(prefix, count, startKey).map(toHex) : [];
};

/** `state_getChildReadProof`. */
const getChildReadProof: Method = (params: Params, { node: { chain } }: CallContext) => {
  const child = params.required("child_storage_key", childKey);
  const keys = params.required("keys", list(bytes));
  const at = params.optional("hash", hash) ?? chain.best.hash;
  try {
    const state = chain.state(at);
    childOf(state, child);
    return { at, proof: state.childProof(child.unprefixed ?? new Uint8Array(), keys).map(toHex) };
  } catch (error) {
    throw error instanceof RpcError ? error : stateError(error);
  }
};

const getStorage = ofValue(toHex);
export const childstateMethods: readonly (readonly [string, Method])[] = [
  ["childstate_getStorage", getStorage],
  ["childstate_getStorageEntries", getStorageEntries],
  ["childstate_getStorageHash", ofValue((value) => toHex(blake2_256(value)))],
  ["childstate_getStorageSize", ofValue((value) => value.length)],
  ["childstate_getKeys", getKeys],
  ["childstate_getKeysPaged", getKeysPaged],
  ["childstate_getKeysPagedAt", getKeysPaged],
  ["state_getChildReadProof", getChildReadProof],
];
