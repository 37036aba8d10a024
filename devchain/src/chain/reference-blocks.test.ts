/** The real substrate-contracts-node made these blocks; this chain must make the same of them. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { loadRuntime } from "@keystrand/runtime-config/load";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../codec/bytes.ts";
import { EmbeddedChain } from "./chain.ts";
import { type RecordedBlock, recording, replay } from "./replay.ts";

const file = new URL("../../../test/fixtures/reference-blocks.json.gz", import.meta.url);
const blocks: RecordedBlock[] = recording.parse(JSON.parse(gunzipSync(readFileSync(file)).toString()));
const runtime = await loadRuntime();

const TIMESTAMP_SET = 3;

/** The moment that the block's first extrinsic, the timestamp inherent, sets. */
function timestampOf(extrinsic: Uint8Array): number {
  // Length, version 4 unsigned, pallet, call, then a compact moment: 0x0b and 6 bytes at today's times.
  expect([...extrinsic.subarray(1, 5)]).toEqual([4, TIMESTAMP_SET, 0, 0x0b]);
  return extrinsic.subarray(5, 11).reduceRight((value, byte) => value * 256 + byte, 0);
}

describe("against the real node's recording", () => {
  test("genesis has the real node's hash and state root", () => {
    const { genesis } = new EmbeddedChain({ runtime });
    expect(genesis.hash).toBe("0xecd3ff3d99c67b8faef84a466562482d3cdb00bd81ff82dc974b0a43bad04417");
    expect(genesis.stateRoot).toBe("0xbb9bca050fa8196ea86ff0ef1fe2ba65fa3b0af54f7e0c2d2d40ae84d394bffd");
    expect(genesis.extrinsicsRoot).toBe("0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314");
  });

  test("all 440 blocks replay with the real node's state root, block hash and events", () => {
    const chain = new EmbeddedChain({ runtime });
    const outcomes = [...replay(chain, blocks)];
    expect(outcomes).toHaveLength(441);
    const disagreeing = outcomes.filter(
      ({ hashAgrees, rootAgrees, eventsAgree }) => !(hashAgrees && rootAgrees && eventsAgree),
    );
    expect(disagreeing).toEqual([]);
    expect(chain.best.number).toBe(440);
    expect(chain.best.hash).toBe(blocks.at(-1)!.hash);
  });

  test("authoring the same extrinsics at the same times makes the same 440 blocks", () => {
    const chain = new EmbeddedChain({ runtime });
    for (const { hash, extrinsics } of blocks.slice(1)) {
      const [inherent, ...submitted] = extrinsics.map(fromHex);
      const { block, outcomes } = chain.seal({ extrinsics: submitted, timestamp: timestampOf(inherent!) });
      expect(outcomes.every(({ kind }) => kind === "included")).toBe(true);
      expect(block.hash).toBe(hash);
    }
  });

  test("fresh instances for each call lead to the same head as reused ones", () => {
    const chain = new EmbeddedChain({ runtime, reuseInstances: false });
    for (const outcome of replay(chain, blocks.slice(0, 120))) expect(outcome.hashAgrees).toBe(true);
    expect(chain.best.hash).toBe(blocks[119]!.hash);
  });

  test("a changed extrinsic is refused, with the runtime's reason", () => {
    const chain = new EmbeddedChain({ runtime });
    const first = blocks[1]!;
    const forged = { ...first, extrinsics: [first.extrinsics[0]!] };
    const outcomes = [...replay(chain, [blocks[0]!, forged, blocks[2]!])];
    expect(outcomes.map(({ refusal }) => refusal === undefined)).toEqual([true, false]);
    expect(outcomes[1]!.refusal).toMatch(/root must match that calculated/);
    expect(toHex(chain.best.header)).toBe(toHex(chain.genesis.header));
  });

  test("a header with another state root is refused", () => {
    const chain = new EmbeddedChain({ runtime });
    const first = blocks[1]!;
    const forged = { ...first, header: { ...first.header, stateRoot: first.hash } };
    const outcomes = [...replay(chain, [blocks[0]!, forged])];
    expect(outcomes[1]!.refusal).toMatch(/Storage root must match that calculated/);
  });
});
