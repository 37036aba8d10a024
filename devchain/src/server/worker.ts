/** The thread that `createChainServer` starts: chain, node and server in one. */
import { parentPort, workerData } from "node:worker_threads";
import { createChain, genesisFrom } from "../index.ts";
import { identityOf } from "../node/identity.ts";
import { ChainNode } from "../node/node.ts";
import { FileJournal } from "../persist/file-journal.ts";
import type { ChainServerOptions, WorkerMessage, WorkerOrder } from "./protocol.ts";
import { startServer } from "./server.ts";

const port = parentPort;
if (!port) throw new Error("worker.ts runs in a worker thread; use createChainServer()");
const tell = (message: WorkerMessage) => port.postMessage(message);
const log = (line: string) => tell({ kind: "log", line });
const LEVELS = ["error", "warning", "info", "debug", "trace"] as const;
/** The timestamp. */
const INHERENTS = 1;

try {
  // Written by createChainServer in the same package and version.
  const options = workerData as ChainServerOptions;
  const journal = options.basePath === undefined ? undefined : new FileJournal(options.basePath);
  const { chainSpec } = options;
  const chain = await createChain({
    ...options.chain,
    ...(chainSpec && { genesis: genesisFrom(chainSpec) }),
    ...(journal && { journal }),
    onLog: ({ level, target, message }) => log(`runtime ${LEVELS[level - 1] ?? "log"} ${target}: ${message}`),
  });
  chain.on("best", ({ block: { number, hash, extrinsics } }) =>
    tell({ kind: "block", number, hash, transactions: extrinsics.length - INHERENTS }),
  );
  const node = new ChainNode({
    chain,
    ...(chainSpec && { identity: identityOf(chainSpec) }),
    ...(options.sealing === undefined ? {} : { sealing: options.sealing }),
    ...(options.finality === undefined ? {} : { finality: options.finality }),
    ...(options.pool === undefined ? {} : { pool: options.pool }),
    onError: (message, error) =>
      log(`${message}${error instanceof Error ? `\n${error.stack ?? error.message}` : ""}`),
  });
  if (options.startTime !== undefined) node.setTime(options.startTime);
  const server = await startServer({
    node,
    port: options.port ?? 0,
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  port.on("message", async (order: WorkerOrder) => {
    if (order.kind !== "close") return;
    node.close();
    await server.close();
    journal?.close();
    tell({ kind: "closed" });
    port.close();
  });
  tell({
    kind: "listening",
    url: server.url,
    port: server.port,
    genesisHash: chain.genesisHash,
    bestNumber: chain.best.number,
  });
} catch (error) {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  tell({ kind: "failed", message: error instanceof Error ? error.message : String(error), code });
}
