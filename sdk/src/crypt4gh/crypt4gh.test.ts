import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ByteSource, type Bytes, concatBytes, secureRandom, toHex, utf8 } from "../bytes.ts";
import { ByteReader, bytesAccess, collectBytes, streamOf } from "../streams.ts";
import { chunked, counting, errorOf, fixedRandom } from "../testing/bytes.ts";
import { type DecryptOptions, decryptFile, decryption } from "./decrypt.ts";
import { encryptFile, encryption, reencryptFile } from "./encrypt.ts";
import {
  BadKeyError,
  BadPacketError,
  CorruptSegmentError,
  Crypt4ghError,
  EditListError,
  MalformedHeaderError,
  NoReadablePacketError,
  NotCrypt4ghError,
  RangeOutsideError,
  TrailingCrypt4ghError,
  TruncatedCrypt4ghError,
  UnsupportedCrypt4ghVersionError,
} from "./errors.ts";
import { encodeHeader, readHeader } from "./header.ts";
import { generateDataKey, generateKeyPair, publicKeyOf, sharedKey } from "./keys.ts";
import { openPacket, sealContent, sealPacket } from "./packet.ts";
import { openRanges } from "./range.ts";
import { bodyLength, plaintextLength, SEGMENT_SIZE, sealSegment } from "./segment.ts";

const reader = generateKeyPair();
const encrypt = (plain: ByteSource, dataKey?: Uint8Array) =>
  collectBytes(encryptFile(plain, { readers: [reader.publicKey], dataKey }));
const decrypt = (file: ByteSource, options: DecryptOptions = { secretKeys: [reader.secretKey] }) =>
  collectBytes(decryptFile(file, options));

describe("the test vector of the design", () => {
  const writerSecret = counting(0x01, 32);
  const readerSecret = counting(0x21, 32);
  const readerPublic = publicKeyOf(readerSecret);

  test("gives the shared key", () => {
    const writerPublic = publicKeyOf(writerSecret);
    const expected = "0x820e9f7350d81d769f898b2114847064170bb36709ca8916e9fed80f8f7239b9";
    expect(toHex(sharedKey(writerSecret, readerPublic, readerPublic, writerPublic))).toBe(expected);
    expect(toHex(sharedKey(readerSecret, writerPublic, readerPublic, writerPublic))).toBe(expected);
  });

  test("gives the file, byte for byte", async () => {
    const file = await collectBytes(
      encryptFile(utf8("hello crypt4gh"), {
        readers: [readerPublic],
        writer: writerSecret,
        dataKey: counting(0x41, 32),
        random: fixedRandom(counting(0x00, 24)),
      }),
    );
    expect(file.length).toBe(166);
    expect(toHex(sha256(file))).toBe("0xff1d6a4e3ea57d296073a8142f92937655fa0912309c6770a633021fee7e27ec");
    expect(await decrypt(file, { secretKeys: [readerSecret] })).toEqual(utf8("hello crypt4gh"));
  });
});

