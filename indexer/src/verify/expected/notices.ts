import { byteList, type Expectation } from "./events.ts";

/** One account told of one event. */
const to = (account: string, kind: string, subject: string, details: string, from: string) =>
  `SELECT ${account} AS account, x.position, ${kind} AS kind, ${subject} AS subject, ${details} AS details, x.signer, x.at ${from}`;

const NONE = "'{}'::jsonb";
const fields = (...names: string[]) =>
  names.length === 0
    ? NONE
    : `jsonb_build_object(${names.map((name) => `'${name}', x.f->'${name}'`).join(", ")})`;

/** Numbers of the lines that an event names. */
const LINES = `jsonb_build_object('lines', ${byteList("x.f->>'lines'")})`;

/** Events whose notice goes to an account that the event itself names. */
const plain: [
  contract: string,
  event: string,
  kind: string,
  account: string,
  subject: string,
  details: string,
][] = [
  ["consents", "ConsentGiven", "'DatasetEntrusted'", "x.f->>'custodian'", "x.subject", fields("collection")],
  ["identity", "IssuerAccredited", "x.name", "x.f->>'issuer'", "x.f->>'issuer'", fields("kinds")],
  ["identity", "IssuerDiscredited", "x.name", "x.f->>'issuer'", "x.f->>'issuer'", NONE],
  [
    "identity",
    "IssuerWithheld",
    "CASE x.f->>'withheld' WHEN 'true' THEN 'IssuerWithheld' ELSE 'IssuerRestored' END",
    "x.f->>'issuer'",
    "x.f->>'issuer'",
    NONE,
  ],
  ["identity", "AccountSuspended", "x.name", "x.f->>'account'", "x.f->>'account'", NONE],
  ["identity", "SuspensionLifted", "x.name", "x.f->>'account'", "x.f->>'account'", NONE],
  ["attestations", "VerifierAdded", "x.name", "x.f->>'verifier'", "x.f->>'verifier'", NONE],
  ["attestations", "VerifierRemoved", "x.name", "x.f->>'verifier'", "x.f->>'verifier'", NONE],
  [
    "attestations",
    "VerifierWithheld",
    "CASE x.f->>'withheld' WHEN 'true' THEN 'VerifierWithheld' ELSE 'VerifierRestored' END",
    "x.f->>'verifier'",
    "x.f->>'verifier'",
    NONE,
  ],
  ["voice", "Minted", "'VoiceMinted'", "x.f->>'account'", "x.f->>'account'", fields("amount")],
  ["voice", "Burned", "'VoiceBurned'", "x.f->>'account'", "x.f->>'account'", fields("amount")],
  ["governor", "Overridden", "'VoiceTakenBack'", "x.f->>'delegate'", "x.subject", fields("owner", "amount")],
  ["governor", "Recused", "x.name", "x.f->>'account'", "x.subject", NONE],
  [
    "governor",
    "DepositSettled",
    "CASE x.f->>'returned' WHEN 'true' THEN 'DepositReturned' ELSE 'DepositKept' END",
    "x.f->>'proposer'",
    "x.subject",
    fields("amount"),
  ],
  ["governor", "Paid", "'TreasuryPaid'", "x.f->>'to'", "x.f->>'to'", fields("amount")],
  ["escrow", "Created", "'OrderCreated'", "x.f->>'custodian'", "x.subject", fields("state")],
  ["escrow", "Withdrawn", "'Paid'", "x.f->>'to'", "x.subject", fields("amount")],
];

/** Events of an order, and which of its parties hear of them. */
const ofOrder: [event: string, kind: string, parties: readonly ("buyer" | "custodian")[], details: string][] =
  [
    ["LineDropped", "LineRefunded", ["buyer"], fields("dataset", "ending")],
    ["Cleared", "OrderCleared", ["buyer", "custodian"], NONE],
    ["Qualified", "OrderQualified", ["buyer", "custodian"], NONE],
    ["Invalidated", "OrderInvalidated", ["buyer", "custodian"], NONE],
    ["Released", "OrderReleased", ["buyer"], NONE],
    ["Delivered", "OrderDelivered", ["buyer"], NONE],
    ["Settled", "OrderSettled", ["buyer", "custodian"], NONE],
    ["Disputed", "OrderDisputed", ["buyer", "custodian"], LINES],
    ["Answered", "DisputeAnswered", ["buyer"], LINES],
    ["Resolved", "OrderResolved", ["buyer", "custodian"], NONE],
    ["Refunded", "OrderRefunded", ["buyer", "custodian"], fields("ending")],
  ];

