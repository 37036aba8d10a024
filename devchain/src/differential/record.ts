/**
 * Runs random operations against the real node and this chain at once, writes the node's blocks to a file, and
 * prints a report in Markdown.
 * Usage: CONTRACTS_NODE=PATH node devchain/src/differential/record.ts OUT.json.gz [OPERATIONS] [SEED]
 */
import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { loadRuntime } from "@keystrand/runtime-config/load";
import { EmbeddedChain } from "../chain/chain.ts";
import { mix } from "./operations.ts";
import { ReferenceNode } from "./reference-node.ts";
import { reportOf } from "./report.ts";
import { runAgainst } from "./run.ts";

const [out, operations = "1500", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const binary = process.env.CONTRACTS_NODE;
if (out === undefined || binary === undefined) {
  throw new Error("Usage: CONTRACTS_NODE=PATH node record.ts OUT.json.gz [OPERATIONS] [SEED]");
}
console.error(`seed ${seed}, ${operations} operations, mix ${JSON.stringify(mix)}`);
const node = await ReferenceNode.start(binary);
try {
  const hostCalls = new Map<string, number>();
  const chain = new EmbeddedChain({
    runtime: await loadRuntime(),
    pruning: "archive",
    onHostCall: (name) => hostCalls.set(name, (hostCalls.get(name) ?? 0) + 1),
  });
  const run = await runAgainst(node, chain, Number(seed), Number(operations), (done) => {
    if (done % 100 === 0) console.error(`${done} operations agree`);
  });
  await writeFile(out, gzipSync(JSON.stringify(run.blocks), { level: 9 }));
  console.log(reportOf(run, { seed: Number(seed), hostImports: chain.hostImports, hostCalls }));
  if (run.disagreement !== undefined) process.exitCode = 1;
} finally {
  await node.stop();
}
