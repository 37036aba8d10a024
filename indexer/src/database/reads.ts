import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { databaseError } from "./failure.ts";
import type { Queries } from "./open.ts";

/** Runs queries. */
export interface Reads {
  run<T>(query: (queries: Queries) => Promise<T>): Promise<T>;
}

/** Each query sees what is committed when it starts. */
export class FreshReads implements Reads {
  readonly #queries: Queries;
  constructor(pool: pg.Pool) {
    this.#queries = drizzle(pool);
  }
  async run<T>(query: (queries: Queries) => Promise<T>): Promise<T> {
    try {
      return await query(this.#queries);
    } catch (error) {
      throw databaseError(error);
    }
  }
}

/** ms that one statement of a reader may take. */
const STATEMENT_TIMEOUT = 5_000;

/**
 * All queries see one height: a read-only transaction that begins with the first of them. `end` must be
 * called, since on PGlite the writer waits for it.
 */
export class SnapshotReads implements Reads {
  readonly #pool: pg.Pool;
  #client: Promise<pg.PoolClient> | undefined;
  #work: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  run<T>(query: (queries: Queries) => Promise<T>): Promise<T> {
    // An answer can be given up while some of its resolvers still run. Nobody waits for what they find, and a
    // session that one of them began would never be given back.
    if (this.#ended) return new Promise(() => undefined);
    this.#client ??= this.#begin();
    const client = this.#client;
    // One session answers one query at a time.
    const result = this.#work.then(async () => query(drizzle(await client)));
    this.#work = result.catch(() => undefined);
    return result.catch((error: unknown) => {
      throw databaseError(error);
    });
  }

  async end(): Promise<void> {
    this.#ended = true;
    if (!this.#client) return;
    const client = this.#client;
    this.#client = undefined;
    await this.#work;
    let session: pg.PoolClient;
    try {
      session = await client;
    } catch {
      // The session never began; whoever asked for it has heard why.
      return;
    }
    try {
      await session.query("ROLLBACK");
      session.release();
    } catch (error) {
      session.release(error instanceof Error ? error : true);
    }
  }

  async #begin(): Promise<pg.PoolClient> {
    const client = await this.#pool.connect();
    try {
      await client.query(
        `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT}`,
      );
      return client;
    } catch (error) {
      client.release(error instanceof Error ? error : true);
      throw error;
    }
  }
}
