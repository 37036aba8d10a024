import type { Block, Chain } from "../../chain/types.ts";
import { RpcError, stateApiError } from "../errors.ts";
import type { Json } from "../json.ts";
import { either, hash, invalidListOrValue, list, numberOrHex } from "../params.ts";
import { blockJson, headerJson, runtimeVersionJson } from "../present.ts";
import type { CallContext, Method } from "../session.ts";
import { subscription } from "./subscription.ts";

const getBlock: Method = (params, { node }) => {
  const block = node.chain.block(params.optional("hash", hash) ?? node.chain.best.hash);
  return block ? blockJson(block) : null;
};

const getHeader: Method = (params, { node }) => {
  const block = node.chain.block(params.optional("hash", hash) ?? node.chain.best.hash);
  return block ? headerJson(block) : null;
};

const getBlockHash: Method = (params, { node: { chain } }) => {
  const wanted = params.optional("hash", either(numberOrHex, list(numberOrHex), invalidListOrValue));
  if (wanted === undefined) return chain.best.hash;
  return Array.isArray(wanted) ? wanted.map((number) => hashAt(chain, number)) : hashAt(chain, wanted);
};

function hashAt(chain: Chain, { value, text }: { value: bigint; text: string }): Json {
  if (value > 0xffffffffn) throw new RpcError(3001, `\`${text}\` > u32::MAX, the max block number is u32.`);
  return chain.hashAt(Number(value)) ?? null;
}

const getFinalizedHead: Method = (_, { node }) => node.chain.finalized.hash;

/** Also `state_getRuntimeVersion`. */
export const getRuntimeVersion: Method = (params, { node }) => {
  const at = params.optional("hash", hash) ?? node.chain.best.hash;
  try {
    return runtimeVersionJson(node.chain.runtimeVersion(at));
  } catch (error) {
    throw stateApiError(error);
  }
};

const newHeads = subscription("chain_newHead", ({ node }, emit) => {
  emit(headerJson(node.chain.best));
  return onHeads(node.chain, "best", (block) => emit(headerJson(block)));
});

const allHeads = subscription("chain_allHead", ({ node }, emit) => {
  emit(headerJson(node.chain.best));
  return onHeads(node.chain, "imported", (block) => emit(headerJson(block)));
});

const finalizedHeads = subscription("chain_finalizedHead", ({ node: { chain } }, emit) => {
  emit(headerJson(chain.finalized));
  const stops = [
    chain.on("finalized", ({ finalized }) => {
      for (const block of finalized) emit(headerJson(block));
    }),
    chain.on("restored", ({ finalized }) => emit(headerJson(finalized))),
  ];
  return () => {
    for (const stop of stops) stop();
  };
});

/** Also `state_subscribeRuntimeVersion`. */
export function runtimeVersions(notification: string) {
  return subscription(notification, ({ node: { chain } }: CallContext, emit) => {
    const current = () => runtimeVersionJson(chain.runtimeVersion(chain.best.hash));
    let last = current();
    emit(last);
    return onHeads(chain, "best", () => {
      const version = current();
      if (JSON.stringify(version) === JSON.stringify(last)) return;
      last = version;
      emit(version);
    });
  });
}

/** Listens to one kind of head; going back to a snapshot counts as a new head. */
function onHeads(chain: Chain, kind: "best" | "imported", listener: (block: Block) => void): () => void {
  const stops = [
    chain.on(kind, ({ block }) => listener(block)),
    chain.on("restored", ({ best }) => listener(best)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

export const chainMethods: readonly (readonly [string, Method])[] = [
  ["chain_getBlock", getBlock],
  ["chain_getHeader", getHeader],
  ["chain_getBlockHash", getBlockHash],
  ["chain_getHead", getBlockHash],
  ["chain_getFinalizedHead", getFinalizedHead],
  ["chain_getFinalisedHead", getFinalizedHead],
  ["chain_getRuntimeVersion", getRuntimeVersion],
  ["chain_subscribeNewHeads", newHeads.subscribe],
  ["chain_subscribeNewHead", newHeads.subscribe],
  ["subscribe_newHead", newHeads.subscribe],
  ["chain_unsubscribeNewHeads", newHeads.unsubscribe],
  ["chain_unsubscribeNewHead", newHeads.unsubscribe],
  ["unsubscribe_newHead", newHeads.unsubscribe],
  ["chain_subscribeAllHeads", allHeads.subscribe],
  ["chain_unsubscribeAllHeads", allHeads.unsubscribe],
  ["chain_subscribeFinalizedHeads", finalizedHeads.subscribe],
  ["chain_subscribeFinalisedHeads", finalizedHeads.subscribe],
  ["chain_unsubscribeFinalizedHeads", finalizedHeads.unsubscribe],
  ["chain_unsubscribeFinalisedHeads", finalizedHeads.unsubscribe],
];

// The node counts these among both groups.
const chainRuntimeVersions = runtimeVersions("state_runtimeVersion");
export const runtimeVersionMethods: readonly (readonly [string, Method])[] = [
  ["chain_subscribeRuntimeVersion", chainRuntimeVersions.subscribe],
  ["chain_unsubscribeRuntimeVersion", chainRuntimeVersions.unsubscribe],
  ["state_subscribeRuntimeVersion", chainRuntimeVersions.subscribe],
  ["state_unsubscribeRuntimeVersion", chainRuntimeVersions.unsubscribe],
];
