import type { StorageView } from "../chain/types.ts";
import { fromHex, toHex } from "../codec/bytes.ts";
import { ScaleReader } from "../codec/scale.ts";
import { blake2_256 } from "../crypto/hashing.ts";
import { toNibbles } from "../trie/node.ts";

/**
 * The Merkle value of the trie node nearest to `key` among those at or below it: the node's encoding when that
 * is shorter than 32 bytes, else its hash. It changes exactly when something under `key` does.
 * Source: `closestDescendantMerkleValue` of the JSON-RPC specification, chainHead_v1_storage.
 * @returns undefined when nothing is stored at or below the key
 */
export function closestMerkleValue(view: StorageView, key: Uint8Array): Uint8Array | undefined {
  // A proof of the key has every node on the way to it; the nearest descendant is what the last one points to.
  const nodes = new Map(view.proof([key]).map((node) => [toHex(blake2_256(node)), node]));
  const wanted = toNibbles(key);
  let reference = fromHex(view.root);
  let at = 0;
  for (;;) {
    const encoded = reference.length < 32 ? reference : nodes.get(toHex(reference));
    // The proof ends where the key's own subtree begins.
    if (!encoded) return reference;
    const node = decodeNode(encoded);
    const rest = wanted.subarray(at);
    const shared = Math.min(rest.length, node.partial.length);
    for (let i = 0; i < shared; i += 1) if (rest[i] !== node.partial[i]) return undefined;
    if (rest.length <= node.partial.length) return reference;
    at += node.partial.length;
    const child = node.children[wanted[at]!];
    if (!child) return undefined;
    reference = child;
    at += 1;
  }
}

interface DecodedNode {
  readonly partial: Uint8Array;
  /** References, by nibble. */
  readonly children: readonly (Uint8Array | undefined)[];
}

const NO_CHILDREN: readonly undefined[] = [];

/** Source: Polkadot specification, section 2.4.3 (node header and sub-value). */
function decodeNode(encoded: Uint8Array): DecodedNode {
  const reader = new ScaleReader(encoded);
  const header = reader.u8();
  if (header === 0) return { partial: new Uint8Array(), children: NO_CHILDREN };
  const { width, branch, value } = nodeKind(header);
  let length = header & ((1 << width) - 1);
  if (length === (1 << width) - 1) {
    let more: number;
    do {
      more = reader.u8();
      length += more;
    } while (more === 255);
  }
  const packed = toNibbles(reader.take((length + 1) >> 1));
  const partial = packed.subarray(length & 1);
  if (!branch) return { partial, children: NO_CHILDREN };
  const bitmap = reader.u8() | (reader.u8() << 8);
  if (value === "hashed") reader.take(32);
  else if (value === "inline") reader.vectorOfBytes();
  const children = Array.from({ length: 16 }, (_, nibble) =>
    (bitmap >> nibble) & 1 ? reader.vectorOfBytes() : undefined,
  );
  return { partial, children };
}

function nodeKind(header: number): { width: number; branch: boolean; value: "none" | "inline" | "hashed" } {
  if (header >> 6 === 0b01) return { width: 6, branch: false, value: "inline" };
  if (header >> 6 === 0b10) return { width: 6, branch: true, value: "none" };
  if (header >> 6 === 0b11) return { width: 6, branch: true, value: "inline" };
  if (header >> 5 === 0b001) return { width: 5, branch: false, value: "hashed" };
  return { width: 4, branch: true, value: "hashed" };
}
