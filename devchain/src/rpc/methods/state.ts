import type { Block, Chain, Hex, StateView } from "../../chain/types.ts";
import { toBinaryString, toHex } from "../../codec/bytes.ts";
import { ScaleReader } from "../../codec/scale.ts";
import { blake2_256 } from "../../crypto/hashing.ts";
import { clientErrorText, RpcError, stateApiError, stateCallError, stateError } from "../errors.ts";
import type { Json } from "../json.ts";
import { bytes, hash, list, type Params, string, u32 } from "../params.ts";
import type { CallContext, Emit, Method } from "../session.ts";
import { getRuntimeVersion } from "./chain.ts";
import { subscription } from "./subscription.ts";

/** The node refuses longer pages. */
const MAX_PAGE = 1000;

/** State at the block that the parameter `hash` names, the best one without it. @throws RpcError 4003 */
export function stateAt(params: Params, { node: { chain } }: CallContext): StateView {
  const at = params.optional("hash", hash) ?? chain.best.hash;
  try {
    return chain.state(at);
  } catch (error) {
    throw stateError(error);
  }
}

const getStorage: Method = (params, context) => {
  const key = params.required("key", bytes);
  const value = stateAt(params, context).get(key);
  return value ? toHex(value) : null;
};

const getStorageHash: Method = (params, context) => {
  const key = params.required("key", bytes);
  const value = stateAt(params, context).get(key);
  return value ? toHex(blake2_256(value)) : null;
};

/** Length of the value, or of all values under the key as a prefix. */
const getStorageSize: Method = (params, context) => {
  const key = params.required("key", bytes);
  const state = stateAt(params, context);
  const value = state.get(key);
  if (value) return value.length;
  let total = 0;
  for (const [, item] of state.entries(key)) total += item.length;
  return total > 0 ? total : null;
};

const getKeys: Method = (params, context) => {
  const prefix = params.required("prefix", bytes);
  return Array.from(stateAt(params, context).entries(prefix), ([key]) => toHex(key));
};

const getPairs: Method = (params, context) => {
  const prefix = params.required("prefix", bytes);
  return Array.from(stateAt(params, context).entries(prefix), ([key, value]) => [toHex(key), toHex(value)]);
};

const getKeysPaged: Method = (params, context) => {
  const prefix = params.optional("prefix", bytes) ?? new Uint8Array();
  const count = params.required("count", u32);
  const startKey = params.optional("start_key", bytes);
  const state = stateAt(params, context);
  if (count > MAX_PAGE)
    throw new RpcError(4002, `count exceeds maximum value. value: ${count}, max: ${MAX_PAGE}`);
  return state.keysPaged(prefix, count, startKey).map(toHex);
};

const getReadProof: Method = (params, context) => {
  const keys = params.required("keys", list(bytes));
  const at = params.optional("hash", hash) ?? context.node.chain.best.hash;
  try {
    return { at, proof: context.node.chain.state(at).proof(keys).map(toHex) };
  } catch (error) {
    throw stateError(error);
  }
};

const call: Method = (params, { node: { chain } }) => {
  const method = params.required("name", string);
  const args = params.required("bytes", bytes);
  const at = params.optional("hash", hash) ?? chain.best.hash;
  try {
    return toHex(chain.call(at, method, args));
  } catch (error) {
    throw stateCallError(error);
  }
};

const getMetadata: Method = (params, { node: { chain } }) => {
  const at = params.optional("hash", hash) ?? chain.best.hash;
  try {
    return toHex(new ScaleReader(chain.call(at, "Metadata_metadata")).vectorOfBytes());
  } catch (error) {
    throw stateApiError(error);
  }
};

const queryStorageAt: Method = (params, { node: { chain } }) => {
  const keys = params.required("keys", list(bytes));
  const at = params.optional("at", hash) ?? chain.best.hash;
  return [changesBetween(chain, keys, at, at)].flat();
};

const queryStorage: Method = (params, { node: { chain } }) => {
  const keys = params.required("keys", list(bytes));
  const from = params.required("from_block", hash);
  const to = params.optional("to_block", hash);
  return changesBetween(chain, keys, from, to ?? chain.best.hash);
};

/** Values at the first block, then per block what became different. */
function changesBetween(chain: Chain, keys: readonly Uint8Array[], from: Hex, to: Hex): Json[] {
  const refuse = (details: string, begin = from as string, end = `Some(${to})`) =>
    new RpcError(4001, `Cannot resolve a block range ['"${begin}"' ... '"${end}"]. ${details}`);
  const known = (which: Hex): Block => {
    const block = chain.block(which);
    if (!block) throw refuse(`UnknownBlock: Header was not found in the database: ${which}`);
    return block;
  };
  const first = known(from);
  const path = [known(to)];
  const named = ({ number, hash: which }: Block) => `${number} (${which})`;
  if (first.number > path[0]!.number) throw refuse("from number > to number", named(first), named(path[0]!));
  while (path[0]!.number > first.number) path.unshift(known(path[0]!.parentHash));
  if (path[0]!.hash !== first.hash)
    throw refuse("from and to are on different forks", named(first), named(path.at(-1)!));
  const last = new Map<string, string | null>();
  const sets: Json[] = [];
  for (const block of path) {
    const changes: Json[] = [];
    const state = viewOf(chain, block, refuse);
    for (const key of keys) {
      const keyHex = toHex(key);
      const value = valueHex(state, key);
      if (last.has(keyHex) && last.get(keyHex) === value) continue;
      last.set(keyHex, value);
      changes.push([keyHex, value]);
    }
    if (changes.length > 0) sets.push({ block: block.hash, changes });
  }
  return sets;
}

