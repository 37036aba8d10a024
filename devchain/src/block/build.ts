import { BlockRefused, RuntimeCallError } from "../chain/errors.ts";
import type { Block, ExtrinsicOutcome, StorageChanges } from "../chain/types.ts";
import { ascii, concat } from "../codec/bytes.ts";
import { encodeBytes, encodeU64, encodeVector, ScaleReader } from "../codec/scale.ts";
import { Overlay } from "../state/overlay.ts";
import type { State } from "../state/state.ts";
import type { Executor } from "../wasm/executor.ts";
import { decodeHeader, encodeHeader, type Header, hashHeader, ZERO_HASH } from "./header.ts";

/** The node's bound on a block's encoded size (`DEFAULT_BLOCK_SIZE_LIMIT`): 4 MiB and 512 bytes. */
const LARGEST_BLOCK = 4 * 1024 * 1024 + 512;

/** After so many extrinsics that did not fit, the node stops trying smaller ones (`MAX_SKIPPED_TRANSACTIONS`). */
const MOST_SKIPPED = 8;

export interface BlockPlan {
  readonly parent: Block;
  readonly extrinsics: readonly Uint8Array[];
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly digest: readonly Uint8Array[];
}

/** A block and the state it leads to. */
export interface ExecutedBlock {
  readonly block: Block;
  readonly state: State;
  readonly changes: StorageChanges;
}

export interface BuiltBlock extends ExecutedBlock {
  readonly outcomes: readonly ExtrinsicOutcome[];
}

/**
 * Makes a block as `sc_block_builder` does: initialise, inherents, extrinsics each in a transaction, finalise.
 * @param state after the parent
 * @throws BlockRefused, RuntimeCallError
 */
export function buildBlock(plan: BlockPlan, state: State, executor: Executor): BuiltBlock {
  const overlay = new Overlay(state);
  const draft: Header = {
    parentHash: plan.parent.hash,
    number: plan.parent.number + 1,
    stateRoot: ZERO_HASH,
    extrinsicsRoot: ZERO_HASH,
    digest: plan.digest,
  };
  const head = encodeHeader(draft);
  const mode = executor.call("Core_initialize_block", [head], overlay);
  // ExtrinsicInclusionMode: 1 while a migration runs, when the runtime takes nothing but inherents.
  const onlyInherents = mode[0] === 1;

  const included: Uint8Array[] = [];
  let size = head.length;
  const include = (extrinsic: Uint8Array): number => {
    size += extrinsic.length;
    return included.push(extrinsic) - 1;
  };
  for (const inherent of inherents(plan.timestamp, overlay, executor)) {
    const outcome = applyExtrinsic(inherent, overlay, executor, () => include(inherent));
    if (outcome.kind !== "included") throw new BlockRefused(`inherent not applied: ${describe(outcome)}`);
  }

  let skipped = 0;
  const outcomes = plan.extrinsics.map((extrinsic): ExtrinsicOutcome => {
    const fits = !onlyInherents && skipped < MOST_SKIPPED && size + extrinsic.length <= LARGEST_BLOCK;
    const outcome = fits
      ? applyExtrinsic(extrinsic, overlay, executor, () => include(extrinsic))
      : ({ kind: "exhausted" } as const);
    if (outcome.kind === "exhausted") skipped++;
    return outcome;
  });

  const header = executor.call("BlockBuilder_finalize_block", [], overlay);
  const after = overlay.result(executor.stateVersion);
  return { block: assemble(header, included), state: after, changes: overlay.changes(), outcomes };
}

/** The block that a SCALE header and opaque extrinsics make. @throws MalformedScale */
export function assemble(header: Uint8Array, extrinsics: readonly Uint8Array[]): Block {
  return { hash: hashHeader(header), ...decodeHeader(header), extrinsics, header };
}

/** Asks the runtime for its inherents. What it writes meanwhile must not reach the block: always rolled back. */
function inherents(timestamp: number, overlay: Overlay, executor: Executor): Uint8Array[] {
  const data = encodeVector([concat(ascii("timstap0"), encodeBytes(encodeU64(BigInt(timestamp))))]);
  overlay.startTransaction();
  try {
    const reader = new ScaleReader(executor.call("BlockBuilder_inherent_extrinsics", [data], overlay));
    return Array.from({ length: reader.compact() }, () => {
      const start = reader.at;
      reader.vectorOfBytes();
      return reader.bytes.slice(start, reader.at);
    });
  } finally {
    overlay.rollbackTransaction();
  }
}

const INVALID = 0;
const EXHAUSTS_RESOURCES = 6;

/** Keeps the effects of a dispatch, successful or failed; takes back those of an extrinsic that is not valid. */
function applyExtrinsic(
  extrinsic: Uint8Array,
  overlay: Overlay,
  executor: Executor,
  include: () => number,
): ExtrinsicOutcome {
  overlay.startTransaction();
  let result: Uint8Array;
  try {
    result = executor.call("BlockBuilder_apply_extrinsic", [extrinsic], overlay);
  } catch (error) {
    overlay.rollbackTransaction();
    if (error instanceof RuntimeCallError) return { kind: "trapped", message: error.message };
    throw error;
  }
  if (result[0] === 0) {
    overlay.commitTransaction();
    return { kind: "included", index: include(), result };
  }
  overlay.rollbackTransaction();
  const error = result.slice(1);
  return error[0] === INVALID && error[1] === EXHAUSTS_RESOURCES
    ? { kind: "exhausted" }
    : { kind: "invalid", error };
}

function describe(outcome: ExtrinsicOutcome): string {
  if (outcome.kind === "trapped") return outcome.message;
  return outcome.kind === "invalid" ? `TransactionValidityError ${outcome.error.join(" ")}` : outcome.kind;
}
