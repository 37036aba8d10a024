import { z } from "zod";
import {
  ballots,
  members,
  overrides,
  parameters,
  proposals,
  recusals,
  routes,
  tracks,
  treasuryPayments,
} from "../database/schema/index.ts";
import { account, bytes, direction, emergencyEnd, integer, json, small, track, words } from "./fields.ts";
import { codeSet } from "./governing.ts";
import { notify } from "./notify.ts";
import { on, type Reducers } from "./reducer.ts";
import { existing, type Moment, type RowOf, type Rows } from "./rows.ts";

type Proposal = RowOf<typeof proposals>;
type Ballot = RowOf<typeof ballots>;

const moment = z.object({ block: small, time: integer });
const tally = z.object({ favour: integer, against: integer, abstain: integer });
const parts = z.object({ favour: small, against: small, abstain: small });

export const governor: Reducers = {
  Proposed: on(
    {
      proposal: small,
      proposer: account,
      track,
      terms: json,
      at: moment,
      content: bytes,
      collection: small.nullable(),
      direction: direction.nullable(),
      closes: integer,
      deposit: integer,
      description: words,
      actions: json,
    },
    async (event, at, rows) => {
      const { proposal: id, at: snapshot, ...told } = event;
      rows.put(proposals, {
        ...opened(id, snapshot, at),
        ...told,
        act: null,
      });
      await tellMembers(rows, at, "ProposalMade", id, { track: event.track, collection: event.collection });
    },
  ),

  BallotCast: on(
    {
      proposal: small,
      voter: account,
      ballot: z.object({ own: parts.nullable(), delegated: parts.nullable() }),
      nonce: small,
      by_signature: z.boolean(),
      own: tally,
      delegated: tally,
      tally,
      reason: words,
    },
    async (event, at, rows) => {
      await touch(rows, at, event.proposal, event.tally);
      const before = await rows.get(ballots, event.proposal, event.voter);
      rows.put(ballots, {
        proposal: event.proposal,
        voter: event.voter,
        // A side that is not given stays as it was.
        ownParts: event.ballot.own ?? before?.ownParts ?? null,
        delegatedParts: event.ballot.delegated ?? before?.delegatedParts ?? null,
        nonce: event.nonce,
        bySignature: event.by_signature,
        ...sides(event.own, event.delegated),
        overridden: 0n,
        recused: false,
        reason: event.reason,
        castAt: at.timestamp,
        position: at.position,
      });
    },
  ),

  Overridden: on(
    { proposal: small, delegate: account, owner: account, amount: integer, narrow_only: z.boolean() },
    async ({ proposal, delegate, owner, amount, narrow_only: narrowOnly }, at, rows) => {
      await touch(rows, at, proposal, {});
      rows.put(overrides, { proposal, delegate, owner, amount, narrowOnly, position: at.position });
      const ballot = await rows.get(ballots, proposal, delegate);
      if (ballot) rows.put(ballots, { ...ballot, overridden: ballot.overridden + amount });
      notify(rows, at, "VoiceTakenBack", `proposal/${proposal}`, [delegate], {
        owner,
        amount: amount.toString(),
      });
    },
  ),

  Recused: on({ proposal: small, account, tally }, async (event, at, rows) => {
    await touch(rows, at, event.proposal, event.tally);
    rows.put(recusals, {
      proposal: event.proposal,
      account: event.account,
      recusedAt: at.timestamp,
      position: at.position,
    });
    const ballot = await rows.get(ballots, event.proposal, event.account);
    if (ballot) rows.put(ballots, { ...ballot, ...sides(NOTHING, NOTHING), recused: true });
    notify(rows, at, "Recused", `proposal/${event.proposal}`, [event.account]);
  }),

  Extended: on({ proposal: small, closes: integer }, async ({ proposal, closes }, at, rows) => {
    await touch(rows, at, proposal, { closes, extended: true });
  }),

  Queued: on(
    { proposal: small, from: integer, until: integer },
    async ({ proposal, from, until }, at, rows) => {
      await move(rows, at, proposal, { stage: "Queued", executableFrom: from, executableUntil: until });
    },
  ),
  Executed: on({ proposal: small }, async ({ proposal }, at, rows) => {
    await move(rows, at, proposal, { stage: "Executed" });
  }),
  Cancelled: on({ proposal: small, by_guardians: z.boolean() }, async (event, at, rows) => {
    await move(rows, at, event.proposal, { stage: "Cancelled", cancelledByGuardians: event.by_guardians });
  }),
  Expired: on({ proposal: small }, async ({ proposal }, at, rows) => {
    await move(rows, at, proposal, { stage: "Expired" });
  }),

  DepositSettled: on(
    { proposal: small, proposer: account, amount: integer, returned: z.boolean() },
    async ({ proposal, proposer, amount, returned }, at, rows) => {
      await touch(rows, at, proposal, { depositReturned: returned });
      notify(rows, at, returned ? "DepositReturned" : "DepositKept", `proposal/${proposal}`, [proposer], {
        amount: amount.toString(),
      });
    },
  ),

  EmergencyBegun: on(
    {
      proposal: small,
      act: json,
      guardians: z.array(account),
      at: moment,
      closes: integer,
      content: bytes,
    },
    async ({ proposal: id, at: snapshot, act, closes, content }, at, rows) => {
      // The event does not repeat the track's numbers: they are those of this moment.
      const { terms } = await existing(rows, tracks, "track", "Emergency");
      rows.put(proposals, {
        ...opened(id, snapshot, at),
        proposer: at.signer,
        track: "Emergency",
        terms,
        content,
        collection: null,
        direction: null,
        closes,
        deposit: 0n,
        description: null,
        actions: [],
        act,
      });
      await tellMembers(rows, at, "EmergencyBegun", id, { act });
    },
  ),

  EmergencyEnded: on({ proposal: small, end: emergencyEnd }, async ({ proposal, end }, at, rows) => {
    const stage = end === "Confirmed" ? "Executed" : end === "Overturned" ? "Cancelled" : "Expired";
    await touch(rows, at, proposal, { stage, emergencyEnd: end });
    await tellMembers(rows, at, "EmergencyEnded", proposal, { end });
  }),

  TrackSet: on({ track, terms: json }, (event, at, rows) => {
    rows.put(tracks, { id: event.track, terms: event.terms, position: at.position });
  }),
  SettingsSet: on({ settings: json }, ({ settings }, at, rows) => {
    rows.put(parameters, { contract: "governor", name: "settings", value: settings, position: at.position });
  }),
  GuardiansSet: on({ guardians: json }, ({ guardians }, at, rows) => {
    rows.put(parameters, {
      contract: "governor",
      name: "guardians",
      value: guardians,
      position: at.position,
    });
  }),
  RouteSet: on(
    { callee: account, selector: bytes, track: track.nullable() },
    async ({ callee, selector, track: routed }, at, rows) => {
      if (routed !== null) {
        rows.put(routes, { callee, selector, track: routed, position: at.position });
        return;
      }
      const before = await rows.get(routes, callee, selector);
      if (before) rows.remove(routes, before);
    },
  ),
  CodeSet: codeSet("governor"),
  Paid: on({ to: account, amount: integer }, ({ to, amount }, at, rows) => {
    rows.put(treasuryPayments, { position: at.position, to, amount, paidAt: at.timestamp });
    notify(rows, at, "TreasuryPaid", to, [to], { amount: amount.toString() });
  }),
};

