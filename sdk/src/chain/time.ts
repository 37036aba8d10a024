import type { ApiPromise } from "@polkadot/api";

/** The best block's time, ms since 1970. */
export const chainTime = async ({ api }: { readonly api: ApiPromise }): Promise<bigint> => {
  const now = (await api.query.timestamp!.now!()) as unknown as { toBigInt(): bigint };
  return now.toBigInt();
};
