import { compare, toBinaryString } from "../codec/bytes.ts";
import { insert, remove, sharedLength } from "./edit.ts";
import {
  encodeNode,
  fromNibbles,
  isOutOfLine,
  rootOf,
  type StateVersion,
  type TrieNode,
  TrieValue,
  toNibbles,
} from "./node.ts";

/** One key's new value; undefined deletes. */
export interface TrieChange<Attachment> {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
  readonly attachment?: Attachment | undefined;
}

/**
 * An immutable, ordered Merkle-Patricia trie. Tries made from one another share what did not change, so
 * keeping one a block, a fork or a snapshot costs what changed, and hashing after a change costs the changed
 * paths, however many keys there are.
 */
export class Trie<Attachment = never> {
  readonly #root: TrieNode<Attachment> | undefined;
  /** Number of keys. */
  readonly size: number;
  #rootHash: Uint8Array | undefined;

  private constructor(root: TrieNode<Attachment> | undefined, size: number) {
    this.#root = root;
    this.size = size;
  }

  static empty<A = never>(): Trie<A> {
    return new Trie<A>(undefined, 0);
  }

  /** 32 bytes; computed once. */
  get root(): Uint8Array {
    this.#rootHash ??= rootOf(this.#root);
    return this.#rootHash;
  }

  /** The trie with the changes applied, new values in the layout of `version`. */
  with(changes: Iterable<TrieChange<Attachment>>, version: StateVersion): Trie<Attachment> {
    const owner = Symbol("edit");
    let root = this.#root;
    let size = this.size;
    for (const { key, value, attachment } of changes) {
      const present = this.#seek(root, key) !== undefined;
      const nibbles = toNibbles(key);
      if (value !== undefined) {
        root = insert(root, nibbles, 0, new TrieValue(value, version, attachment), owner);
        if (!present) size++;
      } else if (present) {
        root = remove(root!, nibbles, 0, owner);
        size--;
      }
    }
    return root === this.#root ? this : new Trie(root, size);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#seek(this.#root, key)?.bytes;
  }

  /** The value with its cached hash and attachment. */
  value(key: Uint8Array): TrieValue<Attachment> | undefined {
    return this.#seek(this.#root, key);
  }

