import { crc32, deflateRawSync } from "node:zlib";
import { type Bytes, concatBytes, u32LittleEndian } from "../bytes.ts";

/** Compresses as bgzip does: gzip blocks with their size in an extra field, and an empty one at the end. */
export function bgzip(bytes: Uint8Array, blockLength = 65_280): Bytes {
  const blocks: Bytes[] = [];
  for (let at = 0; at < bytes.length; at += blockLength)
    blocks.push(block(bytes.subarray(at, at + blockLength)));
  return concatBytes(...blocks, block(new Uint8Array()));
}

function block(plain: Uint8Array): Bytes {
  const deflated = deflateRawSync(plain);
  const size = 18 + deflated.length + 8 - 1;
  const header = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0, size & 0xff, size >> 8];
  return concatBytes(
    Uint8Array.from(header),
    deflated,
    u32LittleEndian(crc32(plain)),
    u32LittleEndian(plain.length),
  );
}
