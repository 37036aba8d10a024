import type { ApiPromise } from "@polkadot/api";
import { z } from "zod";

const integer = z.custom<{ toBigInt(): bigint }>(
  (value) => typeof value === "object" && value !== null && "toBigInt" in value,
);
const accountInfo = z.object({ data: z.object({ free: integer, frozen: integer }) });

/** What an account can spend and still exist: free, less what is frozen or must stay, planck. */
export async function spendable(api: ApiPromise, address: string): Promise<bigint> {
  const answer = await api.query["system"]!["account"]!(address);
  const { data } = accountInfo.parse(answer);
  const least = integer.parse(api.consts["balances"]!["existentialDeposit"]).toBigInt();
  const kept = data.frozen.toBigInt() - least;
  const left = data.free.toBigInt() - least - (kept > 0n ? kept : 0n);
  return left > 0n ? left : 0n;
}
