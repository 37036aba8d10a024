#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from "commander";
import type { Finality, Sealing } from "./node/node.ts";
import { ChainServerError, createChainServer, DEFAULT_PORT } from "./server/index.ts";

const program = new Command("keystrand-chain")
  .description(
    "An embedded substrate-contracts-node: executes the real runtime in this process and serves its JSON-RPC over WebSocket and HTTP on one port.",
  )
  .addOption(
    new Option("-p, --port <number>", "TCP port; 0 takes a free one")
      .default(DEFAULT_PORT)
      .argParser(portNumber),
  )
  .option("--host <address>", "address to listen on", "127.0.0.1")
  .addOption(
    new Option("-s, --sealing <when>", "when blocks are made: instant, manual, or every so many milliseconds")
      .default({ mode: "instant" } satisfies Sealing, "instant, and an empty block every 6000 ms")
      .argParser(sealingMode),
  )
  .addOption(
    new Option("-f, --finality <delay>", "milliseconds from import to finality, or held")
      .default(1000)
      .argParser(finalityDelay),
  )
  .option("--no-self-check", "do not execute each sealed block a second time by Core_execute_block")
  .showHelpAfterError("(--help shows all options)")
  .action(async (options: StartOptions) => start(options));

interface StartOptions {
  readonly port: number;
  readonly host: string;
  readonly sealing: Sealing;
  readonly finality: Finality;
  readonly selfCheck: boolean;
}

async function start(options: StartOptions): Promise<void> {
  const began = performance.now();
  const server = await createChainServer({
    port: options.port,
    host: options.host,
    sealing: options.sealing,
    finality: options.finality,
    chain: { selfCheck: options.selfCheck },
  });
  console.log(
    `Chain is running at ${server.url} (WebSocket and HTTP), ready after ${Math.round(performance.now() - began)} ms.`,
  );
  console.log(`Genesis ${server.genesisHash}`);
  console.log("Accounts //Alice, //Bob, //Charlie ... hold funds; //Alice has sudo. State lives in memory.");
  console.log("Ctrl-C stops it.");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.close());
  const fault = await server.ended;
  if (fault) throw fault;
  console.log("Stopped.");
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}

function sealingMode(text: string): Sealing {
  if (text === "instant" || text === "manual") return { mode: text };
  const milliseconds = Number(text);
  if (!Number.isInteger(milliseconds) || milliseconds <= 0)
    throw new InvalidArgumentError("It is instant, manual, or a number of milliseconds.");
  return { mode: "interval", milliseconds };
}

function finalityDelay(text: string): Finality {
  if (text === "held") return text;
  const milliseconds = Number(text);
  if (!Number.isInteger(milliseconds) || milliseconds < 0)
    throw new InvalidArgumentError("It is a number of milliseconds, or held.");
  return milliseconds;
}

/** A sentence that says what to do, for what a person can do something about. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof ChainServerError)) return error.stack ?? error.message;
  switch (error.code) {
    case "EADDRINUSE":
      return `The port is taken: another chain or node is running there. Choose another with --port, or --port 0 for a free one. (${error.message})`;
    case "EACCES":
      return `The port needs rights this user does not have. Choose one above 1023 with --port. (${error.message})`;
    case "EADDRNOTAVAIL":
      return `This machine does not have that address; see --host. (${error.message})`;
    default:
      return error.message;
  }
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
