import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { z } from "zod";
import type { RecordedBlock } from "../chain/replay.ts";
import type { Hex } from "../chain/types.ts";
import { ascii, concat, fromHex, toHex } from "../codec/bytes.ts";
import { encodeVector } from "../codec/scale.ts";
import { twox_128 } from "../crypto/hashing.ts";
import { NodeClient } from "./client.ts";

const hex = z
  .string()
  .regex(/^0x(?:[0-9a-f]{2})*$/)
  .transform((text) => text as Hex);
const headerSchema = z.object({
  parentHash: hex,
  number: z.string().regex(/^0x[0-9a-f]+$/),
  stateRoot: hex,
  extrinsicsRoot: hex,
  digest: z.object({ logs: z.array(hex) }),
});
const blockSchema = z.object({ block: z.object({ header: headerSchema, extrinsics: z.array(hex) }) });

const EVENTS = toHex(concat(twox_128(ascii("System")), twox_128(ascii("Events"))));

/**
 * Writes the final blocks of a node, genesis first, as gzipped JSON that `replay` reads.
 * @param last number of the last block; default: the last final one
 * @returns how many blocks were written
 * @throws NodeError, and the system's errors of writing a file
 */
export async function recordNode(url: string, file: string, last?: number): Promise<number> {
  const node = await NodeClient.connect(url);
  try {
    const finalized = await node.call("chain_getFinalizedHead", [], hex);
    const { number } = await node.call("chain_getHeader", [finalized], headerSchema);
    const end = Math.min(last ?? Number.POSITIVE_INFINITY, Number(number));
    const output = createWriteStream(file);
    // A file that cannot be written fails here, before a long recording.
    await once(output, "open");
    await pipeline(Readable.from(pieces(node, end)), createGzip({ level: 9 }), output);
    return end + 1;
  } finally {
    node.close();
  }
}

/** A JSON array, one block a piece. */
async function* pieces(node: NodeClient, end: number): AsyncGenerator<string> {
  for (let number = 0; number <= end; number += 1) {
    const block = await recordBlock(node, number);
    yield `${number === 0 ? "[" : ",\n"}${JSON.stringify(block)}`;
  }
  yield "]\n";
}

async function recordBlock(node: NodeClient, number: number): Promise<RecordedBlock> {
  const hash = await node.call("chain_getBlockHash", [number], hex);
  const { block } = await node.call("chain_getBlock", [hash], blockSchema);
  const events = await node.call("state_getStorage", [EVENTS, hash], hex.nullable());
  const { parentHash, stateRoot, extrinsicsRoot, digest } = block.header;
  return {
    hash,
    header: {
      parentHash,
      number,
      stateRoot,
      extrinsicsRoot,
      digest: toHex(encodeVector(digest.logs.map(fromHex))),
    },
    extrinsics: block.extrinsics,
    events: events ?? "0x00",
  };
}
