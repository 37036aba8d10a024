import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Proposal, Tally, Track } from "../contracts/generated/governor.ts";
import { progressOf } from "./progress.ts";

const DAY = 86_400_000n;
const proposalOf = (passing: Track["passing"], tally: Tally): Proposal => ({
  proposer: "5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM",
  track: passing.type === "Optimistic" ? "Narrow" : "Widen",
  terms: { passing, decision: 7n * DAY, confirm: DAY, delay: DAY, grace: DAY, threshold: 100, deposit: 1n },
  at: { block: 1, time: 0n },
  content: `0x${"00".repeat(32)}`,
  subject: null,
  vetoable: true,
  deposit: 1n,
  tally,
  total: null,
  timeline: { opened: 0n, closes: 7n * DAY, extended: false, confirming: null, failed: null },
  stage: { type: "Voting", value: null },
});
const ratio = (approval: number, supportFrom: number, supportTo = supportFrom): Track["passing"] => ({
  type: "Ratio",
  value: { approval, supportFrom, supportTo },
});
const voice = fc.bigInt(0n, 1n << 90n);
const tallies = fc.record({ favour: voice, against: voice, abstain: voice });
const sum = ({ favour, against, abstain }: Tally) => favour + against + abstain;
const thresholds = (passing: Track["passing"], tally: Tally, total: bigint, now = 0n) =>
  Object.fromEntries(
    progressOf(proposalOf(passing, tally), total, now).thresholds.map((one) => [one.name, one]),
  );

describe("what is missing is the least that reaches the threshold", () => {
  const passings = fc.record({
    approval: fc.integer({ min: 5_000, max: 9_999 }),
    support: fc.integer({ min: 1, max: 10_000 }),
  });

  test("approval: as much more voice for it passes, and one less does not", () => {
    fc.assert(
      fc.property(tallies, passings, (tally, { approval, support }) => {
        const passing = ratio(approval, support);
        const { missing, met } = thresholds(passing, tally, sum(tally))["approval"]!;
        expect(met).toBe(missing === 0n);
        const after = { ...tally, favour: tally.favour + missing };
        expect(thresholds(passing, after, sum(after))["approval"]!.met).toBe(true);
        if (missing === 0n) return;
        const short = { ...after, favour: after.favour - 1n };
        expect(thresholds(passing, short, sum(short))["approval"]!.met).toBe(false);
      }),
    );
  });

  test("support and objection: of all voice, rounded up to the next unit", () => {
    fc.assert(
      fc.property(tallies, passings, voice, (tally, { support }, silent) => {
        const total = sum(tally) + silent;
        const reach = thresholds(ratio(5_000, support), tally, total)["support"]!;
        const needed = tally.favour + reach.missing;
        expect(reach.met).toBe(tally.favour * 10_000n >= total * BigInt(support));
        expect(needed * 10_000n >= total * BigInt(support)).toBe(true);
        const optimistic: Track["passing"] = { type: "Optimistic", value: { objection: support } };
        const objection = thresholds(optimistic, tally, total)["objection"]!;
        expect(objection.met).toBe(tally.against * 10_000n >= total * BigInt(support));
      }),
    );
  });
});

test("support falls in a straight line from the opening to the close, and not below", () => {
  const none = { favour: 0n, against: 0n, abstain: 0n };
  const needed = (days: bigint) =>
    thresholds(ratio(5_000, 2_000, 500), none, 100n, days * DAY)["support"]!.needed;
  expect([0n, 7n, 8n, 70n].map(needed)).toEqual([2_000, 500, 500, 500]);
  const half = thresholds(ratio(5_000, 2_000, 500), none, 100n, (7n * DAY) / 2n)["support"]!;
  expect(half.needed).toBe(1_250);
});

test("a tie does not pass", () => {
  const tie = { favour: 10n, against: 10n, abstain: 0n };
  expect(thresholds(ratio(5_000, 1), tie, 20n)["approval"]).toMatchObject({ met: false, missing: 1n });
});
