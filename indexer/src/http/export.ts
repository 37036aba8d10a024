import { randomUUID } from "node:crypto";
import { createReadStream, rmSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { and, asc, getTableColumns, gt, gte, lte, type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type pg from "pg";
import { SnapshotReads } from "../database/reads.ts";
import { keyColumns } from "../database/reversal.ts";
import * as schema from "../database/schema/index.ts";
import { HttpProblem } from "./problem.ts";

/** Tables that can be exported, by the name in the address. */
export const exportTables = {
  datasets: schema.datasets,
  "consent-versions": schema.consentVersions,
  collections: schema.collections,
  "policy-versions": schema.policyVersions,
  orders: schema.orders,
  "order-lines": schema.orderLines,
  credits: schema.credits,
  payments: schema.payments,
  credentials: schema.credentials,
  revocations: schema.revocations,
  attestations: schema.attestations,
  proposals: schema.proposals,
  ballots: schema.ballots,
  "treasury-payments": schema.treasuryPayments,
  members: schema.members,
  delegations: schema.delegations,
  "audit-log": schema.contractEvents,
  extrinsics: schema.extrinsics,
} as const satisfies Record<string, PgTable>;
export type ExportName = keyof typeof exportTables;
export const exportNames = Object.keys(exportTables) as [ExportName, ...ExportName[]];

/** Rows that are read and sent at a time: memory stays flat whatever the table's size. */
const ROWS_AT_A_TIME = 1_000;

/** Which rows of a table with a `position` are wanted, by height. */
export interface ExportRange {
  from?: number | undefined;
  to?: number | undefined;
}

/** Exports that may be gathered at once. */
const MOST_EXPORTS = 2;

/**
 * Whole tables as CSV (RFC 4180) or JSON, each as it is at one height, in the order of its key.
 *
 * The rows are gathered in a file first: a client that reads slowly must not hold the database's session,
 * for which the writer waits on PGlite.
 */
export class Exports {
  readonly #pool: pg.Pool;
  readonly #folder: string;
  #running = 0;

  constructor(pool: pg.Pool, folder: string) {
    this.#pool = pool;
    this.#folder = folder;
  }

  /** @throws HttpProblem when too many are under way */
  async table(
    name: ExportName,
    format: "csv" | "json",
    range: ExportRange,
  ): Promise<ReadableStream<Uint8Array>> {
    if (this.#running >= MOST_EXPORTS) {
      throw new HttpProblem(503, "busy", "Other exports are under way.", {
        remedy: "Try again in a moment.",
      });
    }
    this.#running++;
    const path = join(this.#folder, `export-${randomUUID()}`);
    try {
      await writeFile(path, rowsAsText(this.#pool, name, format, range), { mode: 0o600 });
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      this.#running--;
    }
    const file = createReadStream(path);
    file.once("close", () => rmSync(path, { force: true }));
    return Readable.toWeb(file) as ReadableStream<Uint8Array>;
  }
}

async function* rowsAsText(
  pool: pg.Pool,
  name: ExportName,
  format: "csv" | "json",
  range: ExportRange,
): AsyncGenerator<string> {
  const table: PgTable = exportTables[name];
  const columns: Record<string, PgColumn> = getTableColumns(table);
  const properties = Object.keys(columns);
  const keys = keyColumns(table).map(
    (key) => Object.entries(columns).find(([, column]) => column.name === key)!,
  );
  const reads = new SnapshotReads(pool);
  try {
    let last: Record<string, unknown> | undefined;
    yield format === "csv" ? csvLine(properties) : "[";
    for (let separator = "\n"; ; ) {
      const rows = (await reads.run((queries) =>
        queries
          .select()
          .from(table)
          .where(and(after(keys, last), within(columns, range)))
          .orderBy(...keys.map(([, column]) => asc(column)))
          .limit(ROWS_AT_A_TIME),
      )) as Record<string, unknown>[];
      last = rows.at(-1);
      let text = "";
      for (const row of rows) {
        if (format === "csv") text += csvLine(properties.map((property) => row[property]));
        else text += `${separator}${JSON.stringify(row, jsonValue)}`;
        separator = ",\n";
      }
      yield text;
      if (rows.length < ROWS_AT_A_TIME) break;
    }
    if (format === "json") yield "\n]\n";
  } finally {
    await reads.end();
  }
}

const csvLine = (values: unknown[]): string => `${values.map(csvField).join(",")}\r\n`;

function after(keys: [string, PgColumn][], last: Record<string, unknown> | undefined): SQL | undefined {
  if (!last) return undefined;
  if (keys.length === 1) return gt(keys[0]![1], last[keys[0]![0]]);
  const left = sql.join(
    keys.map(([, column]) => sql`${column}`),
    sql`, `,
  );
  const right = sql.join(
    keys.map(([property]) => sql`${last[property]}`),
    sql`, `,
  );
  return sql`(${left}) > (${right})`;
}

function within(columns: Record<string, PgColumn>, { from, to }: ExportRange): SQL | undefined {
  const { height, position } = columns;
  if (height)
    return and(
      from === undefined ? undefined : gte(height, from),
      to === undefined ? undefined : lte(height, to),
    );
  if (!position) return undefined;
  return and(
    from === undefined ? undefined : sql`${position} / 1000000 >= ${from}`,
    to === undefined ? undefined : sql`${position} / 1000000 <= ${to}`,
  );
}

function jsonValue(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** One field of RFC 4180; a leading formula sign is quoted so that spreadsheets do not compute it. */
function csvField(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value, jsonValue) : String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