describe("what is encrypted can be read by its readers", () => {
  test("whatever its length, and wherever chunks end on either side", async () => {
    const lengths = fc.oneof(
      fc.integer({ min: 0, max: 300 }),
      fc.constantFrom(
        SEGMENT_SIZE - 1,
        SEGMENT_SIZE,
        SEGMENT_SIZE + 1,
        2 * SEGMENT_SIZE,
        2 * SEGMENT_SIZE + 77,
      ),
    );
    const cuts = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1_000, max: 90_000 })),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    await fc.assert(
      fc.asyncProperty(lengths, cuts, cuts, async (length, cutsIn, cutsOut) => {
        const plain = counting(length, length);
        const file = await encrypt(chunked(plain, cutsIn));
        expect(file.length).toBe(16 + 108 + bodyLength(length));
        expect(plaintextLength(file.length - 124)).toBe(length);
        expect(await decrypt(chunked(file, cutsOut))).toEqual(plain);
      }),
      { numRuns: 40 },
    );
  });

  test("through Web Streams", async () => {
    const plain = counting(3, 200_000);
    const sealed = new Blob([plain]).stream().pipeThrough(encryption({ readers: [reader.publicKey] }));
    const opened = sealed.pipeThrough(decryption({ secretKeys: [reader.secretKey] }));
    expect(await collectBytes(opened)).toEqual(plain);
  });

  test("by each of several readers, and by whoever has the data key", async () => {
    const other = generateKeyPair();
    const dataKey = generateDataKey();
    const readers = [reader.publicKey, other.publicKey];
    const file = await collectBytes(encryptFile(utf8("shared"), { readers, dataKey }));
    for (const secret of [reader.secretKey, other.secretKey]) {
      expect(await decrypt(file, { secretKeys: [secret] })).toEqual(utf8("shared"));
    }
    expect(await decrypt(file, { dataKeys: [dataKey] })).toEqual(utf8("shared"));
  });

  test("and by nobody else", async () => {
    const error = await errorOf(async () =>
      decrypt(await encrypt(utf8("secret")), { secretKeys: [generateKeyPair().secretKey] }),
    );
    expect(error).toBeInstanceOf(NoReadablePacketError);
    const wrongKey = await errorOf(async () =>
      decrypt(await encrypt(utf8("x")), { dataKeys: [generateDataKey()] }),
    );
    expect(wrongKey).toBeInstanceOf(CorruptSegmentError);
  });

  test("with segments under different data keys", async () => {
    const keys = [generateDataKey(), generateDataKey()];
    const plains = [counting(0, SEGMENT_SIZE), counting(1, SEGMENT_SIZE), counting(2, 9)];
    const file = concatBytes(
      encodeHeader(keys.map((dataKey) => sealPacket({ dataKey, reader: reader.publicKey }))),
      ...plains.map((plain, at) => sealSegment(keys[at % 2]!, secureRandom(12), plain)),
    );
    expect(await decrypt(file)).toEqual(concatBytes(...plains));
  });
});

test("two encryptions of one plaintext share no bytes, even under one data key", async () => {
  const plain = new Uint8Array(200_000);
  const dataKey = generateDataKey();
  const [first, second] = [await encrypt(plain, dataKey), await encrypt(plain, dataKey)];
  // The preamble and the packet's length and method are the format's; every run of 8 bytes after them differs.
  const windows = (file: Uint8Array) => {
    const seen = new Set<bigint>();
    for (let at = 24; at + 8 <= file.length; at += 1)
      seen.add(new DataView(file.buffer, at, 8).getBigUint64(0));
    return seen;
  };
  expect([...windows(first).intersection(windows(second))]).toEqual([]);
});

describe("re-encryption for a new reader", () => {
  const next = generateKeyPair();

  test("changes the header alone, and shuts the old reader out", async () => {
    const plain = counting(9, 100_000);
    const file = await encrypt(plain);
    const options = { secretKeys: [reader.secretKey], readers: [next.publicKey] };
    const moved = await collectBytes(reencryptFile(chunked(file, [50, 7_000]), options));
    expect(moved.subarray(124)).toEqual(file.subarray(124));
    expect(await decrypt(moved, { secretKeys: [next.secretKey] })).toEqual(plain);
    expect(await errorOf(() => decrypt(moved))).toBeInstanceOf(NoReadablePacketError);
  });

  test("keeps the edit list", async () => {
    const file = await withEditList(counting(0, 100), [10n, 5n]);
    const moved = await collectBytes(
      reencryptFile(file, { secretKeys: [reader.secretKey], readers: [next.publicKey] }),
    );
    expect(await decrypt(moved, { secretKeys: [next.secretKey] })).toEqual(counting(10, 5));
  });

  test("is refused to who cannot read the file", async () => {
    const file = await encrypt(utf8("mine"));
    const options = { secretKeys: [next.secretKey], readers: [next.publicKey] };
    expect(await errorOf(() => collectBytes(reencryptFile(file, options)))).toBeInstanceOf(
      NoReadablePacketError,
    );
  });
});

