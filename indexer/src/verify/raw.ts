import { Metadata, TypeRegistry } from "@polkadot/types";
import { encodeAddress } from "@polkadot/util-crypto";
import type pg from "pg";
import { z } from "zod";
import { type Rpc, RpcError } from "../chain/rpc.ts";
import { SYSTEM_EVENTS_KEY } from "../chain/runtime.ts";
import { NodeAnswerInvalid } from "../errors.ts";
import type { Disagreement, SampleReport } from "./samples.ts";

const hexSchema = z.custom<`0x${string}`>((value) => typeof value === "string" && value.startsWith("0x"));
const recordSchema = z.array(
  z.object({
    phase: z.record(z.string(), z.unknown()),
    event: z.object({ index: z.string(), data: z.array(z.unknown()) }),
    topics: z.array(z.string()),
  }),
);

/**
 * Reads blocks, chosen by chance, from the node again and compares their contract events with the stored ones.
 * The bytes are decoded by @polkadot/types, which the indexer's own reading does not use.
 */
export async function sampleBlocks(
  client: Pick<pg.ClientBase, "query">,
  rpc: Rpc,
  count: number,
): Promise<SampleReport> {
  const report: SampleReport = { compared: 0, disagreements: [] };
  const { rows: blocks } = await client.query<{ height: string; hash: string; parent_hash: string }>(
    "SELECT height, hash, parent_hash FROM blocks ORDER BY random() LIMIT $1",
    [count],
  );
  const { rows: deployed } = await client.query<{ address: string }>("SELECT address FROM contracts");
  const addresses = new Set(deployed.map(({ address }) => address));
  const registries = new Map<string, TypeRegistry>();
  for (const { height, hash, parent_hash: parent } of blocks) {
    report.compared++;
    const canonical = await rpc.send("chain_getBlockHash", [Number(height)]);
    if (canonical !== hash) {
      report.disagreements.push({ what: `hash of block ${height}`, indexed: hash, chain: canonical });
      continue;
    }
    const encoded = hexSchema.parse((await storage(rpc, hash)) ?? "0x00");
    const registry = await registryAt(rpc, parent, registries);
    const records = recordSchema.parse(registry.createType("Vec<FrameSystemEventRecord>", encoded).toJSON());
    const contractEmitted = emittedIndex(registry);
    const told = records.flatMap(({ event, topics }, index) => {
      if (event.index !== contractEmitted) return [];
      const [contract, data] = event.data.map(String);
      const address = encodeAddress(contract!, 42);
      return addresses.has(address) ? [{ index, address, data, topics }] : [];
    });
    const { rows: stored } = await client.query(
      "SELECT index, address, data, topics FROM contract_events WHERE block_hash = $1 ORDER BY index",
      [hash],
    );
    report.disagreements.push(...different(height, stored, told));
  }
  return report;
}

function different(height: string, stored: unknown[], told: unknown[]): Disagreement[] {
  if (JSON.stringify(stored) === JSON.stringify(told)) return [];
  return [{ what: `contract events of block ${height}`, indexed: stored, chain: told }];
}

async function storage(rpc: Rpc, hash: string): Promise<unknown> {
  try {
    return await rpc.send("state_getStorage", [SYSTEM_EVENTS_KEY, hash]);
  } catch (error) {
    if (error instanceof RpcError) throw new NodeAnswerInvalid(`events of ${hash}`, error);
    throw error;
  }
}

async function registryAt(rpc: Rpc, hash: string, known: Map<string, TypeRegistry>): Promise<TypeRegistry> {
  const { specVersion } = z
    .object({ specVersion: z.number() })
    .parse(await rpc.send("state_getRuntimeVersion", [hash]));
  let registry = known.get(String(specVersion));
  if (!registry) {
    registry = new TypeRegistry();
    registry.setMetadata(
      new Metadata(registry, hexSchema.parse(await rpc.send("state_getMetadata", [hash]))),
    );
    known.set(String(specVersion), registry);
  }
  return registry;
}

/** Pallet and variant of `Contracts.ContractEmitted`, as two bytes in hex. */
function emittedIndex(registry: TypeRegistry): string {
  const pallet = registry.metadata.pallets.find(({ name }) => name.toString() === "Contracts");
  const variants = pallet && registry.lookup.getSiType(pallet.events.unwrap().type).def.asVariant.variants;
  const variant = variants?.find(({ name }) => name.toString() === "ContractEmitted");
  if (!pallet || !variant) throw new NodeAnswerInvalid("the runtime has no pallet-contracts");
  return `0x${[pallet.index.toNumber(), variant.index.toNumber()].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
