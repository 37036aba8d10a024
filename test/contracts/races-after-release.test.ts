/** Races of key-release.md from the release on: what is locked cannot be taken back, and is paid once. */
import { concessionMessage } from "@keystrand/sdk/signing";
import { afterAll, beforeAll, describe } from "vitest";
import { BOND, PRICE, packetsOf } from "./orders.fixture.ts";
import { after, type End, type Race, race, type Sent, send } from "./races.fixture.ts";
import {
  concession,
  LINES,
  lastMoment,
  policySet,
  receiptSent,
  type Stage,
  type Stages,
  stages,
} from "./stages.fixture.ts";

let all: Stages;
beforeAll(async () => {
  all = await stages();
}, 300_000);
afterAll(() => all?.close());
const market = () => all;

const deliver = () =>
  send(all.contracts.escrow, "deliver", { order: all.order, packets: packetsOf(LINES) }, all.custodian);
const byAnyone = (label: "expire" | "finalize" | "concede" | "arbitrationTimeout" | "invalidate" | "abort") =>
  send(all.contracts.escrow, label, { order: all.order }, all.stranger);
const accept = () => send(all.contracts.escrow, "accept", { order: all.order, receipt: null }, all.buyer);
const dispute = () =>
  send(all.contracts.escrow, "dispute", { order: all.order, lines: "0x00" }, all.buyer, BOND);
const answer = (by = all.custodian) =>
  send(all.contracts.escrow, "answer", { order: all.order, lines: "0x00" }, by, BOND);
const rule = (share: number) =>
  send(all.contracts.escrow, "rule", { order: all.order, shares: [{ line: 0, share }] }, all.arbitrator);
const withdraw = (to: string, by: Stages["stranger"]) =>
  send(all.contracts.escrow, "withdraw", { order: all.order, to }, by);

/** A race about the order at a stage, after what must come before. */
const at = async (
  stage: Stage,
  contenders: Readonly<Record<string, Sent>>,
  ends: Readonly<Record<string, End>>,
  before: readonly Sent[] = [],
): Promise<Race> => ({
  base: before.length > 0 ? await after(all, all.at[stage], before) : all.at[stage],
  order: all.order,
  contenders,
  ends,
});

const PAID: Omit<End, "state"> = { lines: "Paid Paid Paid", owed: 0n };

describe("deliver against", () => {
  const DELIVERED: End = { state: "Delivered", lines: "Delivered Delivered Delivered", owed: 0n };

  race("the end of the release window", market, "releasing", async () => ({
    ...(await at(
      "releasing",
      { expire: byAnyone("expire"), deliver: deliver() },
      {
        last: { ...DELIVERED, refused: { expire: "WrongState" } },
        // The bytes of a refused call are public: the custodian keeps a margin so that it never sends this one.
        late: {
          state: "Refunded",
          lines: "Refunded Refunded Refunded",
          owed: 3n * PRICE,
          refused: { deliver: "WrongState" },
        },
        "expire, deliver": {
          state: "Releasing",
          lines: "Locked Locked Locked",
          refused: { expire: "WindowOpen", deliver: "WindowOver" },
        },
        "deliver, expire": { ...DELIVERED, refused: { expire: "WrongState" } },
      },
    )),
    last: await lastMoment(all, all.at.releasing),
  }));

  /** After a release nothing that anyone does to permission takes a locked line back. */
  const TOO_LATE: Readonly<Record<string, () => Sent>> = {
    "a consent's withdrawal": () =>
      send(all.contracts.consents, "withdraw", { dataset: all.datasets[0]! }, all.contributor),
    "a dataset's erasure": () =>
      send(all.contracts.consents, "erase", { dataset: all.datasets[0]! }, all.contributor),
    "the guardians' pause": () => send(all.contracts.escrow, "pause", {}, all.governor),
    "a policy that denies": () =>
      policySet(all, { terms: { ...all.policy.terms, permission: "DiseaseSpecific", diseases: [5] } }),
    "a verifier's withholding": () =>
      send(
        all.contracts.attestations,
        "withholdVerifier",
        { verifier: all.verifiers[0]!.address },
        all.governor,
      ),
    "a measurement's withholding": () =>
      send(
        all.contracts.attestations,
        "withholdMeasurement",
        { measurement: `0x${"11".repeat(32)}` },
        all.governor,
      ),
    "a credential's revocation": () =>
      send(all.contracts.identity, "revoke", { grant: all.grant }, all.issuer),
    "the buyer's suspension": () =>
      send(all.contracts.identity, "suspend", { account: all.buyer.address }, all.governor),
  };
  for (const [name, other] of Object.entries(TOO_LATE))
    race(name, market, "releasing", () =>
      at(
        "releasing",
        { other: other(), deliver: deliver() },
        { "other, deliver": DELIVERED, "deliver, other": DELIVERED },
      ),
    );

  const REFUSED: Readonly<Record<string, () => Sent>> = {
    "a cancel": () => send(all.contracts.escrow, "cancel", { order: all.order }, all.buyer),
    "an abort": () => byAnyone("abort"),
    "an invalidation": () => byAnyone("invalidate"),
  };
  for (const [name, other] of Object.entries(REFUSED))
    race(name, market, "releasing", () =>
      at(
        "releasing",
        { other: other(), deliver: deliver() },
        {
          "other, deliver": { ...DELIVERED, refused: { other: "WrongState" } },
          "deliver, other": { ...DELIVERED, refused: { other: "WrongState" } },
        },
      ),
    );
});

