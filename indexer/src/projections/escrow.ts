import { z } from "zod";
import {
  attestations,
  credits,
  datasets,
  orderLines,
  orders,
  pauses,
  payments,
  policyVersions,
} from "../database/schema/index.ts";
import { account, byteList, bytes, ending, integer, json, orderState, small } from "./fields.ts";
import { handedOver } from "./governing.ts";
import { notify } from "./notify.ts";
import { on, type Reducers } from "./reducer.ts";
import { existing, type Moment, NotApplicable, type RowOf, type Rows } from "./rows.ts";

type Order = RowOf<typeof orders>;
type Line = RowOf<typeof orderLines>;

const enclaveKeys = z.object({ suite: small, encryption: bytes, signing: bytes });
const lineCredit = z.object({
  line: small,
  ending,
  share: small,
  payee: integer,
  custodian: integer,
  treasury: integer,
  buyer: integer,
  contributor: integer,
});

export const escrow: Reducers = {
  Created: on(
    {
      order: bytes,
      buyer: account,
      collection: small,
      custodian: account,
      state: orderState,
      policy_version: small,
      job: bytes,
      reader_key: bytes,
      deadline: integer,
      total: integer,
      purpose: json,
      lines: z.array(z.object({ dataset: bytes, consent_version: small, price: integer, payee: account })),
    },
    (event, at, rows) => {
      rows.put(orders, {
        id: event.order,
        buyer: event.buyer,
        collection: event.collection,
        custodian: event.custodian,
        state: event.state,
        policyVersion: event.policy_version,
        clearedVersion: null,
        job: event.job,
        readerKey: event.reader_key,
        purpose: event.purpose,
        total: event.total,
        lineCount: event.lines.length,
        deadline: event.deadline,
        enclave: null,
        ending: null,
        reason: null,
        output: null,
        createdAt: at.timestamp,
        changedAt: at.timestamp,
        endedAt: null,
        forgotten: false,
        position: at.position,
      });
      for (const [
        line,
        { dataset, consent_version: consentVersion, price, payee },
      ] of event.lines.entries()) {
        rows.put(orderLines, {
          order: event.order,
          line,
          dataset,
          consentVersion,
          price,
          payee,
          state: "Open",
          ending: "None",
          reason: null,
          packet: null,
          bad: false,
          answeredBy: null,
          share: null,
          creditPayee: 0n,
          creditCustodian: 0n,
          creditTreasury: 0n,
          creditBuyer: 0n,
          creditContributor: 0n,
        });
      }
      rows.nothingYet(credits, event.order);
      notify(rows, at, "OrderCreated", event.order, [event.custodian], { state: event.state });
    },
  ),

  LineDropped: on({ order: bytes, line: small, ending, reason: json }, async (event, at, rows) => {
    const order = await touch(rows, at, event.order);
    const line = await lineOf(rows, order, event.line);
    rows.put(orderLines, { ...line, state: "Refunded", ending: event.ending, reason: event.reason });
    notify(rows, at, "LineRefunded", order.id, [order.buyer], {
      dataset: line.dataset,
      ending: event.ending,
    });
  }),

  Cleared: on({ order: bytes, policy_version: small }, async (event, at, rows) => {
    const order = await touch(rows, at, event.order, {
      state: "Funded",
      clearedVersion: event.policy_version,
    });
    notify(rows, at, "OrderCleared", order.id, [order.buyer, order.custodian]);
  }),

  // The order's end is told by Refunded, which follows.
  Refused: on({ order: bytes }, async (event, at, rows) => {
    await touch(rows, at, event.order);
  }),
  Cancelled: on({ order: bytes }, async (event, at, rows) => {
    await touch(rows, at, event.order);
  }),

  Qualified: on(
    { order: bytes, keys: enclaveKeys, measurement: bytes, evidence: bytes },
    async ({ order: id, keys, measurement, evidence }, at, rows) => {
      const order = await touch(rows, at, id, {
        state: "Qualified",
        enclave: { ...keys, measurement, evidence },
      });
      notify(rows, at, "OrderQualified", order.id, [order.buyer, order.custodian]);
    },
  ),

  Invalidated: on({ order: bytes }, async (event, at, rows) => {
    const before = await existing(rows, orders, "order", event.order);
    const enclave = z.object({ evidence: bytes }).safeParse(before.enclave);
    const attestation = enclave.success
      ? await rows.get(attestations, before.id, enclave.data.evidence)
      : undefined;
    if (attestation) rows.put(attestations, { ...attestation, invalidatedAt: at.timestamp });
    await touch(rows, at, event.order, { state: "Funded", enclave: null });
    notify(rows, at, "OrderInvalidated", before.id, [before.buyer, before.custodian]);
  }),

  Released: on({ order: bytes, deadline: integer, lines: byteList }, async (event, at, rows) => {
    const order = await touch(rows, at, event.order, { state: "Releasing", deadline: event.deadline });
    await setLines(rows, order, event.lines, { state: "Locked" });
    notify(rows, at, "OrderReleased", order.id, [order.buyer]);
  }),

  Delivered: on(
    {
      order: bytes,
      deadline: integer,
      packets: z.array(z.object({ line: small, bytes })),
    },
    async (event, at, rows) => {
      const order = await touch(rows, at, event.order, { state: "Delivered", deadline: event.deadline });
      for (const packet of event.packets) {
        await setLines(rows, order, [packet.line], { state: "Delivered", packet: packet.bytes });
      }
      notify(rows, at, "OrderDelivered", order.id, [order.buyer]);
    },
  ),

  Settled: on({ order: bytes, output: bytes.nullable() }, async (event, at, rows) => {
    const order = await touch(rows, at, event.order, {
      state: "Settled",
      output: event.output,
      endedAt: at.timestamp,
    });
    notify(rows, at, "OrderSettled", order.id, [order.buyer, order.custodian]);
  }),

  Disputed: on(
    { order: bytes, deadline: integer, lines: byteList, by_receipt: z.boolean() },
    async (event, at, rows) => {
      const order = await touch(rows, at, event.order, { state: "Disputed", deadline: event.deadline });
      await setLines(rows, order, event.lines, { state: "Disputed", bad: event.by_receipt });
      const contributors: string[] = [];
      for (const line of event.lines) {
        const dataset = await rows.get(datasets, (await lineOf(rows, order, line)).dataset);
        if (dataset) contributors.push(dataset.contributor);
      }
      notify(rows, at, "OrderDisputed", order.id, [order.buyer, order.custodian, ...contributors], {
        lines: event.lines,
      });
    },
  ),

  Answered: on({ order: bytes, by: account, lines: byteList }, async (event, at, rows) => {
    const order = await touch(rows, at, event.order);
    await setLines(rows, order, event.lines, { answeredBy: event.by });
    const arbitrator = await arbitratorOf(rows, order);
    notify(rows, at, "DisputeAnswered", order.id, [order.buyer, arbitrator], { lines: event.lines });
  }),

  // Who gets what is told by Credited.
  Ruled: on({ order: bytes }, async (event, at, rows) => {
    await touch(rows, at, event.order);
  }),
  Agreed: on({ order: bytes }, async (event, at, rows) => {
    await touch(rows, at, event.order);
  }),

  Resolved: on({ order: bytes }, async (event, at, rows) => {
    const order = await touch(rows, at, event.order, { state: "Resolved", endedAt: at.timestamp });
    notify(rows, at, "OrderResolved", order.id, [order.buyer, order.custodian]);
  }),

  Refunded: on({ order: bytes, ending, reason: json }, async (event, at, rows) => {
    const order = await touch(rows, at, event.order, {
      state: "Refunded",
      ending: event.ending,
      reason: event.reason,
      endedAt: at.timestamp,
    });
    notify(rows, at, "OrderRefunded", order.id, [order.buyer, order.custodian], { ending: event.ending });
  }),

  Credited: on({ order: bytes, credits: z.array(lineCredit) }, async (event, at, rows) => {
    const order = await touch(rows, at, event.order);
    const { treasury } = await policyOf(rows, order);
    const owed = new Map<string, bigint>();
    const owe = (to: string, amount: bigint) => {
      if (amount > 0n) owed.set(to, (owed.get(to) ?? 0n) + amount);
    };
    for (const credit of event.credits) {
      const line = await lineOf(rows, order, credit.line);
      rows.put(orderLines, {
        ...line,
        state: credit.share === 0 ? "Refunded" : "Paid",
        ending: credit.ending,
        share: credit.share,
        creditPayee: credit.payee,
        creditCustodian: credit.custodian,
        creditTreasury: credit.treasury,
        creditBuyer: credit.buyer,
        creditContributor: credit.contributor,
      });
      owe(line.payee, credit.payee);
      owe(order.custodian, credit.custodian);
      owe(treasury, credit.treasury);
      owe(order.buyer, credit.buyer);
      if (credit.contributor > 0n) {
        const dataset = await existing(rows, datasets, "dataset", line.dataset);
        owe(dataset.contributor, credit.contributor);
      }
    }
    for (const [to, amount] of owed) {
      const before = (await rows.get(credits, order.id, to)) ?? emptyCredit(order.id, to);
      rows.put(credits, { ...before, credited: before.credited + amount, position: at.position });
      notify(rows, at, "Credited", order.id, [to], { amount: amount.toString() });
    }
  }),

  Withdrawn: on({ order: bytes, to: account, amount: integer }, async ({ order, to, amount }, at, rows) => {
    const before = (await rows.get(credits, order, to)) ?? emptyCredit(order, to);
    rows.put(credits, { ...before, withdrawn: before.withdrawn + amount, position: at.position });
    rows.put(payments, { position: at.position, order, to, amount, paidAt: at.timestamp });
    notify(rows, at, "Paid", order, [to], { amount: amount.toString() });
  }),

  Forgotten: on({ order: bytes }, async (event, at, rows) => {
    await touch(rows, at, event.order, { forgotten: true });
  }),

  Paused: on({ from: integer, until: integer }, ({ from, until }, at, rows) => {
    rows.put(pauses, { position: at.position, from, until });
  }),
  Resumed: on({ at: integer }, async (event, _at, rows) => {
    // There are few pauses, each days from the next: the newest is the one that ends.
    const newest = (await rows.where(pauses, {})).at(-1);
    if (!newest) throw new NotApplicable("no pause to end");
    rows.put(pauses, { ...newest, until: event.at });
  }),

  HandedOver: handedOver("escrow"),
};

