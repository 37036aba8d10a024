import type { Json } from "./scale.ts";

/** Place of a block: heights are equal on two forks, hashes are not. */
export interface BlockPoint {
  height: number;
  /** 0x and 64 hex digits. */
  hash: string;
}

/** A signed extrinsic that called, or made speak, one of the deployment's contracts. */
export interface ContractExtrinsic {
  index: number;
  hash: string;
  /** SS58; null for an unsigned extrinsic. */
  signer: string | null;
  /** Planck, tip included. */
  fee: bigint;
  success: boolean;
  /** `Pallet.Error` when it failed. */
  error: string | null;
  /** `Pallet.call`. */
  call: string;
  /** Callee's SS58 address, where the extrinsic itself is a `Contracts.call`. */
  contract: string | null;
  /** Planck sent with the call. */
  value: bigint;
  /** First four bytes of the call's input: the message's selector. */
  selector: string | null;
}

/** One `Contracts.ContractEmitted`, still encoded. */
export interface EmittedEvent {
  kind: "emitted";
  /** Position among all events of the block. */
  index: number;
  extrinsicIndex: number | null;
  /** SS58. */
  contract: string;
  topics: string[];
  /** 0x hex. */
  data: string;
}

/** The contract runs another code from here on. */
export interface CodeReplacement {
  kind: "code";
  index: number;
  contract: string;
  codeHash: string;
}

/** What of a block concerns the deployment's contracts. */
export interface ContractBlock extends BlockPoint {
  parentHash: string;
  /** ms since 1970, from the block's timestamp inherent; 0 in the genesis block, which has none. */
  timestamp: number;
  extrinsics: ContractExtrinsic[];
  /** In the order of the chain. */
  events: (EmittedEvent | CodeReplacement)[];
  /** Events of contracts that are not the deployment's. */
  foreignEvents: number;
}

/** A contract event with its name and fields. */
export interface DecodedEvent {
  name: string;
  fields: { [name: string]: Json };
}
