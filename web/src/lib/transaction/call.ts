import type { Account, SubmitOptions } from "@keystrand/sdk/chain";
import type { ContractClient, Contracts, Estimate, Executed, MessageTypes } from "@keystrand/sdk/contracts";

/** A message that a person may sign: priced by a dry run, then sent. */
export interface Call<T = unknown> {
  /** Planck that go with it. */
  readonly value: bigint;
  estimate(contracts: Contracts, caller: string): Promise<Estimate>;
  execute(contracts: Contracts, account: Account, options: SubmitOptions): Promise<Executed<T>>;
}

/** A message of one contract with its arguments, and the planck that go with it. */
export const contractCall = <M extends MessageTypes, L extends keyof M & string>(
  contract: (contracts: Contracts) => ContractClient<M>,
  label: L,
  args: M[L]["args"],
  value = 0n,
) => ({
  value,
  estimate: (contracts: Contracts, caller: string) =>
    contract(contracts).estimate(label, args, { caller, value }),
  execute: (contracts: Contracts, account: Account, options: SubmitOptions) =>
    contract(contracts).execute(label, args, account, { ...options, value }),
});
