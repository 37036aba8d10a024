/**
 * What members do once a market lives: a delegate votes under a mandate and its owner overrides, a conflicted account is
 * recused, a widening is queued and buyers get their way out, a narrowing passes without a vote.
 */
import { chainTime } from "@keystrand/sdk/chain";
import type { Contracts } from "@keystrand/sdk/contracts";
import { ContractRefusal } from "@keystrand/sdk/contracts";
import type { EscrowError, Request } from "@keystrand/sdk/generated/escrow";
import type { Ballot, TrackId } from "@keystrand/sdk/generated/governor";
import {
  castBallot,
  delegate,
  descriptionCid,
  draftProposal,
  execute,
  explainedRefusal,
  type IntentInput,
  monthOf,
  monthText,
  ownBallot,
  propose,
  queue,
  readProposal,
  recuse,
  SIDES,
  storeDescription,
  vote,
} from "@keystrand/sdk/governance";
import { createOrder, escrowSentence, quoteOrder, requestsFor, untilOrder } from "@keystrand/sdk/orders";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Timeline } from "../timeline.ts";
import { control, type HeldClock, holdClock } from "./clock.ts";
import { enclaveFor, followToEnd, nameEnclaves, type OpenedOrder, openOrder, payOut } from "./order-life.ts";
import type { People } from "./people.ts";

/** What the members decide about, and with whom. */
export interface Decisions {
  readonly contracts: Contracts;
  readonly services: {
    readonly blockStore: { readonly url: string; readonly token: string };
    readonly enclave: string;
  };
  readonly people: People;
  /** Datasets whose consent stands; enough for a cohort. */
  readonly cohort: Parameters<typeof requestsFor>[1];
  readonly timeline: Timeline;
}

/** Numbers by which the run can be read back. */
export interface DecisionsOutcome {
  readonly minting: number;
  readonly widening: number;
  readonly narrowing: number;
  /** The order that was live during the vote, and the one that its buyer got out of. */
  readonly live: string;
  readonly left: string;
}

/** Voice that the buyer gets, so that it can be in conflict: a sixth of what the founding members have. */
const BUYERS_VOICE = 50n;
/** Percent of member 3's voice in member 2's hands. */
const ENTRUSTED = 60;
/** Lines of each order: as few as a cohort may have, and one more. */
const SPARE_LINES = 1;

export const runDecisions = async (decisions: Decisions): Promise<DecisionsOutcome> => {
  const { contracts, timeline } = decisions;
  const clock = await holdClock(contracts, timeline);
  try {
    await delegateUnderMandate(decisions);
    const minting = await mintForBuyer(decisions, clock);
    const market = await wideningWithOrders(decisions, clock);
    const narrowing = await narrowWithoutVote(decisions, clock);
    return { minting, ...market, narrowing };
  } finally {
    await control(contracts, "dev_holdFinality", [false]);
    await clock.release();
  }
};

const delegateUnderMandate = async ({ contracts, people, timeline }: Decisions): Promise<void> => {
  const [, second, third] = people.members;
  timeline.heading("A mandate");
  const ends = monthOf(await chainTime(contracts)) + 2;
  const share = { delegate: second!.address, share: ENTRUSTED * 100, narrowOnly: true, ends };
  timeline.add(
    "member 3",
    `put ${ENTRUSTED} % of its voice into member 2's hands, for narrowing only, until ${monthText(ends)}`,
    await delegate(contracts, null, [share], third!),
  );
};

/** Drafts, stores the description, proposes. */
const proposeIntent = async (
  { contracts, services, timeline }: Decisions,
  text: string,
  intent: IntentInput,
  member: KeyringPair,
): Promise<{ readonly proposal: number; readonly track: TrackId }> => {
  const { track, actions } = await draftProposal(contracts, text, [intent]);
  await storeDescription(services.blockStore, text);
  const description = `0x${Buffer.from(descriptionCid(text).bytes).toString("hex")}`;
  const sent = await propose(contracts, track, actions, description, member);
  timeline.add("member 1", `proposed ${sent.returned} on track ${track}: ${text}`, sent);
  return { proposal: sent.returned, track };
};

