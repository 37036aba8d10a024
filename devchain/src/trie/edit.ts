/**
 * Changes to a persistent trie. Nodes on a changed path are copied once an edit; all others are shared with
 * the trie before. A change that changes nothing copies nothing.
 */
import { equal } from "../codec/bytes.ts";
import type { Children, TrieNode, TrieValue } from "./node.ts";

type Maybe<A> = TrieNode<A> | undefined;

function leaf<A>(partial: Uint8Array, value: TrieValue<A>, owner: symbol): TrieNode<A> {
  return { partial, value, children: undefined, reference: undefined, owner };
}

function owned<A>(node: TrieNode<A>, owner: symbol): TrieNode<A> {
  if (node.owner === owner) return node;
  return {
    partial: node.partial,
    value: node.value,
    children: node.children?.slice(),
    reference: undefined,
    owner,
  };
}

function noChildren<A>(): Children<A> {
  return new Array<Maybe<A>>(16).fill(undefined);
}

/** How many nibbles of `key` from `from` agree with the node's partial. */
export function sharedLength(partial: Uint8Array, key: Uint8Array, from: number): number {
  const most = Math.min(partial.length, key.length - from);
  let shared = 0;
  while (shared < most && partial[shared] === key[from + shared]) shared++;
  return shared;
}

/** Puts `value` at the nibbles of `key` from `from` on. */
export function insert<A>(
  node: Maybe<A>,
  key: Uint8Array,
  from: number,
  value: TrieValue<A>,
  owner: symbol,
): TrieNode<A> {
  if (node === undefined) return leaf(key.slice(from), value, owner);
  const shared = sharedLength(node.partial, key, from);
  const at = from + shared;
  if (shared < node.partial.length) return split(node, shared, key, at, value, owner);
  if (at === key.length) {
    const present = node.value;
    const same =
      present !== undefined &&
      present.hashed === value.hashed &&
      present.attachment === value.attachment &&
      equal(present.bytes, value.bytes);
    if (same) return node;
    const copy = owned(node, owner);
    copy.value = value;
    return copy;
  }
  const index = key[at]!;
  const before = node.children?.[index];
  const after = insert(before, key, at + 1, value, owner);
  if (after === before) return node;
  const copy = owned(node, owner);
  copy.children ??= noChildren();
  copy.children[index] = after;
  return copy;
}

/** Puts a branch where `key` leaves the node's partial. */
function split<A>(
  node: TrieNode<A>,
  shared: number,
  key: Uint8Array,
  at: number,
  value: TrieValue<A>,
  owner: symbol,
): TrieNode<A> {
  const lower: TrieNode<A> = {
    partial: node.partial.slice(shared + 1),
    value: node.value,
    children: node.children,
    reference: undefined,
    // Its children array is still the old node's: only an owned node may share it onwards as its own.
    owner: node.owner === owner ? owner : undefined,
  };
  const children = noChildren<A>();
  children[node.partial[shared]!] = lower;
  const branch: TrieNode<A> = {
    partial: node.partial.slice(0, shared),
    value: undefined,
    children,
    reference: undefined,
    owner,
  };
  if (at === key.length) branch.value = value;
  else children[key[at]!] = leaf(key.slice(at + 1), value, owner);
  return branch;
}

/** Takes the value at `key` away; the same node when there is none. */
export function remove<A>(node: TrieNode<A>, key: Uint8Array, from: number, owner: symbol): Maybe<A> {
  const shared = sharedLength(node.partial, key, from);
  if (shared < node.partial.length) return node;
  const at = from + shared;
  if (at === key.length) {
    if (node.value === undefined) return node;
    const copy = owned(node, owner);
    copy.value = undefined;
    return collapse(copy, owner);
  }
  const index = key[at]!;
  const before = node.children?.[index];
  if (before === undefined) return node;
  const after = remove(before, key, at + 1, owner);
  if (after === before) return node;
  const copy = owned(node, owner);
  copy.children![index] = after;
  return after === undefined ? collapse(copy, owner) : copy;
}

/** Restores the rule that a node without value has at least two children. `node` is owned. */
function collapse<A>(node: TrieNode<A>, owner: symbol): Maybe<A> {
  let count = 0;
  let last = 0;
  if (node.children !== undefined) {
    for (let i = 0; i < 16; i++) {
      if (node.children[i] !== undefined) {
        count++;
        last = i;
      }
    }
  }
  if (count === 0) {
    if (node.value === undefined) return undefined;
    node.children = undefined;
    return node;
  }
  if (count > 1 || node.value !== undefined) return node;
  const child = node.children![last]!;
  const merged = owned(child, owner);
  const partial = new Uint8Array(node.partial.length + 1 + child.partial.length);
  partial.set(node.partial);
  partial[node.partial.length] = last;
  partial.set(child.partial, node.partial.length + 1);
  merged.partial = partial;
  return merged;
}
