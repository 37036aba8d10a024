import type { Block, Chain, Hex } from "../../chain/types.ts";
import { toHex } from "../../codec/bytes.ts";
import { callErrorText, RpcError } from "../errors.ts";
import type { Json } from "../json.ts";
import { boolean, bytes, type Decoder, either, hash, list, type Params, string } from "../params.ts";
import { runtimeSpecJson } from "../present.ts";
import type { CallContext, Emit, Method, RpcSession } from "../session.ts";
import { answerStorageQuery, type StorageQuery, storageQuery } from "./storage-query.ts";

/** Source: sc_rpc_spec_v2 chain_head, defaults. */
const MAX_FOLLOWS = 4;
const MAX_PINNED = 512;
const MAX_OPERATIONS = 16;
/** Storage items sent before the client has to ask for more. */
const ITEMS_BEFORE_CONTINUE = 5;

const NOTIFICATION = "chainHead_v1_followEvent";
const tooManyFollows = () => new RpcError(-32800, "Maximum number of chainHead_follow has been reached");
const invalidBlock = () => new RpcError(-32801, "Invalid block hash");
const noRuntime = () =>
  new RpcError(-32802, "The `chainHead_follow` subscription was started with `withRuntime` set to `false`");
const duplicateHashes = () =>
  new RpcError(-32804, "Received duplicate hashes for the `chainHead_unpin` method");

/** One `chainHead_v1_follow`. */
class Follow {
  readonly withRuntime: boolean;
  readonly emit: Emit;
  readonly pinned = new Set<Hex>();
  /** Storage operations that wait for `chainHead_v1_continue`, by operation id. */
  readonly paused = new Map<string, () => void>();
  private operations = 0;

  constructor(withRuntime: boolean, emit: Emit) {
    this.withRuntime = withRuntime;
    this.emit = emit;
  }
  nextOperation(): string {
    this.operations += 1;
    return String(this.operations);
  }
}

const follows = new WeakMap<RpcSession, Map<string, Follow>>();
function followsOf(session: RpcSession): Map<string, Follow> {
  const found = follows.get(session) ?? new Map<string, Follow>();
  follows.set(session, found);
  return found;
}

const follow: Method = (params, context) => {
  const withRuntime = params.required("with_runtime", boolean);
  const { session, node } = context;
  if (followsOf(session).size >= MAX_FOLLOWS) throw tooManyFollows();
  return session.subscribe(NOTIFICATION, (emit, end, id) => {
    const state = new Follow(withRuntime, emit);
    followsOf(session).set(id, state);
    const stops = followChain(node.chain, state, () => {
      emit({ event: "stop" });
      stopAll();
      end();
    });
    const stopAll = () => {
      followsOf(session).delete(id);
      for (const stop of stops) stop();
    };
    return stopAll;
  });
};

const unfollow: Method = (params, { session }) =>
  session.unsubscribe(NOTIFICATION, params.required("follow_subscription", string));

function followChain(chain: Chain, follow: Follow, giveUp: () => void): (() => void)[] {
  begin(chain, follow);
  const pin = (block: Block) => {
    follow.pinned.add(block.hash);
    return follow.pinned.size <= MAX_PINNED;
  };
  const newBlock = (block: Block) => {
    if (!pin(block)) return giveUp();
    follow.emit(newBlockEvent(chain, follow, block));
  };
  return [
    chain.on("imported", ({ block }) => newBlock(block)),
    chain.on("best", ({ block }) => follow.emit({ event: "bestBlockChanged", bestBlockHash: block.hash })),
    chain.on("finalized", ({ finalized, discarded }) =>
      follow.emit({
        event: "finalized",
        finalizedBlockHashes: finalized.map((block) => block.hash),
        prunedBlockHashes: discarded,
      }),
    ),
    // Blocks that were announced are gone: the specification's way to say so is to start over.
    chain.on("restored", () => giveUp()),
  ];
}

/** The state of the chain as events: what is final, then every block above it, then which is best. */
function begin(chain: Chain, follow: Follow): void {
  const finalized: Hex[] = [];
  const from = Math.max(0, chain.finalized.number - MAX_PINNED / 2);
  for (let number = from; number <= chain.finalized.number; number += 1) {
    const hashThere = chain.hashAt(number);
    if (hashThere) finalized.push(hashThere);
  }
  for (const one of finalized) follow.pinned.add(one);
  const runtime = follow.withRuntime
    ? { finalizedBlockRuntime: runtimeSpecJson(chain.runtimeVersion(chain.finalized.hash)) }
    : {};
  follow.emit({ event: "initialized", finalizedBlockHashes: finalized, ...runtime });
  for (const block of blocksAboveFinal(chain)) {
    follow.pinned.add(block.hash);
    follow.emit(newBlockEvent(chain, follow, block));
  }
  if (chain.best.hash !== chain.finalized.hash)
    follow.emit({ event: "bestBlockChanged", bestBlockHash: chain.best.hash });
}

function blocksAboveFinal(chain: Chain): Block[] {
  const highest = Math.max(...chain.leaves().map((leaf) => chain.block(leaf)?.number ?? 0));
  const blocks: Block[] = [];
  for (let number = chain.finalized.number + 1; number <= highest; number += 1) {
    for (const one of chain.hashesAt(number)) {
      const block = chain.block(one);
      if (block) blocks.push(block);
    }
  }
  return blocks;
}

