import type { Bytes, RandomAccess } from "../bytes.ts";
import { ByteReader, readAccess } from "../streams.ts";
import { checkedEditList, type Kept } from "./edit-list.ts";
import { EditListError, RangeOutsideError, TruncatedCrypt4ghError } from "./errors.ts";
import { openHeader, type ReaderKeys, readHeader } from "./header.ts";
import { plaintextLength, SEALED_SEGMENT_SIZE, SEGMENT_SIZE, SegmentOpener } from "./segment.ts";

/** A crypt4gh file whose plaintext can be read anywhere. */
export interface RangeReader {
  /** Bytes of plaintext, after the edit list. */
  readonly size: number;
  /**
   * Plaintext bytes `start` (inclusive) to `end` (exclusive); the whole of it when neither is given. Reads and
   * authenticates only the segments that it touches.
   * @throws {@link RangeOutsideError}, {@link CorruptSegmentError}, {@link TruncatedCrypt4ghError}
   */
  read(start?: number, end?: number): AsyncGenerator<Bytes, void, undefined>;
}

/**
 * Opens a crypt4gh file for range reads: plaintext byte P stands in the segment that begins at
 * header length + floor(P / 65 536) x 65 564.
 * @example
 * ```ts
 * const file = await openRanges(blobAccess(blob), { secretKeys: [secretKey] });
 * for await (const chunk of file.read(1_000_000, 1_000_100)) show(chunk);
 * ```
 * @throws as {@link readHeader} and {@link openHeader}
 */
export async function openRanges(file: RandomAccess, keys: ReaderKeys): Promise<RangeReader> {
  const reader = new ByteReader(readAccess(file, 0, file.size, SEGMENT_SIZE));
  const header = await readHeader(reader);
  await reader.close();
  const { dataKeys, editList } = openHeader(header, keys);
  const opener = new SegmentOpener(dataKeys);
  const plainSize = plaintextLength(file.size - header.length);
  const kept =
    editList === undefined ? [{ start: 0, end: plainSize }] : within(plainSize, checkedEditList(editList));
  const size = kept.reduce((sum, stretch) => sum + stretch.end - stretch.start, 0);

  async function* readPlain(start: number, end: number): AsyncGenerator<Bytes, void, undefined> {
    const first = Math.floor(start / SEGMENT_SIZE);
    for (let index = first; index * SEGMENT_SIZE < end; index++) {
      const at = header.length + index * SEALED_SEGMENT_SIZE;
      const wanted = Math.min(SEALED_SEGMENT_SIZE, file.size - at);
      const sealed = await file.read(at, at + wanted);
      if (sealed.length !== wanted) {
        throw new TruncatedCrypt4ghError(`Segment ${index} was shorter than the file's size says.`);
      }
      const plain = opener.open(sealed, index);
      yield plain.subarray(Math.max(0, start - index * SEGMENT_SIZE), end - index * SEGMENT_SIZE);
    }
  }

  return {
    size,
    async *read(start = 0, end = size) {
      const sound =
        Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= size;
      if (!sound) throw new RangeOutsideError(start, end, size);
      let passed = 0;
      for (const stretch of kept) {
        const length = stretch.end - stretch.start;
        const from = Math.max(start - passed, 0);
        const to = Math.min(end - passed, length);
        if (from < to) yield* readPlain(stretch.start + from, stretch.start + to);
        passed += length;
      }
    },
  };
}

function within(plainSize: number, kept: readonly Kept[]): { start: number; end: number }[] {
  return kept.map(({ start, end = plainSize }) => {
    if (end > plainSize || start > plainSize) {
      throw new EditListError(`It reaches past the end of the file, which holds ${plainSize} bytes.`);
    }
    return { start, end };
  });
}
