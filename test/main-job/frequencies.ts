/**
 * Allele counts by a reading of the VCF that shares no code with the product: split on tabs, count called alleles.
 * An independent computation to hold the enclave's result against.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** `chrom pos ref alt` -> called copies of this alternate allele, and called alleles at the site. */
export type Counts = Map<string, { ac: number; an: number }>;

/** Counts with how many people are called at the site. */
export type CalledCounts = Map<string, { ac: number; an: number; people: number }>;

export const plainText = (file: string): string => {
  const bytes = readFileSync(file);
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("latin1");
};

/** Counts over the first `samples` people. */
export const countsOf = (text: string, samples: number): CalledCounts => {
  const counts: CalledCounts = new Map();
  for (const line of text.split(/\r?\n/)) {
    if (line === "" || line.startsWith("#")) continue;
    const columns = line.split("\t");
    const gt = columns[8]!.split(":").indexOf("GT");
    const alts = columns[4]!.split(",").filter((alt) => alt !== ".");
    const copies = new Array<number>(alts.length + 1).fill(0);
    let people = 0;
    for (const sample of columns.slice(9, 9 + samples)) {
      const called = (sample.split(":")[gt] ?? ".").split(/[/|]/).filter((allele) => allele !== ".");
      for (const allele of called) copies[Number(allele)]! += 1;
      if (called.length > 0) people += 1;
    }
    const an = copies.reduce((sum, each) => sum + each, 0);
    alts.forEach((alt, index) => {
      counts.set(`${columns[0]} ${columns[1]} ${columns[3]} ${alt}`, { ac: copies[index + 1]!, an, people });
    });
  }
  return counts;
};

/** Reads a VCF of sites with AC and AN in INFO, one or several alternates a row. */
/** Sites that the enclave may tell about: enough people are called there. */
export const toldOf = (counts: CalledCounts, minimum: number): Counts =>
  new Map(
    [...counts]
      .filter(([, { people }]) => people >= minimum)
      .map(([site, { ac, an }]) => [site, { ac, an }] as const),
  );

export const countsFromInfo = (text: string): Counts => {
  const counts: Counts = new Map();
  for (const line of text.split(/\r?\n/)) {
    if (line === "" || line.startsWith("#")) continue;
    const [chrom, pos, , ref, alt, , , info] = line.split("\t");
    const field = (name: string) => new RegExp(`(?:^|;)${name}=([^;]+)`).exec(info!)?.[1] ?? "";
    const ac = field("AC").split(",");
    alt!
      .split(",")
      .filter((each) => each !== ".")
      .forEach((each, index) => {
        counts.set(`${chrom} ${pos} ${ref} ${each}`, { ac: Number(ac[index]), an: Number(field("AN")) });
      });
  }
  return counts;
};