function newBlockEvent(chain: Chain, follow: Follow, block: Block): Json {
  const event = { event: "newBlock", blockHash: block.hash, parentBlockHash: block.parentHash };
  if (!follow.withRuntime) return event;
  const version = chain.runtimeVersion(block.hash);
  const parent = chain.runtimeVersion(block.parentHash);
  const changed = JSON.stringify(version) !== JSON.stringify(parent);
  return { ...event, newRuntime: changed ? runtimeSpecJson(version) : null };
}

/** A method on a pinned block. */
interface Target {
  readonly follow: Follow;
  readonly block: Block;
}

/** @returns undefined when the subscription is not known. @throws RpcError when the block is not pinned */
function target(params: Params, { session, node }: CallContext): Target | undefined {
  const id = params.required("follow_subscription", string);
  const at = params.required("hash", hash);
  const found = followsOf(session).get(id);
  if (!found) return undefined;
  const block = node.chain.block(at);
  if (!block || !found.pinned.has(at)) throw invalidBlock();
  return { follow: found, block };
}

const LIMIT_REACHED: Json = { result: "limitReached" };

const header: Method = (params, context) => {
  const found = target(params, context);
  return found ? toHex(found.block.header) : null;
};

const body: Method = (params, context) => {
  const found = target(params, context);
  if (!found) return LIMIT_REACHED;
  const operationId = found.follow.nextOperation();
  found.follow.emit({ event: "operationBodyDone", operationId, value: found.block.extrinsics.map(toHex) });
  return { result: "started", operationId };
};

const call: Method = (params, context) => {
  const found = target(params, context);
  const method = params.required("function", string);
  const args = params.required("call_parameters", bytes);
  if (!found) return LIMIT_REACHED;
  if (!found.follow.withRuntime) throw noRuntime();
  const operationId = found.follow.nextOperation();
  try {
    const output = toHex(context.node.chain.call(found.block.hash, method, args));
    found.follow.emit({ event: "operationCallDone", operationId, output });
  } catch (error) {
    found.follow.emit({ event: "operationError", operationId, error: callErrorText(error) });
  }
  return { result: "started", operationId };
};

const storage: Method = (params, context) => {
  const found = target(params, context);
  const items = params.required("items", list(storageQuery));
  const childTrie = params.optional("child_trie", bytes);
  if (!found) return LIMIT_REACHED;
  if (found.follow.paused.size >= MAX_OPERATIONS) return LIMIT_REACHED;
  const operationId = found.follow.nextOperation();
  answerStorage(context.node.chain, found, operationId, items, childTrie);
  return { result: "started", operationId, discardedItems: 0 };
};

function answerStorage(
  chain: Chain,
  { follow, block }: Target,
  operationId: string,
  queries: readonly StorageQuery[],
  childTrie: Uint8Array | undefined,
): void {
  const state = chain.state(block.hash);
  const results = queries.values().flatMap((query) => answerStorageQuery(state, query, childTrie));
  const proceed = () => {
    const items: Json[] = [];
    let next = results.next();
    while (!next.done && items.length < ITEMS_BEFORE_CONTINUE) {
      items.push(next.value);
      if (items.length < ITEMS_BEFORE_CONTINUE) next = results.next();
    }
    if (items.length > 0) follow.emit({ event: "operationStorageItems", operationId, items });
    if (next.done) {
      follow.emit({ event: "operationStorageDone", operationId });
      return;
    }
    follow.paused.set(operationId, proceed);
    follow.emit({ event: "operationWaitingForContinue", operationId });
  };
  proceed();
}

function pausedOperation(params: Params, { session }: CallContext): (() => void) | undefined {
  const found = followsOf(session).get(params.required("follow_subscription", string));
  const id = params.required("operation_id", string);
  const proceed = found?.paused.get(id);
  found?.paused.delete(id);
  return proceed;
}

const continueOperation: Method = (params, context) => {
  pausedOperation(params, context)?.();
  return null;
};

const stopOperation: Method = (params, context) => {
  pausedOperation(params, context);
  return null;
};

const oneOrMany: Decoder<Hex | Hex[]> = either(hash, list(hash), "Expected a block hash or a list of them");

const unpin: Method = (params, { session }) => {
  const id = params.required("follow_subscription", string);
  const named = params.required("hash_or_hashes", oneOrMany);
  const hashes = typeof named === "string" ? [named] : named;
  const found = followsOf(session).get(id);
  if (!found) return null;
  if (new Set(hashes).size !== hashes.length) throw duplicateHashes();
  if (hashes.some((one) => !found.pinned.has(one))) throw invalidBlock();
  for (const one of hashes) found.pinned.delete(one);
  return null;
};

export const chainHeadMethods: readonly (readonly [string, Method])[] = [
  ["chainHead_v1_follow", follow],
  ["chainHead_v1_unfollow", unfollow],
  ["chainHead_v1_header", header],
  ["chainHead_v1_body", body],
  ["chainHead_v1_call", call],
  ["chainHead_v1_storage", storage],
  ["chainHead_v1_continue", continueOperation],
  ["chainHead_v1_stopOperation", stopOperation],
  ["chainHead_v1_unpin", unpin],
];
