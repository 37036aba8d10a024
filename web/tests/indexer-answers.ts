/**
 * Answers of an indexer for states that no running system shows at will: nothing at all, and too much of everything.
 * Each is what `lib/indexer` asks for, checked there against the same schemas as real answers.
 */
import type { Page } from "@playwright/test";
import { system } from "./fixtures.ts";

/** The moment at which pages are looked at. */
export const NOW = Date.parse("2027-03-01T12:00:00Z");
const MINUTE = 60_000;
const id = (digit: string) => `0x${digit.repeat(64)}`;
/** 10^21 planck: a balance that no column was made for. */
const HUGE = `${10n ** 21n}`;
const ADDRESSES = [
  "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
  "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty",
  "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y",
] as const;
export const ORDER = id("a");

const page = <T>(nodes: readonly T[], hasNextPage = false) => ({ nodes, pageInfo: { hasNextPage } });
const INDEXED = {
  genesis: system.genesis,
  head: { height: 1_234_567, hash: id("1") },
  finalized: { height: 1_234_566, hash: id("2") },
};
const TERMS = {
  permission: "HealthMedicalBiomedical",
  diseases: [],
  modifiers: 0b1_0000_1000,
  region: "0x4348",
  months: 24,
  user: null,
  project: null,
  institution: null,
  publish_from: null,
};
const PURPOSE = {
  kind: "Disease",
  diseases: [5148, 5149],
  genetic_study: true,
  non_profit: true,
  commercial_use: false,
  region: "0x4348",
  months: 24,
  publish_at: null,
  project: id("c"),
  populations: 3,
};
const POLICY = {
  terms: TERMS,
  required: [{ kind: "BonaFideResearcher", scope: id("0") }],
  min_cohort: 5,
  laboratory: false,
  split: { contributor: 8_000, custodian: 1_000, treasury: 1_000 },
  windows: {
    fulfil: "1800000",
    release: "600000",
    dispute: "300000",
    answer: "300000",
    arbitration: "600000",
  },
  attestation: { quorum: 2, platforms: ["IntelTdx", "AwsNitro"], admit_debug: false },
  committee: { members: ADDRESSES, quorum: 2 },
  bond: HUGE,
};
const event = (position: number, name: string, fields: Record<string, unknown> | null = null) => ({
  position,
  contract: "escrow",
  name,
  height: 1_234_000 + position,
  blockHash: id("b"),
  timestamp: NOW - position * MINUTE,
  signer: ADDRESSES[0],
  fields,
});
const TIMELINE = ["Created", "EvidenceConsumed", "Qualified", "Released", "Delivered", "Settled"].map(
  (name, index) => event(index, name),
);
const order = (state: string) => ({
  id: ORDER,
  collection: 1,
  buyer: ADDRESSES[0],
  state,
  ending: null,
  total: HUGE,
  lineCount: 64,
  createdAt: NOW - 60 * MINUTE,
  changedAt: NOW,
  deadline: NOW + 30 * MINUTE,
  custodian: ADDRESSES[1],
  policyVersion: 7,
  purpose: PURPOSE,
  reason: null,
  output: id("9"),
  lines: Array.from({ length: 8 }, (_, line) => ({
    line,
    dataset: id(String(line)),
    state: line === 3 ? "Refunded" : "Paid",
    ending: line === 3 ? "Denied" : "Accepted",
    price: HUGE,
    bad: false,
    consentVersion: 1,
    creditContributor: "0",
    creditPayee: HUGE,
    creditCustodian: HUGE,
    creditTreasury: HUGE,
    creditBuyer: HUGE,
    reason: line === 3 ? { rule: "NonProfitNonCommercial", whose: "Consent" } : null,
  })),
  timeline: TIMELINE,
  attestations: [{ evidence: id("d"), measurement: id("e"), attestedAt: NOW }],
  credits: [],
  inCollection: { policy: POLICY },
});
const proposal = {
  id: 3,
  track: "Widen",
  stage: "Voting",
  direction: "Wider",
  collection: 1,
  proposer: ADDRESSES[2],
  proposedAt: NOW - 60 * MINUTE,
  closes: NOW + 60 * MINUTE,
  favour: "123456789012",
  against: "23456789012",
  abstain: "3456789012",
  actions: [{ Policy: { Set: { collection: 1, policy: POLICY } } }],
  deposit: HUGE,
  terms: {
    passing: { Ratio: { approval: 6_667, support_from: 2_000, support_to: 500 } },
    decision: "7200000",
  },
  snapshotBlock: 1_234_000,
  executableFrom: null,
  executableUntil: null,
  ballots: ADDRESSES.map((voter, index) => ({
    voter,
    castAt: NOW - index * MINUTE,
    reason:
      "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle says yes, at some length",
    recused: index === 2,
    ownFavour: HUGE,
    ownAgainst: "0",
    ownAbstain: "0",
    delegatedFavour: HUGE,
    delegatedAgainst: "0",
    delegatedAbstain: "0",
  })),
  timeline: [
    event(0, "Proposed"),
    event(1, "BallotCast", { tally: { favour: "10", against: "2", abstain: "1" } }),
  ],
};
const collection = {
  id: 1,
  version: 7,
  closed: false,
  disease: null,
  openedAt: NOW - 600 * MINUTE,
  changedAt: NOW,
  policy: POLICY,
  queued: { direction: "Wider", proposal: 3, from: NOW + 30 * MINUTE, until: NOW + 90 * MINUTE },
  versions: [{ version: 7, setAt: NOW - 600 * MINUTE, direction: "Mixed", closes: false }],
};
const dataset = (index: number) => ({
  id: id(String(index % 10)),
  collection: 1,
  contributor: ADDRESSES[index % 3],
  custodian: ADDRESSES[1],
  laboratory: null,
  state: (["Given", "Withdrawn", "Erased"] as const)[index % 3],
  terms: index % 3 === 2 ? null : TERMS,
  price: HUGE,
  size: `${10n ** 15n}`,
  registeredAt: NOW,
  changedAt: NOW,
  expiresAt: null,
  orderLines: [],
});

