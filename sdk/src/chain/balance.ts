import type { ApiPromise } from "@polkadot/api";

/** What an account can spend, smallest units; 0 for an unknown one. */
export const freeBalance = async (api: ApiPromise, address: string): Promise<bigint> => {
  const { data } = (await api.query.system!.account!(address)) as unknown as {
    data: { free: { toBigInt(): bigint } };
  };
  return data.free.toBigInt();
};

/** What every error about too little money says: need, have, what to do. */
export const shortOfFunds = async (
  api: ApiPromise,
  address: string,
  need: { readonly amount: bigint; readonly what: string },
): Promise<{ happened: string; remedy: string }> => ({
  happened: `${address} has ${await freeBalance(api, address)} units and needs at least ${need.amount} ${need.what}.`,
  remedy: `Fund the account; on a development chain the faucet does: npm run keystrand -- faucet ${address}`,
});