function viewOf(chain: Chain, block: Block, refuse: (details: string) => RpcError): StateView {
  try {
    return chain.state(block.hash);
  } catch (error) {
    throw refuse(clientErrorText(error));
  }
}

function valueHex(state: StateView, key: Uint8Array): string | null {
  const value = state.get(key);
  return value ? toHex(value) : null;
}

const storage = subscription("state_storage", (context, emit, _end, params) => {
  const keys = params.optional("keys", list(bytes));
  const { chain } = context.node;
  if (keys && keys.length > 0) emit(valuesAt(chain, chain.best, keys));
  const wanted = keys && new Set(keys.map(toBinaryString));
  const stops = [
    chain.on("best", ({ block, retracted, enacted }) => {
      const old = retracted.at(-1);
      if (old && keys) emitDifferences(chain, old, block, keys, emit);
      else for (const one of enacted) emitChanges(chain, one, wanted, emit);
    }),
    chain.on("restored", ({ best }) => {
      if (keys && keys.length > 0) emit(valuesAt(chain, best, keys));
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
});

function valuesAt(chain: Chain, block: Block, keys: readonly Uint8Array[]): Json {
  const state = chain.state(block.hash);
  return { block: block.hash, changes: keys.map((key) => [toHex(key), valueHex(state, key)]) };
}

function emitChanges(chain: Chain, block: Block, wanted: ReadonlySet<string> | undefined, emit: Emit): void {
  const changes = chain
    .storageChanges(block.hash)
    .top.filter(([key]) => wanted === undefined || wanted.has(toBinaryString(key)))
    .map(([key, value]) => [toHex(key), value ? toHex(value) : null]);
  if (changes.length > 0) emit({ block: block.hash, changes });
}

/** After a reorganisation a watcher wants to know every value that is different now. */
function emitDifferences(
  chain: Chain,
  old: Block,
  best: Block,
  keys: readonly Uint8Array[],
  emit: Emit,
): void {
  const before = chain.state(old.hash);
  const after = chain.state(best.hash);
  const changes = keys
    .map((key) => [toHex(key), valueHex(after, key), valueHex(before, key)] as const)
    .filter(([, now, then]) => now !== then)
    .map(([key, now]) => [key, now]);
  if (changes.length > 0) emit({ block: best.hash, changes });
}

/** The node records no spans with its default logging, so its traces are empty; so are these. */
const traceBlock: Method = (params, { node: { chain } }) => {
  const at = params.required("block", hash);
  const targets = params.optional("targets", string);
  const storageKeys = params.optional("storage_keys", string);
  const methods = params.optional("methods", string);
  const refuse = (details: string) =>
    new RpcError(4001, `Cannot resolve a block range ['"${at}"' ... '"None"]. ${details}`);
  const block = chain.block(at);
  if (!block) throw refuse("Missing block component: Header not found");
  if (block.number === 0)
    throw refuse(
      `Dispatch error: Failed to collect traces and execute block: Api called for an unknown Block: Header was not found in the database: ${block.parentHash}`,
    );
  return {
    blockTrace: {
      blockHash: block.hash.slice(2),
      parentHash: block.parentHash.slice(2),
      tracingTargets: targets ?? "pallet,frame,state",
      storageKeys: storageKeys ?? "",
      methods: methods ?? "",
      spans: [],
      events: [],
    },
  };
};

export const stateMethods: readonly (readonly [string, Method])[] = [
  ["state_getStorage", getStorage],
  ["state_getStorageAt", getStorage],
  ["state_getStorageHash", getStorageHash],
  ["state_getStorageHashAt", getStorageHash],
  ["state_getStorageSize", getStorageSize],
  ["state_getStorageSizeAt", getStorageSize],
  ["state_getKeys", getKeys],
  ["state_getPairs", getPairs],
  ["state_getKeysPaged", getKeysPaged],
  ["state_getKeysPagedAt", getKeysPaged],
  ["state_getReadProof", getReadProof],
  ["state_call", call],
  ["state_callAt", call],
  ["state_getMetadata", getMetadata],
  ["state_getRuntimeVersion", getRuntimeVersion],
  ["state_queryStorage", queryStorage],
  ["state_queryStorageAt", queryStorageAt],
  ["state_subscribeStorage", storage.subscribe],
  ["state_unsubscribeStorage", storage.unsubscribe],
  ["state_traceBlock", traceBlock],
];