describe("a range read", () => {
  const plain = counting(5, 3 * SEGMENT_SIZE + 1_000);

  test("gives the bytes of the range, and reads no other segment", async () => {
    const file = await encrypt(plain);
    const reads: [number, number][] = [];
    const access = bytesAccess(file);
    const ranges = await openRanges(
      {
        size: access.size,
        read: (start, end) => {
          reads.push([start, end]);
          return access.read(start, end);
        },
      },
      { secretKeys: [reader.secretKey] },
    );
    expect(ranges.size).toBe(plain.length);
    reads.length = 0;
    expect(await collectBytes(ranges.read(SEGMENT_SIZE - 2, SEGMENT_SIZE + 2))).toEqual(
      plain.subarray(SEGMENT_SIZE - 2, SEGMENT_SIZE + 2),
    );
    expect(reads).toEqual([
      [124, 124 + 65_564],
      [124 + 65_564, 124 + 2 * 65_564],
    ]);
    expect(await collectBytes(ranges.read())).toEqual(plain);
    await fc.assert(
      fc.asyncProperty(fc.nat(plain.length), fc.nat(plain.length), async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        expect(await collectBytes(ranges.read(start, end))).toEqual(plain.subarray(start, end));
      }),
      { numRuns: 30 },
    );
  });

  test("counts in bytes after the edit list", async () => {
    const file = await withEditList(counting(0, 200), [10n, 20n, 50n, 30n, 40n]);
    const kept = concatBytes(counting(10, 20), counting(80, 30), counting(150, 50));
    const ranges = await openRanges(bytesAccess(file), { secretKeys: [reader.secretKey] });
    expect(ranges.size).toBe(100);
    for (let start = 0; start <= 100; start += 7) {
      for (let end = start; end <= 100; end += 9) {
        expect(await collectBytes(ranges.read(start, end))).toEqual(kept.subarray(start, end));
      }
    }
  });

  test.each([
    [-1, 3],
    [2, 1],
    [0, plain.length + 1],
    [0.5, 1],
  ])("of %s to %s is refused", async (start, end) => {
    const ranges = await openRanges(bytesAccess(await encrypt(plain)), { secretKeys: [reader.secretKey] });
    expect(await errorOf(() => collectBytes(ranges.read(start, end)))).toBeInstanceOf(RangeOutsideError);
  });
});

describe("an edit list", () => {
  const plain = counting(0, 2 * SEGMENT_SIZE + 50);

  test("keeps what it says, across segments", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30_000), { minLength: 1, maxLength: 6 }), async (lengths) => {
        fc.pre(lengths.reduce((sum, length) => sum + length, 0) <= plain.length);
        let at = 0;
        const expected = lengths.map((length, turn) => {
          at += length;
          return plain.subarray(turn % 2 === 1 ? at - length : at, at);
        });
        if (lengths.length % 2 === 1) expected.push(plain.subarray(at));
        const file = await withEditList(plain, lengths.map(BigInt));
        expect(await decrypt(file)).toEqual(concatBytes(...expected));
      }),
      { numRuns: 25 },
    );
  });

  test.each([
    ["that is empty", []],
    ["that keeps past the end", [0n, BigInt(plain.length) + 1n]],
    ["that skips past the end", [BigInt(plain.length) + 1n]],
    ["of numbers that no file has", [0n, 1n << 63n]],
  ])("%s is refused", async (_, lengths) => {
    const file = await withEditList(plain, lengths);
    expect(await errorOf(() => decrypt(file))).toBeInstanceOf(EditListError);
    const ranges = () => openRanges(bytesAccess(file), { secretKeys: [reader.secretKey] });
    expect(await errorOf(ranges)).toBeInstanceOf(EditListError);
  });

  test("next to another one is refused", async () => {
    expect(await errorOf(async () => decrypt(await withEditList(plain, [1n], [2n])))).toBeInstanceOf(
      EditListError,
    );
  });
});

