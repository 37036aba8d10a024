import { readFileSync } from "node:fs";
import VCFParser from "@gmod/vcf";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Bytes, utf8 } from "../bytes.ts";
import { errorOf } from "../testing/bytes.ts";
import { vcfOf } from "../testing/vcf.ts";
import { VcfError } from "./errors.ts";
import { openVcf } from "./read.ts";
import { splitVcf, splitVcfInMemory } from "./split.ts";

const compressed = readFileSync(new URL("../../../test/fixtures/1000g-chr2-629.vcf.gz", import.meta.url));
const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

describe("splitting the 1000 Genomes file", () => {
  let people: readonly Bytes[];
  let names: readonly string[];
  beforeAll(async () => {
    people = await splitVcfInMemory(compressed);
    names = (await openVcf(compressed)).samples;
  });

  test("gives one VCF for each of the 629 people, with every row", () => {
    expect(people.length).toBe(629);
    for (const person of people) expect(textOf(person).match(/^2\t/gm)?.length).toBe(381);
  });

  test("keeps each person's genotypes and numbers, as another VCF reader sees them", async () => {
    for (const at of [0, 311, 628]) {
      const [header = "", ...rows] = textOf(people[at]).split(/\n(?=[^#])/);
      const parser = new VCFParser({ header });
      const whole = await openVcf(compressed);
      let row = 0;
      for await (const record of whole.records()) {
        const variant = parser.parseLine(rows[row]!.trimEnd());
        const sample = variant.SAMPLES()["S"];
        const fields = record.samples[at]!.split(":");
        const original = Object.fromEntries(record.format.map((key, which) => [key, fields[which]]));
        expect([variant.CHROM, variant.POS, variant.REF, variant.ALT]).toEqual([
          "2",
          record.pos,
          record.ref,
          record.alts,
        ]);
        expect(sample?.["GT"]?.[0]).toBe(original["GT"]);
        const depth = sample?.["DP"]?.[0];
        expect(depth === undefined ? "." : String(depth)).toBe(original["DP"] ?? ".");
        row += 1;
      }
      expect(row).toBe(381);
    }
  });

  test("leaves no name, no text field and nothing of the cohort behind", () => {
    for (const person of people) {
      const text = textOf(person);
      expect(names.filter((name) => text.includes(name))).toEqual([]);
      expect(text).not.toMatch(/BC,NCBI|CB=|AF=|OG|University|samples/);
    }
  });
});

describe("of the header nothing is copied", () => {
  const meta = [
    "##SAMPLE=<ID=Jane_Doe,Genomes=Germline>",
    "##PEDIGREE=<Child=Jane_Doe,Mother=Mary_Doe>",
    "##bcftoolsCommand=view -s Jane_Doe /home/jane/doe.vcf",
    "##reference=file:///home/jane/ref.fa",
    "##a line without an equals sign Jane_Doe",
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality for Jane_Doe">',
    '##FORMAT=<ID=SM,Number=1,Type=String,Description="Sample">',
    '##FORMAT=<ID=Jane Doe,Number=1,Type=Integer,Description="x">',
    '##FILTER=<ID=q10,Description="below 10 in Jane_Doe">',
    '##INFO=<ID=WHO,Number=1,Type=String,Description="Jane_Doe">',
    "##contig=<ID=1,length=249250621,assembly=jane>",
  ];
  const row =
    "1\t7\trs12;Jane_1\tA\tC\t50.5\tq10\tWHO=Jane_Doe;END=9;SVTYPE=DEL;AC=1\tGQ:SM:GT:DP:XX\t30:Jane_Doe:0/1:Jane_Doe:5";

  test("and of rows only what cannot name anybody", async () => {
    const source = vcfOf(["Jane_Doe"], [], { meta }) + row;
    const [person] = await splitVcfInMemory(utf8(source));
    expect(textOf(person)).not.toMatch(/jane|doe|mary/i);
    expect(textOf(person).split("\n")).toEqual([
      "##fileformat=VCFv4.2",
      "##contig=<ID=1,length=249250621>",
      '##FILTER=<ID=q10,Description="q10">',
      '##INFO=<ID=END,Number=1,Type=Integer,Description="End position">',
      '##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="Length of the variant">',
      '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Type of the variant">',
      '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
      '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="DP">',
      '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="GQ">',
      "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS",
      "1\t7\trs12\tA\tC\t50.5\tq10\tEND=9;SVTYPE=DEL\tGT:GQ:DP\t0/1:30:.",
      "",
    ]);
  });

  test("whatever a name is, it is not in any person's VCF", async () => {
    const name = fc.stringMatching(/^[A-Za-z]{6}[A-Za-z0-9_-]{2,10}$/);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 4 }), async (people) => {
        const named = people.flatMap((one) => [
          `##SAMPLE=<ID=${one}>`,
          `##FORMAT=<ID=GQ,Number=1,Type=Float,Description="${one}">`,
        ]);
        const columns = people.map((one) => `0/1:${one}`).join(" ");
        const source = vcfOf(people, [`1 1 A C GT:GQ ${columns}`], { meta: named });
        for (const person of await splitVcfInMemory(utf8(source))) {
          const words = new Set(textOf(person).split(/[^A-Za-z0-9_-]+/));
          expect(people.filter((one) => words.has(one))).toEqual([]);
        }
      }),
    );
  });
});