/** Too much of everything: long words, 10^21, every state. */
export const FULL: Readonly<Record<string, unknown>> = {
  indexed: INDEXED,
  contracts: ["identity", "policies", "consents", "attestations", "escrow", "voice", "governor"].map(
    (name, index) => ({ name, address: `${ADDRESSES[index % 3]!.slice(0, -1)}${index}`, codeHash: id("3") }),
  ),
  collections: page([collection], true),
  collection,
  datasets: page(
    Array.from({ length: 9 }, (_, index) => dataset(index)),
    true,
  ),
  orders: page(
    [
      "UnderReview",
      "Funded",
      "Qualified",
      "Releasing",
      "Delivered",
      "Disputed",
      "Settled",
      "Resolved",
      "Refunded",
    ].map((state, index) => ({ ...order(state), id: id(String(index)) })),
    true,
  ),
  order: order("Settled"),
  proposals: page([proposal]),
  proposal,
  members: page([{}, {}, {}]),
  auditLog: page(TIMELINE),
  credentials: page([]),
};

/** Nothing at all. */
export const EMPTY: Readonly<Record<string, unknown>> = {
  indexed: INDEXED,
  contracts: [],
  collections: page([]),
  collection: null,
  datasets: page([]),
  orders: page([]),
  order: null,
  proposals: page([]),
  proposal: null,
  members: page([]),
  auditLog: page([]),
  credentials: page([]),
};

/** Makes a page see an indexer that answers so; "silent" never answers, "broken" answers with an error. */
export async function answering(
  browser: Page,
  indexer: string,
  answers: Readonly<Record<string, unknown>> | "silent" | "broken",
): Promise<void> {
  await browser.clock.setFixedTime(NOW);
  // The stream of blocks would change the page while it is looked at.
  await browser.addInitScript(
    (head: string) => {
      class OneBlock extends EventTarget {
        constructor() {
          super();
          queueMicrotask(() => {
            this.dispatchEvent(new Event("open"));
            this.dispatchEvent(new MessageEvent("next", { data: head }));
          });
        }
        close() {}
      }
      Object.assign(window, { EventSource: OneBlock });
    },
    JSON.stringify({ data: { indexed: INDEXED } }),
  );
  await browser.route(`${indexer}/**`, async (route) => {
    const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    if (route.request().method() === "OPTIONS") return route.fulfill({ status: 204, headers: cors });
    if (new URL(route.request().url()).pathname === "/status")
      return route.fulfill({ headers: cors, json: { lagBlocks: 0 } });
    if (answers === "silent") return;
    if (answers === "broken")
      return route.fulfill({ headers: cors, json: { data: null, errors: [{ message: "no such field" }] } });
    return route.fulfill({ headers: cors, json: { data: answers } });
  });
}
