import { BlockRefused, RuntimeCallError } from "../chain/errors.ts";
import type { Block } from "../chain/types.ts";
import { toHex } from "../codec/bytes.ts";
import { encodeVector } from "../codec/scale.ts";
import { Overlay } from "../state/overlay.ts";
import type { State } from "../state/state.ts";
import type { Executor } from "../wasm/executor.ts";
import type { ExecutedBlock } from "./build.ts";

/**
 * Runs a finished block on its parent's state by `Core_execute_block`, which itself compares state root,
 * extrinsics root and digest with the header's.
 * @throws BlockRefused
 */
export function executeBlock(block: Block, parentState: State, executor: Executor): ExecutedBlock {
  const overlay = new Overlay(parentState);
  try {
    executor.call("Core_execute_block", [block.header, encodeVector(block.extrinsics)], overlay);
  } catch (error) {
    if (error instanceof RuntimeCallError) throw new BlockRefused(error.message, { cause: error });
    throw error;
  }
  const state = overlay.result(executor.stateVersion);
  // The runtime has compared already; this guards against a host that gives it one root and keeps another.
  const root = toHex(state.top.root);
  if (root !== block.stateRoot) {
    throw new BlockRefused(
      `state root of block ${block.number} is ${root}, its header says ${block.stateRoot}`,
    );
  }
  return { block, state, changes: overlay.changes() };
}
