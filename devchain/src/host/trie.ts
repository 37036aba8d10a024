/** `ext_trie_*`. Source: Polkadot specification, appendix "Polkadot Host API", Trie. */
import { ScaleReader } from "../codec/scale.ts";
import type { StateVersion } from "../trie/node.ts";
import { orderedRoot } from "../trie/ordered.ts";
import { Trie } from "../trie/trie.ts";
import type { HostContext, HostFunctions } from "./context.ts";
import { stateVersion } from "./storage.ts";

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
