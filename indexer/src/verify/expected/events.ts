/** A table's rows, recomputed: a statement that gives its columns under their names. */
export interface Expectation {
  table: string;
  /** Columns that are compared, as the database names them. */
  columns: readonly string[];
  /** `WITH` parts, without the word. */
  with?: string;
  select: string;
}

/** A list of bytes, stored as hex, as a list of numbers. */
export const byteList = (hex: string) =>
  `(SELECT coalesce(jsonb_agg(get_byte(decode(substr(${hex}, 3), 'hex'), n) ORDER BY n), '[]')
    FROM generate_series(0, length(${hex}) / 2 - 2) n)`;

const named = (field: string) => `CREATE INDEX ON e ((f->>'${field}'), name, position) WHERE f ? '${field}'`;

/**
 * What the recomputations read, made once in the transaction that compares. They speak of all events at once,
 * where the reducers go from event to event: the two share no line of code.
 *
 * `e` has the events that were decoded and applied; `made` and `told` what orders' events say of each line at
 * and after its creation; `parties` who takes part in an order; `owed` what ended lines owe to whom.
 */
export const PREPARATION: readonly string[] = [
  `CREATE TEMPORARY TABLE e ON COMMIT DROP AS
    SELECT position, timestamp AS at, signer, contract, name, subject, fields AS f
    FROM contract_events WHERE problem IS NULL AND name IS NOT NULL`,
  "CREATE INDEX ON e (position)",
  "CREATE INDEX ON e (contract, name, position)",
  "CREATE INDEX ON e (name, position)",
  "CREATE INDEX ON e (subject, contract, position)",
  ...["collection", "grant", "issuer", "verifier", "measurement", "account", "owner"].map(named),
  "ANALYZE e",
  `CREATE TEMPORARY TABLE made ON COMMIT DROP AS
    SELECT subject AS "order", position, (part.number - 1)::int AS line, part.value AS d, part.value->>'dataset' AS dataset
    FROM e, jsonb_array_elements(f->'lines') WITH ORDINALITY AS part(value, number)
    WHERE contract = 'escrow' AND name = 'Created'`,
  'CREATE INDEX ON made ("order", line)',
  "CREATE INDEX ON made (dataset)",
  "ANALYZE made",
  `CREATE TEMPORARY TABLE told ON COMMIT DROP AS
    SELECT subject AS "order", position, name, (f->>'line')::int AS line, f AS d
    FROM e WHERE name = 'LineDropped'
    UNION ALL
    SELECT subject, position, name, part::int, f
    FROM e, jsonb_array_elements_text(${byteList("f->>'lines'")}) part
    WHERE contract = 'escrow' AND name IN ('Released', 'Disputed', 'Answered')
    UNION ALL
    SELECT subject, position, name, (part->>'line')::int, part
    FROM e, jsonb_array_elements(f->'packets') part WHERE contract = 'escrow' AND name = 'Delivered'
    UNION ALL
    SELECT subject, position, name, (part->>'line')::int, part
    FROM e, jsonb_array_elements(f->'credits') part WHERE contract = 'escrow' AND name = 'Credited'`,
  'CREATE INDEX ON told ("order", line, position)',
  "ANALYZE told",
  `CREATE TEMPORARY TABLE parties ON COMMIT DROP AS
    SELECT c.subject AS "order", c.f->>'buyer' AS buyer, c.f->>'custodian' AS custodian,
      (SELECT p.f->'policy' FROM e p WHERE p.contract = 'policies'
        AND p.name IN ('CollectionOpened', 'PolicySet') AND p.f ? 'collection' AND p.f->>'collection' = c.f->>'collection'
        AND coalesce((p.f->>'version')::bigint, 1) <= (c.f->>'policy_version')::bigint
        ORDER BY p.position DESC LIMIT 1) AS policy
    FROM e c WHERE c.contract = 'escrow' AND c.name = 'Created'`,
  'CREATE INDEX ON parties ("order")',
  "ANALYZE parties",
  `CREATE TEMPORARY TABLE owed ON COMMIT DROP AS
    SELECT t."order", t.position, role.account, (t.d->>role.name)::numeric AS amount
    FROM told t
    JOIN made m ON m."order" = t."order" AND m.line = t.line
    JOIN parties p ON p."order" = t."order"
    LEFT JOIN e g ON g.contract = 'consents' AND g.name = 'ConsentGiven' AND g.subject = m.dataset
    CROSS JOIN LATERAL (VALUES ('payee', m.d->>'payee'), ('custodian', p.custodian), ('treasury', p.policy->>'treasury'),
      ('buyer', p.buyer), ('contributor', g.f->>'contributor')) AS role(name, account)
    WHERE t.name = 'Credited' AND (t.d->>role.name)::numeric > 0`,
  "CREATE INDEX ON owed (position)",
  "ANALYZE owed",
];
