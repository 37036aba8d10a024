import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, utf8 } from "../bytes.ts";
import { streamOf } from "../streams.ts";
import { bgzip } from "../testing/bgzip.ts";
import { chunked, errorOf } from "../testing/bytes.ts";
import { vcfOf } from "../testing/vcf.ts";
import {
  BadRecordError,
  ColumnCountError,
  ColumnHeaderError,
  CorruptGzipError,
  DuplicateSampleError,
  EmptyVcfError,
  GzipMembersError,
  LineTooLongError,
  NoGenotypesError,
  NoSamplesError,
  NotVcfError,
  TruncatedGzipError,
  VcfError,
} from "./errors.ts";
import { openVcf } from "./read.ts";

const ROWS = Array.from(
  { length: 3_000 },
  (_, at) => `${(at % 3) + 1} ${at + 1} A C,GT GT:DP ${at % 2}/${at % 3}:${at} ./. 1|2:7`,
);
const text = vcfOf(["A", "B", "C"], ROWS, { meta: ["##note=Gr\u00fc\u00dfe"] });
const plain = utf8(text);

async function readAll(source: Parameters<typeof openVcf>[0]): Promise<string[]> {
  const vcf = await openVcf(source);
  const rows = [];
  for await (const { chrom, pos, ref, alts, format, samples } of vcf.records()) {
    rows.push([chrom, pos, ref, alts.join(","), format.join(":"), ...samples].join(" "));
  }
  return rows;
}

describe("a VCF is read the same", () => {
  const forms = {
    plain,
    "plain with CRLF": utf8(vcfOf(["A", "B", "C"], ROWS, { end: "\r\n" })),
    "plain without an end of the last line": utf8(text.trimEnd()),
    "plain with empty lines at the end": utf8(`${text}\n\r\n`),
    "plain with a byte order mark": utf8(`\uFEFF${text}`),
    gzip: gzipSync(plain),
    bgzip: bgzip(plain),
    "bgzip in small blocks": bgzip(plain, 1_000),
  };

  test.each(Object.entries(forms))("%s", async (_, bytes) => {
    expect(await readAll(bytes)).toEqual(ROWS);
  });

  test("however its bytes are cut into chunks, in a multi-byte letter too", async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.values(forms)), cuts, async (bytes, lengths) => {
        expect(await readAll(chunked(bytes, lengths))).toEqual(ROWS);
      }),
      { numRuns: 20 },
    );
    expect((await openVcf(chunked(plain, [1]))).meta.at(-1)).toBe("##note=Gr\u00fc\u00dfe");
  });
});

test("a file that bgzip itself wrote is read up to its first row without genotypes", async () => {
  const file = readFileSync(new URL("./fixtures/made-by-bcftools.vcf.gz", import.meta.url));
  const vcf = await openVcf(file);
  const read: number[] = [];
  const error = await errorOf(async () => {
    for await (const { pos } of vcf.records()) read.push(pos);
  });
  expect(vcf.samples).toEqual(["A", "B", "C"]);
  expect(read).toEqual([1, 2, 3, 4]);
  expect(error).toBeInstanceOf(NoGenotypesError);
});

describe("a file that is no VCF of people is refused with a reason and a remedy", () => {
  const header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";
  const row = "1\t1\t.\tA\tC\t.\t.\t.\tGT";

  test.each<[string, string | Uint8Array, new (...args: never[]) => VcfError, number | undefined]>([
    ["empty", "", EmptyVcfError, undefined],
    ["empty and gzipped", gzipSync(""), EmptyVcfError, undefined],
    ["empty and bgzipped", bgzip(new Uint8Array()), EmptyVcfError, undefined],
    ["a header and no rows", vcfOf(["A"], []), EmptyVcfError, undefined],
    ["a text", "hello", NotVcfError, undefined],
    ["a PNG", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0), NotVcfError, undefined],
    ["a BCF", bgzip(utf8("BCF\u0002\u0002....")), NotVcfError, undefined],
    ["a VCF without its first line", text.slice(text.indexOf("\n") + 1), NotVcfError, undefined],
    ["a header that breaks off", "##fileformat=VCFv4.2\n##x=y\n", NotVcfError, undefined],
    ["rows before the column line", `##fileformat=VCFv4.2\n${row}\t0/1\n`, NotVcfError, 2],
    ["columns separated by blanks", `${header.replaceAll("\t", " ")}\n`, ColumnHeaderError, 2],
    ["a column missing in the header", `${header.replace("\tQUAL", "")}\tFORMAT\tA\n`, ColumnHeaderError, 2],
    ["a sample without a name", `${header}\tFORMAT\tA\t\n`, ColumnHeaderError, 2],
    ["sites without samples", `${header}\n1\t1\t.\tA\tC\t.\t.\t.\n`, NoSamplesError, 2],
    ["FORMAT without samples", `${header}\tFORMAT\n${row}\n`, NoSamplesError, 2],
    ["a sample twice", `${header}\tFORMAT\tA\tB\tA\n`, DuplicateSampleError, 2],
    ["a row too short", `${header}\tFORMAT\tA\tB\n${row}\t0/1\n`, ColumnCountError, 3],
    ["a row too long", `${header}\tFORMAT\tA\n${row}\t0/1\t0/1\n`, ColumnCountError, 3],
    ["a row without GT", `${header}\tFORMAT\tA\n1\t1\t.\tA\tC\t.\t.\t.\tDP\t3\n`, NoGenotypesError, 3],
    [
      "a position that is no number",
      `${header}\tFORMAT\tA\n1\tx\t.\tA\tC\t.\t.\t.\tGT\t0/1\n`,
      BadRecordError,
      3,
    ],
    ["no chromosome", `${header}\tFORMAT\tA\n\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1\n`, BadRecordError, 3],
    ["no reference", `${header}\tFORMAT\tA\n1\t1\t.\t\tC\t.\t.\t.\tGT\t0/1\n`, BadRecordError, 3],
    ["an empty allele", `${header}\tFORMAT\tA\n1\t1\t.\tA\tC,,T\t.\t.\t.\tGT\t0/1\n`, BadRecordError, 3],
  ])("%s", async (_, file, kind, line) => {
    const error = await errorOf(() => readAll(typeof file === "string" ? utf8(file) : file));
    expect(error).toBeInstanceOf(kind);
    if (!(error instanceof VcfError)) throw error;
    expect(error.line).toBe(line);
    expect(error.remedy).toBeTruthy();
  });

  test("a sample that stands twice is named by its columns, never by its name", async () => {
    const error = await errorOf(() => readAll(utf8(`${header}\tFORMAT\tJane\tB\tJane\n`)));
    expect(String(error)).toContain("Columns 10 and 12");
    expect(String(error)).not.toContain("Jane");
  });

  test("a line without end is not held without end", async () => {
    let given = 0;
    async function* endless() {
      yield utf8("##fileformat=VCFv4.2\n");
      const chunk = new Uint8Array(1024 * 1024).fill(65);
      for (;;) {
        given += chunk.length;
        yield chunk;
      }
    }
    expect(await errorOf(() => readAll(endless()))).toBeInstanceOf(LineTooLongError);
    expect(given).toBeLessThan(70 * 1024 * 1024);
  });
});

