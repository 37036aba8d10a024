/** The escrow with consents, policies and attestations behind it: what no test off the chain can run. */
import { toHex } from "@keystrand/sdk/bytes";
import type { EscrowMessages } from "@keystrand/sdk/generated/escrow";
import type { KeyringPair } from "@polkadot/keyring/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  attestArguments,
  BOND,
  create,
  delivered,
  hashesOf,
  type OrdersOnChain,
  ordersOnChain,
  PRICE,
  packetsOf,
  receiptOf,
  requestFor,
  WINDOWS,
} from "./orders.fixture.ts";

const LINES = 64;
/** 10 % of a block's normal class (1.5 s), in ps, and the bound on a message's proof, bytes. */
const MOST_TIME = 150_000_000_000n;
const MOST_PROOF = 3_000_000n;
const EVERY = Array.from({ length: LINES }, (_, index) => index);

let market: OrdersOnChain;
beforeAll(async () => {
  market = await ordersOnChain(LINES);
}, 300_000);
afterAll(() => market?.close());

/** Sends a message that must stay within its bounds, and take no deposit. */
const send = async <L extends keyof EscrowMessages & string>(
  label: L,
  args: EscrowMessages[L]["args"],
  sender: KeyringPair,
  value = 0n,
) => {
  const { escrow } = market.contracts;
  const run = await escrow.dryRun(label, args, { caller: sender.address, value });
  expect(run.deposit, `${label} takes no deposit`).toBeLessThanOrEqual(0n);
  expect(run.gasRequired.refTime, `${label}'s time`).toBeLessThan(MOST_TIME);
  expect(run.gasRequired.proofSize, `${label}'s proof`).toBeLessThan(MOST_PROOF);
  return escrow.execute(label, args, sender, { value });
};

const stateOf = async (order: string) =>
  (await market.contracts.escrow.query("order", { order }))!.head.state;

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => "accepted",
    (error: { refusal?: { type: string } | string }) =>
      typeof error.refusal === "string" ? error.refusal : error.refusal?.type,
  );

/** The contract can pay everything that it holds for others. */
const solvent = async () => {
  const { api, escrow } = market.contracts;
  const account = (await api.query.system!.account!(escrow.address)) as unknown as {
    data: { free: { toBigInt(): bigint } };
  };
  expect(account.data.free.toBigInt()).toBeGreaterThanOrEqual(await escrow.query("held", {}));
};

describe("an order of 64 lines", () => {
  test("stays within a tenth of a block and 3 MB of proof, and only create takes a deposit", async () => {
    const { escrow } = market.contracts;
    const request = await requestFor(market, EVERY);
    const value = PRICE * BigInt(LINES);
    const created = await escrow.dryRun("create", { request }, { caller: market.buyer.address, value });
    expect(created.deposit).toBeGreaterThan(0n);
    expect(created.gasRequired.refTime).toBeLessThan(MOST_TIME);
    expect(created.gasRequired.proofSize).toBeLessThan(MOST_PROOF);
    const order = (await escrow.execute("create", { request }, market.buyer, { value })).returned;

    await send("attest", await attestArguments(market, order), market.buyer);
    await send("release", { order, packets: hashesOf(EVERY) }, market.custodian);
    const { contractEvents } = await send("deliver", { order, packets: packetsOf(EVERY) }, market.custodian);
    const told = contractEvents.find(({ name }) => name === "Delivered");
    expect(told?.fields["packets"]).toEqual(packetsOf(EVERY));
    await send(
      "dispute",
      { order, lines: toHex(Uint8Array.from(EVERY)) },
      market.buyer,
      BOND * BigInt(LINES),
    );
    await send(
      "answer",
      { order, lines: toHex(Uint8Array.from(EVERY)) },
      market.custodian,
      BOND * BigInt(LINES),
    );
    const shares = EVERY.map((line) => ({ line, share: 6_000 }));
    await send("rule", { order, shares }, market.arbitrator);
    expect(await stateOf(order)).toBe("Resolved");
    await solvent();

    // 60 % of the price is divided 80 : 10 : 10; the bonds of both sides go to the custodian, who answered.
    const paid = (PRICE * 6n) / 10n;
    const custodian = BigInt(LINES) * (paid / 10n + 2n * BOND);
    expect((await send("withdraw", { order, to: market.custodian.address }, market.stranger)).returned).toBe(
      custodian,
    );
    expect((await send("withdraw", { order, to: market.payees[5]! }, market.stranger)).returned).toBe(
      (paid * 8n) / 10n,
    );
    expect((await send("withdraw", { order, to: market.buyer.address }, market.buyer)).returned).toBe(
      BigInt(LINES) * (PRICE - paid),
    );
    await solvent();
    expect(await refusal(escrow.execute("forget", { order }, market.buyer))).toBe("StillOwes");
  });
});

describe("money", () => {
  test("is divided by the policy's split, each to its own account, and the cells go when all are paid", async () => {
    const { api, escrow } = market.contracts;
    const order = await delivered(market, [0, 1, 2]);
    await send("accept", { order, receipt: await receiptOf(market, order, []) }, market.stranger);
    const before = await escrow.query("held", {});
    const to = [market.payees[0]!, market.payees[1]!, market.payees[2]!, market.custodian.address];
    for (const account of [...to, market.governor.address]) {
      const owed = await escrow.query("credit", { order, account });
      const { returned } = await send("withdraw", { order, to: account }, market.stranger);
      expect(returned).toBe(owed);
    }
    const free = (await api.query.system!.account!(market.payees[0]!)) as unknown as {
      data: { free: { toBigInt(): bigint } };
    };
    expect(free.data.free.toBigInt()).toBeGreaterThanOrEqual((PRICE * 8n) / 10n);
    expect(before - (await escrow.query("held", {}))).toBe(3n * PRICE);
    expect(await refusal(send("withdraw", { order, to: to[0]! }, market.stranger))).toBe("NothingOwed");
    const forgotten = await escrow.dryRun("forget", { order }, { caller: market.buyer.address });
    expect(forgotten.deposit, "the deposit comes back").toBeLessThan(0n);
    await send("forget", { order }, market.buyer);
    expect(await escrow.query("exists", { order })).toBe(false);
    await solvent();
  });
});

