import { CarBlockIterator } from "@ipld/car/iterator";
import * as dagPb from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { sha256 } from "multiformats/hashes/sha2";
import { ServiceProblem } from "../service/problem.ts";
import type { BlockFolder, Incoming, RootRecord } from "./store.ts";

/** Largest block that is taken: what IPFS nodes exchange (2 MiB), so that any of them can pin the CAR. */
export const MAX_BLOCK_BYTES = 2 * 1024 * 1024;

/** A link of a dag-pb node, with the bytes of the file that lie under it (0 where it is no file). */
export interface FileLink {
  readonly cid: CID;
  readonly fileBytes: number;
}

/**
 * Reads a CAR from a stream and makes it part of the store: one root, every block equal to its CID, every block
 * reachable from the root, none missing and none extra.
 * @throws ServiceProblem 400 for a CAR that is not whole or not true, 413 past `maxBytes`, 507 without room
 */
export async function takeCar(
  store: BlockFolder,
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ root: CID; record: RootRecord }> {
  const incoming = await store.begin();
  try {
    const root = await receive(incoming, atMost(stream, maxBytes));
    return { root, record: await store.commit(root, incoming) };
  } finally {
    await incoming.discard();
  }
}

async function receive(incoming: Incoming, stream: AsyncIterable<Uint8Array>): Promise<CID> {
  const links = new Map<string, readonly CID[]>();
  let root: CID | undefined;
  try {
    const blocks = await CarBlockIterator.fromIterable(stream);
    const roots = await blocks.getRoots();
    if (roots.length !== 1)
      throw badCar("car-roots", `The CAR names ${roots.length} roots; it must name one.`);
    root = known(CID.asCID(roots[0]));
    for await (const block of blocks) {
      const cid = known(CID.asCID(block.cid));
      if (block.bytes.length > MAX_BLOCK_BYTES) {
        throw badCar("block-too-large", `Block ${cid} is larger than ${MAX_BLOCK_BYTES} bytes.`);
      }
      await verifyBlock(cid, block.bytes);
      await incoming.add({ cid, bytes: block.bytes });
      links.set(
        cid.toString(),
        linksOf(cid, block.bytes).map((link) => link.cid),
      );
    }
  } catch (error) {
    if (error instanceof ServiceProblem) throw error;
    if (error instanceof RequestTooLarge) throw tooLarge(error.limit);
    // What is left are the CAR reader's own errors: truncated, or no CAR at all.
    throw badCar("car-unreadable", `This is not a whole CAR: ${error instanceof Error ? error.message : ""}`);
  }
  const reached = new Set<string>();
  const open = [root];
  for (let cid = open.pop(); cid !== undefined; cid = open.pop()) {
    const name = cid.toString();
    if (reached.has(name)) continue;
    const below = links.get(name);
    if (below === undefined) throw badCar("block-missing", `Block ${name} is missing from the CAR.`);
    reached.add(name);
    open.push(...below);
  }
  if (reached.size !== links.size) {
    const extra = [...links.keys()].find((name) => !reached.has(name));
    throw badCar("block-extra", `Block ${extra} is in the CAR but not below its root.`);
  }
  return root;
}

/** @throws ServiceProblem when the bytes are not those that the CID names */
export async function verifyBlock(cid: CID, bytes: Uint8Array): Promise<void> {
  const digest = await sha256.digest(bytes);
  if (!equalBytes(digest.digest, cid.multihash.digest)) {
    throw badCar("block-changed", `The bytes of block ${cid} are not those that its CID names.`);
  }
}

/** The links of a block, in order. Raw blocks have none. */
export function linksOf(cid: CID, bytes: Uint8Array): readonly FileLink[] {
  if (cid.code === raw.code) return [];
  let node: dagPb.PBNode;
  try {
    node = dagPb.decode(bytes);
  } catch (error) {
    throw badCar("block-unreadable", `Block ${cid} is not dag-pb.`, error);
  }
  const sizes = fileSizes(node);
  return node.Links.map((link, index) => ({ cid: known(link.Hash), fileBytes: sizes[index] ?? 0 }));
}

/** A CID of a kind that is stored here. */
export function parseCid(text: string): CID {
  try {
    return known(CID.parse(text));
  } catch (error) {
    if (error instanceof ServiceProblem) throw error;
    throw new ServiceProblem(400, "bad-cid", `${text} is not a CID.`, { cause: error });
  }
}

function fileSizes(node: dagPb.PBNode): readonly number[] {
  if (node.Data === undefined) return [];
  try {
    return UnixFS.unmarshal(node.Data).blockSizes.map(Number);
  } catch {
    // dag-pb without UnixFS is legal; it only cannot be read by byte ranges.
    return [];
  }
}

function known(cid: CID | null | undefined): CID {
  if (cid?.version !== 1 || cid.multihash.code !== sha256.code || cid.multihash.digest.length !== 32) {
    throw badCar("cid-kind", `Only CIDv1 with sha2-256 is stored here, not ${cid ?? "this"}.`);
  }
  if (cid.code !== raw.code && cid.code !== dagPb.code) {
    throw badCar("cid-kind", `Only raw and dag-pb blocks are stored here, not codec ${cid.code}.`);
  }
  return cid;
}

class RequestTooLarge extends Error {
  readonly limit: number;
  constructor(limit: number) {
    super("request too large");
    this.limit = limit;
  }
}

async function* atMost(stream: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of stream) {
    seen += chunk.length;
    if (seen > limit) throw new RequestTooLarge(limit);
    yield chunk;
  }
}

/** The refusal of a CAR past the limit. */
export function tooLarge(limit: number): ServiceProblem {
  return new ServiceProblem(413, "car-too-large", `The CAR is larger than ${limit} bytes.`, {
    remedy: "Split it, or raise MAX_CAR_BYTES.",
  });
}

function badCar(code: string, title: string, cause?: unknown): ServiceProblem {
  return new ServiceProblem(400, code, title, { remedy: "Pack the file again and put the new CAR.", cause });
}

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
