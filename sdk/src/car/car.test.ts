import { CarReader } from "@ipld/car";
import * as dagPb from "@ipld/dag-pb";
import fc from "fast-check";
import { CAREncoderStream, createDirectoryEncoderStream } from "ipfs-car";
import { UnixFS } from "ipfs-unixfs";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { sha256 } from "multiformats/hashes/sha2";
import { beforeAll, describe, expect, test } from "vitest";
import { type Bytes, concatBytes, secureRandom, toHex, utf8 } from "../bytes.ts";
import { collectBytes, streamOf } from "../streams.ts";
import { chunked, counting, errorOf } from "../testing/bytes.ts";
import { parseCid, rootCid, rootDigest } from "./cid.ts";
import {
  BlockTooLargeError,
  CarError,
  ContentChangedError,
  CorruptBlockError,
  ExtraBlockError,
  MalformedCarError,
  MissingBlockError,
  NoSuchFileError,
  TruncatedCarError,
  UnixfsError,
  UnsupportedCidError,
  WrongRootError,
} from "./errors.ts";
import { type CarBlock, type FileToPack, type PackedCar, packCar } from "./pack.ts";
import { openBlocks, openCar, verifiedBlocks } from "./read.ts";

const MIB = 1024 * 1024;
const file = (path: string, bytes: Uint8Array): FileToPack => ({ path, stream: () => [bytes] });

describe("packing", () => {
  test("gives what ipfs-car gives, and another CAR reader reads it", async () => {
    const contents = { "a.c4gh": secureRandom(2 * MIB + 5), "b.c4gh": utf8("small") };
    const packed = await packCar(Object.entries(contents).map(([path, bytes]) => file(path, bytes)));
    const car = await collectBytes(packed.stream());

    const theirs: Uint8Array[] = [];
    const files = Object.entries(contents).map(([name, bytes]) => ({
      name,
      stream: () => new Blob([bytes]).stream(),
    }));
    for await (const block of createDirectoryEncoderStream(files)) theirs.push(block.cid.bytes);
    expect(packed.cid.bytes).toEqual(theirs.at(-1));

    const reader = await CarReader.fromBytes(car);
    expect((await reader.getRoots()).map(String)).toEqual([packed.cid.toString()]);
    const read: Uint8Array[] = [];
    for await (const cid of reader.cids()) read.push(cid.bytes);
    expect(read).toEqual(theirs);
    expect(car.length).toBe(packed.size);
    // And byte for byte, once ipfs-car knows the root for its header.
    const encoded = createDirectoryEncoderStream(files).pipeThrough(new CAREncoderStream([packed.cid]));
    expect(toHex((await sha256.digest(await collectBytes(encoded))).digest)).toBe(
      toHex((await sha256.digest(car)).digest),
    );
  });

  test("gives the same CAR again, and the same however the stream is cut", async () => {
    const bytes = secureRandom(3 * MIB);
    const packed = await packCar([file("data.c4gh", bytes)]);
    const cut = await packCar([{ path: "data.c4gh", stream: () => chunked(bytes, [70_001, 3, 900_000]) }]);
    expect(cut.cid.toString()).toBe(packed.cid.toString());
    const [car, cutCar] = [await collectBytes(packed.stream()), await collectBytes(cut.stream())];
    expect(Buffer.compare(car, cutCar)).toBe(0);
  });

  test("holds a repeated block once", async () => {
    const packed = await packCar([file("zeroes", new Uint8Array(4 * MIB))]);
    const car = await collectBytes(packed.stream());
    expect(car.length).toBeLessThan(1.1 * MIB);
    const opened = await openCar(car, packed.root);
    const zeroes = await collectBytes(opened.read("zeroes"));
    expect(Buffer.compare(zeroes, new Uint8Array(4 * MIB))).toBe(0);
  });

  test("a file that fails fails the packing with its own error", async () => {
    const broken = new RangeError("disk gone");
    async function* failing() {
      yield new Uint8Array(3 * MIB);
      throw broken;
    }
    expect(await errorOf(() => packCar([{ path: "a", stream: failing }]))).toBe(broken);
  });

  test("a file that changes between the passes gets not one changed byte out", async () => {
    let pass = 0;
    const first = counting(0, 2 * MIB);
    const packed = await packCar([
      {
        path: "a",
        stream: () => {
          pass += 1;
          return [pass === 1 ? first : first.map((byte, at) => (at === MIB + 7 ? byte ^ 1 : byte))];
        },
      },
    ]);
    const out: Uint8Array[] = [];
    const error = await errorOf(async () => {
      for await (const chunk of packed.stream()) out.push(chunk);
    });
    expect(error).toBeInstanceOf(ContentChangedError);
    expect(out.length).toBe(3); // the header, and the block before the change with its prefix
  });

  test("stops its files when the reader of the CAR leaves", async () => {
    let given = 0;
    async function* endless() {
      for (;;) {
        given += MIB;
        yield new Uint8Array(MIB).fill(given / MIB);
        if (given === 40 * MIB) return;
      }
    }
    const packed = await packCar([{ path: "a", stream: endless }]);
    given = 0;
    let blocks = 0;
    for await (const _ of packed.stream()) {
      blocks += 1;
      if (blocks === 3) break;
    }
    expect(given).toBeLessThan(20 * MIB);
  });

  test("runs no further ahead of its reader than a few blocks", async () => {
    let given = 0;
    let taken = 0;
    let furthest = 0;
    async function* large() {
      given = 0;
      for (let index = 0; index < 60; index++) {
        given += MIB;
        furthest = Math.max(furthest, given - taken);
        yield new Uint8Array(MIB).fill(index);
      }
    }
    const packed = await packCar([{ path: "a", stream: large }]);
    furthest = 0;
    for await (const chunk of packed.stream()) taken += chunk.length;
    expect(taken).toBeGreaterThan(60 * MIB);
    expect(furthest).toBeLessThanOrEqual(8 * MIB);
  });
});

