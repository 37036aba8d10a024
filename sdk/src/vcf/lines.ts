import type { ByteSource } from "../bytes.ts";
import { chunksOf } from "../streams.ts";
import { LineTooLongError } from "./errors.ts";

/** A line of text without its end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

// 2 500 samples with long FORMAT columns make lines of a few megabytes; what is longer is no VCF and must not be held.
const MAX_LINE_LENGTH = 64 * 1024 * 1024;

/**
 * The lines of a text, whichever of LF and CRLF ends them. Bytes that are no UTF-8 become U+FFFD: old files carry
 * Latin-1 in descriptions, which are not used.
 * @throws {@link LineTooLongError}
 */
export async function* linesOf(source: ByteSource): AsyncGenerator<Line, void, undefined> {
  const decoder = new TextDecoder();
  let number = 1;
  let held: string[] = [];
  let heldLength = 0;

  const finish = (last: string): Line => {
    const whole = held.length === 0 ? last : held.join("") + last;
    held = [];
    heldLength = 0;
    return { number: number++, text: whole.endsWith("\r") ? whole.slice(0, -1) : whole };
  };

  for await (const chunk of chunksOf(source)) {
    const text = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      yield finish(text.slice(start, end));
      start = end + 1;
    }
    if (start < text.length) {
      held.push(text.slice(start));
      heldLength += text.length - start;
      if (heldLength > MAX_LINE_LENGTH) throw new LineTooLongError(number, MAX_LINE_LENGTH);
    }
  }
  const last = decoder.decode();
  if (held.length > 0 || last.length > 0) yield finish(last);
}
