import type { ByteSource } from "../bytes.ts";
import { decompressed } from "./decompress.ts";
import {
  BadRecordError,
  ColumnCountError,
  ColumnHeaderError,
  DuplicateSampleError,
  EmptyVcfError,
  NoGenotypesError,
  NoSamplesError,
  NotVcfError,
} from "./errors.ts";
import { type Line, linesOf } from "./lines.ts";

const FIXED_COLUMNS = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"] as const;

/** A VCF whose header was read. */
export interface Vcf {
  /** Lines that begin with `##`, as they stand in the file: they may name people. */
  readonly meta: readonly string[];
  /** Sample names, in the order of their columns: they may name people. */
  readonly samples: readonly string[];
  /** The rows, once. Ends with {@link EmptyVcfError} when there is none. */
  records(): AsyncGenerator<VcfRecord, void, undefined>;
}

/** One row. Texts are as in the file, except where said. */
export interface VcfRecord {
  /** Line in the uncompressed file, from 1. */
  readonly line: number;
  readonly chrom: string;
  /** Position, from 1 (0 for a telomere). */
  readonly pos: number;
  readonly id: string;
  readonly ref: string;
  /** Alternate alleles; none where the file has a dot. */
  readonly alts: readonly string[];
  readonly qual: string;
  readonly filter: string;
  readonly info: string;
  /** Keys of the sample columns. */
  readonly format: readonly string[];
  /** Position of GT in `format`. */
  readonly genotype: number;
  /** One text a sample. */
  readonly samples: readonly string[];
}

/**
 * Opens a VCF: plain, gzip or bgzip, with LF or CRLF, of any number of samples. One row is held at a time. Contigs may
 * come in any order.
 * @example
 * ```ts
 * const vcf = await openVcf(file.stream());
 * for await (const record of vcf.records()) console.log(record.chrom, record.pos, record.alts);
 * ```
 * @throws {@link EmptyVcfError}, {@link NotVcfError}, {@link ColumnHeaderError}, {@link NoSamplesError},
 *   {@link DuplicateSampleError}, {@link TruncatedGzipError}, {@link CorruptGzipError}, {@link GzipMembersError};
 *   the rows also {@link ColumnCountError}, {@link NoGenotypesError}, {@link BadRecordError}
 */
export async function openVcf(source: ByteSource): Promise<Vcf> {
  const lines = linesOf(decompressed(source));
  try {
    const { meta, samples } = await readHeader(lines);
    return { meta, samples, records: () => readRecords(lines, samples.length) };
  } catch (error) {
    await lines.return();
    throw error;
  }
}

async function readHeader(lines: AsyncGenerator<Line, void, undefined>) {
  const meta: string[] = [];
  for (;;) {
    // Not for-await: that would close the lines, and the rows come from the same.
    const next = await lines.next();
    if (next.done === true) {
      if (meta.length === 0) throw new EmptyVcfError("The file is empty.");
      throw new NotVcfError("It ends before the line that begins with #CHROM.");
    }
    const { number, text } = next.value;
    if (number === 1) expectFileFormat(text);
    if (text.startsWith("##")) meta.push(text);
    else if (text.startsWith("#")) return { meta, samples: sampleNames(number, text) };
    else throw new NotVcfError("A row stands before the line that begins with #CHROM.", undefined, number);
  }
}

function expectFileFormat(text: string): void {
  if (text.startsWith("##fileformat=VCF")) return;
  if (text.startsWith("BCF")) {
    throw new NotVcfError(
      "It is a BCF, the binary form.",
      "Convert it: `bcftools view -Oz -o NEW.vcf.gz FILE`.",
    );
  }
  throw new NotVcfError('Its first line does not begin with "##fileformat=VCF".');
}

function sampleNames(line: number, text: string): readonly string[] {
  const columns = text.split("\t");
  for (const [at, name] of FIXED_COLUMNS.entries()) {
    if (columns[at] === name) continue;
    if (columns[at] === undefined && at >= 8) throw new NoSamplesError(line);
    throw new ColumnHeaderError(line, `Column ${at + 1} should be ${name}.`);
  }
  const samples = columns.slice(FIXED_COLUMNS.length);
  if (samples.length === 0) throw new NoSamplesError(line);
  const seen = new Map<string, number>();
  for (const [at, name] of samples.entries()) {
    const column = at + FIXED_COLUMNS.length + 1;
    if (name === "") throw new ColumnHeaderError(line, `Column ${column} has no name.`);
    const first = seen.get(name);
    if (first !== undefined) throw new DuplicateSampleError(line, first, column);
    seen.set(name, column);
  }
  return samples;
}

async function* readRecords(
  lines: AsyncGenerator<Line, void, undefined>,
  sampleCount: number,
): AsyncGenerator<VcfRecord, void, undefined> {
  let rows = 0;
  for await (const { number, text } of lines) {
    // An empty line at the end is common and harmless; bcftools skips them too.
    if (text === "") continue;
    rows += 1;
    yield parseRecord(number, text, sampleCount);
  }
  if (rows === 0) throw new EmptyVcfError("The file has a header and no rows.");
}

function parseRecord(line: number, text: string, sampleCount: number): VcfRecord {
  const columns = text.split("\t");
  const expected = FIXED_COLUMNS.length + sampleCount;
  if (columns.length !== expected) throw new ColumnCountError(line, expected, columns.length);
  const [chrom = "", pos = "", id = "", ref = "", alt = "", qual = "", filter = "", info = "", format = ""] =
    columns;
  if (chrom === "" || /\s/.test(chrom))
    throw new BadRecordError(line, "CHROM is empty or has a blank in it.");
  if (!/^\d{1,10}$/.test(pos)) throw new BadRecordError(line, "POS is no whole number.");
  if (!/^[A-Za-z.*]+$/.test(ref)) throw new BadRecordError(line, "REF is no sequence of bases.");
  const alts = alt === "." ? [] : alt.split(",");
  if (alts.some((one) => one === "" || /\s/.test(one)))
    throw new BadRecordError(line, "An allele of ALT is empty.");
  const keys = format.split(":");
  const genotype = keys.indexOf("GT");
  if (genotype === -1) throw new NoGenotypesError(line);
  return {
    line,
    chrom,
    pos: Number(pos),
    id,
    ref,
    alts,
    qual,
    filter,
    info,
    format: keys,
    genotype,
    samples: columns.slice(FIXED_COLUMNS.length),
  };
}
