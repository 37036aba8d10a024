/** The same cases on the real substrate-contracts-node, where a day is a few seconds: its clock cannot be moved. */
import { afterAll, beforeAll, describe, vi } from "vitest";
import type { TestChain } from "./chain.fixture.ts";
import { daoOnNode } from "./dao.fixture.ts";
import { begin, shortCases } from "./governance.cases.ts";
import { CONTRACTS_NODE, realNode } from "./real-node.fixture.ts";

/** A vote of seven days leaves time for five ballots on a busy machine. */
const UNITS = { day: 2_000, hour: 10_000 };

describe.runIf(CONTRACTS_NODE !== undefined)("on the real node (needs CONTRACTS_NODE)", () => {
  let chain: TestChain;
  // Hundreds of its days pass.
  vi.setConfig({ testTimeout: 900_000 });

  beforeAll(async () => {
    chain = await realNode();
    begin(await daoOnNode(chain, UNITS));
  }, 600_000);
  afterAll(() => chain?.close());

  shortCases();
});
