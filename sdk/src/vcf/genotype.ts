import { BadRecordError } from "./errors.ts";

/** The field at a position of a colon-separated sample column; a dot where trailing fields were dropped. */
export function fieldAt(sample: string, position: number): string {
  let start = 0;
  for (let skipped = 0; skipped < position; skipped++) {
    const colon = sample.indexOf(":", start);
    if (colon === -1) return ".";
    start = colon + 1;
  }
  const end = sample.indexOf(":", start);
  return end === -1 ? sample.slice(start) : sample.slice(start, end);
}

const SLASH = "/".charCodeAt(0);
const BAR = "|".charCodeAt(0);
const DOT = ".".charCodeAt(0);
const ZERO = "0".charCodeAt(0);

/**
 * Adds a genotype's alleles to their counts.
 *
 * Every called allele counts by itself, whatever the ploidy: `1` is one, `0/1/1` three, and `./1` one. That is what
 * bcftools puts into AC and AN. A phase mark before the first allele (VCF 4.4) is passed over.
 * @param counts - by allele number, the reference first; its length is the number of alleles of the row
 * @returns how many alleles are called
 * @throws {@link BadRecordError} for what is no genotype, or an allele that the row does not have
 */
export function countAlleles(genotype: string, counts: Uint32Array, line: number): number {
  let called = 0;
  let at = isPhase(genotype.charCodeAt(0)) ? 1 : 0;
  for (;;) {
    if (genotype.charCodeAt(at) === DOT) {
      at += 1;
    } else {
      let allele = 0;
      const start = at;
      for (let digit = genotype.charCodeAt(at) - ZERO; digit >= 0 && digit <= 9; ) {
        allele = allele * 10 + digit;
        at += 1;
        digit = genotype.charCodeAt(at) - ZERO;
      }
      if (at === start) throw new BadRecordError(line, "A genotype is not written as one, such as 0/1.");
      if (allele >= counts.length) {
        throw new BadRecordError(
          line,
          `A genotype names allele ${allele}; the row has ${counts.length - 1} in ALT.`,
        );
      }
      counts[allele]! += 1;
      called += 1;
    }
    if (at === genotype.length) return called;
    if (!isPhase(genotype.charCodeAt(at))) {
      throw new BadRecordError(line, "A genotype is not written as one, such as 0/1.");
    }
    at += 1;
  }
}

const isPhase = (code: number): boolean => code === SLASH || code === BAR;
