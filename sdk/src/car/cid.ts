import * as dagPb from "@ipld/dag-pb";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import * as Digest from "multiformats/hashes/digest";
import { sha256 } from "multiformats/hashes/sha2";
import { type Bytes, equalBytes, expectLength } from "../bytes.ts";
import { CorruptBlockError, UnsupportedCidError } from "./errors.ts";

/** Largest block: what IPFS nodes exchange, so that any of them can hold it. */
export const MAX_BLOCK_LENGTH = 2 * 1024 * 1024;

/**
 * The root CID of a digest as it stands on-chain. A root is always a UnixFS directory (dag-pb), so that the digest
 * alone names it.
 */
export function rootCid(digest: Uint8Array): CID {
  expectLength("A root digest", digest, 32);
  return CID.createV1(dagPb.code, Digest.create(sha256.code, new Uint8Array(digest)));
}

/**
 * The 32 bytes of a root CID that are stored on-chain.
 * @throws {@link UnsupportedCidError} for a CID that {@link rootCid} could not give back
 */
export function rootDigest(root: CID | string): Bytes {
  const cid = typeof root === "string" ? parseCid(root) : supportedCid(root);
  if (cid.code !== dagPb.code) throw new UnsupportedCidError(cid.toString());
  return new Uint8Array(cid.multihash.digest);
}

/** @throws {@link UnsupportedCidError} */
export function parseCid(text: string): CID {
  let cid: CID;
  try {
    cid = CID.parse(text);
  } catch (error) {
    throw new UnsupportedCidError(text.slice(0, 100), error);
  }
  return supportedCid(cid);
}

/** The CID if it is of a kind that is used here. */
export function supportedCid(cid: CID): CID {
  const known = cid.code === raw.code || cid.code === dagPb.code;
  if (
    cid.version !== 1 ||
    !known ||
    cid.multihash.code !== sha256.code ||
    cid.multihash.digest.length !== 32
  ) {
    throw new UnsupportedCidError(cid.toString());
  }
  return cid;
}

/**
 * The only gate through which a block's bytes pass before use.
 * @throws {@link CorruptBlockError} when they are not those that the CID names
 */
export async function verifyBlock(cid: CID, bytes: Uint8Array): Promise<void> {
  const { digest } = await sha256.digest(bytes);
  if (!equalBytes(digest, cid.multihash.digest)) throw new CorruptBlockError(cid.toString());
}
