import { and, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, ne, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { builder } from "./builder.ts";
import { storable, typeOf } from "./columns.ts";
import type { Entity } from "./entity.ts";
import { refused } from "./paginate.ts";

/** Most values of one `in`. */
const MOST_VALUES = 100;

type Operator = (column: PgColumn, value: unknown) => SQL;
const EQUALITY: Record<string, Operator> = { eq, ne };
const COMPARISON: Record<string, Operator> = { gt, gte, lt, lte };

type ColumnFilter = ReturnType<typeof implementColumnFilter>;
const inputs = new Map<string, ColumnFilter>();

/** The filter input for values of a column's type, made once for each type. */
function columnFilter(column: PgColumn): ColumnFilter {
  const type = typeOf(column);
  const name = `${typeof type === "string" ? type : type.name}Filter`;
  let input = inputs.get(name);
  if (!input) {
    const ordered = type === "Amount" || type === "Long" || type === "Timestamp" || type === "Int";
    const operators = [...Object.keys(EQUALITY), ...(ordered ? Object.keys(COMPARISON) : [])];
    input = implementColumnFilter(name, type, operators);
    inputs.set(name, input);
  }
  return input;
}

function implementColumnFilter(name: string, type: ReturnType<typeof typeOf>, operators: string[]) {
  return builder.inputRef<Record<string, unknown>>(name).implement({
    description: "All that are given must hold.",
    fields: (t) => ({
      ...Object.fromEntries(operators.map((operator) => [operator, t.field({ type: type as "String" })])),
      in: t.field({ type: [type as "String"], description: `At most ${MOST_VALUES} values.` }),
      isNull: t.boolean(),
    }),
  });
}

/** A filter by some of an entity's columns: the GraphQL input, and the condition that a value of it means. */
export function filterOf(declared: Entity, properties: readonly string[]) {
  const input = builder.inputRef<Record<string, unknown>>(`${declared.name}Filter`).implement({
    description: `Which ${declared.name}s are listed: those for which everything given holds.`,
    fields: (t) =>
      Object.fromEntries(
        properties.map((property) => [
          property,
          t.field({ type: columnFilter(columnOf(declared, property)) }),
        ]),
      ),
  });
  return {
    input,
    condition(value: Record<string, unknown> | null | undefined): SQL | undefined {
      const conditions = Object.entries(value ?? {}).map(([property, tests]) =>
        conditionOf(columnOf(declared, property), tests as Record<string, unknown> | null),
      );
      return and(...conditions);
    },
  };
}

function columnOf(declared: Entity, property: string): PgColumn {
  const column = declared.columns[property];
  if (!column) throw new Error(`${declared.name} has no column ${property}`);
  return column;
}

function conditionOf(column: PgColumn, tests: Record<string, unknown> | null): SQL | undefined {
  const conditions: SQL[] = [];
  for (const [operator, value] of Object.entries(tests ?? {})) {
    if (value === null || value === undefined) continue;
    if (operator === "isNull") {
      conditions.push(value === true ? isNull(column) : isNotNull(column));
      continue;
    }
    if (operator === "in") {
      const values = value as unknown[];
      if (values.length > MOST_VALUES) throw refused(`At most ${MOST_VALUES} values can be named`);
      conditions.push(
        inArray(
          column,
          values.map((each) => fit(column, each)),
        ),
      );
      continue;
    }
    const compare = EQUALITY[operator] ?? COMPARISON[operator]!;
    conditions.push(compare(column, fit(column, value)));
  }
  return and(...conditions);
}

/** A value as the column holds it. */
function fit(column: PgColumn, value: unknown): unknown {
  // A Timestamp is a bigint at the border; block times are kept as numbers.
  if (column.dataType === "number" && typeof value === "bigint") return Number(value);
  return storable(value);
}
