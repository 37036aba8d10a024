import { type ByteSource, type Bytes, expectLength, type RandomBytes, secureRandom } from "../bytes.ts";
import { ByteReader, transformOf } from "../streams.ts";
import { encodeHeader, type ResealOptions, readHeader, resealHeader } from "./header.ts";
import { sealPacket } from "./packet.ts";
import { SEGMENT_SIZE, sealSegment } from "./segment.ts";

/** How a file is encrypted. */
export interface EncryptOptions {
  /** X25519 public keys of those who may read it; at least one. */
  readonly readers: readonly Uint8Array[];
  /** 32 bytes; without it a fresh one is made. All files of one dataset share theirs. */
  readonly dataKey?: Uint8Array | undefined;
  /** The writer's secret key; without it each packet has a fresh one. */
  readonly writer?: Uint8Array | undefined;
  readonly random?: RandomBytes | undefined;
}

/**
 * Encrypts to a crypt4gh file (GA4GH, version 1), one segment of 64 KiB at a time.
 * @example
 * ```ts
 * for await (const chunk of encryptFile(file.stream(), { readers: [publicKey] })) await sink.write(chunk);
 * ```
 */
export async function* encryptFile(
  source: ByteSource,
  options: EncryptOptions,
): AsyncGenerator<Bytes, void, undefined> {
  const random = options.random ?? secureRandom;
  const dataKey = options.dataKey ?? random(32);
  expectLength("A data key", dataKey, 32);
  const reader = new ByteReader(source);
  try {
    yield encodeHeader(
      options.readers.map((publicKey) =>
        sealPacket({ dataKey, reader: publicKey, writer: options.writer, random }),
      ),
    );
    const room = new Uint8Array(SEGMENT_SIZE);
    for (;;) {
      const plain = room.subarray(0, await reader.into(room));
      if (plain.length > 0) yield sealSegment(dataKey, random(12), plain);
      if (plain.length < SEGMENT_SIZE) break;
    }
  } finally {
    await reader.close();
  }
}

/** {@link encryptFile} for `stream.pipeThrough(...)`. */
export const encryption = (options: EncryptOptions): ReadableWritablePair<Bytes, Uint8Array> =>
  transformOf((source) => encryptFile(source, options));

/**
 * The same file for new readers: only the header changes, the segments pass through unread.
 * @throws whatever {@link readHeader} and {@link resealHeader} throw
 */
export async function* reencryptFile(
  source: ByteSource,
  options: ResealOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new ByteReader(source);
  try {
    yield resealHeader(await readHeader(reader), options);
    yield* reader.rest();
  } finally {
    await reader.close();
  }
}
