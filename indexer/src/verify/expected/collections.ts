import type { Expectation } from "./events.ts";

const VERSIONS = `versions AS (
  SELECT (f->>'collection')::bigint AS collection,
         CASE name WHEN 'CollectionOpened' THEN 1 ELSE (f->>'version')::bigint END AS version,
         name, position, at, f
  FROM e WHERE contract = 'policies' AND name IN ('CollectionOpened', 'PolicySet', 'CollectionClosed')
), told AS (
  SELECT v.*, given.f->'policy' AS policy, given.f->>'hash' AS hash
  FROM versions v, LATERAL (
    SELECT g.f FROM versions g
    WHERE g.collection = v.collection AND g.position <= v.position AND g.name <> 'CollectionClosed'
    ORDER BY g.position DESC LIMIT 1
  ) given
)`;

export const collections: Expectation = {
  table: "collections",
  columns: ["id", "disease", "version", "hash", "policy", "closed", "opened_at", "changed_at"],
  with: VERSIONS,
  select: `SELECT DISTINCT ON (t.collection)
      t.collection AS id,
      (SELECT (o.f->>'disease')::bigint FROM told o WHERE o.collection = t.collection AND o.name = 'CollectionOpened') AS disease,
      t.version, t.hash, t.policy,
      t.name = 'CollectionClosed' AS closed,
      (SELECT o.at FROM told o WHERE o.collection = t.collection AND o.name = 'CollectionOpened') AS opened_at,
      t.at AS changed_at
    FROM told t ORDER BY t.collection, t.position DESC`,
};

export const policyVersions: Expectation = {
  table: "policy_versions",
  columns: [
    "collection",
    "version",
    "hash",
    "direction",
    "policy",
    "difference",
    "closes",
    "position",
    "set_at",
  ],
  with: `${VERSIONS}, flat AS (
    WITH RECURSIVE parts AS (
      SELECT t.collection, t.version, part.key AS path, part.value FROM told t, jsonb_each(t.policy) part
      UNION ALL
      SELECT p.collection, p.version, p.path || '.' || part.key, part.value
      FROM parts p, LATERAL jsonb_each(CASE jsonb_typeof(p.value) WHEN 'object' THEN p.value ELSE '{}' END) part
    )
    SELECT * FROM parts WHERE jsonb_typeof(value) <> 'object'
  ), changed AS (
    SELECT n.collection, n.version,
      jsonb_agg(jsonb_build_object('path', n.path, 'before', b.value, 'after', n.value) ORDER BY n.path COLLATE "C") AS difference
    FROM flat n JOIN flat b ON b.collection = n.collection AND b.version = n.version - 1 AND b.path = n.path
    WHERE b.value <> n.value GROUP BY n.collection, n.version
  )`,
  select: `SELECT t.collection, t.version, t.hash,
      CASE t.name WHEN 'PolicySet' THEN t.f->>'direction' END AS direction,
      t.policy,
      CASE t.name
        WHEN 'CollectionOpened' THEN '[]'::jsonb
        WHEN 'CollectionClosed' THEN '[{"path": "closed", "before": false, "after": true}]'::jsonb
        ELSE coalesce(c.difference, '[]'::jsonb)
      END AS difference,
      t.name = 'CollectionClosed' AS closes, t.position, t.at AS set_at
    FROM told t LEFT JOIN changed c ON c.collection = t.collection AND c.version = t.version`,
};

export const queuedChanges: Expectation = {
  table: "queued_changes",
  columns: ["collection", "proposal", "version", "hash", "direction", "from", "until", "position"],
  select: `SELECT DISTINCT ON (q.f->>'collection')
      (q.f->>'collection')::bigint AS collection,
      (q.f->'change'->>'proposal')::bigint AS proposal,
      (q.f->'change'->>'version')::bigint AS version,
      q.f->'change'->>'hash' AS hash, q.f->'change'->>'direction' AS direction,
      (q.f->'change'->>'from')::numeric AS "from", (q.f->'change'->>'until')::numeric AS until, q.position
    FROM e q WHERE q.name = 'ChangeQueued' AND NOT EXISTS (
      SELECT FROM e d WHERE d.contract = 'policies' AND d.position > q.position AND (
        (d.name IN ('ChangeCleared', 'PolicySet', 'CollectionClosed') AND d.f->>'collection' = q.f->>'collection')
        OR (d.name = 'RootSet' AND q.f->>'collection' = '0')))
    ORDER BY q.f->>'collection', q.position DESC`,
};

export const ontologyRoots: Expectation = {
  table: "ontology_roots",
  columns: ["version", "root", "position", "set_at"],
  select: `SELECT DISTINCT ON ((f->>'version')::bigint) (f->>'version')::bigint AS version, f->>'root' AS root, position, at AS set_at
    FROM e WHERE name = 'RootSet' ORDER BY (f->>'version')::bigint, position DESC`,
};

export const diseasePairs: Expectation = {
  table: "disease_pairs",
  columns: ["root_version", "child", "ancestor", "position"],
  select: `SELECT (f->>'root_version')::bigint AS root_version, (f->>'child')::bigint AS child,
      (f->>'ancestor')::bigint AS ancestor, max(position) AS position
    FROM e WHERE name = 'PairProved' GROUP BY 1, 2, 3`,
};

export const parameters: Expectation = {
  table: "parameters",
  columns: ["contract", "name", "value", "position"],
  with: `published AS (
    SELECT contract, position, (CASE name
        WHEN 'LimitsSet' THEN 'limits' WHEN 'HandedOver' THEN 'governor' WHEN 'CodeSet' THEN 'code'
        WHEN 'EscrowNamed' THEN 'escrow' WHEN 'SettingsSet' THEN 'settings' WHEN 'GuardiansSet' THEN 'guardians' END) AS name,
      coalesce(f->'limits', f->'governor', f->'to', f->'code', f->'escrow', f->'settings', f->'guardians') AS value
    FROM e WHERE name IN ('LimitsSet', 'HandedOver', 'CodeSet', 'EscrowNamed', 'SettingsSet', 'GuardiansSet')
  )`,
  select: `SELECT DISTINCT ON (contract, name) contract, name, value, position
    FROM published ORDER BY contract, name, position DESC`,
};
