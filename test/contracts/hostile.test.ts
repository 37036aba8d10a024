/** Contracts that re-enter, revert, burn gas or answer garbage: as payees, governors and neighbours. */
import { fromHex } from "@keystrand/sdk/bytes";
import { contractClient, escrowAbi, instantiate } from "@keystrand/sdk/contracts";
import type { EscrowMessages } from "@keystrand/sdk/generated/escrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle } from "./chain.fixture.ts";
import {
  BURNING,
  CODES,
  CONTENT,
  type Conduct,
  calling,
  GARBAGE,
  hostile,
  NOTHING,
  REVERTING,
  TRAPPING,
} from "./hostile.fixture.ts";
import {
  attestArguments,
  create,
  delivered,
  hashesOf,
  type OrdersOnChain,
  ordersOnChain,
  PRICE,
  registration,
  requestFor,
  WINDOWS,
} from "./orders.fixture.ts";
import { dispatchError, send } from "./races.fixture.ts";

let market: OrdersOnChain;
beforeAll(async () => {
  market = await ordersOnChain(3);
}, 300_000);
afterAll(() => market?.close());

const freeBalance = async (address: string): Promise<bigint> => {
  const account = (await market.contracts.api.query.system!.account!(address)) as unknown as {
    data: { free: { toBigInt(): bigint } };
  };
  return account.data.free.toBigInt();
};

/** An escrow's order and money, to be compared. */
const books = async ({ contracts: { escrow } }: OrdersOnChain, order: string) => ({
  order: await escrow.query("order", { order }),
  lines: await escrow.query("lines", { order }),
  held: await escrow.query("held", {}),
  balance: await freeBalance(escrow.address),
});

const escrowCall = (label: keyof EscrowMessages & string, args: Record<string, unknown>) =>
  escrowAbi.message(label).encode(args);

describe("a payee that is a contract", () => {
  /** An order whose first line pays a hostile contract, accepted. */
  const owing = async (conduct: Conduct) => {
    const { contracts, governor, contributor, custodian, collection, buyer } = market;
    const payee = await hostile(contracts.api, governor, conduct);
    const number = await contracts.consents.query("datasetsOf", { contributor: contributor.address });
    const dataset = registration(contracts, collection, number, payee.address, contributor, custodian);
    const { returned } = await contracts.consents.execute("register", dataset, contributor);
    const orders = { ...market, datasets: [returned, ...market.datasets] };
    const order = await delivered(orders, [0, 1]);
    await contracts.escrow.execute("accept", { order, receipt: null }, buyer);
    return { payee, order, due: (PRICE * 8n) / 10n };
  };

  test.each([
    ["reverts", REVERTING],
    ["traps", TRAPPING],
    ["burns gas", BURNING],
    ["answers garbage", GARBAGE],
  ])("is paid though it %s: a transfer runs none of its code", async (_, conduct) => {
    const { payee, order, due } = await owing(conduct);
    const before = await freeBalance(payee.address);
    await market.contracts.escrow.execute("withdraw", { order, to: payee.address }, market.stranger);
    expect((await freeBalance(payee.address)) - before).toBe(due);
    expect(await payee.results()).toEqual([]);
  });

  test("that asks twice in one transaction is paid once", async () => {
    const { escrow } = market.contracts;
    const { payee, order, due } = await owing(CONTENT);
    const ask = escrowCall("withdraw", { order, to: payee.address });
    await payee.become(calling(ask, escrow.address));
    const [before, held] = [await freeBalance(payee.address), await escrow.query("held", {})];
    await payee.provoke();
    expect(await payee.results()).toEqual([CODES.success, CODES.reverted]);
    expect((await freeBalance(payee.address)) - before).toBe(due);
    expect(held - (await escrow.query("held", {}))).toBe(due);
  });
});

type Neighbours = Partial<Record<"attestations" | "consents" | "policies", string>>;

/** A market whose escrow asks these contracts; every other one is the real one. */
const withNeighbours = async (neighbours: Neighbours): Promise<OrdersOnChain> => {
  const { contracts, governor } = market;
  const args = {
    genesis: contracts.deployment.genesis,
    consents: contracts.consents.address,
    policies: contracts.policies.address,
    attestations: contracts.attestations.address,
    ...neighbours,
  };
  const { address } = await instantiate(
    contracts.api,
    bundle("escrow"),
    "new",
    args,
    governor,
    fromHex("0x07"),
  );
  const escrow = contractClient<EscrowMessages>(contracts.api, escrowAbi, address);
  return { ...market, contracts: { ...contracts, escrow } };
};
const neighbour = (conduct: Conduct) => hostile(market.contracts.api, market.governor, conduct);

/** What a call came to: undefined when it took effect, else the chain's own name for its end. */
const outcome = async (call: ReturnType<typeof send>): Promise<string | undefined> => {
  const { node, contracts } = market;
  const nonce = (await contracts.api.rpc.system.accountNextIndex(call.by.address)).toNumber();
  const { outcomes } = node.seal({ extrinsics: [await call.extrinsic(market, nonce)] });
  return dispatchError(contracts.api, outcomes[0]!);
};

