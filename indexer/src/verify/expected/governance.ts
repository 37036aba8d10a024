import type { Expectation } from "./events.ts";

export const members: Expectation = {
  table: "members",
  columns: ["account", "voice", "joined_at", "changed_at", "position"],
  select: `SELECT DISTINCT ON (f->>'account') f->>'account' AS account, (f->>'voice')::numeric AS voice,
      first_value(at) OVER (PARTITION BY f->>'account' ORDER BY position) AS joined_at, at AS changed_at, position
    FROM e WHERE contract = 'voice' AND name IN ('Minted', 'Burned') ORDER BY f->>'account', position DESC`,
};

export const delegations: Expectation = {
  table: "delegations",
  columns: ["owner", "track", "delegate", "share", "narrow_only", "ends", "set_at", "position"],
  with: `lists AS (
    SELECT DISTINCT ON (f->>'owner', coalesce(f->>'track', 'All')) * FROM e WHERE name = 'DelegationSet'
    ORDER BY f->>'owner', coalesce(f->>'track', 'All'), position DESC
  )`,
  select: `SELECT l.f->>'owner' AS owner, coalesce(l.f->>'track', 'All') AS track, d->>'delegate' AS delegate,
      (d->>'share')::int AS share, (d->>'narrow_only')::boolean AS narrow_only, (d->>'ends')::int AS ends,
      l.at AS set_at, l.position
    FROM lists l, jsonb_array_elements(l.f->'delegations') d`,
};

export const tracks: Expectation = {
  table: "tracks",
  columns: ["id", "terms", "position"],
  select: `SELECT DISTINCT ON (f->>'track') f->>'track' AS id, f->'terms' AS terms, position
    FROM e WHERE name = 'TrackSet' ORDER BY f->>'track', position DESC`,
};

export const routes: Expectation = {
  table: "routes",
  columns: ["callee", "selector", "track", "position"],
  with: `newest AS (
    SELECT DISTINCT ON (f->>'callee', f->>'selector') * FROM e WHERE name = 'RouteSet'
    ORDER BY f->>'callee', f->>'selector', position DESC
  )`,
  select: `SELECT f->>'callee' AS callee, f->>'selector' AS selector, f->>'track' AS track, position
    FROM newest WHERE f->>'track' IS NOT NULL`,
};

const last = (expression: string, condition: string) =>
  `(SELECT ${expression} FROM e x WHERE x.contract = 'governor' AND x.subject = p.subject AND ${condition}
    ORDER BY x.position DESC LIMIT 1)`;
const tally = (side: string) =>
  `coalesce((${last(`x.f->'tally'->>'${side}'`, "x.f ? 'tally'")})::numeric, 0) AS ${side}`;

// The description is text of a person's bytes: how bytes become text is not recomputed here.
export const proposals: Expectation = {
  table: "proposals",
  columns: [
    "id",
    "proposer",
    "track",
    "terms",
    "snapshot_block",
    "snapshot_time",
    "content",
    "collection",
    "direction",
    "closes",
    "extended",
    "deposit",
    "deposit_returned",
    "actions",
    "act",
    "stage",
    "executable_from",
    "executable_until",
    "cancelled_by_guardians",
    "emergency_end",
    "favour",
    "against",
    "abstain",
    "proposed_at",
    "changed_at",
    "position",
  ],
  select: `SELECT (p.f->>'proposal')::bigint AS id,
      CASE p.name WHEN 'Proposed' THEN p.f->>'proposer' ELSE p.signer END AS proposer,
      CASE p.name WHEN 'Proposed' THEN p.f->>'track' ELSE 'Emergency' END AS track,
      CASE p.name WHEN 'Proposed' THEN p.f->'terms' ELSE (SELECT t.f->'terms' FROM e t WHERE t.name = 'TrackSet'
        AND t.f->>'track' = 'Emergency' AND t.position < p.position ORDER BY t.position DESC LIMIT 1) END AS terms,
      (p.f->'at'->>'block')::bigint AS snapshot_block, (p.f->'at'->>'time')::numeric AS snapshot_time,
      p.f->>'content' AS content, (p.f->>'collection')::bigint AS collection, p.f->>'direction' AS direction,
      (${last("x.f->>'closes'", "x.f ? 'closes'")})::numeric AS closes,
      coalesce(${last("true", "x.name = 'Extended'")}, false) AS extended,
      coalesce((p.f->>'deposit')::numeric, 0) AS deposit,
      ${last("(x.f->>'returned')::boolean", "x.name = 'DepositSettled'")} AS deposit_returned,
      coalesce(p.f->'actions', '[]'::jsonb) AS actions, p.f->'act' AS act,
      coalesce(${last(
        `CASE x.name WHEN 'EmergencyEnded' THEN CASE x.f->>'end' WHEN 'Confirmed' THEN 'Executed' WHEN 'Overturned' THEN 'Cancelled' ELSE 'Expired' END ELSE x.name END`,
        "x.name IN ('Queued', 'Executed', 'Cancelled', 'Expired', 'EmergencyEnded')",
      )}, 'Voting') AS stage,
      (${last("x.f->>'from'", "x.name = 'Queued'")})::numeric AS executable_from,
      (${last("x.f->>'until'", "x.name = 'Queued'")})::numeric AS executable_until,
      ${last("(x.f->>'by_guardians')::boolean", "x.name = 'Cancelled'")} AS cancelled_by_guardians,
      ${last("x.f->>'end'", "x.name = 'EmergencyEnded'")} AS emergency_end,
      ${tally("favour")}, ${tally("against")}, ${tally("abstain")},
      p.at AS proposed_at, ${last("x.at", "true")} AS changed_at, p.position
    FROM e p WHERE p.contract = 'governor' AND p.name IN ('Proposed', 'EmergencyBegun')`,
};

