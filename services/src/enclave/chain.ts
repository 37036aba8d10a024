import type { AttestationResult } from "@keystrand/sdk/http";
import type {
  Broadcaster,
  FinalizedBlock,
  OrderAtBlock,
  Refusal,
  SignedTransaction,
} from "../chain/blocks.ts";

/** Packets that a finalised block delivered to an order. */
export interface DeliveredPackets {
  readonly order: Uint8Array;
  readonly packets: readonly { readonly line: number; readonly bytes: Uint8Array }[];
}

/** What a finalised block says to an enclave. */
export interface EnclaveBlock extends FinalizedBlock {
  readonly delivered: readonly DeliveredPackets[];
}

/** An order with what its collection's policy asks of an enclave. */
export interface OrderToAttest {
  readonly order: OrderAtBlock;
  /** Time of the block at which this was read, ms. */
  readonly time: number;
  /** Distinct allowed verifiers that must sign. */
  readonly quorum: number;
  /** Longest time between a claim's issue and its use, ms. */
  readonly maxAge: number;
}

/** The enclave's word on what was delivered. */
export interface SignedReceipt {
  readonly order: Uint8Array;
  /** Root digest of the sealed output; zeroes where there is none. */
  readonly output: Uint8Array;
  /** Positions of the lines that are bad. */
  readonly bad: readonly number[];
  readonly signature: Uint8Array;
}

/** What the enclave's host asks of the chain. Everything is read at finalised blocks. */
export interface EnclaveChain extends Broadcaster {
  /** Height of the newest finalised block. */
  newest(): Promise<number>;
  /** Every finalised block from a height on, in order, without gaps. */
  blocks(from: number, signal: AbortSignal): AsyncIterable<EnclaveBlock>;
  order(order: Uint8Array, at: string): Promise<OrderAtBlock | null>;
  /** An order at the newest finalised block; null when it is not (yet) there. */
  orderToAttest(order: Uint8Array): Promise<OrderToAttest | null>;
  /** Whether the attestations contract counts this verifier now. */
  isAllowedVerifier(account: Uint8Array): Promise<boolean>;
  attest(
    claim: AttestationResult["claim"],
    signatures: readonly { readonly verifier: Uint8Array; readonly signature: Uint8Array }[],
    naming: Uint8Array,
  ): Promise<SignedTransaction | Refusal>;
  /** accept where all is good, reject otherwise. */
  receipt(receipt: SignedReceipt): Promise<SignedTransaction | Refusal>;
}
