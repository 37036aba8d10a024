/**
 * The main job on one VCF, as a person would do it: datasets, consents, a policy, an order from payment to result,
 * a withdrawal that drops one line of a second order, and two refusals.
 */
import { writeFileSync } from "node:fs";
import { secureRandom, toHex, utf8 } from "@keystrand/sdk/bytes";
import { openDataset, rootDigest } from "@keystrand/sdk/car";
import { ContractRefusal, type Contracts } from "@keystrand/sdk/contracts";
import { generateKeyPair } from "@keystrand/sdk/crypt4gh";
import { type Destination, registerDataset, storeDataset } from "@keystrand/sdk/datasets";
import { developmentPolicy, TOKEN } from "@keystrand/sdk/deploy";
import type { Terms } from "@keystrand/sdk/generated/consents";
import type { EscrowError, Purpose, Request } from "@keystrand/sdk/generated/escrow";
import type { Policy } from "@keystrand/sdk/generated/policies";
import { execute, propose, queue, vote } from "@keystrand/sdk/governance";
import { enclaveIdentitySchema, enclaveOrderSchema, requestBytes, requestJson } from "@keystrand/sdk/http";
import { createOrder, escrowSentence, quoteOrder, requestsFor } from "@keystrand/sdk/orders";
import { collectBytes } from "@keystrand/sdk/streams";
import type { Output, TimelineEntry } from "../timeline.ts";
import { Timeline } from "../timeline.ts";
import { control, holdClock } from "./clock.ts";
import { type DecisionsOutcome, runDecisions } from "./decisions.ts";
import { enclaveFor, followToEnd, nameEnclaves, type OpenedOrder, openOrder, payOut } from "./order-life.ts";
import { fundPeople, type People, peopleOf, presentCredentials } from "./people.ts";
import type { PersonFile } from "./split.ts";

/** Addresses of the services that the demonstration uses. */
export interface DemoServices {
  readonly blockStore: { readonly url: string; readonly token: string };
  readonly custodian: string;
  readonly enclave: string;
}

export interface Demo {
  readonly contracts: Contracts;
  readonly services: DemoServices;
  /** Secret that every account is derived from. */
  readonly secret: string;
  /** One single-sample VCF a person. */
  readonly people: readonly PersonFile[];
  /** How many of the datasets the buyer's cohort takes; all of them by default. */
  readonly cohort?: number;
  readonly output: Output;
  /** File that the result is written to. */
  readonly resultFile: string;
  /** Whether the members go on to decide about the collection; they do unless this is false. */
  readonly decisions?: boolean;
}

/** What a run leaves behind. */
export interface DemoOutcome {
  readonly timeline: readonly TimelineEntry[];
  readonly collection: number;
  readonly datasets: readonly string[];
  readonly orders: readonly string[];
  /** The computed allele frequencies, as the enclave sealed them; absent when the cohort was refused. */
  readonly result?: string;
  readonly refusals: readonly string[];
  /** What the members decided after the job; absent when too few datasets were left for a cohort. */
  readonly decisions?: DecisionsOutcome;
}

/** Bit of NPUNCU in contracts-ink/commons/src/terms.rs. */
const NON_PROFIT_NON_COMMERCIAL = 1 << 3;
const PRICE = TOKEN;

const CONSENT: Terms = {
  permission: "HealthMedicalBiomedical",
  diseases: [],
  modifiers: NON_PROFIT_NON_COMMERCIAL,
  region: null,
  months: null,
  user: null,
  project: null,
  institution: null,
  publishFrom: null,
};

const purposeOf = (project: string): Purpose => ({
  kind: "Health",
  diseases: [],
  geneticStudy: true,
  nonProfit: true,
  commercialUse: false,
  region: "0x4348",
  months: 12,
  publishAt: null,
  project,
  populations: 0,
});

