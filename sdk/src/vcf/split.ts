import { type ByteSource, type Bytes, concatBytes, utf8 } from "../bytes.ts";
import { countAlleles } from "./genotype.ts";
import { filtersOf, numbersOf, personHeader, publicIds, structureOf } from "./person-header.ts";
import { openVcf, type VcfRecord } from "./read.ts";

/** How a VCF is split. */
export interface SplitOptions {
  /** At most so many people, from the first column on; all when absent. */
  readonly limit?: number | undefined;
  /**
   * Takes the next bytes of a person's VCF. People are numbered from 0 in the order of the file's columns; they have
   * no other name here. Awaited before more is read.
   */
  readonly append: (person: number, bytes: Bytes) => Promise<void> | void;
}

/** What was split. */
export interface SplitSummary {
  readonly people: number;
  /** Rows of each person's VCF: every row of the file, since a missing call is not the absence of a variant. */
  readonly rows: number;
}

// For all people together: 2 500 people still write several kilobytes at a time.
const MAX_HELD = 16 * 1024 * 1024;

/**
 * Splits a VCF into one for each person: a single sample named `S`, all rows, its genotype and numeric fields, and
 * nothing that tells who the person is or who else was sequenced. Reads once; holds one row and at most 16 MiB of
 * output.
 * @example
 * ```ts
 * await splitVcf(file.stream(), { append: (person, bytes) => appendFile(`${folder}/${person}.vcf`, bytes) });
 * ```
 * @throws what {@link openVcf} and its rows throw; what was appended by then is incomplete
 */
export async function splitVcf(source: ByteSource, options: SplitOptions): Promise<SplitSummary> {
  const vcf = await openVcf(source);
  const people = Math.min(vcf.samples.length, options.limit ?? vcf.samples.length);
  const header = personHeader(vcf.meta);
  const held: string[][] = Array.from({ length: people }, () => [header.text]);
  let heldLength = people * header.text.length;
  let rows = 0;

  const flush = async () => {
    for (const [person, parts] of held.entries()) {
      if (parts.length > 0) await options.append(person, utf8(parts.splice(0).join("")));
    }
    heldLength = 0;
  };

  for await (const record of vcf.records()) {
    rows += 1;
    const format = record.format.flatMap((key, at) =>
      key !== "GT" && header.keeps(key) ? [{ key, at }] : [],
    );
    const site = siteColumns(
      record,
      format.map(({ key }) => key),
    );
    for (const [person, parts] of held.entries()) {
      const row =
        site +
        personColumn(
          record,
          person,
          format.map(({ at }) => at),
        );
      parts.push(row);
      heldLength += row.length;
    }
    if (heldLength > MAX_HELD) await flush();
  }
  await flush();
  return { people, rows };
}

/** {@link splitVcf} for files that are known to be small: each person's VCF in one piece. */
export async function splitVcfInMemory(source: ByteSource, limit?: number): Promise<readonly Bytes[]> {
  const parts: Bytes[][] = [];
  await splitVcf(source, {
    limit,
    append: (person, bytes) => {
      parts[person] ??= [];
      parts[person].push(bytes);
    },
  });
  return parts.map((of) => concatBytes(...of));
}

/** The columns that all people share, with the tab before the sample's. */
function siteColumns(record: VcfRecord, keys: readonly string[]): string {
  const { chrom, pos, id, ref, alts, qual, filter, info } = record;
  const alt = alts.length === 0 ? "." : alts.join(",");
  const columns = [
    chrom,
    pos,
    publicIds(id),
    ref,
    alt,
    numbersOf(qual),
    filtersOf(filter),
    structureOf(info),
  ];
  // GT first, as the specification wants it, wherever it stood.
  return `${columns.join("\t")}\t${["GT", ...keys].join(":")}\t`;
}

function personColumn(record: VcfRecord, person: number, kept: readonly number[]): string {
  const fields = record.samples[person]!.split(":");
  const genotype = fields[record.genotype] ?? ".";
  // Also proves that what is copied here is a genotype and no text.
  countAlleles(genotype, new Uint32Array(record.alts.length + 1), record.line);
  return `${[genotype, ...kept.map((at) => numbersOf(fields[at] ?? "."))].join(":")}\n`;
}
