import { type Variant, VcfRecordError, variantsOf } from "./vcf-records.ts";

/** Name and version of the computation; a change of what it gives is a new version. */
export const COMPUTATION = "keystrand/allele-frequencies/1";

/** One dataset of a cohort, decrypted as it is read. */
export interface CohortMember {
  /** Id of the dataset, hex. */
  readonly dataset: string;
  /** The plain VCF. */
  read(): AsyncIterable<Uint8Array>;
  /** Whether an error of `read` says that the content itself is wrong, and not that it cannot be had now. */
  isUnusable(error: unknown): boolean;
}

/** What was computed. */
export interface CohortResult {
  /** Name and version of the computation. */
  readonly computation: string;
  /** A VCF without samples: AC, AN and AF of the cohort. */
  readonly file: Uint8Array;
  readonly individuals: number;
  readonly variants: number;
  /** Datasets that are not what they should be, with the reason's code. */
  readonly unusable: readonly { readonly dataset: string; readonly reason: string }[];
}

/** Counts of one site over the cohort. */
interface Site {
  readonly chromosome: string;
  readonly position: number;
  readonly columns: string;
  /** Called copies of each alternate allele (AC). */
  readonly counts: number[];
  /** Called alleles altogether (AN). */
  called: number;
}

/**
 * Allele frequencies of a cohort: for every site AC, AN and AF over called alleles only, as bcftools counts them.
 * Sites are one when chromosome, position, reference and alternate alleles are the same; a dataset without a site
 * has no call there.
 *
 * Each dataset is read once and nothing of it is kept but its part of the sums. One that turns out to be unusable
 * adds nothing at all.
 */
export async function cohortFrequencies(members: readonly CohortMember[]): Promise<CohortResult> {
  const sites = new Map<string, Site>();
  const unusable: { dataset: string; reason: string }[] = [];
  let individuals = 0;
  for (const member of members) {
    try {
      // Counted apart first: a file that breaks off half-way must not leave half of its alleles behind.
      const variants: Variant[] = [];
      for await (const variant of variantsOf(member.read())) variants.push(variant);
      individuals += variants[0]?.individuals ?? 0;
      for (const variant of variants) add(sites, variant);
    } catch (error) {
      if (!(error instanceof VcfRecordError) && !member.isUnusable(error)) throw error;
      unusable.push({ dataset: member.dataset, reason: error instanceof Error ? error.name : "Error" });
    }
  }
  return {
    computation: COMPUTATION,
    file: encodeSites(sites),
    individuals,
    variants: sites.size,
    unusable,
  };
}

function add(sites: Map<string, Site>, variant: Variant): void {
  const { chromosome, position, id, reference, alternates } = variant;
  const key = [chromosome, position, reference, ...alternates].join("\t");
  let site = sites.get(key);
  if (site === undefined) {
    site = {
      chromosome,
      position,
      columns: [chromosome, position, id, reference, alternates.join(",") || "."].join("\t"),
      counts: alternates.map(() => 0),
      called: 0,
    };
    sites.set(key, site);
  }
  site.called += variant.called;
  for (const [index, count] of variant.counts.entries()) site.counts[index]! += count;
}

function encodeSites(sites: ReadonlyMap<string, Site>): Uint8Array {
  const all = [...sites.values()];
  const chromosomes = [...new Set(all.map(({ chromosome }) => chromosome))];
  const rank = new Map(chromosomes.map((name, index) => [name, index]));
  all.sort(
    (left, right) =>
      rank.get(left.chromosome)! - rank.get(right.chromosome)! || left.position - right.position,
  );
  const lines = [
    "##fileformat=VCFv4.3",
    `##source=${COMPUTATION}`,
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="Called copies of each alternate allele">',
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="Called alleles">',
    '##INFO=<ID=AF,Number=A,Type=Float,Description="AC divided by AN">',
    ...chromosomes.map((name) => `##contig=<ID=${name}>`),
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
    ...all.map(({ columns, counts, called }) => `${columns}\t.\t.\t${information(counts, called)}`),
  ];
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}

function information(counts: readonly number[], called: number): string {
  if (counts.length === 0) return `AN=${called}`;
  const frequencies = counts.map((count) => (called === 0 ? "." : Number((count / called).toPrecision(6))));
  return `AC=${counts.join(",")};AN=${called};AF=${frequencies.join(",")}`;
}
