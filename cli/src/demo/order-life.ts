/** One order from payment to money: what the buyer does, and what others do meanwhile, read from the chain. */
import { contractEventsIn, type PlacedEvent } from "@keystrand/sdk/chain";
import type { Contracts } from "@keystrand/sdk/contracts";
import { TOKEN } from "@keystrand/sdk/deploy";
import type { Request, State } from "@keystrand/sdk/generated/escrow";
import { type EnclaveOrder, enclaveOrderSchema, requestJson } from "@keystrand/sdk/http";
import {
  attestOrder,
  createOrder,
  ENDED_STATES,
  quoteOrder,
  untilOrder,
  withdrawFrom,
} from "@keystrand/sdk/orders";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Timeline } from "../timeline.ts";

/** An order that was paid. */
export interface OpenedOrder {
  readonly order: string;
  readonly total: bigint;
  /** Block of its creation. */
  readonly since: number;
}

export const tokens = (amount: bigint): string => {
  const whole = amount / TOKEN;
  const rest = (amount % TOKEN).toString().padStart(12, "0").replace(/0+$/, "");
  return rest ? `${whole}.${rest}` : `${whole}`;
};

/** Quotes and creates. */
export const openOrder = async (
  contracts: Contracts,
  request: Request,
  buyer: KeyringPair,
  timeline: Timeline,
): Promise<OpenedOrder> => {
  const quote = await quoteOrder(contracts, buyer.address, request);
  // Enclave and custodian act on finalised orders only.
  const created = await createOrder(contracts, request, quote.total, buyer, { until: "finalized" });
  timeline.add(
    "buyer",
    `paid ${tokens(quote.total)} tokens for ${request.lines.length} datasets -> ${quote.state}`,
    created,
  );
  return { order: created.returned, total: quote.total, since: created.blockNumber };
};

/** Has the enclave make keys for orders of one job and have them attested; nothing is on-chain yet. */
export const enclaveFor = async (
  enclave: string,
  orders: readonly OpenedOrder[],
  timeline: Timeline,
): Promise<EnclaveOrder[]> => {
  const job = orders.map(({ order }) => order);
  const attested: EnclaveOrder[] = [];
  for (const { order } of orders) {
    const made = await requestJson(`${enclave}/orders`, enclaveOrderSchema, { json: { order, job } });
    timeline.note(
      "verifiers",
      `${made.signatures.length} signed the enclave's evidence${made.simulated ? " (SIMULATED platform, development root)" : ""}`,
    );
    attested.push(made);
  }
  return attested;
};

/** Names the enclave: the buyer submits the attestation results. */
export const nameEnclaves = async (
  contracts: Contracts,
  attested: readonly EnclaveOrder[],
  buyer: KeyringPair,
  timeline: Timeline,
): Promise<void> => {
  for (const each of attested)
    timeline.add(
      "buyer",
      "named the enclave and submitted its attestation -> Qualified",
      await attestOrder(contracts, each, buyer),
    );
};

const WHO: Readonly<Record<string, string>> = {
  Released: "custodian",
  Delivered: "custodian",
  Qualified: "enclave",
  Settled: "enclave",
  LineDropped: "escrow",
  Refunded: "escrow",
  Disputed: "enclave",
};

const told = ({ event }: PlacedEvent): string | undefined => {
  const { name, fields } = event;
  switch (name) {
    case "Released":
      return `committed to ${(String(fields["lines"]).length - 2) / 2} packets -> Releasing`;
    case "Delivered":
      return `delivered ${(fields["packets"] as unknown[]).length} sealed keys -> Delivered`;
    case "Settled":
      return fields["output"] ? "receipt of the enclave accepted -> Settled" : "-> Settled";
    case "LineDropped": {
      const reason = fields["reason"] as { rule: string; whose: string } | null;
      const why = reason ? `${reason.rule}, by the ${reason.whose.toLowerCase()}` : String(fields["ending"]);
      return `line ${Number(fields["line"]) + 1} dropped and refunded: ${why}`;
    }
    case "Refunded":
      return `refunded: ${fields["ending"]}`;
    case "Disputed":
      return "reported bad lines -> Disputed";
    default:
      return undefined;
  }
};

/** Waits for an order's end and adds to the timeline what others did on the way. */
export const followToEnd = async (
  contracts: Contracts,
  opened: OpenedOrder,
  timeline: Timeline,
): Promise<State> => {
  const view = await untilOrder(contracts, opened.order, ENDED_STATES);
  const head = (await contracts.api.rpc.chain.getHeader()).number.toNumber();
  const shown = new Set(timeline.entries.map((entry) => entry.extrinsicHash));
  for (const placed of await contractEventsIn(contracts.api, contracts.escrow, opened.since, head)) {
    if (placed.event.fields["order"] !== opened.order) continue;
    const text = told(placed);
    if (text && (placed.event.name === "LineDropped" || !shown.has(placed.extrinsicHash)))
      timeline.add(WHO[placed.event.name] ?? "escrow", text, placed);
  }
  return view.head.state;
};

/** Pays everybody whom the order owes; a relayer sends, so that payees need no funds. */
export const payOut = async (
  contracts: Contracts,
  { order }: OpenedOrder,
  sender: KeyringPair,
  timeline: Timeline,
) => {
  const lines = await contracts.escrow.query("lines", { order });
  const view = await contracts.escrow.query("order", { order });
  if (!view) return;
  const { buyer, custodian, treasury } = view.head;
  const payees = new Set([...lines.map(({ payee }) => payee), custodian, treasury, buyer]);
  let paid = 0n;
  let last: Awaited<ReturnType<typeof withdrawFrom>> | undefined;
  let count = 0;
  for (const to of payees) {
    if ((await contracts.escrow.query("credit", { order, account: to })) === 0n) continue;
    const withdrawn = await withdrawFrom(contracts, order, to, sender);
    paid += withdrawn.returned;
    count++;
    last = withdrawn;
    if (to === buyer || to === custodian || to === treasury) {
      const who = to === buyer ? "buyer" : to === custodian ? "custodian" : "treasury";
      timeline.add(who, `withdrew ${tokens(withdrawn.returned)} tokens`, withdrawn);
    }
  }
  if (last) timeline.add("payees", `${count} accounts were paid ${tokens(paid)} tokens in all`, last);
};
