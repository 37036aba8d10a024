import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Bytes } from "../bytes.ts";
import { CorruptSegmentError, TruncatedCrypt4ghError } from "./errors.ts";
import { isWrongTag } from "./packet.ts";

/** Plaintext bytes of a full segment. */
export const SEGMENT_SIZE = 65_536;
/** Nonce and MAC of a segment. */
export const SEGMENT_OVERHEAD = 12 + 16;
/** Bytes of a full segment in the file. */
export const SEALED_SEGMENT_SIZE = SEGMENT_SIZE + SEGMENT_OVERHEAD;

/** One segment: nonce, ciphertext, MAC. The nonce must never be used twice with a key. */
export function sealSegment(dataKey: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Bytes {
  const sealed = new Uint8Array(plain.length + SEGMENT_OVERHEAD);
  sealed.set(nonce);
  chacha20poly1305(dataKey, nonce).encrypt(plain, sealed.subarray(12));
  return sealed;
}

/** Opens the segments of one file, whichever of its data keys each was sealed with. */
export class SegmentOpener {
  readonly #dataKeys: Bytes[];

  constructor(dataKeys: readonly Bytes[]) {
    this.#dataKeys = [...dataKeys];
  }

  /**
   * @param index - the segment's position in the file, for the error
   * @throws {@link TruncatedCrypt4ghError}, {@link CorruptSegmentError}
   */
  open(sealed: Uint8Array, index: number): Bytes {
    // Writers leave an empty last segment out, so what is this short was cut.
    if (sealed.length <= SEGMENT_OVERHEAD)
      throw new TruncatedCrypt4ghError(`It ends inside segment ${index}.`);
    for (const [rank, dataKey] of this.#dataKeys.entries()) {
      try {
        const plain = chacha20poly1305(dataKey, sealed.subarray(0, 12)).decrypt(sealed.subarray(12));
        // The next segment most likely has the same key.
        if (rank > 0) this.#dataKeys.unshift(...this.#dataKeys.splice(rank, 1));
        return plain;
      } catch (error) {
        if (!isWrongTag(error)) throw error;
      }
    }
    throw new CorruptSegmentError(index);
  }
}

/** Plaintext bytes in a body of sealed segments. */
export function plaintextLength(bodyLength: number): number {
  const segments = Math.ceil(bodyLength / SEALED_SEGMENT_SIZE);
  return Math.max(0, bodyLength - segments * SEGMENT_OVERHEAD);
}

/** Bytes in the file of a plaintext's segments. */
export function bodyLength(plaintextLength: number): number {
  return plaintextLength + Math.ceil(plaintextLength / SEGMENT_SIZE) * SEGMENT_OVERHEAD;
}
