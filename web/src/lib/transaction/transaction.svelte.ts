import type { Estimate, Executed } from "@keystrand/sdk/contracts";
import { untrack } from "svelte";
import { spendable } from "../chain/balance.ts";
import type { Chain, ChainNode } from "../chain/node.svelte.ts";
import { knowsChain, metadataOf } from "../wallet/metadata.ts";
import { walletAccount } from "../wallet/signer.ts";
import type { Wallet } from "../wallet/wallet.svelte.ts";
import type { Call } from "./call.ts";
import { type Failure, failureOf } from "./failure.ts";

/** Where a transaction stands; each state has words of its own and says what to do next. */
export type Stage =
  | "checking"
  | "ready"
  | "short"
  | "stopped"
  | "signing"
  | "broadcast"
  | "inBlock"
  | "finalized";

/** A block of the chain. */
export interface Place {
  readonly number: number;
  readonly hash: string;
}

/** One transaction from its dry run to its final block. */
export class Transaction<T = unknown> {
  stage = $state<Stage>("checking");
  estimate = $state.raw<Estimate | null>(null);
  /** What the account can spend, planck. */
  balance = $state<bigint | null>(null);
  failure = $state.raw<Failure | null>(null);
  inBlock = $state.raw<Place | null>(null);
  finalized = $state.raw<Place | null>(null);
  fee = $state<bigint | null>(null);
  /** The wallet has not this chain's metadata and cannot show the call in words. */
  metadataMissing = $state(false);
  readonly #call: Call<T>;
  readonly #node: ChainNode;
  readonly #wallet: Wallet;
  readonly address: string;

  constructor(call: Call<T>, node: ChainNode, wallet: Wallet, address: string) {
    this.#call = call;
    this.#node = node;
    this.#wallet = wallet;
    this.address = address;
  }

  /** Planck that leave the account at most. */
  get needed(): bigint {
    const { fee = 0n, deposit = 0n, value = 0n } = this.estimate ?? {};
    return fee + value + (deposit > 0n ? deposit : 0n);
  }

  /** Signing and what follows cannot be taken back by closing. */
  get underWay(): boolean {
    return ["signing", "broadcast", "inBlock"].includes(this.stage);
  }

  /** Dry run: what it would cost, or why it would be refused. Nothing is signed. */
  async check(): Promise<void> {
    this.stage = "checking";
    this.failure = null;
    this.estimate = null;
    try {
      const { contracts } = await this.#node.chain();
      const { extension } = this.#wallet;
      if (extension) this.metadataMissing = !(await knowsChain(extension, contracts.api));
      this.balance = await spendable(contracts.api, this.address);
      this.estimate = await this.#call.estimate(contracts, this.address);
      this.stage = this.balance < this.needed ? "short" : "ready";
    } catch (error) {
      this.#stop(error);
    }
  }

  /** While the account is short: whether it is still. */
  async lookForMoney(): Promise<void> {
    if (untrack(() => this.stage) !== "short") return;
    const { contracts } = await this.#node.chain();
    const before = this.balance;
    this.balance = await spendable(contracts.api, this.address);
    if (this.stage === "short" && this.balance !== before) await this.check();
  }

  /** Gives the wallet the chain's metadata; a person may decline that. */
  async teachWallet(): Promise<void> {
    const { extension } = this.#wallet;
    const { contracts } = await this.#node.chain();
    if (!extension?.metadata) return;
    try {
      await extension.metadata.provide(await metadataOf(contracts.api));
    } catch {
      // Declined: the wallet then shows bytes, and signing works all the same.
    }
    this.metadataMissing = false;
  }

  /** Signs, sends, and waits until it is final; answers null where it came to nothing, and `failure` says why. */
  async send(): Promise<Executed<T> | null> {
    const { extension } = this.#wallet;
    if (!extension) return null;
    this.failure = null;
    try {
      const chain = await this.#node.chain();
      const account = walletAccount(extension, this.address);
      const executed = await this.#call.execute(chain.contracts, account, {
        until: "finalized",
        onStep: (step, blockHash) => {
          this.stage = step;
          if (blockHash !== undefined) void this.#place(chain, step, blockHash);
        },
      });
      this.fee = executed.fee;
      this.finalized = { number: executed.blockNumber, hash: executed.blockHash };
      this.stage = "finalized";
      return executed;
    } catch (error) {
      this.#stop(error);
      return null;
    }
  }

  async #place({ contracts }: Chain, step: string, hash: string): Promise<void> {
    if (step !== "inBlock") return;
    const { number } = await contracts.api.rpc.chain.getHeader(hash);
    this.inBlock = { number: number.toNumber(), hash };
  }

  #stop(error: unknown): void {
    const failure = failureOf(error);
    if (failure.kind === "poor") {
      // What is sent with the message is known; fee and deposit are not, before the dry run can run.
      this.estimate ??= { fee: 0n, deposit: 0n, value: this.#call.value };
      this.stage = "short";
      return;
    }
    this.failure = failure;
    this.stage = "stopped";
  }
}
