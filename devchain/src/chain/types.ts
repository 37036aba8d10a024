/**
 * The border between the core (everything below this file: trie, state, host, blocks) and the edge (pool,
 * JSON-RPC, server, cli). All of it is synchronous and imports nothing of Node: bytes in, bytes out.
 */

import type { Journal } from "../persist/journal.ts";

/** Lower-case `0x`-prefixed hexadecimal. Hashes are 32 bytes: 66 characters. */
export type Hex = `0x${string}`;

/** A block with its state already computed. Immutable. */
export interface Block {
  readonly hash: Hex;
  readonly number: number;
  readonly parentHash: Hex;
  readonly stateRoot: Hex;
  readonly extrinsicsRoot: Hex;
  /** SCALE-encoded digest items, in order (without the vector's length prefix). */
  readonly digest: readonly Uint8Array[];
  /** Opaque extrinsics, each with its SCALE length prefix, exactly as `chain_getBlock` shows them. */
  readonly extrinsics: readonly Uint8Array[];
  /** The SCALE-encoded header; `hash` is its BLAKE2b-256. */
  readonly header: Uint8Array;
}

/** Ordered key-value storage at one block: the top trie or one child trie. */
export interface StorageView {
  /** Merkle root of this trie. */
  readonly root: Hex;
  /** Number of keys. */
  readonly size: number;
  /** The value, or undefined when the key is absent. Do not modify the bytes. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** The smallest key strictly greater than `key`. */
  nextKey(key: Uint8Array): Uint8Array | undefined;
  /** At most `count` keys that begin with `prefix`, in order, strictly after `startKey` when it is given. */
  keysPaged(prefix: Uint8Array, count: number, startKey?: Uint8Array): Uint8Array[];
  /** All pairs whose keys begin with `prefix`, in key order. Lazy. */
  entries(prefix?: Uint8Array): IterableIterator<readonly [key: Uint8Array, value: Uint8Array]>;
  /** Encoded trie nodes (and hashed values) that prove the presence or absence of each key under `root`. */
  proof(keys: readonly Uint8Array[]): Uint8Array[];
}

/** The state after a block. */
export interface StateView extends StorageView {
  /**
   * A default child trie by its storage key WITHOUT the `:child_storage:default:` prefix; undefined when the
   * child has no keys.
   */
  child(storageKey: Uint8Array): StorageView | undefined;
  /** Storage keys (without prefix) of all child tries, in order. */
  childKeys(): Uint8Array[];
  /** Proof of child keys: nodes from the top root to the child's root and on to each key. */
  childProof(storageKey: Uint8Array, keys: readonly Uint8Array[]): Uint8Array[];
}

/** Keys that a block changed; `undefined` is a deletion. Keys written with an equal value are included. */
export interface StorageChanges {
  readonly top: readonly (readonly [key: Uint8Array, value: Uint8Array | undefined])[];
  readonly children: readonly {
    /** Without the `:child_storage:default:` prefix. */
    readonly storageKey: Uint8Array;
    readonly changes: readonly (readonly [key: Uint8Array, value: Uint8Array | undefined])[];
  }[];
}

/** What became of one extrinsic that was offered to a block. */
export type ExtrinsicOutcome =
  /** In the block, at `index`; `result` is the SCALE `ApplyExtrinsicResult` (a failed dispatch is included too). */
  | { readonly kind: "included"; readonly index: number; readonly result: Uint8Array }
  /** Refused: `error` is the SCALE `TransactionValidityError` (0 = invalid, 1 = unknown, then the variant). */
  | { readonly kind: "invalid"; readonly error: Uint8Array }
  /** The block is full; the extrinsic stays good for the next one. */
  | { readonly kind: "exhausted" }
  /** The runtime trapped while it applied this extrinsic; its effects were rolled back. */
  | { readonly kind: "trapped"; readonly message: string };

