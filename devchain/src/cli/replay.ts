import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { recording, replay } from "../chain/replay.ts";
import { createChain } from "../index.ts";

/** The file is not what `record` writes. */
export class RecordingError extends Error {
  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`${file}: ${reason}`, options);
    this.name = "RecordingError";
  }
}

/**
 * Executes the blocks of a recording and prints for each whether hash, state root and events agree.
 * @returns whether all of them did
 * @throws RecordingError
 */
export async function replayFile(file: string, quiet: boolean): Promise<boolean> {
  const blocks = readRecording(file);
  const chain = await createChain();
  const began = performance.now();
  let agreed = 0;
  for (const block of replay(chain, blocks)) {
    const good = block.hashAgrees && block.rootAgrees && block.eventsAgree;
    if (good) agreed += 1;
    if (quiet && good) continue;
    const verdict = (name: string, agrees: boolean) => `${name} ${agrees ? "agrees" : "DIFFERS"}`;
    const parts =
      block.refusal === undefined
        ? [
            verdict("hash", block.hashAgrees),
            verdict("state root", block.rootAgrees),
            verdict("events", block.eventsAgree),
          ]
        : [`REFUSED: ${block.refusal}`];
    console.log(`block ${block.number} ${block.recordedHash} ${parts.join(", ")}`);
  }
  const each = ((performance.now() - began) / blocks.length).toFixed(2);
  console.log(`${agreed} of ${blocks.length} blocks agree, ${each} ms a block.`);
  return agreed === blocks.length;
}

function readRecording(file: string): z.infer<typeof recording> {
  let json: unknown;
  try {
    const bytes = readFileSync(file);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    json = JSON.parse((isGzip ? gunzipSync(bytes) : bytes).toString("utf8"));
  } catch (error) {
    throw new RecordingError(file, error instanceof Error ? error.message : String(error), { cause: error });
  }
  const parsed = recording.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new RecordingError(file, `it is not a recording of blocks: ${z.prettifyError(parsed.error)}`);
}
