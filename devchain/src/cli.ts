#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from "commander";
import { explain } from "./cli/explain.ts";
import { exportState } from "./cli/export.ts";
import { recordNode } from "./cli/record.ts";
import { replayFile } from "./cli/replay.ts";
import { type StartOptions, start } from "./cli/start.ts";
import type { Finality, Sealing } from "./node/node.ts";
import { DEFAULT_PORT } from "./server/index.ts";

const program = new Command("keystrand-chain")
  .description(
    "An embedded substrate-contracts-node: executes the real runtime in this process and serves its JSON-RPC over WebSocket and HTTP on one port.",
  )
  .showHelpAfterError("(--help shows all options)");

const startCommand = program
  .command("start", { isDefault: true })
  .description("run a chain (what happens without a command)")
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
  .option("-d, --base-path <folder>", "keep the chain in this folder; without it, it lives in memory")
  .option(
    "-c, --chain <file>",
    "start from this raw chain spec, as export writes it, instead of the development genesis",
  )
  .option("--archive", "keep the state of every block; without it, of the last 4096 final ones", false)
  .option("-q, --quiet", "no line for each block that has transactions", false)
  .option("--no-self-check", "do not execute each sealed block a second time by Core_execute_block")
  .action((options: StartOptions) => start(options));

program.addHelpText("after", () => `\nWithout a command:\n${startCommand.helpInformation()}`);

program
  .command("replay")
  .description("execute recorded blocks and say of each whether hash, state root and events agree")
  .argument("<file>", "JSON, gzipped or not, as record writes it")
  .option("-q, --quiet", "print only what differs and the summary", false)
  .action(async (file: string, { quiet }: { quiet: boolean }) => {
    if (!(await replayFile(file, quiet))) process.exitCode = 1;
  });

program
  .command("record")
  .description("record the final blocks of a node from genesis on")
  .requiredOption("-n, --node <url>", "WebSocket address of the node; it must keep all states")
  .requiredOption("-o, --out <file>", "file to write, gzipped JSON")
  .addOption(new Option("--last <number>", "last block; default: the last final one").argParser(blockNumber))
  .action(async ({ node, out, last }: { node: string; out: string; last?: number }) => {
    const count = await recordNode(node, out, last);
    console.log(`${count} blocks of ${node} are in ${out}.`);
  });

program
  .command("export")
  .description("write a node's state as a raw chain spec, from which start --chain and the real node start")
  .requiredOption("-n, --node <url>", "WebSocket address of the node")
  .requiredOption("-o, --out <file>", "file to write")
  .option("--at <hash>", "block; default: the last final one")
  .action(async ({ node, out, at }: { node: string; out: string; at?: string }) => {
    const count = await exportState(node, out, at);
    console.log(`${count} keys of ${node} are in ${out}.`);
  });

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}

function blockNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError("A block number is 0 or more.");
  return number;
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

try {
  await program.parseAsync();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
