/** What one file says of one site, over its samples. */
export interface Variant {
  readonly chromosome: string;
  readonly position: number;
  readonly id: string;
  readonly reference: string;
  readonly alternates: readonly string[];
  /** Called copies of each alternate allele. */
  readonly counts: readonly number[];
  /** Called alleles altogether. */
  readonly called: number;
  /** Samples in the file. */
  readonly individuals: number;
}

/** A line is not what VCF says. The message names the line and never its content: it goes into logs. */
export class VcfRecordError extends Error {
  constructor(line: number, fact: string) {
    super(`line ${line} of the VCF: ${fact}`);
    this.name = "VcfRecordError";
  }
}

/** CHROM to FORMAT. */
const FIXED_COLUMNS = 9;

/**
 * The sites of a plain VCF with the allele counts of its samples (VCF 4.3, section 1.6: GT alleles are separated
 * by `/` or `|`, a dot is no call, a haploid call has one allele).
 * @throws VcfRecordError
 */
export async function* variantsOf(vcf: AsyncIterable<Uint8Array>): AsyncGenerator<Variant, void, undefined> {
  let number = 0;
  let individuals: number | undefined;
  for await (const line of linesOf(vcf)) {
    number += 1;
    if (line.startsWith("##") || line === "") continue;
    if (line.startsWith("#CHROM")) {
      individuals = line.split("\t").length - FIXED_COLUMNS;
      if (individuals < 1) throw new VcfRecordError(number, "the header names no sample");
      continue;
    }
    if (individuals === undefined)
      throw new VcfRecordError(number, "there is no header line before the first record");
    yield readRecord(line, number, individuals);
  }
  if (individuals === undefined) throw new VcfRecordError(number, "there is no header line");
}

function readRecord(line: string, number: number, individuals: number): Variant {
  const columns = line.split("\t");
  if (columns.length !== FIXED_COLUMNS + individuals) {
    throw new VcfRecordError(
      number,
      `it has ${columns.length} columns instead of ${FIXED_COLUMNS + individuals}`,
    );
  }
  const [chromosome = "", position = "", id = "", reference = "", alternate = "", , , , format = ""] =
    columns;
  if (!/^\d{1,15}$/.test(position)) throw new VcfRecordError(number, "the position is no number");
  const genotype = format.split(":").indexOf("GT");
  if (genotype < 0) throw new VcfRecordError(number, "it has no GT");
  const alternates = alternate === "." ? [] : alternate.split(",");
  const counts = alternates.map(() => 0);
  let called = 0;
  for (const sample of columns.slice(FIXED_COLUMNS)) {
    for (const allele of (sample.split(":")[genotype] ?? ".").split(/[/|]/)) {
      if (allele === ".") continue;
      const index = Number(allele);
      if (!/^\d+$/.test(allele) || index > alternates.length) {
        throw new VcfRecordError(number, "a genotype names an allele that the site does not have");
      }
      called += 1;
      if (index > 0) counts[index - 1]! += 1;
    }
  }
  return { chromosome, position: Number(position), id, reference, alternates, counts, called, individuals };
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: false });
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest.endsWith("\r") ? rest.slice(0, -1) : rest;
}
