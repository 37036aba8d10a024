import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AbiLibrary } from "../chain/abi.ts";
import { Store } from "../indexing/store.ts";
import { indexCalmly } from "../simulation/simulate.ts";
import { inTransaction, type TestDatabase, testDatabase } from "../testing/database.ts";
import { bundles, FakeChain, subject } from "../testing/fake-chain.ts";
import { SeededRandom } from "../testing/random.ts";
import { deviations } from "../verify/tables.ts";
import { reducers } from "./index.ts";

const contractOf = (name: string) => name.replace(/^keystrand-/, "");

test("every event that the contracts can emit has a projection, and no projection is for an event that none emits", () => {
  const emitted = bundles.flatMap(({ contract, spec }) =>
    spec.events.map(({ label }) => `${contractOf(contract.name)}.${label}`),
  );
  const projected = Object.entries(reducers).flatMap(([contract, events]) =>
    Object.keys(events).map((event) => `${contract}.${event}`),
  );
  expect(projected.sort()).toEqual(emitted.sort());
});

describe("a chain on which nothing is wrong", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    const chain = new FakeChain(new SeededRandom(2_026), { broken: 0, foreign: 0, stray: 0, replace: 0 });
    chain.grow(700);
    chain.finalize(3);
    await indexCalmly(chain, database.database.pool);
  });
  afterAll(() => database.close());

  test("has no event that cannot be decoded or applied", async () => {
    const { rows } = await database.database.pool.query(
      "SELECT contract, name, problem FROM contract_events WHERE problem IS NOT NULL",
    );
    expect(rows).toEqual([]);
  });

  test("tells of nearly everything that the contracts can say", async () => {
    const { rows } = await database.database.pool.query<{ event: string }>(
      "SELECT DISTINCT contract || '.' || name AS event FROM contract_events",
    );
    const told = new Set(rows.map(({ event }) => event));
    const silent = bundles
      .flatMap(({ contract, spec }) =>
        spec.events.map(({ label }) => `${contractOf(contract.name)}.${label}`),
      )
      .filter((event) => !told.has(event));
    // Deployment steps, which a story has once or never.
    expect(silent.filter((event) => !/\.(HandedOver|CodeSet|EscrowNamed|LimitsSet)$/.test(event))).toEqual(
      [],
    );
  });

  test("has tables that equal their recomputation", async () => {
    expect(await inTransaction(database.database.pool, deviations)).toEqual([]);
  });

  test("is opened again where it was left", async () => {
    const store = new Store(database.database.pool, new AbiLibrary(bundles), reducers);
    const cursor = await store.open(subject, async () => {
      throw new Error("a known database asks nobody where to begin");
    });
    expect(cursor.height).toBeGreaterThan(700);
  });
});
