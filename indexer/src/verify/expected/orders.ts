import type { Expectation } from "./events.ts";

const newest = (expression: string, condition: string) =>
  `(SELECT ${expression} FROM told t WHERE t."order" = m."order" AND t.line = m.line AND ${condition}
    ORDER BY t.position DESC LIMIT 1)`;

const credit = (role: string) =>
  `coalesce((${newest(`t.d->>'${role}'`, "t.name = 'Credited'")})::numeric, 0) AS credit_${role}`;

export const orderLines: Expectation = {
  table: "order_lines",
  columns: [
    "order",
    "line",
    "dataset",
    "consent_version",
    "price",
    "payee",
    "state",
    "ending",
    "reason",
    "packet",
    "bad",
    "answered_by",
    "share",
    "credit_payee",
    "credit_custodian",
    "credit_treasury",
    "credit_buyer",
    "credit_contributor",
  ],
  select: `SELECT m."order", m.line, m.d->>'dataset' AS dataset, (m.d->>'consent_version')::bigint AS consent_version,
      (m.d->>'price')::numeric AS price, m.d->>'payee' AS payee,
      coalesce(${newest(
        `CASE t.name WHEN 'LineDropped' THEN 'Refunded' WHEN 'Released' THEN 'Locked' WHEN 'Delivered' THEN 'Delivered'
          WHEN 'Disputed' THEN 'Disputed' WHEN 'Credited' THEN CASE t.d->>'share' WHEN '0' THEN 'Refunded' ELSE 'Paid' END END`,
        "t.name <> 'Answered'",
      )}, 'Open') AS state,
      coalesce(${newest("t.d->>'ending'", "t.name IN ('LineDropped', 'Credited')")}, 'None') AS ending,
      ${newest("CASE WHEN jsonb_typeof(t.d->'reason') = 'null' THEN NULL ELSE t.d->'reason' END", "t.name = 'LineDropped'")} AS reason,
      ${newest("t.d->>'bytes'", "t.name = 'Delivered'")} AS packet,
      coalesce(${newest("(t.d->>'by_receipt')::boolean", "t.name = 'Disputed'")}, false) AS bad,
      ${newest("t.d->>'by'", "t.name = 'Answered'")} AS answered_by,
      (${newest("t.d->>'share'", "t.name = 'Credited'")})::int AS share,
      ${["payee", "custodian", "treasury", "buyer", "contributor"].map(credit).join(", ")}
    FROM made m`,
};

const last = (expression: string, condition: string) =>
  `(SELECT ${expression} FROM e x WHERE x.contract = 'escrow' AND x.subject = c.subject AND ${condition}
    ORDER BY x.position DESC LIMIT 1)`;

export const orders: Expectation = {
  table: "orders",
  columns: [
    "id",
    "buyer",
    "collection",
    "custodian",
    "state",
    "policy_version",
    "cleared_version",
    "job",
    "reader_key",
    "purpose",
    "total",
    "line_count",
    "deadline",
    "enclave",
    "ending",
    "reason",
    "output",
    "created_at",
    "changed_at",
    "ended_at",
    "forgotten",
    "position",
  ],
  select: `SELECT c.subject AS id, c.f->>'buyer' AS buyer, (c.f->>'collection')::bigint AS collection,
      c.f->>'custodian' AS custodian,
      ${last(
        `CASE x.name WHEN 'Created' THEN x.f->>'state' WHEN 'Cleared' THEN 'Funded' WHEN 'Invalidated' THEN 'Funded'
          WHEN 'Released' THEN 'Releasing' ELSE x.name END`,
        "x.name IN ('Created', 'Cleared', 'Qualified', 'Invalidated', 'Released', 'Delivered', 'Disputed', 'Settled', 'Resolved', 'Refunded')",
      )} AS state,
      (c.f->>'policy_version')::bigint AS policy_version,
      (${last("x.f->>'policy_version'", "x.name = 'Cleared'")})::bigint AS cleared_version,
      c.f->>'job' AS job, c.f->>'reader_key' AS reader_key, c.f->'purpose' AS purpose,
      (c.f->>'total')::numeric AS total, jsonb_array_length(c.f->'lines') AS line_count,
      (${last("x.f->>'deadline'", "x.f ? 'deadline'")})::numeric AS deadline,
      ${last(
        `CASE x.name WHEN 'Qualified' THEN (x.f->'keys') || jsonb_build_object('measurement', x.f->'measurement', 'evidence', x.f->'evidence') END`,
        "x.name IN ('Qualified', 'Invalidated')",
      )} AS enclave,
      ${last("x.f->>'ending'", "x.name = 'Refunded'")} AS ending,
      ${last("CASE WHEN jsonb_typeof(x.f->'reason') = 'null' THEN NULL ELSE x.f->'reason' END", "x.name = 'Refunded'")} AS reason,
      ${last("x.f->>'output'", "x.name = 'Settled'")} AS output,
      c.at AS created_at, ${last("x.at", "x.name <> 'Withdrawn'")} AS changed_at,
      ${last("x.at", "x.name IN ('Settled', 'Resolved', 'Refunded')")} AS ended_at,
      coalesce(${last("true", "x.name = 'Forgotten'")}, false) AS forgotten, c.position
    FROM e c WHERE c.contract = 'escrow' AND c.name = 'Created'`,
};

export const credits: Expectation = {
  table: "credits",
  columns: ["order", "account", "credited", "withdrawn", "position"],
  with: `moved AS (
    SELECT "order", account, amount AS credited, 0::numeric AS withdrawn, position FROM owed
    UNION ALL
    SELECT subject, f->>'to', 0, (f->>'amount')::numeric, position FROM e WHERE contract = 'escrow' AND name = 'Withdrawn'
  )`,
  select: `SELECT "order", account, sum(credited) AS credited, sum(withdrawn) AS withdrawn, max(position) AS position
    FROM moved GROUP BY "order", account`,
};

export const payments: Expectation = {
  table: "payments",
  columns: ["position", "order", "to", "amount", "paid_at"],
  select: `SELECT position, subject AS "order", f->>'to' AS "to", (f->>'amount')::numeric AS amount, at AS paid_at
    FROM e WHERE contract = 'escrow' AND name = 'Withdrawn'`,
};

export const pauses: Expectation = {
  table: "pauses",
  columns: ["position", "from", "until"],
  with: `p AS (SELECT *, lead(position) OVER (ORDER BY position) AS next FROM e WHERE name = 'Paused')`,
  select: `SELECT p.position, (p.f->>'from')::numeric AS "from",
      coalesce((SELECT (r.f->>'at')::numeric FROM e r WHERE r.name = 'Resumed' AND r.position > p.position
        AND (p.next IS NULL OR r.position < p.next) ORDER BY r.position DESC LIMIT 1), (p.f->>'until')::numeric) AS until
    FROM p`,
};
