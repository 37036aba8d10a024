/** The table of costs covers every message and the committed code; and costs do not grow with the chain's use. */
import { readFileSync } from "node:fs";
import { DEPLOYED_CONTRACTS } from "@keystrand/sdk/deploy";
import { expect, test } from "vitest";
import { bundle, metadataOf } from "./chain.fixture.ts";
import { type Costs, CREATES, governanceCosts, grow, orderCosts, plainCosts } from "./costs.fixture.ts";
import { ordersOnChain } from "./orders.fixture.ts";

/** What the chain gains between two measurements; `npm run bench:contracts` adds more. */
const ADDED = Number(process.env["COST_GROWTH"] ?? 12);
/** Costs of two runs differ by the lengths of what is encoded. */
const TOLERANCE = 0.01;

const table = readFileSync(new URL("../../docs/contracts/costs.md", import.meta.url), "utf8");

test("no cost grows with datasets, orders or accounts, and only what creates something takes a deposit", async () => {
  const market = await ordersOnChain(3, {}, { minCohort: 1 });
  try {
    const measured = async (): Promise<Costs> =>
      new Map([
        ...(await orderCosts(market, 2)),
        ...(await plainCosts(market)),
        ...(await governanceCosts(market)),
      ]);
    const before = await measured();
    await grow(market, ADDED);
    const after = await measured();
    for (const [name, { refTime, proofSize, deposit }] of after) {
      const cost = before.get(name)!;
      expect(Math.abs(Number(refTime) / Number(cost.refTime) - 1), name).toBeLessThan(TOLERANCE);
      expect(Math.abs(Number(proofSize) / Number(cost.proofSize) - 1), name).toBeLessThan(TOLERANCE);
      if (!CREATES.has(name)) expect(deposit, name).toBeLessThanOrEqual(0n);
      expect(table, "npm run bench:contracts").toContain(`| ${name} |`);
    }
    // Whoever adds a message measures it.
    const messages = ["identity", "policies", "consents", "attestations", "escrow"].flatMap((contract) =>
      metadataOf(contract)
        .spec.messages.filter(({ mutates }) => mutates)
        .map(({ selector }) => `${contract}.${bundle(contract).abi.messageOf(selector)!.label}`),
    );
    // The escrow calls three within its own messages; the fourth is sent once, at deployment.
    const others = ["consume", "dismiss", "reserve", "setEscrow"].map((label) => `attestations.${label}`);
    expect(messages.filter((name) => !after.has(name)).sort()).toEqual(others);
  } finally {
    await market.close();
  }
}, 300_000);

test("the table is of the committed code", () => {
  for (const name of DEPLOYED_CONTRACTS) {
    const { abi, wasm } = bundle(name);
    expect(table, "npm run bench:contracts").toContain(`| ${name} | ${wasm.length} | \`${abi.codeHash}\` |`);
  }
});
