import type { Hex } from "../../chain/types.ts";
import { fromHex, toHex } from "../../codec/bytes.ts";
import { encodeBytes, ScaleReader } from "../../codec/scale.ts";
import { blake2_256 } from "../../crypto/hashing.ts";
import type { ChainNode } from "../../node/node.ts";
import { isLast } from "../../pool/status.ts";
import { RpcError } from "../errors.ts";
import { opaqueExtrinsic, UndecodableExtrinsic } from "../extrinsic.ts";
import { bytes, type Decoder, hash, list, object, string, wrongType } from "../params.ts";
import type { Method } from "../session.ts";
import { subscription } from "./subscription.ts";

/** The same mistake has another code when the transaction was to be watched. */
function readExtrinsic(submitted: Uint8Array, code: 1001 | 1040): Uint8Array {
  try {
    return opaqueExtrinsic(submitted);
  } catch (error) {
    if (!(error instanceof UndecodableExtrinsic)) throw error;
    const what = code === 1001 ? "Extrinsic has invalid format" : "Client error";
    throw new RpcError(code, `${what}: ${error.message}`);
  }
}

const submitExtrinsic: Method = (params, { node }) =>
  node.pool.submit(readExtrinsic(params.required("extrinsic", bytes), 1040)).hash;

const pendingExtrinsics: Method = (_, { node }) =>
  node.pool.ready().map((transaction) => toHex(transaction.extrinsic));

/** `{ "hash": ... }` or `{ "extrinsic": ... }`; the answer is the transaction's hash. */
const extrinsicOrHash: Decoder<Hex> = (value) => {
  const { hash: named, extrinsic } = object(value);
  if (named !== undefined) return hash(named);
  if (extrinsic !== undefined) {
    return toHex(blake2_256(readExtrinsic(bytes(extrinsic), 1040)));
  }
  throw wrongType(value, "ExtrinsicOrHash");
};

const removeExtrinsic: Method = (params, { node }) =>
  node.pool.removeInvalid(params.required("bytes_or_hash", list(extrinsicOrHash)));

const submitAndWatch = subscription("author_extrinsicUpdate", ({ node }, emit, end, params) => {
  const extrinsic = readExtrinsic(params.required("bytes", bytes), 1001);
  return node.pool.submit(extrinsic, (status) => {
    emit(status);
    if (isLast(status)) end();
  }).unwatch;
});

/** Public keys that were inserted, as `type:key`. Nothing here signs with them: blocks carry no seal. */
const keystores = new WeakMap<ChainNode, Set<string>>();
function keystoreOf(node: ChainNode): Set<string> {
  const found = keystores.get(node) ?? new Set<string>();
  keystores.set(node, found);
  return found;
}

const keyType: Decoder<string> = (value) => {
  const text = string(value);
  if (new TextEncoder().encode(text).length !== 4)
    throw new RpcError(1040, "Invalid key type ID format (should be of length four)");
  return text;
};

const insertKey: Method = (params, { node }) => {
  const type = params.required("key_type", keyType);
  params.required("suri", string);
  keystoreOf(node).add(`${type}:${toHex(params.required("public", bytes))}`);
  return null;
};

const hasKey: Method = (params, { node }) => {
  const key = toHex(params.required("public_key", bytes));
  return keystoreOf(node).has(`${params.required("key_type", keyType)}:${key}`);
};

const hasSessionKeys: Method = (params, { node }) => {
  const encoded = params.required("session_keys", bytes);
  const { chain } = node;
  const reader = new ScaleReader(
    chain.call(chain.best.hash, "SessionKeys_decode_session_keys", encodeBytes(encoded)),
  );
  if (reader.u8() === 0) throw new RpcError(1031, "Session keys are not encoded correctly");
  const keys = Array.from({ length: reader.compact() }, () => {
    const key = toHex(reader.vectorOfBytes());
    return `${new TextDecoder().decode(reader.take(4))}:${key}`;
  });
  return keys.every((key) => keystoreOf(node).has(key));
};

const rotateKeys: Method = (_, { node: { chain } }) => {
  const noSeed = fromHex("0x00");
  const answer = chain.call(chain.best.hash, "SessionKeys_generate_session_keys", noSeed);
  return toHex(new ScaleReader(answer).vectorOfBytes());
};

export const authorMethods: readonly (readonly [string, Method])[] = [
  ["author_submitExtrinsic", submitExtrinsic],
  ["author_submitAndWatchExtrinsic", submitAndWatch.subscribe],
  ["author_unwatchExtrinsic", submitAndWatch.unsubscribe],
  ["author_pendingExtrinsics", pendingExtrinsics],
  ["author_removeExtrinsic", removeExtrinsic],
  ["author_insertKey", insertKey],
  ["author_hasKey", hasKey],
  ["author_hasSessionKeys", hasSessionKeys],
  ["author_rotateKeys", rotateKeys],
];