  #seek(root: TrieNode<Attachment> | undefined, key: Uint8Array): TrieValue<Attachment> | undefined {
    const length = key.length * 2;
    let node = root;
    let at = 0;
    while (node !== undefined) {
      const { partial } = node;
      if (at + partial.length > length) return undefined;
      for (let i = 0; i < partial.length; i++, at++) {
        if (partial[i] !== nibbleAt(key, at)) return undefined;
      }
      if (at === length) return node.value;
      node = node.children?.[nibbleAt(key, at)];
      at++;
    }
    return undefined;
  }

  /** The smallest key strictly greater than `key`. */
  nextKey(key: Uint8Array): Uint8Array | undefined {
    const path: number[] = [];
    return this.#root !== undefined && after(this.#root, toNibbles(key), 0, path)
      ? fromNibbles(path)
      : undefined;
  }

  /** Pairs whose keys begin with `prefix`, in key order, strictly after `startKey` when it is given. */
  *entries(
    prefix: Uint8Array = new Uint8Array(),
    startKey?: Uint8Array,
  ): IterableIterator<readonly [Uint8Array, TrieValue<Attachment>]> {
    const skipsPrefix = startKey === undefined || compare(startKey, prefix) < 0;
    const start = skipsPrefix ? undefined : toNibbles(startKey);
    const wanted = toNibbles(prefix);
    let node = this.#root;
    let at = 0;
    const path: number[] = [];
    while (node !== undefined && at < wanted.length) {
      const shared = sharedLength(node.partial, wanted, at);
      if (at + shared === wanted.length) break;
      if (shared < node.partial.length) return;
      at += shared;
      const index = wanted[at]!;
      path.push(...node.partial, index);
      node = node.children?.[index];
      at++;
    }
    if (node !== undefined) yield* walk(node, path, start);
  }

  /**
   * Encoded nodes, and values held by hash, on the way to each key, present or not: what a light client needs
   * to check the answers against the root. Sorted, each once, as the node's `StorageProof` is.
   */
  proof(keys: Iterable<Uint8Array>): Uint8Array[] {
    const nodes = new Map<string, Uint8Array>();
    const add = (bytes: Uint8Array) => nodes.set(toBinaryString(bytes), bytes);
    if (this.#root === undefined) add(Uint8Array.of(0));
    for (const key of keys) {
      const nibbles = toNibbles(key);
      let node = this.#root;
      let at = 0;
      while (node !== undefined) {
        if (node === this.#root || isOutOfLine(node)) add(encodeNode(node));
        const shared = sharedLength(node.partial, nibbles, at);
        if (shared < node.partial.length) break;
        at += shared;
        if (at === nibbles.length) {
          if (node.value?.hashed === true) add(node.value.bytes);
          break;
        }
        node = node.children?.[nibbles[at]!];
        at++;
      }
    }
    return [...nodes.values()].sort(compare);
  }
}

function nibbleAt(key: Uint8Array, index: number): number {
  const byte = key[index >> 1]!;
  return index & 1 ? byte & 15 : byte >> 4;
}

/** Extends `path` to the first value at or below the node. Every node has one. */
function first<A>(node: TrieNode<A>, path: number[]): true {
  let here = node;
  for (;;) {
    for (const nibble of here.partial) path.push(nibble);
    if (here.value !== undefined) return true;
    const index = here.children!.findIndex((child) => child !== undefined);
    path.push(index);
    here = here.children![index]!;
  }
}

/** Extends `path` to the first value below the node that is greater than `key`; leaves it alone if none is. */
function after<A>(node: TrieNode<A>, key: Uint8Array, from: number, path: number[]): boolean {
  const { partial } = node;
  const shared = sharedLength(partial, key, from);
  const at = from + shared;
  if (shared < partial.length) {
    const nodeIsGreater = at === key.length || partial[shared]! > key[at]!;
    return nodeIsGreater && first(node, path);
  }
  const length = path.length;
  for (const nibble of partial) path.push(nibble);
  const { children } = node;
  if (children !== undefined) {
    const equalIndex = at < key.length ? key[at]! : -1;
    for (let index = Math.max(equalIndex, 0); index < 16; index++) {
      const child = children[index];
      if (child === undefined) continue;
      path.push(index);
      if (index === equalIndex ? after(child, key, at + 1, path) : first(child, path)) return true;
      path.pop();
    }
  }
  path.length = length;
  return false;
}

/** All values at or below the node, strictly after `start`, whose first nibbles agree with `path`. */
function* walk<A>(
  node: TrieNode<A>,
  path: readonly number[],
  start: Uint8Array | undefined,
): IterableIterator<readonly [Uint8Array, TrieValue<A>]> {
  const here = [...path, ...node.partial];
  let rest = start;
  if (rest !== undefined) {
    const order = compareNibbles(here, rest);
    if (order === "after") rest = undefined;
    else if (order === "before") return;
  }
  if (node.value !== undefined && rest === undefined) yield [fromNibbles(here), node.value];
  if (node.children === undefined) return;
  // Where `start` goes on below this node, smaller children hold smaller keys; `start` itself is excluded.
  const from = rest === undefined || rest.length === here.length ? 0 : rest[here.length]!;
  for (let index = from; index < 16; index++) {
    const child = node.children[index];
    if (child === undefined) continue;
    const onStartsPath = rest !== undefined && rest.length > here.length && index === from;
    yield* walk(child, [...here, index], onStartsPath ? rest : undefined);
  }
}

/** Where the subtree at `path` lies: wholly after `start`, wholly before it, or `start` is at or below it. */
function compareNibbles(path: readonly number[], start: Uint8Array): "after" | "before" | "holds" {
  const shared = Math.min(path.length, start.length);
  for (let i = 0; i < shared; i++) {
    if (path[i]! !== start[i]!) return path[i]! > start[i]! ? "after" : "before";
  }
  return path.length > start.length ? "after" : "holds";
}
