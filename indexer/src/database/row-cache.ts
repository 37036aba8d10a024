import { and, asc, eq, getTableColumns, type SQL } from "drizzle-orm";
import { getTableConfig, type PgColumn, type PgTable } from "drizzle-orm/pg-core";
import { NotApplicable, type RowOf, type Rows } from "../projections/rows.ts";
import type { Queries } from "./open.ts";
import { keyColumns } from "./reversal.ts";

type Row = Record<string, unknown>;

const MAX_U128 = (1n << 128n) - 1n;

/** Rows that one statement writes; larger statements gain nothing and hold memory. */
const ROWS_PER_STATEMENT = 2_000;
/** Rows kept in memory between transactions. */
const CACHE_LIMIT = 50_000;

/** A table with what is needed to find and to write its rows. */
export class TableAccess {
  readonly table: PgTable;
  readonly name: string;
  readonly columns: Record<string, PgColumn>;
  /** Properties of a row that are its key. */
  readonly keyProperties: string[];
  readonly #insert: string;
  readonly #delete: string;

  constructor(table: PgTable) {
    this.table = table;
    this.name = getTableConfig(table).name;
    this.columns = getTableColumns(table);
    const key = keyColumns(table);
    const properties = Object.entries(this.columns);
    this.keyProperties = key.map((name) => properties.find(([, column]) => column.name === name)![0]);
    const quoted = properties.map(([, column]) => `"${column.name}"`);
    const others = quoted.filter((column) => !key.includes(column.slice(1, -1)));
    const onConflict =
      others.length === 0
        ? "NOTHING"
        : `UPDATE SET ${others.map((column) => `${column} = excluded.${column}`).join(", ")}`;
    this.#insert = `INSERT INTO "${this.name}" (${quoted.join(", ")})
      SELECT ${quoted.join(", ")} FROM json_populate_recordset(NULL::"${this.name}", $1)
      ON CONFLICT (${key.map((column) => `"${column}"`).join(", ")}) DO ${onConflict}`;
    this.#delete = `DELETE FROM "${this.name}" t USING json_populate_recordset(NULL::"${this.name}", $1) k
      WHERE ${key.map((column) => `t."${column}" = k."${column}"`).join(" AND ")}`;
  }

  keyOf(row: Row): string {
    return this.keyProperties.map((property) => String(row[property])).join("\u001f");
  }

  /** Writes rows in bulk: one parameter, whatever their number. */
  async write(client: Statements, rows: Row[], kind: "insert" | "delete"): Promise<void> {
    for (let first = 0; first < rows.length; first += ROWS_PER_STATEMENT) {
      const part = rows.slice(first, first + ROWS_PER_STATEMENT).map((row) => this.#encode(row));
      await client.query(kind === "insert" ? this.#insert : this.#delete, [JSON.stringify(part)]);
    }
  }

  #encode(row: Row): Row {
    const encoded: Row = {};
    for (const [property, column] of Object.entries(this.columns)) {
      const value = row[property];
      encoded[column.name] = typeof value === "bigint" ? value.toString() : (value ?? null);
    }
    return encoded;
  }
}

/** What can run a statement: a client of the pool in a transaction. */
export interface Statements {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

interface CachedTable {
  access: TableAccess;
  /** Undefined: known to be absent. */
  rows: Map<string, Row | undefined>;
  /** Keys to be written at the next flush. */
  dirty: Map<string, Row>;
  /** First values of keys of which the database has no row: all that there are of them are in `rows`. */
  fresh: Set<string>;
}

/** A change of the event under way; `row` is undefined for a removal. */
interface Change {
  table: CachedTable;
  key: string;
  row: Row | undefined;
  /** For a removal: what is needed to find the row. */
  removed: Row;
}

/**
 * Rows in memory between the reducers and the database: a batch reads each row once and writes it once.
 * What is kept over a transaction is dropped by {@link RowCache.forget} when that transaction fails.
 */
export class RowCache implements Rows {
  readonly #tables = new Map<PgTable, CachedTable>();
  #connection: { queries: Queries; statements: Statements } | undefined;
  #changes: Map<CachedTable, Map<string, Change>> = new Map();
  #freshOfEvent: [CachedTable, string][] = [];

  /** Binds the cache to an open transaction. */
  begin(queries: Queries, statements: Statements): void {
    this.#connection = { queries, statements };
  }

  async get<T extends PgTable>(table: T, ...key: (string | number)[]): Promise<RowOf<T> | undefined> {
    const cached = this.#table(table);
    const id = key.map(String).join("\u001f");
    const change = this.#changes.get(cached)?.get(id);
    if (change) return change.row as RowOf<T> | undefined;
    if (cached.rows.has(id)) return cached.rows.get(id) as RowOf<T> | undefined;
    if (cached.fresh.has(String(key[0]))) return undefined;
    const { access } = cached;
    const condition = access.keyProperties.map((property, index) =>
      eq(access.columns[property]!, key[index]),
    );
    const found = await this.#open()
      .queries.select()
      .from(table as PgTable)
      .where(and(...condition));
    const row = found[0] as Row | undefined;
    cached.rows.set(id, row);
    return row as RowOf<T> | undefined;
  }

  async where<T extends PgTable>(table: T, values: Partial<RowOf<T>>): Promise<RowOf<T>[]> {
    const cached = this.#table(table);
    const { access } = cached;
    await this.#flushTable(cached);
    const given = Object.entries(values as Row);
    const conditions: SQL[] = given.map(([property, value]) => eq(access.columns[property]!, value));
    const found = (await this.#open()
      .queries.select()
      .from(table as PgTable)
      .where(and(...conditions))
      .orderBy(...access.keyProperties.map((property) => asc(access.columns[property]!)))) as Row[];
    const result = new Map(found.map((row) => [access.keyOf(row), row]));
    // The event's own changes are not in the database yet.
    for (const { key, row } of this.#changes.get(cached)?.values() ?? []) {
      if (row !== undefined && given.every(([property, value]) => row[property] === value))
        result.set(key, row);
      else result.delete(key);
    }
    return [...result.values()] as RowOf<T>[];
  }

  put<T extends PgTable>(table: T, row: RowOf<T>): void {
    const cached = this.#table(table);
    for (const [property, value] of Object.entries(row as Row)) {
      // Sums of what events say: a contract cannot hold more, so such events were never honest.
      if (typeof value === "bigint" && (value < 0n || value > MAX_U128))
        throw new NotApplicable(
          `${cached.access.name}.${property} would be ${value}, which no contract holds`,
        );
    }
    const key = cached.access.keyOf(row);
    this.#change({ table: cached, key, row, removed: row });
  }

  nothingYet<T extends PgTable>(table: T, first: string | number): void {
    this.#freshOfEvent.push([this.#table(table), String(first)]);
  }

  remove<T extends PgTable>(table: T, row: RowOf<T>): void {
    const cached = this.#table(table);
    this.#change({ table: cached, key: cached.access.keyOf(row), row: undefined, removed: row });
  }

  /** The event was applied: its changes count from now on. */
  accept(): void {
    for (const changes of this.#changes.values()) {
      for (const { table, key, row, removed } of changes.values()) {
        table.rows.set(key, row);
        table.dirty.set(key, removed);
      }
    }
    for (const [table, first] of this.#freshOfEvent) table.fresh.add(first);
    this.#changes = new Map();
    this.#freshOfEvent = [];
  }

  /** The event failed: it changed nothing. */
  discard(): void {
    this.#changes = new Map();
    this.#freshOfEvent = [];
  }

  /** Writes what was accepted into the open transaction. */
  async flush(): Promise<void> {
    for (const table of this.#tables.values()) await this.#flushTable(table);
  }

  /** Ends the binding after a commit. */
  end(): void {
    this.#connection = undefined;
    let size = 0;
    for (const { rows, fresh } of this.#tables.values()) size += rows.size + fresh.size;
    if (size > CACHE_LIMIT) this.#tables.clear();
  }

  /** Drops everything: the transaction failed, or the tables changed beneath. */
  forget(): void {
    this.#connection = undefined;
    this.#tables.clear();
    this.discard();
  }

  #change(change: Change): void {
    let changes = this.#changes.get(change.table);
    if (!changes) {
      changes = new Map();
      this.#changes.set(change.table, changes);
    }
    changes.set(change.key, change);
  }

  async #flushTable({ access, rows, dirty }: CachedTable): Promise<void> {
    if (dirty.size === 0) return;
    const written: Row[] = [];
    const removed: Row[] = [];
    for (const [key, last] of dirty)
      (rows.get(key) === undefined ? removed : written).push(rows.get(key) ?? last);
    dirty.clear();
    const { statements } = this.#open();
    await access.write(statements, removed, "delete");
    await access.write(statements, written, "insert");
  }

  #open(): { queries: Queries; statements: Statements } {
    if (!this.#connection) throw new Error("the rows are used outside a transaction");
    return this.#connection;
  }

  #table(table: PgTable): CachedTable {
    let cached = this.#tables.get(table);
    if (!cached) {
      cached = { access: new TableAccess(table), rows: new Map(), dirty: new Map(), fresh: new Set() };
      this.#tables.set(table, cached);
    }
    return cached;
  }
}
