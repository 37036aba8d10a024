/** Measures the embedded chain on a state with many keys, in a process of its own. Its parent sends the order. */
import { createWriteStream } from "node:fs";
import { type Chain, createChain, exportChainSpec, type GenesisSource, type Hex } from "@keystrand/devchain";
import { blake2AsU8a } from "@polkadot/util-crypto";
import { Signer } from "../../../devchain/src/chain/signer.fixture.ts";
import { median } from "../table.ts";
import { measureSnapshots } from "./embedded.ts";

export interface GrowthOrder {
  /** Accounts to put into the genesis. */
  readonly keys: number;
  readonly blocks: number;
  /** Write the genesis as a raw chain spec, for the real node. */
  readonly specFile?: string;
}

export interface GrowthFigures {
  readonly genesisHash: Hex;
  readonly bootMilliseconds: number;
  /** Median of a block with one transfer. */
  readonly blockMilliseconds: number;
  /** Mean of the processor time, which the rest of the machine does not change. */
  readonly blockProcessorMilliseconds: number;
  readonly snapshotMilliseconds: number;
  readonly restoreMilliseconds: number;
  readonly megabytes: number;
}

export type GrowthAnswer = { readonly figures: GrowthFigures } | { readonly error: string };

/** `System::Account`. */
const ACCOUNT = "0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9";
const HEAD = { name: "Development", id: "dev", chainType: "Development" };

/** The development genesis with so many more accounts, each with a unit of money. */
function crowded(chain: Chain, keys: number): GenesisSource & { kind: "raw" } {
  const spec = exportChainSpec(chain.state(chain.genesisHash), HEAD).genesis.raw;
  const top: Record<string, string> = { ...spec.top };
  const value = Buffer.alloc(80);
  value.writeBigUInt64LE(10n ** 12n, 16);
  value[79] = 0x80;
  const stored = `0x${value.toString("hex")}`;
  const id = Buffer.alloc(32);
  for (let i = 0; i < keys; i++) {
    id.writeUInt32LE(i, 0);
    const hashed = Buffer.from(blake2AsU8a(id, 128)).toString("hex");
    top[`${ACCOUNT}${hashed}${id.toString("hex")}`] = stored;
  }
  return { kind: "raw", top };
}

async function writeSpec(file: string, top: Readonly<Record<string, string>>): Promise<void> {
  const out = createWriteStream(file);
  const head = { ...HEAD, bootNodes: [], telemetryEndpoints: null, protocolId: null, properties: null };
  out.write(`${JSON.stringify({ ...head, codeSubstitutes: {} }).slice(0, -1)},"genesis":{"raw":{"top":{`);
  let first = true;
  for (const [key, value] of Object.entries(top)) {
    out.write(`${first ? "" : ","}"${key}":"${value}"`);
    first = false;
  }
  await new Promise<void>((resolve, reject) => {
    out.once("error", reject);
    out.end('},"childrenDefault":{}}}}', resolve);
  });
}

function blockTime(chain: Chain, signer: Signer, blocks: number): { median: number; processor: number } {
  const extrinsics = Array.from({ length: blocks }, (_, nonce) =>
    signer.transfer("Alice", nonce, "Bob", 10n ** 9n),
  );
  const before = process.cpuUsage();
  const samples = extrinsics.map((extrinsic) => {
    const began = performance.now();
    const { outcomes } = chain.seal({ extrinsics: [extrinsic] });
    if (outcomes[0]?.kind !== "included") throw new Error("A transfer was not included");
    return performance.now() - began;
  });
  const { user, system } = process.cpuUsage(before);
  return { median: median(samples), processor: (user + system) / 1000 / blocks };
}

async function measure({ keys, blocks, specFile }: GrowthOrder): Promise<GrowthFigures> {
  const genesis = crowded(await createChain(), keys);
  if (specFile !== undefined) await writeSpec(specFile, genesis.top);
  const began = performance.now();
  const chain = await createChain({ genesis });
  const bootMilliseconds = performance.now() - began;
  const signer = new Signer(chain);
  const start = chain.snapshot();
  blockTime(chain, signer, blocks);
  chain.restore(start);
  const block = blockTime(chain, signer, blocks);
  chain.restore(start);
  chain.release(start);
  const { snapshot, restore } = measureSnapshots(chain);
  return {
    genesisHash: chain.genesisHash,
    bootMilliseconds,
    blockMilliseconds: block.median,
    blockProcessorMilliseconds: block.processor,
    snapshotMilliseconds: snapshot,
    restoreMilliseconds: restore,
    megabytes: process.memoryUsage().rss / 2 ** 20,
  };
}

process.once("disconnect", () => process.exit(1));
process.once("message", async (order: GrowthOrder) => {
  let answer: GrowthAnswer;
  try {
    answer = { figures: await measure(order) };
  } catch (error) {
    answer = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send!(answer, () => process.exit(0));
});
