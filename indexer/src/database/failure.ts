import pg from "pg";
import { DatabaseUnavailable, IndexerError } from "../errors.ts";

/** SQLSTATE classes that pass: connection, insufficient resources, operator intervention, rolled back. */
const PASSING_CLASSES = new Set(["08", "53", "57", "40"]);

/**
 * A failure of the database as an error with a policy: what passes becomes {@link DatabaseUnavailable}; a
 * statement that the database refuses is a defect and stays what it is.
 */
export function databaseError(error: unknown): unknown {
  if (error instanceof IndexerError) return error;
  if (error instanceof pg.DatabaseError) {
    return PASSING_CLASSES.has(error.code?.slice(0, 2) ?? "") ? new DatabaseUnavailable(error) : error;
  }
  // Drizzle wraps what the driver threw.
  if (error instanceof Error && error.name === "DrizzleQueryError" && error.cause) {
    const cause = databaseError(error.cause);
    return cause === error.cause ? error : cause;
  }
  if (
    error instanceof Error &&
    /connection terminated|timeout exceeded when trying to connect/i.test(error.message)
  ) {
    return new DatabaseUnavailable(error);
  }
  if (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    SOCKET_CODES.has(error.code)
  ) {
    return new DatabaseUnavailable(error);
  }
  return error;
}

const SOCKET_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"]);
