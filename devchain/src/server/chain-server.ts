import { Worker } from "node:worker_threads";
import type { BlockMessage, ChainServerOptions, WorkerMessage, WorkerOrder } from "./protocol.ts";

/** A chain that runs in its own thread and is reached over its port. */
export interface ChainServer {
  /** `ws://host:port`; the same port answers HTTP. */
  readonly url: string;
  readonly port: number;
  readonly genesisHash: string;
  /** Block the chain began with: 0, or where a kept chain left off. */
  readonly bestNumber: number;
  /** Resolves when the thread has ended: after `close()`, or with an Error when it died. */
  readonly ended: Promise<Error | undefined>;
  close(): Promise<void>;
}

/** What the maker of a chain may hear of it. */
export interface ChainServerListeners {
  /** Every new best block. */
  readonly onBlock?: (block: BlockMessage) => void;
  /** Warnings of the runtime, and what went wrong without a caller to answer. Default: console.error. */
  readonly onLog?: (line: string) => void;
}

/** The chain could not be started. `code` is the system's, such as EADDRINUSE, where there is one. */
export class ChainServerError extends Error {
  readonly code: string | undefined;
  constructor(message: string, code: string | undefined) {
    super(message);
    this.name = "ChainServerError";
    this.code = code;
  }
}

/**
 * Starts a chain with its JSON-RPC server in a worker thread, so that executing blocks does not hold up the
 * caller's thread.
 *
 * @example
 * const chain = await createChainServer();
 * const api = await ApiPromise.create({ provider: new WsProvider(chain.url) });
 * // ...
 * await chain.close();
 *
 * @throws ChainServerError
 */
export async function createChainServer(
  options: ChainServerOptions = {},
  listeners: ChainServerListeners = {},
): Promise<ChainServer> {
  // Node runs the sources as they are; the published package has them compiled.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), { workerData: options });
  let closing = false;
  const ended = new Promise<Error | undefined>((resolve) => {
    let fault: Error | undefined;
    worker.once("error", (error) => {
      fault = error instanceof Error ? error : new Error(String(error));
    });
    worker.once("exit", (code) => {
      const unexpected = closing || code === 0 ? undefined : new Error(`The chain's thread ended (${code})`);
      resolve(fault ?? unexpected);
    });
  });
  const first = await new Promise<WorkerMessage>((resolve, reject) => {
    const receive = (message: WorkerMessage) => {
      if (message.kind !== "listening" && message.kind !== "failed") return;
      worker.off("message", receive);
      resolve(message);
    };
    worker.on("message", receive);
    worker.once("error", reject);
    worker.once("exit", () => reject(new ChainServerError("The chain's thread ended at once", undefined)));
  });
  if (first.kind !== "listening") {
    await worker.terminate();
    const reason = first.kind === "failed" ? first : { message: "It closed at once", code: undefined };
    throw new ChainServerError(reason.message, reason.code);
  }
  worker.on("message", (message: WorkerMessage) => {
    if (message.kind === "block") listeners.onBlock?.(message);
    if (message.kind === "log") (listeners.onLog ?? console.error)(message.line);
  });
  return {
    url: first.url,
    port: first.port,
    genesisHash: first.genesisHash,
    bestNumber: first.bestNumber,
    ended,
    async close() {
      closing = true;
      const order: WorkerOrder = { kind: "close" };
      worker.postMessage(order);
      await ended;
    },
  };
}
