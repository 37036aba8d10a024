import { describe, expect, test } from "vitest";
import { utf8 } from "../bytes.ts";
import { collectBytes } from "../streams.ts";
import { bcftoolsCounts, hasBcftools } from "../testing/bcftools.ts";
import { errorOf } from "../testing/bytes.ts";
import { vcfOf } from "../testing/vcf.ts";
import { cohortFrequencies } from "./cohort.ts";
import { BadRecordError, CohortTooSmallError, NotOnePersonError, NotVcfError, VcfError } from "./errors.ts";
import { readFrequencies, writeFrequencies } from "./frequencies-file.ts";
import { splitVcfInMemory } from "./split.ts";

const person =
  (...rows: string[]) =>
  () =>
    utf8(vcfOf(["S"], rows));
const frequencies = async (people: ReturnType<typeof person>[], minCohort = 1) =>
  (await cohortFrequencies(people, minCohort)).alleles.map(
    ({ pos, ref, alt, ac, an }) => `${pos} ${ref}>${alt} ${ac}/${an}`,
  );

describe("merging people's VCFs", () => {
  test("a person without a row at a site is not called there: absence is not the reference", async () => {
    expect(await frequencies([person("1 5 A C GT 0/1"), person("1 6 G T GT 1/1")])).toEqual([
      "5 A>C 1/2",
      "6 G>T 2/2",
    ]);
  });

  test("a person called with other alleles counts as called for each allele of the site", async () => {
    expect(
      await frequencies([person("1 5 A C,T GT 1/2"), person("1 5 A C GT 0/0"), person("1 5 A . GT 0/0")]),
    ).toEqual(["5 A>C 1/6", "5 A>T 1/6"]);
  });

  test("alleles match by their bases, not by their numbers", async () => {
    expect(await frequencies([person("1 5 A C,T GT 0/2"), person("1 5 A T,C GT 0/2")])).toEqual([
      "5 A>C 1/4",
      "5 A>T 1/4",
    ]);
  });

  test("another reference at the same position is another site", async () => {
    expect(await frequencies([person("1 5 A C GT 1/1"), person("1 5 AG A GT 1/1")])).toEqual([
      "5 A>C 2/2",
      "5 AG>A 2/2",
    ]);
  });

  test("a site split into one row for each allele is counted row by row, as bcftools does", async () => {
    const rows = ["1 5 A C GT 0/1 ./1 0/0", "1 5 A T GT 1/0 0/0 ./."];
    const people = (await splitVcfInMemory(utf8(vcfOf(["A", "B", "C"], rows)))).map((one) => () => one);
    expect(await frequencies(people)).toEqual(["5 A>C 2/5", "5 A>T 1/4"]);
    if (hasBcftools) {
      expect(bcftoolsCounts(vcfOf(["A", "B", "C"], rows), ["A", "B", "C"])).toBe(
        "5\tA\tC\t2\t5\n5\tA\tT\t1\t4\n",
      );
    }
  });

  test("a row that stands twice is two rows", async () => {
    const twice = person("1 5 A C GT 0/1", "1 5 A C GT 1/1");
    expect(await frequencies([twice, twice])).toEqual(["5 A>C 2/4", "5 A>C 4/4"]);
  });
});

describe("the frequencies of very few people are never given", () => {
  const three = [
    person("1 5 A C GT 0/1"),
    person("1 5 A C GT 0/0"),
    person("1 5 A C GT ./.", "1 6 G T GT 1/1"),
  ];

  test("a cohort below the minimum is refused", async () => {
    expect(await errorOf(() => cohortFrequencies(three, 4))).toBeInstanceOf(CohortTooSmallError);
    expect(await errorOf(() => cohortFrequencies([], 0))).toBeInstanceOf(CohortTooSmallError);
  });

  test("an allele at a site where fewer are called is withheld, and it is said how many were", async () => {
    expect(await cohortFrequencies(three, 2)).toEqual({
      people: 3,
      alleles: [{ chrom: "1", pos: 5, ref: "A", alt: "C", ac: 1, an: 4 }],
      withheld: 1,
    });
    expect((await cohortFrequencies(three, 3)).alleles).toEqual([]);
  });
});

test("a VCF of several people is no person's dataset", async () => {
  const pair = () => utf8(vcfOf(["A", "B"], ["1 5 A C GT 0/1 0/0"]));
  expect(await errorOf(() => cohortFrequencies([pair], 1))).toBeInstanceOf(NotOnePersonError);
});

describe("the result as a file", () => {
  const result = {
    people: 6,
    alleles: [
      { chrom: "2", pos: 10_038, ref: "C", alt: "A", ac: 1, an: 12 },
      { chrom: "X", pos: 5, ref: "AG", alt: "<DEL>", ac: 0, an: 3 },
    ],
    withheld: 4,
  };

  test("is read back as it was written", async () => {
    const written = await collectBytes(writeFrequencies(result));
    expect(await readFrequencies(written)).toEqual(result);
    expect(new TextDecoder().decode(written)).toContain("2\t10038\t.\tC\tA\t.\t.\tAC=1;AN=12;AF=0.0833333\n");
  });

  test("without an allele is a result too", async () => {
    const empty = { people: 9, alleles: [], withheld: 381 };
    expect(await readFrequencies(await collectBytes(writeFrequencies(empty)))).toEqual(empty);
  });

  test.each([
    ["nothing", "", NotVcfError],
    ["another VCF", vcfOf(["A"], []), NotVcfError],
    ["rows without counts", vcfOf(["A"], ["1 5 A C GT 0/1"]), BadRecordError],
    ["noise", "hello\nworld\n", VcfError],
  ])("%s is no result", async (_, text, kind) => {
    expect(await errorOf(() => readFrequencies(utf8(text)))).toBeInstanceOf(kind);
  });
});
