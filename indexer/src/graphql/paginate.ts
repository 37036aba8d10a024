import { and, asc, desc, type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { GraphQLError } from "graphql";
import { z } from "zod";
import type { Reads } from "../database/reads.ts";

/** Rows of one page. */
export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** What decides the order of a list: a column, then the primary key, all in one direction. */
export interface Ordering {
  columns: { property: string; column: PgColumn }[];
  descending: boolean;
}

export interface Page<Row> {
  edges: { cursor: string; node: Row }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

export const DEFAULT_PAGE = 20;
export const LONGEST_PAGE = 100;

const placeSchema = z.array(z.union([z.string(), z.number().transform(String)]));

/**
 * One page of a table. A cursor holds the sorting values of its row and not a number of rows, so that a page
 * neither repeats nor leaves out a row when others are written meanwhile.
 *
 * @throws GraphQLError when the arguments contradict each other or a cursor is not of this list
 */
export async function page<Row extends Record<string, unknown>>(
  reads: Reads,
  table: PgTable,
  condition: SQL | undefined,
  ordering: Ordering,
  args: PageArguments,
): Promise<Page<Row>> {
  const backwards = args.last !== undefined && args.last !== null;
  if (backwards && args.first !== undefined && args.first !== null)
    throw refused("Give first or last, not both");
  const size = (backwards ? args.last : args.first) ?? DEFAULT_PAGE;
  if (size < 0 || size > LONGEST_PAGE) throw refused(`A page has between 0 and ${LONGEST_PAGE} rows`);
  const bounds = [
    place(args.after, ordering, ordering.descending ? "<" : ">"),
    place(args.before, ordering, ordering.descending ? ">" : "<"),
  ];
  const direction = ordering.descending === backwards ? asc : desc;
  const found = (await reads.run((queries) =>
    queries
      .select()
      .from(table)
      .where(and(condition, ...bounds))
      .orderBy(...ordering.columns.map(({ column }) => direction(column)))
      // One more than asked for tells whether another page follows.
      .limit(size + 1),
  )) as Row[];
  const more = found.length > size;
  const rows = found.slice(0, size);
  if (backwards) rows.reverse();
  const edges = rows.map((node) => ({ cursor: cursorOf(node, ordering), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: backwards ? present(args.before) : more,
      hasPreviousPage: backwards ? more : present(args.after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function present(cursor: string | null | undefined): boolean {
  return cursor !== undefined && cursor !== null;
}

function cursorOf(row: Record<string, unknown>, { columns }: Ordering): string {
  const values = columns.map(({ property }) => String(row[property]));
  return Buffer.from(JSON.stringify(values)).toString("base64url");
}

function place(
  cursor: string | null | undefined,
  { columns }: Ordering,
  operator: "<" | ">",
): SQL | undefined {
  if (cursor === undefined || cursor === null) return undefined;
  const values = readCursor(cursor);
  if (values.length !== columns.length) throw refused("The cursor is of another list");
  const left = sql.join(
    columns.map(({ column }) => sql`${column}`),
    sql`, `,
  );
  // The values are text from outside: PostgreSQL reads them as the column's type or refuses them.
  const right = sql.join(
    columns.map(
      ({ column }, index) => sql`${checked(column, values[index]!)}::${sql.raw(column.getSQLType())}`,
    ),
    sql`, `,
  );
  return sql`(${left}) ${sql.raw(operator)} (${right})`;
}

function checked(column: PgColumn, value: string): string {
  const numeric = column.dataType === "number" || column.dataType === "bigint";
  if (numeric && !/^-?\d{1,39}$/.test(value)) throw refused("The cursor is of another list");
  if (column.dataType === "number" && !Number.isSafeInteger(Number(value)))
    throw refused("The cursor is of another list");
  if (value.includes("\0")) throw refused("The cursor is of another list");
  return value;
}

function readCursor(cursor: string): string[] {
  try {
    return placeSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    throw refused("The cursor cannot be read");
  }
}

/** An error of the one who asks. */
export function refused(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
}
