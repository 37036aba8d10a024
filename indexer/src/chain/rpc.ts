import { WsProvider } from "@polkadot/rpc-provider";
import { NodeUnavailable } from "../errors.ts";

/** What the indexer needs of a node's JSON-RPC. */
export interface Rpc {
  /**
   * The method's result, unchecked.
   *
   * @throws RpcError when the node answers with an error; NodeUnavailable when it does not answer.
   */
  send(method: string, parameters: unknown[]): Promise<unknown>;
  /** Calls `onHead` at each new best or finalised head; resolves when the node has agreed. */
  watchHeads(onHead: () => void): Promise<void>;
  /** Resolves when the connection ends, for whatever reason. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** The node answered with a JSON-RPC error. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const HEAD_SUBSCRIPTIONS = [
  ["chain_newHead", "chain_subscribeNewHeads"],
  ["chain_finalizedHead", "chain_subscribeFinalizedHeads"],
] as const;

/**
 * Connects over WebSocket. The connection does not mend itself: when it ends, `closed` resolves, and the one
 * who supervises connects anew and takes up from the database's cursor.
 *
 * @throws NodeUnavailable
 */
export async function connectRpc(url: string, timeoutMs: number): Promise<Rpc> {
  // No automatic reconnection, and no cache of answers: each block is read once.
  const provider = new WsProvider(url, false, {}, timeoutMs, 0);
  const ended = Promise.withResolvers<void>();
  let lastError: unknown;
  provider.on("error", (error: unknown) => {
    lastError = error;
  });
  provider.on("disconnected", () => ended.resolve());
  const ready = new Promise<void>((resolve) => provider.on("connected", resolve));
  await provider.connect();
  const connected = await Promise.race([
    ready.then(() => true),
    ended.promise.then(() => false),
    after(timeoutMs),
  ]);
  if (!connected) {
    await provider.disconnect();
    throw new NodeUnavailable(`no connection to ${url}`, lastError);
  }
  return {
    closed: ended.promise,
    async send(method, parameters) {
      try {
        return await provider.send<unknown>(method, parameters);
      } catch (error) {
        const code = rpcCode(error);
        if (code === undefined) throw new NodeUnavailable(method, error);
        throw new RpcError(code, error instanceof Error ? error.message : String(error));
      }
    },
    async watchHeads(onHead) {
      for (const [type, method] of HEAD_SUBSCRIPTIONS) await provider.subscribe(type, method, [], onHead);
    },
    async close() {
      await provider.disconnect();
      ended.resolve();
    },
  };
}

function rpcCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}

function after(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}
