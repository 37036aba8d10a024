import { developmentGenesisPatch } from "@keystrand/runtime-config";
import { assemble, buildBlock, type ExecutedBlock } from "../block/build.ts";
import { executeBlock } from "../block/execute.ts";
import { encodeHeader, ZERO_HASH } from "../block/header.ts";
import { ascii, concat, fromHex, toHex } from "../codec/bytes.ts";

import { MalformedScale, ScaleReader } from "../codec/scale.ts";
import { twox_128 } from "../crypto/hashing.ts";
import { buildGenesis } from "../genesis/genesis.ts";
import { type Journal, type JournalEntry, JournalError } from "../persist/journal.ts";
import { Overlay } from "../state/overlay.ts";
import { State } from "../state/state.ts";
import { EMPTY_ROOT } from "../trie/node.ts";
import { type Executor, type ExecutorOptions, Executors } from "../wasm/executor.ts";
import { BlockRefused, NotDescendant, UnknownSnapshot } from "./errors.ts";
import { historyOf } from "./history.ts";
import { Listeners } from "./listeners.ts";
import { BlockTree } from "./tree.ts";
import type {
  Block,
  BlockToImport,
  Chain,
  ChainEvents,
  ChainOptions,
  Clock,
  Hex,
  LogLine,
  RuntimeVersion,
  SealedBlock,
  SealRequest,
  SnapshotId,
  StateView,
  StorageChanges,
  TransactionSource,
  TreeRoute,
} from "./types.ts";

/** About 20 kB a block: 4,096 blocks are some 80 MB and, at one a 6 s, seven hours. */
const DEFAULT_PRUNING = 4096;

/** Fewer blocks are not worth writing the journal again. */
const COMPACT_AFTER = 1024;

const TIMESTAMP_NOW = concat(twox_128(ascii("Timestamp")), twox_128(ascii("Now")));
const sources: readonly TransactionSource[] = ["inBlock", "local", "external"];

/** Options with the runtime's bytes at hand. */
export type EmbeddedChainOptions = ChainOptions & {
  readonly runtime: Uint8Array;
  /** The journal is compacted at start when this many blocks were pruned since the last time. Default 1024. */
  readonly compactAfter?: number;
} & Pick<ExecutorOptions, "reuseInstances" | "onHostCall">;

/** See {@link Chain}. Everything is synchronous. */
export class EmbeddedChain implements Chain {
  clock: Clock;
  readonly #tree: BlockTree;
  readonly #executors: Executors;
  readonly #listeners = new Listeners<ChainEvents>();
  readonly #selfCheck: boolean;
  readonly #pruning: number;
  readonly #journal: Journal | undefined;
  readonly #onLog: ((line: LogLine) => void) | undefined;
  /** Entries that count in the journal, now and at each snapshot. */
  #journalLength = 0;
  readonly #journalAt = new Map<SnapshotId, number>();

