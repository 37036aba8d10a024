import { type Bytes, concatBytes, type RandomBytes } from "../bytes.ts";

/** Bytes that count up from `first`. */
export const counting = (first: number, length: number): Bytes =>
  Uint8Array.from({ length }, (_, at) => (first + at) & 0xff);

/** Hands out these bytes in order and refuses to give more: a test sees every draw. */
export function fixedRandom(...draws: readonly Uint8Array[]): RandomBytes {
  const all = concatBytes(...draws);
  let at = 0;
  return (length) => {
    if (at + length > all.length)
      throw new Error(`the test gave ${all.length} random bytes; more were drawn`);
    at += length;
    return all.slice(at - length, at);
  };
}

/** Cuts bytes into chunks of the given lengths, over and over: where chunks end must never matter. */
export function* chunked(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = Math.max(1, lengths[turn % lengths.length] ?? 1);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** The error that something throws or rejects with. */
export async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
