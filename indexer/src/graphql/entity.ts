import { and, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Reads } from "../database/reads.ts";
import { keyColumns } from "../database/reversal.ts";
import { builder, type GraphContext } from "./builder.ts";
import { storable, typeOf } from "./columns.ts";
import { filterOf } from "./filters.ts";
import { LONGEST_PAGE, type Ordering, page, refused } from "./paginate.ts";

type Row = Record<string, unknown>;

/** How a table appears to those who query. */
export interface EntityDeclaration<T extends PgTable> {
  /** Name of the type, for example `Order`. */
  name: string;
  table: T;
  description: string;
  /** What each column tells, by its property; a column without one explains itself. */
  columns?: { [P in keyof T["$inferSelect"]]?: string };
  /** Columns that are not shown. */
  hidden?: readonly (keyof T["$inferSelect"] & string)[];
}

/** A declared type. */
export interface Entity {
  readonly name: string;
  readonly table: PgTable;
  readonly columns: Record<string, PgColumn>;
  readonly keyProperties: string[];
  readonly ref: ReturnType<typeof builder.objectRef<Row>>;
}

/** Declares the GraphQL type of a table, with a field for each column. */
export function entity<T extends PgTable>(declaration: EntityDeclaration<T>): Entity {
  const columns: Record<string, PgColumn> = getTableColumns(declaration.table as PgTable);
  const properties = Object.entries(columns);
  const keyProperties = keyColumns(declaration.table).map(
    (name) => properties.find(([, column]) => column.name === name)![0],
  );
  const ref = builder.objectRef<Row>(declaration.name);
  const docs: Record<string, string | undefined> = declaration.columns ?? {};
  const hidden = new Set<string>(declaration.hidden ?? []);
  ref.implement({
    description: declaration.description,
    fields: (t) =>
      Object.fromEntries(
        properties
          .filter(([property]) => !hidden.has(property))
          .map(([property, column]) => [
            property,
            t.field({
              type: typeOf(column) as "String",
              nullable: !column.notNull,
              // A column costs nothing more once its row is read.
              complexity: 0,
              ...(docs[property] === undefined ? {} : { description: docs[property] }),
              // The type above is the column's own.
              resolve: (row) => row[property] as string,
            }),
          ]),
      ),
  });
  return { name: declaration.name, table: declaration.table, columns, keyProperties, ref };
}

/** How rows of a table are listed. */
export interface ListDeclaration {
  /** Name of the field, for example `orders`. */
  field: string;
  description: string;
  /** Columns that can be filtered by. */
  filter: readonly string[];
  /** Columns that can be sorted by; each must never be null and have an index with the key. The first is used when none is named. */
  sort: readonly string[];
  /** Whether the largest values come first when no direction is named. */
  newestFirst?: boolean;
}

const directionEnum = builder.enumType("SortDirection", { values: ["Ascending", "Descending"] as const });

/** Every list's table with the columns that it is sorted by, for the test that each has an index. */
export const sortedColumns: { table: PgTable; column: PgColumn }[] = [];

/** Adds a query for pages of the entity's rows, and one for a single row by its key. */
export function list(declared: Entity, declaration: ListDeclaration): void {
  for (const property of declaration.sort)
    sortedColumns.push({ table: declared.table, column: declared.columns[property]! });
  const filter = filterOf(declared, declaration.filter);
  const sortEnum = builder.enumType(`${declared.name}SortField`, { values: [...declaration.sort] });
  const sort = builder.inputType(`${declared.name}Sort`, {
    fields: (t) => ({
      by: t.field({ type: sortEnum, required: true }),
      direction: t.field({ type: directionEnum, required: true }),
    }),
  });
  const edges = connectionTypes(declared);
  builder.queryField(declaration.field, (t) =>
    t.field({
      type: edges,
      description: declaration.description,
      args: {
        where: t.arg({ type: filter.input }),
        orderBy: t.arg({ type: sort }),
        first: t.arg.int({
          description: `Rows from the front, at most ${LONGEST_PAGE}; 20 where nothing is said.`,
        }),
        after: t.arg.string({ description: "Cursor that the page begins behind." }),
        last: t.arg.int({ description: "Rows from the end." }),
        before: t.arg.string({ description: "Cursor that the page ends before." }),
      },
      complexity: (args) => ({ field: 2, multiplier: pageSize(args) }),
      resolve: (_root, args, context: GraphContext) => {
        const by = args.orderBy?.by ?? declaration.sort[0]!;
        const descending =
          (args.orderBy?.direction ?? (declaration.newestFirst ? "Descending" : "Ascending")) ===
          "Descending";
        return page<Row>(
          context.reads,
          declared.table,
          filter.condition(args.where as Record<string, unknown> | null | undefined),
          orderingOf(declared, by, descending),
          args,
        );
      },
    }),
  );
}

