import type { Account, Inclusion } from "../chain/submit.ts";
import type { Action, TrackId } from "../contracts/generated/governor.ts";
import { ContractRefusal, type Contracts } from "../contracts/index.ts";

/** Votes with all of one's own voice. */
export const WHOLE_BALLOT = {
  for: { own: { favour: 10_000, against: 0, abstain: 0 }, delegated: null },
  against: { own: { favour: 0, against: 10_000, abstain: 0 }, delegated: null },
} as const;

/** Proposes; pays the track's deposit. */
export const propose = async (
  contracts: Contracts,
  track: TrackId,
  actions: readonly Action[],
  description: string,
  proposer: Account,
) => {
  const { deposit } = await contracts.governor.query("track", { track });
  return contracts.governor.execute("propose", { track, actions, description }, proposer, { value: deposit });
};

/** Casts a ballot with one's own voice, or replaces it; waits for the block after the proposal's, where voting opens. */
export const vote = (
  contracts: Contracts,
  proposal: number,
  side: keyof typeof WHOLE_BALLOT,
  voter: Account,
): Promise<Inclusion> =>
  whenAllowed(contracts, () =>
    contracts.governor.execute("vote", { proposal, ballot: WHOLE_BALLOT[side], reason: "0x" }, voter),
  );

/** Starts the delay of a proposal as soon as its result has held. */
export const queue = (contracts: Contracts, proposal: number, account: Account): Promise<Inclusion> =>
  whenAllowed(contracts, () => contracts.governor.execute("queue", { proposal }, account));

/** Executes a proposal as soon as its delay is over. */
export const execute = (contracts: Contracts, proposal: number, account: Account): Promise<Inclusion> =>
  whenAllowed(contracts, () => contracts.governor.execute("execute", { proposal }, account));

/** Tries a step now and once a block, until time allows it; any other refusal is thrown. */
const whenAllowed = async (contracts: Contracts, step: () => Promise<Inclusion>): Promise<Inclusion> => {
  const { promise, resolve, reject } = Promise.withResolvers<Inclusion>();
  let sending = false;
  const attempt = async () => {
    if (sending) return;
    sending = true;
    try {
      resolve(await step());
    } catch (error) {
      if (!(error instanceof ContractRefusal) || !isTooEarly(error.refusal)) reject(error);
    } finally {
      sending = false;
    }
  };
  const unsubscribe = await contracts.api.rpc.chain.subscribeNewHeads(() => void attempt());
  try {
    return await promise;
  } finally {
    unsubscribe();
  }
};

/** Refusals that time alone will lift. */
const isTooEarly = (refusal: unknown): boolean => {
  const { type, value } = refusal as { type?: string; value?: unknown };
  const waiting: readonly unknown[] = ["Pending", "Active", "Confirming", "Queued"];
  return type === "TooEarly" || (type === "WrongState" && waiting.includes(value));
};
