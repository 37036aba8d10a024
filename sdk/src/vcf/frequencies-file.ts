import VCFParser from "@gmod/vcf";
import { z } from "zod";
import { type ByteSource, type Bytes, utf8 } from "../bytes.ts";
import type { AlleleFrequency, CohortFrequencies } from "./cohort.ts";
import { decompressed } from "./decompress.ts";
import { BadRecordError, NotVcfError } from "./errors.ts";
import { linesOf } from "./lines.ts";

const infoSchema = z.looseObject({
  AC: z.tuple([z.int().nonnegative()]),
  AN: z.tuple([z.int().nonnegative()]),
});
const ROWS_A_CHUNK = 10_000;

/**
 * A cohort's frequencies as a VCF of sites, one allele a row, with AC, AN and AF in INFO: what the buyer gets, and what
 * bcftools reads.
 */
export async function* writeFrequencies(result: CohortFrequencies): AsyncGenerator<Bytes, void, undefined> {
  const contigs = [...new Set(result.alleles.map(({ chrom }) => chrom))];
  yield utf8(
    [
      "##fileformat=VCFv4.2",
      `##keystrandPeople=${result.people}`,
      `##keystrandWithheld=${result.withheld}`,
      ...contigs.map((id) => `##contig=<ID=${id}>`),
      '##INFO=<ID=AC,Number=A,Type=Integer,Description="Copies of the alternate allele">',
      '##INFO=<ID=AN,Number=1,Type=Integer,Description="Called alleles at the site">',
      '##INFO=<ID=AF,Number=A,Type=Float,Description="AC / AN">',
      "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
    ].join("\n"),
  );
  for (let at = 0; at < result.alleles.length; at += ROWS_A_CHUNK) {
    yield utf8(
      result.alleles
        .slice(at, at + ROWS_A_CHUNK)
        .map(row)
        .join(""),
    );
  }
}

/**
 * Reads {@link writeFrequencies} back.
 * @throws {@link NotVcfError}, {@link BadRecordError}
 */
export async function readFrequencies(source: ByteSource): Promise<CohortFrequencies> {
  const header: string[] = [];
  const alleles: AlleleFrequency[] = [];
  let parser: VCFParser | undefined;
  for await (const { number, text } of linesOf(decompressed(source))) {
    if (text === "") continue;
    if (text.startsWith("#")) {
      header.push(text);
      continue;
    }
    parser ??= parserOf(header);
    alleles.push(parseRow(parser, number, text));
  }
  parser ??= parserOf(header);
  const [people, withheld] = ["keystrandPeople", "keystrandWithheld"].map((key) =>
    z.coerce.number().int().nonnegative().safeParse(parser.getMetadata(key)),
  );
  if (people?.success !== true || withheld?.success !== true) {
    throw new NotVcfError(
      "Its header does not say how many people the frequencies are of.",
      "Give the file of a result.",
    );
  }
  return { people: people.data, alleles, withheld: withheld.data };
}

function row({ chrom, pos, ref, alt, ac, an }: AlleleFrequency): string {
  const frequency = Number((ac / an).toPrecision(6));
  return `${chrom}\t${pos}\t.\t${ref}\t${alt}\t.\t.\tAC=${ac};AN=${an};AF=${frequency}\n`;
}

function parserOf(header: readonly string[]): VCFParser {
  try {
    return new VCFParser({ header: header.join("\n") });
  } catch (error) {
    throw new NotVcfError(
      error instanceof Error ? error.message : "Its header is damaged.",
      "Give the file of a result.",
    );
  }
}

function parseRow(parser: VCFParser, line: number, text: string): AlleleFrequency {
  const { CHROM: chrom, POS: pos, REF: ref, ALT: alts, INFO: info } = parser.parseLine(text);
  const counts = infoSchema.safeParse(info);
  const [alt] = alts ?? [];
  if (chrom === undefined || ref === undefined || alt === undefined || !counts.success) {
    throw new BadRecordError(line, "This is no row of a result: it lacks an allele, AC or AN.");
  }
  return { chrom, pos, ref, alt, ac: counts.data.AC[0], an: counts.data.AN[0] };
}
