import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_ARTIFACTS, readBundleFiles } from "../files.ts";
import { indexCalmly } from "../simulation/simulate.ts";
import { inTransaction, type TestDatabase, testDatabase } from "../testing/database.ts";
import { FakeChain } from "../testing/fake-chain.ts";
import { SeededRandom } from "../testing/random.ts";
import { wrongEvents } from "./events.ts";
import { deviations } from "./tables.ts";

// Each is something that a bug, a crash or a hand in the database could leave behind.
const corruptions: [what: string, statement: string, found: string][] = [
  [
    "an order in another state",
    "UPDATE orders SET state = 'Disputed' WHERE id = (SELECT max(id) FROM orders)",
    "orders",
  ],
  [
    "a line that is paid twice as much",
    'UPDATE order_lines SET credit_payee = credit_payee * 2 + 1 WHERE ("order", line) = (SELECT "order", line FROM order_lines ORDER BY 1, 2 LIMIT 1)',
    "order_lines",
  ],
  ["a lost credit", 'DELETE FROM credits WHERE "order" = (SELECT max("order") FROM credits)', "credits"],
  [
    "a payment that never was",
    'INSERT INTO payments SELECT position + 1, "order", "to", amount, paid_at FROM payments ORDER BY position DESC LIMIT 1',
    "payments",
  ],
  [
    "a withdrawn consent that stands",
    "UPDATE datasets SET state = 'Given' WHERE id = (SELECT max(id) FROM datasets WHERE state = 'Withdrawn')",
    "datasets",
  ],
  ["a lost version of a consent", "DELETE FROM consent_versions WHERE version = 2", "consent_versions"],
  [
    "terms that nobody gave",
    'UPDATE datasets SET terms = \'{"permission": "NoRestriction"}\' WHERE id = (SELECT max(id) FROM datasets WHERE terms IS NOT NULL)',
    "datasets",
  ],
  [
    "a policy's difference that hides a part",
    "UPDATE policy_versions SET difference = '[]' WHERE difference <> '[]'",
    "policy_versions",
  ],
  [
    "voice out of nothing",
    "UPDATE members SET voice = voice + 1 WHERE account = (SELECT max(account) FROM members)",
    "members",
  ],
  [
    "a tally that is one off",
    "UPDATE proposals SET favour = favour + 1 WHERE id = (SELECT max(id) FROM proposals)",
    "proposals",
  ],
  [
    "a ballot of another",
    "UPDATE ballots SET own_against = own_against + 1 WHERE position = (SELECT max(position) FROM ballots)",
    "ballots",
  ],
  [
    "a delegation that was taken back",
    "INSERT INTO delegations SELECT owner, track, owner, share, narrow_only, ends, set_at, position FROM delegations LIMIT 1",
    "delegations",
  ],
  [
    "a revoked credential that counts",
    "UPDATE credentials SET state = 'Presented', ended_at = NULL WHERE state <> 'Presented'",
    "credentials",
  ],
  [
    "a notice that did not reach its account",
    "DELETE FROM notifications WHERE position = (SELECT max(position) FROM notifications)",
    "notifications",
  ],
  [
    "an event that was counted twice",
    "INSERT INTO contract_events SELECT block_hash, index + 500000, height, position + 500000, timestamp, signer, extrinsic_index, address, contract, code_hash, topics, data, name, fields, subject, problem FROM contract_events WHERE name = 'Withdrawn' LIMIT 1",
    "payments",
  ],
  [
    "an event that was lost",
    "DELETE FROM contract_events WHERE position = (SELECT max(position) FROM contract_events WHERE name = 'BallotCast')",
    "ballots",
  ],
];

describe("verify", () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await testDatabase();
    const chain = new FakeChain(new SeededRandom(7), { broken: 0.02, foreign: 0, stray: 0.02, replace: 0 });
    chain.grow(300);
    chain.finalize(5);
    await indexCalmly(chain, database.database.pool);
    pool = database.database.pool;
  });
  afterAll(() => database.close());

  test("finds nothing in tables that nobody touched", async () => {
    expect(await inTransaction(pool, deviations)).toEqual([]);
    expect(await wrongEvents(pool, readBundleFiles([DEFAULT_ARTIFACTS]))).toEqual([]);
  });

  test.each(corruptions)("finds %s", async (_what, statement, found) => {
    await inTransaction(pool, async (client) => {
      expect((await client.query(statement)).rowCount).toBeGreaterThan(0);
      expect((await deviations(client)).map(({ table }) => table)).toContain(found);
    });
  });

  test("finds an event whose fields do not say what its bytes say", async () => {
    await inTransaction(pool, async (client) => {
      await client.query(
        "UPDATE contract_events SET fields = fields || '{\"amount\": \"1\"}' WHERE name = 'Minted'",
      );
      const wrong = await wrongEvents(client, readBundleFiles([DEFAULT_ARTIFACTS]));
      expect(wrong[0]).toMatchObject({ contract: "voice", why: "its fields do not encode to its bytes" });
    });
  });
});