const tallyWords = async (contracts: Contracts, proposal: number): Promise<string> => {
  const { head } = await readProposal(contracts, proposal);
  const { favour, against, abstain } = head.tally;
  return `for ${favour}, against ${against}, abstain ${abstain}`;
};

/** Casts a ballot and tells it with the tally after it. */
const tellVote = async (
  { contracts, timeline }: Decisions,
  proposal: number,
  who: readonly [name: string, account: KeyringPair],
  ballot: Ballot,
  what: string,
): Promise<void> => {
  const sent = await vote(contracts, proposal, ballot, who[1]);
  timeline.add(who[0], `${what}: ${await tallyWords(contracts, proposal)}`, sent);
};

/** Moves the clock over the vote, starts the delay. */
const queueDecision = async (
  { contracts, people, timeline }: Decisions,
  clock: HeldClock,
  proposal: number,
): Promise<void> => {
  const { head, now } = await readProposal(contracts, proposal);
  await clock.pass(head.timeline.closes - now + head.terms.confirm, "to the end of the vote");
  const queued = await queue(contracts, proposal, people.relayer);
  timeline.add("anyone", `queued proposal ${proposal}`, queued);
};

const executeDecision = async (
  { contracts, people, timeline }: Decisions,
  clock: HeldClock,
  proposal: number,
): Promise<void> => {
  const { head, now } = await readProposal(contracts, proposal);
  if (head.stage.type === "Queued") await clock.pass(head.stage.value.from - now, "over the delay");
  timeline.add(
    "governor",
    `executed proposal ${proposal}`,
    await execute(contracts, proposal, people.relayer),
  );
};

const mintForBuyer = async (decisions: Decisions, clock: HeldClock): Promise<number> => {
  const { people, timeline } = decisions;
  const [first, second] = people.members;
  timeline.heading("The buyer becomes a member");
  const { proposal } = await proposeIntent(
    decisions,
    `Give the buyer ${BUYERS_VOICE} voice`,
    { do: "mint", to: people.buyer.address, amount: BUYERS_VOICE.toString() },
    first!,
  );
  await tellVote(decisions, proposal, ["member 1", first!], ownBallot("for"), "voted for it");
  await tellVote(decisions, proposal, ["member 2", second!], ownBallot("for"), "voted for it");
  await queueDecision(decisions, clock, proposal);
  await executeDecision(decisions, clock, proposal);
  return proposal;
};

const requestOf = async ({ contracts, cohort }: Decisions): Promise<Request> => {
  const { minCohort } = await contracts.policies.query("view", { collection: cohort.collection });
  const datasets = cohort.datasets.slice(0, minCohort + SPARE_LINES);
  const [request] = await requestsFor(contracts, { ...cohort, datasets });
  return request!;
};

/** Opens an order and has its enclave attested; nothing of the attestation is on-chain yet. */
const prepareOrder = async (decisions: Decisions) => {
  const { contracts, people, services, timeline } = decisions;
  const opened = await openOrder(contracts, await requestOf(decisions), people.buyer, timeline);
  return { opened, attested: await enclaveFor(services.enclave, [opened], timeline) };
};

