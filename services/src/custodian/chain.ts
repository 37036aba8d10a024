import type { TimeOut } from "@keystrand/sdk/orders";
import type {
  Broadcaster,
  FinalizedBlock,
  OrderAtBlock,
  Refusal,
  SignedTransaction,
} from "../chain/blocks.ts";

/** What a finalised block says to a custodian. */
export interface CustodianBlock extends FinalizedBlock {
  /** Orders of this custodian that were created or became Qualified. */
  readonly touched: readonly Uint8Array[];
  /** Datasets that were erased. */
  readonly erased: readonly Uint8Array[];
}

/** What the contracts say at a block of an order's permission: each a sentence, or null where all is well. */
export interface Standing {
  /** Why the enclave's attestation no longer stands. */
  readonly attestation: string | null;
  /** Why the collection's policy denies the purpose or the buyer. */
  readonly policy: string | null;
  /** Why a line's consent denies it, by the line's position. */
  readonly lines: ReadonlyMap<number, string>;
}

/** What the custodian asks of the chain. Everything is read at a finalised block that the caller names. */
export interface CustodianChain extends Broadcaster {
  /** Every finalised block from a height on, in order, without gaps. */
  blocks(from: number, signal: AbortSignal): AsyncIterable<CustodianBlock>;
  order(order: Uint8Array, at: string): Promise<OrderAtBlock | null>;
  standing(order: OrderAtBlock, at: string): Promise<Standing>;
  release(
    order: Uint8Array,
    packets: readonly { readonly line: number; readonly hash: Uint8Array }[],
  ): Promise<SignedTransaction | Refusal>;
  deliver(
    order: Uint8Array,
    packets: readonly { readonly line: number; readonly packet: Uint8Array }[],
  ): Promise<SignedTransaction | Refusal>;
  /** Ends what time has ended; anyone may. */
  timeOut(order: Uint8Array, message: TimeOut): Promise<SignedTransaction | Refusal>;
}
