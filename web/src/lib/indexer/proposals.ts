import { z } from "zod";
import { ask } from "./ask.ts";
import { amount, CONTRACT_EVENT, contractEventInFull, moment, nodesOf } from "./values.ts";

const proposal = z.object({
  id: z.number(),
  track: z.enum(["Code", "Emergency", "Members", "Narrow", "Parameters", "Treasury", "Widen"]),
  stage: z.enum(["Cancelled", "Executed", "Expired", "Queued", "Voting"]),
  direction: z.string().nullable(),
  collection: z.number().nullable(),
  proposer: z.string().nullable(),
  proposedAt: moment,
  closes: moment,
  favour: amount,
  against: amount,
  abstain: amount,
  actions: z.unknown(),
});
const PROPOSAL = `id track stage direction collection proposer proposedAt closes favour against abstain actions`;

const ballot = z.object({
  voter: z.string(),
  castAt: moment,
  reason: z.string(),
  recused: z.boolean(),
  ownFavour: amount,
  ownAgainst: amount,
  ownAbstain: amount,
  delegatedFavour: amount,
  delegatedAgainst: amount,
  delegatedAbstain: amount,
});

/** What a track asks, basis points. */
const passing = z.union([
  z.object({ Optimistic: z.object({ objection: z.number() }) }),
  z.object({
    Ratio: z.object({ approval: z.number(), support_from: z.number(), support_to: z.number() }),
  }),
]);

const proposalInFull = proposal.extend({
  deposit: amount,
  terms: z.looseObject({ passing, decision: z.coerce.number() }),
  snapshotBlock: z.number(),
  executableFrom: moment.nullable(),
  executableUntil: moment.nullable(),
  ballots: z.array(ballot),
  timeline: z.array(contractEventInFull),
});
export type ProposalInFull = z.output<typeof proposalInFull>;

const proposalPage = nodesOf(proposal);

/** The newest 100 proposals, and whether there are more. */
export async function listProposals(indexer: string): Promise<z.output<typeof proposalPage>> {
  const answer = await ask(
    indexer,
    z.object({ proposals: proposalPage }),
    `{ proposals(first: 100, orderBy: { by: position, direction: Descending }) {
      nodes { ${PROPOSAL} } pageInfo { hasNextPage } } }`,
  );
  return answer.proposals;
}

/** One proposal with its ballots and all that happened to it; null when there is none. */
export async function readProposal(indexer: string, id: number): Promise<ProposalInFull | null> {
  const answer = await ask(
    indexer,
    z.object({ proposal: proposalInFull.nullable() }),
    `query ($id: Long!) { proposal(id: $id) {
      ${PROPOSAL} deposit snapshotBlock executableFrom executableUntil
      ballots { voter castAt reason recused ownFavour ownAgainst ownAbstain
        delegatedFavour delegatedAgainst delegatedAbstain }
      terms timeline { ${CONTRACT_EVENT} fields } } }`,
    { id },
  );
  return answer.proposal;
}
