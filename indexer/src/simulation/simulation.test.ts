import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction, type TestDatabase, testDatabase } from "../testing/database.ts";
import { deviations } from "../verify/tables.ts";
import { indexCalmly, simulate } from "./simulate.ts";
import { dumpTables, firstDifference } from "./tables.ts";

// SEED=7 runs that one; SEEDS=200 runs the first 200.
const seeds =
  process.env.SEED === undefined
    ? Array.from({ length: Number(process.env.SEEDS ?? 12) }, (_, index) => index + 1)
    : [Number(process.env.SEED)];

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test.each(seeds)("seed %i: whatever fails, the tables end as if nothing had", async (seed) => {
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
  if (process.env.SEED !== undefined) console.log(trial);
});