describe("a root", () => {
  test("is its digest on-chain, and the digest alone gives it back", async () => {
    const packed = await packCar([file("a", utf8("x"))]);
    expect(rootCid(packed.root).toString()).toBe(packed.cid.toString());
    expect(rootDigest(packed.cid.toString())).toEqual(packed.root);
    expect(packed.cid.toString()).toMatch(/^bafybei/);
  });

  test.each([
    ["no CID", "hello"],
    ["CIDv0", "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"],
    ["a raw block", "bafkreiem4twkqzsq2aj4shbycd4yvoj2cx72vezicletlhi7dijjciqpui"],
    [
      "another hash",
      "bafybgqfnbq34ghljwmk7hka7cpem3zybbffnsfzfxinq3qyztsuxcntbxaua23xx42hrgptcchrolkndcucelv3pc4eoarjbwdxagtylboxsm",
    ],
  ])("is refused when it is %s", (_, text) => {
    expect(() => rootDigest(text)).toThrow(UnsupportedCidError);
  });
});

describe("a file in a CAR", () => {
  const contents = secureRandom(3 * MIB + 123);
  let packed: PackedCar;
  let car: Bytes;
  beforeAll(async () => {
    packed = await packCar([file("data.c4gh", contents), file("empty", new Uint8Array())]);
    car = await collectBytes(packed.stream());
  });

  test("is read whole and in any range", async () => {
    const opened = await openCar(car, packed.root);
    expect(opened.files.map(({ path, size }) => ({ path, size }))).toEqual([
      { path: "data.c4gh", size: contents.length },
      { path: "empty", size: 0 },
    ]);
    expect(Buffer.compare(await collectBytes(opened.read("data.c4gh")), contents)).toBe(0);
    expect(await collectBytes(opened.read("empty"))).toEqual(new Uint8Array());
    await fc.assert(
      fc.asyncProperty(fc.nat(contents.length), fc.nat(contents.length), async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const range = await collectBytes(opened.read("data.c4gh", start, end));
        expect(Buffer.compare(range, contents.subarray(start, end))).toBe(0);
      }),
      { numRuns: 12 },
    );
    expect(await errorOf(() => collectBytes(opened.read("other")))).toBeInstanceOf(NoSuchFileError);
  });

  test("is fetched block by block, only where it is read", async () => {
    const whole = await openCar(car, packed.root);
    const fetched: string[] = [];
    const remote = await openBlocks((cid) => {
      fetched.push(cid.toString());
      return whole.blocks(cid);
    }, packed.root);
    fetched.length = 0;
    expect(await collectBytes(remote.read("data.c4gh", MIB + 1, MIB + 9))).toEqual(
      contents.slice(MIB + 1, MIB + 9),
    );
    expect(fetched.length).toBe(2); // the file's node and the one leaf
  });

  test("is verified again when it is read: a store that changes after opening is found out", async () => {
    const stored = car.slice();
    const opened = await openCar(stored, packed.root);
    stored[2_000_000]! ^= 1;
    const seen: Uint8Array[] = [];
    const error = await errorOf(async () => {
      for await (const chunk of opened.read("data.c4gh")) seen.push(chunk);
    });
    expect(error).toBeInstanceOf(CorruptBlockError);
    expect(Buffer.compare(concatBytes(...seen), contents.subarray(0, MIB))).toBe(0);
  });

  test("from a gateway that lies is refused", async () => {
    const whole = await openCar(car, packed.root);
    const leaf = CID.createV1(raw.code, await sha256.digest(contents.subarray(0, MIB)));
    const lying = await openBlocks(
      async (cid) => (cid.equals(leaf) ? counting(0, MIB) : whole.blocks(cid)),
      packed.root,
    );
    expect(await errorOf(() => collectBytes(lying.read("data.c4gh", 0, 1)))).toBeInstanceOf(
      CorruptBlockError,
    );
  });
});