const MEMBERS_THEN = `LATERAL (
  SELECT DISTINCT ON (m.f->>'account') m.f->>'account' AS account, (m.f->>'voice')::numeric AS voice FROM e m
  WHERE m.contract = 'voice' AND m.name IN ('Minted', 'Burned') AND m.position < x.position
  ORDER BY m.f->>'account', m.position DESC) member`;

const told: string[] = [
  ...plain.map(([contract, event, kind, account, subject, details]) =>
    to(account, kind, subject, details, `FROM e x WHERE x.contract = '${contract}' AND x.name = '${event}'`),
  ),
  ...ofOrder.flatMap(([event, kind, parties, details]) =>
    parties.map((party) =>
      to(
        `p.${party}`,
        `'${kind}'`,
        "x.subject",
        details,
        `FROM e x JOIN parties p ON p."order" = x.subject WHERE x.contract = 'escrow' AND x.name = '${event}'`,
      ),
    ),
  ),
  // A dataset in other hands; its collection is the one it was registered in.
  to(
    "x.f->>'custodian'",
    "'DatasetEntrusted'",
    "x.subject",
    "jsonb_build_object('collection', g.f->'collection')",
    "FROM e x JOIN e g ON g.name = 'ConsentGiven' AND g.subject = x.subject WHERE x.name = 'CustodianSet'",
  ),
  // Who kept, and who had, a dataset whose consent ended.
  to(
    "kept.custodian",
    "x.name",
    "x.subject",
    "jsonb_build_object('collection', g.f->'collection')",
    `FROM e x JOIN e g ON g.name = 'ConsentGiven' AND g.subject = x.subject, LATERAL (
      SELECT k.f->>'custodian' AS custodian FROM e k WHERE k.subject = x.subject AND k.position < x.position
      AND k.name IN ('ConsentGiven', 'CustodianSet') ORDER BY k.position DESC LIMIT 1) kept
    WHERE x.name IN ('ConsentWithdrawn', 'DatasetErased')`,
  ),
  to(
    "p.buyer",
    "x.name",
    "x.subject",
    "jsonb_build_object('collection', g.f->'collection')",
    `FROM e x JOIN e g ON g.name = 'ConsentGiven' AND g.subject = x.subject
      JOIN made m ON m.dataset = x.subject
      JOIN told t ON t."order" = m."order" AND t.line = m.line AND t.name = 'Delivered' AND t.position < x.position
      JOIN parties p ON p."order" = m."order"
    WHERE x.name IN ('ConsentWithdrawn', 'DatasetErased')`,
  ),
  to(
    "g.f->>'holder'",
    "'CredentialRevoked'",
    "x.f->>'grant'",
    "jsonb_build_object('kind', g.f->'kind')",
    `FROM e x, LATERAL (SELECT * FROM e p WHERE p.name = 'GrantPresented' AND p.f->>'grant' = x.f->>'grant'
      AND p.position < x.position ORDER BY p.position DESC LIMIT 1) g
    WHERE x.name = 'GrantRevoked' AND g.f->>'issuer' = x.f->>'issuer'`,
  ),
  to(
    "d->>'delegate'",
    "'VoiceDelegated'",
    "x.f->>'owner'",
    "jsonb_build_object('track', coalesce(x.f->>'track', 'All'), 'share', d->'share', 'narrow_only', d->'narrow_only', 'ends', d->'ends')",
    "FROM e x, jsonb_array_elements(x.f->'delegations') d WHERE x.name = 'DelegationSet'",
  ),
  to(
    "d->>'delegate'",
    "'DelegationEnded'",
    "x.f->>'owner'",
    "jsonb_build_object('track', coalesce(x.f->>'track', 'All'))",
    `FROM e x, LATERAL (SELECT * FROM e p WHERE p.name = 'DelegationSet' AND p.f->>'owner' = x.f->>'owner'
      AND p.f->>'track' IS NOT DISTINCT FROM x.f->>'track' AND p.position < x.position ORDER BY p.position DESC LIMIT 1) before,
      jsonb_array_elements(before.f->'delegations') d
    WHERE x.name = 'DelegationSet' AND NOT EXISTS (
      SELECT FROM jsonb_array_elements(x.f->'delegations') n WHERE n->>'delegate' = d->>'delegate')`,
  ),
  to(
    "p.f->>'proposer'",
    "'Proposal' || x.name",
    "x.subject",
    NONE,
    "FROM e x JOIN e p ON p.name = 'Proposed' AND p.subject = x.subject WHERE x.contract = 'governor' AND x.name IN ('Queued', 'Executed', 'Cancelled', 'Expired')",
  ),
  to(
    "p.signer",
    "'Proposal' || x.name",
    "x.subject",
    NONE,
    "FROM e x JOIN e p ON p.name = 'EmergencyBegun' AND p.subject = x.subject WHERE x.contract = 'governor' AND x.name IN ('Queued', 'Executed', 'Cancelled', 'Expired') AND p.signer IS NOT NULL",
  ),
  to(
    "member.account",
    "CASE x.name WHEN 'Proposed' THEN 'ProposalMade' ELSE x.name END",
    "x.subject",
    "CASE x.name WHEN 'Proposed' THEN jsonb_build_object('track', x.f->'track', 'collection', x.f->'collection') WHEN 'EmergencyBegun' THEN jsonb_build_object('act', x.f->'act') ELSE jsonb_build_object('end', x.f->'end') END",
    `FROM e x, ${MEMBERS_THEN} WHERE x.name IN ('Proposed', 'EmergencyBegun', 'EmergencyEnded') AND member.voice > 0`,
  ),
  to(
    "g.f->>'contributor'",
    "'OrderDisputed'",
    "x.subject",
    LINES,
    `FROM e x, jsonb_array_elements_text(${byteList("x.f->>'lines'")}) n
      JOIN made m ON m.line = n::int JOIN e g ON g.name = 'ConsentGiven' AND g.subject = m.dataset
    WHERE x.contract = 'escrow' AND x.name = 'Disputed' AND m."order" = x.subject`,
  ),
  to(
    "p.policy->>'arbitrator'",
    "'DisputeAnswered'",
    "x.subject",
    LINES,
    `FROM e x JOIN parties p ON p."order" = x.subject WHERE x.contract = 'escrow' AND x.name = 'Answered'`,
  ),
  to(
    "o.account",
    "'Credited'",
    'o."order"',
    "jsonb_build_object('amount', sum(o.amount)::text)",
    `FROM owed o JOIN e x ON x.position = o.position GROUP BY o.account, o."order", x.position, x.signer, x.at`,
  ),
  to(
    "p.buyer",
    "'PolicyChangeQueued'",
    "x.subject",
    "jsonb_build_object('proposal', x.f->'change'->'proposal', 'version', x.f->'change'->'version', 'direction', x.f->'change'->'direction')",
    `FROM e x JOIN e c ON c.name = 'Created' AND c.f->>'collection' = x.f->>'collection' AND c.position < x.position
      JOIN parties p ON p."order" = c.subject, LATERAL (
      SELECT CASE s.name WHEN 'Created' THEN s.f->>'state' ELSE s.name END AS state FROM e s
      WHERE s.contract = 'escrow' AND s.subject = c.subject AND s.position < x.position AND s.name IN
        ('Created', 'Cleared', 'Qualified', 'Invalidated', 'Released', 'Delivered', 'Disputed', 'Settled', 'Resolved', 'Refunded')
      ORDER BY s.position DESC LIMIT 1) then_
    WHERE x.name = 'ChangeQueued' AND x.f->>'collection' <> '0'
      AND then_.state IN ('UnderReview', 'Funded', 'Cleared', 'Qualified', 'Invalidated')`,
  ),
];

export const notifications: Expectation = {
  table: "notifications",
  columns: ["account", "position", "kind", "subject", "details", "notified_at"],
  with: `notices AS (${told.join("\nUNION ALL\n")})`,
  select: `SELECT DISTINCT account, position, kind, subject, details, at AS notified_at
    FROM notices WHERE account IS DISTINCT FROM signer`,
};