describe("a delivered order", () => {
  race(
    "accepted by the buyer against rejected by the enclave: a buyer's yes is final",
    market,
    "delivered",
    async () =>
      at(
        "delivered",
        { accept: accept(), reject: await receiptSent(all, [0], all.stranger) },
        {
          "accept, reject": { state: "Settled", ...PAID, refused: { reject: "WrongState" } },
          "reject, accept": { state: "Settled", ...PAID },
        },
      ),
  );

  race("accepted by the enclave against disputed by the buyer", market, "delivered", async () =>
    at(
      "delivered",
      { accept: await receiptSent(all, [], all.stranger), dispute: dispute() },
      {
        "accept, dispute": { state: "Settled", ...PAID, refused: { dispute: "WrongState" } },
        // The bond goes home.
        "dispute, accept": { state: "Settled", ...PAID, owed: BOND },
      },
    ),
  );

  race(
    "rejected by the enclave against disputed by the buyer: one dispute an order",
    market,
    "delivered",
    async () =>
      at(
        "delivered",
        { reject: await receiptSent(all, [0], all.stranger), dispute: dispute() },
        {
          "reject, dispute": {
            state: "Disputed",
            lines: "Disputed Paid Paid",
            refused: { dispute: "WrongState" },
          },
          "dispute, reject": {
            state: "Disputed",
            lines: "Disputed Paid Paid",
            refused: { reject: "WrongState" },
          },
        },
      ),
  );

  race("finalized against disputed as the window ends", market, "delivered", async () => ({
    ...(await at(
      "delivered",
      { finalize: byAnyone("finalize"), dispute: dispute() },
      {
        last: { state: "Disputed", lines: "Disputed Paid Paid", refused: { finalize: "WrongState" } },
        late: { state: "Settled", ...PAID, refused: { dispute: "WrongState" } },
        "finalize, dispute": {
          state: "Delivered",
          refused: { finalize: "WindowOpen", dispute: "WindowOver" },
        },
        "dispute, finalize": {
          state: "Disputed",
          lines: "Disputed Paid Paid",
          refused: { finalize: "WrongState" },
        },
      },
    )),
    last: await lastMoment(all, all.at.delivered),
  }));

  race("settled by agreement against accepted", market, "delivered", async () =>
    at(
      "delivered",
      { settle: await concession(all, concessionMessage, 5_000), accept: accept() },
      {
        // Half of the custodian's tenth of one line goes back.
        "settle, accept": { state: "Settled", lines: "Paid Paid Paid", owed: PRICE / 20n },
        "accept, settle": { state: "Settled", ...PAID, refused: { settle: "WrongState" } },
      },
    ),
  );
});

