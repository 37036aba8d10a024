/** The node's JSON forms of blocks, headers and runtime versions. */
import type { Block, RuntimeVersion } from "../chain/types.ts";
import { toHex } from "../codec/bytes.ts";
import type { Json } from "./json.ts";

export function headerJson(block: Block): Json {
  return {
    parentHash: block.parentHash,
    number: `0x${block.number.toString(16)}`,
    stateRoot: block.stateRoot,
    extrinsicsRoot: block.extrinsicsRoot,
    digest: { logs: block.digest.map(toHex) },
  };
}

export function blockJson(block: Block): Json {
  return {
    block: { header: headerJson(block), extrinsics: block.extrinsics.map(toHex) },
    justifications: null,
  };
}

export function runtimeVersionJson(version: RuntimeVersion): Json {
  return {
    specName: version.specName,
    implName: version.implName,
    authoringVersion: version.authoringVersion,
    specVersion: version.specVersion,
    implVersion: version.implVersion,
    apis: version.apis,
    transactionVersion: version.transactionVersion,
    stateVersion: version.stateVersion,
  };
}

/** The form of `chainHead_v1`: fewer fields, APIs as an object in the order of their ids. */
export function runtimeSpecJson(version: RuntimeVersion): Json {
  const apis = [...version.apis].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    type: "valid",
    spec: {
      specName: version.specName,
      implName: version.implName,
      specVersion: version.specVersion,
      implVersion: version.implVersion,
      apis: Object.fromEntries(apis),
      transactionVersion: version.transactionVersion,
    },
  };
}
