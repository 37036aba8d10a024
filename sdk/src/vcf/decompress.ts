import { type ByteSource, type Bytes, concatBytes, EndOfBytesError, viewOf } from "../bytes.ts";
import { ByteReader, chunksOf, collectBytes, streamOf } from "../streams.ts";
import { CorruptGzipError, GzipMembersError, TruncatedGzipError } from "./errors.ts";

const GZIP_MAGIC = [0x1f, 0x8b] as const;
/** The FEXTRA flag of a gzip header: set in every block of bgzip. */
const EXTRA_FIELD = 4;

/**
 * The uncompressed bytes of a file that is plain, gzip or bgzip; which of them its first bytes tell.
 * @throws {@link TruncatedGzipError}, {@link CorruptGzipError}, {@link GzipMembersError}
 */
export async function* decompressed(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new ByteReader(source);
  try {
    const start = await reader.upTo(18);
    if (start[0] !== GZIP_MAGIC[0] || start[1] !== GZIP_MAGIC[1]) {
      yield start;
      yield* reader.rest();
    } else if (isBgzip(start)) {
      yield* inflateBlocks(start, reader);
    } else {
      yield* inflate(start, reader);
    }
  } finally {
    await reader.close();
  }
}

/** Whether a gzip header carries the block size that bgzip puts there (SAM specification, section 4.1). */
function isBgzip(start: Uint8Array): boolean {
  return start.length === 18 && (start[3]! & EXTRA_FIELD) !== 0 && start[12] === 0x42 && start[13] === 0x43;
}

async function* inflate(start: Uint8Array, reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  // The decompressor hides the errors of what feeds it behind its own, so they are kept aside.
  let failure: { readonly error: unknown } | undefined;
  async function* feed(): AsyncGenerator<Bytes, void, undefined> {
    try {
      yield new Uint8Array(start);
      for await (const chunk of reader.rest()) yield new Uint8Array(chunk);
    } catch (error) {
      failure = { error };
    }
  }
  try {
    yield* chunksOf(streamOf(feed()).pipeThrough(new DecompressionStream("gzip")));
  } catch (error) {
    throw failure === undefined ? gzipError(error) : failure.error;
  }
  if (failure !== undefined) throw failure.error;
}

/**
 * Inflates bgzip block by block. Own code where @gmod/bgzf-filehandle exists: that one does not compare checksums, so
 * one flipped bit in a compressed file would become another genotype without a word.
 */
async function* inflateBlocks(
  start: Uint8Array,
  reader: ByteReader,
): AsyncGenerator<Uint8Array, void, undefined> {
  let header = start;
  for (let index = 0; ; index++) {
    if (!isBgzip(header)) throw new CorruptGzipError(`Block ${index} does not begin as a block of bgzip.`);
    const length = viewOf(header).getUint16(16, true) + 1;
    if (length < 28) throw new CorruptGzipError(`Block ${index} claims ${length} bytes.`);
    let rest: Bytes;
    try {
      rest = await reader.exactly(length - header.length);
    } catch (error) {
      if (error instanceof EndOfBytesError)
        throw new TruncatedGzipError(`It ends inside block ${index}.`, error);
      throw error;
    }
    const text = await inflateBlock(concatBytes(header, rest));
    yield text;
    header = await reader.upTo(18);
    if (header.length === 0) {
      // bgzip ends with an empty block, so that a file cut between two blocks is told from a whole one.
      if (text.length > 0) throw new TruncatedGzipError("The empty block that ends a bgzip file is missing.");
      return;
    }
    if (header.length < 18) throw new TruncatedGzipError(`It ends inside block ${index + 1}.`);
  }
}

async function inflateBlock(block: Bytes): Promise<Uint8Array> {
  try {
    return await collectBytes(new Blob([block]).stream().pipeThrough(new DecompressionStream("gzip")));
  } catch (error) {
    throw new CorruptGzipError("A block does not decompress to what its checksum says.", error);
  }
}

/** Tells apart what platforms report in different words. */
function gzipError(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const words = [error, error.cause].map((one) => (one instanceof Error ? one.message : "")).join(" ");
  if (/junk|trailing/i.test(words)) return new GzipMembersError(error);
  if (/unexpected end|incomplete|truncated|did not reach|input ended/i.test(words)) {
    return new TruncatedGzipError("It ends before the end of its data.", error);
  }
  return new CorruptGzipError("Its data or checksum is wrong.", error);
}
