/**
 * `npm run bench:chain`: the embedded chain beside @acala-network/chopsticks-core (as a library) and the real
 * substrate-contracts-node (over WebSocket), in one run. Each runs in a process of its own, one after the other.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createChainServer } from "@keystrand/devchain/server";
import { Command, InvalidArgumentError } from "commander";
import { installAside } from "../aside/aside.ts";
import { findContractsNode } from "../contracts-node.ts";
import type { GrowthFigures, GrowthOrder } from "./chain/growth-process.ts";
import type { LibraryFigures, Pace } from "./chain/library.ts";
import type { LibraryOrder } from "./chain/library-process.ts";
import { measureGrowthOfNode, measureServer, type ServerFigures } from "./chain/server.ts";
import { Workshop } from "./chain/work.ts";
import { ratio, shown, table } from "./table.ts";

const program = new Command("npm run bench:chain --")
  .description(
    "Measures the embedded chain against chopsticks-core and, with CONTRACTS_NODE or the node on PATH, the real node.",
  )
  .option(
    "--blocks <count>",
    "empty blocks, and blocks with one transfer, and with one contract call",
    count,
    200,
  )
  .option("--peer-blocks <count>", "the same for chopsticks, which needs more than a second each", count, 5)
  .option("--latency <count>", "transfers and calls over WebSocket, one after the other", count, 50)
  .option("--burst <count>", "transfers submitted at once", count, 300)
  .option("--dry-runs <count>", "dry runs of a contract call", count, 300)
  .option("--keys <list>", "accounts in the state", counts, [1_000, 10_000, 100_000])
  .option("--peer-keys <count>", "most accounts with which the real node is measured too", count, 100_000)
  .option("--no-chopsticks", "leave chopsticks out (it is installed on the first run)")
  .parse();

interface Options {
  readonly blocks: number;
  readonly peerBlocks: number;
  readonly latency: number;
  readonly burst: number;
  readonly dryRuns: number;
  readonly keys: readonly number[];
  readonly peerKeys: number;
  readonly chopsticks: boolean;
}
const options = program.opts<Options>();

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It is a whole number from 1.");
  return value;
}

function counts(text: string): number[] {
  return text.split(",").map(count);
}

const progress = (what: string) => console.error(`... ${what}`);

async function inProcess<Order extends object, Figures>(script: string, order: Order): Promise<Figures> {
  const child = fork(join(import.meta.dirname, "chain", script), {
    execArgv: ["--max-old-space-size=12288"],
    serialization: "advanced",
    // chopsticks tells every block otherwise.
    env: { ...process.env, LOG_LEVEL: "error" },
  });
  const answer = await new Promise<{ figures: Figures } | { error: string }>((resolve, reject) => {
    child.once("message", (message) => resolve(message as { figures: Figures } | { error: string }));
    child.once("exit", (code) => reject(new Error(`${script} ended with code ${code}`)));
    child.send(order);
  });
  if ("error" in answer) throw new Error(answer.error);
  return answer.figures;
}

const library = (order: LibraryOrder) => inProcess<LibraryOrder, LibraryFigures>("library-process.ts", order);
const growth = (order: GrowthOrder) => inProcess<GrowthOrder, GrowthFigures>("growth-process.ts", order);

async function libraries(workshop: Workshop): Promise<string> {
  const work = workshop.make(
    { transfers: options.blocks, batch: 100, calls: options.blocks },
    workshop.genesisHash,
  );
  const task = { work, emptyBlocks: options.blocks, dryRuns: options.dryRuns };
  progress("embedded chain, self-check on");
  const checked = await library({ library: "embedded", selfCheck: true, task });
  progress("embedded chain, self-check off");
  const unchecked = await library({ library: "embedded", selfCheck: false, task });
  let peer: LibraryFigures | undefined;
  if (options.chopsticks) {
    const folder = installAside("chopsticks");
    progress("chopsticks-core");
    const origin = await createChainServer({ sealing: { mode: "manual" } });
    const counts = { transfers: options.peerBlocks, batch: 100, calls: options.peerBlocks };
    peer = await library({
      library: "chopsticks",
      folder,
      endpoint: origin.url,
      task: {
        work: workshop.make(counts, workshop.genesisHash),
        emptyBlocks: options.peerBlocks,
        dryRuns: options.peerBlocks,
      },
    });
    await origin.close();
  }
  const { blocks, peerBlocks, dryRuns } = options;
  const each = `${blocks} blocks (chopsticks ${peerBlocks})`;
  const paced = (name: string, pick: (figures: LibraryFigures) => Pace) => {
    const [ours, theirs] = [pick(checked), peer && pick(peer)];
    const cell = (pace: Pace) => `${shown(pace.perSecond)} (${shown(pace.processor)} ms)`;
    return [
      name,
      cell(ours),
      cell(pick(unchecked)),
      theirs && cell(theirs),
      ratio(theirs?.processor, ours.processor),
    ];
  };
  const once = (name: string, pick: (figures: LibraryFigures) => number | undefined) => [
    name,
    pick(checked),
    pick(unchecked),
    peer && pick(peer),
    ratio(peer && pick(peer), pick(checked)),
  ];
  return table(
    [
      "As a library: a second (processor time of one)",
      "self-check on",
      "self-check off",
      "chopsticks-core",
      "better by",
    ],
    [
      paced(`empty blocks, ${each}`, (figures) => figures.emptyBlocks),
      paced(`transfers, one a block, ${each}`, (figures) => figures.transfers),
      paced("transfers, 100 in one block", (figures) => figures.batchedTransfers),
      paced(`contract calls, one a block, ${each}`, (figures) => figures.calls),
      paced(`dry runs, ${dryRuns} (chopsticks ${peerBlocks})`, (figures) => figures.dryRuns),
      [
        "boot, ms (processor time)",
        ...[checked, unchecked, peer].map(
          (figures) =>
            figures && `${shown(1000 / figures.boot.perSecond)} (${shown(figures.boot.processor)} ms)`,
        ),
        ratio(peer?.boot.processor, checked.boot.processor),
      ],
      once("snapshot, ms", (figures) => figures.snapshotMilliseconds),
      once("restore over 10 blocks, ms", (figures) => figures.restoreMilliseconds),
      once("memory at the end, MiB", (figures) => figures.megabytes),
    ],
  );
}

async function servers(workshop: Workshop, binary: string | undefined): Promise<string> {
  const { latency, burst, dryRuns } = options;
  const work = workshop.make({ transfers: latency, batch: burst, calls: latency }, workshop.genesisHash);
  progress("npm run chain over WebSocket, self-check on");
  const checked = await measureServer({ kind: "embedded", selfCheck: true }, work, dryRuns);
  progress("npm run chain over WebSocket, self-check off");
  const unchecked = await measureServer({ kind: "embedded", selfCheck: false }, work, dryRuns);
  let real: ServerFigures | undefined;
  if (binary !== undefined) {
    progress("substrate-contracts-node");
    real = await measureServer({ kind: "real", binary }, work, dryRuns);
  }
  const row = (name: string, key: keyof ServerFigures, better: "smaller" | "larger") => [
    name,
    checked[key],
    unchecked[key],
    real?.[key],
    better === "smaller" ? ratio(real?.[key], checked[key]) : ratio(checked[key], real?.[key]),
  ];
  return table(
    ["Over WebSocket, one caller", "self-check on", "self-check off", "real node", "better by"],
    [
      row("start of the process to its first answer, ms", "bootMilliseconds", "smaller"),
      row(`transfer, submit to in-block, p50 of ${latency}, ms`, "transferP50", "smaller"),
      row(`transfer, submit to in-block, p99 of ${latency}, ms`, "transferP99", "smaller"),
      row(`contract call, submit to in-block, p50 of ${latency}, ms`, "callP50", "smaller"),
      row(`contract call, submit to in-block, p99 of ${latency}, ms`, "callP99", "smaller"),
      row(`burst of ${burst} transfers until all are in blocks, s`, "burstSeconds", "smaller"),
      row(`dry runs, ${dryRuns} one after the other, dry runs/s`, "dryRunsPerSecond", "larger"),
      row("memory at the end, MiB", "megabytes", "smaller"),
    ],
  );
}

async function grown(workshop: Workshop, binary: string | undefined): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "bench-growth-"));
  try {
    const rows = [];
    for (const keys of options.keys) {
      const withNode = binary !== undefined && keys <= options.peerKeys;
      const specFile = join(folder, `${keys}.json`);
      progress(`${keys} accounts in the state`);
      const ours = await growth({ keys, blocks: 30, ...(withNode ? { specFile } : {}) });
      let real: { bootMilliseconds: number; transferP50: number } | undefined;
      if (withNode) {
        progress(`${keys} accounts on the real node`);
        const transfers = workshop.transfers(15, ours.genesisHash);
        real = await measureGrowthOfNode({ kind: "real", binary, chainSpec: specFile }, transfers);
        rmSync(specFile);
      }
      rows.push([
        keys.toLocaleString("en-US"),
        ours.blockMilliseconds,
        ours.blockProcessorMilliseconds,
        ours.snapshotMilliseconds,
        ours.restoreMilliseconds,
        ours.bootMilliseconds,
        ours.megabytes,
        real?.transferP50,
        real?.bootMilliseconds,
      ]);
    }
    return table(
      [
        "Accounts in the state",
        "block with a transfer, ms",
        "its processor time, ms",
        "snapshot, ms",
        "restore, ms",
        "boot, ms",
        "memory, MiB",
        "real node: submit to in-block, ms",
        "real node: boot, ms",
      ],
      rows,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const binary = findContractsNode();
const workshop = await Workshop.open();
const model = cpus()[0]?.model ?? "unknown processor";
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${model}, Node ${process.version}, load ${shown(loadavg()[0]!)}\n`,
);
if (binary === undefined) {
  console.log(
    "The real node's columns are not run: set CONTRACTS_NODE, or put substrate-contracts-node on PATH.\n",
  );
}
console.log(`${await libraries(workshop)}\n`);
console.log(`${await servers(workshop, binary)}\n`);
console.log(await grown(workshop, binary));