/** Adds a query for one row by its primary key; null when there is none. */
export function single(declared: Entity, field: string, description: string): void {
  builder.queryField(field, (t) =>
    t.field({
      type: declared.ref,
      nullable: true,
      description,
      args: Object.fromEntries(
        declared.keyProperties.map((property) => [
          property,
          t.arg({ type: typeOf(declared.columns[property]!) as "String", required: true }),
        ]),
      ),
      complexity: { field: 1, multiplier: 1 },
      resolve: (_root, args: Record<string, unknown>, context: GraphContext) =>
        rowByKey(context.reads, declared, args),
    }),
  );
}

/** The row with this key. */
export async function rowByKey(
  reads: Reads,
  declared: Entity,
  key: Record<string, unknown>,
): Promise<Row | null> {
  const condition = and(
    ...declared.keyProperties.map((property) => eq(declared.columns[property]!, storable(key[property]))),
  );
  const rows = (await reads.run((queries) =>
    queries.select().from(declared.table).where(condition).limit(1),
  )) as Row[];
  return rows[0] ?? null;
}

/**
 * Adds a field with the rows of another table that belong to this row. All parents of a request are answered
 * by one query.
 */
export function children(
  parent: Entity,
  field: string,
  child: Entity,
  options: {
    description: string;
    /** The parent's property, or what is made of the parent, and the child's property that equals it. */
    from: string | ((row: Row) => string);
    to: string;
    /** The child's property that the rows are sorted by. */
    sort: string;
    /** Most rows for each parent, where it is not 100. */
    most?: number;
    newestFirst?: boolean;
  },
): void {
  const most = options.most ?? LONGEST_PAGE;
  const identity = `${parent.name}.${field}`;
  builder.objectField(parent.ref, field, (t) =>
    t.field({
      type: [child.ref],
      description: options.description,
      complexity: { field: 2, multiplier: 10 },
      resolve: (row, _args, context: GraphContext) =>
        context.loaders
          .get<Row[]>(identity, (keys, reads) => childRows(reads, child, options, most, keys))
          .load(typeof options.from === "string" ? String(row[options.from]) : options.from(row)),
    }),
  );
}

async function childRows(
  reads: Reads,
  child: Entity,
  options: { to: string; sort: string; newestFirst?: boolean },
  most: number,
  keys: readonly string[],
): Promise<Row[][]> {
  const to = child.columns[options.to]!;
  const ordering = orderingOf(child, options.sort, options.newestFirst ?? false);
  const order = sql.join(
    ordering.columns.map(({ column }) => (ordering.descending ? sql`${column} DESC` : sql`${column} ASC`)),
    sql`, `,
  );
  // A parent with very many children must not fetch them all: each is cut in the database.
  const ranked = (await reads.run((queries) => {
    const numbered = queries
      .select({
        ...child.columns,
        rank: sql<number>`row_number() OVER (PARTITION BY ${to} ORDER BY ${order})`.as("rank"),
      })
      .from(child.table)
      .where(inArray(to, [...new Set(keys)]))
      .as("numbered");
    return queries
      .select()
      .from(numbered)
      .where(sql`${numbered.rank} <= ${most}`)
      .orderBy(sql`${numbered.rank}`);
  })) as Row[];
  const byParent = new Map<string, Row[]>();
  for (const row of ranked) {
    const key = String(row[options.to]);
    const siblings = byParent.get(key);
    if (siblings) siblings.push(row);
    else byParent.set(key, [row]);
  }
  return keys.map((key) => byParent.get(key) ?? []);
}

