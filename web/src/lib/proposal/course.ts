import { z } from "zod";
import type { ProposalInFull } from "../indexer/proposals.ts";

const tally = z.object({ favour: z.coerce.bigint(), against: z.coerce.bigint(), abstain: z.coerce.bigint() });

/** A vote at one moment: shares from 0 to 1. */
export interface Moment {
  readonly at: number;
  readonly share: number;
}

/** A threshold over the time of the vote, and what was reached. */
export interface Course {
  readonly name: "approval" | "support" | "objection";
  /** From the opening to the close. */
  readonly needed: readonly [Moment, Moment];
  /** After each ballot; it holds until the next. */
  readonly reached: readonly Moment[];
}

const WHOLE = 10_000;
const part = (some: bigint, all: bigint): number =>
  all === 0n ? 0 : Number((some * BigInt(WHOLE)) / all) / WHOLE;

/**
 * How the vote went against its thresholds, from the tallies that the governor's events carry.
 *
 * @param total - all voice at the proposal's snapshot
 */
export function courseOf(proposal: ProposalInFull, total: bigint): readonly Course[] {
  const { proposedAt: opened, closes, timeline } = proposal;
  const tallies = timeline.flatMap(({ fields, timestamp }) => {
    const parsed = tally.safeParse(fields?.["tally"]);
    return parsed.success ? [{ at: timestamp, ...parsed.data }] : [];
  });
  const line = (from: number, to = from): [Moment, Moment] => [
    { at: opened, share: from / WHOLE },
    { at: closes, share: to / WHOLE },
  ];
  const { passing } = proposal.terms;
  if ("Optimistic" in passing)
    return [
      {
        name: "objection",
        needed: line(passing.Optimistic.objection),
        reached: tallies.map(({ at, against }) => ({ at, share: part(against, total) })),
      },
    ];
  const { approval, support_from, support_to } = passing.Ratio;
  return [
    {
      name: "approval",
      needed: line(approval),
      reached: tallies.map(({ at, favour, against }) => ({ at, share: part(favour, favour + against) })),
    },
    {
      name: "support",
      needed: line(support_from, support_to),
      reached: tallies.map(({ at, favour }) => ({ at, share: part(favour, total) })),
    },
  ];
}