export interface SealRequest {
  /** Extrinsics to try, in order, each with its SCALE length prefix. Inherents are made by the chain. */
  readonly extrinsics: readonly Uint8Array[];
  /** Default: the best block. Another block makes a fork. */
  readonly parent?: Hex;
  /**
   * Milliseconds since 1970 for the timestamp inherent; default: the clock. The runtime raises it to its
   * minimum period (5 ms) after the parent's, so time always moves on.
   */
  readonly timestamp?: number;
  /** SCALE-encoded digest items to put into the header. Default: none, as on the node. */
  readonly digest?: readonly Uint8Array[];
  /** Finalise the block at once. Default false. */
  readonly finalize?: boolean;
}

export interface SealedBlock {
  readonly block: Block;
  /** One for each requested extrinsic, in the request's order. */
  readonly outcomes: readonly ExtrinsicOutcome[];
  readonly storageChanges: StorageChanges;
}

/** A block as it arrives from elsewhere. */
export interface BlockToImport {
  /** SCALE-encoded header. */
  readonly header: Uint8Array;
  readonly extrinsics: readonly Uint8Array[];
}

/** The way from one head to another. Arrays are oldest first. */
export interface TreeRoute {
  /** Last block both have. */
  readonly common: Block;
  readonly retracted: readonly Block[];
  readonly enacted: readonly Block[];
}

/** Fired synchronously, in the order imported, best, finalized. Listeners must not change the chain. */
export interface ChainEvents {
  /** A block was added to the tree, by seal or import. */
  imported: { readonly block: Block; readonly isBest: boolean };
  /** The best block changed. `retracted` is empty when the new best extends the old one. */
  best: { readonly block: Block; readonly retracted: readonly Block[]; readonly enacted: readonly Block[] };
  /** `finalized` are all blocks newly final, oldest first; `discarded` are the hashes of dropped forks. */
  finalized: {
    readonly block: Block;
    readonly finalized: readonly Block[];
    readonly discarded: readonly Hex[];
  };
  /** The whole tree went back to a snapshot: every subscription should start over. */
  restored: { readonly best: Block; readonly finalized: Block };
}

export interface RuntimeVersion {
  readonly specName: string;
  readonly implName: string;
  readonly authoringVersion: number;
  readonly specVersion: number;
  readonly implVersion: number;
  /** Runtime API ids (8 bytes) with their versions. */
  readonly apis: readonly (readonly [id: Hex, version: number])[];
  readonly transactionVersion: number;
  /** State trie layout, `stateVersion` (or `systemVersion`) in the node's JSON. */
  readonly stateVersion: 0 | 1;
}

/** Where a transaction comes from, as the runtime's `TransactionSource`. */
export type TransactionSource = "inBlock" | "local" | "external";

export interface LogLine {
  /** 1 error, 2 warn, 3 info, 4 debug, 5 trace. */
  readonly level: number;
  readonly target: string;
  readonly message: string;
}

/** Opaque; good until released or until an earlier snapshot is restored. */
export type SnapshotId = number;

/** Milliseconds since 1970. Passed in so that tests and `dev_setTime` hold the time. */
export type Clock = () => number;

export interface Chain {
  readonly genesisHash: Hex;
  readonly genesis: Block;
  /** Head of the canonical chain: what the node's fork choice picked, or `reorgTo`. */
  readonly best: Block;
  readonly finalized: Block;

  /** A known block, canonical or not. */
  block(hash: Hex): Block | undefined;
  /** Canonical hash at a height; undefined above the best block. */
  hashAt(number: number): Hex | undefined;
  /** All known blocks at a height, the canonical one first. */
  hashesAt(number: number): Hex[];
  /** Heads of all branches, the best first. */
  leaves(): Hex[];
  /** @throws UnknownBlock */
  route(from: Hex, to: Hex): TreeRoute;

