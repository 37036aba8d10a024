import { z } from "zod";
import { ascii, concat, fromHex, toHex } from "../codec/bytes.ts";
import { encodeCompact } from "../codec/scale.ts";
import { twox_128 } from "../crypto/hashing.ts";
import { ChainError } from "./errors.ts";
import type { Chain, Hex } from "./types.ts";

const hex = z
  .string()
  .regex(/^0x(?:[0-9a-f]{2})*$/)
  .transform((text) => text as Hex);
const hash = hex.refine((text) => text.length === 66, "a hash has 32 bytes");

/** One block as `record` writes it and `replay` reads it. Hexadecimal throughout. */
export const recordedBlock = z.object({
  hash,
  header: z.object({
    parentHash: hash,
    number: z.number().int().nonnegative(),
    stateRoot: hash,
    extrinsicsRoot: hash,
    /** The SCALE-encoded digest: `0x00` when it is empty. */
    digest: hex,
  }),
  /** With their length prefix. */
  extrinsics: z.array(hex),
  /** The SCALE value of `System.Events` after the block; `0x00` when there is none. */
  events: hex,
});
export type RecordedBlock = z.infer<typeof recordedBlock>;

/** Blocks of one chain from genesis on. */
export const recording = z.array(recordedBlock).min(1);

/** How one recorded block fared here. */
export interface ReplayedBlock {
  readonly number: number;
  readonly recordedHash: Hex;
  /** What this chain made of it; undefined when it refused the block. */
  readonly hash: Hex | undefined;
  readonly hashAgrees: boolean;
  readonly rootAgrees: boolean;
  readonly eventsAgree: boolean;
  /** Why the block was refused. */
  readonly refusal: string | undefined;
}

const EVENTS = concat(twox_128(ascii("System")), twox_128(ascii("Events")));

/**
 * Executes recorded blocks one after another, genesis first, and says of each whether hash, state root and
 * events agree. Ends after the first block that is refused: those after it have no parent.
 */
export function* replay(chain: Chain, blocks: Iterable<RecordedBlock>): IterableIterator<ReplayedBlock> {
  for (const block of blocks) {
    const { number } = block.header;
    let imported: Hex;
    try {
      imported = number === 0 ? chain.genesisHash : importRecorded(chain, block);
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      yield {
        number,
        recordedHash: block.hash,
        hash: undefined,
        hashAgrees: false,
        rootAgrees: false,
        eventsAgree: false,
        refusal: error.message,
      };
      return;
    }
    const events = chain.state(imported).get(EVENTS);
    yield {
      number,
      recordedHash: block.hash,
      hash: imported,
      hashAgrees: imported === block.hash,
      rootAgrees: chain.state(imported).root === block.header.stateRoot,
      eventsAgree: (events === undefined ? "0x00" : toHex(events)) === block.events,
      refusal: undefined,
    };
  }
}

function importRecorded(chain: Chain, { header, extrinsics }: RecordedBlock): Hex {
  const encoded = concat(
    fromHex(header.parentHash),
    encodeCompact(header.number),
    fromHex(header.stateRoot),
    fromHex(header.extrinsicsRoot),
    fromHex(header.digest),
  );
  return chain.importBlock({ header: encoded, extrinsics: extrinsics.map(fromHex) }).hash;
}
