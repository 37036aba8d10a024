import type { InvalidReason, UnknownReason } from "./validity.ts";

/** Why the pool did not take a transaction. Named as the node's `sc_transaction_pool_api::error::Error`. */
export type PoolRefusal =
  | { readonly kind: "invalid"; readonly reason: InvalidReason }
  | { readonly kind: "unknown"; readonly reason: UnknownReason }
  /** The runtime trapped while it decoded or checked the transaction. */
  | { readonly kind: "verification"; readonly cause: unknown }
  | { readonly kind: "banned" }
  | { readonly kind: "alreadyImported" }
  | { readonly kind: "tooLowPriority"; readonly old: bigint; readonly new: bigint }
  | { readonly kind: "cycle" }
  | { readonly kind: "immediatelyDropped" }
  | { readonly kind: "noTags" };

/** Thrown by `TransactionPool.submit`. */
export class PoolError extends Error {
  readonly refusal: PoolRefusal;
  constructor(refusal: PoolRefusal, options?: ErrorOptions) {
    super(describe(refusal), options);
    this.name = "PoolError";
    this.refusal = refusal;
  }
}

function describe(refusal: PoolRefusal): string {
  switch (refusal.kind) {
    case "invalid":
      return `Invalid transaction: ${refusal.reason.text}`;
    case "unknown":
      return `Unknown transaction validity: ${refusal.reason.text}`;
    case "verification":
      return refusal.cause instanceof Error ? refusal.cause.message : String(refusal.cause);
    case "banned":
      return "Transaction is temporarily banned";
    case "alreadyImported":
      return "Transaction is already in the pool";
    case "tooLowPriority":
      return `Priority is too low: (${refusal.old} vs ${refusal.new})`;
    case "cycle":
      return "Transactions depend on each other in a circle";
    case "immediatelyDropped":
      return "The transaction couldn't enter the pool because of the limit";
    case "noTags":
      return "Transaction does not provide any tags, so the pool can't identify it";
  }
}