const part = (
  side: string,
) => `(SELECT CASE WHEN jsonb_typeof(x.f->'ballot'->'${side}') = 'null' THEN NULL ELSE x.f->'ballot'->'${side}' END
  FROM e x WHERE x.name = 'BallotCast' AND x.subject = b.subject AND x.f->>'voter' = b.f->>'voter' AND x.position <= b.position
    AND jsonb_typeof(x.f->'ballot'->'${side}') <> 'null' ORDER BY x.position DESC LIMIT 1)`;
const amount = (side: string, part: string) =>
  `CASE WHEN struck.position IS NULL THEN (b.f->'${side}'->>'${part}')::numeric ELSE 0 END AS ${side}_${part}`;

export const ballots: Expectation = {
  table: "ballots",
  columns: [
    "proposal",
    "voter",
    "own_parts",
    "delegated_parts",
    "nonce",
    "by_signature",
    "own_favour",
    "own_against",
    "own_abstain",
    "delegated_favour",
    "delegated_against",
    "delegated_abstain",
    "overridden",
    "recused",
    "cast_at",
    "position",
  ],
  with: `b AS (
    SELECT DISTINCT ON (subject, f->>'voter') * FROM e WHERE name = 'BallotCast' ORDER BY subject, f->>'voter', position DESC
  )`,
  select: `SELECT (b.f->>'proposal')::bigint AS proposal, b.f->>'voter' AS voter,
      ${part("own")} AS own_parts, ${part("delegated")} AS delegated_parts,
      (b.f->>'nonce')::bigint AS nonce, (b.f->>'by_signature')::boolean AS by_signature,
      ${["own", "delegated"].flatMap((side) => ["favour", "against", "abstain"].map((each) => amount(side, each))).join(", ")},
      coalesce((SELECT sum((o.f->>'amount')::numeric) FROM e o WHERE o.name = 'Overridden' AND o.subject = b.subject
        AND o.f->>'delegate' = b.f->>'voter' AND o.position > b.position), 0) AS overridden,
      struck.position IS NOT NULL AS recused, b.at AS cast_at, b.position
    FROM b LEFT JOIN LATERAL (SELECT r.position FROM e r WHERE r.name = 'Recused' AND r.subject = b.subject
      AND r.f->>'account' = b.f->>'voter' AND r.position > b.position LIMIT 1) struck ON true`,
};

export const overrides: Expectation = {
  table: "overrides",
  columns: ["proposal", "delegate", "owner", "amount", "narrow_only", "position"],
  select: `SELECT DISTINCT ON (subject, f->>'delegate', f->>'owner') (f->>'proposal')::bigint AS proposal,
      f->>'delegate' AS delegate, f->>'owner' AS owner, (f->>'amount')::numeric AS amount,
      (f->>'narrow_only')::boolean AS narrow_only, position
    FROM e WHERE name = 'Overridden' ORDER BY subject, f->>'delegate', f->>'owner', position DESC`,
};

export const recusals: Expectation = {
  table: "recusals",
  columns: ["proposal", "account", "recused_at", "position"],
  select: `SELECT DISTINCT ON (subject, f->>'account') (f->>'proposal')::bigint AS proposal, f->>'account' AS account,
      at AS recused_at, position
    FROM e WHERE name = 'Recused' ORDER BY subject, f->>'account', position DESC`,
};

export const treasuryPayments: Expectation = {
  table: "treasury_payments",
  columns: ["position", "to", "amount", "paid_at"],
  select: `SELECT position, f->>'to' AS "to", (f->>'amount')::numeric AS amount, at AS paid_at FROM e WHERE name = 'Paid'`,
};
