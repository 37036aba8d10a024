import { createDirectoryEncoderStream } from "ipfs-car";
import { varint } from "multiformats";
import { CID } from "multiformats/cid";
import { type ByteSource, type Bytes, concatBytes, fromHex } from "../bytes.ts";
import { chunksOf, streamOf } from "../streams.ts";
import { rootDigest, supportedCid } from "./cid.ts";
import { ContentChangedError } from "./errors.ts";

/** A file to pack. Its stream is read twice and must give the same bytes both times. */
export interface FileToPack {
  /** Name in the CAR's directory: in the clear, so it must tell nothing. */
  readonly path: string;
  stream(): ByteSource;
}

/** One block with its CID. */
export interface CarBlock {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

/** A packed CAR: known from one pass over the files, written by another. */
export interface PackedCar {
  readonly cid: CID;
  /** Digest of the root CID, as it stands on-chain. */
  readonly root: Bytes;
  /** Bytes of the whole CAR. */
  readonly size: number;
  /**
   * The CAR's bytes. May be called again.
   * @throws {@link ContentChangedError} when a file gives other bytes than before; none of the others get out
   */
  stream(): AsyncGenerator<Uint8Array, void, undefined>;
}

// Enough for the encoder to keep a block of 1 MiB in the making and two waiting. ipfs-car's own queue takes 100 MiB.
const MAX_AHEAD = 4 * 1024 * 1024;

/**
 * Packs files into a CAR (version 1): a UnixFS directory, CIDv1, sha2-256, blocks of 1 MiB, the root last among the
 * blocks and named in the header. Since the header comes first and the root is known last, the files are read twice
 * instead of being held.
 * @example
 * ```ts
 * const packed = await packCar([{ path: "data.c4gh", stream: () => blob.stream() }]);
 * await fetch(url, { method: "PUT", body: streamOf(packed.stream()), duplex: "half" });
 * ```
 */
export async function packCar(files: readonly FileToPack[]): Promise<PackedCar> {
  const order: CID[] = [];
  let size = 0;
  for await (const block of encodeBlocks(files)) {
    order.push(block.cid);
    size += frameLength(block);
  }
  const cid = order.at(-1);
  if (cid === undefined) throw new ContentChangedError();
  const header = carHeader(cid);

  return {
    cid,
    root: rootDigest(cid),
    size: header.length + size,
    async *stream() {
      yield header;
      let at = 0;
      for await (const block of encodeBlocks(files)) {
        // Refused before it gets out: files encrypted here reuse their nonces in the second pass, and other bytes
        // under the same nonce would give the key stream away.
        if (order[at]?.equals(block.cid) !== true) throw new ContentChangedError();
        at += 1;
        yield framePrefix(block);
        yield block.bytes;
      }
      if (at !== order.length) throw new ContentChangedError();
    },
  };
}

/** Header of a CAR with one root: DAG-CBOR of {roots: [root], version: 1}, which has one canonical form. */
export function carHeader(root: CID): Bytes {
  const body = concatBytes(
    fromHex("a265726f6f747381d82a5825"), // map(2), "roots", array(1), tag 42, bytes(37)
    Uint8Array.of(0), // multibase identity: the CID in binary
    root.bytes,
    fromHex("6776657273696f6e01"), // "version", 1
  );
  return concatBytes(unsignedVarint(body.length), body);
}

/** Blocks of a directory of these files, each once, the root last. */
async function* encodeBlocks(files: readonly FileToPack[]): AsyncGenerator<CarBlock, void, undefined> {
  const feed = new Feed();
  const blocks = createDirectoryEncoderStream(
    files.map(({ path, stream }) => ({ name: path, stream: () => streamOf(feed.from(stream)) })),
  );
  const seen = new Set<string>();
  const reader = blocks.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // A failed file was ended early, so what comes after is not its content.
      if (feed.failed) throw feed.failure;
      if (done) return;
      feed.taken(value.bytes.length);
      // ipfs-car brings its own copy of the CID class.
      const cid = supportedCid(CID.decode(value.cid.bytes));
      if (seen.has(cid.toString())) continue;
      seen.add(cid.toString());
      yield { cid, bytes: value.bytes };
    }
  } finally {
    // The encoder runs detached: cancelled, or fed an error, it fails where nobody can catch it. So its files end and
    // it is drained.
    feed.stop();
    while (!(await reader.read()).done);
  }
}

/** Feeds the encoder: holds it back while its blocks are not taken, and keeps a file's error for the one who reads. */
class Feed {
  failed = false;
  failure: unknown;
  #stopped = false;
  #ahead = 0;
  #wake: () => void = () => {};

  async *from(open: () => ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of chunksOf(open())) {
        while (this.#ahead > MAX_AHEAD && !this.#stopped) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (this.#stopped) return;
        this.#ahead += chunk.length;
        yield chunk;
      }
    } catch (error) {
      this.failed = true;
      this.failure = error;
    }
  }

  taken(length: number): void {
    this.#ahead -= length;
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake();
  }
}

/** What stands before a block's bytes: the length of both, and its CID. */
export function framePrefix({ cid, bytes }: CarBlock): Bytes {
  return concatBytes(unsignedVarint(cid.bytes.length + bytes.length), cid.bytes);
}

function frameLength({ cid, bytes }: CarBlock): number {
  const length = cid.bytes.length + bytes.length;
  return varint.encodingLength(length) + length;
}

function unsignedVarint(value: number): Bytes {
  const bytes = new Uint8Array(varint.encodingLength(value));
  varint.encodeTo(value, bytes);
  return bytes;
}
