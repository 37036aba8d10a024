import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { indexCalmly, simulate } from "../simulation/simulate.ts";
import { dumpTables } from "../simulation/tables.ts";
import { databaseKinds, inTransaction, temporaryPlace } from "../testing/database.ts";
import { FakeChain } from "../testing/fake-chain.ts";
import { SeededRandom } from "../testing/random.ts";
import { deviations } from "../verify/tables.ts";
import { openDatabase, openPglite } from "./open.ts";

/**
 * A database as the first schema's indexer left it: `pg_dump --inserts` of 80 blocks of the story of seed 5.
 * When a migration is added, one of the schema before it is added beside.
 */
const previous = gunzipSync(
  readFileSync(new URL("../testing/schema-0000.sql.gz", import.meta.url)),
).toString();

/** The chain that the fixture was filled from. */
function chainOfFixture(): FakeChain {
  const chain = new FakeChain(new SeededRandom(5), { broken: 0.02, foreign: 0.02, stray: 0.02, replace: 0 });
  chain.grow(80);
  chain.finalize(4);
  return chain;
}

describe.each(Object.values(databaseKinds))("on $name", ({ kind, missing }) => {
  test.skipIf(missing !== undefined)(
    "a database of the previous schema migrates up with every row, and goes on",
    async () => {
      const { place, remove } = await temporaryPlace(kind, "empty");
      try {
        if (place.kind === "pglite") {
          const { pool, close } = await openPglite(place.folder);
          await pool.query(previous);
          await close();
        } else {
          const client = new pg.Client({ connectionString: place.url });
          await client.connect();
          await client.query(previous);
          await client.end();
        }
        const database = await openDatabase(place);
        try {
          const { pool } = database;
          const { rows } = await pool.query("SELECT count(*)::int AS n FROM drizzle.__drizzle_migrations");
          expect(rows).toEqual([{ n: 2 }]);
          const migrated = await dumpTables(pool);
          expect(migrated.get("orders")?.length).toBeGreaterThan(3);
          expect(await inTransaction(pool, deviations)).toEqual([]);
          // What was kept for a way back works with the new schema too.
          await pool.query("SELECT roll_back((SELECT finalized_height FROM cursor))");
          const { rows: heights } = await pool.query(
            "SELECT max(height) = (SELECT finalized_height FROM cursor) AS cut FROM blocks",
          );
          expect(heights).toEqual([{ cut: true }]);
          await indexCalmly(chainOfFixture(), pool);
          expect(await dumpTables(pool)).toEqual(migrated);
          await simulate(3, pool);
        } finally {
          await database.close();
        }
      } finally {
        await remove();
      }
    },
  );
});