  /** State after the block. @throws UnknownBlock, StateDiscarded (pruned; the node's RPC error 4003) */
  state(hash: Hex): StateView;
  /** Whether `state(hash)` would answer. */
  hasState(hash: Hex): boolean;
  /** Keys the block changed. @throws UnknownBlock, StateDiscarded. Genesis: all keys. */
  storageChanges(hash: Hex): StorageChanges;
  /**
   * Calls a runtime API on the state after the block and drops its effects.
   * @param method for example `ContractsApi_call`
   * @param args SCALE-encoded arguments
   * @throws UnknownBlock, StateDiscarded, RuntimeCallError
   */
  call(hash: Hex, method: string, args?: Uint8Array): Uint8Array;
  /** Version of the runtime that executes blocks on top of this one. @throws UnknownBlock, StateDiscarded */
  runtimeVersion(hash: Hex): RuntimeVersion;
  /**
   * `TaggedTransactionQueue_validate_transaction`: the raw SCALE `TransactionValidity`.
   * @param at default the best block
   * @throws RuntimeCallError when the extrinsic does not decode
   */
  validate(
    extrinsic: Uint8Array,
    options?: { readonly at?: Hex; readonly source?: TransactionSource },
  ): Uint8Array;

  /**
   * Makes, checks and imports a block.
   * @throws UnknownBlock, StateDiscarded, BlockRefused, NotDescendant (the parent lies below the final block)
   */
  seal(request: SealRequest): SealedBlock;
  /**
   * Executes a foreign block by `Core_execute_block` and adds it; a known block is answered as it is.
   * @throws UnknownBlock (parent), StateDiscarded, NotDescendant (the parent lies below the final block),
   * BlockRefused (root, hash or execution does not agree)
   */
  importBlock(block: BlockToImport): Block;
  /** Makes a block and its ancestors final and drops forks that lack it. @throws UnknownBlock, NotDescendant */
  finalize(hash: Hex): void;
  /** Makes a known block the best one, whatever its height. @throws UnknownBlock, NotDescendant (of the final block) */
  reorgTo(hash: Hex): void;

  /** Remembers the whole tree in O(1). */
  snapshot(): SnapshotId;
  /** Goes back, as often as wanted; later snapshots become void. @throws UnknownSnapshot */
  restore(id: SnapshotId): void;
  /** Forgets a snapshot so that its blocks can be collected. @throws UnknownSnapshot */
  release(id: SnapshotId): void;

  /** Milliseconds since 1970 as the runtime knows it after the block (`Timestamp::Now`), 0 at genesis. */
  timestamp(hash: Hex): number;
  /** The clock that `seal` uses. Replaceable at any time. */
  clock: Clock;

  /** Returns a function that stops listening. */
  on<Name extends keyof ChainEvents>(name: Name, listener: (event: ChainEvents[Name]) => void): () => void;
}

/** Where the first state comes from. */
export type GenesisSource =
  /** JSON text merged over the runtime's default genesis config (numbers may exceed 2^53), built by the runtime. */
  | { readonly kind: "patch"; readonly json: string }
  /** A raw chain spec's storage: hexadecimal keys and values. */
  | {
      readonly kind: "raw";
      readonly top: Readonly<Record<string, string>>;
      readonly childrenDefault?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    };

/** Settings of `createChain(options?): Promise<Chain>`. */
export interface ChainOptions {
  /** The runtime as `:code` holds it, compressed or not. Default: @keystrand/runtime-config's. */
  readonly runtime?: Uint8Array;
  /** Default: the node's development genesis. */
  readonly genesis?: GenesisSource;
  /** Default: `Date.now`. */
  readonly clock?: Clock;
  /** Re-execute every sealed block by `Core_execute_block`. Default true. */
  readonly selfCheck?: boolean;
  /** How many final blocks keep their state, or all of them. Default 4096. */
  readonly pruning?: number | "archive";
  /** Keeps the history across runs; what it holds is loaded at start. Default: none, everything is in memory. */
  readonly journal?: Journal;
  /** Receives the runtime's log lines. */
  readonly onLog?: (line: LogLine) => void;
  /** Most verbose level the runtime formats: 1 error, 2 warn (default), 3 info, 4 debug, 5 trace. */
  readonly logLevel?: 1 | 2 | 3 | 4 | 5;
}
