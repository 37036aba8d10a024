import { equalBytes } from "@keystrand/sdk/bytes";
import { type TimeOut, timeOutOf } from "@keystrand/sdk/orders";
import type { OrderAtBlock } from "../chain/blocks.ts";
import type { Standing } from "./chain.ts";
import type { RecordedTransaction, SealedPacket } from "./vault.ts";

/** What to do next for an order. */
export type Step =
  /** Seal packets, note the intent, send release. */
  | { readonly do: "release"; readonly keys: NonNullable<OrderAtBlock["keys"]> }
  /** Look at permission and attestation once more, then post the packets. */
  | { readonly do: "deliver"; readonly keys: NonNullable<OrderAtBlock["keys"]> }
  /** Time has ended something, and nobody has said so yet: an order must not stay open for ever. */
  | { readonly do: "time-out"; readonly message: TimeOut }
  /** A transaction was intended, and perhaps signed, before: bring that very one into the chain. */
  | { readonly do: "continue"; readonly transaction: RecordedTransaction }
  /** The transaction can no longer come into the chain: another may be made. */
  | { readonly do: "give-up"; readonly transaction: RecordedTransaction }
  /** Nothing to do; when `until` is given, not before that block time unless the order is touched. */
  | { readonly do: "wait"; readonly note: string; readonly until?: number }
  | { readonly do: "close"; readonly note: string };

/** When the decision is made. */
export interface Moment {
  readonly block: number;
  /** Block time, ms. */
  readonly time: number;
  /** Least time before a window's end at which something is still sent, ms. */
  readonly margin: number;
}

/**
 * Decides, from finalised state and what was noted before, the one thing to do next for an order. Nothing else
 * decides: after a crash the same question gives the same answer.
 */
export function nextStep(
  order: OrderAtBlock | null,
  open: RecordedTransaction | undefined,
  { block, time, margin }: Moment,
): Step {
  if (open?.signed && block > open.signed.validUntil) return { do: "give-up", transaction: open };
  if (order === null) return { do: "close", note: "The order is no longer on the chain." };
  const wanted = wantedOf(order, time);
  if (open !== undefined) {
    if (open.kind === wanted) return { do: "continue", transaction: open };
    // Only intended, never signed: it cannot be anywhere.
    if (open.signed === null) return { do: "give-up", transaction: open };
    // It may still come into the chain, where it would fail. Until it cannot, no packet is thrown away.
    return {
      do: "wait",
      note: `The order is ${order.state}; a ${open.kind} that was sent before is still valid.`,
    };
  }
  switch (wanted) {
    case "nothing":
      return { do: "close", note: `The order is ${order.state}.` };
    case "time":
      return { do: "wait", note: `The order is ${order.state}.`, until: order.deadline };
    case "release":
    case "deliver":
      if (order.keys === null) return { do: "wait", note: "The order has no enclave." };
      if (order.keys.suite !== 1) return { do: "wait", note: `Suite ${order.keys.suite} is not known here.` };
      // Of a short window the margin takes a quarter at most, else nothing could ever be sent in it.
      if (time + Math.min(margin, order.window / 4) >= order.deadline) {
        return { do: "wait", note: "Too little time is left; the order will expire.", until: order.deadline };
      }
      return { do: wanted, keys: order.keys };
    default:
      return { do: "time-out", message: wanted };
  }
}

/** What an order's state asks of its custodian at a time. */
function wantedOf(order: OrderAtBlock, time: number) {
  const over = timeOutOf(order, time);
  if (over !== undefined) return over;
  switch (order.state) {
    case "Qualified":
      return "release";
    case "Releasing":
      return "deliver";
    case "UnderReview":
    case "Funded":
    case "Delivered":
    case "Disputed":
      return "time";
    default:
      return "nothing";
  }
}

/** The packets that may be posted, or why none may. */
export type Delivery =
  | { readonly packets: readonly SealedPacket[]; readonly withheld: ReadonlyMap<number, string> }
  | { readonly refusal: string };

/**
 * Chooses the packets to post: those of locked lines whose bytes are what release committed to and whose consent
 * still stands. What is left out is refunded.
 */
export function chooseDelivery(
  order: OrderAtBlock,
  sealed: readonly SealedPacket[],
  standing: Standing,
): Delivery {
  if (standing.attestation !== null) return { refusal: standing.attestation };
  if (standing.policy !== null) return { refusal: standing.policy };
  const withheld = new Map<number, string>();
  const packets = order.lines
    .filter(({ state }) => state === "Locked")
    .flatMap((line) => {
      const denied = standing.lines.get(line.line);
      const packet = sealed.find((one) => one.line === line.line && equalBytes(one.hash, line.packet));
      if (denied === undefined && packet !== undefined) return [packet];
      withheld.set(line.line, denied ?? "Its packet is not the one that release committed to.");
      return [];
    });
  if (packets.length < order.minCohort) {
    return { refusal: `${packets.length} lines are left and the policy asks for ${order.minCohort}.` };
  }
  return { packets, withheld };
}
