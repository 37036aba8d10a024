import { is, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import type pg from "pg";
import { keyColumns } from "../database/reversal.ts";
import * as schema from "../database/schema/index.ts";

/** Every row of every table, as sorted text; what must be equal after two runs over one chain. */
export async function dumpTables(pool: pg.Pool): Promise<Map<string, string[]>> {
  const queries = drizzle(pool);
  const dump = new Map<string, string[]>();
  for (const table of Object.values(schema)) {
    if (!is(table, PgTable) || table === schema.undo) continue;
    const { name } = getTableConfig(table);
    const key: SQL = sql.join(
      keyColumns(table).map((column) => sql.identifier(column)),
      sql`, `,
    );
    const { rows } = await queries.execute<{ row: unknown }>(
      sql`SELECT to_jsonb(t) AS row FROM ${sql.identifier(name)} t ORDER BY ${key}`,
    );
    dump.set(
      name,
      rows.map(({ row }) => JSON.stringify(row)),
    );
  }
  return dump;
}

/** Where two dumps differ first, short enough to read. */
export function firstDifference(
  found: Map<string, string[]>,
  expected: Map<string, string[]>,
): string | undefined {
  for (const [table, rows] of expected) {
    const others = found.get(table) ?? [];
    for (let index = 0; index < Math.max(rows.length, others.length); index++) {
      if (rows[index] === others[index]) continue;
      return `${table}[${index}]\nexpected ${rows[index]?.slice(0, 2_000)}\nfound    ${others[index]?.slice(0, 2_000)}`;
    }
  }
  return undefined;
}

/**
 * Empties every table as a run before left them. Row by row: `TRUNCATE` gives each table and index a new file,
 * which takes far longer than a few hundred rows.
 */
export async function emptyTables(pool: pg.Pool): Promise<void> {
  const names = Object.values(schema)
    .filter((table) => is(table, PgTable))
    .map((table) => getTableConfig(table as PgTable).name);
  await pool.query(names.map((name) => `DELETE FROM "${name}"`).join(";"));
}