  constructor(options: EmbeddedChainOptions) {
    this.clock = options.clock ?? Date.now;
    this.#selfCheck = options.selfCheck ?? true;
    this.#pruning =
      options.pruning === "archive" ? Number.POSITIVE_INFINITY : (options.pruning ?? DEFAULT_PRUNING);
    this.#executors = new Executors(options);
    const source = options.genesis ?? ({ kind: "patch", json: developmentGenesisPatch } as const);
    const state = buildGenesis(source, options.runtime, this.#executors);
    this.#tree = new BlockTree(genesisBlock(state), state);
    this.#onLog = options.onLog;
    this.#journal = options.journal;
    if (options.journal !== undefined) this.#load(options.journal, options.compactAfter ?? COMPACT_AFTER);
  }

  get genesis(): Block {
    return this.#tree.genesis;
  }

  get genesisHash(): Hex {
    return this.#tree.genesis.hash;
  }

  get best(): Block {
    return this.#tree.best;
  }

  get finalized(): Block {
    return this.#tree.finalized;
  }

  block(hash: Hex): Block | undefined {
    return this.#tree.has(hash) ? this.#tree.block(hash) : undefined;
  }

  hashAt(number: number): Hex | undefined {
    return this.#tree.hashAt(number);
  }

  hashesAt(number: number): Hex[] {
    return this.#tree.hashesAt(number);
  }

  leaves(): Hex[] {
    return this.#tree.leaves();
  }

  route(from: Hex, to: Hex): TreeRoute {
    return this.#tree.route(from, to);
  }

  state(hash: Hex): StateView {
    return this.#tree.kept(hash).state;
  }

  hasState(hash: Hex): boolean {
    return this.#tree.hasState(hash);
  }

  storageChanges(hash: Hex): StorageChanges {
    const { state, changes } = this.#tree.kept(hash);
    return changes ?? everything(state);
  }

  call(hash: Hex, method: string, args: Uint8Array = new Uint8Array()): Uint8Array {
    const { state } = this.#tree.kept(hash);
    return this.#executor(state).call(method, [args], new Overlay(state));
  }

  runtimeVersion(hash: Hex): RuntimeVersion {
    return this.#executor(this.#tree.kept(hash).state).version;
  }

  validate(
    extrinsic: Uint8Array,
    { at = this.best.hash, source = "external" }: { at?: Hex; source?: TransactionSource } = {},
  ): Uint8Array {
    const args = concat(Uint8Array.of(sources.indexOf(source)), extrinsic, fromHex(at));
    return this.call(at, "TaggedTransactionQueue_validate_transaction", args);
  }

  /** Names of the host functions that the best block's runtime imports. */
  get hostImports(): string[] {
    return this.#executor(this.#tree.kept(this.best.hash).state).hostImports;
  }

  timestamp(hash: Hex): number {
    const now = this.#tree.kept(hash).state.get(TIMESTAMP_NOW);
    return now === undefined ? 0 : Number(new ScaleReader(now).u64());
  }

  seal(request: SealRequest): SealedBlock {
    const parent = this.#tree.block(request.parent ?? this.best.hash);
    this.#requireAboveFinal(parent);
    const { state } = this.#tree.kept(parent.hash);
    const executor = this.#executor(state);
    const built = buildBlock(
      {
        parent,
        extrinsics: request.extrinsics,
        timestamp: request.timestamp ?? Math.floor(this.clock()),
        digest: request.digest ?? [],
      },
      state,
      executor,
    );
    const { block } = built;
    if (!this.#tree.has(block.hash)) {
      if (this.#selfCheck) executeBlock(block, state, executor);
      this.#add(built);
    }
    if (request.finalize === true) this.finalize(block.hash);
    return { block, outcomes: built.outcomes, storageChanges: built.changes };
  }

  importBlock({ header, extrinsics }: BlockToImport): Block {
    const block = decodeBlock(header, extrinsics);
    if (this.#tree.has(block.hash)) return this.#tree.block(block.hash);
    const parent = this.#tree.block(block.parentHash);
    if (block.number !== parent.number + 1) {
      throw new BlockRefused(`number ${block.number} does not follow its parent's ${parent.number}`);
    }
    this.#requireAboveFinal(parent);
    const { state } = this.#tree.kept(parent.hash);
    this.#add(executeBlock(block, state, this.#executor(state)));
    return block;
  }

  finalize(hash: Hex): void {
    const block = this.#tree.block(hash);
    const { finalized } = this.#tree;
    if (hash === finalized.hash) return;
    if (this.#tree.route(finalized.hash, hash).retracted.length > 0)
      throw new NotDescendant(hash, finalized.hash);
    if (!this.#tree.isCanonical(block)) this.reorgTo(hash);
    this.#record({ kind: "finalized", hash });
    const change = this.#tree.finalize(hash, this.#pruning);
    this.#listeners.tell("finalized", { block, ...change });
  }

  reorgTo(hash: Hex): void {
    if (hash === this.best.hash) return;
    const { common } = this.#tree.route(this.finalized.hash, hash);
    if (common.hash !== this.finalized.hash) throw new NotDescendant(hash, this.finalized.hash);
    this.#record({ kind: "best", hash });
    this.#setBest(hash);
  }

  /** What is final stays: a block beside it could never become best, however long its branch. */
  #requireAboveFinal(parent: Block): void {
    const { finalized } = this;
    if (this.#tree.isCanonical(parent) && parent.number >= finalized.number) return;
    if (this.#tree.route(finalized.hash, parent.hash).common.hash !== finalized.hash)
      throw new NotDescendant(parent.hash, finalized.hash);
  }

  #setBest(hash: Hex): void {
    const { retracted, enacted } = this.#tree.setBest(hash);
    this.#listeners.tell("best", { block: this.#tree.block(hash), retracted, enacted });
  }

  snapshot(): SnapshotId {
    const id = this.#tree.snapshot();
    this.#journalAt.set(id, this.#journalLength);
    return id;
  }

  restore(id: SnapshotId): void {
    const length = this.#journalAt.get(id);
    if (length === undefined) throw new UnknownSnapshot(id);
    this.#journal?.append({ kind: "rewind", length });
    this.#journalLength = length;
    this.#tree.restore(id);
    for (const later of this.#journalAt.keys()) if (later > id) this.#journalAt.delete(later);
    this.#listeners.tell("restored", { best: this.best, finalized: this.finalized });
  }

  release(id: SnapshotId): void {
    this.#tree.release(id);
    this.#journalAt.delete(id);
  }

  on<Name extends keyof ChainEvents>(name: Name, listener: (event: ChainEvents[Name]) => void): () => void {
    return this.#listeners.add(name, listener);
  }

  /** A longer chain becomes the best one; among equals the first stays, as in the node's fork choice. */
  #add({ block, state, changes }: ExecutedBlock): void {
    this.#record({ kind: "block", header: block.header, extrinsics: block.extrinsics, changes });
    this.#tree.add(block, state, changes);
    const isBest = block.number > this.best.number;
    this.#listeners.tell("imported", { block, isBest });
    if (isBest) this.#setBest(block.hash);
  }

  /** Before each change of the tree, so that a step that cannot be kept is not taken. */
  #record(entry: JournalEntry): void {
    this.#journal?.append(entry);
    this.#journalLength++;
  }

  /** Takes the steps of earlier runs again, without executing anything. */
  #load(journal: Journal, compactAfter: number): void {
    /** What is read of the next block's state, where the journal has it whole. */
    let whole: State | undefined;
    let pruned = 0;
    for (const entry of journal.open(this.genesisHash)) {
      this.#journalLength++;
      if (entry.kind === "pruned") {
        this.#tree.addPruned(decodeBlock(entry.header, entry.extrinsics));
        pruned++;
      } else if (entry.kind === "state") {
        whole = (whole ?? State.empty).with(entry.storage, entry.version);
      } else if (entry.kind === "block") {
        this.#loadBlock(entry, whole);
        whole = undefined;
      } else if (entry.kind === "best") this.#tree.setBest(entry.hash);
      else if (entry.kind === "finalized") this.#tree.finalize(entry.hash, this.#pruning);
    }
    // Roots are hashed at the heads only: they depend on every change before, and hashing all would be slow.
    for (const hash of this.leaves()) {
      const { stateRoot, number } = this.#tree.block(hash);
      if (this.state(hash).root !== stateRoot) {
        throw new JournalError(`The stored state of block ${number} does not have the root in its header`);
      }
    }
    if (this.#tree.prunedBelow - pruned > compactAfter) this.#compact(journal);
  }

  #loadBlock({ header, extrinsics, changes }: JournalEntry & { kind: "block" }, whole?: State): void {
    const block = decodeBlock(header, extrinsics);
    this.#tree.add(block, whole ?? this.#changed(block.parentHash, changes), changes);
    if (block.number > this.best.number) this.#tree.setBest(block.hash);
  }

  #changed(parent: Hex, changes: StorageChanges): State {
    const { state } = this.#tree.kept(parent);
    return state.with(changes, this.#executor(state).stateVersion);
  }

  /** Drops what pruned blocks changed from the journal, which then has the first kept state whole. */
  #compact(journal: Journal): void {
    if (journal.compact === undefined) return;
    const history = historyOf(this.#tree);
    // A state that was laid out by several versions cannot be told by its pairs alone.
    if (history === undefined) return;
    try {
      let length = 0;
      journal.compact(
        (function* () {
          for (const entry of history) {
            length++;
            yield entry;
          }
        })(),
      );
      this.#journalLength = length;
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      // The longer history is as good.
      this.#onLog?.({ level: 2, target: "journal", message: error.message });
    }
  }

  /** The runtime that the state itself holds, so that upgrades take effect with the next block. */
  #executor(state: State): Executor {
    const { code } = state;
    if (code === undefined) throw new BlockRefused("the state has no :code");
    return this.#executors.for(code.bytes, code.hash, state.heapPages);
  }
}

function decodeBlock(header: Uint8Array, extrinsics: readonly Uint8Array[]): Block {
  try {
    return assemble(header, extrinsics);
  } catch (error) {
    if (error instanceof MalformedScale) throw new BlockRefused(error.message, { cause: error });
    throw error;
  }
}

function genesisBlock(state: State): Block {
  const header = encodeHeader({
    parentHash: ZERO_HASH,
    number: 0,
    stateRoot: toHex(state.top.root),
    extrinsicsRoot: toHex(EMPTY_ROOT),
    digest: [],
  });
  return assemble(header, []);
}

function everything(state: State): StorageChanges {
  return {
    top: [...state.entries()],
    children: state
      .childKeys()
      .map((storageKey) => ({ storageKey, changes: [...(state.child(storageKey)?.entries() ?? [])] })),
  };
}