describe("a CAR that is not whole and true is refused before a byte of the bad block is used", () => {
  let packed: PackedCar;
  let car: Bytes;
  let blocks: CarBlock[];
  const header = () => car.subarray(0, 59);
  const open = (bytes: Uint8Array) => errorOf(() => openCar(bytes, packed.root));
  beforeAll(async () => {
    packed = await packCar([file("a", secureRandom(MIB + 50)), file("b", utf8("b"))]);
    car = await collectBytes(packed.stream());
    blocks = [];
    for await (const { cid, bytes } of verifiedBlocks(car, packed.root)) blocks.push({ cid, bytes });
  });

  test("one flipped byte", async () => {
    expect(await open(car.map((byte, at) => (at === 500_000 ? byte ^ 0x40 : byte)))).toBeInstanceOf(
      CorruptBlockError,
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(car.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = car.slice();
        changed[at]! ^= flip;
        expect(await open(changed)).toBeInstanceOf(CarError);
      }),
      { numRuns: 60 },
    );
  });

  test("any cut", async () => {
    expect(await open(car.subarray(0, car.length - 1))).toBeInstanceOf(TruncatedCarError);
    const cut = fc.oneof(fc.nat(200), fc.nat(car.length - 1));
    await fc.assert(
      fc.asyncProperty(cut, async (length) => {
        expect(await open(car.subarray(0, length))).toBeInstanceOf(CarError);
      }),
      { numRuns: 40 },
    );
  });

  test("a missing block", async () => {
    for (const left of blocks.keys()) {
      const error = await open(concatBytes(header(), ...blocks.filter((_, at) => at !== left).map(framed)));
      expect(error).toBeInstanceOf(MissingBlockError);
    }
  });

  test("an extra block", async () => {
    const bytes = utf8("a stowaway");
    const cid = CID.createV1(raw.code, await sha256.digest(bytes));
    expect(await open(concatBytes(car, framed({ cid, bytes })))).toBeInstanceOf(ExtraBlockError);
    expect(await open(concatBytes(car, framed(blocks[0]!)))).toBeInstanceOf(ExtraBlockError);
  });

  test("blocks in another order are fine", async () => {
    const opened = await openCar(concatBytes(header(), ...blocks.toReversed().map(framed)), packed.root);
    expect(await collectBytes(opened.read("b"))).toEqual(utf8("b"));
  });

  test("another dataset's CAR", async () => {
    const other = await packCar([file("a", utf8("other"))]);
    expect(await open(await collectBytes(other.stream()))).toBeInstanceOf(WrongRootError);
  });

  test("trailing bytes", async () => {
    expect(await open(concatBytes(car, Uint8Array.of(0)))).toBeInstanceOf(MalformedCarError);
    expect(await open(concatBytes(car, utf8("junk that is no block")))).toBeInstanceOf(CarError);
  });

  test("a block that claims to be huge is refused before it is held", async () => {
    let given = 0;
    async function* endless() {
      yield concatBytes(header(), Uint8Array.of(0xff, 0xff, 0xff, 0x7f));
      for (;;) {
        given += 65_536;
        yield new Uint8Array(65_536);
      }
    }
    const error = await errorOf(async () => {
      for await (const _ of verifiedBlocks(endless(), packed.root));
    });
    expect(error).toBeInstanceOf(BlockTooLargeError);
    expect(given).toBe(0);
  });

  test("a block under a hash that is not used here", async () => {
    const identity = CID.decode(Uint8Array.of(1, 0x55, 0, 1, 7));
    const error = await open(concatBytes(header(), framed({ cid: identity, bytes: Uint8Array.of(7) })));
    expect(error).toBeInstanceOf(UnsupportedCidError);
  });

  test("noise", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (noise, withHeader) => {
        expect(await open(withHeader ? concatBytes(header(), noise) : noise)).toBeInstanceOf(CarError);
      }),
      { numRuns: 60 },
    );
  });

  test("a stream is verified as it comes", async () => {
    const stream = streamOf(
      (async function* () {
        yield* chunked(car, [999, 100_000]);
      })(),
    );
    let count = 0;
    for await (const _ of verifiedBlocks(stream, packed.root)) count += 1;
    expect(count).toBe(blocks.length);
  });
});

