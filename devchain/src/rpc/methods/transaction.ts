import type { Hex } from "../../chain/types.ts";
import { PoolError } from "../../pool/errors.ts";
import { isLast, type TransactionStatus } from "../../pool/status.ts";
import { RpcError } from "../errors.ts";
import { opaqueExtrinsic, UndecodableExtrinsic } from "../extrinsic.ts";
import type { Json } from "../json.ts";
import { bytes, string } from "../params.ts";
import type { CallContext, Emit, Method, RpcSession } from "../session.ts";
import { subscriptionId } from "../session.ts";
import { subscription } from "./subscription.ts";

/** The event of `transactionWatch_v1` for a status of the pool. Source: sc_rpc_spec_v2 transaction. */
function watchEvent(status: TransactionStatus, index: number | undefined): Json | undefined {
  if (status === "future" || status === "ready") return { event: "validated" };
  if (status === "dropped")
    return { event: "dropped", error: "Extrinsic dropped from the pool due to exceeding limits" };
  if (status === "invalid") return { event: "invalid", error: "Extrinsic marked as invalid" };
  if ("inBlock" in status)
    return { event: "bestChainBlockIncluded", block: { hash: status.inBlock, index: index ?? 0 } };
  if ("retracted" in status) return { event: "bestChainBlockIncluded", block: null };
  if ("finalized" in status)
    return { event: "finalized", block: { hash: status.finalized, index: index ?? 0 } };
  if ("usurped" in status)
    return { event: "invalid", error: "Extrinsic was rendered invalid by another extrinsic" };
  if ("finalityTimeout" in status)
    return { event: "dropped", error: "Maximum number of finality watchers has been reached" };
  return undefined;
}

function decode(submitted: Uint8Array): Uint8Array | undefined {
  try {
    return opaqueExtrinsic(submitted);
  } catch (error) {
    if (error instanceof UndecodableExtrinsic) return undefined;
    throw error;
  }
}

/** Every failure is an event here: the subscription itself is always accepted. */
const watch = subscription("transactionWatch_v1_watchEvent", ({ node }, emit, end, params) => {
  const extrinsic = decode(params.required("bytes", bytes));
  const refuse = (error: string) => {
    emit({ event: "invalid", error });
    end();
    return () => {};
  };
  if (!extrinsic) return refuse("Extrinsic bytes cannot be decoded");
  try {
    return node.pool.submit(extrinsic, watchListener(emit, end)).unwatch;
  } catch (error) {
    if (error instanceof PoolError) return refuse(error.message);
    throw error;
  }
});

function watchListener(emit: Emit, end: () => void) {
  let validated = false;
  return (status: TransactionStatus, index?: number) => {
    const event = watchEvent(status, index);
    const again = (status === "future" || status === "ready") && validated;
    validated ||= status === "future" || status === "ready";
    if (event !== undefined && !again) emit(event);
    if (isLast(status)) end();
  };
}

/** A connection may broadcast this many at once; more are answered with null, as the specification says. */
const MAX_BROADCASTS = 16;

const broadcasts = new WeakMap<RpcSession, Map<string, () => void>>();
function broadcastsOf(session: RpcSession): Map<string, () => void> {
  const found = broadcasts.get(session) ?? new Map<string, () => void>();
  broadcasts.set(session, found);
  return found;
}

const broadcast: Method = (params, { node, session }) => {
  const submitted = params.required("bytes", bytes);
  const running = broadcastsOf(session);
  if (running.size >= MAX_BROADCASTS) return null;
  const id = subscriptionId();
  const extrinsic = decode(submitted);
  const stop = extrinsic ? keepInPool(node, extrinsic) : () => {};
  const forget = session.onClose(stop);
  running.set(id, () => {
    forget();
    stop();
  });
  return id;
};

/** Submits a transaction again with each block until it is final or refused. Returns how to stop. */
function keepInPool(node: CallContext["node"], extrinsic: Uint8Array): () => void {
  let included = false;
  let hash: Hex | undefined;
  let unwatch = () => {};
  const listener = (status: TransactionStatus) => {
    if (typeof status !== "string" && "inBlock" in status) included = true;
    if (typeof status !== "string" && "retracted" in status) included = false;
    if (typeof status !== "string" && "finalized" in status) stop();
  };
  const submit = () => {
    if (included || (hash && node.pool.has(hash))) return;
    unwatch();
    try {
      ({ hash, unwatch } = node.pool.submit(extrinsic, listener));
    } catch (error) {
      if (!(error instanceof PoolError)) throw error;
      // Full pools and nonces change with the next block; a transaction that is wrong stays wrong.
      if (error.refusal.kind === "verification" || error.refusal.kind === "noTags") stop();
    }
  };
  const stopListening = node.chain.on("best", () => queueMicrotask(() => !stopped && submit()));
  let stopped = false;
  const stop = () => {
    stopped = true;
    stopListening();
    unwatch();
  };
  submit();
  return stop;
}

const stopBroadcast: Method = (params, { session }) => {
  const id = params.required("operation_id", string);
  const running = broadcastsOf(session);
  const stop = running.get(id);
  if (!stop) throw new RpcError(-32602, "Invalid operation id");
  running.delete(id);
  stop();
  return null;
};

export const transactionMethods: readonly (readonly [string, Method])[] = [
  ["transactionWatch_v1_submitAndWatch", watch.subscribe],
  ["transactionWatch_v1_unwatch", watch.unsubscribe],
  ["transaction_v1_broadcast", broadcast],
  ["transaction_v1_stop", stopBroadcast],
];