describe("a disputed order", () => {
  race("answered against conceded as the window ends", market, "disputed", async () => ({
    ...(await at(
      "disputed",
      { answer: answer(), concede: byAnyone("concede") },
      {
        last: { state: "Disputed", refused: { concede: "WindowOpen" } },
        late: { state: "Resolved", lines: "Refunded Paid Paid", refused: { answer: "WrongState" } },
        "answer, concede": { state: "Disputed", refused: { concede: "NothingToConcede" } },
        "concede, answer": { state: "Disputed", refused: { concede: "WindowOpen", answer: "WindowOver" } },
      },
    )),
    last: await lastMoment(all, all.at.disputed),
  }));

  race("answered by custodian and contributor: one answer a line", market, "disputed", () =>
    at(
      "disputed",
      { custodian: answer(), contributor: answer(all.contributor) },
      {
        "custodian, contributor": { state: "Disputed", refused: { contributor: "WrongLineState" } },
        "contributor, custodian": { state: "Disputed", refused: { custodian: "WrongLineState" } },
      },
    ),
  );

  race("ruled against timed out as arbitration ends", market, "answered", async () => ({
    ...(await at(
      "answered",
      { rule: rule(0), timeout: byAnyone("arbitrationTimeout") },
      {
        // The buyer wins: price and both bonds.
        last: {
          state: "Resolved",
          lines: "Refunded Paid Paid",
          owed: PRICE + 2n * BOND,
          refused: { timeout: "WrongState" },
        },
        late: { state: "Resolved", ...PAID, owed: BOND, refused: { rule: "WrongState" } },
        "rule, timeout": {
          state: "Resolved",
          lines: "Refunded Paid Paid",
          owed: PRICE + 2n * BOND,
          refused: { timeout: "WrongState" },
        },
        "timeout, rule": { state: "Disputed", refused: { timeout: "WindowOpen", rule: "WindowOver" } },
      },
    )),
    last:
      Number(
        (await all.contracts.escrow.query("order", { order: all.order }, { at: all.at.answered }))!
          .arbitrationDeadline,
      ) - 1,
  }));

  race("ruled against accepted", market, "answered", () =>
    at(
      "answered",
      { rule: rule(0), accept: accept() },
      {
        "rule, accept": {
          state: "Resolved",
          lines: "Refunded Paid Paid",
          refused: { accept: "WrongState" },
        },
        "accept, rule": { state: "Settled", ...PAID, owed: BOND, refused: { rule: "WrongState" } },
      },
    ),
  );

  race("ruled against settled by agreement", market, "answered", async () =>
    at(
      "answered",
      { rule: rule(10_000), settle: await concession(all, concessionMessage, 0) },
      {
        "rule, settle": { state: "Resolved", ...PAID, refused: { settle: "WrongState" } },
        "settle, rule": {
          state: "Resolved",
          lines: "Paid Paid Paid",
          owed: BOND + PRICE / 10n,
          refused: { rule: "WrongState" },
        },
      },
    ),
  );
});

describe("payment", () => {
  race("of one payee asked for by two: paid once", market, "delivered", () =>
    at(
      "delivered",
      {
        one: withdraw(all.payees[0]!, all.stranger),
        other: withdraw(all.payees[0]!, all.custodian),
      },
      {
        "one, other": { state: "Settled", refused: { other: "NothingOwed" } },
        "other, one": { state: "Settled", refused: { one: "NothingOwed" } },
      },
      [accept()],
    ),
  );

  race("of the last due against the order's clearing", market, "delivered", () =>
    at(
      "delivered",
      {
        withdraw: withdraw(all.payees[0]!, all.stranger),
        forget: send(all.contracts.escrow, "forget", { order: all.order }, all.buyer),
      },
      {
        "withdraw, forget": { state: "none", lines: "" },
        "forget, withdraw": { state: "Settled", refused: { forget: "StillOwes" } },
      },
      [
        accept(),
        ...[all.payees[1]!, all.payees[2]!, all.custodian.address, all.governor.address].map((to) =>
          withdraw(to, all.stranger),
        ),
      ],
    ),
  );
});
