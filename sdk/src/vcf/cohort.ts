import type { ByteSource } from "../bytes.ts";
import { CohortTooSmallError, NotOnePersonError } from "./errors.ts";
import { countAlleles, fieldAt } from "./genotype.ts";
import { openVcf, type VcfRecord } from "./read.ts";

/** The frequency of one alternate allele in a cohort. */
export interface AlleleFrequency {
  readonly chrom: string;
  readonly pos: number;
  readonly ref: string;
  readonly alt: string;
  /** Copies of the allele. */
  readonly ac: number;
  /** Called alleles at the site. */
  readonly an: number;
}

/** The result that an enclave computes. */
export interface CohortFrequencies {
  readonly people: number;
  /** In the order in which the alleles were met. */
  readonly alleles: readonly AlleleFrequency[];
  /** Alleles left out because fewer than the minimum of people are called at their site. */
  readonly withheld: number;
}

interface Tally {
  /** Called alleles. */
  called: number;
  /** People with at least one. */
  people: number;
}

interface Site extends Tally {
  readonly chrom: string;
  readonly pos: number;
  readonly ref: string;
  /** By allele and by its how-many-eth row at the site. */
  readonly alleles: Map<string, Tally & { readonly alt: string; copies: number }>;
}

/**
 * Merges VCFs of one person each into the cohort's allele frequencies, over called alleles only.
 *
 * An allele's AN counts everybody called at its site (CHROM, POS, REF), also those whose VCF does not list the allele:
 * they were called, with others. Somebody without a row at the site was not called there; absence is not the
 * reference. Where the site stands in several rows (one for each allele, say), each allele is counted in its own row.
 * For people split from one VCF the numbers are those of `bcftools view -s` on that VCF.
 *
 * An allele is withheld when fewer than `minCohort` people are called at its site: the frequency of very few people is
 * their genotype, however large the cohort is elsewhere.
 *
 * Holds the sites, not the people: memory does not grow with the cohort.
 * @param people - one VCF each, read one after another
 * @param minCohort - smallest number of people that a frequency may be of
 * @throws {@link CohortTooSmallError}, {@link NotOnePersonError}, and what {@link openVcf} and its rows throw
 */
export async function cohortFrequencies(
  people: readonly (() => ByteSource)[],
  minCohort: number,
): Promise<CohortFrequencies> {
  // A cohort of one would be a genotype, whatever a caller passes.
  const minimum = Math.max(1, minCohort);
  if (people.length < minimum) throw new CohortTooSmallError(people.length, minimum);
  const sites = new Map<string, Site>();
  for (const open of people) await addPerson(sites, open());

  const alleles: AlleleFrequency[] = [];
  let withheld = 0;
  for (const { chrom, pos, ref, called, people: callees, alleles: found } of sites.values()) {
    for (const allele of found.values()) {
      if (callees + allele.people < minimum) withheld += 1;
      else alleles.push({ chrom, pos, ref, alt: allele.alt, ac: allele.copies, an: called + allele.called });
    }
  }
  return { people: people.length, alleles, withheld };
}

async function addPerson(sites: Map<string, Site>, source: ByteSource): Promise<void> {
  const vcf = await openVcf(source);
  if (vcf.samples.length !== 1) throw new NotOnePersonError(vcf.samples.length);
  const firstRows = new Map<string, Tally>();
  const rowsOfAllele = new Map<string, number>();
  for await (const record of vcf.records()) {
    const counts = new Uint32Array(record.alts.length + 1);
    const called = countAlleles(fieldAt(record.samples[0]!, record.genotype), counts, record.line);
    const here: Tally = { called, people: called > 0 ? 1 : 0 };
    const key = `${record.chrom}\t${record.pos}\t${record.ref}`;
    const site = siteAt(sites, key, record);
    // The site counts a person by their first row there; an allele in a later row corrects that to its own row.
    const first = firstRows.get(key);
    if (first === undefined) {
      firstRows.set(key, here);
      site.called += here.called;
      site.people += here.people;
    }
    for (const [at, alt] of record.alts.entries()) {
      const rank = (rowsOfAllele.get(`${key}\t${alt}`) ?? 0) + 1;
      rowsOfAllele.set(`${key}\t${alt}`, rank);
      const allele = site.alleles.get(`${alt}\t${rank}`) ?? { alt, copies: 0, called: 0, people: 0 };
      site.alleles.set(`${alt}\t${rank}`, allele);
      allele.copies += counts[at + 1]!;
      allele.called += here.called - (first ?? here).called;
      allele.people += here.people - (first ?? here).people;
    }
  }
}

function siteAt(sites: Map<string, Site>, key: string, { chrom, pos, ref }: VcfRecord): Site {
  const known = sites.get(key);
  if (known !== undefined) return known;
  const site: Site = { chrom, pos, ref, called: 0, people: 0, alleles: new Map() };
  sites.set(key, site);
  return site;
}
