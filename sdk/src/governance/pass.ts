/** The steps of a proposal's life, each as one transaction. */
import { toHex, utf8 } from "../bytes.ts";
import type { Account, Inclusion } from "../chain/submit.ts";
import type { Action, Ballot, Parts, TrackId } from "../contracts/generated/governor.ts";
import { ContractRefusal, type Contracts } from "../contracts/index.ts";

const WHOLE = 10_000;

/** All of one side's voice for, against, or neither. */
export const SIDES = {
  for: { favour: WHOLE, against: 0, abstain: 0 },
  against: { favour: 0, against: WHOLE, abstain: 0 },
  abstain: { favour: 0, against: 0, abstain: WHOLE },
} as const satisfies Readonly<Record<string, Parts>>;
export type Side = keyof typeof SIDES;

/** A ballot with all of one's own voice. Voice that others delegated stays as it was. */
export const ownBallot = (side: Side): Ballot => ({ own: SIDES[side], delegated: null });
/** A ballot with all of the voice that others delegated. The voter's own stays as it was. */
export const delegatedBallot = (side: Side): Ballot => ({ own: null, delegated: SIDES[side] });

/**
 * Proposes; pays the track's deposit.
 *
 * @param description - bytes of the description's CID, hex
 * @returns the inclusion; `returned` is the proposal's number
 */
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

/** Casts a ballot, or replaces it. Voting opens in the block after the proposal's. */
export const castBallot = (
  contracts: Contracts,
  proposal: number,
  ballot: Ballot,
  voter: Account,
  reason = "",
) => contracts.governor.execute("vote", { proposal, ballot, reason: toHex(utf8(reason)) }, voter);

/** Casts a ballot with one's own voice; waits for the block after the proposal's, where voting opens. */
export const vote = (contracts: Contracts, proposal: number, ballot: Side | Ballot, voter: Account) =>
  whenAllowed(contracts, () =>
    castBallot(contracts, proposal, typeof ballot === "string" ? ownBallot(ballot) : ballot, voter),
  );

/** Starts the delay of a proposal whose result has held. Anyone may. */
export const queueProposal = (contracts: Contracts, proposal: number, account: Account) =>
  contracts.governor.execute("queue", { proposal }, account);

/** Does what was decided, after the delay. Anyone may. */
export const executeProposal = (contracts: Contracts, proposal: number, account: Account) =>
  contracts.governor.execute("execute", { proposal }, account);

/** Starts the delay of a proposal as soon as its result has held. */
export const queue = (contracts: Contracts, proposal: number, account: Account): Promise<Inclusion> =>
  whenAllowed(contracts, () => queueProposal(contracts, proposal, account));

/** Executes a proposal as soon as its delay is over. */
export const execute = (contracts: Contracts, proposal: number, account: Account): Promise<Inclusion> =>
  whenAllowed(contracts, () => executeProposal(contracts, proposal, account));

/** The proposer takes a narrowing back. */
export const cancelProposal = (contracts: Contracts, proposal: number, proposer: Account) =>
  contracts.governor.execute("cancel", { proposal }, proposer);

/** Ends a proposal that can no longer be executed, and takes back what it had announced. Anyone may. */
export const expireProposal = (contracts: Contracts, proposal: number, account: Account) =>
  contracts.governor.execute("expire", { proposal }, account);

/** Returns the deposit of a proposal that is over, or keeps it if it was clearly rejected. Anyone may. */
export const settleDeposit = (contracts: Contracts, proposal: number, account: Account) =>
  contracts.governor.execute("settleDeposit", { proposal }, account);

/** Strikes an account that has a live order in the collection of a policy change. Anyone may. */
export const recuse = (contracts: Contracts, proposal: number, conflicted: string, account: Account) =>
  contracts.governor.execute("recuse", { proposal, account: conflicted }, account);

/** Tries a step now and once a block, until time allows it; any other refusal is thrown. */
export const whenAllowed = async <Result>(
  contracts: Contracts,
  step: () => Promise<Result>,
): Promise<Result> => {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
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
