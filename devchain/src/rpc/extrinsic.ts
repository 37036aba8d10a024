import { tryCompact } from "../codec/scale.ts";

/** Bytes that are no extrinsic; the message is parity-scale-codec's. */
export class UndecodableExtrinsic extends Error {
  constructor(reason: "fill buffer" | "decode vector") {
    super(`Could not decode \`OpaqueExtrinsic.0\`:\n\tNot enough data to ${reason}\n`);
    this.name = "UndecodableExtrinsic";
  }
}

/**
 * The extrinsic within submitted bytes, with its length prefix; bytes after it are dropped, as the node does.
 * @throws UndecodableExtrinsic
 */
export function opaqueExtrinsic(submitted: Uint8Array): Uint8Array {
  const prefix = tryCompact(submitted);
  if (!prefix) throw new UndecodableExtrinsic("fill buffer");
  const end = prefix.width + prefix.value;
  if (end > submitted.length) throw new UndecodableExtrinsic("decode vector");
  return submitted.slice(0, end);
}
