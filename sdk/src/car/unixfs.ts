import * as dagPb from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import type { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { supportedCid, verifyBlock } from "./cid.ts";
import { UnixfsError } from "./errors.ts";

/** Where blocks come from: memory, a CAR's index, a gateway. What it gives is verified by whoever asks. */
export type BlockSource = (cid: CID) => Promise<Uint8Array>;

/** One file under the root. */
export interface FileEntry {
  /** Name in the directory. */
  readonly path: string;
  readonly cid: CID;
  /** Bytes. */
  readonly size: number;
}

// Width 1 024 and chunks of 1 MiB make three levels for a petabyte; deeper trees are an attack on the reader's stack.
const MAX_DEPTH = 8;

/** CIDs that a block links to, in order. */
export function linksOf(cid: CID, bytes: Uint8Array): readonly CID[] {
  if (cid.code === raw.code) return [];
  return decodeNode(cid, bytes).Links.map((link) => supportedCid(link.Hash));
}

/**
 * The files of a directory, sorted by name as UnixFS stores them.
 * @throws {@link UnixfsError} when the root is no directory, or holds something else than files
 */
export async function listFiles(blocks: BlockSource, root: CID): Promise<readonly FileEntry[]> {
  const bytes = await verifiedBlock(blocks, root);
  if (root.code !== dagPb.code) throw new UnixfsError("The root is no directory.");
  const node = decodeNode(root, bytes);
  if (unixfsOf(root, node).type !== "directory") throw new UnixfsError("The root is no plain directory.");
  const entries: FileEntry[] = [];
  for (const link of node.Links) {
    const path = link.Name ?? "";
    if (path === "" || entries.some((entry) => entry.path === path)) {
      throw new UnixfsError("Two files have the same name, or one has none.");
    }
    const cid = supportedCid(link.Hash);
    entries.push({ path, cid, size: await fileSize(blocks, cid) });
  }
  return entries;
}

/**
 * Bytes `start` (inclusive) to `end` (exclusive) of a file, block by block; only the blocks that the range touches
 * are fetched, one at a time, and each is verified before a byte of it is used.
 *
 * Own code where ipfs-unixfs-exporter exists: that one reads ahead without limit, so a file would have to fit memory.
 * Source: https://specs.ipfs.tech/unixfs/
 */
export async function* readFileBlocks(
  blocks: BlockSource,
  file: CID,
  start: number,
  end: number,
  depth = 0,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (start >= end) return;
  if (depth > MAX_DEPTH) throw new UnixfsError("The file's blocks are nested too deeply.");
  const bytes = await verifiedBlock(blocks, file);
  if (file.code === raw.code) {
    yield bytes.subarray(start, end);
    return;
  }
  const node = decodeNode(file, bytes);
  const unixfs = fileOf(file, node);
  let position = unixfs.data?.length ?? 0;
  if (unixfs.data !== undefined && start < position) yield unixfs.data.subarray(start, end);
  for (const [index, link] of node.Links.entries()) {
    const length = Number(unixfs.blockSizes[index]);
    const childEnd = position + length;
    if (end <= position) return;
    if (start < childEnd) {
      const [from, to] = [Math.max(0, start - position), Math.min(length, end - position)];
      let given = 0;
      for await (const chunk of readFileBlocks(blocks, supportedCid(link.Hash), from, to, depth + 1)) {
        given += chunk.length;
        yield chunk;
      }
      if (given !== to - from) throw new UnixfsError("A block is shorter than its parent says.");
    }
    position = childEnd;
  }
}

async function verifiedBlock(blocks: BlockSource, cid: CID): Promise<Uint8Array> {
  const bytes = await blocks(cid);
  await verifyBlock(cid, bytes);
  return bytes;
}

async function fileSize(blocks: BlockSource, cid: CID): Promise<number> {
  const bytes = await verifiedBlock(blocks, cid);
  return cid.code === raw.code ? bytes.length : Number(fileOf(cid, decodeNode(cid, bytes)).fileSize());
}

function fileOf(cid: CID, node: dagPb.PBNode): UnixFS {
  const unixfs = unixfsOf(cid, node);
  if (unixfs.type !== "file" && unixfs.type !== "raw") throw new UnixfsError(`Block ${cid} is no file.`);
  if (unixfs.blockSizes.length !== node.Links.length) {
    throw new UnixfsError(`Block ${cid} does not say how long its parts are.`);
  }
  return unixfs;
}

function unixfsOf(cid: CID, node: dagPb.PBNode): UnixFS {
  if (node.Data === undefined) throw new UnixfsError(`Block ${cid} holds no UnixFS data.`);
  try {
    return UnixFS.unmarshal(node.Data);
  } catch (error) {
    throw new UnixfsError(`Block ${cid} holds no UnixFS data.`, error);
  }
}

function decodeNode(cid: CID, bytes: Uint8Array): dagPb.PBNode {
  try {
    return dagPb.decode(bytes);
  } catch (error) {
    throw new UnixfsError(`Block ${cid} is not dag-pb.`, error);
  }
}
