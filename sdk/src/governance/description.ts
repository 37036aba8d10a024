/** Descriptions of proposals: named on-chain by their content, kept by a block store, shown as text only. */
import { sha256 } from "@noble/hashes/sha2.js";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import * as Digest from "multiformats/hashes/digest";
import { concatBytes, fromHex, utf8 } from "../bytes.ts";
import { verifyBlock } from "../car/index.ts";
import { carHeader, framePrefix } from "../car/pack.ts";
import { requestBytes, requestJson, storedCarSchema } from "../http/index.ts";

const SHA2_256 = 0x12;

/** CID of a description: version 1, raw, sha2-256 over its UTF-8 bytes. */
export const descriptionCid = (text: string): CID =>
  CID.createV1(raw.code, Digest.create(SHA2_256, sha256(utf8(text))));

/** Has a block store keep a description, so that others can read it. */
export const storeDescription = async (
  blockStore: { readonly url: string; readonly token: string },
  text: string,
): Promise<void> => {
  const block = { cid: descriptionCid(text), bytes: utf8(text) };
  await requestJson(`${blockStore.url}/cars`, storedCarSchema, {
    method: "PUT",
    mediaType: "application/vnd.ipld.car",
    body: concatBytes(carHeader(block.cid), framePrefix(block), block.bytes),
    token: blockStore.token,
  });
};

/**
 * Fetches a description and checks that it is the one that the proposal names.
 *
 * @param description - as the proposal has it: a CID's bytes, hex
 * @returns `undefined` when the proposal names no text that is fetched here
 */
export const fetchDescription = async (url: string, description: string): Promise<string | undefined> => {
  const cid = cidOf(description);
  if (cid?.code !== raw.code) return undefined;
  const bytes = await requestBytes(`${url}/ipfs/${cid}?format=raw`);
  await verifyBlock(cid, bytes);
  return new TextDecoder().decode(bytes);
};

/** A proposer may name anything: what is no CID has no text. */
const cidOf = (description: string): CID | undefined => {
  try {
    return CID.decode(fromHex(description));
  } catch {
    return undefined;
  }
};
