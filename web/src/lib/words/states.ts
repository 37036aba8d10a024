import type { OrderState } from "../indexer/orders.ts";

/** How a state is coloured; its word says the same, so that colour is never alone. */
export type Tone = "good" | "wait" | "bad" | "plain";
export interface StateWords {
  readonly tone: Tone;
  readonly word: string;
  readonly means?: string;
}

const say = (tone: Tone, word: string, means?: string): StateWords =>
  means === undefined ? { tone, word } : { tone, word, means };

export const ORDER_WORDS: Readonly<Record<OrderState, StateWords>> = {
  UnderReview: say("wait", "Under review", "The data access committee decides what rules cannot."),
  Funded: say("wait", "Funded", "Paid into escrow; an enclave has to prove what code it runs."),
  Qualified: say("wait", "Qualified", "Verifiers vouch for the enclave; the custodian may release the keys."),
  Releasing: say("wait", "Releasing", "The custodian has committed to the key packets."),
  Delivered: say("wait", "Delivered", "The enclave has the keys; its receipt, or time, settles the order."),
  Disputed: say("bad", "Disputed", "The buyer says that what came is not what was promised."),
  Settled: say("good", "Settled", "The work is done and those who gave data can withdraw their pay."),
  Resolved: say("good", "Resolved", "The dispute has ended and the money is divided."),
  Refunded: say("plain", "Refunded", "The buyer has the money back."),
};

/** States of lines, consents and proposals, by their names in the contracts. */
const OTHER_WORDS: Readonly<Record<string, StateWords>> = {
  Open: say("wait", "Open"),
  Locked: say("wait", "Locked"),
  Delivered: say("wait", "Delivered"),
  Disputed: say("bad", "Disputed"),
  Paid: say("good", "Paid"),
  Refunded: say("plain", "Refunded"),
  Given: say("good", "Consent given"),
  Withdrawn: say("bad", "Withdrawn"),
  Erased: say("plain", "Erased"),
  Voting: say("wait", "Voting"),
  Queued: say("wait", "Waiting to take effect"),
  Executed: say("good", "In effect"),
  Cancelled: say("plain", "Cancelled"),
  Expired: say("plain", "Expired"),
};
export const stateWords = (state: string): StateWords => OTHER_WORDS[state] ?? say("plain", state);

const DIRECTIONS: Readonly<Record<string, string>> = {
  Wider: "admits uses that were not admitted before",
  Narrower: "admits fewer uses than before",
  Mixed: "admits some new uses and ends others",
  Same: "admits the same uses as before",
};
export const directionWords = (direction: string): string => DIRECTIONS[direction] ?? direction;

/** What a track decides, for people who have not read the rules. */
export const TRACK_WORDS: Readonly<Record<string, string>> = {
  Widen: "Admits more uses of data",
  Narrow: "Admits fewer uses of data",
  Members: "Changes who has voice",
  Parameters: "Changes a setting",
  Treasury: "Spends from the treasury",
  Code: "Replaces a contract's code",
  Emergency: "Guardians acted; members review it",
};

/** `EvidenceAccepted` as words. */
export const apart = (name: string): string => {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
