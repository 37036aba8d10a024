/** `ext_crypto_*` checks, `ext_hashing_*` and `ext_trie_*`. Source: Polkadot specification, appendix B.4 to B.7. */
import { concat } from "../codec/bytes.ts";
import { encodeBytes, ScaleReader } from "../codec/scale.ts";
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
import type { StateVersion } from "../trie/node.ts";
import { orderedRoot } from "../trie/ordered.ts";
import { Trie } from "../trie/trie.ts";
import type { HostContext, HostFunctions } from "./context.ts";
import { stateVersion } from "./storage.ts";

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

/** Root over a SCALE `Vec<(Vec<u8>, Vec<u8>)>`. */
function unorderedRoot(input: Uint8Array, version: StateVersion): Uint8Array {
  const reader = new ScaleReader(input);
  const changes = Array.from({ length: reader.compact() }, () => ({
    key: reader.vectorOfBytes().slice(),
    value: reader.vectorOfBytes().slice(),
  }));
  return Trie.empty().with(changes, version).root;
}

/** Root over a SCALE `Vec<Vec<u8>>`, keyed by compact index. */
function orderedRootOfVector(input: Uint8Array, version: StateVersion): Uint8Array {
  const reader = new ScaleReader(input);
  const items = Array.from({ length: reader.compact() }, () => reader.vectorOfBytes().slice());
  return orderedRoot(items, version);
}

export function trieFunctions(host: HostContext): HostFunctions {
  const { memory } = host;
  return {
    ext_trie_blake2_256_root_version_1: (input: bigint) =>
      host.givePointer(unorderedRoot(memory.span(input), 0)),
    ext_trie_blake2_256_root_version_2: (input: bigint, version: number) =>
      host.givePointer(unorderedRoot(memory.span(input), stateVersion(version))),
    ext_trie_blake2_256_ordered_root_version_1: (input: bigint) =>
      host.givePointer(orderedRootOfVector(memory.span(input), 0)),
    ext_trie_blake2_256_ordered_root_version_2: (input: bigint, version: number) =>
      host.givePointer(orderedRootOfVector(memory.span(input), stateVersion(version))),
  };
}

/** `ext_misc_*`, `ext_logging_*` and `ext_allocator_*`. */
export function miscFunctions(host: HostContext): HostFunctions {
  const text = new TextDecoder();
  return {
    ext_allocator_malloc_version_1: (size: number) => host.allocator.allocate(size >>> 0),
    ext_allocator_free_version_1: (pointer: number) => {
      host.allocator.deallocate(pointer >>> 0);
      return undefined;
    },
    ext_logging_log_version_1: (level: number, target: bigint, message: bigint) => {
      // sp_core::LogLevel counts from 0 (error), its filter and LogLine from 1.
      host.log(level + 1, text.decode(host.memory.span(target)), text.decode(host.memory.span(message)));
      return undefined;
    },
    ext_logging_max_level_version_1: () => host.logLevel,
    ext_misc_print_num_version_1: (value: bigint) => {
      host.log(4, "runtime", String(BigInt.asUintN(64, value)));
      return undefined;
    },
    ext_misc_print_utf8_version_1: (bytes: bigint) => {
      host.log(4, "runtime", text.decode(host.memory.span(bytes)));
      return undefined;
    },
    ext_misc_print_hex_version_1: (bytes: bigint) => {
      host.log(
        4,
        "runtime",
        Array.from(host.memory.span(bytes), (b) => b.toString(16).padStart(2, "0")).join(""),
      );
      return undefined;
    },
    ext_misc_runtime_version_version_1: (code: bigint) => {
      const version = host.runtimeVersion(host.memory.span(code).slice());
      return host.give(
        version === undefined ? Uint8Array.of(0) : concat(Uint8Array.of(1), encodeBytes(version)),
      );
    },
  };
}