describe("a single key packet", () => {
  const dataKey = generateDataKey();
  const packet = sealPacket({ dataKey, reader: reader.publicKey });

  test("has 108 bytes and gives the data key and its writer", () => {
    const writer = generateKeyPair();
    const signed = sealPacket({ dataKey, reader: reader.publicKey, writer: writer.secretKey });
    expect(signed.length).toBe(108);
    expect(openPacket(signed, reader.secretKey)).toEqual({ dataKey, writer: writer.publicKey });
  });

  test("is a header packet of a file", async () => {
    const file = concatBytes(encodeHeader([packet]), sealSegment(dataKey, secureRandom(12), utf8("in")));
    expect(await decrypt(file)).toEqual(utf8("in"));
  });

  test("sealed to another key does not open", () => {
    expect(() => openPacket(packet, generateKeyPair().secretKey)).toThrow(BadPacketError);
  });

  test("does not open with any bit flipped, or cut, or lengthened", () => {
    fc.assert(
      fc.property(fc.nat(packet.length * 8 - 1), (bit) => {
        expect(() => openPacket(flipped(packet, bit), reader.secretKey)).toThrow(BadPacketError);
      }),
    );
    for (const length of [0, 1, 107]) {
      expect(() => openPacket(packet.subarray(0, length), reader.secretKey)).toThrow(BadPacketError);
    }
    expect(() => openPacket(concatBytes(packet, packet), reader.secretKey)).toThrow(BadPacketError);
  });

  test("that holds an edit list is no key packet, even at the right length", () => {
    const edits = sealContent({ kind: "edit-list", lengths: [0n, 1n, 2n, 3n] }, { reader: reader.publicKey });
    expect(edits.length).toBe(108);
    expect(() => openPacket(edits, reader.secretKey)).toThrow(BadPacketError);
  });

  test("is never sealed to a key that makes the shared secret public", () => {
    expect(() => sealPacket({ dataKey, reader: new Uint8Array(32) })).toThrow(BadKeyError);
  });
});

describe("damage is always a typed error, never wrong plaintext", () => {
  const plain = counting(7, SEGMENT_SIZE + 500);
  const options = { secretKeys: [reader.secretKey], expectedLength: plain.length };

  test("every cut", async () => {
    const file = await encrypt(plain);
    const edges = [0, 1, 7, 8, 15, 16, 20, 123, 124, 125, 124 + 28, 124 + 65_563, 124 + 65_564, 124 + 65_565];
    const cut = fc.oneof(fc.constantFrom(...edges), fc.nat(file.length - 1));
    await fc.assert(
      fc.asyncProperty(cut, async (length) => {
        expect(await errorOf(() => decrypt(file.subarray(0, length), options))).toBeInstanceOf(Crypt4ghError);
      }),
      { numRuns: 60, examples: edges.map((edge): [number] => [edge]) },
    );
  });

  test("every flipped bit", async () => {
    const file = await encrypt(plain);
    const header = fc.nat(124 * 8 - 1);
    const anywhere = fc.nat(file.length * 8 - 1);
    await fc.assert(
      fc.asyncProperty(fc.oneof(header, anywhere), async (bit) => {
        expect(await errorOf(() => decrypt(flipped(file, bit), options))).toBeInstanceOf(Crypt4ghError);
      }),
      { numRuns: 150 },
    );
  });

  test("segments left out, doubled or swapped in length", async () => {
    const file = await encrypt(plain);
    const [header, first, last] = [file.subarray(0, 124), file.subarray(124, 65_688), file.subarray(65_688)];
    expect(await errorOf(() => decrypt(concatBytes(header, first), options))).toBeInstanceOf(
      TruncatedCrypt4ghError,
    );
    const doubled = concatBytes(header, first, first, last);
    expect(await errorOf(() => decrypt(doubled, options))).toBeInstanceOf(TrailingCrypt4ghError);
    const swapped = concatBytes(header, last, first);
    expect(await errorOf(() => decrypt(swapped, options))).toBeInstanceOf(CorruptSegmentError);
  });

  test("anything at all that is no crypt4gh file", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (noise, withMagic) => {
        const file = withMagic ? concatBytes(utf8("crypt4gh"), Uint8Array.of(1, 0, 0, 0), noise) : noise;
        expect(await errorOf(() => decrypt(file))).toBeInstanceOf(Crypt4ghError);
      }),
    );
  });

  test.each([
    ["another magic", utf8("crypt5gh00000000"), NotCrypt4ghError],
    [
      "version 2",
      concatBytes(utf8("crypt4gh"), Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0)),
      UnsupportedCrypt4ghVersionError,
    ],
    ["no packets", encodeHeader([]), NoReadablePacketError],
    [
      "four billion packets",
      concatBytes(encodeHeader([]).slice(0, 12), new Uint8Array(4).fill(255)),
      MalformedHeaderError,
    ],
    ["a packet of 4 GiB", concatBytes(encodeHeader([new Uint8Array(4).fill(255)])), MalformedHeaderError],
  ])("%s", async (_, file, kind) => {
    expect(await errorOf(() => decrypt(file))).toBeInstanceOf(kind);
  });

  test("errors reach the reader of a piped stream", async () => {
    const file = flipped(await encrypt(plain), 200 * 8);
    const opened = streamOf(asyncOf(file)).pipeThrough(decryption({ secretKeys: [reader.secretKey] }));
    expect(await errorOf(() => collectBytes(opened))).toBeInstanceOf(CorruptSegmentError);
  });
});

