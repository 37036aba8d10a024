import { rngChacha20 } from "@noble/ciphers/chacha.js";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  type ByteSource,
  type Bytes,
  type RandomAccess,
  type RandomBytes,
  secureRandom,
  toHex,
} from "../bytes.ts";
import { bodyLength, decryptFile, encryptFile, generateDataKey, type ReaderKeys } from "../crypt4gh/index.ts";
import { keyCommitment } from "../signing/index.ts";
import { chunksOf, collectBytes } from "../streams.ts";
import { DatasetContentError, NoSuchFileError } from "./errors.ts";
import {
  dataPath,
  decodeManifest,
  encodeManifest,
  MANIFEST_PATH,
  type Manifest,
  type ManifestFile,
} from "./manifest.ts";
import { type FileToPack, type PackedCar, packCar } from "./pack.ts";
import { type OpenedCar, openCar } from "./read.ts";

/** A file of a dataset before encryption. Its stream is read twice and must give the same bytes both times. */
export interface DatasetFile {
  /** Original name; it is encrypted. */
  readonly name: string;
  /** Media type (RFC 6838); it is encrypted. */
  readonly mediaType: string;
  stream(): ByteSource;
}

/** How a dataset is packed. */
export interface PackDatasetOptions {
  readonly files: readonly DatasetFile[];
  /** X25519 public keys of those who can read it without a key packet: usually the contributor's own. */
  readonly readers: readonly Uint8Array[];
  /** 32 bytes that all files of the dataset share; without it a fresh one is made. */
  readonly dataKey?: Uint8Array | undefined;
  readonly random?: RandomBytes | undefined;
}

/** A dataset ready to be stored and registered. */
export interface PackedDataset extends PackedCar {
  /** Secret: goes into the recovery file and, sealed, to the custodian. */
  readonly dataKey: Bytes;
  /** What is registered of the data key. */
  readonly keyCommitment: Bytes;
  readonly manifest: Manifest;
}

/** A dataset that was verified and can be decrypted. */
export interface OpenedDataset {
  readonly manifest: Manifest;
  /**
   * A file's plaintext, by its position in the manifest. The end is reached only when length and SHA-256 are those
   * of the manifest.
   * @throws {@link DatasetContentError}, and what `decryptFile` and `openCar` throw
   */
  read(index?: number): AsyncGenerator<Bytes, void, undefined>;
}

// Three hundred bytes a file and a thousand files, with room.
const MAX_MANIFEST_LENGTH = 1024 * 1024;

/**
 * Encrypts files (crypt4gh) and packs them with their encrypted manifest: the CAR holds `data.c4gh`, `data-2.c4gh`
 * ... and `manifest.c4gh`, and nothing in the clear but these names and the lengths.
 * @example
 * ```ts
 * const packed = await packDataset({
 *   files: [{ name: "S.vcf", mediaType: "text/x-vcf", stream: () => file.stream() }],
 *   readers: [me.publicKey],
 * });
 * ```
 * @throws {@link ContentChangedError} when a file changes meanwhile
 */
export async function packDataset(options: PackDatasetOptions): Promise<PackedDataset> {
  const random = options.random ?? secureRandom;
  const dataKey = options.dataKey === undefined ? generateDataKey(random) : new Uint8Array(options.dataKey);
  // Both passes must encrypt to the same bytes, so each file draws its nonces and writer key from a seed of its own.
  // A fresh seed each time: packing the same file again shares no byte with this time.
  const seeds = Array.from({ length: options.files.length + 1 }, () => random(32));
  const encrypted = (plain: ByteSource, index: number) =>
    encryptFile(plain, { readers: options.readers, dataKey, random: randomFrom(seeds[index]!) });

  const described: ManifestFile[] = [];
  const files: FileToPack[] = options.files.map((file, index) => ({
    path: dataPath(index),
    stream: () =>
      encrypted(
        describing(file, dataPath(index), (entry) => {
          described[index] = entry;
        }),
        index,
      ),
  }));
  // Packed last: by then every file was read and described.
  files.push({
    path: MANIFEST_PATH,
    stream: () => encrypted(encodeManifest({ version: 1, files: described }), options.files.length),
  });

  const car = await packCar(files);
  return {
    ...car,
    dataKey,
    keyCommitment: keyCommitment(car.root, dataKey),
    manifest: { version: 1, files: [...described] },
  };
}

/**
 * Verifies a dataset's CAR and reads its manifest.
 * @param root - the root digest as it stands on-chain
 * @param keys - the data key (an enclave's, from its key packet), or the secret key of a reader
 * @throws as {@link openCar} and `decryptFile`, and {@link DatasetContentError} when manifest and files do not fit
 */
export async function openDataset(
  car: Uint8Array | RandomAccess,
  root: Uint8Array,
  keys: ReaderKeys,
): Promise<OpenedDataset> {
  return openDatasetIn(await openCar(car, root), keys);
}

/** {@link openDataset} for a CAR that is open already. */
export async function openDatasetIn(car: OpenedCar, keys: ReaderKeys): Promise<OpenedDataset> {
  const sealed = car.files.find((file) => file.path === MANIFEST_PATH);
  if (sealed === undefined) throw new NoSuchFileError(MANIFEST_PATH);
  if (sealed.size > MAX_MANIFEST_LENGTH) throw new DatasetContentError("The manifest is too long to be one.");
  const manifest = decodeManifest(await collectBytes(decryptFile(car.read(MANIFEST_PATH), keys)));
  const named = new Set(manifest.files.map((file) => file.path));
  if (named.size !== manifest.files.length || car.files.length !== named.size + 1) {
    throw new DatasetContentError("The manifest does not name each file of the CAR once.");
  }
  for (const { path, size } of manifest.files) {
    const stored = car.files.find((file) => file.path === path);
    if (stored === undefined) throw new NoSuchFileError(path);
    if (stored.size < bodyLength(size))
      throw new DatasetContentError(`${path} is too short for what it should hold.`);
  }
  return {
    manifest,
    read(index = 0) {
      const file = manifest.files[index];
      if (file === undefined) throw new NoSuchFileError(dataPath(index));
      return verified(file, decryptFile(car.read(file.path), { ...keys, expectedLength: file.size }));
    },
  };
}

/** Passes a file through and describes it when its end is reached. */
async function* describing(
  file: DatasetFile,
  path: string,
  describe: (entry: ManifestFile) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = sha256.create();
  let size = 0;
  for await (const chunk of chunksOf(file.stream())) {
    hash.update(chunk);
    size += chunk.length;
    yield chunk;
  }
  const digest = toHex(hash.digest()).slice(2);
  describe({ path, name: file.name, mediaType: file.mediaType, size, sha256: digest });
}

async function* verified(
  file: ManifestFile,
  plain: AsyncIterable<Bytes>,
): AsyncGenerator<Bytes, void, undefined> {
  const hash = sha256.create();
  for await (const chunk of plain) {
    hash.update(chunk);
    yield chunk;
  }
  if (toHex(hash.digest()) !== `0x${file.sha256}`) {
    throw new DatasetContentError(`The SHA-256 of ${file.path} is not the manifest's.`);
  }
}

function randomFrom(seed: Bytes): RandomBytes {
  const generator = rngChacha20(seed);
  return (length) => new Uint8Array(generator.randomBytes(length));
}
