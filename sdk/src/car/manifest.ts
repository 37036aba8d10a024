import { z } from "zod";
import { type Bytes, utf8 } from "../bytes.ts";
import { DatasetContentError } from "./errors.ts";

/** Name of the encrypted manifest in every dataset. */
export const MANIFEST_PATH = "manifest.c4gh";

/** Name in the CAR of a dataset's file: says its position and nothing else. */
export const dataPath = (index: number): string => (index === 0 ? "data.c4gh" : `data-${index + 1}.c4gh`);

/** One file of a dataset, as its contributor had it. */
export const manifestFileSchema = z.strictObject({
  /** Name in the CAR. */
  path: z.string().regex(/^data(-[1-9]\d*)?\.c4gh$/),
  /** Original name. */
  name: z.string().min(1).max(255),
  /** Media type (RFC 6838), such as `text/x-vcf`. */
  mediaType: z.string().min(1).max(255),
  /** Bytes before encryption. */
  size: z.int().nonnegative(),
  /** SHA-256 before encryption, lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What a dataset holds. It travels encrypted, since names tell who a person is. */
export const manifestSchema = z.strictObject({
  version: z.literal(1),
  files: z.array(manifestFileSchema).min(1).max(1_000),
});

export type ManifestFile = z.infer<typeof manifestFileSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/**
 * The manifest's bytes; the same files give the same bytes (schema order, no spaces).
 * @throws {@link DatasetContentError} when a name or media type is empty or longer than 255 characters
 */
export function encodeManifest(manifest: Manifest): Bytes {
  const parsed = manifestSchema.safeParse(manifest);
  if (!parsed.success)
    throw new DatasetContentError("A file has no usable name or media type.", parsed.error);
  return utf8(JSON.stringify(parsed.data));
}

/** @throws {@link DatasetContentError} */
export function decodeManifest(bytes: Uint8Array): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new DatasetContentError("The manifest is no JSON.", error);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success)
    throw new DatasetContentError("The manifest has not the fields of a manifest.", parsed.error);
  return parsed.data;
}
