import { afterAll, beforeAll, expect, test } from "vitest";
import { Signer } from "../../chain/signer.fixture.ts";
import { toHex } from "../../codec/bytes.ts";
import { type Chain, createChain } from "../../index.ts";
import { ChainNode } from "../../node/node.ts";
import type { Json } from "../json.ts";
import { RpcSession } from "../session.ts";
import { methodTable } from "./table.ts";

/** `System.Account` */
const ACCOUNTS = "0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9";
const NOWHERE = `0x${"11".repeat(32)}`;

let chain: Chain;
let session: RpcSession;
let told: Json[];
let node: ChainNode;
beforeAll(async () => {
  chain = await createChain({ selfCheck: false });
  node = new ChainNode({ chain, sealing: { mode: "manual" } });
  session = new RpcSession({
    node,
    methods: methodTable(),
    notify: (text) => told.push((JSON.parse(text) as { params: { result: Json } }).params.result),
  });
  const signer = new Signer(chain);
  node.seal({ extrinsics: [signer.transfer("Alice", 0, "Newcomer", 1_000_000_000n)] });
});
afterAll(() => node.close());

/** What a subscription says until it ends. */
function events(method: string, ...params: Json[]): Json[] {
  told = [];
  session.call(method, params);
  return told;
}
const call = (method: string, ...params: Json[]) => session.call(method, params);

test("storage gives every descendant, as hash or value, and then says that it is done", () => {
  const accounts = chain.state(chain.best.hash).keysPaged(Buffer.from(ACCOUNTS.slice(2), "hex"), 1000);
  const answer = events("archive_v1_storage", chain.best.hash, [
    { key: ACCOUNTS, type: "descendantsValues" },
  ]);
  expect(answer.length).toBe(accounts.length + 1);
  expect(answer[0]).toMatchObject({ event: "storage", key: toHex(accounts[0]!) });
  expect(answer.at(-1)).toEqual({ event: "storageDone" });
  expect(events("archive_v1_storage", NOWHERE, [])).toMatchObject([{ event: "storageError" }]);
});

test("storageDiff tells what the block added and modified; the other way round, what it would delete", () => {
  const items = [{ key: ACCOUNTS, returnType: "value" }];
  const kinds = (answer: Json[]) => answer.map((event) => (event as { type?: string }).type ?? "done").sort();
  expect(kinds(events("archive_v1_storageDiff", chain.best.hash, items))).toEqual([
    "added",
    "done",
    "modified",
  ]);
  expect(kinds(events("archive_v1_storageDiff", chain.genesisHash, items, chain.best.hash))).toEqual([
    "deleted",
    "done",
    "modified",
  ]);
});

test("calls tell success, failure and an unknown block apart", () => {
  expect(call("archive_v1_call", chain.best.hash, "Core_version", "0x")).toMatchObject({ success: true });
  expect(call("archive_v1_call", chain.best.hash, "Nope", "0x")).toMatchObject({ success: false });
  expect(call("archive_v1_call", NOWHERE, "Core_version", "0x")).toBeNull();
  expect(call("archive_v1_hashByHeight", 1)).toEqual([chain.best.hash]);
  expect(call("archive_v1_body", chain.best.hash)).toHaveLength(2);
});
