import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DemoOutcome } from "keystrand/demo";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bcftoolsCounts, hasBcftools } from "../../sdk/src/testing/bcftools.ts";
import { countsFromInfo, countsOf, plainText, toldOf } from "./frequencies.ts";
import { REAL_VCF, startTestSystem, type TestSystem } from "./running-system.ts";

const PEOPLE = 7;
/** The policy's min_cohort. */
const SMALLEST_COHORT = 5;
/** POS, REF, ALT, AC, AN of the first seven people, by bcftools 1.16. */
const BCFTOOLS_ANSWER = join(import.meta.dirname, "../fixtures/1000g-chr2-first-7.bcftools.tsv");

describe("the main job on real input", () => {
  let running: TestSystem;
  let outcome: DemoOutcome;

  beforeAll(async () => {
    running = await startTestSystem();
    outcome = await running.demo(REAL_VCF, PEOPLE);
  }, 1_200_000);
  afterAll(() => running?.stop());

  test("goes from contributors' files to a result and paid money, step by step", async () => {
    const told = outcome.timeline.map(({ actor, text }) => `${actor}: ${text}`).join("\n");
    const steps = [
      "member 1: proposed",
      "member 3: voted for it",
      "governor: executed it after its delay",
      "contributor: registered dataset 1",
      `contributor: registered dataset ${PEOPLE}`,
      "buyer: presented a credential: BonaFideResearcher",
      `buyer: paid ${PEOPLE} tokens for ${PEOPLE} datasets -> Funded`,
      "-> Qualified",
      `custodian: committed to ${PEOPLE} packets -> Releasing`,
      `custodian: delivered ${PEOPLE} sealed keys -> Delivered`,
      "-> Settled",
      `payees: ${PEOPLE + 2} accounts were paid ${PEOPLE} tokens in all`,
    ];
    let position = 0;
    for (const step of steps) {
      const found = told.indexOf(step, position);
      expect(
        found,
        `"${step}" after "${told.slice(Math.max(0, position - 80), position)}"`,
      ).toBeGreaterThanOrEqual(0);
      position = found;
    }
    const { contracts } = running.system;
    expect((await contracts.escrow.query("order", { order: outcome.orders[0]! }))?.head.state).toBe(
      "Settled",
    );
    expect(await contracts.escrow.query("held", {})).toBe(0n);
  });

  test("every line of the timeline stands on the chain where it says", async () => {
    const { api } = running.system.contracts;
    expect(outcome.timeline.length).toBeGreaterThan(PEOPLE + 15);
    for (const entry of outcome.timeline) {
      expect((await api.rpc.chain.getBlockHash(entry.blockNumber)).toHex()).toBe(entry.blockHash);
      const { block } = await api.rpc.chain.getBlock(entry.blockHash);
      expect(block.extrinsics[entry.extrinsicIndex]?.hash.toHex()).toBe(entry.extrinsicHash);
    }
  });

  test("the members decide: a mandate, an override, a recusal, a widening with a way out, a narrowing", async () => {
    const { governor, policies, escrow, voice } = running.system.contracts;
    const { minting, widening, narrowing, live, left } = outcome.decisions!;
    const told = outcome.timeline.map(({ actor, text }) => `${actor}: ${text}`);
    const steps = [
      /^member 3: put 60 % of its voice into member 2's hands, for narrowing only/,
      new RegExp(`^governor: executed proposal ${minting}$`),
      new RegExp(`^member 1: proposed ${widening} on track Widen`),
      /^member 2: voted for it with its own voice and member 3's.*: for 100, against 0, abstain 60$/,
      /^member 3: overrode its delegate with its own vote: for 200, against 0, abstain 0$/,
      /^anyone: recused the buyer: for 300, against 0, abstain 0$/,
      new RegExp(`^anyone: queued proposal ${widening}$`),
      /^buyer: cancelled a (qualified|funded) order, as a change is queued -> Refunded$/,
      new RegExp(`^governor: executed proposal ${widening}$`),
      new RegExp(`^member 1: proposed ${narrowing} on track Narrow`),
      new RegExp(`^governor: executed proposal ${narrowing}$`),
    ];
    const places = steps.map((step) => told.findIndex((line) => step.test(line)));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    for (const proposal of [minting, widening, narrowing])
      expect(await governor.query("state", { proposal })).toBe("Executed");
    const narrowed = (await governor.query("proposal", { proposal: narrowing }))!;
    expect([narrowed.track, narrowed.tally]).toEqual(["Narrow", { favour: 0n, against: 0n, abstain: 0n }]);
    expect((await policies.query("policy", { collection: outcome.collection }))?.terms.months).toBe(12);
    expect(await voice.query("total", {})).toBe(350n);
    const [settled, refunded] = await Promise.all(
      [live, left].map((order) => escrow.query("order", { order })),
    );
    expect([settled?.head.state, refunded?.head.state]).toEqual(["Settled", "Refunded"]);
    const buyer = refunded!.head.buyer;
    expect((await governor.query("seat", { proposal: widening, account: buyer })).struck).toBe(true);
    const text = running.output.lines.join("\n");
    expect(text).toContain("DEVELOPMENT TIME: moved forward by");
    expect(text).toMatch(/refused the buyer's ballot: The account has a live order in this collection/);
    expect(text).toMatch(/a new order: Refused until .*: proposal \d+ would widen the policy/);
  });

  test("the frequencies equal an independent computation over the plain VCF", () => {
    const computed = countsFromInfo(outcome.result!);
    const all = countsOf(plainText(REAL_VCF), PEOPLE);
    const expected = toldOf(all, SMALLEST_COHORT);
    expect(expected.size).toBeGreaterThan(100);
    expect(Object.fromEntries(computed)).toEqual(Object.fromEntries(expected));
    // Where fewer people are called, a frequency would tell about persons: those alleles are counted, not told.
    expect(outcome.result).toContain(`keystrandWithheld=${all.size - expected.size}`);
  });

  test("the frequencies equal bcftools' AC and AN on the same samples", () => {
    const text = plainText(REAL_VCF);
    const header = text.split("\n").find((line) => line.startsWith("#CHROM"));
    const names = header!.split("\t").slice(9, 9 + PEOPLE);
    // Without bcftools its committed answer stands in; with it they are compared as well.
    const expected = readFileSync(BCFTOOLS_ANSWER, "utf8");
    if (hasBcftools) expect(bcftoolsCounts(text, names)).toBe(expected);
    const told = toldOf(countsOf(text, PEOPLE), SMALLEST_COHORT);
    const answers = expected
      .trimEnd()
      .split("\n")
      .filter((row) => told.has(`2 ${row.split("\t").slice(0, 3).join(" ")}`));
    const computed = [...countsFromInfo(outcome.result!)].map(([site, { ac, an }]) =>
      [...site.split(" ").slice(1), ac, an].join("\t"),
    );
    expect(answers.length).toBe(told.size);
    expect(computed).toEqual(answers);
  });

  test("a consent withdrawn between attestation and release drops and refunds its line, and the rest settles", async () => {
    const { contracts } = running.system;
    const second = outcome.orders[1]!;
    const lines = await contracts.escrow.query("lines", { order: second });
    expect(lines.map(({ state }) => state)).toEqual(["Refunded", ...new Array(PEOPLE - 1).fill("Paid")]);
    expect(lines[0]!.ending).toBe("Denied");
    expect(
      outcome.timeline.some(({ text }) =>
        text.includes("line 1 dropped and refunded: Withdrawn, by the consent"),
      ),
    ).toBe(true);
    expect((await contracts.escrow.query("order", { order: second }))?.head.state).toBe("Settled");
  });

  test("refusal: a create that names the withdrawn dataset, by the contributor's consent", () => {
    expect(outcome.refusals[0]).toMatch(/the consent was withdrawn, by the contributor's consent/);
  });

  test("refusal: a purpose that the policy does not admit, by the collection's policy", () => {
    expect(outcome.refusals[1]).toMatch(/NPUNCU, DUO:0000018\), by the collection's policy/);
  });

  test("no sample name stands in any block, log, stored block, file name or printed line", async () => {
    const names = plainText(REAL_VCF)
      .split("\n")
      .find((line) => line.startsWith("#CHROM"))!
      .trim()
      .split("\t")
      .slice(9);
    const pattern = new RegExp(names.join("|"));
    const { api } = running.system.contracts;
    const head = (await api.rpc.chain.getHeader()).number.toNumber();
    for (let number = 1; number <= head; number++) {
      const { block } = await api.rpc.chain.getBlock(await api.rpc.chain.getBlockHash(number));
      expect(Buffer.from(block.toU8a()).toString("latin1")).not.toMatch(pattern);
    }
    const { folder } = running.system.home;
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      expect(file.name).not.toMatch(pattern);
      if (file.isFile())
        expect(readFileSync(join(file.parentPath, file.name), "latin1"), file.name).not.toMatch(pattern);
    }
    expect(running.output.lines.join("\n")).not.toMatch(pattern);
  });

  test("below the policy's smallest cohort the refusal is shown, with the rule", async () => {
    const small = await running.demo(REAL_VCF, 3);
    expect(small.orders).toEqual([]);
    expect(small.refusals).toEqual([
      expect.stringMatching(/3 datasets are admitted and the policy's smallest cohort is 5/),
    ]);
  }, 300_000);
});