const wideningWithOrders = async (decisions: Decisions, clock: HeldClock) => {
  const { contracts, people, timeline, cohort } = decisions;
  timeline.heading("Two orders before the vote: one will be live, one qualified");
  const [live, left] = [await prepareOrder(decisions), await prepareOrder(decisions)];
  await nameEnclaves(contracts, live.attested, people.buyer, timeline);
  // The custodian acts on finalised blocks only: with finality held, the first order stays between release and receipt.
  await untilOrder(contracts, live.opened.order, ["Releasing", "Delivered", "Settled"]);
  const held = await control(contracts, "dev_holdFinality", [true]);
  // Where finality cannot be held, the custodian would release it while the members vote: it stays without an enclave.
  if (held) await nameEnclaves(contracts, left.attested, people.buyer, timeline);

  timeline.heading("A widening: a delegate, its owner, and a conflicted account");
  const { proposal } = await proposeIntent(
    decisions,
    "Ask no ethics approval any more",
    { do: "change-policy", collection: cohort.collection, terms: { remove: ["IRB"] } },
    people.members[0]!,
  );
  await voteOnWidening(decisions, proposal);
  await recuseBuyer(decisions, proposal);

  timeline.heading("The widening is queued: buyers get their way out");
  await queueDecision(decisions, clock, proposal);
  await refusedWhileQueued(decisions);
  const cancelled = await contracts.escrow.execute("cancel", { order: left.opened.order }, people.buyer);
  const state = held ? "qualified" : "funded";
  timeline.add("buyer", `cancelled a ${state} order, as a change is queued -> Refunded`, cancelled);
  await payOut(contracts, left.opened, people.relayer, timeline);
  await control(contracts, "dev_holdFinality", [false]);
  await endOrder(decisions, live.opened);
  await executeDecision(decisions, clock, proposal);
  return { widening: proposal, live: live.opened.order, left: left.opened.order };
};

const voteOnWidening = async (decisions: Decisions, proposal: number): Promise<void> => {
  const [first, second, third] = decisions.people.members;
  await tellVote(
    decisions,
    proposal,
    ["member 2", second!],
    { own: SIDES.for, delegated: SIDES.for },
    "voted for it with its own voice and member 3's, which abstains by its mandate",
  );
  await tellVote(
    decisions,
    proposal,
    ["member 3", third!],
    ownBallot("for"),
    "overrode its delegate with its own vote",
  );
  await tellVote(decisions, proposal, ["member 1", first!], ownBallot("for"), "voted for it");
};

/** The buyer has an order that is being released: it has no part in the vote. */
const recuseBuyer = async ({ contracts, people, timeline }: Decisions, proposal: number): Promise<void> => {
  try {
    await castBallot(contracts, proposal, ownBallot("for"), people.buyer);
    timeline.note("governor", "the buyer's order ended before the vote: it is not in conflict");
    return;
  } catch (error) {
    const explained = explainedRefusal(error);
    if (!(error instanceof ContractRefusal) || !(explained instanceof Error)) throw error;
    timeline.note("governor", `refused the buyer's ballot: ${explained.message.split("\n")[0]}`);
  }
  const recused = await recuse(contracts, proposal, people.buyer.address, people.relayer);
  timeline.add("anyone", `recused the buyer: ${await tallyWords(contracts, proposal)}`, recused);
};

const refusedWhileQueued = async (decisions: Decisions): Promise<void> => {
  const { contracts, people, timeline } = decisions;
  const request = await requestOf(decisions);
  const { total } = await quoteOrder(contracts, people.buyer.address, request);
  try {
    await createOrder(contracts, request, total, people.buyer);
  } catch (error) {
    if (!(error instanceof ContractRefusal)) throw error;
    timeline.note("escrow", `a new order: ${escrowSentence(error.refusal as EscrowError)}`);
    return;
  }
  throw new Error("An order was accepted although a widening is queued.");
};

const endOrder = async ({ contracts, people, timeline }: Decisions, order: OpenedOrder): Promise<void> => {
  await followToEnd(contracts, order, timeline);
  await payOut(contracts, order, people.relayer, timeline);
};

const narrowWithoutVote = async (decisions: Decisions, clock: HeldClock): Promise<number> => {
  const { contracts, people, timeline, cohort } = decisions;
  timeline.heading("A narrowing passes, since nobody objects");
  const { proposal } = await proposeIntent(
    decisions,
    "Ask an ethics approval again, and keep data for a year at most",
    { do: "change-policy", collection: cohort.collection, terms: { add: ["IRB"], months: 12 } },
    people.members[0]!,
  );
  const { head, now } = await readProposal(contracts, proposal);
  await clock.pass(head.timeline.closes - now, "to the end of the vote");
  await executeDecision(decisions, clock, proposal);
  const policy = await contracts.policies.query("policy", { collection: cohort.collection });
  timeline.note("policies", `data may be kept for ${policy?.terms.months} months`);
  return proposal;
};
