import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import type pg from "pg";
import * as schema from "./schema/index.ts";

/** Empties every table; the schema stays. */
export async function clearTables(pool: pg.Pool): Promise<void> {
  const names = Object.values(schema)
    .filter((table) => is(table, PgTable))
    .map((table) => `"${getTableConfig(table as PgTable).name}"`);
  await pool.query(`TRUNCATE ${names.join(", ")}`);
}