/** Runs the main job. Throws only where something is broken: refusals by rules are results, and are told. */
export const runMainJob = async (demo: Demo): Promise<DemoOutcome> => {
  const { contracts, output } = demo;
  const timeline = new Timeline(output);
  const job = toHex(secureRandom(4)).slice(2);
  const people = await peopleOf(demo.secret, job, demo.people.length);

  timeline.heading("Accounts");
  await fundPeople(contracts, people, timeline);

  timeline.heading("Policy: voted by the members");
  const collection = await openCollection(demo, people, timeline);

  timeline.heading("Contributors: encrypt, store, consent");
  const datasets = await contribute(demo, people, collection, timeline);

  timeline.heading("Buyer: credentials and an order");
  const purpose = purposeOf(toHex(secureRandom(32)));
  await presentCredentials(contracts, people, purpose, timeline);
  const reader = generateKeyPair();
  const chosen = datasets.slice(0, demo.cohort ?? datasets.length);
  const cohort = { collection, datasets: chosen, purpose, readerKey: toHex(reader.publicKey) };
  const requests = await requestsFor(contracts, cohort);
  const refusals: string[] = [];
  const outcome = { timeline: timeline.entries, collection, datasets, refusals };

  const [first] = requests;
  const quote = await quoteOrder(contracts, people.buyer.address, first!);
  if (quote.refusal) {
    const sentence = await refusedCreate(demo, people, first!, quote.total);
    timeline.note("escrow", `refused: ${sentence}`);
    refusals.push(sentence);
    return { ...outcome, orders: [] };
  }

  const opened: OpenedOrder[] = [];
  for (const request of requests) opened.push(await openOrder(contracts, request, people.buyer, timeline));
  const attested = await enclaveFor(demo.services.enclave, opened, timeline);
  await nameEnclaves(contracts, attested, people.buyer, timeline);
  for (const order of opened) await followToEnd(contracts, order, timeline);

  timeline.heading("Result: opened with the buyer's key");
  const result = await openResult(demo, opened.at(-1)!.order, reader.secretKey);
  writeFileSync(demo.resultFile, result);
  timeline.note("buyer", `opened the cohort's allele frequencies -> ${demo.resultFile}`);
  for (const line of result.split("\n").slice(0, 6)) output.line(`          ${line}`);

  timeline.heading("Money");
  for (const order of opened) await payOut(contracts, order, people.relayer, timeline);

  timeline.heading("A consent is withdrawn between attestation and release");
  const second = await withdrawalDropsLine(
    demo,
    people,
    { ...cohort, datasets: chosen.slice(0, 64) },
    timeline,
  );

  timeline.heading("Refusals");
  const live = chosen.slice(0, 64);
  for (const refused of [
    { what: "an order that names the withdrawn dataset", cohort: { ...cohort, datasets: live } },
    {
      what: "a commercial purpose",
      cohort: { ...cohort, datasets: live.slice(1), purpose: { ...purpose, commercialUse: true } },
    },
  ]) {
    const [request] = await requestsFor(contracts, refused.cohort);
    const { total } = await quoteOrder(contracts, people.buyer.address, request!);
    const sentence = await refusedCreate(demo, people, request!, total);
    timeline.note("escrow", `${refused.what}: ${sentence}`);
    refusals.push(sentence);
  }
  const orders = [...opened.map(({ order }) => order), ...second];
  const remaining = live.slice(1);
  const { minCohort } = await contracts.policies.query("view", { collection });
  if (demo.decisions === false || remaining.length < minCohort) return { ...outcome, orders, result };
  const decisions = await runDecisions({
    contracts,
    services: demo.services,
    people,
    cohort: { ...cohort, datasets: remaining },
    timeline,
  });
  return { ...outcome, orders, result, decisions };
};

/** A CID of a longer text would stand here; the demonstration's proposal explains itself. */
const DESCRIPTION = toHex(utf8("Open a collection for the demonstration"));

const openCollection = async (
  { contracts, services, output }: Demo,
  people: People,
  timeline: Timeline,
): Promise<number> => {
  const { measurement } = await requestJson(`${services.enclave}/identity`, enclaveIdentitySchema);
  const policy = developmentPolicy({
    measurement,
    arbitrator: people.arbitrator.address,
    treasury: people.treasury.address,
    committee: people.committee.map(({ address }) => address),
  });
  const clock = await holdClock(contracts, timeline);
  const proposal = await voteIn(contracts, people, policy, timeline).finally(() => clock.release());
  output.line("  The vote closes after its period; chain time goes on with a block every 6 s ...");
  timeline.add("anyone", "queued the decision", await queue(contracts, proposal, people.relayer));
  const executed = await execute(contracts, proposal, people.relayer);
  timeline.add("governor", "executed it after its delay", executed);
  const [event] = contracts.policies.events(executed.events);
  const collection = Number(event?.fields["collection"]);
  timeline.note("policies", `collection ${collection} is open`);
  return collection;
};

