import type { Finality, Sealing } from "../node/node.ts";
import { createChainServer } from "../server/index.ts";
import { readChainSpec } from "./chain-spec.ts";

export interface StartOptions {
  readonly port: number;
  readonly host: string;
  readonly sealing: Sealing;
  readonly finality: Finality;
  readonly selfCheck: boolean;
  readonly archive: boolean;
  /** No line for each block with transactions. */
  readonly quiet: boolean;
  readonly basePath?: string;
  /** File with a raw chain spec. */
  readonly chain?: string;
}

/** Runs a chain until SIGINT or SIGTERM. @throws ChainServerError, ChainSpecError, and what ended the chain's thread */
export async function start(options: StartOptions): Promise<void> {
  const began = performance.now();
  const server = await createChainServer(
    {
      port: options.port,
      host: options.host,
      sealing: options.sealing,
      finality: options.finality,
      chain: { selfCheck: options.selfCheck, ...(options.archive ? { pruning: "archive" } : {}) },
      ...(options.basePath === undefined ? {} : { basePath: options.basePath }),
      ...(options.chain === undefined ? {} : { chainSpec: readChainSpec(options.chain) }),
    },
    {
      onBlock: ({ number, hash, transactions }) => {
        if (options.quiet || transactions === 0) return;
        console.log(`block ${number} ${hash} ${transactions} transaction${transactions === 1 ? "" : "s"}`);
      },
      onLog: (line) => console.error(line),
    },
  );
  // Before anything is printed: who reads that it runs may stop it at once.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.close());
  const milliseconds = Math.round(performance.now() - began);
  console.log(`Chain is running at ${server.url} (WebSocket and HTTP), ready after ${milliseconds} ms.`);
  console.log(`Genesis ${server.genesisHash}, block ${server.bestNumber}`);
  console.log(
    `Accounts //Alice, //Bob, //Charlie ... hold funds; //Alice has sudo. ${
      options.basePath === undefined
        ? "The chain lives in memory; --base-path keeps it."
        : `The chain is kept in ${options.basePath}.`
    }`,
  );
  console.log("Ctrl-C stops it.");
  const fault = await server.ended;
  if (fault) throw fault;
  console.log("Stopped.");
}
