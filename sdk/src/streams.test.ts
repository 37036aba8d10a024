import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, EndOfBytesError } from "./bytes.ts";
import {
  ByteReader,
  blobAccess,
  bytesAccess,
  chunksOf,
  collectBytes,
  readAccess,
  streamOf,
} from "./streams.ts";
import { chunked, counting, errorOf } from "./testing/bytes.ts";

async function* asyncChunks(bytes: Uint8Array) {
  yield* chunked(bytes, [3, 1, 40]);
}

test("bytes are the same from memory, an iterable, an async iterable and a stream", async () => {
  const bytes = counting(0, 100);
  const sources = [
    bytes,
    chunked(bytes, [7]),
    asyncChunks(bytes),
    streamOf(asyncChunks(bytes)),
    new Blob([bytes]).stream(),
  ];
  for (const source of sources) expect(await collectBytes(source)).toEqual(bytes);
});

describe("a reader", () => {
  test("gives what is asked for, wherever chunks end", async () => {
    const pieces = fc.array(fc.nat(30), { maxLength: 12 });
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(pieces, cuts, async (lengths, lengthsOfChunks) => {
        const bytes = counting(0, 120);
        const reader = new ByteReader(chunked(bytes, lengthsOfChunks));
        let at = 0;
        for (const length of lengths) {
          expect(await reader.upTo(length)).toEqual(bytes.slice(at, at + length));
          at = Math.min(at + length, bytes.length);
          expect(reader.position).toBe(at);
        }
        expect(await collectBytes(reader.rest())).toEqual(bytes.slice(at));
      }),
    );
  });

  test("says when fewer are left than must be", async () => {
    const reader = new ByteReader(counting(0, 5));
    expect(await reader.ended()).toBe(false);
    expect(await errorOf(() => reader.exactly(6))).toBeInstanceOf(EndOfBytesError);
    expect(await reader.ended()).toBe(true);
  });
});

describe("a stream", () => {
  test("is cancelled when its reader leaves, and its error comes through when it fails", async () => {
    const events: string[] = [];
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(counting(0, 10)),
        cancel: () => void events.push("cancelled"),
      });
    for await (const _ of chunksOf(endless())) break;
    await new ByteReader(endless()).close();
    expect(events).toEqual(["cancelled", "cancelled"]);

    const broken = new RangeError("gone");
    const failing = streamOf(
      (async function* () {
        yield counting(0, 1);
        throw broken;
      })(),
    );
    expect(await errorOf(() => collectBytes(failing))).toBe(broken);
  });
});

test("random access reads the same from memory and from a Blob, in any stretch", async () => {
  const bytes = counting(0, 1_000);
  for (const access of [bytesAccess(bytes), blobAccess(new Blob([bytes]))]) {
    expect(access.size).toBe(1_000);
    expect(new Uint8Array(await access.read(10, 20))).toEqual(bytes.slice(10, 20));
    const parts: Uint8Array[] = [];
    for await (const part of readAccess(access, 5, 900, 64)) parts.push(part);
    expect(concatBytes(...parts)).toEqual(bytes.slice(5, 900));
  }
});
