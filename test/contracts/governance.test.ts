/** The DAO on the embedded chain, with the design's own periods. */
import { afterAll, beforeAll } from "vitest";
import { type Dao, daoOnChain } from "./dao.fixture.ts";
import { begin, longCases, shortCases } from "./governance.cases.ts";

let dao: Dao;

beforeAll(async () => {
  dao = await daoOnChain();
  begin(dao);
}, 600_000);
afterAll(() => dao?.close());

shortCases();
longCases();
