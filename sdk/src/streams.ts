import { type ByteSource, type Bytes, concatBytes, EndOfBytesError, type RandomAccess } from "./bytes.ts";

/**
 * The chunks of a source, in order. Leaving the loop early cancels a stream, so that whoever feeds it stops.
 *
 * A ReadableStream is read by its reader: Safari has learnt to iterate streams only lately.
 */
export async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  if (source instanceof Uint8Array) {
    if (source.length > 0) yield source;
    return;
  }
  if (!(source instanceof ReadableStream)) {
    for await (const chunk of source) if (chunk.length > 0) yield chunk;
    return;
  }
  const reader = source.getReader();
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (value.length > 0) yield value;
    }
    finished = true;
  } catch (error) {
    // An errored stream has no one to tell any more.
    finished = true;
    throw error;
  } finally {
    if (!finished) await reader.cancel();
    reader.releaseLock();
  }
}

/** A stream of what an iterable yields, pulled as the reader asks. */
export function streamOf<Chunk>(chunks: AsyncIterable<Chunk>): ReadableStream<Chunk> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Chunk>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    // Nothing is made before it is asked for: memory stays at one chunk.
    { highWaterMark: 0 },
  );
}

/** A generator over bytes as something for `stream.pipeThrough(...)`. */
export function transformOf(
  transform: (source: ReadableStream<Uint8Array>) => AsyncIterable<Bytes>,
): ReadableWritablePair<Bytes, Uint8Array> {
  const inlet = new TransformStream<Uint8Array, Uint8Array>();
  return { writable: inlet.writable, readable: streamOf(transform(inlet.readable)) };
}

/** All bytes of a source in one piece. For what is known to be small. */
export async function collectBytes(source: ByteSource): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunksOf(source)) parts.push(chunk);
  return concatBytes(...parts);
}

/** Bytes in memory as random access. */
export function bytesAccess(bytes: Uint8Array): RandomAccess {
  return { size: bytes.length, read: async (start, end) => bytes.subarray(start, end) };
}

/** A Blob or File as random access. */
export function blobAccess(blob: Blob): RandomAccess {
  return {
    size: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}

/** A stretch of random access as chunks of at most `chunkSize` bytes. */
export async function* readAccess(
  access: RandomAccess,
  start = 0,
  end = access.size,
  chunkSize = 1024 * 1024,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = start; at < end; at += chunkSize) yield await access.read(at, Math.min(at + chunkSize, end));
}

/** Reads a source in pieces of the reader's choosing. Holds no more than the piece and one chunk. */
export class ByteReader {
  readonly #source: ByteSource;
  readonly #chunks: AsyncGenerator<Uint8Array, void, undefined>;
  #started = false;
  #chunk: Uint8Array = new Uint8Array();
  /** Bytes read so far. */
  position = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#chunks = chunksOf(source);
  }

  /** The next `length` bytes, fewer only where the source ends. */
  async upTo(length: number): Promise<Bytes> {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, await this.into(bytes));
  }

  /**
   * Fills `room` with the next bytes, less of it only where the source ends. A reader of a large file keeps one room:
   * garbage of the file's size would outgrow the memory it may take.
   * @returns how many bytes were filled in
   */
  async into(room: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < room.length && (await this.#fill())) {
      const part = this.#chunk.subarray(0, room.length - filled);
      room.set(part, filled);
      filled += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
    this.position += filled;
    return filled;
  }

  /**
   * The next `length` bytes.
   * @throws {@link EndOfBytesError} when fewer are left
   */
  async exactly(length: number): Promise<Bytes> {
    const bytes = await this.upTo(length);
    if (bytes.length < length) throw new EndOfBytesError(length, bytes.length);
    return bytes;
  }

  /** Whether nothing is left. */
  async ended(): Promise<boolean> {
    return !(await this.#fill());
  }

  /** What is left, as it comes. */
  async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      while (await this.#fill()) {
        const chunk = this.#chunk;
        this.#chunk = new Uint8Array();
        this.position += chunk.length;
        yield chunk;
      }
    } finally {
      await this.close();
    }
  }

  /** Tells the source that no more will be read. */
  async close(): Promise<void> {
    this.#chunk = new Uint8Array();
    // A generator that was never asked for anything has no end to run, so its stream is told here.
    if (!this.#started && this.#source instanceof ReadableStream) await this.#source.cancel();
    await this.#chunks.return();
  }

  async #fill(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      this.#started = true;
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#chunk = next.value;
    }
    return true;
  }
}