/** A burnt-out callee leaves its caller the gas to refuse, or none. */
const REFUSED = ["ContractReverted", "OutOfGas"];

const MISCONDUCT: readonly (readonly [string, (order: string) => Conduct])[] = [
  ["reverts", () => REVERTING],
  ["traps", () => TRAPPING],
  ["burns all gas", () => BURNING],
  ["answers garbage", () => GARBAGE],
  ["answers nothing", () => NOTHING],
  ["re-enters by cancel", (order) => calling(escrowCall("cancel", { order }))],
  ["re-enters by expire", (order) => calling(escrowCall("expire", { order }))],
  ["re-enters by withdraw", (order) => calling(escrowCall("withdraw", { order, to: market.buyer.address }))],
];

describe("a consents contract that", () => {
  test.each(MISCONDUCT)("%s lets no order begin, and takes no money", async (_, conduct) => {
    const [attestations, consents] = [
      await neighbour(CONTENT),
      await neighbour(conduct(`0x${"00".repeat(32)}`)),
    ];
    const orders = await withNeighbours({ attestations: attestations.address, consents: consents.address });
    const { escrow } = orders.contracts;
    const request = await requestFor(market, [0, 1]);
    expect(REFUSED).toContain(await outcome(send(escrow, "create", { request }, market.buyer, 2n * PRICE)));
    expect(await escrow.query("held", {})).toBe(0n);
    expect(await consents.results()).toEqual([]);
  });
});

describe.each(["attestations", "policies"] as const)("a contract of %s that", (role) => {
  test.each(MISCONDUCT)("%s changes nothing, and the buyer's money comes back", async (_, conduct) => {
    const { buyer, custodian, stranger } = market;
    const attestations = await neighbour(CONTENT);
    const policies = role === "policies" ? await neighbour(CONTENT) : undefined;
    const orders = await withNeighbours({
      attestations: attestations.address,
      ...(policies ? { policies: policies.address } : {}),
    });
    const { escrow } = orders.contracts;
    const order = await create(orders, [0, 1]);
    await escrow.execute("attest", await attestArguments(orders, order), buyer);
    const misbehaving = policies ?? attestations;
    await misbehaving.become(conduct(order));
    const before = await books(orders, order);
    // What asks this contract: release and invalidate the attestations, cancel and invalidate the policies.
    const asking =
      role === "policies"
        ? send(escrow, "cancel", { order }, buyer)
        : send(escrow, "release", { order, packets: hashesOf([0, 1]) }, custodian);
    expect(REFUSED).toContain(await outcome(asking));
    expect(REFUSED).toContain(await outcome(send(escrow, "invalidate", { order }, stranger)));
    expect(await books(orders, order)).toEqual(before);
    expect(await misbehaving.results()).toEqual([]);
    // Time alone gives the money back: neither message asks anybody.
    await market.pass(Number(WINDOWS.fulfil));
    await escrow.execute("expire", { order }, stranger);
    const { returned } = await escrow.execute("withdraw", { order, to: buyer.address }, stranger);
    expect(returned).toBe(2n * PRICE);
    expect(await escrow.query("held", {})).toBe(0n);
  });
});

describe("a governor that is a hostile contract", () => {
  test("can pause once and no more: orders go on, and it takes nothing", async () => {
    const { contracts, governor, buyer, stranger } = market;
    const { escrow } = contracts;
    const running = await delivered(market, [0, 1]);
    const tyrant = await hostile(contracts.api, governor, CONTENT);
    const id = market.node.snapshot();
    await escrow.execute("handOver", { governor: tyrant.address }, governor);
    const before = await books(market, running);
    const attempt = async (label: keyof EscrowMessages & string, args: Record<string, unknown>) => {
      await tyrant.become(calling(escrowCall(label, args), escrow.address));
      await tyrant.provoke();
      return tyrant.results();
    };
    const refused = [CODES.reverted, CODES.reverted];
    const order = running;
    for (const label of ["cancel", "expire", "abort", "finalize", "concede", "forget", "invalidate"] as const)
      expect(await attempt(label, { order }), label).toEqual(refused);
    expect(await attempt("withdraw", { order, to: tyrant.address })).toEqual(refused);
    expect(await attempt("rule", { order, shares: [{ line: 0, share: 0 }] })).toEqual(refused);
    expect(await books(market, running)).toEqual(before);
    expect(await attempt("pause", {})).toEqual([CODES.success, CODES.reverted]);
    await escrow.execute("accept", { order, receipt: null }, buyer);
    const to = market.payees[0]!;
    expect((await escrow.execute("withdraw", { order, to }, stranger)).returned).toBe((PRICE * 8n) / 10n);
    market.node.restore(id);
  });
});
