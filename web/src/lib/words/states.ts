import type { OrderState } from "../indexer/orders.ts";
import { words } from "../language.svelte.ts";

/** How a state is coloured; its word says the same, so that colour is never alone. */
export type Tone = "good" | "wait" | "bad" | "plain";
export interface StateWords {
  readonly tone: Tone;
  readonly word: string;
  readonly means?: string;
}

const ORDER_TONES: Readonly<Record<OrderState, Tone>> = {
  UnderReview: "wait",
  Funded: "wait",
  Qualified: "wait",
  Releasing: "wait",
  Delivered: "wait",
  Disputed: "bad",
  Settled: "good",
  Resolved: "good",
  Refunded: "plain",
};
/** An order's state, and what it means. */
export function orderWords(state: OrderState): StateWords & { readonly means: string } {
  const [word, means] = words().orderStates[state];
  return { tone: ORDER_TONES[state], word, means };
}

/** Tones of states of lines, consents and proposals; the others are plain. */
const TONES: Readonly<Record<string, Tone>> = {
  Open: "wait",
  Locked: "wait",
  Delivered: "wait",
  Disputed: "bad",
  Paid: "good",
  Given: "good",
  Withdrawn: "bad",
  Voting: "wait",
  Queued: "wait",
  Executed: "good",
};
/** States of lines, consents and proposals, by their names in the contracts. */
export function stateWords(state: string): StateWords {
  const known: Readonly<Record<string, string>> = words().states;
  return { tone: TONES[state] ?? "plain", word: known[state] ?? state };
}

export function directionWords(direction: string): string {
  const known: Readonly<Record<string, string>> = words().directions;
  return known[direction] ?? direction;
}

/** `EvidenceAccepted` as words. */
export const apart = (name: string): string => {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
