import { BaseError, type BaseErrorOptions } from "../errors.ts";

/**
 * Anything that is wrong with a VCF. Errors name lines and columns by number and never quote a sample's name: they end
 * in logs.
 */
export class VcfError extends BaseError {
  override readonly name: string = "VcfError";
  /** The line of the uncompressed file, from 1; `undefined` where it is not about one line. */
  readonly line: number | undefined;

  constructor(summary: string, options: BaseErrorOptions & { readonly line?: number | undefined } = {}) {
    super(options.line === undefined ? summary : `Line ${options.line}: ${summary}`, options);
    this.line = options.line;
  }
}

/** The file has no bytes, or no variants. */
export class EmptyVcfError extends VcfError {
  override readonly name = "EmptyVcfError";
  constructor(fact: string) {
    super("There are no variants to read.", {
      happened: [fact],
      remedy: "Check that you gave the right file.",
    });
  }
}

/** The file is something else. */
export class NotVcfError extends VcfError {
  override readonly name = "NotVcfError";
  constructor(fact: string, remedy = "Give a VCF, plain or compressed with gzip or bgzip.", line?: number) {
    super("This is not a VCF.", { happened: [fact], remedy, line });
  }
}

/** A compressed file ends too early. */
export class TruncatedGzipError extends VcfError {
  override readonly name = "TruncatedGzipError";
  constructor(fact: string, cause?: unknown) {
    super("The compressed file is cut off.", {
      happened: [fact],
      remedy: "Copy or download it again; `gzip -t FILE` tells whether a copy is whole.",
      cause,
    });
  }
}

/** A compressed file does not decompress to what its checksums say. */
export class CorruptGzipError extends VcfError {
  override readonly name = "CorruptGzipError";
  constructor(fact: string, cause?: unknown) {
    super("The compressed file is damaged.", {
      happened: [fact],
      remedy: "Copy or download it again; `gzip -t FILE` tells whether a copy is whole.",
      cause,
    });
  }
}

/** Several gzip files in one, which browsers cannot decompress. */
export class GzipMembersError extends VcfError {
  override readonly name = "GzipMembersError";
  constructor(cause?: unknown) {
    super("The compressed file goes on after its end.", {
      happened: ["It is several gzip files one after another, or has bytes behind it."],
      remedy: "Compress it again in one piece: `gzip -dc FILE | bgzip > NEW`.",
      cause,
    });
  }
}

/** A line longer than any VCF has. */
export class LineTooLongError extends VcfError {
  override readonly name = "LineTooLongError";
  constructor(line: number, limit: number) {
    super(`It is longer than ${limit} characters.`, {
      line,
      remedy: "Check that the file is a VCF with one variant a line.",
    });
  }
}

/** The column header is not that of a VCF. */
export class ColumnHeaderError extends VcfError {
  override readonly name = "ColumnHeaderError";
  constructor(line: number, fact: string) {
    super("The column header is not that of a VCF.", {
      line,
      happened: [fact],
      remedy:
        "The line that begins with #CHROM must name CHROM POS ID REF ALT QUAL FILTER INFO, FORMAT and the samples, separated by tabs.",
    });
  }
}

/** A VCF of sites alone. */
export class NoSamplesError extends VcfError {
  override readonly name = "NoSamplesError";
  constructor(line: number) {
    super("The VCF has no samples.", {
      line,
      happened: ["No column stands behind INFO and FORMAT: it lists sites, not people's genotypes."],
      remedy: "Give the VCF that the sites were taken from.",
    });
  }
}

/** Two columns of one sample. */
export class DuplicateSampleError extends VcfError {
  override readonly name = "DuplicateSampleError";
  constructor(line: number, first: number, second: number) {
    super(`Columns ${first} and ${second} carry the same sample name.`, {
      line,
      remedy: "Rename or drop one of them, for instance with `bcftools reheader -s` or `bcftools view -s`.",
    });
  }
}

/** A row with more or fewer columns than the header. */
export class ColumnCountError extends VcfError {
  override readonly name = "ColumnCountError";
  constructor(line: number, expected: number, actual: number) {
    super(`It has ${actual} columns; the header has ${expected}.`, {
      line,
      remedy:
        "Columns are separated by single tabs. If this is the last line, the file was cut off: copy it again.",
    });
  }
}

/** A row without genotypes. */
export class NoGenotypesError extends VcfError {
  override readonly name = "NoGenotypesError";
  constructor(line: number) {
    super("There are no genotypes: FORMAT does not name GT.", {
      line,
      remedy: "Call genotypes first, or drop the rows that have none.",
    });
  }
}

/** A row whose fields make no sense. */
export class BadRecordError extends VcfError {
  override readonly name = "BadRecordError";
  constructor(line: number, fact: string) {
    super(fact, {
      line,
      remedy: "Correct the row or drop it; `bcftools view FILE > /dev/null` lists such rows.",
    });
  }
}

/** A dataset of one person holds several people's columns. */
export class NotOnePersonError extends VcfError {
  override readonly name = "NotOnePersonError";
  constructor(samples: number) {
    super(`A dataset of one person has one sample; this VCF has ${samples}.`, {
      remedy: "Split it first: one VCF for each person.",
    });
  }
}

/** Fewer people than a result may be computed of. */
export class CohortTooSmallError extends VcfError {
  override readonly name = "CohortTooSmallError";
  constructor(people: number, minimum: number) {
    super(`The cohort has ${people} people; the policy asks for at least ${minimum}.`, {
      happened: ["The frequencies of very few people are their genotypes."],
      remedy: "Order more datasets of the collection.",
    });
  }
}
