import type { Contracts } from "../contracts/index.ts";

/** The best block's time, ms. */
export const chainTime = async ({ api }: Contracts): Promise<bigint> => {
  const now = (await api.query.timestamp!.now!()) as unknown as { toBigInt(): bigint };
  return now.toBigInt();
};
