/**
 * Runs random operations against the real node and this chain at once, and writes the node's blocks to a file.
 * Usage: CONTRACTS_NODE=PATH node devchain/src/differential/record.ts OUT.json.gz [OPERATIONS] [SEED]
 */
import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { createChain } from "../index.ts";
import { mix } from "./operations.ts";
import { ReferenceNode } from "./reference-node.ts";
import { runAgainst } from "./run.ts";

const [out, operations = "1500", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const binary = process.env.CONTRACTS_NODE;
if (out === undefined || binary === undefined) {
  throw new Error("Usage: CONTRACTS_NODE=PATH node record.ts OUT.json.gz [OPERATIONS] [SEED]");
}
console.log(`seed ${seed}, ${operations} operations, mix ${JSON.stringify(mix)}`);
const node = await ReferenceNode.start(binary);
try {
  const chain = await createChain({ pruning: "archive" });
  const run = await runAgainst(node, chain, Number(seed), Number(operations), (done) => {
    if (done % 100 === 0) console.log(`${done} operations agree`);
  });
  await writeFile(out, gzipSync(JSON.stringify(run.blocks), { level: 9 }));
  console.log(JSON.stringify(run.counts));
  console.log(run.disagreement ?? `all ${run.blocks.length - 1} blocks agree`);
  if (run.disagreement !== undefined) process.exitCode = 1;
} finally {
  await node.stop();
}
