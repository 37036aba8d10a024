import { encodeCompact } from "../codec/scale.ts";
import type { StateVersion } from "./node.ts";
import { Trie } from "./trie.ts";

/** Root of the trie from compact-encoded index to item, as for a block's extrinsics. 32 bytes. */
export function orderedRoot(items: readonly Uint8Array[], version: StateVersion): Uint8Array {
  return Trie.empty().with(
    items.map((value, index) => ({ key: encodeCompact(index), value })),
    version,
  ).root;
}
