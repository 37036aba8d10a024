import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type Database, type DatabasePlace, openDatabase } from "../database/open.ts";
import { postgresql, postgresqlMissing } from "./postgresql.ts";

type DatabaseKind = DatabasePlace["kind"];

/** One of the two databases as tests see it. */
export interface TestedKind {
  kind: DatabaseKind;
  /** For the test's name: it says what is not run, and why. */
  name: string;
  /** Why tests on it cannot run. */
  missing: string | undefined;
}

/** Both databases. */
export const databaseKinds: Readonly<Record<DatabaseKind, TestedKind>> = {
  pglite: { kind: "pglite", name: "PGlite", missing: undefined },
  postgresql: {
    kind: "postgresql",
    name: postgresqlMissing === undefined ? "PostgreSQL" : `PostgreSQL NOT RUN, ${postgresqlMissing}`,
    missing: postgresqlMissing,
  },
};

/** A database of a test's own. */
export interface TestDatabase {
  place: DatabasePlace;
  database: Database;
  close(): Promise<void>;
}

/**
 * A place for a database that exists until `remove`.
 *
 * @param schema whether the tables are there already; on PostgreSQL they are made when it is opened
 */
export async function temporaryPlace(
  kind: DatabaseKind = "pglite",
  schema: "prepared" | "empty" = "prepared",
): Promise<{ place: DatabasePlace; remove: () => Promise<void> }> {
  if (kind === "pglite") {
    const folder = mkdtempSync(join(tmpdir(), "keystrand-indexer-"));
    if (schema === "prepared") cpSync(await preparedFolder(), folder, { recursive: true });
    return {
      place: { kind, folder },
      remove: async () => rmSync(folder, { recursive: true, force: true }),
    };
  }
  const server = await postgresql();
  const name = `keystrand_test_${process.pid}_${Math.random().toString(36).slice(2)}`;
  await administer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    place: { kind, url: url.href, connections: 4 },
    remove: () => administer(server, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

export async function testDatabase(kind: DatabaseKind = "pglite"): Promise<TestDatabase> {
  const { place, remove } = await temporaryPlace(kind);
  const opened: TestDatabase = {
    place,
    database: await openDatabase(place),
    // Whichever it is by then: a test may have closed the first one and opened another.
    async close() {
      await opened.database.close();
      await remove();
    },
  };
  return opened;
}

/**
 * A PGlite folder with the schema and no rows, made once for this schema: making one takes ten times as long
 * as copying one.
 */
async function preparedFolder(): Promise<string> {
  const prepared = join(tmpdir(), `keystrand-indexer-prepared-${schemaDigest()}`);
  if (existsSync(prepared)) return prepared;
  const making = mkdtempSync(`${prepared}-`);
  const database = await openDatabase({ kind: "pglite", folder: making });
  await database.close();
  try {
    renameSync(making, prepared);
  } catch (error) {
    // Another test file was faster.
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(prepared)) throw error;
  }
  return prepared;
}

function schemaDigest(): string {
  const folder = new URL("../../migrations/", import.meta.url);
  const digest = createHash("sha256");
  for (const name of readdirSync(folder)
    .filter((each) => each.endsWith(".sql"))
    .sort()) {
    digest.update(readFileSync(new URL(name, folder)));
  }
  // The triggers are made by code beside the migrations.
  digest.update(readFileSync(new URL("../database/reversal.ts", import.meta.url)));
  return digest.digest("hex").slice(0, 16);
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Runs in a transaction that is rolled back. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    return await work(client);
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
}
