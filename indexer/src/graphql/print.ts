import { writeFileSync } from "node:fs";
import { lexicographicSortSchema, printSchema } from "graphql";
import { schema } from "./schema.ts";

/** Where the schema is kept for readers and for those who generate clients. */
export const SCHEMA_FILE = new URL("../../schema.graphql", import.meta.url);

/** The schema as text, in an order that does not depend on the code's. */
export function schemaText(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

if (import.meta.main) writeFileSync(SCHEMA_FILE, schemaText());
