import type { Expectation } from "./events.ts";

/** The newest value of a field among a dataset's events up to `v.position`. */
const latest = (field: string, as: string) =>
  `(SELECT x.f->${as === "json" ? "" : ">"}'${field}' FROM e x
    WHERE x.contract = 'consents' AND x.subject = v.subject AND x.position <= v.position AND x.f ? '${field}'
    ORDER BY x.position DESC LIMIT 1)`;

const STATE = `CASE v.name WHEN 'ConsentWithdrawn' THEN 'Withdrawn' WHEN 'DatasetErased' THEN 'Erased' ELSE
  coalesce((SELECT CASE x.name WHEN 'DatasetErased' THEN 'Erased' ELSE 'Withdrawn' END FROM e x
    WHERE x.contract = 'consents' AND x.subject = v.subject AND x.position <= v.position
      AND x.name IN ('ConsentWithdrawn', 'DatasetErased') ORDER BY x.position DESC LIMIT 1), 'Given') END`;

const CHANGES = `v AS (SELECT * FROM e WHERE contract = 'consents' AND f ? 'dataset')`;

/** NULL in JSON is a value; in a column it is none. */
const orNull = (json: string) => `CASE WHEN jsonb_typeof(${json}) = 'null' THEN NULL ELSE ${json} END`;

const SHARED = `${STATE} AS state,
  ${latest("custodian", "text")} AS custodian, ${latest("payee", "text")} AS payee,
  (${latest("price", "text")})::numeric AS price,
  CASE WHEN ${STATE} = 'Erased' THEN NULL ELSE ${orNull(latest("terms", "json"))} END AS terms,
  (${latest("root_version", "text")})::bigint AS root_version,
  (${latest("expires_at", "text")})::numeric AS expires_at`;

export const consentVersions: Expectation = {
  table: "consent_versions",
  columns: [
    "dataset",
    "version",
    "state",
    "change",
    "custodian",
    "payee",
    "price",
    "terms",
    "root_version",
    "expires_at",
    "position",
    "changed_at",
  ],
  with: CHANGES,
  select: `SELECT DISTINCT ON (v.subject, coalesce((v.f->>'version')::bigint, 1))
      v.subject AS dataset, coalesce((v.f->>'version')::bigint, 1) AS version, v.name AS change, ${SHARED},
      v.position, v.at AS changed_at
    FROM v ORDER BY v.subject, coalesce((v.f->>'version')::bigint, 1), v.position DESC`,
};

export const datasets: Expectation = {
  table: "datasets",
  columns: [
    "id",
    "contributor",
    "collection",
    "state",
    "version",
    "root",
    "size",
    "key_commitment",
    "custodian",
    "payee",
    "price",
    "terms",
    "root_version",
    "expires_at",
    "laboratory",
    "registered_at",
    "changed_at",
    "position",
  ],
  with: CHANGES,
  select: `SELECT v.subject AS id, g.f->>'contributor' AS contributor, (g.f->>'collection')::bigint AS collection,
      coalesce((v.f->>'version')::bigint, 1) AS version,
      CASE WHEN ${STATE} = 'Erased' THEN NULL ELSE g.f->>'root' END AS root,
      (g.f->>'size')::numeric AS size,
      CASE WHEN ${STATE} = 'Erased' THEN NULL ELSE g.f->>'key_commitment' END AS key_commitment,
      ${SHARED}, g.f->>'laboratory' AS laboratory, g.at AS registered_at, v.at AS changed_at, g.position
    FROM (SELECT DISTINCT ON (subject) * FROM v ORDER BY subject, position DESC) v
    JOIN e g ON g.name = 'ConsentGiven' AND g.subject = v.subject`,
};
