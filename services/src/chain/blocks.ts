/** A finalised block, as far as every service reads it. */
export interface FinalizedBlock {
  readonly number: number;
  /** `0x` and hex. */
  readonly hash: string;
  /** Block time, ms. */
  readonly time: number;
  /** Whether it is the newest: services act only then, and catch up before. */
  readonly newest: boolean;
  /** Extrinsics that this service's account signed, with why they failed; null for success. */
  readonly own: readonly { readonly hash: Uint8Array; readonly failure: string | null }[];
}

/** States of the escrow's `State`, by the names of its metadata. */
export type OrderState =
  | "UnderReview"
  | "Funded"
  | "Qualified"
  | "Releasing"
  | "Delivered"
  | "Disputed"
  | "Settled"
  | "Resolved"
  | "Refunded";

/** States of the escrow's `LineState`. */
export type LineState = "Open" | "Locked" | "Delivered" | "Disputed" | "Paid" | "Refunded";

/** The enclave's keys as the order pins them. */
export interface PinnedKeys {
  readonly suite: number;
  readonly encryption: Uint8Array;
  readonly signing: Uint8Array;
}

/** One dataset of an order at some block. */
export interface LineAtBlock {
  /** Position in the order, from 0. */
  readonly line: number;
  readonly dataset: Uint8Array;
  readonly root: Uint8Array;
  readonly keyCommitment: Uint8Array;
  /** blake2_256 of the packet that release committed to; zeroes before. */
  readonly packet: Uint8Array;
  readonly state: LineState;
  /** Whether its packet was delivered, whatever became of it since. */
  readonly delivered: boolean;
}

/** An order at some block. */
export interface OrderAtBlock {
  readonly order: Uint8Array;
  readonly state: OrderState;
  /** End of the state's window, block time, ms; 0 once the order has ended. */
  readonly deadline: number;
  /** Length of the window in which the custodian must act now: to release, or to deliver; ms. */
  readonly window: number;
  /** End of arbitration of a disputed order, block time, ms; 0 otherwise. */
  readonly arbitrationDeadline: number;
  readonly minCohort: number;
  /** The attested enclave, from Qualified on. */
  readonly keys: PinnedKeys | null;
  /** The buyer's account and crypt4gh public key. */
  readonly buyer: Uint8Array;
  readonly readerKey: Uint8Array;
  /** Shared by the orders of one cohort. */
  readonly job: Uint8Array;
  readonly lines: readonly LineAtBlock[];
}

/** A transaction, signed and not yet sent. */
export interface SignedTransaction {
  readonly extrinsic: Uint8Array;
  readonly hash: Uint8Array;
  /** The last block that may include it. */
  readonly validUntil: number;
}

/** Why a message would be refused now, in one sentence. */
export interface Refusal {
  readonly refusal: string;
}

/** Sends transactions that were signed before. */
export interface Broadcaster {
  /**
   * Sends signed bytes; sending the same twice is harmless.
   * @returns why the node's pool will not have it, or null
   * @throws when the node cannot be reached
   */
  broadcast(extrinsic: Uint8Array): Promise<string | null>;
}
