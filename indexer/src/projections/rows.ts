import type { PgTable } from "drizzle-orm/pg-core";

/** A row as Drizzle reads it. */
export type RowOf<T extends PgTable> = T["$inferSelect"];

/**
 * The tables as a reducer sees them: in the state after the event before, and with nothing of the database's
 * ways. Changes are kept when the reducer returns and dropped when it throws.
 */
export interface Rows {
  /** The row with this primary key, its values in the order of the key's columns. */
  get<T extends PgTable>(table: T, ...key: (string | number)[]): Promise<RowOf<T> | undefined>;
  /** Rows with these values, in the order of the primary key. Costs a query: `get` where a key is known. */
  where<T extends PgTable>(table: T, values: Partial<RowOf<T>>): Promise<RowOf<T>[]>;
  /** Writes a whole row, new or not. */
  put<T extends PgTable>(table: T, row: RowOf<T>): void;
  remove<T extends PgTable>(table: T, row: RowOf<T>): void;
  /**
   * Says that no row has this as the first value of its key, since what it names has just come to be. Rows that
   * are put from now on are found; the others need not be looked for.
   */
  nothingYet<T extends PgTable>(table: T, first: string | number): void;
}

/** When and where an event happened. */
export interface Moment {
  height: number;
  blockHash: string;
  /** ms since 1970. */
  timestamp: number;
  /** Grows with every event of the chain; see {@link positionOf}. */
  position: number;
  /** SS58 of the contract that spoke. */
  contract: string;
  /** Who signed the extrinsic. */
  signer: string | null;
  extrinsicHash: string | null;
}

/** Most events that a block can have in a position; real blocks stay far below. */
const EVENTS_PER_BLOCK = 1_000_000;

/** One number that orders the events of one chain: height, then event index. Below 2^53 up to height 9e9. */
export function positionOf(height: number, eventIndex: number): number {
  return height * EVENTS_PER_BLOCK + eventIndex;
}

/** An event names something that the tables do not have: it is counted, kept raw and not applied. */
export class NotApplicable extends Error {
  override readonly name = "NotApplicable";
}

/** The row, or {@link NotApplicable} when there is none. */
export async function existing<T extends PgTable>(
  rows: Rows,
  table: T,
  what: string,
  ...key: (string | number)[]
): Promise<RowOf<T>> {
  const row = await rows.get(table, ...key);
  if (row === undefined) throw new NotApplicable(`no ${what} ${key.join(" ")}`);
  return row;
}
