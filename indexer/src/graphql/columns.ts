import type { PgColumn } from "drizzle-orm/pg-core";
import * as words from "../database/schema/words.ts";
import { builder } from "./builder.ts";

/** Names of the scalars that columns have. */
export type ScalarName = "Amount" | "Long" | "Timestamp" | "JSON" | "String" | "Int" | "Boolean";

/** Precision by which `time()` columns are told from `amount()` columns. */
const TIME_SQL_TYPE = "numeric(20, 0)";

function scalarOf(column: PgColumn): ScalarName {
  if (column.dataType === "bigint") {
    return column.getSQLType().replaceAll(" ", "") === TIME_SQL_TYPE.replaceAll(" ", "")
      ? "Timestamp"
      : "Amount";
  }
  if (column.dataType === "boolean") return "Boolean";
  if (column.dataType === "json") return "JSON";
  if (column.dataType === "number") {
    if (column.getSQLType() !== "bigint") return "Int";
    return /(^timestamp|_at)$/.test(column.name) ? "Timestamp" : "Long";
  }
  return "String";
}

const NAMED_ENUMS: readonly (readonly [string, readonly string[]])[] = [
  ["ConsentState", words.consentStates],
  ["Direction", words.directions],
  ["OrderState", words.orderStates],
  ["LineState", words.lineStates],
  ["Ending", words.endings],
  ["CredentialKind", words.credentialKinds],
  ["GrantState", words.grantStates],
  ["Platform", words.platforms],
  ["TrackName", words.tracks],
  ["Stage", words.stages],
  ["EmergencyEnd", words.emergencyEnds],
];

const enums = new Map(
  NAMED_ENUMS.map(([name, values]) => [values.join(), builder.enumType(name, { values: [...values] })]),
);

/** The GraphQL enum of the values that a column allows. */
function enumOf(column: PgColumn): ReturnType<typeof builder.enumType> | undefined {
  if (!column.enumValues?.length) return undefined;
  const type = enums.get(column.enumValues.join());
  if (!type) throw new Error(`the values of ${column.name} have no name`);
  return type;
}

/** The GraphQL type of a column's values, as an output or in a filter. */
export function typeOf(column: PgColumn): ScalarName | ReturnType<typeof builder.enumType> {
  return enumOf(column) ?? scalarOf(column);
}

/** Text with NUL is in no row, and PostgreSQL refuses it: an answer that finds nothing stands for it. */
export function storable(value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll("\0", "\u{FFFD}") : value;
}