describe("a compressed file that was cut or damaged is never read as a shorter or another one", () => {
  const small = utf8(
    vcfOf(
      ["A"],
      ROWS.slice(0, 60).map((row) => row.split(" ").slice(0, 6).join(" ")),
    ),
  );
  const files = { gzip: gzipSync(small), bgzip: bgzip(small, 700) };

  test.each(Object.entries(files))("%s, every cut", async (_, bytes) => {
    for (let length = 19; length < bytes.length; length += 1) {
      expect(await errorOf(() => readAll(bytes.subarray(0, length)))).toBeInstanceOf(TruncatedGzipError);
    }
    for (let length = 0; length < 19; length += 1) {
      expect(await errorOf(() => readAll(bytes.subarray(0, length)))).toBeInstanceOf(VcfError);
    }
  });

  test.each(Object.entries(files))("%s, any flipped bit", async (_, bytes) => {
    const whole = await readAll(bytes);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const changed = new Uint8Array(bytes);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        try {
          // Time stamp and system of a gzip header are under no checksum and mean nothing.
          expect(await readAll(changed)).toEqual(whole);
        } catch (error) {
          expect(error).toBeInstanceOf(VcfError);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("each kind of damage says what it is", async () => {
    const changed = new Uint8Array(files.gzip);
    changed[changed.length - 6]! ^= 1;
    expect(await errorOf(() => readAll(changed))).toBeInstanceOf(CorruptGzipError);
    const block = new Uint8Array(files.bgzip);
    block[60]! ^= 1;
    expect(await errorOf(() => readAll(block))).toBeInstanceOf(CorruptGzipError);
    expect(await errorOf(() => readAll(concatBytes(files.gzip, files.gzip)))).toBeInstanceOf(
      GzipMembersError,
    );
    expect(await errorOf(() => readAll(files.bgzip.subarray(0, files.bgzip.length - 28)))).toBeInstanceOf(
      TruncatedGzipError,
    );
  });

  test("an error of the source itself comes through as it is", async () => {
    const lost = new RangeError("connection lost");
    for (const bytes of Object.values(files)) {
      async function* failing() {
        yield bytes.subarray(0, 200);
        throw lost;
      }
      expect(await errorOf(() => readAll(failing()))).toBe(lost);
    }
  });
});

test("whatever the bytes, only errors of this package come out", async () => {
  const words = fc.constantFrom(
    "\t",
    "\n",
    "GT",
    "0/1",
    "##",
    "#CHROM",
    "fileformat=VCF",
    ".",
    "A",
    "1",
    ":",
    ",",
    "\r",
  );
  const texts = fc.array(words, { maxLength: 60 }).map((parts) => `##fileformat=VCFv4.2\n${parts.join("")}`);
  const lines = fc.array(words, { maxLength: 30 }).map((parts) => vcfOf(["A"], []) + parts.join(""));
  const noise = fc.uint8Array({ maxLength: 200 });
  const zipped = noise.map((bytes) => concatBytes(Uint8Array.of(0x1f, 0x8b, 8, 4), bytes));
  const all = fc.oneof(texts.map(utf8), lines.map(utf8), noise, zipped);
  await fc.assert(
    fc.asyncProperty(all, async (bytes) => {
      try {
        await readAll(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(VcfError);
      }
    }),
    { numRuns: 400 },
  );
});

test("a source is let go when its reader stops", async () => {
  for (const bytes of [plain, gzipSync(plain), bgzip(plain)]) {
    let released = false;
    const source = streamOf(
      (async function* () {
        try {
          for (;;) yield bytes;
        } finally {
          released = true;
        }
      })(),
    );
    const vcf = await openVcf(source);
    for await (const _ of vcf.records()) break;
    expect(released).toBe(true);
  }
});
