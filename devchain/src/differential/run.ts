import type { RecordedBlock } from "../chain/replay.ts";
import { replay } from "../chain/replay.ts";
import type { Chain, Hex, StorageView } from "../chain/types.ts";
import { toHex } from "../codec/bytes.ts";
import { childRootKey } from "../state/state.ts";
import { funding, type OperationName, randomOperation } from "./operations.ts";
import { Random } from "./random.ts";
import type { ReferenceNode } from "./reference-node.ts";
import { World } from "./world.ts";

export interface DifferentialRun {
  /** All of the node's blocks, genesis first. */
  readonly blocks: RecordedBlock[];
  readonly counts: Partial<Record<OperationName, number>>;
  /** After how many blocks every key of top and child tries was compared. */
  readonly storagesCompared: number;
  /** The first block that came out different here, if any. */
  readonly disagreement: string | undefined;
}

/** Where the whole storages of both differ after a block, or undefined. */
export async function storageDifference(
  node: ReferenceNode,
  chain: Chain,
  hash: Hex,
): Promise<string | undefined> {
  const state = chain.state(hash);
  const pairs = (view: StorageView) =>
    [...view.entries()].map(([key, value]): [string, string] => [toHex(key), toHex(value)]);
  const difference = firstDifference(pairs(state), await node.storage(hash));
  if (difference !== undefined) return difference;
  const children = state
    .childKeys()
    .map((key): [string, [string, string][]] => [toHex(childRootKey(key)), pairs(state.child(key)!)]);
  const theirs = await node.childStorage(hash);
  if (children.length !== theirs.length) return `${children.length} child tries, ${theirs.length} there`;
  for (const [i, [root, ours]] of children.entries()) {
    const [theirRoot, theirPairs] = theirs[i]!;
    if (root !== theirRoot) return `child ${root}, ${theirRoot} there`;
    const inChild = firstDifference(ours, theirPairs);
    if (inChild !== undefined) return `in child ${root}: ${inChild}`;
  }
  return undefined;
}

function firstDifference(ours: [string, string][], theirs: [string, string][]): string | undefined {
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const [a, b] = [ours[i], theirs[i]];
    if (a?.[0] !== b?.[0] || a?.[1] !== b?.[1]) return `${a?.join(" = ")}, ${b?.join(" = ")} there`;
  }
  return undefined;
}

/**
 * Sends seeded random operations to the real node, one a block, and executes each of its blocks here.
 * Ends at the first difference.
 * @param compareStorageEvery blocks after each of which the whole storage is compared, and after the last
 */
export async function runAgainst(
  node: ReferenceNode,
  chain: Chain,
  seed: number,
  operations: number,
  progress: (done: number) => void = () => undefined,
  compareStorageEvery = 50,
): Promise<DifferentialRun> {
  const random = new Random(seed);
  const world = new World(chain);
  const blocks = [await node.block(0)];
  const counts: Partial<Record<OperationName, number>> = {};
  let disagreement: string | undefined;
  let storagesCompared = 0;

  const include = async (extrinsic: Uint8Array, what: string): Promise<boolean> => {
    await node.request("author_submitExtrinsic", toHex(extrinsic));
    const block = await node.block(blocks.length);
    blocks.push(block);
    for (const { hashAgrees, eventsAgree, refusal } of replay(chain, [block])) {
      if (!hashAgrees || !eventsAgree)
        disagreement = `block ${block.header.number} (${what}): ${refusal ?? "differs"}`;
    }
    if (disagreement === undefined && block.header.number % compareStorageEvery === 0) await compare(block);
    return disagreement === undefined;
  };
  const compare = async ({ hash, header: { number } }: RecordedBlock) => {
    const difference = await storageDifference(node, chain, hash);
    storagesCompared++;
    if (difference !== undefined) disagreement = `storage of block ${number}: ${difference}`;
  };

  let agrees = await include(funding(world), "funding");
  for (let done = 0; agrees && done < operations; done++) {
    const { name, extrinsic } = randomOperation(random, world);
    counts[name] = (counts[name] ?? 0) + 1;
    agrees = await include(extrinsic, name);
    progress(done + 1);
  }
  if (agrees) await compare(blocks.at(-1)!);
  return { blocks, counts, storagesCompared, disagreement };
}
