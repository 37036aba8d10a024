import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8 } from "../bytes.ts";
import { collectBytes } from "../streams.ts";
import { bcftoolsCounts, hasBcftools } from "../testing/bcftools.ts";
import { vcfOf } from "../testing/vcf.ts";
import { type CohortFrequencies, cohortFrequencies } from "./cohort.ts";
import { alleleCounts } from "./counts.ts";
import { readFrequencies, writeFrequencies } from "./frequencies-file.ts";
import { openVcf } from "./read.ts";
import { splitVcfInMemory } from "./split.ts";

const compressed = readFileSync(new URL("../../../test/fixtures/1000g-chr2-629.vcf.gz", import.meta.url));
const expected = (name: string) => readFileSync(new URL(`./fixtures/${name}.tsv`, import.meta.url), "utf8");

/** The same samples as in fixtures/counts-of-seven.tsv. */
const SEVEN = [0, 5, 17, 100, 311, 500, 628];

async function countsOf(source: Uint8Array, samples?: readonly number[]): Promise<string> {
  let text = "";
  for await (const { pos, ref, alts, ac, an } of alleleCounts(await openVcf(source), samples)) {
    text += `${pos}\t${ref}\t${alts.join(",") || "."}\t${ac.join(",") || "."}\t${an}\n`;
  }
  return text;
}

describe("AC and AN of the 1000 Genomes file are those of bcftools", () => {
  // Without bcftools the committed answers stand in; with it they are compared as well.
  const oracle = async (name: string, samples?: readonly number[]) => {
    if (!hasBcftools) return expected(name);
    const vcf = await openVcf(compressed);
    const names = (samples ?? vcf.samples.keys().toArray()).map((at) => vcf.samples[at]!);
    const answer = bcftoolsCounts(gunzipSync(compressed).toString(), names);
    expect(expected(name)).toBe(answer);
    return answer;
  };

  test("for all 629 samples", async () => {
    expect(await countsOf(compressed)).toBe(await oracle("counts-of-all"));
  });

  test("for seven of them", async () => {
    expect(await countsOf(compressed, SEVEN)).toBe(await oracle("counts-of-seven", SEVEN));
  });

  test("also when the seven are split into datasets and merged again by the enclave's computation", async () => {
    const people = await splitVcfInMemory(compressed);
    const merged = await cohortFrequencies(
      SEVEN.map((at) => () => people[at]!),
      1,
    );
    const rows = (await oracle("counts-of-seven", SEVEN))
      .trimEnd()
      .split("\n")
      .map((row) => row.split("\t"));
    const called = rows.filter(([, , , , an]) => an !== "0");
    expect(merged.alleles.map(({ pos, ref, alt, ac, an }) => [pos, ref, alt, ac, an].map(String))).toEqual(
      called,
    );
    expect(merged.withheld).toBe(rows.length - called.length);
  });
});

const ODD_ROWS = [
  "1 1 A C,T GT 0/1 1|2 ./.",
  "1 2 A C GT ./1 1 .",
  "1 3 A . GT 0/0 0 .",
  "1 4 A <DEL>,* GT:DP 0/2:3 1 0/1/2",
  "1 5 A C DP:GT 1:0/1 2:1/1 3:./.",
  "1 6 A C GT 0 1/1/1/1 .|.",
  "1 7 AC A,ACC,G GT:DP 3|2 0|0 1",
  "X 9 G T GT 1 0/1 .",
  "1 8 A C GT 1/. ./. 0|0",
];

describe("odd genotypes are counted as bcftools counts them", () => {
  const answer = [
    "1\tA\tC,T\t2,1\t4",
    "2\tA\tC\t2\t2",
    "3\tA\t.\t.\t3",
    "4\tA\t<DEL>,*\t2,2\t6",
    "5\tA\tC\t3\t4",
    "6\tA\tC\t4\t5",
    "7\tAC\tA,ACC,G\t1,1,1\t5",
    "9\tG\tT\t2\t3",
    "8\tA\tC\t1\t3",
  ].join("\n");

  test.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
  ])(
    "multi-allelic, missing, partial, haploid, polyploid, phased, unordered contigs, with %s",
    async (_, end) => {
      const vcf = vcfOf(["A", "B", "C"], ODD_ROWS, { end });
      expect(await countsOf(utf8(vcf))).toBe(`${answer}\n`);
      if (hasBcftools) expect(bcftoolsCounts(vcf, ["A", "B", "C"])).toBe(`${answer}\n`);
    },
  );

  test("a phase mark before the first allele (VCF 4.4) is no allele", async () => {
    const vcf = vcfOf(["A", "B"], ["1 1 A C GT |0|1 /1"]);
    expect(await countsOf(utf8(vcf))).toBe("1\tA\tC\t2\t3\n");
  });
});

/** A table of genotypes: rows of alleles by person, `undefined` for a missing one. */
const genotypes = fc
  .record({
    people: fc.integer({ min: 1, max: 8 }),
    rows: fc.integer({ min: 1, max: 8 }),
    alts: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ people, rows, alts }) => {
    const allele = fc.option(fc.nat(alts), { nil: undefined });
    const genotype = fc.array(allele, { minLength: 1, maxLength: 3 });
    return fc.record({
      alts: fc.constant(alts),
      rows: fc.array(fc.array(genotype, { minLength: people, maxLength: people }), {
        minLength: rows,
        maxLength: rows,
      }),
      phase: fc.constantFrom("/", "|"),
      end: fc.constantFrom("\n", "\r\n"),
    });
  });

test("for any genotypes, counting and merging agree with a count by hand", async () => {
  const bases = ["C", "G", "T", "CC"];
  await fc.assert(
    fc.asyncProperty(genotypes, async ({ alts, rows, phase, end }) => {
      const people = rows[0]!.length;
      const text = (genotype: readonly (number | undefined)[]) =>
        genotype.map((one) => one ?? ".").join(phase);
      const vcf = vcfOf(
        Array.from({ length: people }, (_, at) => `person ${at}`.replace(" ", "-")),
        rows.map(
          (row, at) =>
            `1 ${at + 1} A ${bases.slice(0, alts).join(",")} GT:DP ${row.map((one) => `${text(one)}:7`).join(" ")}`,
        ),
        { end },
      );
      const byHand = rows.map((row) => {
        const called = row.flat().filter((one) => one !== undefined);
        return {
          an: called.length,
          ac: bases.slice(0, alts).map((_, at) => called.filter((one) => one === at + 1).length),
        };
      });
      const counted: { an: number; ac: readonly number[] }[] = [];
      for await (const { an, ac } of alleleCounts(await openVcf(utf8(vcf)))) counted.push({ an, ac });
      expect(counted).toEqual(byHand);

      const split = await splitVcfInMemory(utf8(vcf));
      const merged = await cohortFrequencies(
        split.map((one) => () => one),
        1,
      );
      const rowsOfResult = byHand.flatMap(({ an, ac }, at) =>
        an === 0
          ? []
          : ac.map((copies, which) => ({
              chrom: "1",
              pos: at + 1,
              ref: "A",
              alt: bases[which],
              ac: copies,
              an,
            })),
      );
      expect(merged.alleles).toEqual(rowsOfResult);
      expect(await writtenAndRead(merged)).toEqual(merged);
    }),
    { numRuns: 150 },
  );
});

async function writtenAndRead(result: CohortFrequencies): Promise<CohortFrequencies> {
  return readFrequencies(await collectBytes(writeFrequencies(result)));
}
