/** Putting voice into others' hands, under mandates that end by themselves. */
import type { Account } from "../chain/submit.ts";
import { chainTime } from "../chain/time.ts";
import type { TrackId } from "../contracts/generated/governor.ts";
import type { Delegation, DelegationList } from "../contracts/generated/voice.ts";
import type { Contracts } from "../contracts/index.ts";
import { BaseError } from "../errors.ts";

/** A month is not written as one. */
export class MonthError extends BaseError {
  override readonly name = "MonthError";
}

/** Months since January 1970, UTC: as `voice` counts them. */
export const monthOf = (milliseconds: bigint): number => {
  const date = new Date(Number(milliseconds));
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
};

/** A month as people write it: `2027-06`. */
export const monthText = (month: number): string =>
  `${1970 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;

/** @throws {@link MonthError} */
export const parseMonth = (text: string): number => {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text);
  if (!match)
    throw new MonthError(`${text} is no month.`, { remedy: "Write year and month, such as 2027-06." });
  return (Number(match[1]) - 1970) * 12 + Number(match[2]) - 1;
};

/**
 * Sets the caller's delegates for all tracks (`null`) or for one, in place of that list. An empty list clears it.
 * @throws ContractRefusal with a `VoiceError`
 */
export const delegate = (
  contracts: Contracts,
  track: TrackId | null,
  delegations: readonly Delegation[],
  owner: Account,
) => contracts.voice.execute("delegate", { track, delegations }, owner);

/** An account's voice and lists, as set now. */
export interface VoiceView {
  readonly voice: bigint;
  /** All voice. */
  readonly total: bigint;
  /** The present month; mandates with `ends` up to it are over. */
  readonly month: number;
  readonly lists: readonly DelegationList[];
}

/** Reads an account's voice, its delegates and their mandates. */
export const readVoice = async (contracts: Contracts, account: string): Promise<VoiceView> => {
  const [voice, total, lists, now] = await Promise.all([
    contracts.voice.query("voiceOf", { account }),
    contracts.voice.query("total", {}),
    contracts.voice.query("listsOf", { account }),
    chainTime(contracts),
  ]);
  return { voice, total, month: monthOf(now), lists };
};
