/** How far a vote is from its thresholds. What passes is the contract's answer; this only measures the distance. */
import type { Proposal } from "../contracts/generated/governor.ts";

/** One threshold: shares in basis points. */
export interface Threshold {
  readonly name: "approval" | "support" | "objection";
  readonly needed: number;
  /** Floored; `null` while there is nothing to measure. */
  readonly reached: number | null;
  /** Whether it is reached. For an objection that means: the proposal fails. */
  readonly met: boolean;
  /** Voice that is missing to reach it, all else staying as it is; 0 when it is met. */
  readonly missing: bigint;
}

export interface Progress {
  readonly passing: "Optimistic" | "Ratio";
  /** All voice at the snapshot. */
  readonly total: bigint;
  readonly thresholds: readonly Threshold[];
}

const WHOLE = 10_000n;
const share = (part: bigint, whole: bigint): number | null =>
  whole === 0n ? null : Number((part * WHOLE) / whole);
const upwards = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;
const atLeastNothing = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

/** Support asked at a moment: a straight line from the opening to the close. */
const supportAt = ({ terms, timeline }: Proposal, from: number, to: number, now: bigint): number => {
  const elapsed = now < timeline.opened ? 0n : now - timeline.opened;
  const progress = elapsed >= terms.decision ? WHOLE : (elapsed * WHOLE) / terms.decision;
  return from - Math.floor(((from - to) * Number(progress)) / 10_000);
};

/**
 * Measures a proposal's tally against its track's numbers.
 *
 * @param total - all voice at the proposal's snapshot
 * @param now - block time, ms
 */
export const progressOf = (head: Proposal, total: bigint, now: bigint): Progress => {
  const { favour, against } = head.tally;
  const { passing } = head.terms;
  if (passing.type === "Optimistic") {
    const needed = upwards(total * BigInt(passing.value.objection), WHOLE);
    const objection: Threshold = {
      name: "objection",
      needed: passing.value.objection,
      reached: share(against, total),
      met: against >= needed,
      missing: atLeastNothing(needed - against),
    };
    return { passing: "Optimistic", total, thresholds: [objection] };
  }
  const { approval, supportFrom, supportTo } = passing.value;
  const support = supportAt(head, supportFrom, supportTo, now);
  const supporting = upwards(total * BigInt(support), WHOLE);
  return {
    passing: "Ratio",
    total,
    thresholds: [
      {
        name: "approval",
        needed: approval,
        reached: share(favour, favour + against),
        met: favour > against && favour * WHOLE >= (favour + against) * BigInt(approval),
        missing: missingApproval(favour, against, BigInt(approval)),
      },
      {
        name: "support",
        needed: support,
        reached: share(favour, total),
        met: favour >= supporting,
        missing: atLeastNothing(supporting - favour),
      },
    ],
  };
};

/** The least voice that must still be cast for: a tie does not pass. */
const missingApproval = (favour: bigint, against: bigint, approval: bigint): bigint => {
  const majority = atLeastNothing(against + 1n - favour);
  // favour + x >= approval (favour + against + x), all of WHOLE.
  const short = atLeastNothing(approval * (favour + against) - WHOLE * favour);
  const ratio = approval === WHOLE ? (against > 0n ? short : 0n) : upwards(short, WHOLE - approval);
  return majority > ratio ? majority : ratio;
};
