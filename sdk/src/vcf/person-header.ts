import VCFParser from "@gmod/vcf";
import { z } from "zod";

/** The name of the one sample in every person's VCF: it tells nothing. */
export const NEUTRAL_SAMPLE = "S";

const fieldSchema = z.looseObject({ Number: z.union([z.string(), z.number()]), Type: z.string() });
const sectionSchema = z.record(z.string(), z.unknown());
const IDENTIFIER = /^[A-Za-z_][0-9A-Za-z_.]*$/;
const CONTIG = /^[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*$/;
const FILTER = /^[0-9A-Za-z_.+-]+$/;
/** INFO keys that say what a row is, and nothing of who was sequenced. */
const STRUCTURE = /^(?:END=\d+|SVLEN=-?\d+(?:,-?\d+)*|SVTYPE=[A-Z]+(?::[A-Z]+)*)$/;
/** Public accessions. Local ids are often made of a sample's name. */
const ACCESSION = /^(?:rs|ss|esv|nsv|essv|nssv|COSV|COSM)\d+$/;
const NUMBERS = /^[-+0-9.eE,]*$|^(?:nan|-?inf)$/i;

/** What of a VCF may go into one person's dataset, and in which words. */
export interface PersonHeader {
  /** Header lines with the column line, each with its end. */
  readonly text: string;
  /** Which FORMAT keys are kept. GT always is. */
  keeps(key: string): boolean;
}

/**
 * The header of a person's VCF, built anew from what is known to be harmless. Nothing is copied: header lines carry
 * names (##SAMPLE, ##PEDIGREE, command lines, descriptions), so those not listed here are dropped, and of those kept
 * only identifier, number, type and length remain.
 *
 * Of the sample's fields GT and the numeric ones are kept; free text may say anything.
 */
export function personHeader(meta: readonly string[]): PersonHeader {
  const lines = ["##fileformat=VCFv4.2"];
  // The parser refuses lines without "=", which this package passes over.
  const known = meta.filter((line) => /^##(?:FORMAT|FILTER|contig)=</.test(line));
  const parser = new VCFParser({
    header: [...known, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"].join("\n"),
  });

  for (const [id, fields] of section(parser, "contig")) {
    if (!CONTIG.test(id)) continue;
    const length = z.looseObject({ length: z.coerce.number().int().positive() }).safeParse(fields);
    lines.push(`##contig=<ID=${id}${length.success ? `,length=${length.data.length}` : ""}>`);
  }
  for (const [id] of section(parser, "FILTER")) {
    if (id !== "PASS" && FILTER.test(id)) lines.push(`##FILTER=<ID=${id},Description="${id}">`);
  }
  lines.push(
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End position">',
    '##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="Length of the variant">',
    '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Type of the variant">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
  );
  const declared = new Set(known.flatMap((line) => /^##FORMAT=<ID=([^,>]+)/.exec(line)?.[1] ?? []));
  const kept = new Set(["GT"]);
  for (const [id, fields] of section(parser, "FORMAT")) {
    const field = fieldSchema.safeParse(fields);
    if (id === "GT" || !declared.has(id) || !IDENTIFIER.test(id) || !field.success) continue;
    const { Number: number, Type: type } = field.data;
    if ((type !== "Integer" && type !== "Float") || !/^(?:\d+|[ARG.])$/.test(String(number))) continue;
    lines.push(`##FORMAT=<ID=${id},Number=${number},Type=${type},Description="${id}">`);
    kept.add(id);
  }
  lines.push(`#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${NEUTRAL_SAMPLE}`);
  return { text: `${lines.join("\n")}\n`, keeps: (key) => kept.has(key) };
}

/** ID of a person's row: public accessions only. */
export const publicIds = (id: string): string =>
  id
    .split(";")
    .filter((one) => ACCESSION.test(one))
    .join(";") || ".";

/** INFO of a person's row: the rest of INFO speaks of the cohort that the person was called in. */
export const structureOf = (info: string): string =>
  info
    .split(";")
    .filter((one) => STRUCTURE.test(one))
    .join(";") || ".";

/** FILTER of a person's row. */
export const filtersOf = (filter: string): string =>
  filter
    .split(";")
    .filter((one) => FILTER.test(one))
    .join(";") || ".";

/** A numeric field of a person's row; a dot where something else stands there. */
export const numbersOf = (value: string): string => (NUMBERS.test(value) && value !== "" ? value : ".");

function section(parser: VCFParser, name: string): [string, unknown][] {
  const parsed = sectionSchema.safeParse(parser.getMetadata(name));
  return parsed.success ? Object.entries(parsed.data) : [];
}
