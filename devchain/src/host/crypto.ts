/** `ext_crypto_*` checks and `ext_hashing_*`. Source: Polkadot specification, appendix "Polkadot Host API". */
import { concat } from "../codec/bytes.ts";
import {
  blake2_128,
  blake2_256,
  keccak_256,
  sha2_256,
  twox_64,
  twox_128,
  twox_256,
} from "../crypto/hashing.ts";
import { recoverSecp256k1 } from "../crypto/signatures.ts";
import type { HostContext, HostFunctions } from "./context.ts";

export function cryptoFunctions(host: HostContext): HostFunctions {
  return {
    ext_crypto_sr25519_verify_version_2: (signature: number, message: bigint, key: number) =>
      host.signatures.sr25519(
        host.memory.at(signature, 64),
        host.memory.span(message),
        host.memory.at(key, 32),
      )
        ? 1
        : 0,
    ext_crypto_ed25519_verify_version_1: (signature: number, message: bigint, key: number) =>
      host.signatures.ed25519(
        host.memory.at(signature, 64),
        host.memory.span(message),
        host.memory.at(key, 32),
      )
        ? 1
        : 0,
    ext_crypto_secp256k1_ecdsa_recover_compressed_version_2: (signature: number, digest: number) => {
      const found = recoverSecp256k1(host.memory.at(signature, 65), host.memory.at(digest, 32));
      return host.give(typeof found === "number" ? Uint8Array.of(1, found) : concat(Uint8Array.of(0), found));
    },
  };
}

export function hashingFunctions(host: HostContext): HostFunctions {
  const hashing = (hash: (bytes: Uint8Array) => Uint8Array) => (input: bigint) =>
    host.givePointer(hash(host.memory.span(input)));
  return {
    ext_hashing_blake2_128_version_1: hashing(blake2_128),
    ext_hashing_blake2_256_version_1: hashing(blake2_256),
    ext_hashing_keccak_256_version_1: hashing(keccak_256),
    ext_hashing_sha2_256_version_1: hashing(sha2_256),
    ext_hashing_twox_64_version_1: hashing(twox_64),
    ext_hashing_twox_128_version_1: hashing(twox_128),
    ext_hashing_twox_256_version_1: hashing(twox_256),
  };
}
