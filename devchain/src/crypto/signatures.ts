/** Signature checks with the node's rules, remembered: pool, authoring and self-check ask three times each. */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { ed25519Verify, sr25519Verify, waitReady } from "@polkadot/wasm-crypto";
import { type BinaryString, toBinaryString } from "../codec/bytes.ts";
import { blake2_256 } from "./hashing.ts";

await waitReady();

/** Why a public key could not be recovered, as `sp_io::EcdsaVerifyError` numbers it. */
export const RecoveryFailure = { badRS: 0, badV: 1, badSignature: 2 } as const;
export type RecoveryFailure = (typeof RecoveryFailure)[keyof typeof RecoveryFailure];

/** A full block of a burst holds about 1,300 transfers; a few blocks of them, at about 300 bytes each. */
const REMEMBERED = 16_384;

/** Longer messages are keyed by their hash, so that memory stays bounded. */
const LONGEST_PLAIN_MESSAGE = 512;

export class SignatureChecks {
  readonly #known = new Map<BinaryString, boolean>();

  /** schnorrkel, context "substrate"; a signature without the marker bit is refused. */
  sr25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
    return this.#remember("s", signature, message, publicKey, sr25519Verify);
  }

  ed25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
    return this.#remember("e", signature, message, publicKey, ed25519Verify);
  }

  #remember(
    scheme: string,
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
    verify: (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean,
  ): boolean {
    const told =
      message.length > LONGEST_PLAIN_MESSAGE
        ? `h${toBinaryString(blake2_256(message))}`
        : `p${toBinaryString(message)}`;
    const key = scheme + toBinaryString(signature) + toBinaryString(publicKey) + told;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const good = verify(signature, message, publicKey);
    if (this.#known.size >= REMEMBERED) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    this.#known.set(key, good);
    return good;
  }
}

const ORDER = secp256k1.Point.Fn.ORDER;

function scalar(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/**
 * Compressed public key (33 bytes) that made a recoverable ECDSA signature, by the rules of
 * `ext_crypto_secp256k1_ecdsa_recover_compressed_version_2` (libsecp256k1: high s is allowed).
 * @param signature r, s, v (65 bytes; v from 0 or from 27)
 * @param digest 32 bytes
 */
export function recoverSecp256k1(signature: Uint8Array, digest: Uint8Array): Uint8Array | RecoveryFailure {
  const v = signature[64]!;
  const recovery = v > 26 ? v - 27 : v;
  if (recovery > 3) return RecoveryFailure.badV;
  const r = scalar(signature.subarray(0, 32));
  const s = scalar(signature.subarray(32, 64));
  if (r >= ORDER || s >= ORDER) return RecoveryFailure.badRS;
  if (r === 0n || s === 0n) return RecoveryFailure.badSignature;
  try {
    return new secp256k1.Signature(r, s).addRecoveryBit(recovery).recoverPublicKey(digest).toBytes(true);
  } catch {
    // noble throws when r is not the x of a point or the sum is the point at infinity: no key made this.
    return RecoveryFailure.badSignature;
  }
}
