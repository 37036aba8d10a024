import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, toHex, utf8, viewOf } from "../bytes.ts";
import {
  bodyLength,
  Crypt4ghError,
  encryptFile,
  generateDataKey,
  generateKeyPair,
  openPacket,
  sealPacket,
} from "../crypt4gh/index.ts";
import { keyCommitment } from "../signing/index.ts";
import { collectBytes } from "../streams.ts";
import { counting, errorOf } from "../testing/bytes.ts";
import { type DatasetFile, openDataset, packDataset } from "./dataset.ts";
import { CarError, ContentChangedError, DatasetContentError, NoSuchFileError } from "./errors.ts";
import { encodeManifest, type Manifest } from "./manifest.ts";
import { type FileToPack, packCar } from "./pack.ts";
import { openCar } from "./read.ts";

const me = generateKeyPair();
const readers = [me.publicKey];
const file = (name: string, bytes: Uint8Array): DatasetFile => ({
  name,
  mediaType: "text/x-vcf",
  stream: () => [bytes],
});
const keys = { secretKeys: [me.secretKey] };

describe("a dataset", () => {
  const plains = [counting(1, 200_000), utf8("second file"), new Uint8Array()];

  test("gives its files and their description back, to a reader and to who has the data key alone", async () => {
    const names = ["HG00098.vcf", "notes.txt", "empty"];
    const packed = await packDataset({ files: plains.map((bytes, at) => file(names[at]!, bytes)), readers });
    const car = await collectBytes(packed.stream());
    expect(car.length).toBe(packed.size);
    expect(packed.keyCommitment).toEqual(keyCommitment(packed.root, packed.dataKey));
    for (const secrets of [keys, { dataKeys: [packed.dataKey] }]) {
      const opened = await openDataset(car, packed.root, secrets);
      expect(opened.manifest).toEqual(packed.manifest);
      expect(opened.manifest.files.map((entry) => [entry.path, entry.name, entry.size])).toEqual([
        ["data.c4gh", "HG00098.vcf", 200_000],
        ["data-2.c4gh", "notes.txt", 11],
        ["data-3.c4gh", "empty", 0],
      ]);
      for (const [at, plain] of plains.entries()) expect(await collectBytes(opened.read(at))).toEqual(plain);
    }
  });

  test("goes to an enclave by a key packet of 108 bytes", async () => {
    const enclave = generateKeyPair();
    const packed = await packDataset({ files: [file("x.vcf", plains[0]!)], readers });
    const { dataKey } = openPacket(
      sealPacket({ dataKey: packed.dataKey, reader: enclave.publicKey }),
      enclave.secretKey,
    );
    const opened = await openDataset(await collectBytes(packed.stream()), packed.root, {
      dataKeys: [dataKey],
    });
    expect(await collectBytes(opened.read())).toEqual(plains[0]);
  });

  test("shows neither name nor media type nor hash", async () => {
    const packed = await packDataset({
      files: [file("NA12878-Jane-Doe.vcf", utf8("secret genotype"))],
      readers,
    });
    const text = Buffer.from(await collectBytes(packed.stream())).toString("latin1");
    const hidden = ["NA12878", "Jane", "vcf", "genotype", "sha256", packed.manifest.files[0]!.sha256];
    for (const word of hidden) expect(text).not.toContain(word);
    expect(text).toContain("manifest.c4gh");
  });

  test("packed twice shares no bytes with itself, even under one data key", async () => {
    const dataKey = generateDataKey();
    const windows = async () => {
      const packed = await packDataset({ files: [file("x", new Uint8Array(150_000))], readers, dataKey });
      const car = await openCar(await collectBytes(packed.stream()), packed.root);
      const seen = new Set<bigint>();
      for (const { path } of car.files) {
        const bytes = await collectBytes(car.read(path));
        // The first 24 bytes are the format's: magic, version, packet count, packet length, method.
        for (let at = 24; at + 8 <= bytes.length; at++) seen.add(viewOf(bytes).getBigUint64(at));
      }
      return seen;
    };
    expect([...(await windows()).intersection(await windows())]).toEqual([]);
  });

  test("whose file changes while it is packed is refused", async () => {
    let pass = 0;
    const changing = { ...file("x", utf8("")), stream: () => [utf8(`pass ${pass++}`)] };
    const packed = await packDataset({ files: [changing], readers });
    expect(await errorOf(() => collectBytes(packed.stream()))).toBeInstanceOf(ContentChangedError);
  });

  test("of which any byte is changed or cut is refused", async () => {
    const packed = await packDataset({ files: [file("x", counting(0, 3_000))], readers });
    const car = await collectBytes(packed.stream());
    const read = async (bytes: Uint8Array) => {
      const opened = await openDataset(bytes, packed.root, keys);
      return collectBytes(opened.read());
    };
    await fc.assert(
      fc.asyncProperty(fc.nat(car.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = car.slice();
        changed[at]! ^= flip;
        expect(await errorOf(() => read(changed))).toBeInstanceOf(CarError);
        expect(await errorOf(() => read(car.subarray(0, at)))).toBeInstanceOf(CarError);
      }),
      { numRuns: 100 },
    );
  });

  test("does not open with another key", async () => {
    const packed = await packDataset({ files: [file("x", utf8("x"))], readers });
    const car = await collectBytes(packed.stream());
    for (const wrong of [{ secretKeys: [generateKeyPair().secretKey] }, { dataKeys: [generateDataKey()] }]) {
      expect(await errorOf(() => openDataset(car, packed.root, wrong))).toBeInstanceOf(Crypt4ghError);
    }
  });

  test("without a name for its file is not packed", async () => {
    expect(await errorOf(() => packDataset({ files: [file("", utf8("x"))], readers }))).toBeInstanceOf(
      DatasetContentError,
    );
  });
});

