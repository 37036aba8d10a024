import { MalformedScale, ScaleReader } from "../codec/scale.ts";

/**
 * The extrinsic within submitted bytes, with its length prefix; bytes after it are dropped, as the node does.
 * @returns undefined when the length prefix does not fit
 */
export function opaqueExtrinsic(submitted: Uint8Array): Uint8Array | undefined {
  const reader = new ScaleReader(submitted);
  try {
    reader.vectorOfBytes();
  } catch (error) {
    if (error instanceof MalformedScale) return undefined;
    throw error;
  }
  return submitted.slice(0, reader.at);
}

/** The codec's text for bytes that are no extrinsic. */
export const UNDECODABLE = "Could not decode `OpaqueExtrinsic.0`:\n\tNot enough data to fill buffer\n";
