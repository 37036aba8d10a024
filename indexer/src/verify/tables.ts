import type pg from "pg";
import { type Expectation, PREPARATION } from "./expected/events.ts";
import { expectations } from "./expected/index.ts";

/** A table that is not what its events say. */
export interface Deviation {
  table: string;
  /** Rows that the events give and the table does not have. */
  missing: number;
  /** Rows that the table has and the events do not give. */
  surplus: number;
  /** The first of each, as the database shows them. */
  examples: { missing: unknown[]; surplus: unknown[] };
}

const EXAMPLES = 3;

/**
 * Recomputes every projection from the stored raw events and compares.
 *
 * @param client in a transaction, so that both sides are of one height and what is prepared ends with it
 */
export async function deviations(client: Pick<pg.ClientBase, "query">): Promise<Deviation[]> {
  for (const statement of PREPARATION) await client.query(statement);
  const found: Deviation[] = [];
  for (const expectation of expectations) {
    const deviation = await compare(client, expectation);
    if (deviation.missing > 0 || deviation.surplus > 0) found.push(deviation);
  }
  return found;
}

async function compare(client: Pick<pg.ClientBase, "query">, expectation: Expectation): Promise<Deviation> {
  const { table, select } = expectation;
  const columns = expectation.columns.map((column) => `"${column}"`).join(", ");
  const parts = expectation.with === undefined ? "" : `${expectation.with}, `;
  const { rows } = await client.query<{ side: "missing" | "surplus"; n: string; examples: unknown[] }>(
    `WITH ${parts}expected AS (${select}),
      missing AS (SELECT ${columns} FROM expected EXCEPT ALL SELECT ${columns} FROM "${table}"),
      surplus AS (SELECT ${columns} FROM "${table}" EXCEPT ALL SELECT ${columns} FROM expected)
    SELECT 'missing' AS side, count(*) AS n,
      coalesce((SELECT jsonb_agg(to_jsonb(m)) FROM (SELECT * FROM missing LIMIT ${EXAMPLES}) m), '[]') AS examples FROM missing
    UNION ALL
    SELECT 'surplus', count(*),
      coalesce((SELECT jsonb_agg(to_jsonb(s)) FROM (SELECT * FROM surplus LIMIT ${EXAMPLES}) s), '[]') FROM surplus`,
  );
  const side = (name: "missing" | "surplus") => rows.find((row) => row.side === name);
  return {
    table,
    missing: Number(side("missing")?.n ?? 0),
    surplus: Number(side("surplus")?.n ?? 0),
    examples: { missing: side("missing")?.examples ?? [], surplus: side("surplus")?.examples ?? [] },
  };
}
