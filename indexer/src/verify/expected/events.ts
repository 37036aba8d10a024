/**
 * What every recomputation begins with: the events that were decoded and applied, as `e`. Statements here
 * speak of all events at once, where the reducers go from event to event: they share no line of code.
 */
export const EVENTS = `e AS (
  SELECT position, timestamp AS at, signer, contract, name, subject, fields AS f
  FROM contract_events WHERE problem IS NULL AND name IS NOT NULL
)`;

/** A table's rows, recomputed: a statement that gives its columns under their names. */
export interface Expectation {
  table: string;
  /** Columns that are compared, as the database names them. */
  columns: readonly string[];
  /** `WITH` parts after `e`, without the word, and the query. */
  with?: string;
  select: string;
}