const NOTHING = { favour: 0n, against: 0n, abstain: 0n };

/** What every proposal begins with. */
function opened(id: number, snapshot: z.infer<typeof moment>, at: Moment) {
  return {
    id,
    snapshotBlock: snapshot.block,
    snapshotTime: snapshot.time,
    extended: false,
    depositReturned: null,
    stage: "Voting" as const,
    executableFrom: null,
    executableUntil: null,
    cancelledByGuardians: null,
    emergencyEnd: null,
    ...NOTHING,
    proposedAt: at.timestamp,
    changedAt: at.timestamp,
    position: at.position,
  };
}

function sides(own: z.infer<typeof tally>, delegated: z.infer<typeof tally>) {
  return {
    ownFavour: own.favour,
    ownAgainst: own.against,
    ownAbstain: own.abstain,
    delegatedFavour: delegated.favour,
    delegatedAgainst: delegated.against,
    delegatedAbstain: delegated.abstain,
  } satisfies Partial<Ballot>;
}

async function touch(rows: Rows, at: Moment, id: number, changes: Partial<Proposal>): Promise<Proposal> {
  const before = await existing(rows, proposals, "proposal", id);
  const proposal: Proposal = { ...before, ...changes, changedAt: at.timestamp };
  rows.put(proposals, proposal);
  return proposal;
}

/** Moves a proposal on, and tells its proposer. */
async function move(rows: Rows, at: Moment, id: number, changes: Partial<Proposal>): Promise<void> {
  const { proposer, stage } = await touch(rows, at, id, changes);
  if (proposer !== null) notify(rows, at, `Proposal${stage}`, `proposal/${id}`, [proposer]);
}

/** Members are hundreds and proposals rare: each member with voice is told. */
async function tellMembers(
  rows: Rows,
  at: Moment,
  kind: string,
  id: number,
  details: Parameters<typeof notify>[5],
): Promise<void> {
  const accounts = (await rows.where(members, {}))
    .filter(({ voice }) => voice > 0n)
    .map(({ account }) => account);
  notify(rows, at, kind, `proposal/${id}`, accounts, details);
}
