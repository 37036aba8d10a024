/** Makes VCFs of every kind that people have, the same for the same seed. */
import { vcfOf } from "../../sdk/src/testing/vcf.ts";

export interface VcfKind {
  readonly samples: number;
  readonly rows: number;
  readonly seed: number;
  readonly ploidy?: 1 | 2;
  readonly separator?: "/" | "|";
  readonly end?: "\n" | "\r\n";
}

/** Lehmer's generator: numbers from 0 to below `limit`. */
const numbers = (seed: number) => {
  let state = seed;
  return (limit: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
};

const ALTERNATES = ["C", "C,G", "C,G,T", "<DEL>"] as const;

/** One to three alternates a row, one call in ten missing, depth beside the genotype. */
export const generatedVcf = ({
  samples,
  rows,
  seed,
  ploidy = 2,
  separator = "/",
  end = "\n",
}: VcfKind): string => {
  const next = numbers(seed);
  const call = (alternates: number): string => {
    if (next(10) === 0) return ploidy === 1 ? "." : `.${separator}.`;
    return Array.from({ length: ploidy }, () => next(alternates + 1)).join(separator);
  };
  const lines = Array.from({ length: rows }, (_, row) => {
    const alternate = ALTERNATES[next(ALTERNATES.length)]!;
    const calls = Array.from({ length: samples }, () => `${call(alternate.split(",").length)}:${next(40)}`);
    return [ploidy === 1 ? "X" : "2", 1_000 + row * 7, "A", alternate, "GT:DP", ...calls].join(" ");
  });
  const names = Array.from({ length: samples }, (_, person) => `PERSON-${seed}-${person}`);
  return vcfOf(names, lines, { end });
};