describe("a dataset whose contributor packed something else than the manifest says is refused", () => {
  const dataKey = generateDataKey();
  const plain = utf8("what was promised");
  const honest = {
    path: "data.c4gh",
    name: "x",
    mediaType: "text/plain",
    size: plain.length,
    sha256: toHex(sha256(plain)).slice(2),
  };
  const sealed = (path: string, bytes: Uint8Array): FileToPack => {
    // Encrypted once, so that both passes of packing see the same.
    const once = collectBytes(encryptFile(bytes, { readers, dataKey }));
    return {
      path,
      async *stream() {
        yield await once;
      },
    };
  };
  const open = async (...files: FileToPack[]) => {
    const packed = await packCar(files);
    const opened = await openDataset(await collectBytes(packed.stream()), packed.root, {
      dataKeys: [dataKey],
    });
    return collectBytes(opened.read());
  };
  const manifest = (...files: Manifest["files"]) =>
    sealed("manifest.c4gh", encodeManifest({ version: 1, files }));

  test("the honest one opens", async () => {
    expect(await open(sealed("data.c4gh", plain), manifest(honest))).toEqual(plain);
  });

  test.each([
    ["no manifest", [sealed("data.c4gh", plain)], NoSuchFileError],
    [
      "a manifest that is no JSON",
      [sealed("data.c4gh", plain), sealed("manifest.c4gh", utf8("{"))],
      DatasetContentError,
    ],
    [
      "a manifest of another version",
      [sealed("manifest.c4gh", utf8('{"version":2,"files":[]}'))],
      DatasetContentError,
    ],
    [
      "a file that is not named",
      [sealed("data.c4gh", plain), sealed("more", plain), manifest(honest)],
      DatasetContentError,
    ],
    ["a file that is not there", [sealed("data-2.c4gh", plain), manifest(honest)], NoSuchFileError],
    [
      "other content of the same length",
      [
        sealed(
          "data.c4gh",
          plain.map((byte) => byte ^ 1),
        ),
        manifest(honest),
      ],
      DatasetContentError,
    ],
    ["longer content", [sealed("data.c4gh", concatBytes(plain, plain)), manifest(honest)], Crypt4ghError],
    ["shorter content", [sealed("data.c4gh", plain.subarray(1)), manifest(honest)], Crypt4ghError],
  ])("%s", async (_, files, kind) => {
    expect(await errorOf(() => open(...files))).toBeInstanceOf(kind);
  });

  test("a manifest that promises more than the CAR holds is refused before decryption", async () => {
    const size = 10_000;
    expect(bodyLength(size)).toBeGreaterThan(200);
    const error = await errorOf(() => open(sealed("data.c4gh", plain), manifest({ ...honest, size })));
    expect(error).toBeInstanceOf(DatasetContentError);
  });
});
