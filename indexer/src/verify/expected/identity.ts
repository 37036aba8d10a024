import type { Expectation } from "./events.ts";

/** The newest of an account's events that set a property, else what it begins with. */
const setBy = (key: string, events: string, value: string, otherwise: string) =>
  `coalesce((SELECT ${value} FROM e x WHERE x.contract = v.contract AND x.f->>'${key}' = v.id AND x.name IN (${events})
    ORDER BY x.position DESC LIMIT 1), ${otherwise})`;

const newestOf = (contract: string, key: string) => `v AS (
  SELECT DISTINCT ON (f->>'${key}') contract, f->>'${key}' AS id, position, at
  FROM e WHERE contract = '${contract}' AND name LIKE '${key === "issuer" ? "Issuer%" : key === "verifier" ? "Verifier%" : "%"}'
    AND name <> 'EvidenceConsumed' AND f ? '${key}' ORDER BY f->>'${key}', position DESC
)`;

export const issuers: Expectation = {
  table: "issuers",
  columns: ["account", "kinds", "withheld", "changed_at", "position"],
  with: newestOf("identity", "issuer"),
  select: `SELECT v.id AS account,
      ${setBy("issuer", "'IssuerAccredited', 'IssuerDiscredited'", "coalesce((x.f->>'kinds')::int, 0)", "0")} AS kinds,
      ${setBy("issuer", "'IssuerWithheld'", "(x.f->>'withheld')::boolean", "false")} AS withheld,
      v.at AS changed_at, v.position FROM v`,
};

export const credentials: Expectation = {
  table: "credentials",
  columns: [
    "grant",
    "holder",
    "issuer",
    "kind",
    "scope",
    "valid_from",
    "valid_until",
    "state",
    "presented_at",
    "ended_at",
    "position",
  ],
  with: `p AS (SELECT DISTINCT ON (f->>'grant') * FROM e WHERE name = 'GrantPresented' ORDER BY f->>'grant', position DESC)`,
  select: `SELECT p.f->>'grant' AS "grant", p.f->>'holder' AS holder, p.f->>'issuer' AS issuer, p.f->>'kind' AS kind,
      p.f->>'scope' AS scope, (p.f->>'valid_from')::numeric AS valid_from, (p.f->>'valid_until')::numeric AS valid_until,
      CASE ended.name WHEN 'GrantRevoked' THEN 'Revoked' WHEN 'GrantDropped' THEN 'Dropped' ELSE 'Presented' END AS state,
      p.at AS presented_at, ended.at AS ended_at, p.position
    FROM p LEFT JOIN LATERAL (
      SELECT x.name, x.at FROM e x WHERE x.f->>'grant' = p.f->>'grant' AND x.position > p.position AND (
        (x.name = 'GrantRevoked' AND x.f->>'issuer' = p.f->>'issuer')
        OR (x.name = 'GrantDropped' AND x.f->>'holder' = p.f->>'holder'))
      ORDER BY x.position DESC LIMIT 1) ended ON true`,
};

export const revocations: Expectation = {
  table: "revocations",
  columns: ["account", "grant", "state", "revoked_at", "position"],
  select: `SELECT DISTINCT ON (coalesce(f->>'issuer', f->>'holder'), f->>'grant')
      coalesce(f->>'issuer', f->>'holder') AS account, f->>'grant' AS "grant",
      CASE name WHEN 'GrantRevoked' THEN 'Revoked' ELSE 'Dropped' END AS state, at AS revoked_at, position
    FROM e WHERE name IN ('GrantRevoked', 'GrantDropped')
    ORDER BY coalesce(f->>'issuer', f->>'holder'), f->>'grant', position DESC`,
};

export const suspensions: Expectation = {
  table: "suspensions",
  columns: ["account", "suspended", "changed_at", "position"],
  select: `SELECT DISTINCT ON (f->>'account') f->>'account' AS account, name = 'AccountSuspended' AS suspended,
      at AS changed_at, position
    FROM e WHERE name IN ('AccountSuspended', 'SuspensionLifted') ORDER BY f->>'account', position DESC`,
};

export const verifiers: Expectation = {
  table: "verifiers",
  columns: ["account", "allowed", "withheld", "changed_at", "position"],
  with: newestOf("attestations", "verifier"),
  select: `SELECT v.id AS account,
      ${setBy("verifier", "'VerifierAdded', 'VerifierRemoved'", "x.name = 'VerifierAdded'", "false")} AS allowed,
      ${setBy("verifier", "'VerifierWithheld'", "(x.f->>'withheld')::boolean", "false")} AS withheld,
      v.at AS changed_at, v.position FROM v`,
};

const reference = (field: string) =>
  `(SELECT x.f->>'${field}' FROM e x WHERE x.name = 'ReferenceSet' AND x.f->>'measurement' = v.id ORDER BY x.position DESC LIMIT 1)`;

export const measurements: Expectation = {
  table: "measurements",
  columns: [
    "measurement",
    "referenced",
    "platform",
    "min_tcb_date",
    "label",
    "withheld",
    "changed_at",
    "position",
  ],
  with: newestOf("attestations", "measurement"),
  select: `SELECT v.id AS measurement,
      ${setBy("measurement", "'ReferenceSet', 'ReferenceRemoved'", "x.name = 'ReferenceSet'", "false")} AS referenced,
      ${reference("platform")} AS platform, (${reference("min_tcb_date")})::numeric AS min_tcb_date, ${reference("label")} AS label,
      ${setBy("measurement", "'MeasurementWithheld'", "(x.f->>'withheld')::boolean", "false")} AS withheld,
      v.at AS changed_at, v.position FROM v`,
};

export const attestations: Expectation = {
  table: "attestations",
  columns: ["order", "evidence", "measurement", "attested_at", "invalidated_at", "position"],
  with: `used AS (
    SELECT DISTINCT ON (subject, f->>'evidence') * FROM e WHERE name = 'EvidenceConsumed' ORDER BY subject, f->>'evidence', position DESC
  ), fell AS (
    SELECT i.subject, i.position, i.at, q.evidence FROM e i, LATERAL (
      SELECT CASE x.name WHEN 'Qualified' THEN x.f->>'evidence' END AS evidence FROM e x
      WHERE x.contract = 'escrow' AND x.subject = i.subject AND x.position < i.position AND x.name IN ('Qualified', 'Invalidated')
      ORDER BY x.position DESC LIMIT 1) q
    WHERE i.contract = 'escrow' AND i.name = 'Invalidated'
  )`,
  select: `SELECT u.subject AS "order", u.f->>'evidence' AS evidence, u.f->>'measurement' AS measurement, u.at AS attested_at,
      (SELECT f.at FROM fell f WHERE f.subject = u.subject AND f.evidence = u.f->>'evidence' AND f.position > u.position
        ORDER BY f.position DESC LIMIT 1) AS invalidated_at, u.position
    FROM used u`,
};
