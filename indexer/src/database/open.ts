import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { databaseError } from "./failure.ts";
import { lockFolder, lockServer } from "./lock.ts";
import { PgliteStream, type WorkerAnswer } from "./pglite-stream.ts";
import { installReversal } from "./reversal.ts";

/** Drizzle over node-postgres, for PGlite and PostgreSQL alike. */
export type Queries = NodePgDatabase<Record<string, never>>;

/** Where the tables are. */
export type DatabasePlace =
  | { kind: "pglite"; folder: string }
  | { kind: "postgresql"; url: string; connections: number };

export interface Database {
  readonly kind: DatabasePlace["kind"];
  readonly pool: pg.Pool;
  readonly queries: Queries;
  /** Rejects when this process must write no more: the lock is lost, or the database's thread died. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

/**
 * Takes the writer's lock, opens the database and brings its schema up to date.
 *
 * @throws DatabaseInUse, DatabaseUnavailable
 */
export async function openDatabase(place: DatabasePlace): Promise<Database> {
  const lock = place.kind === "pglite" ? lockFolder(place.folder) : await lockServer(place.url);
  let opened: OpenPool | undefined;
  const close = async () => {
    await opened?.close();
    await lock.release();
  };
  try {
    opened = place.kind === "pglite" ? await openPglite(place.folder) : openServer(place);
    const { pool } = opened;
    // Idle connections fail on their own account; the next query reports it where it can be handled.
    pool.on("error", () => undefined);
    const queries = drizzle(pool);
    await migrate(queries, { migrationsFolder: MIGRATIONS });
    await installReversal(pool);
    const failed = Promise.race([opened.failed, lock.lost]);
    // Who does not watch is not ended by it.
    failed.catch(() => undefined);
    return { kind: place.kind, pool, queries, failed, close };
  } catch (error) {
    await close();
    throw databaseError(error);
  }
}

interface OpenPool {
  pool: pg.Pool;
  failed: Promise<never>;
  close(): Promise<void>;
}

function openServer({ url, connections }: { url: string; connections: number }): OpenPool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: "keystrand-indexer",
  });
  return { pool, failed: new Promise<never>(() => undefined), close: () => pool.end() };
}

/** The folder `postgres` below `folder` holds PGlite's files; nobody else may open them. */
export function pgliteDataFolder(folder: string): string {
  return join(folder, "postgres");
}

/** PGlite in a thread, with the schema as it is. The folder's lock must be held. */
export async function openPglite(folder: string): Promise<OpenPool> {
  const dataDir = pgliteDataFolder(folder);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const worker = new Worker(new URL("./pglite.worker.ts", import.meta.url), { workerData: { dataDir } });
  const heard = (kind: WorkerAnswer["kind"]) =>
    new Promise<void>((resolve, reject) => {
      worker.on("message", (answer: WorkerAnswer) => answer.kind === kind && resolve());
      worker.once("error", reject);
    });
  await heard("ready");
  const failed = new Promise<never>((_resolve, reject) => worker.once("error", reject));
  failed.catch(() => undefined);
  // One session: the pool hands it out to one caller at a time, so that nobody sees an open transaction.
  const pool = new pg.Pool({
    max: 1,
    user: "postgres",
    database: "postgres",
    stream: () => new PgliteStream(worker),
  });
  return {
    pool,
    failed,
    async close() {
      await pool.end();
      const closed = heard("closed");
      worker.postMessage({ kind: "close" });
      await closed;
      await worker.terminate();
    },
  };
}
