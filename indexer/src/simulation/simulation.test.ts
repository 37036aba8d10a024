import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databaseKinds, inTransaction, type TestDatabase, testDatabase } from "../testing/database.ts";
import { deviations } from "../verify/tables.ts";
import { indexCalmly, simulate } from "./simulate.ts";
import { dumpTables, firstDifference } from "./tables.ts";

// SEED=7 runs that one; SEEDS=1000 runs the first 1 000 on PGlite and a quarter of them on PostgreSQL.
const { SEED, SEEDS = "200" } = process.env;
const seeds = (kind: string) =>
  SEED === undefined
    ? Array.from({ length: Math.ceil(Number(SEEDS) / (kind === "pglite" ? 1 : 4)) }, (_, index) => index + 1)
    : [Number(SEED)];

describe.each(databaseKinds)("on $name", ({ kind, missing }) => {
  describe.skipIf(missing !== undefined)("whatever fails, the tables end as if nothing had", () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await testDatabase(kind);
    });
    afterAll(() => database.close());

    test.each(seeds(kind))("seed %i", async (seed) => {
      const { pool } = database.database;
      const { chain, trial } = await simulate(seed, pool);
      const found = await dumpTables(pool);
      const leftovers = await pool.query(
        "SELECT count(*)::int AS n FROM undo WHERE height <= (SELECT finalized_height FROM cursor)",
      );
      expect(leftovers.rows).toEqual([{ n: 0 }]);
      expect(await inTransaction(pool, deviations), "verify").toEqual([]);
      await indexCalmly(chain, pool);
      const expected = await dumpTables(pool);
      expect(firstDifference(found, expected), JSON.stringify(trial)).toBeUndefined();
      if (SEED !== undefined) console.log(trial);
    });
  });
});