describe("a true CAR that holds no flat directory of files is refused", () => {
  const node = async (data: Uint8Array | undefined, links: dagPb.PBLink[]): Promise<CarBlock> => {
    const bytes = dagPb.encode(
      dagPb.prepare(data === undefined ? { Links: links } : { Data: data, Links: links }),
    );
    return { bytes, cid: CID.createV1(dagPb.code, await sha256.digest(bytes)) };
  };
  const leaf = async (bytes: Uint8Array): Promise<CarBlock> => ({
    bytes,
    cid: CID.createV1(raw.code, await sha256.digest(bytes)),
  });
  const directory = new UnixFS({ type: "directory" }).marshal();
  const openAll = async (root: CarBlock, ...others: CarBlock[]) => {
    const known = new Map([root, ...others].map((block) => [block.cid.toString(), block.bytes]));
    const opened = await openBlocks(async (cid) => known.get(cid.toString())!, rootDigest(root.cid));
    for (const { path } of opened.files) await collectBytes(opened.read(path));
  };

  test("the root is a file", async () => {
    const root = await node(new UnixFS({ type: "file", data: utf8("x") }).marshal(), []);
    expect(await errorOf(() => openAll(root))).toBeInstanceOf(UnixfsError);
  });

  test("a directory in a directory, or two files of one name", async () => {
    const inner = await node(directory, []);
    const nested = await node(directory, [{ Hash: inner.cid, Name: "d", Tsize: 1 }]);
    expect(await errorOf(() => openAll(nested, inner))).toBeInstanceOf(UnixfsError);
    const one = await leaf(utf8("1"));
    const link = { Hash: one.cid, Name: "a", Tsize: 1 };
    expect(await errorOf(async () => openAll(await node(directory, [link, link]), one))).toBeInstanceOf(
      UnixfsError,
    );
  });

  test("nodes without UnixFS data, or that are no dag-pb", async () => {
    expect(await errorOf(async () => openAll(await node(undefined, [])))).toBeInstanceOf(UnixfsError);
    const junk = utf8("junk");
    const cid = CID.createV1(dagPb.code, await sha256.digest(junk));
    expect(await errorOf(() => openAll({ cid, bytes: junk }))).toBeInstanceOf(UnixfsError);
  });

  test("a file whose parts are shorter than it says", async () => {
    const part = await leaf(utf8("short"));
    const lying = await node(new UnixFS({ type: "file", blockSizes: [500n] }).marshal(), [
      { Hash: part.cid, Name: "", Tsize: 5 },
    ]);
    const root = await node(directory, [{ Hash: lying.cid, Name: "a", Tsize: 5 }]);
    expect(await errorOf(() => openAll(root, lying, part))).toBeInstanceOf(UnixfsError);
  });

  test("a file nested without end", async () => {
    let inner = await leaf(utf8("deep"));
    const all = [inner];
    for (let depth = 0; depth < 20; depth++) {
      inner = await node(new UnixFS({ type: "file", blockSizes: [4n] }).marshal(), [
        { Hash: inner.cid, Name: "", Tsize: 4 },
      ]);
      all.push(inner);
    }
    const root = await node(directory, [{ Hash: inner.cid, Name: "a", Tsize: 4 }]);
    expect(await errorOf(() => openAll(root, ...all))).toBeInstanceOf(UnixfsError);
  });
});

test("parsing a CID never throws anything else", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseCid(text);
      } catch (error) {
        expect(error).toBeInstanceOf(UnsupportedCidError);
      }
    }),
  );
});

/** A section of a CAR; blocks here are shorter than 2 MiB, so three varint bytes do, padded where fewer would. */
function framed({ cid, bytes }: CarBlock): Bytes {
  const length = cid.bytes.length + bytes.length;
  const prefix = Uint8Array.of((length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14);
  return concatBytes(prefix, cid.bytes, bytes);
}
