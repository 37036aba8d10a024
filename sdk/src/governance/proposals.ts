/** Reading proposals from the chain. */

import { chainTime } from "../chain/time.ts";
import type { Details, EmergencyAct, Proposal, Standing, State } from "../contracts/generated/governor.ts";
import type { Contracts } from "../contracts/index.ts";
import { BaseError } from "../errors.ts";
import { type Progress, progressOf } from "./progress.ts";

/** There is no proposal of this number. */
export class UnknownProposalError extends BaseError {
  override readonly name = "UnknownProposalError";
}

/** A proposal as it stands in one block. */
export interface ProposalView {
  readonly proposal: number;
  readonly state: State;
  readonly head: Proposal;
  /** Absent for an emergency act, which has no actions. */
  readonly details: Details | null;
  readonly act: EmergencyAct | null;
  readonly standing: Standing;
  /** Thresholds and how far they are. */
  readonly progress: Progress;
  /** Time of the block that this was read in, ms. */
  readonly now: bigint;
}

/** @throws {@link UnknownProposalError} */
export const existingProposal = async (contracts: Contracts, proposal: number): Promise<Proposal> => {
  const head = await contracts.governor.query("proposal", { proposal });
  if (head) return head;
  const count = await contracts.governor.query("proposals", {});
  throw new UnknownProposalError(`There is no proposal ${proposal}.`, {
    happened: [count === 0 ? "None was made yet." : `Their numbers are 1 to ${count}.`],
    remedy: "List them: keystrand proposal list.",
  });
};

/**
 * Reads a proposal with its thresholds.
 * @throws {@link UnknownProposalError}
 */
export const readProposal = async (contracts: Contracts, proposal: number): Promise<ProposalView> => {
  const { governor, voice } = contracts;
  const head = await existingProposal(contracts, proposal);
  const [state, details, act, standing, now] = await Promise.all([
    governor.query("state", { proposal }),
    governor.query("details", { proposal }),
    governor.query("emergency", { proposal }),
    governor.query("standing", { proposal }),
    chainTime(contracts),
  ]);
  // In the proposal's own block its voice cannot be read yet: then all voice of now is the best answer.
  const total =
    head.total ??
    (state === "Pending"
      ? await voice.query("total", {})
      : (await voice.query("voiceAt", { account: head.proposer, block: head.at.block })).total);
  return { proposal, state, head, details, act, standing, progress: progressOf(head, total, now), now };
};

/** The newest proposals first, at most `limit` of them. */
export const listProposals = async (contracts: Contracts, limit = 20): Promise<ProposalView[]> => {
  const count = await contracts.governor.query("proposals", {});
  const views: ProposalView[] = [];
  for (let number = count; number > Math.max(0, count - limit); number--)
    views.push(await readProposal(contracts, number));
  return views;
};
