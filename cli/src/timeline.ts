import type { Inclusion, PlacedEvent } from "@keystrand/sdk/chain";

/** One line of the timeline: what happened, who did it, and where it stands on the chain. */
export interface TimelineEntry {
  readonly actor: string;
  readonly text: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly extrinsicHash: string;
  readonly extrinsicIndex: number;
}

/** Where a timeline goes: a terminal, a test. */
export interface Output {
  line(text: string): void;
  /** Progress of long work; `undefined` ends it. */
  progress(done: number, of: number, what: string): void;
}

/** Collects and prints what happened on the chain, in order. */
export class Timeline {
  readonly entries: TimelineEntry[] = [];
  readonly output: Output;

  constructor(output: Output) {
    this.output = output;
  }

  heading(text: string): void {
    this.output.line("");
    this.output.line(text);
  }

  /** @param shown - false keeps the line without printing it, where hundreds of the same kind follow */
  add(actor: string, text: string, place: Inclusion | PlacedEvent, { shown = true } = {}): void {
    const { blockNumber, blockHash, extrinsicHash, extrinsicIndex } = place;
    this.entries.push({ actor, text, blockNumber, blockHash, extrinsicHash, extrinsicIndex });
    if (shown)
      this.output.line(`  ${String(blockNumber).padStart(6)}  ${extrinsicHash}  ${actor.padEnd(12)} ${text}`);
  }

  /** A fact without a transaction: a refusal, a computation. */
  note(actor: string, text: string): void {
    this.output.line(`  ${"".padStart(6)}  ${"".padEnd(66)}  ${actor.padEnd(12)} ${text}`);
  }
}

/** Writes to a stream: progress as one changing line on a terminal, in tenths elsewhere. */
export const streamOutput = (stream: NodeJS.WriteStream): Output => {
  let tenth = -1;
  let open = false;
  const close = () => {
    if (open) stream.write("\n");
    open = false;
  };
  return {
    line(text) {
      close();
      stream.write(`${text}\n`);
    },
    progress(done, of, what) {
      const now = Math.floor((done * 10) / Math.max(of, 1));
      if (stream.isTTY) {
        stream.write(`\r  ${what}: ${done} of ${of} `);
        open = true;
        if (done === of) close();
      } else if (now !== tenth) {
        stream.write(`  ${what}: ${done} of ${of}\n`);
      }
      tenth = done === of ? -1 : now;
    },
  };
};