const voteIn = async (
  contracts: Contracts,
  people: People,
  policy: Policy,
  timeline: Timeline,
): Promise<number> => {
  const proposed = await propose(
    contracts,
    "Widen",
    [{ type: "Policy", value: { type: "Open", value: { policy, disease: null } } }],
    DESCRIPTION,
    people.members[0]!,
  );
  const proposal = proposed.returned;
  timeline.add(
    "member 1",
    `proposed ${proposal}: a collection for health research (HMB), non-profit and non-commercial (NPUNCU), ethics approval (IRB), cohorts of ${policy.minCohort} and more`,
    proposed,
  );
  for (const [index, member] of people.members.entries())
    timeline.add(`member ${index + 1}`, "voted for it", await vote(contracts, proposal, "for", member));
  return proposal;
};

/** How many registrations are printed before the rest only counts. */
const SHOWN_DATASETS = 16;
/** How many datasets are stored and registered at a time: enough to fill blocks, little enough to hold in memory. */
const AT_A_TIME = 8;

const contribute = async (
  { contracts, services, people: files, output }: Demo,
  people: People,
  collection: number,
  timeline: Timeline,
): Promise<string[]> => {
  const destination: Destination = services;
  const datasets: string[] = [];
  for (let start = 0; start < files.length; start += AT_A_TIME) {
    const part = files.slice(start, start + AT_A_TIME);
    const registered = await Promise.all(
      part.map(async (file, offset) => {
        const { contributor, payee } = people.contributors[start + offset]!;
        const own = generateKeyPair();
        const stored = await storeDataset(
          contracts,
          [file],
          contributor.address,
          [own.publicKey],
          destination,
        );
        return registerDataset(
          contracts,
          stored,
          { collection, terms: CONSENT, price: PRICE, payee: payee.address },
          contributor,
        );
      }),
    );
    for (const inclusion of registered) {
      datasets.push(inclusion.returned);
      timeline.add(
        "contributor",
        `registered dataset ${datasets.length} with consent (HMB, NPUNCU), 1 token a use`,
        inclusion,
        { shown: datasets.length <= SHOWN_DATASETS || datasets.length === files.length },
      );
    }
    output.progress(datasets.length, files.length, "datasets encrypted, stored and registered");
  }
  return datasets;
};

const openResult = async ({ services }: Demo, order: string, secretKey: Uint8Array): Promise<string> => {
  const { output } = await requestJson(`${services.enclave}/orders/${order}`, enclaveOrderSchema);
  if (!output) throw new Error(`The enclave has no result for order ${order}.`);
  const car = await requestBytes(`${services.blockStore.url}/ipfs/${output}?format=car`);
  const opened = await openDataset(car, rootDigest(output), { secretKeys: [secretKey] });
  return new TextDecoder().decode(await collectBytes(opened.read(0)));
};

/** Sends a create that the rules refuse, and tells the refusal in words. */
const refusedCreate = async (
  { contracts }: Demo,
  people: People,
  request: Request,
  total: bigint,
): Promise<string> => {
  try {
    await createOrder(contracts, request, total, people.buyer);
  } catch (error) {
    if (error instanceof ContractRefusal) return escrowSentence(error.refusal as EscrowError);
    throw error;
  }
  throw new Error("The order was accepted although a rule refuses it.");
};

const withdrawalDropsLine = async (
  demo: Demo,
  people: People,
  cohort: Parameters<typeof requestsFor>[1],
  timeline: Timeline,
): Promise<string[]> => {
  const { contracts, services } = demo;
  const [request] = await requestsFor(contracts, cohort);
  const opened = await openOrder(contracts, request!, people.buyer, timeline);
  // The custodian acts on finalised blocks only. On the embedded chain finality is held for a moment, so that the
  // withdrawal surely comes between attestation and release; a real node takes about a second to finalise.
  const attested = await enclaveFor(services.enclave, [opened], timeline);
  const held = await control(contracts, "dev_holdFinality", [true]);
  try {
    await nameEnclaves(contracts, attested, people.buyer, timeline);
    const withdrawn = await contracts.consents.execute(
      "withdraw",
      { dataset: cohort.datasets[0]! },
      people.contributors[0]!.contributor,
    );
    timeline.add("contributor", "withdrew consent for dataset 1", withdrawn);
  } finally {
    if (held) await control(contracts, "dev_holdFinality", [false]);
  }
  const view = await contracts.escrow.query("order", { order: opened.order });
  if (cohort.datasets.length - 1 < (view?.head.minCohort ?? 0)) {
    // Too few lines are left for a cohort: the custodian may not release, and anyone may abort.
    const aborted = await contracts.escrow.execute("abort", { order: opened.order }, people.relayer);
    timeline.add("anyone", "aborted: fewer datasets are left than the smallest cohort -> Refunded", aborted);
  } else await followToEnd(contracts, opened, timeline);
  await payOut(contracts, opened, people.relayer, timeline);
  return [opened.order];
};
