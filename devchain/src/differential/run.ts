import type { RecordedBlock } from "../chain/replay.ts";
import { replay } from "../chain/replay.ts";
import type { Chain } from "../chain/types.ts";
import { toHex } from "../codec/bytes.ts";
import { funding, type OperationName, randomOperation } from "./operations.ts";
import { Random } from "./random.ts";
import type { ReferenceNode } from "./reference-node.ts";
import { World } from "./world.ts";

export interface DifferentialRun {
  /** All of the node's blocks, genesis first. */
  readonly blocks: RecordedBlock[];
  readonly counts: Partial<Record<OperationName, number>>;
  /** The first block that came out different here, if any. */
  readonly disagreement: string | undefined;
}

/**
 * Sends seeded random operations to the real node, one a block, and executes each of its blocks here.
 * Ends at the first difference.
 */
export async function runAgainst(
  node: ReferenceNode,
  chain: Chain,
  seed: number,
  operations: number,
  progress: (done: number) => void = () => undefined,
): Promise<DifferentialRun> {
  const random = new Random(seed);
  const world = new World(chain);
  const blocks = [await node.block(0)];
  const counts: Partial<Record<OperationName, number>> = {};
  let disagreement: string | undefined;

  const include = async (extrinsic: Uint8Array, what: string): Promise<boolean> => {
    await node.request("author_submitExtrinsic", toHex(extrinsic));
    const block = await node.block(blocks.length);
    blocks.push(block);
    for (const { hashAgrees, eventsAgree, refusal } of replay(chain, [block])) {
      if (!hashAgrees || !eventsAgree)
        disagreement = `block ${block.header.number} (${what}): ${refusal ?? "differs"}`;
    }
    return disagreement === undefined;
  };

  let agrees = await include(funding(world), "funding");
  for (let done = 0; agrees && done < operations; done++) {
    const { name, extrinsic } = randomOperation(random, world);
    counts[name] = (counts[name] ?? 0) + 1;
    agrees = await include(extrinsic, name);
    progress(done + 1);
  }
  return { blocks, counts, disagreement };
}
