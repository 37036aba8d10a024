/** The development methods over JSON-RPC, and what subscribers see of them. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Signer } from "../../chain/signer.fixture.ts";
import { toHex } from "../../codec/bytes.ts";
import { type Chain, createChain } from "../../index.ts";
import { ChainNode } from "../../node/node.ts";
import { VirtualTime } from "../../node/virtual-time.fixture.ts";
import { RpcError } from "../errors.ts";
import type { Json } from "../json.ts";
import { RpcSession } from "../session.ts";
import { devDefinitions } from "./dev.ts";
import { methodTable } from "./table.ts";

let chain: Chain;
let time: VirtualTime;
let node: ChainNode;
let session: RpcSession;
let told: { method: string; result: Json }[];

beforeEach(async () => {
  time = new VirtualTime();
  chain = await createChain({ clock: () => 1_800_000_000_000 + time.now, selfCheck: false });
  node = new ChainNode({ chain, scheduler: time, sealing: { mode: "manual" } });
  told = [];
  session = new RpcSession({
    node,
    methods: methodTable(),
    notify: (text) => {
      const { method, params } = JSON.parse(text) as { method: string; params: { result: Json } };
      told.push({ method, result: params.result });
    },
  });
});
afterEach(() => {
  session.close();
  node.close();
});

const call = (method: string, ...params: Json[]) => session.call(method, params);
const numberOfHead = () => chain.best.number;
const refusal = (method: string, ...params: Json[]): RpcError => {
  try {
    call(method, ...params);
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
  throw new Error("It was taken");
};

describe("dev_seal", () => {
  test("makes one block, or many", () => {
    expect(call("dev_seal")).toMatchObject({ number: 1, outcomes: [] });
    expect(call("dev_seal", { count: 5 })).toMatchObject({ number: 6 });
  });

  test("takes time, extrinsics and a parent", () => {
    const extrinsic = toHex(new Signer(chain).transfer("Alice", 0, "Bob", 1_000_000_000n));
    const timestamp = 1_800_000_100_000;
    const sealed = call("dev_seal", { timestamp, extrinsics: [extrinsic] });
    expect(sealed).toMatchObject({ number: 1, outcomes: ["included"] });
    expect(chain.timestamp(chain.best.hash)).toBe(timestamp);
    expect(call("dev_seal", { parent: chain.genesisHash, timestamp: timestamp + 1 })).toMatchObject({
      number: 1,
    });
    expect(chain.hashesAt(1).length).toBe(2);
  });

  test("takes parameters by name too", () => {
    expect(session.call("dev_seal", { options: { count: 2 } })).toMatchObject({ number: 2 });
  });

  test("says what is wrong with its parameters", () => {
    expect(refusal("dev_seal", { count: 0 })).toMatchObject({ code: -32602 });
    expect(refusal("dev_seal", { count: 2, timestamp: 5 }).data).toMatch(/count goes with neither/);
    expect(refusal("dev_seal", { extrinsics: ["zz"] })).toMatchObject({ code: -32602 });
    expect(refusal("dev_seal", { parent: `0x${"11".repeat(32)}` })).toMatchObject({ code: 6000 });
    expect(numberOfHead()).toBe(0);
  });
});

describe("finality", () => {
  test("is made, held and let go", () => {
    call("dev_seal", { count: 3 });
    expect(call("dev_finalize", chain.hashAt(2)!)).toBe(chain.hashAt(2));
    call("dev_holdFinality");
    time.advance(60_000);
    expect(chain.finalized.number).toBe(2);
    call("dev_holdFinality", false);
    time.advance(1000);
    expect(chain.finalized.number).toBe(3);
  });
});

describe("time", () => {
  test("goes on from where it is set, or stands still", () => {
    expect(call("dev_setTime", 1_900_000_000_000)).toBe(1_900_000_000_000);
    time.advance(10);
    call("dev_seal");
    expect(chain.timestamp(chain.best.hash)).toBe(1_900_000_000_010);
    call("dev_setTime", 1_900_000_050_000, true);
    time.advance(10);
    expect(chain.clock()).toBe(1_900_000_050_000);
    expect(call("dev_setTime", null)).toBe(1_800_000_000_020);
  });
});

describe("dev_setSealing", () => {
  test("changes when blocks are made", () => {
    call("dev_setSealing", { mode: "interval", milliseconds: 100 });
    time.advance(1000);
    expect(numberOfHead()).toBe(10);
    call("dev_setSealing", { mode: "manual" });
    time.advance(1000);
    expect(numberOfHead()).toBe(10);
    call("dev_setSealing", { mode: "instant", idleMilliseconds: 0 });
    time.advance(60_000);
    expect(numberOfHead()).toBe(10);
    expect(call("dev_status")).toMatchObject({ sealing: { mode: "instant", idleMilliseconds: 0 } });
    expect(refusal("dev_setSealing", { mode: "sometimes" })).toMatchObject({ code: -32602 });
  });
});

describe("snapshots", () => {
  test("head and storage subscribers are told the state of then; chainHead starts over", () => {
    const id = call("dev_snapshot");
    call("chain_subscribeNewHeads");
    call("chain_subscribeFinalizedHeads");
    const now = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";
    call("state_subscribeStorage", [now]);
    call("chainHead_v1_follow", true);
    call("dev_seal");
    told.length = 0;
    expect(call("dev_restore", id)).toBe(chain.genesisHash);
    expect(told.map(({ method }) => method)).toEqual([
      "chain_newHead",
      "chain_finalizedHead",
      "state_storage",
      "chainHead_v1_followEvent",
    ]);
    expect(told[0]?.result).toMatchObject({ number: "0x0" });
    expect(told[2]?.result).toEqual({ block: chain.genesisHash, changes: [[now, null]] });
    expect(told[3]?.result).toEqual({ event: "stop" });
    call("dev_release", id);
    expect(refusal("dev_restore", id)).toMatchObject({ code: 6000 });
  });
});

describe("forks", () => {
  test("dev_reorg: storage subscribers are told what is different on the fork, chainHead the new best", () => {
    call("dev_holdFinality");
    const extrinsic = new Signer(chain).transfer("Alice", 0, "Bob", 1_000_000_000n);
    node.pool.submit(extrinsic);
    call("dev_seal");
    const account = chain.storageChanges(chain.best.hash).top.map(([key]) => toHex(key));
    call("state_subscribeStorage", account);
    call("chainHead_v1_follow", false);
    told.length = 0;
    const fork = call("dev_reorg", 1) as string[];
    expect(fork.length).toBe(2);
    const storage = told.filter(({ method }) => method === "state_storage");
    expect(storage.length).toBeGreaterThanOrEqual(1);
    const events = told
      .filter(({ method }) => method === "chainHead_v1_followEvent")
      .map(({ result }) => (result as { event: string }).event);
    expect(events.slice(-2)).toEqual(["newBlock", "bestBlockChanged"]);
    expect(node.pool.readyCount).toBe(1);
  });

  test("dev_reorgTo takes a fork made by hand", () => {
    call("dev_seal");
    const first = chain.best.hash;
    const fork = call("dev_seal", { parent: chain.genesisHash, timestamp: 1_800_000_900_000 }) as {
      hash: string;
    };
    expect(chain.best.hash).toBe(first);
    call("dev_reorgTo", fork.hash);
    expect(chain.best.hash).toBe(fork.hash);
    expect(refusal("dev_reorg", 9).data).toMatch(/Cannot go back 9 blocks/);
  });
});

describe("rpc.discover", () => {
  test("documents every dev_ method, and their parameters by the schemas that check them", () => {
    const document = call("rpc.discover") as {
      openrpc: string;
      methods: {
        name: string;
        summary: string;
        params: { name: string; required: boolean; schema: Json }[];
      }[];
    };
    expect(document.openrpc).toMatch(/^1\.3/);
    const served = [...methodTable().keys()].filter((name) => name.startsWith("dev_"));
    expect(document.methods.map(({ name }) => name).sort()).toEqual(served.sort());
    expect(devDefinitions.length).toBe(served.length);
    const reorg = document.methods.find(({ name }) => name === "dev_reorg");
    expect(reorg?.params.map(({ name, required }) => [name, required])).toEqual([
      ["depth", true],
      ["length", false],
    ]);
    expect(reorg?.params[0]?.schema).toMatchObject({ type: "integer" });
  });
});
