/** Refusals of governor and voice as sentences, with what to do. */
import type { BallotError, GovernorError, State } from "../contracts/generated/governor.ts";
import type { VoiceError } from "../contracts/generated/voice.ts";
import { ContractRefusal } from "../contracts/index.ts";
import { BaseError } from "../errors.ts";
import { inWords } from "./words.ts";

/** The members' contracts refused, in words; `cause` is the {@link ContractRefusal} with the typed error. */
export class GovernanceRefusal extends BaseError {
  override readonly name = "GovernanceRefusal";
}

type Words = readonly [summary: string, remedy?: string];

const STATES: Readonly<Record<State, string>> = {
  Pending: "was made in this block: voting opens in the next one",
  Active: "is being voted on",
  Confirming: "passes, and its result must hold or be queued",
  Defeated: "was defeated",
  Queued: "is decided and waits for its delay or its execution",
  Executed: "was executed",
  Cancelled: "was cancelled",
  Expired: "was decided, but not queued or executed in time",
};
/** What a state means, after "The proposal". */
export const stateWords = (state: State): string => STATES[state];

const BALLOT: Readonly<Record<BallotError, Words>> = {
  Empty: ["The ballot says nothing.", "Vote with your own voice, or with voice that was delegated to you."],
  PartsOutOfRange: ["The parts of the ballot are no whole.", "They sum to 100 %."],
  NoVoice: [
    "The account has no voice on a side that the ballot gives.",
    "Voice counts as it was in the block of the proposal; see keystrand delegate list.",
  ],
  Struck: ["The account was recused from this proposal.", "Once recused, it stays so for this proposal."],
};

const actionWords = (value: { readonly action: number }): string => `Action ${value.action + 1}`;

const governorWords = (error: GovernorError): Words => {
  switch (error.type) {
    case "UnknownProposal":
      return ["There is no such proposal.", "List them: keystrand proposal list."];
    case "WrongState":
      return [
        `This cannot be done now: the proposal ${STATES[error.value]}.`,
        "See keystrand proposal show NUMBER; --wait waits until time allows it.",
      ];
    case "Ballot":
      return BALLOT[error.value];
    case "WrongTrack":
      return [
        `${actionWords(error.value)} cannot be decided on this track.`,
        "Leave --track out: then the right one is chosen. What admits more goes by Widen, whatever it is called.",
      ];
    case "UnsoundAction":
      return [
        `${actionWords(error.value)} has values that cannot govern.`,
        "See the track's limits in the guide.",
      ];
    case "CallsGovernor":
      return [
        `${actionWords(error.value)} calls the governor.`,
        "The governor changes itself by intents of their own.",
      ];
    case "UntypedPolicyChange":
      return [
        `${actionWords(error.value)} would change a policy by a raw call.`,
        "Use change-policy: only then its direction is measured.",
      ];
    case "NoCode":
      return [`${actionWords(error.value)} calls an account without code.`];
    case "ActionFailed":
      return [
        `${actionWords(error.value)} failed, so nothing of the proposal was done.`,
        "It can be tried again until its grace is over.",
      ];
    case "LiveProposal":
      return [
        `Your proposal ${error.value} is still live.`,
        "An account has one at a time: wait for its end, or cancel it if it is a narrowing.",
      ];
    case "BelowThreshold":
      return [
        "The account holds less voice than this track asks of a proposer.",
        "See keystrand delegate list.",
      ];
    case "Suspended":
      return ["The account is suspended.", "The members can overturn that."];
    case "NarrowedTooRecently":
      return ["This collection was proposed to be narrowed too short a time ago.", "Propose it again later."];
    case "NoChange":
      return ["The change changes nothing."];
    case "Policies":
      return [
        `The policies contract refuses the change: ${inWords(error.value.type)}${
          error.value.type === "Malformed" ? ` (${inWords(error.value.value.type)})` : ""
        }.`,
      ];
    case "Conflicted":
      return [
        "The account has a live order in this collection, so it has no vote on its policy.",
        "Once the order has ended it can vote on later proposals.",
      ];
    case "NotConflicted":
      return ["The account has no live order in a collection that the proposal is about."];
    case "BadSignature":
      return [
        "The signature does not fit the ballot.",
        "Sign it again: for this proposal, with this reason, by the account that is named.",
      ];
    case "SignatureExpired":
      return ["The signature's deadline is over.", "Have it signed again."];
    case "WrongNonce":
      return [
        `The ballot's number is not the voter's next one, ${error.value.expected}.`,
        "A newer vote was counted. Sign again if the vote is to change.",
      ];
    case "MayNotCancel":
      return [
        "This account may not cancel this proposal.",
        "A proposer cancels a narrowing; guardians cancel what they may with --guardian.",
      ];
    case "TooFewGuardians":
      return ["Fewer guardians signed than their quorum asks."];
    case "NotGuardian":
      return ["A signer is no guardian, or signed twice."];
    case "TermOver":
      return [
        "The guardians' term is over.",
        "The members elect new ones: keystrand proposal draft --guardians …",
      ];
    case "TooEarly":
      return ["The delay is not over.", "See keystrand proposal show NUMBER for the time, or use --wait."];
    case "CodeSwapped":
      return [
        "A contract that the proposal calls has other code than when it was made.",
        "Propose it again.",
      ];
    case "StaleChange":
      return ["Another change of the policy came first.", "Expire this proposal and propose it anew."];
    case "AlreadyQueued":
      return [`Proposal ${error.value}, a change of the same collection, is queued.`, "Wait for its end."];
    case "NotOverturned":
      return [
        "The members have not overturned the act.",
        "That takes more than half of the votes and 5 % of all voice against it.",
      ];
    case "TooSoonAgain":
      return ["The same act ended too short a time ago, or its vote is still open."];
    default:
      return [`Refused: ${inWords(error.type)}.`];
  }
};

const VOICE: Readonly<Partial<Record<VoiceError, Words>>> = {
  TooManyDelegates: ["A list has at most four delegates."],
  DuplicateDelegate: ["A delegate stands twice in the list."],
  SelfDelegation: ["An account cannot be its own delegate."],
  SharesOutOfRange: ["A share is zero, or the shares sum to more than 100 %."],
  MandateOutOfRange: ["A mandate must end at a month from the next one on, at most 24 months ahead."],
  TooLittleVoice: ["More would be burned than the account holds."],
  NotGovernor: ["Only the governor may do this.", "Make a proposal."],
};

/**
 * A refusal of governor or voice in words; any other error as it is.
 * @example
 * ```ts
 * await castBallot(contracts, 3, ownBallot("for"), account).catch((error) => { throw explainedRefusal(error); });
 * ```
 */
export const explainedRefusal = (error: unknown): unknown => {
  if (!(error instanceof ContractRefusal)) return error;
  const words =
    error.contract === "governor"
      ? governorWords(error.refusal as GovernorError)
      : error.contract === "voice"
        ? VOICE[error.refusal as VoiceError]
        : undefined;
  return words ? new GovernanceRefusal(words[0], { remedy: words[1], cause: error }) : error;
};
