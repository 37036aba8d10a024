import { DrizzleQueryError } from "drizzle-orm/errors";
import pg from "pg";
import { DatabaseUnavailable, IndexerError } from "../errors.ts";

/** SQLSTATE classes that pass: connection, insufficient resources, operator intervention, rolled back. */
const PASSING_CLASSES = new Set(["08", "53", "57", "40"]);

const SOCKET_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"]);

/** What node-postgres says without a code when a connection breaks. */
const BROKEN =
  /connection terminated|timeout exceeded when trying to connect|connection error and is not queryable/i;

/**
 * A failure of the database as an error with a policy: what passes becomes {@link DatabaseUnavailable}; a
 * statement that the database refuses is a defect and stays what it is.
 */
export function databaseError(error: unknown): unknown {
  if (error instanceof IndexerError || !(error instanceof Error)) return error;
  // Drizzle wraps what the driver threw; a defect is told with its statement.
  if (error instanceof DrizzleQueryError) {
    const cause = databaseError(error.cause);
    return cause instanceof IndexerError ? cause : error;
  }
  return passes(error) ? new DatabaseUnavailable(error) : error;
}

function passes(error: Error): boolean {
  if (error instanceof pg.DatabaseError) return PASSING_CLASSES.has(error.code?.slice(0, 2) ?? "");
  if ("code" in error && typeof error.code === "string" && SOCKET_CODES.has(error.code)) return true;
  return BROKEN.test(error.message);
}
