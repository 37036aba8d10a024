import { countAlleles, fieldAt } from "./genotype.ts";
import type { Vcf } from "./read.ts";

/** Allele counts of one row. */
export interface AlleleCounts {
  readonly line: number;
  readonly chrom: string;
  readonly pos: number;
  readonly ref: string;
  readonly alts: readonly string[];
  /** AC: copies of each alternate allele. */
  readonly ac: readonly number[];
  /** AN: called alleles. */
  readonly an: number;
}

/**
 * AC and AN of each row, over called alleles only, as `bcftools view -s` computes them.
 * @param samples - positions of the samples to count, from 0; all when absent
 * @throws what the rows of the VCF throw
 */
export async function* alleleCounts(
  vcf: Vcf,
  samples?: readonly number[],
): AsyncGenerator<AlleleCounts, void, undefined> {
  const counted = samples ?? vcf.samples.map((_, at) => at);
  for await (const record of vcf.records()) {
    const counts = new Uint32Array(record.alts.length + 1);
    let an = 0;
    for (const sample of counted) {
      const text = record.samples[sample];
      if (text === undefined) throw new RangeError(`there is no sample ${sample}`);
      an += countAlleles(fieldAt(text, record.genotype), counts, record.line);
    }
    const { line, chrom, pos, ref, alts } = record;
    yield { line, chrom, pos, ref, alts, ac: [...counts.subarray(1)], an };
  }
}
