import { describe, expect, test } from "vitest";
import type { LineAtBlock, OrderAtBlock } from "../chain/blocks.ts";
import type { Standing } from "./chain.ts";
import { chooseDelivery, nextStep } from "./step.ts";
import type { RecordedTransaction } from "./vault.ts";

const id = (byte: number) => new Uint8Array(32).fill(byte);
const keys = { suite: 1, encryption: id(4), signing: id(5) };
const now = { block: 100, time: 1_000, margin: 50 };

const line = (index: number, more: Partial<LineAtBlock> = {}): LineAtBlock => ({
  line: index,
  dataset: id(index),
  root: id(10 + index),
  keyCommitment: id(20 + index),
  packet: id(30 + index),
  state: "Locked",
  delivered: false,
  ...more,
});

const order = (more: Partial<OrderAtBlock> = {}): OrderAtBlock => ({
  order: id(1),
  state: "Qualified",
  deadline: 2_000,
  window: 1_000,
  arbitrationDeadline: 0,
  minCohort: 2,
  keys,
  buyer: id(6),
  readerKey: id(7),
  job: id(8),
  lines: [line(0), line(1), line(2)],
  ...more,
});

const transaction = (more: Partial<RecordedTransaction> = {}): RecordedTransaction => ({
  id: 1,
  order: id(1),
  kind: "release",
  signed: { extrinsic: id(40), hash: id(41), validUntil: 120 },
  ...more,
});

describe("what a custodian does next", () => {
  test("only a final Qualified is released, only a final Releasing is delivered", () => {
    expect(nextStep(order(), undefined, now)).toEqual({ do: "release", keys });
    expect(nextStep(order({ state: "Releasing" }), undefined, now)).toEqual({ do: "deliver", keys });
    for (const state of ["Settled", "Resolved", "Refunded"] as const) {
      expect(nextStep(order({ state }), undefined, now).do).toBe("close");
    }
    expect(nextStep(null, undefined, now).do).toBe("close");
  });

  test("what time has ended is ended by a message of anybody's, so that no order stays open for ever", () => {
    const late = { ...now, time: 2_001 };
    expect(nextStep(order({ state: "Delivered" }), undefined, now)).toMatchObject({
      do: "wait",
      until: 2_000,
    });
    for (const state of ["UnderReview", "Funded"] as const) {
      expect(nextStep(order({ state }), undefined, now)).toMatchObject({ do: "wait", until: 2_000 });
    }
    for (const [state, message] of [
      ["UnderReview", "expire"],
      ["Funded", "expire"],
      ["Qualified", "expire"],
      ["Releasing", "expire"],
      ["Delivered", "finalize"],
      ["Disputed", "arbitrationTimeout"],
    ] as const) {
      expect(nextStep(order({ state }), undefined, late)).toEqual({ do: "time-out", message });
    }
    const disputed = order({ state: "Disputed", arbitrationDeadline: 3_000 });
    expect(nextStep(disputed, undefined, late)).toEqual({ do: "time-out", message: "concede" });
    expect(nextStep(disputed, undefined, now)).toMatchObject({ do: "wait" });
  });

  test("while a transaction may still come into the chain, no other is made", () => {
    const open = transaction();
    expect(nextStep(order(), open, now)).toEqual({ do: "continue", transaction: open });
    // Final Qualified again after an invalidation: the old release is still out there.
    expect(nextStep(order({ state: "Funded" }), open, now).do).toBe("wait");
    expect(nextStep(order({ state: "Releasing" }), open, now).do).toBe("wait");
    expect(nextStep(order(), open, { ...now, block: 120 }).do).toBe("continue");
    expect(nextStep(order(), open, { ...now, block: 121 })).toEqual({ do: "give-up", transaction: open });
  });

  test("an intent that was never signed is taken up again, or given up when the order moved on", () => {
    const open = transaction({ signed: null });
    expect(nextStep(order(), open, now)).toEqual({ do: "continue", transaction: open });
    expect(nextStep(order({ state: "Refunded" }), open, now)).toEqual({ do: "give-up", transaction: open });
  });

  test("nothing is sent when too little of the window is left", () => {
    expect(nextStep(order({ deadline: 1_050 }), undefined, now).do).toBe("wait");
    expect(nextStep(order({ deadline: 1_051 }), undefined, now).do).toBe("release");
    expect(nextStep(order({ deadline: 1_026, window: 100 }), undefined, now).do).toBe("release");
    expect(nextStep(order({ deadline: 1_025, window: 100 }), undefined, now).do).toBe("wait");
  });
});

describe("which packets are posted", () => {
  const sealed = [0, 1, 2].map((index) => ({ line: index, packet: id(50 + index), hash: id(30 + index) }));
  const well: Standing = { attestation: null, policy: null, lines: new Map() };

  test("those of locked lines whose hash is what release committed to", () => {
    expect(chooseDelivery(order(), sealed, well)).toEqual({ packets: sealed, withheld: new Map() });
    const refunded = order({ lines: [line(0), line(1), line(2, { state: "Refunded" })] });
    expect(chooseDelivery(refunded, sealed, well)).toMatchObject({ packets: sealed.slice(0, 2) });
    const other = order({ lines: [line(0), line(1), line(2, { packet: id(99) })] });
    expect(chooseDelivery(other, sealed, well)).toMatchObject({ packets: sealed.slice(0, 2) });
  });

  test("not that of a line whose consent fell after release", () => {
    const standing = { ...well, lines: new Map([[1, "Withdrawn."]]) };
    expect(chooseDelivery(order(), sealed, standing)).toEqual({
      packets: [sealed[0], sealed[2]],
      withheld: new Map([[1, "Withdrawn."]]),
    });
  });

  test("none when the attestation or the policy fell, or fewer than the smallest cohort are left", () => {
    expect(chooseDelivery(order(), sealed, { ...well, attestation: "Revoked." })).toEqual({
      refusal: "Revoked.",
    });
    expect(chooseDelivery(order(), sealed, { ...well, policy: "Denied." })).toEqual({ refusal: "Denied." });
    const lines = new Map([
      [0, "Withdrawn."],
      [1, "Withdrawn."],
    ]);
    expect(chooseDelivery(order(), sealed, { ...well, lines })).toHaveProperty("refusal");
  });
});