describe("what is split is valid input again", () => {
  test("of the same length, for haploid, partial and multi-allelic calls with fields left out", async () => {
    const rows = ["1 1 A C,T GT:DP 1|2:9 . 0", "X 2 G . DP:GT 3:0 . 4:./.", "2 3 T <DEL> GT 1/. ./. 0/1"];
    const people = await splitVcfInMemory(utf8(vcfOf(["A", "B", "C"], rows, { end: "\r\n" })));
    const columns = [];
    for (const person of people) {
      const vcf = await openVcf(person);
      for await (const record of vcf.records())
        columns.push(`${record.chrom}:${record.pos} ${record.format} ${record.samples}`);
    }
    expect(columns).toEqual([
      "1:1 GT,DP 1|2:9",
      "X:2 GT,DP 0:3",
      "2:3 GT 1/.",
      "1:1 GT,DP .:.",
      "X:2 GT,DP .:.",
      "2:3 GT ./.",
      "1:1 GT,DP 0:.",
      "X:2 GT,DP ./.:4",
      "2:3 GT 0/1",
    ]);
  });

  test("and a limit takes the first columns", async () => {
    const source = utf8(vcfOf(["A", "B", "C"], ["1 1 A C GT 0/1 1/1 0/0"]));
    expect((await splitVcfInMemory(source, 2)).length).toBe(2);
    expect((await splitVcfInMemory(source, 9)).length).toBe(3);
  });

  test("a bad genotype of one person is found before anything is made of it", async () => {
    const source = utf8(vcfOf(["A", "B"], ["1 1 A C GT 0/1 1/1", "1 2 A C GT 0/1 Jane"]));
    const error = await errorOf(() => splitVcfInMemory(source));
    expect(error).toBeInstanceOf(VcfError);
    expect(String(error)).toMatch(/^BadRecordError: Line 6: /);
    expect(String(error)).not.toContain("Jane");
  });
});

test("2 500 people are split in bounded memory", async () => {
  const people = 2_500;
  const header = utf8(
    vcfOf(
      Array.from({ length: people }, (_, at) => `person${at}`),
      [],
    ),
  );
  const columns = Array.from(
    { length: people },
    (_, at) => `${at % 2}|${at % 3 === 0 ? "." : 1}:${at % 50}`,
  ).join("\t");
  const rows = 500;
  let held = 0;
  let mostHeld = 0;
  async function* source() {
    yield header;
    for (let at = 1; at <= rows; at++) {
      // What is written between two rows was held until then.
      mostHeld = Math.max(mostHeld, held);
      held = 0;
      yield utf8(`1\t${at}\t.\tA\tC\t.\t.\t.\tGT:DP\t${columns}\n`);
    }
  }
  const lengths = new Uint32Array(people);
  const summary = await splitVcf(source(), {
    append: async (person, bytes) => {
      held += bytes.length;
      lengths[person]! += bytes.length;
    },
  });
  expect(summary).toEqual({ people, rows });
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBeGreaterThan(2 * 16 * 1024 * 1024);
  expect(mostHeld).toBeLessThan(17 * 1024 * 1024);
});

test("a failing writer stops the split and gets its error through", async () => {
  const full = new RangeError("no space left");
  const work = () =>
    splitVcf(utf8(vcfOf(["A"], ["1 1 A C GT 0/1"])), {
      append: () => {
        throw full;
      },
    });
  expect(await errorOf(work)).toBe(full);
});
