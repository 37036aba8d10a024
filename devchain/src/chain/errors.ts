import type { Hex } from "./types.ts";

/** Base of every error the core throws on purpose; anything else is a defect. */
export abstract class ChainError extends Error {
  /** Stable word for programs. */
  abstract readonly code: string;
}

/** No block with this hash is in the tree. */
export class UnknownBlock extends ChainError {
  readonly code = "UnknownBlock";
  readonly hash: Hex;
  constructor(hash: Hex) {
    super(`Unknown block ${hash}`);
    this.name = "UnknownBlock";
    this.hash = hash;
  }
}

/** The block is known, but its state was pruned. The node answers RPC error 4003. */
export class StateDiscarded extends ChainError {
  readonly code = "StateDiscarded";
  readonly hash: Hex;
  constructor(hash: Hex) {
    super(`State already discarded for ${hash}`);
    this.name = "StateDiscarded";
    this.hash = hash;
  }
}

/** The runtime trapped, panicked, has no such method, or called a host function that does not exist. */
export class RuntimeCallError extends ChainError {
  readonly code = "RuntimeCallError";
  readonly method: string;
  /** The runtime's last error-level log line: for a panic, its message and place. */
  readonly panic: string | undefined;
  constructor(method: string, panic: string | undefined, cause: unknown) {
    const trap = cause instanceof Error ? cause.message : String(cause);
    super(`Execution of ${method} failed: ${panic ?? trap}`, { cause });
    this.name = "RuntimeCallError";
    this.method = method;
    this.panic = panic;
  }
}

/** A block could not be made or imported: the reason says which rule or which root. */
export class BlockRefused extends ChainError {
  readonly code = "BlockRefused";
  constructor(reason: string, options?: ErrorOptions) {
    super(`Block refused: ${reason}`, options);
    this.name = "BlockRefused";
  }
}

/** The block does not descend from the last final block (or is an ancestor of it). */
export class NotDescendant extends ChainError {
  readonly code = "NotDescendant";
  constructor(hash: Hex, finalized: Hex) {
    super(`Block ${hash} does not descend from the final block ${finalized}`);
    this.name = "NotDescendant";
  }
}

/** The snapshot was released, or an earlier one was restored since. */
export class UnknownSnapshot extends ChainError {
  readonly code = "UnknownSnapshot";
  constructor(id: number) {
    super(`Unknown snapshot ${id}`);
    this.name = "UnknownSnapshot";
  }
}