/** Adds a field with the row of another table that this row names by its key, or null. */
export function reference(
  parent: Entity,
  field: string,
  target: Entity,
  options: { description: string; from: string },
): void {
  const key = target.keyProperties;
  if (key.length !== 1) throw new Error(`${target.name} has more than one key column`);
  builder.objectField(parent.ref, field, (t) =>
    t.field({
      type: target.ref,
      nullable: true,
      description: options.description,
      complexity: { field: 1, multiplier: 1 },
      resolve: async (row, _args, context: GraphContext) => {
        const value = row[options.from];
        if (value === null || value === undefined) return null;
        return context.loaders
          .get<Row | null>(`=${target.name}`, async (keys, reads) => {
            const column = target.columns[key[0]!]!;
            const rows = (await reads.run((queries) =>
              queries
                .select()
                .from(target.table)
                .where(inArray(column, [...new Set(keys)])),
            )) as Row[];
            const byKey = new Map(rows.map((found) => [String(found[key[0]!]), found]));
            return keys.map((each) => byKey.get(each) ?? null);
          })
          .load(String(value));
      },
    }),
  );
}

export function orderingOf(declared: Entity, by: string, descending: boolean): Ordering {
  const properties = [by, ...declared.keyProperties.filter((property) => property !== by)];
  return {
    columns: properties.map((property) => {
      const column = declared.columns[property];
      if (!column) throw refused(`${declared.name} has no ${property}`);
      return { property, column };
    }),
    descending,
  };
}

function pageSize(args: { first?: number | null | undefined; last?: number | null | undefined }): number {
  return Math.min(LONGEST_PAGE, Math.max(1, args.first ?? args.last ?? 20));
}

const pageInfo = builder.objectRef<{
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}>("Paging");
pageInfo.implement({
  description: "Where a page lies in its list.",
  fields: (t) => ({
    hasNextPage: t.exposeBoolean("hasNextPage", { complexity: 0 }),
    hasPreviousPage: t.exposeBoolean("hasPreviousPage", { complexity: 0 }),
    startCursor: t.exposeString("startCursor", { nullable: true, complexity: 0 }),
    endCursor: t.exposeString("endCursor", { nullable: true, complexity: 0 }),
  }),
});

function connectionTypes(declared: Entity) {
  const edge = builder.objectRef<{ cursor: string; node: Row }>(`${declared.name}Edge`);
  edge.implement({
    description: `A ${declared.name} in a list.`,
    fields: (t) => ({
      cursor: t.exposeString("cursor", { complexity: 0 }),
      node: t.field({ type: declared.ref, complexity: 0, resolve: ({ node }) => node }),
    }),
  });
  const connection = builder.objectRef<{
    edges: { cursor: string; node: Row }[];
    pageInfo: typeof pageInfo.$inferType;
  }>(`${declared.name}Page`);
  connection.implement({
    description: `A page of a list of ${declared.name}.`,
    fields: (t) => ({
      edges: t.field({ type: [edge], complexity: { field: 0, multiplier: 1 }, resolve: (all) => all.edges }),
      nodes: t.field({
        type: [declared.ref],
        description: "The rows without their cursors.",
        complexity: { field: 0, multiplier: 1 },
        resolve: (all) => all.edges.map(({ node }) => node),
      }),
      pageInfo: t.field({ type: pageInfo, complexity: 0, resolve: (all) => all.pageInfo }),
    }),
  });
  return connection;
}
