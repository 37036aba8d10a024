/**
 * Nodes of the base-16 Merkle-Patricia trie and their encoding.
 * Source: Polkadot specification, sections 2.4.3 to 2.4.5; state layouts V0 and V1 (`sp_trie::LayoutV1`).
 */
import { concat } from "../codec/bytes.ts";
import { encodeBytes, encodeCompact } from "../codec/scale.ts";
import { blake2_256 } from "../crypto/hashing.ts";

/** V0 keeps every value in its node; V1 puts only the hash of values of 33 bytes and more there. */
export type StateVersion = 0 | 1;

/** V1 stores longer values by hash. Shorter than a hash with its length prefix: no gain from hashing. */
const LONGEST_INLINE_VALUE = 32;

/** Hashing less takes microseconds and is seldom asked for twice; remembering it costs 200 bytes a key. */
const WORTH_REMEMBERING = 4096;

/**
 * A stored value. It is an object apart from its node because its hash outlives path copies: `:code` is
 * megabytes and sits under the root.
 */
export class TrieValue<Attachment> {
  readonly bytes: Uint8Array;
  /** Whether the node holds the hash only. Fixed when written: a change of layout leaves old values as they are. */
  readonly hashed: boolean;
  /** What else the owner wants to share with the value: the state hangs child tries here. */
  readonly attachment: Attachment | undefined;
  #hash: Uint8Array | undefined;

  constructor(bytes: Uint8Array, version: StateVersion, attachment?: Attachment) {
    this.bytes = bytes;
    this.hashed = version === 1 && bytes.length > LONGEST_INLINE_VALUE;
    this.attachment = attachment;
  }

  get hash(): Uint8Array {
    if (this.#hash !== undefined) return this.#hash;
    const hash = blake2_256(this.bytes);
    if (this.bytes.length >= WORTH_REMEMBERING) this.#hash = hash;
    return hash;
  }
}

export type Children<Attachment> = (TrieNode<Attachment> | undefined)[];

/** Mutable only by the edit that owns it; shared and frozen afterwards. */
export interface TrieNode<Attachment> {
  /** Nibbles (0 to 15, one a byte) between the parent's child index and this node. */
  partial: Uint8Array;
  value: TrieValue<Attachment> | undefined;
  /** 16 places; undefined in a leaf. */
  children: Children<Attachment> | undefined;
  /** How a parent refers to this node: its encoding below 32 bytes, else the encoding's hash. */
  reference: Uint8Array | undefined;
  /** The edit that made this node and may still change it. */
  owner: symbol | undefined;
}

const HASH_LENGTH = 32;

/** Hash of the encoding of the empty trie (one zero byte). */
export const EMPTY_ROOT: Uint8Array = blake2_256(Uint8Array.of(0));

/** Header bits by what a node is, and how many bits remain for the number of nibbles. */
function header(node: TrieNode<unknown>): { bits: number; width: number } {
  const hashed = node.value?.hashed === true;
  if (node.children === undefined)
    return hashed ? { bits: 0b0010_0000, width: 5 } : { bits: 0b0100_0000, width: 6 };
  if (node.value === undefined) return { bits: 0b1000_0000, width: 6 };
  return hashed ? { bits: 0b0001_0000, width: 4 } : { bits: 0b1100_0000, width: 6 };
}

function encodeHeader(node: TrieNode<unknown>): number[] {
  const { bits, width } = header(node);
  const nibbles = node.partial.length;
  const most = (1 << width) - 1;
  if (nibbles < most) return [bits | nibbles];
  const bytes = [bits | most];
  let rest = nibbles - most;
  for (; rest >= 255; rest -= 255) bytes.push(255);
  bytes.push(rest);
  return bytes;
}

function packNibbles(nibbles: Uint8Array): Uint8Array {
  const packed = new Uint8Array((nibbles.length + 1) >> 1);
  let from = 0;
  let at = 0;
  if (nibbles.length & 1) packed[at++] = nibbles[from++]!;
  for (; from < nibbles.length; from += 2) packed[at++] = (nibbles[from]! << 4) | nibbles[from + 1]!;
  return packed;
}

/** The node as it is hashed, stored in proofs, or inlined in its parent. */
export function encodeNode(node: TrieNode<unknown>): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.from(encodeHeader(node)), packNibbles(node.partial)];
  if (node.children !== undefined) {
    let bitmap = 0;
    for (let i = 0; i < 16; i++) if (node.children[i] !== undefined) bitmap |= 1 << i;
    parts.push(Uint8Array.of(bitmap & 255, bitmap >> 8));
  }
  if (node.value !== undefined) {
    if (node.value.hashed) parts.push(node.value.hash);
    else parts.push(encodeCompact(node.value.bytes.length), node.value.bytes);
  }
  if (node.children !== undefined) {
    for (let i = 0; i < 16; i++) {
      const child = node.children[i];
      if (child !== undefined) parts.push(encodeBytes(referenceOf(child)));
    }
  }
  return concat(...parts);
}

/** See {@link TrieNode.reference}. */
export function referenceOf(node: TrieNode<unknown>): Uint8Array {
  if (node.reference === undefined) {
    const encoded = encodeNode(node);
    node.reference = encoded.length < HASH_LENGTH ? encoded : blake2_256(encoded);
  }
  return node.reference;
}

/** The root is hashed whatever its length. */
export function rootOf(node: TrieNode<unknown> | undefined): Uint8Array {
  if (node === undefined) return EMPTY_ROOT;
  const reference = referenceOf(node);
  return reference.length < HASH_LENGTH ? blake2_256(reference) : reference;
}

/** Whether a proof must carry the node itself (its parent only refers to it by hash). */
export function isOutOfLine(node: TrieNode<unknown>): boolean {
  return referenceOf(node).length === HASH_LENGTH;
}

export function toNibbles(key: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(key.length * 2);
  for (let i = 0; i < key.length; i++) {
    nibbles[2 * i] = key[i]! >> 4;
    nibbles[2 * i + 1] = key[i]! & 15;
  }
  return nibbles;
}

export function fromNibbles(nibbles: readonly number[]): Uint8Array {
  const key = new Uint8Array(nibbles.length >> 1);
  for (let i = 0; i < key.length; i++) key[i] = (nibbles[2 * i]! << 4) | nibbles[2 * i + 1]!;
  return key;
}
