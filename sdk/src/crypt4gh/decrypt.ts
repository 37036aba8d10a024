import type { ByteSource, Bytes } from "../bytes.ts";
import { ByteReader, transformOf } from "../streams.ts";
import { applyEditList, checkedEditList } from "./edit-list.ts";
import { TrailingCrypt4ghError, TruncatedCrypt4ghError } from "./errors.ts";
import { openHeader, type ReaderKeys, readHeader } from "./header.ts";
import { SEALED_SEGMENT_SIZE, SEGMENT_SIZE, SegmentOpener } from "./segment.ts";

/** How a file is decrypted. */
export interface DecryptOptions extends ReaderKeys {
  /**
   * Bytes that the plaintext must have, before any edit list. crypt4gh marks no end, so a file that was cut between
   * two segments is told from a whole one only by this.
   */
  readonly expectedLength?: number | undefined;
}

/**
 * Decrypts a crypt4gh file, one segment at a time; the edit list is followed. Nothing is handed out before its
 * segment is authenticated.
 *
 * crypt4gh has no signature: that the file is the one meant is for its content address to say.
 * @throws {@link NotCrypt4ghError}, {@link UnsupportedCrypt4ghVersionError}, {@link MalformedHeaderError},
 *   {@link NoReadablePacketError}, {@link CorruptSegmentError}, {@link TruncatedCrypt4ghError},
 *   {@link TrailingCrypt4ghError}, {@link EditListError}
 */
export async function* decryptFile(
  source: ByteSource,
  options: DecryptOptions,
): AsyncGenerator<Bytes, void, undefined> {
  const reader = new ByteReader(source);
  try {
    const { dataKeys, editList } = openHeader(await readHeader(reader), options);
    const plain = openSegments(reader, new SegmentOpener(dataKeys), options.expectedLength);
    if (editList === undefined) yield* plain;
    else yield* applyEditList(plain, checkedEditList(editList));
  } finally {
    await reader.close();
  }
}

/** {@link decryptFile} for `stream.pipeThrough(...)`. */
export const decryption = (options: DecryptOptions): ReadableWritablePair<Bytes, Uint8Array> =>
  transformOf((source) => decryptFile(source, options));

async function* openSegments(
  reader: ByteReader,
  opener: SegmentOpener,
  expectedLength: number | undefined,
): AsyncGenerator<Bytes, void, undefined> {
  const room = new Uint8Array(SEALED_SEGMENT_SIZE);
  let length = 0;
  for (let index = 0; ; index++) {
    const sealed = room.subarray(0, await reader.into(room));
    if (sealed.length === 0) break;
    const plain = opener.open(sealed, index);
    length += plain.length;
    if (expectedLength !== undefined && length > expectedLength)
      throw new TrailingCrypt4ghError(expectedLength);
    yield plain;
    if (plain.length < SEGMENT_SIZE) break;
  }
  if (expectedLength !== undefined && length < expectedLength) {
    throw new TruncatedCrypt4ghError(
      `It holds ${length} bytes of plaintext and should hold ${expectedLength}.`,
    );
  }
}
