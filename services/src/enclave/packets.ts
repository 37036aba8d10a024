import { equalBytes } from "@keystrand/sdk/bytes";
import { Crypt4ghError, openPacket } from "@keystrand/sdk/crypt4gh";
import { blake2b256, keyCommitment } from "@keystrand/sdk/signing";
import type { LineAtBlock } from "../chain/blocks.ts";

/** A delivered line after its packet was tried: good with its data key, or bad. */
export type OpenedLine =
  | { readonly line: LineAtBlock; readonly good: true; readonly dataKey: Uint8Array }
  | { readonly line: LineAtBlock; readonly good: false };

/**
 * Opens a delivered packet. A line is bad for two reasons only: the packet does not open with the order's key, or
 * the data key in it is not the one of the commitment.
 *
 * @param packet - the bytes from the chain's event
 * @throws Error when the bytes are not those that the line pins: then the host feeds wrong input, which must never
 *   become `bad`
 */
export function openLine(line: LineAtBlock, packet: Uint8Array, secretKey: Uint8Array): OpenedLine {
  if (!equalBytes(blake2b256(packet), line.packet)) {
    throw new Error(`the packet for line ${line.line} is not the one that the chain has`);
  }
  try {
    const { dataKey } = openPacket(packet, secretKey);
    if (equalBytes(keyCommitment(line.root, dataKey), line.keyCommitment))
      return { line, good: true, dataKey };
  } catch (error) {
    if (!(error instanceof Crypt4ghError)) throw error;
  }
  return { line, good: false };
}
