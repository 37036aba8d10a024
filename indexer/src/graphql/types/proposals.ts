import {
  ballots,
  overrides,
  proposals,
  recusals,
  routes,
  tracks,
  treasuryPayments,
} from "../../database/schema/index.ts";
import { children, entity, list, reference, single } from "../entity.ts";
import { contractEvent } from "./chain.ts";
import { collection } from "./collections.ts";

const track = entity({
  name: "Track",
  table: tracks,
  description: "A class of proposals with its present numbers.",
});
const route = entity({
  name: "Route",
  table: routes,
  description: "A contract's message that has a track of its own.",
});
export const proposal = entity({
  name: "Proposal",
  table: proposals,
  description: "A proposal, or the members' vote on what guardians did.",
  columns: {
    proposer: "Of an emergency: who handed the guardians' signatures in.",
    terms: "The track's numbers that it keeps.",
    snapshotBlock: "Where both sides of every ballot are read.",
    content: "What signed ballots name.",
    collection: "The collection of a policy change; 0: all of them.",
    direction: "The direction of a policy change, as the contract computed it.",
    extended: "A late swing extended it.",
    depositReturned: "Null until the deposit was settled.",
    description: "CID of the description.",
    act: "What guardians did, of an emergency.",
    stage:
      "What transactions have made of it. Whether a vote is active, confirming or defeated depends on the clock as well: ask the contract.",
    favour: "Voice for it.",
  },
});
const ballot = entity({
  name: "Ballot",
  table: ballots,
  description: "A voter's newest ballot on a proposal.",
  columns: {
    ownParts: "How the voter's own voice is divided, basis points; null: not cast.",
    delegatedParts: "How the voice delegated to the voter is divided.",
    delegatedFavour: "As the ballot told it; `overridden` was taken back since.",
    overridden: "Voice that its owners took back since the ballot.",
    recused: "Struck from the proposal: nothing of it counts.",
    reason: "The voter's words.",
  },
});
const override = entity({
  name: "Override",
  table: overrides,
  description: "Voice that an owner took back from a delegate.",
});
const recusal = entity({
  name: "Recusal",
  table: recusals,
  description: "An account that was struck from a proposal.",
});
const treasuryPayment = entity({
  name: "TreasuryPayment",
  table: treasuryPayments,
  description: "A payment of the treasury.",
});

const byProposal = { from: "id", to: "proposal" };
children(proposal, "ballots", ballot, {
  ...byProposal,
  description: "Ballots, the newest first.",
  sort: "position",
  newestFirst: true,
});
children(proposal, "overrides", override, {
  ...byProposal,
  description: "Voice taken back.",
  sort: "position",
});
children(proposal, "recusals", recusal, { ...byProposal, description: "Struck accounts.", sort: "position" });
children(proposal, "timeline", contractEvent, {
  description: "Everything that happened to it, the first first.",
  from: (row) => `proposal/${row.id}`,
  to: "subject",
  sort: "position",
});
reference(proposal, "ofCollection", collection, {
  description: "The collection that it would change.",
  from: "collection",
});
reference(ballot, "ofProposal", proposal, { description: "Its proposal.", from: "proposal" });

single(proposal, "proposal", "The proposal with this number.");
list(proposal, {
  field: "proposals",
  description: "Proposals.",
  filter: ["id", "proposer", "track", "stage", "collection", "direction", "closes"],
  sort: ["position"],
  newestFirst: true,
});
list(ballot, {
  field: "ballots",
  description: "Ballots.",
  filter: ["proposal", "voter", "recused"],
  sort: ["position"],
  newestFirst: true,
});
list(track, { field: "tracks", description: "Tracks.", filter: ["id"], sort: ["id"] });
list(route, {
  field: "routes",
  description: "Routes.",
  filter: ["callee", "selector", "track"],
  sort: ["callee"],
});
list(treasuryPayment, {
  field: "treasuryPayments",
  description: "Payments of the treasury.",
  filter: ["to", "amount"],
  sort: ["position"],
  newestFirst: true,
});
