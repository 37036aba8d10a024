import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import type pg from "pg";
import * as schema from "./schema/index.ts";

/** Tables that are written as the chain is read, and cut by height when it is reorganised. */
const RAW = new Set<unknown>([
  schema.cursor,
  schema.blocks,
  schema.extrinsics,
  schema.contractEvents,
  schema.undo,
]);

/** Tables that reducers fill; each change of an unfinalised block is recorded in `undo`. */
export const projectionTables: readonly PgTable[] = Object.values(schema).filter(
  (table): table is PgTable & typeof table => is(table, PgTable) && !RAW.has(table),
);

/** Columns of a table's primary key, as the database names them. */
export function keyColumns(table: PgTable): string[] {
  const { columns, primaryKeys } = getTableConfig(table);
  const composite = primaryKeys[0]?.columns;
  return (composite ?? columns.filter((column) => column.primary)).map((column) => column.name);
}

/**
 * Name of the transaction's setting that holds the height being written. Empty: the block is final, and what
 * it does needs no way back.
 */
export const HEIGHT_SETTING = "keystrand.height";

const RECORD = `
CREATE OR REPLACE FUNCTION record_undo() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  at_height text := current_setting('${HEIGHT_SETTING}', true);
  subject jsonb;
BEGIN
  IF at_height IS NULL OR at_height = '' THEN RETURN NULL; END IF;
  subject := CASE WHEN TG_OP = 'INSERT' THEN to_jsonb(NEW) ELSE to_jsonb(OLD) END;
  INSERT INTO undo (height, relation, key, before) VALUES (
    at_height::bigint,
    TG_TABLE_NAME,
    (SELECT jsonb_object_agg(part, subject -> part) FROM unnest(TG_ARGV) AS part),
    CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE subject END
  );
  RETURN NULL;
END $body$`;

const ROLL_BACK = `
CREATE OR REPLACE FUNCTION roll_back(target bigint) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
  entry undo%ROWTYPE;
  condition text;
BEGIN
  PERFORM set_config('${HEIGHT_SETTING}', '', true);
  FOR entry IN SELECT * FROM undo WHERE undo.height > target ORDER BY undo.id DESC LOOP
    SELECT string_agg(format('t.%I = k.%I', part, part), ' AND ') INTO condition
      FROM jsonb_object_keys(entry.key) AS part;
    EXECUTE format('DELETE FROM %I t USING jsonb_populate_record(NULL::%I, $1) k WHERE %s',
      entry.relation, entry.relation, condition) USING entry.key;
    IF entry.before IS NOT NULL THEN
      EXECUTE format('INSERT INTO %I SELECT * FROM jsonb_populate_record(NULL::%I, $1)',
        entry.relation, entry.relation) USING entry.before;
    END IF;
  END LOOP;
  DELETE FROM undo WHERE undo.height > target;
  DELETE FROM contract_events WHERE contract_events.height > target;
  DELETE FROM extrinsics WHERE extrinsics.height > target;
  DELETE FROM blocks WHERE blocks.height > target;
END $body$`;

/** Installs the functions that record and undo, and a trigger on each projection. Repeating it is harmless. */
export async function installReversal(pool: pg.Pool): Promise<void> {
  const triggers = projectionTables.map((table) => {
    const name = getTableConfig(table).name;
    const key = keyColumns(table).map((column) => `'${column}'`);
    return `CREATE OR REPLACE TRIGGER record_undo AFTER INSERT OR UPDATE OR DELETE ON "${name}"
      FOR EACH ROW EXECUTE FUNCTION record_undo(${key.join(", ")})`;
  });
  await pool.query([RECORD, ROLL_BACK, ...triggers].join(";\n"));
}
