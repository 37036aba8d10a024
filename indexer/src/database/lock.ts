import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { DatabaseInUse, DatabaseUnavailable, LockLost } from "../errors.ts";

/** The right to be a database's only writer. */
export interface WriterLock {
  /** Rejects with {@link LockLost} when the right is lost while it is held; never resolves. */
  readonly lost: Promise<never>;
  release(): Promise<void>;
}

/** Number of the advisory lock: ASCII "keystrnd" as a signed 64-bit integer. */
const ADVISORY_KEY = "7738725071487921764";

/**
 * Takes a folder with PGlite data for this process. PGlite itself would let two processes write and lose rows.
 * SQLite's file lock is the kernel's (fcntl, LockFileEx): it ends with the process, however that ends.
 *
 * @throws DatabaseInUse
 */
export function lockFolder(folder: string): WriterLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = new DatabaseSync(join(folder, "writer.lock"));
  try {
    file.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    file.close();
    throw new DatabaseInUse(folder, cause);
  }
  return {
    lost: new Promise<never>(() => undefined),
    release: async () => file.close(),
  };
}

/**
 * Takes a PostgreSQL database for this process by a session's advisory lock, on a connection of its own. The
 * server frees it when the connection ends; then this process must not write any more.
 *
 * @throws DatabaseInUse, DatabaseUnavailable
 */
export async function lockServer(connectionString: string): Promise<WriterLock> {
  const client = new pg.Client({
    connectionString,
    keepAlive: true,
    application_name: "keystrand-indexer lock",
  });
  const lost = Promise.withResolvers<never>();
  // Whoever does not watch must not be ended by an unhandled rejection: the release below causes one too.
  lost.promise.catch(() => undefined);
  client.on("error", (cause) => lost.reject(new LockLost(cause)));
  client.on("end", () => lost.reject(new LockLost(new Error("the connection ended"))));
  try {
    await client.connect();
  } catch (cause) {
    throw new DatabaseUnavailable(cause);
  }
  const answer = await client.query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1) AS locked", [
    ADVISORY_KEY,
  ]);
  if (answer.rows[0]?.locked !== true) {
    await client.end();
    throw new DatabaseInUse(maskedUrl(connectionString));
  }
  return { lost: lost.promise, release: () => client.end() };
}

/** A connection string without its password. */
export function maskedUrl(url: string): string {
  return url.replace(/\/\/([^:/@\s]+):[^@\s]*@/, "//$1:***@");
}
