/** `keystrand demo --vcf` on files of every kind, good and bad, as a person runs it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { bgzip } from "../../sdk/src/testing/bgzip.ts";
import { countsFromInfo, countsOf, toldOf } from "./frequencies.ts";
import { generatedVcf, type VcfKind } from "./generated-vcf.ts";
import { startTestSystem, type TestSystem } from "./running-system.ts";

/** The policy's min_cohort. */
const SMALLEST_COHORT = 5;
/** People of the largest file; `npm run test:long` takes 2500. */
const MANY = Number(process.env["MAIN_JOB_SAMPLES"] ?? 70);
/** How long a demonstration may take on a busy machine, ms. */
const PATIENCE = 900_000 + MANY * 5_000;

/** Alice of development chains. */
const FAUCET = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

const outcomeSchema = z.object({
  datasets: z.array(z.string()),
  orders: z.array(z.string()),
  refusals: z.array(z.string()),
  result: z.string().optional(),
});

let running: TestSystem;
let folder: string;
beforeAll(async () => {
  running = await startTestSystem();
  folder = mkdtempSync(join(tmpdir(), "keystrand-vcf-"));
}, PATIENCE);
afterAll(async () => {
  await running?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: string | Uint8Array): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

const demo = async (file: string) => {
  const json = join(folder, "outcome.json");
  rmSync(json, { force: true });
  const { code, output } = await running.cli("demo", "--vcf", file, "--no-decisions", "--json", json);
  expect(code, output).toBe(0);
  return { output, ...outcomeSchema.parse(JSON.parse(readFileSync(json, "utf8"))) };
};

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));

describe("keystrand demo", () => {
  test.each<[string, VcfKind, (text: string) => string | Uint8Array, number]>([
    [
      "a plain file with CRLF, haploid calls and missing ones",
      { samples: 6, rows: 40, seed: 11, ploidy: 1, end: "\r\n" },
      (text) => text,
      1,
    ],
    [
      "a gzipped file, phased and multi-allelic",
      { samples: 5, rows: 40, seed: 12, separator: "|" },
      (text) => gzipSync(text),
      1,
    ],
    [
      `a bgzipped file of ${MANY} people: several orders under one job`,
      { samples: MANY, rows: 25, seed: 13 },
      (text) => bgzip(bytesOf(text), 700),
      Math.ceil(MANY / 64),
    ],
  ])(
    "computes the frequencies of %s",
    async (_, kind, pack, orders) => {
      const text = generatedVcf(kind);
      const outcome = await demo(write("good.vcf", pack(text)));
      expect(outcome.datasets).toHaveLength(kind.samples);
      const { escrow } = running.system.contracts;
      const heads = await Promise.all(outcome.orders.map((order) => escrow.query("order", { order })));
      const jobs = heads.slice(0, orders).map((view) => view!.head.job);
      expect(new Set(jobs).size).toBe(1);
      expect(heads.slice(0, orders).map((view) => view!.head.state)).toEqual(
        new Array(orders).fill("Settled"),
      );
      const told = toldOf(countsOf(text, kind.samples), SMALLEST_COHORT);
      expect(told.size).toBeGreaterThan(20);
      expect(Object.fromEntries(countsFromInfo(outcome.result!))).toEqual(Object.fromEntries(told));
      expect(outcome.output).not.toContain("PERSON-");
    },
    PATIENCE,
  );

  test(
    "shows the rule that refuses a single person",
    async () => {
      const outcome = await demo(write("one.vcf", generatedVcf({ samples: 1, rows: 3, seed: 14 })));
      expect(outcome.refusals).toEqual([expect.stringMatching(/smallest cohort is 5/)]);
      expect(outcome.result).toBeUndefined();
    },
    PATIENCE,
  );

  const header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT";
  const row = "1\t1\t.\tA\tC\t.\t.\t.\tGT";
  test.each<[string, () => string, RegExp]>([
    [
      "is a truncated gzip",
      () => {
        const whole = gzipSync(generatedVcf({ samples: 6, rows: 400, seed: 15 }));
        return write("cut.vcf.gz", whole.subarray(0, whole.length / 2));
      },
      /cut|truncated|ends/i,
    ],
    ["has no GT", () => write("gt.vcf", `${header}\tA\n1\t1\t.\tA\tC\t.\t.\t.\tDP\t3\n`), /GT/],
    [
      "names a sample twice",
      () => write("twice.vcf", `${header}\tJane\tB\tJane\n${row}\t0/1\t0/1\t0/1\n`),
      /twice|Columns 10 and 12/,
    ],
    ["is no VCF", () => write("text.vcf", "hello, this is a letter\n"), /VCF/],
    ["is empty", () => write("empty.vcf", ""), /empty/i],
    ["has no samples", () => write("sites.vcf", `${header}\n`), /sample/],
    ["is missing", () => join(folder, "nowhere.vcf"), /There is no file/],
    ["is a folder", () => folder, /is no file/],
  ])(
    "says in words, with a remedy, that a file %s, and sends nothing",
    async (_, make, words) => {
      const { api } = running.system.contracts;
      // The demonstration's first transaction would be the faucet's.
      const sent = async () => (await api.rpc.system.accountNextIndex(FAUCET)).toNumber();
      const before = await sent();
      const { code, output } = await running.cli("demo", "--vcf", make());
      expect(code).toBe(1);
      expect(output).toMatch(words);
      expect(output).toContain("What to do:");
      expect(output).not.toContain("Jane");
      expect(output).not.toMatch(/\n\s+at /);
      expect(await sent()).toBe(before);
    },
    PATIENCE,
  );
});
