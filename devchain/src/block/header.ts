import type { Hex } from "../chain/types.ts";
import { concat, fromHex, toHex } from "../codec/bytes.ts";
import { encodeCompact, encodeVector, MalformedScale, ScaleReader } from "../codec/scale.ts";
import { blake2_256 } from "../crypto/hashing.ts";

/** A block header's fields. Source: `sp_runtime::generic::Header<u32, BlakeTwo256>`. */
export interface Header {
  readonly parentHash: Hex;
  readonly number: number;
  readonly stateRoot: Hex;
  readonly extrinsicsRoot: Hex;
  /** SCALE-encoded digest items. */
  readonly digest: readonly Uint8Array[];
}

export const ZERO_HASH: Hex = `0x${"00".repeat(32)}`;

export function encodeHeader(header: Header): Uint8Array {
  return concat(
    fromHex(header.parentHash),
    encodeCompact(header.number),
    fromHex(header.stateRoot),
    fromHex(header.extrinsicsRoot),
    encodeVector(header.digest),
  );
}

/** @throws MalformedScale */
export function decodeHeader(bytes: Uint8Array): Header {
  const reader = new ScaleReader(bytes);
  const header = {
    parentHash: toHex(reader.take(32)),
    number: reader.compact(),
    stateRoot: toHex(reader.take(32)),
    extrinsicsRoot: toHex(reader.take(32)),
    digest: Array.from({ length: reader.compact() }, () => readDigestItem(reader)),
  };
  reader.end();
  return header;
}

/** One `DigestItem`, as encoded. Its kinds: 0 other, 4 consensus, 5 seal, 6 pre-runtime, 8 runtime updated. */
function readDigestItem(reader: ScaleReader): Uint8Array {
  const start = reader.at;
  const kind = reader.u8();
  if (kind === 4 || kind === 5 || kind === 6) {
    reader.take(4);
    reader.vectorOfBytes();
  } else if (kind === 0) reader.vectorOfBytes();
  else if (kind !== 8) throw new MalformedScale(`digest item of kind ${kind}`);
  return reader.bytes.slice(start, reader.at);
}

export function hashHeader(encoded: Uint8Array): Hex {
  return toHex(blake2_256(encoded));
}
