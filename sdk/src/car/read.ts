import { CID } from "multiformats/cid";
import { type ByteSource, EndOfBytesError, type RandomAccess } from "../bytes.ts";
import { ByteReader, bytesAccess, readAccess } from "../streams.ts";
import { MAX_BLOCK_LENGTH, rootCid, supportedCid, verifyBlock } from "./cid.ts";
import {
  BlockTooLargeError,
  ExtraBlockError,
  MalformedCarError,
  MissingBlockError,
  NoSuchFileError,
  TruncatedCarError,
  WrongRootError,
} from "./errors.ts";
import { type CarBlock, carHeader } from "./pack.ts";
import { type BlockSource, type FileEntry, linksOf, listFiles, readFileBlocks } from "./unixfs.ts";

/** A block of a CAR that was found to be the one its CID names. */
export interface VerifiedBlock extends CarBlock {
  /** Where its bytes begin in the CAR. */
  readonly offset: number;
}

/** A CAR whose every block was verified, with the files under its root. */
export interface OpenedCar {
  readonly cid: CID;
  readonly files: readonly FileEntry[];
  /**
   * A file's bytes `start` (inclusive) to `end` (exclusive). Blocks are verified again as they are read, since the
   * store below may change.
   * @throws {@link NoSuchFileError}, {@link CorruptBlockError}
   */
  read(path: string, start?: number, end?: number): AsyncGenerator<Uint8Array, void, undefined>;
  /** One block. */
  readonly blocks: BlockSource;
}

/**
 * The blocks of a CAR as they come, each verified against its CID before it is handed out. The end is reached only
 * when every block that the root needs was there, once, and no other.
 * @param root - the root digest as it stands on-chain
 * @throws {@link WrongRootError}, {@link MalformedCarError}, {@link TruncatedCarError}, {@link CorruptBlockError},
 *   {@link MissingBlockError}, {@link ExtraBlockError}, {@link BlockTooLargeError}, {@link UnsupportedCidError}
 */
export async function* verifiedBlocks(
  source: ByteSource,
  root: Uint8Array,
): AsyncGenerator<VerifiedBlock, void, undefined> {
  const reader = new ByteReader(source);
  const cid = rootCid(root);
  const links = new Map<string, readonly string[]>();
  try {
    await expectHeader(reader, cid);
    while (!(await reader.ended())) {
      const block = await readBlock(reader);
      await verifyBlock(block.cid, block.bytes);
      const name = block.cid.toString();
      if (links.has(name)) throw new ExtraBlockError(name);
      links.set(name, linksOf(block.cid, block.bytes).map(String));
      yield block;
    }
  } catch (error) {
    if (error instanceof EndOfBytesError) throw new TruncatedCarError(error);
    throw error;
  } finally {
    await reader.close();
  }
  expectWhole(cid.toString(), links);
}

/**
 * Verifies a whole CAR and opens it for reading. Holds the positions of its blocks, not the blocks.
 * @example
 * ```ts
 * const car = await openCar(new Uint8Array(await response.arrayBuffer()), dataset.root);
 * const plain = decryptFile(car.read("data.c4gh"), { dataKeys: [dataKey] });
 * ```
 * @param root - the root digest as it stands on-chain
 * @throws as {@link verifiedBlocks}, and {@link UnixfsError} when the root is no directory of files
 */
export async function openCar(car: Uint8Array | RandomAccess, root: Uint8Array): Promise<OpenedCar> {
  const access = car instanceof Uint8Array ? bytesAccess(car) : car;
  const positions = new Map<string, { readonly start: number; readonly end: number }>();
  for await (const { cid, bytes, offset } of verifiedBlocks(readAccess(access), root)) {
    positions.set(cid.toString(), { start: offset, end: offset + bytes.length });
  }
  return openBlocks(async (cid) => {
    const position = positions.get(cid.toString());
    if (position === undefined) throw new MissingBlockError(cid.toString());
    return access.read(position.start, position.end);
  }, root);
}

/**
 * Opens what stands under a root where blocks can be fetched one by one, as from a trustless gateway
 * (`/ipfs/{cid}?format=raw`). Only the blocks that are read are fetched; each is verified before use.
 */
export async function openBlocks(blocks: BlockSource, root: Uint8Array): Promise<OpenedCar> {
  const cid = rootCid(root);
  const files = await listFiles(blocks, cid);
  return {
    cid,
    files,
    blocks,
    async *read(path, start = 0, end) {
      const file = files.find((one) => one.path === path);
      if (file === undefined) throw new NoSuchFileError(path);
      yield* readFileBlocks(blocks, file.cid, start, Math.min(end ?? file.size, file.size));
    },
  };
}

async function expectHeader(reader: ByteReader, root: CID): Promise<void> {
  const expected = carHeader(root);
  const actual = await reader.upTo(expected.length);
  if (expected.every((byte, at) => actual[at] === byte)) return;
  // The digest is the last part of the header before `"version": 1`.
  const digestAt = expected.length - 9 - 32;
  const sameFrame = expected.every(
    (byte, at) => actual[at] === byte || (at >= digestAt && at < digestAt + 32),
  );
  if (sameFrame && actual.length === expected.length) {
    throw new WrongRootError(root.toString(), rootCid(actual.subarray(digestAt, digestAt + 32)).toString());
  }
  throw new MalformedCarError("It does not begin with the header of a CAR (version 1) with one dag-pb root.");
}

async function readBlock(reader: ByteReader): Promise<VerifiedBlock> {
  const length = await readVarint(reader);
  // A CIDv1 with sha2-256 has 36 bytes. The length is checked before anything of it is held.
  if (length > MAX_BLOCK_LENGTH + 36) throw new BlockTooLargeError(length, MAX_BLOCK_LENGTH);
  const section = await reader.exactly(length);
  let decoded: [CID, Uint8Array];
  try {
    decoded = CID.decodeFirst(section);
  } catch (error) {
    throw new MalformedCarError("A block does not begin with a CID.", error);
  }
  const [cid, bytes] = decoded;
  return { cid: supportedCid(cid), bytes, offset: reader.position - bytes.length };
}

/** An unsigned varint of at most 4 bytes: more than any block may have. */
async function readVarint(reader: ByteReader): Promise<number> {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const [byte = 0] = await reader.exactly(1);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw new MalformedCarError("A block's length is no length.");
}

function expectWhole(root: string, links: ReadonlyMap<string, readonly string[]>): void {
  const reached = new Set<string>();
  const open = [root];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    const below = links.get(name);
    if (below === undefined) throw new MissingBlockError(name);
    reached.add(name);
    open.push(...below);
  }
  for (const name of links.keys()) if (!reached.has(name)) throw new ExtraBlockError(name);
}
