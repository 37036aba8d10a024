/** Whatever is killed, and whenever, an order ends: settled or refunded. Real processes, SIGKILL. */
import { secureRandom, toHex } from "@keystrand/sdk/bytes";
import { accountFrom } from "@keystrand/sdk/chain";
import type { Request } from "@keystrand/sdk/generated/escrow";
import { enclaveOrderSchema, requestJson } from "@keystrand/sdk/http";
import {
  attestOrder,
  createOrder,
  ENDED_STATES,
  quoteOrder,
  requestsFor,
  untilOrder,
} from "@keystrand/sdk/orders";
import type { KeyringPair } from "@polkadot/keyring/types";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { REAL_VCF, startTestSystem, type TestSystem } from "./running-system.ts";

const STEPS = ["Funded", "Qualified", "Releasing", "Delivered"] as const;
type Step = (typeof STEPS)[number];
const PARTS = ["block-store", "custodian", "verifier-1", "indexer", "chain"] as const;
/** How long an order may take on a busy machine, ms. */
const PATIENCE = 300_000;

let running: TestSystem;
let buyer: KeyringPair;
let request: Request;

beforeAll(async () => {
  running = await startTestSystem();
  // The demonstration leaves a collection, five consents that stand and a buyer with credentials.
  const outcome = await running.demo(REAL_VCF, 6);
  const { contracts, home } = running.system;
  buyer = await accountFrom(`${home.secret}//buyer`);
  const { head } = (await contracts.escrow.query("order", { order: outcome.orders[0]! }))!;
  [request] = (await requestsFor(contracts, {
    collection: outcome.collection,
    datasets: outcome.datasets.slice(1),
    purpose: head.purpose,
    readerKey: head.readerKey,
  })) as [Request];
}, 2 * PATIENCE);
afterAll(() => running?.stop());

/** A method of the embedded chain's own. */
const control = (method: string, ...params: unknown[]) => running.control(method, params);

const until = (order: string, ...states: Parameters<typeof untilOrder>[2]) =>
  untilOrder(running.system.contracts, order, states, AbortSignal.timeout(PATIENCE));

const stateOf = async (order: string) =>
  (await running.system.contracts.escrow.query("order", { order }))?.head.state;

const attest = async (order: string) => {
  // While the chain comes back, the enclave says that it cannot look, and is asked again.
  const enclave = await vi.waitFor(
    () =>
      requestJson(`${running.system.endpoints.enclave}/orders`, enclaveOrderSchema, {
        json: { order, job: [order] },
      }),
    { timeout: PATIENCE, interval: 500 },
  );
  await attestOrder(running.system.contracts, enclave, buyer);
};

/** An order that stands at a step, with that step in a block that is not final: nobody goes on from it yet. */
const orderAt = async (step: Step): Promise<string> => {
  const { contracts } = running.system;
  const { total } = await quoteOrder(contracts, buyer.address, request);
  // An order's id follows from its nonce.
  const own = { ...request, nonce: toHex(secureRandom(32)) };
  const { returned: order } = await createOrder(contracts, own, total, buyer, { until: "finalized" });
  if (step === "Funded") return order;
  await control("dev_holdFinality", true);
  await attest(order);
  // Custodian and enclave act on final blocks: each finalisation lets them make exactly one step.
  for (const next of ["Releasing", "Delivered"] as const) {
    if (STEPS.indexOf(next) > STEPS.indexOf(step)) break;
    await control("dev_finalize");
    await until(order, next);
  }
  expect(await stateOf(order)).toBe(step);
  return order;
};

const restart = async (part: string) => {
  await running.system.parts.get(part)!.kill();
  await running.system.restart(part);
  // A client is told that the node went away, and tries again each second.
  const { api } = running.system.contracts;
  await expect.poll(() => api.isConnected, { timeout: PATIENCE }).toBe(true);
};

describe("an order ends", () => {
  test.each(STEPS.flatMap((step) => PARTS.map((part) => [part, step] as const)))(
    "when the %s is killed while it is %s",
    async (part, step) => {
      const order = await orderAt(step);
      await restart(part);
      await control("dev_holdFinality", false);
      if (step === "Funded") await attest(order);
      expect((await until(order, ...ENDED_STATES)).head.state).toBe("Settled");
    },
    PATIENCE,
  );

  test(
    "when the enclave is killed: before it made keys as if nothing had happened, afterwards by time",
    async () => {
      const unattested = await orderAt("Funded");
      await restart("enclave");
      await attest(unattested);
      expect((await until(unattested, ...ENDED_STATES)).head.state).toBe("Settled");

      // An enclave's keys never leave its memory: these orders have lost theirs.
      const orders: string[] = [];
      for (const step of ["Qualified", "Releasing", "Delivered"] as const) {
        orders.push(await orderAt(step));
        await restart("enclave");
        await control("dev_holdFinality", false);
      }
      for (const order of orders) await until(order, "Delivered");
      await running.passTime(orders);
      for (const order of orders) expect((await until(order, ...ENDED_STATES)).head.state).toBe("Settled");
    },
    2 * PATIENCE,
  );

  test(
    "when buyer, verifiers and enclave are gone for good: the custodian sends the money back",
    async () => {
      const order = await orderAt("Funded");
      for (const part of ["enclave", "verifier-1", "verifier-2", "verifier-3"])
        await running.system.parts.get(part)!.kill();
      await running.passTime([order]);
      expect((await until(order, ...ENDED_STATES)).head.state).toBe("Refunded");
      expect(await running.system.contracts.escrow.query("credit", { order, account: buyer.address })).toBe(
        5n * 10n ** 12n,
      );
    },
    PATIENCE,
  );

  test(
    "when the custodian is gone for good as well: anyone sends the money back, with keystrand order end",
    async () => {
      // Chain time has passed the verifiers' clock: a Funded order needs none of them.
      const order = await orderAt("Funded");
      await running.system.parts.get("custodian")!.kill();
      const early = await running.cli("order", "end", order);
      expect(early.code).toBe(1);
      expect(early.output).toContain("its window is open");
      await running.passTime([order]);
      const ended = await running.cli("order", "end", order);
      expect(ended.output).toMatch(/expire -> Refunded: block \d+, 0x[0-9a-f]{64}/);
      expect(ended.code).toBe(0);
      expect((await running.cli("order", "end", order)).output).toContain("has ended: Refunded");
    },
    PATIENCE,
  );

  test("no money is left locked", async () => {
    const { contracts } = running.system;
    const head = await contracts.escrow.query("held", {});
    expect(head).toBeGreaterThan(0n); // credits that nobody has withdrawn yet
    const { data } = (await contracts.api.query.system!.account!(contracts.escrow.address)) as unknown as {
      data: { free: { toBigInt(): bigint } };
    };
    expect(data.free.toBigInt()).toBeGreaterThanOrEqual(head);
  });
});
