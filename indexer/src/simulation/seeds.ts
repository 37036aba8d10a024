import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inTransaction, type TestDatabase, type TestedKind, testDatabase } from "../testing/database.ts";
import { deviations } from "../verify/tables.ts";
import { indexCalmly, simulate } from "./simulate.ts";
import { dumpTables, firstDifference } from "./tables.ts";

// SEED=7 runs that one; SEEDS=1000 runs the first 1 000 on PGlite and a quarter of them on PostgreSQL.
const { SEED, SEEDS = "200" } = process.env;
const seeds = (share: number) =>
  SEED === undefined
    ? Array.from({ length: Math.ceil(Number(SEEDS) * share) }, (_, index) => index + 1)
    : [Number(SEED)];

/**
 * The tests of one database; each has a file of its own, so that they run side by side.
 *
 * @param share of the seeds that it runs
 */
export function testSeeds(database: TestedKind, share: number): void {
  const { kind, name, missing } = database;
  describe.skipIf(missing !== undefined)(`${name}: whatever fails, the tables end as if nothing had`, () => {
    let opened: TestDatabase;
    beforeAll(async () => {
      opened = await testDatabase(kind);
    });
    afterAll(() => opened.close());

    test.each(seeds(share))("seed %i", async (seed) => {
      const { pool } = opened.database;
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
}
