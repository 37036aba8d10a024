import { CarWriter } from "@ipld/car/writer";
import * as dagPb from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { sha256 } from "multiformats/hashes/sha2";

/** One block with its CID. */
export interface TestBlock {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

/** A UnixFS file in chunks under one root, as its blocks; the root comes first. */
export async function fileBlocks(file: Uint8Array, chunk: number): Promise<TestBlock[]> {
  const leaves: TestBlock[] = [];
  for (let at = 0; at < file.length; at += chunk) {
    const bytes = file.subarray(at, at + chunk);
    leaves.push({ bytes, cid: CID.createV1(raw.code, await sha256.digest(bytes)) });
  }
  const data = new UnixFS({ type: "file", blockSizes: leaves.map(({ bytes }) => BigInt(bytes.length)) });
  const bytes = dagPb.encode({
    Data: data.marshal(),
    Links: leaves.map((leaf) => ({ Hash: leaf.cid, Name: "", Tsize: leaf.bytes.length })),
  });
  return [{ bytes, cid: CID.createV1(dagPb.code, await sha256.digest(bytes)) }, ...leaves];
}

/** A CAR of these blocks; its root is the first of them unless others are named. */
export async function carOf(blocks: readonly TestBlock[], roots = blocks.slice(0, 1)): Promise<Uint8Array> {
  const { writer, out } = CarWriter.create(roots.map(({ cid }) => cid));
  const chunks: Uint8Array[] = [];
  const reading = (async () => {
    for await (const part of out) chunks.push(part);
  })();
  for (const block of blocks) await writer.put(block);
  await writer.close();
  await reading;
  return Buffer.concat(chunks);
}