describe("a consent withdrawn between two steps", () => {
  test("before attest and before release drops and refunds its line; the rest goes on", async () => {
    const { consents, escrow } = market.contracts;
    const order = await create(market, [60, 61, 62, 63]);
    await consents.execute("withdraw", { dataset: market.datasets[60]! }, market.contributor);
    await send("attest", await attestArguments(market, order), market.buyer);
    await consents.execute("withdraw", { dataset: market.datasets[61]! }, market.contributor);
    const { contractEvents } = await send(
      "release",
      { order, packets: hashesOf([1, 2, 3]) },
      market.custodian,
    );
    const dropped = contractEvents.find(({ name }) => name === "LineDropped");
    expect(dropped?.fields).toMatchObject({
      dataset: market.datasets[61],
      ending: "Denied",
      reason: { rule: "Withdrawn", whose: "Consent" },
    });
    expect(await escrow.query("credit", { order, account: market.buyer.address })).toBe(2n * PRICE);
    expect((await escrow.query("lines", { order })).map(({ state }) => state)).toEqual([
      "Refunded",
      "Refunded",
      "Locked",
      "Locked",
    ]);
    // From here withdrawal comes too late for a locked line: the packets may be public.
    await consents.execute("withdraw", { dataset: market.datasets[62]! }, market.contributor);
    await send("deliver", { order, packets: packetsOf([2, 3]) }, market.custodian);
    await send("accept", { order, receipt: null }, market.buyer);
    const again = await requestFor(market, [0, 62]);
    const quote = await escrow.query("quote", { buyer: market.buyer.address, request: again });
    expect(quote.refusal).toMatchObject({
      type: "LineDenied",
      value: { dataset: market.datasets[62], reason: { rule: "Withdrawn", whose: "Consent" } },
    });
  });
});

describe("an attestation that falls", () => {
  test("stops release at once, and anyone sends the order back to wait for another enclave", async () => {
    const { attestations } = market.contracts;
    const order = await create(market, [3, 4]);
    await send("attest", await attestArguments(market, order), market.buyer);
    const verifier = market.verifiers[0]!.address;
    await attestations.execute("withholdVerifier", { verifier }, market.governor);
    const release = send("release", { order, packets: hashesOf([0, 1]) }, market.custodian);
    expect(await refusal(release)).toBe("Attestation");
    await send("invalidate", { order }, market.stranger);
    expect(await stateOf(order)).toBe("Funded");
    await attestations.execute("restoreVerifier", { verifier }, market.governor);
    expect(await refusal(send("attest", await attestArguments(market, order), market.buyer))).toBe(
      "Attestation",
    );
    await send("attest", await attestArguments(market, order, 2), market.buyer);
    expect(await stateOf(order)).toBe("Qualified");
    expect(await refusal(send("abort", { order }, market.stranger))).toBe("NothingToAbort");
    await market.pass(Number(WINDOWS.fulfil));
    await send("expire", { order }, market.stranger);
    expect(await stateOf(order)).toBe("Refunded");
  });
});

describe("the guardians' pause", () => {
  test("stops create, attest and release, stretches the windows it overlaps, and nothing else", async () => {
    const { escrow } = market.contracts;
    const waiting = await create(market, [5, 6]);
    const open = await delivered(market, [7, 8]);
    const deadline = async () => (await escrow.query("order", { order: waiting }))!.deadline;
    const planned = await deadline();
    expect(await refusal(escrow.execute("pause", {}, market.stranger))).toBe("NotGovernor");
    await escrow.execute("pause", {}, market.governor);
    expect((await deadline()) - planned).toBe(72n * 3_600_000n);
    expect(await refusal(create(market, [9, 10]))).toBe("Paused");
    const attest = await attestArguments(market, waiting);
    expect(await refusal(send("attest", attest, market.buyer))).toBe("Paused");
    await send("accept", { order: open, receipt: null }, market.buyer);
    await market.pass(71 * 3_600_000);
    expect(await refusal(send("expire", { order: waiting }, market.stranger))).toBe("WindowOpen");
    expect(await refusal(escrow.execute("pause", {}, market.governor))).toBe("AlreadyInForce");
    await market.pass(3_600_000 + Number(WINDOWS.fulfil));
    await send("expire", { order: waiting }, market.stranger);
    await solvent();
  });
});

describe("the worst of judgements", () => {
  test("58 consents withdrawn at once stay within a tenth of a block when attest drops their lines", async () => {
    const { consents, escrow } = market.contracts;
    const cohort = EVERY.filter((line) => line < 60);
    const order = await create(market, cohort);
    await consents.execute("withdrawAll", { from: 2, limit: LINES }, market.contributor);
    await send("attest", await attestArguments(market, order), market.buyer);
    const states = (await escrow.query("lines", { order })).map(({ state }) => state);
    expect(states.filter((state) => state === "Open")).toHaveLength(2);
    await send("release", { order, packets: hashesOf([0, 1]) }, market.custodian);
    const { contractEvents } = await send("deliver", { order, packets: packetsOf([0, 1]) }, market.custodian);
    expect(contractEvents.map(({ name }) => name)).toContain("Delivered");
    await solvent();
  });
});