test("a source is let go when its reader stops early or fails", async () => {
  const released: string[] = [];
  async function* endless(name: string, chunk: Uint8Array) {
    try {
      for (;;) yield chunk;
    } finally {
      released.push(name);
    }
  }
  let chunks = 0;
  for await (const chunk of encryptFile(endless("encrypt", counting(0, 1_000)), {
    readers: [reader.publicKey],
  })) {
    chunks += 1;
    if (chunks === 2 && chunk.length > 0) break;
  }
  await errorOf(() => decrypt(endless("decrypt", counting(0, 1_000))));
  expect(released).toEqual(["encrypt", "decrypt"]);

  const untouched = new ReadableStream<Uint8Array>({ cancel: () => void released.push("untouched") });
  await errorOf(() => collectBytes(encryptFile(untouched, { readers: [new Uint8Array(32)] })));
  expect(released.at(-1)).toBe("untouched");
});

test("memory does not grow with the file: one segment is held at a time", async () => {
  let drawn = 0;
  let written = 0;
  async function* plain() {
    for (let index = 0; index < 40; index++) {
      drawn += SEGMENT_SIZE;
      yield counting(index, SEGMENT_SIZE);
      // What was drawn and has not come out of the far end is held somewhere.
      expect(drawn - written).toBeLessThanOrEqual(3 * SEGMENT_SIZE);
    }
  }
  const file = encryptFile(plain(), { readers: [reader.publicKey] });
  for await (const chunk of decryptFile(file, { secretKeys: [reader.secretKey] })) written += chunk.length;
  expect(written).toBe(40 * SEGMENT_SIZE);
});

async function withEditList(plain: Uint8Array, ...lists: (readonly bigint[])[]): Promise<Bytes> {
  const file = await encrypt(plain);
  const { packets, length } = await readHeader(new ByteReader(file));
  const edits = lists.map((lengths) =>
    sealContent({ kind: "edit-list", lengths }, { reader: reader.publicKey }),
  );
  return concatBytes(encodeHeader([...packets, ...edits]), file.subarray(length));
}

function flipped(bytes: Uint8Array, bit: number): Bytes {
  const copy = new Uint8Array(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

async function* asyncOf(...chunks: Uint8Array[]) {
  yield* chunks;
}