function emptyCredit(order: string, to: string): RowOf<typeof credits> {
  return { order, account: to, credited: 0n, withdrawn: 0n, position: 0 };
}

/** Writes the order with what changed. */
async function touch(rows: Rows, at: Moment, id: string, changes: Partial<Order> = {}): Promise<Order> {
  const before = await existing(rows, orders, "order", id);
  const order: Order = { ...before, ...changes, changedAt: at.timestamp };
  rows.put(orders, order);
  return order;
}

async function lineOf(rows: Rows, order: Order, line: number): Promise<Line> {
  return existing(rows, orderLines, "line", order.id, line);
}

async function setLines(rows: Rows, order: Order, lines: number[], changes: Partial<Line>): Promise<void> {
  for (const line of lines) rows.put(orderLines, { ...(await lineOf(rows, order, line)), ...changes });
}

const partiesOfPolicy = z.object({ treasury: account, arbitrator: account });

/** Parties that the policy named when the order was made; the order's own event does not repeat them. */
async function policyOf(rows: Rows, order: Order): Promise<z.infer<typeof partiesOfPolicy>> {
  const version = await existing(rows, policyVersions, "policy", order.collection, order.policyVersion);
  const parties = partiesOfPolicy.safeParse(version.policy);
  if (!parties.success)
    throw new NotApplicable(`policy ${order.collection} ${order.policyVersion} names no treasury`);
  return parties.data;
}

async function arbitratorOf(rows: Rows, order: Order): Promise<string> {
  return (await policyOf(rows, order)).arbitrator;
}
