import type { ApiPromise } from "@polkadot/api";
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import { cryptoWaitReady } from "@polkadot/util-crypto";
import { BaseError } from "../errors.ts";
import { type Account, type Inclusion, submit } from "./submit.ts";

/**
 * An sr25519 key pair from a secret.
 *
 * @param secret - mnemonic or `0x` seed, with derivation: `//hard/soft`
 */
export const accountFrom = async (secret: string): Promise<KeyringPair> => {
  await cryptoWaitReady();
  return new Keyring({ type: "sr25519", ss58Format: 42 }).addFromUri(secret);
};

/** One account for each dataset of a person, and its payee: hard junctions, so that nobody can link them. */
export const datasetAccounts = async (secret: string, dataset: number) => ({
  contributor: await accountFrom(`${secret}//dataset//${dataset}`),
  payee: await accountFrom(`${secret}//payee//${dataset}`),
});

/** The faucet works on development chains only. */
export class FaucetError extends BaseError {
  override readonly name = "FaucetError";
}

/** Whether the chain calls itself a development chain; well-known keys are worth nothing elsewhere. */
export const isDevelopmentChain = async (api: ApiPromise): Promise<boolean> =>
  (await api.rpc.system.chainType()).isDevelopment;

/** Transfers that fit one block with room to spare. */
const TRANSFERS_A_BATCH = 200;

/**
 * Gives each address an amount from a funded account, many in one transaction.
 *
 * @param amount - smallest units
 */
export const fund = async (
  api: ApiPromise,
  from: Account,
  addresses: readonly string[],
  amount: bigint,
): Promise<Inclusion[]> => {
  const inclusions: Inclusion[] = [];
  for (let start = 0; start < addresses.length; start += TRANSFERS_A_BATCH) {
    const transfers = addresses
      .slice(start, start + TRANSFERS_A_BATCH)
      .map((address) => api.tx.balances!.transferKeepAlive!(address, amount));
    inclusions.push(await submit(api, api.tx.utility!.batchAll!(transfers), from));
  }
  return inclusions;
};

/**
 * Funds addresses on a development chain from its well-known account Alice.
 *
 * @throws {@link FaucetError} on any other chain
 */
export const faucet = async (
  api: ApiPromise,
  addresses: readonly string[],
  amount: bigint,
): Promise<Inclusion[]> => {
  if (!(await isDevelopmentChain(api)))
    throw new FaucetError("There is no faucet here.", {
      happened: ["The chain does not call itself a development chain."],
      remedy: "Fund the account from one of yours.",
    });
  return fund(api, await accountFrom("//Alice"), addresses, amount);
};
