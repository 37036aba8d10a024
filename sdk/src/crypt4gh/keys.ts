import { x25519 } from "@noble/curves/ed25519.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { type Bytes, concatBytes, expectLength, type RandomBytes, secureRandom } from "../bytes.ts";
import { BadKeyError } from "./errors.ts";

/** An X25519 key pair of a crypt4gh reader or writer; both 32 bytes. */
export interface KeyPair {
  readonly secretKey: Bytes;
  readonly publicKey: Bytes;
}

/** A fresh key pair. */
export function generateKeyPair(random: RandomBytes = secureRandom): KeyPair {
  const secretKey = random(32);
  return { secretKey, publicKey: publicKeyOf(secretKey) };
}

/** A fresh 32-byte data key. */
export const generateDataKey = (random: RandomBytes = secureRandom): Bytes => random(32);

/** The public key of a secret key. */
export function publicKeyOf(secretKey: Uint8Array): Bytes {
  expectLength("A secret key", secretKey, 32);
  return new Uint8Array(x25519.getPublicKey(secretKey));
}

/**
 * The key that a packet is sealed with: BLAKE2b-512(X25519(own, peer) | reader | writer), first 32 bytes.
 * Source: crypt4gh specification 1.0, section 3.3.1.
 * @throws {@link BadKeyError} for a peer key of small order, which would make the shared key public
 */
export function sharedKey(
  ownSecret: Uint8Array,
  peerPublic: Uint8Array,
  readerPublic: Uint8Array,
  writerPublic: Uint8Array,
): Bytes {
  expectLength("A secret key", ownSecret, 32);
  expectLength("A public key", peerPublic, 32);
  let point: Uint8Array;
  try {
    point = x25519.getSharedSecret(ownSecret, peerPublic);
  } catch (error) {
    throw new BadKeyError(error);
  }
  return blake2b(concatBytes(point, readerPublic, writerPublic), { dkLen: 64 }).slice(0, 32);
}
