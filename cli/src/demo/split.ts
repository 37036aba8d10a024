import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatasetFile } from "@keystrand/sdk/car";
import { BaseError } from "@keystrand/sdk/errors";
import { splitVcf } from "@keystrand/sdk/vcf";
import type { Output } from "../timeline.ts";

/** A file cannot be read, or its parts cannot be written. */
export class VcfFileError extends BaseError {
  override readonly name = "VcfFileError";
}

/** One person's variants as a file of their own, without anything that names them. */
export type PersonFile = DatasetFile;

export interface SplitPeople {
  readonly people: readonly PersonFile[];
  /** Removes the parts, which are in the clear. */
  remove(): void;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

const readable = (file: string): void => {
  try {
    if (statSync(file).isFile()) return;
  } catch (cause) {
    throw new VcfFileError(
      codeOf(cause) === "ENOENT" ? `There is no file ${file}.` : `${file} cannot be read.`,
      {
        happened: codeOf(cause) === "ENOENT" ? [] : [`${codeOf(cause)}.`],
        remedy: "Name a VCF that you may read: --vcf FILE.",
        cause,
      },
    );
  }
  throw new VcfFileError(`${file} is no file.`, { remedy: "Name a VCF: --vcf FILE." });
};

/**
 * Splits a VCF into one file a person, in a folder that only this user can read.
 *
 * @throws {@link VcfFileError}, and what the sdk's VCF reader throws of the content
 */
export const readPeople = async (
  file: string,
  limit: number | undefined,
  output: Output,
): Promise<SplitPeople> => {
  readable(file);
  const folder = mkdtempSync(join(tmpdir(), "keystrand-split-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const part = (person: number) => join(folder, `${person}.vcf`);
  try {
    const summary = await splitVcf(createReadStream(file), {
      limit,
      append(person, bytes) {
        // Opened for each piece: 2 500 open files are more than many systems allow.
        const descriptor = openSync(part(person), "a", 0o600);
        try {
          writeSync(descriptor, bytes);
        } finally {
          closeSync(descriptor);
        }
      },
    });
    output.line(
      `Split into ${summary.people} datasets, one a person, of ${summary.rows} variants each; names were left out.`,
    );
    const people = Array.from({ length: summary.people }, (_, person) => ({
      name: "S.vcf",
      mediaType: "text/x-vcf",
      stream: () => createReadStream(part(person)),
    }));
    return { people, remove };
  } catch (error) {
    remove();
    if (codeOf(error) === "ENOSPC")
      throw new VcfFileError("The disk is full.", {
        happened: [`The parts of ${file} did not fit into ${tmpdir()}.`],
        remedy: "Free some space, or name another folder in TMPDIR. Nothing was sent.",
        cause: error,
      });
    throw error;
  }
};
