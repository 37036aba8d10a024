/** What the recordings of conformance.test.ts leave out of chainHead_v1: pages, pins and forks. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Chain, createChain } from "../../index.ts";
import { ChainNode } from "../../node/node.ts";
import type { Json } from "../json.ts";
import { RpcSession } from "../session.ts";
import { methodTable } from "./table.ts";

let chain: Chain;
let node: ChainNode;
let session: RpcSession;
let events: { readonly event: string; readonly [key: string]: Json }[];

beforeEach(async () => {
  chain = await createChain({ selfCheck: false });
  node = new ChainNode({ chain, sealing: { mode: "manual" }, finality: "held" });
  events = [];
  session = new RpcSession({
    node,
    methods: methodTable(),
    notify: (text) =>
      events.push((JSON.parse(text) as { params: { result: (typeof events)[0] } }).params.result),
  });
});
afterEach(() => {
  session.close();
  node.close();
});

const call = (method: string, ...params: Json[]) => session.call(method, params);
const follow = () => String(call("chainHead_v1_follow", false));
const names = () => events.map(({ event }) => event);

test("a long answer comes in pages that the client asks for, and all pages together are all keys", () => {
  const id = follow();
  events.length = 0;
  call("chainHead_v1_storage", id, chain.genesisHash, [{ key: "0x26aa", type: "descendantsHashes" }]);
  expect(names()).toEqual(["operationStorageItems", "operationWaitingForContinue"]);
  const operation = String(events[0]?.["operationId"]);
  while (names().at(-1) === "operationWaitingForContinue") call("chainHead_v1_continue", id, operation);
  expect(names().at(-1)).toBe("operationStorageDone");
  const keys = events.flatMap(({ items }) =>
    Array.isArray(items) ? items.map((item) => (item as { key: string }).key) : [],
  );
  expect(keys).toEqual(call("state_getKeys", "0x26aa"));
});

test("a stopped operation does not go on", () => {
  const id = follow();
  call("chainHead_v1_storage", id, chain.genesisHash, [{ key: "0x26aa", type: "descendantsHashes" }]);
  const before = events.length;
  call("chainHead_v1_stopOperation", id, "1");
  call("chainHead_v1_continue", id, "1");
  expect(events.length).toBe(before);
});

test("a client that pins more blocks than it may is stopped; one that unpins goes on", () => {
  const lazy = follow();
  const tidy = follow();
  for (let number = 1; number <= 520; number += 1) {
    const { block } = node.seal();
    call("chainHead_v1_unpin", tidy, block.hash);
  }
  expect(names().filter((name) => name === "stop").length).toBe(1);
  expect(call("chainHead_v1_unfollow", lazy)).toBe(false);
  expect(call("chainHead_v1_unfollow", tidy)).toBe(true);
});

test("a new follower is told the forks above the final block, and which head is best", () => {
  node.seal();
  node.finalize();
  node.seal();
  node.chain.seal({ extrinsics: [], parent: chain.finalized.hash, timestamp: chain.clock() + 60_000 });
  follow();
  expect(names()).toEqual(["initialized", "newBlock", "newBlock", "bestBlockChanged"]);
  expect(events[0]?.["finalizedBlockHashes"]).toEqual([chain.genesisHash, chain.finalized.hash]);
  expect(events[3]?.["bestBlockHash"]).toBe(chain.best.hash);
  node.seal();
  node.finalize();
  expect(events.at(-1)).toMatchObject({ event: "finalized", prunedBlockHashes: [expect.any(String)] });
});
