import type { Bytes } from "../bytes.ts";
import { EditListError } from "./errors.ts";
import type { EditList } from "./packet.ts";

/** A stretch of the plaintext that is kept; `end` is exclusive, `undefined` for "to the end". */
export interface Kept {
  readonly start: number;
  readonly end: number | undefined;
}

/**
 * The stretches that an edit list keeps. It alternates skip and keep; after an odd number the rest is kept.
 * Source: crypt4gh specification 1.0, section 3.2.3.
 * @throws {@link EditListError} when it is empty or its numbers are no file's
 */
export function checkedEditList(lengths: EditList): readonly Kept[] {
  if (lengths.length === 0)
    throw new EditListError("It is empty: it says neither what to skip nor what to keep.");
  const kept: Kept[] = [];
  let position = 0n;
  for (const [index, length] of lengths.entries()) {
    const start = position;
    position += length;
    if (position > BigInt(Number.MAX_SAFE_INTEGER)) throw new EditListError("Its lengths are no file's.");
    if (index % 2 === 1 && length > 0n) kept.push({ start: Number(start), end: Number(position) });
  }
  if (lengths.length % 2 === 1) kept.push({ start: Number(position), end: undefined });
  return kept;
}

/**
 * What the edit list keeps of a plaintext.
 * @throws {@link EditListError} when it keeps bytes past the end: the file was cut, or the list is another's
 */
export async function* applyEditList(
  plain: AsyncIterable<Bytes>,
  kept: readonly Kept[],
): AsyncGenerator<Bytes, void, undefined> {
  let position = 0;
  let at = 0;
  for await (const chunk of plain) {
    const chunkEnd = position + chunk.length;
    for (let stretch = kept[at]; stretch !== undefined && stretch.start < chunkEnd; stretch = kept[at]) {
      const start = Math.max(stretch.start, position);
      const end = Math.min(stretch.end ?? chunkEnd, chunkEnd);
      if (end > start) yield chunk.subarray(start - position, end - position);
      if (stretch.end === undefined || stretch.end > chunkEnd) break;
      at += 1;
    }
    position = chunkEnd;
  }
  const open = kept[at];
  if (open === undefined) return;
  if (open.end !== undefined || open.start > position) {
    throw new EditListError(`It reaches past the end of the file, which holds ${position} bytes.`);
  }
}
