import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, Signer } from "../chain/signer.fixture.ts";
import { type Chain, createChain } from "../index.ts";
import type { TransactionStatus } from "../pool/status.ts";
import { ChainNode, type ChainNodeOptions } from "./node.ts";
import { VirtualTime } from "./virtual-time.fixture.ts";

let chain: Chain;
let signer: Signer;
let time: VirtualTime;
let node: ChainNode;

/** The runtime needs seconds since 1970 that make sense; the tests only count from here. */
const START = 1_800_000_000_000;

function startNode(options: Partial<ChainNodeOptions> = {}): void {
  node = new ChainNode({ chain, scheduler: time, ...options });
}
beforeEach(async () => {
  time = new VirtualTime();
  chain = await createChain({ clock: () => START + time.now, selfCheck: false });
  signer = new Signer(chain);
});
afterEach(() => node.close());

const transfer = (nonce: number, tip = 0) => signer.transfer("Alice", nonce, "Bob", 1_000_000_000n, tip);

/** Submits and collects what the watcher is told, as words. */
function watch(extrinsic: Uint8Array): string[] {
  const told: string[] = [];
  node.pool.submit(extrinsic, (status) => told.push(word(status)));
  return told;
}
const word = (status: TransactionStatus): string =>
  typeof status === "string" ? status : (Object.keys(status)[0] ?? "");

describe("Instant sealing", () => {
  test("makes a block as soon as a transaction is ready, and finality follows after a second", () => {
    startNode();
    const told = watch(transfer(0));
    expect(told).toEqual(["ready"]);
    time.advance(0);
    expect(chain.best.number).toBe(1);
    expect(told).toEqual(["ready", "inBlock"]);
    time.advance(999);
    expect(chain.finalized.number).toBe(0);
    time.advance(1);
    expect(chain.finalized.number).toBe(1);
    expect(told).toEqual(["ready", "inBlock", "finalized"]);
  });

  test("puts a burst into one block", () => {
    startNode();
    for (let nonce = 0; nonce < 30; nonce += 1) node.pool.submit(transfer(nonce));
    time.advance(0);
    expect(chain.best.number).toBe(1);
    expect(chain.best.extrinsics.length).toBe(31);
    expect(node.pool.readyCount).toBe(0);
  });

  test("makes an empty block after six idle seconds, counted from the last block", () => {
    startNode();
    time.advance(5999);
    expect(chain.best.number).toBe(0);
    time.advance(1);
    expect(chain.best.number).toBe(1);
    time.advance(3000);
    node.pool.submit(transfer(0));
    time.advance(0);
    expect(chain.best.number).toBe(2);
    time.advance(5999);
    expect(chain.best.number).toBe(2);
    time.advance(1);
    expect(chain.best.number).toBe(3);
  });

  test("needs no block for a transaction that waits for an earlier one", () => {
    startNode();
    const later = watch(transfer(1));
    time.advance(10);
    expect(chain.best.number).toBe(0);
    const sooner = watch(transfer(0));
    time.advance(0);
    expect(chain.best.number).toBe(1);
    expect(later).toEqual(["future", "ready", "inBlock"]);
    expect(sooner).toEqual(["ready", "inBlock"]);
  });

  test("puts what one block has no room for into the next", () => {
    startNode({ sealing: { mode: "instant", idleMilliseconds: 0 } });
    // Operational and inherent calls apart, a block takes 3.75 MB of extrinsics: 75 % of 5 MB.
    const remark = signer.call("System", "remark", `0x${"00".repeat(900_000)}`);
    const alice = account("Alice");
    for (let nonce = 0; nonce < 6; nonce += 1) node.pool.submit(signer.sign(alice, nonce, remark));
    time.advance(0);
    expect(chain.best.number).toBe(2);
    expect(node.pool.readyCount).toBe(0);
    expect(chain.block(chain.best.parentHash)?.extrinsics.length).toBe(5);
    expect(chain.best.extrinsics.length).toBe(3);
  });
});

describe("Other sealing", () => {
  test("interval: a block every so often, whatever comes", () => {
    startNode({ sealing: { mode: "interval", milliseconds: 2000 } });
    node.pool.submit(transfer(0));
    time.advance(1999);
    expect(chain.best.number).toBe(0);
    time.advance(1);
    expect(chain.best.extrinsics.length).toBe(2);
    time.advance(4000);
    expect(chain.best.number).toBe(3);
  });

  test("manual: only when told; switching to instant takes what waits", () => {
    startNode({ sealing: { mode: "manual" } });
    node.pool.submit(transfer(0));
    time.advance(60_000);
    expect(chain.best.number).toBe(0);
    expect(node.seal().outcomes.map(({ kind }) => kind)).toEqual(["included"]);
    node.pool.submit(transfer(1));
    node.sealing = { mode: "instant" };
    time.advance(0);
    expect(chain.best.number).toBe(2);
  });

  test("a block takes the time it is given and is always later than its parent", () => {
    startNode({ sealing: { mode: "manual" } });
    node.seal({ timestamp: START + 500_000 });
    expect(chain.timestamp(chain.best.hash)).toBe(START + 500_000);
    node.seal();
    expect(chain.timestamp(chain.best.hash)).toBeGreaterThan(START + 500_000);
  });

  test("the clock can be set, frozen and given back", () => {
    startNode({ sealing: { mode: "manual" } });
    node.setTime(START + 1_000_000);
    time.advance(500);
    expect(chain.clock()).toBe(START + 1_000_500);
    node.setTime(START + 2_000_000, true);
    time.advance(500);
    expect(chain.clock()).toBe(START + 2_000_000);
    node.seal();
    expect(chain.timestamp(chain.best.hash)).toBe(START + 2_000_000);
    expect(node.setTime(null)).toBe(START + 1000);
  });
});

describe("Finality", () => {
  test("can be held and let go", () => {
    startNode({ sealing: { mode: "manual" } });
    node.holdFinality(true);
    for (let i = 0; i < 3; i += 1) node.seal();
    time.advance(60_000);
    expect(chain.finalized.number).toBe(0);
    node.finalize(chain.hashAt(1));
    expect(chain.finalized.number).toBe(1);
    node.holdFinality(false);
    time.advance(1000);
    expect(chain.finalized.number).toBe(3);
  });

  test("does not come in the same task as inclusion, even when asked for at once", () => {
    startNode({ sealing: { mode: "manual" }, finality: "held" });
    const told = watch(transfer(0));
    node.finalizeSoon(node.seal().block.hash);
    expect(told).toEqual(["ready", "inBlock"]);
    time.advance(0);
    expect(told).toEqual(["ready", "inBlock", "finalized"]);
  });

  test("a block that a fork replaced does not become final by its timer", () => {
    startNode({ sealing: { mode: "manual" } });
    node.seal();
    const replaced = chain.best.hash;
    time.advance(500);
    const fork = node.reorg(1);
    time.advance(501);
    expect(chain.finalized.number).toBe(0);
    time.advance(1000);
    expect(chain.finalized.hash).toBe(fork.at(-1)?.hash);
    expect(chain.block(replaced)).toBeUndefined();
  });
});

describe("Reorganisation", () => {
  test("retracted transactions go back to the pool and into the new chain", () => {
    startNode({ finality: "held" });
    const told = watch(transfer(0));
    time.advance(0);
    const fork = node.reorg(1);
    expect(chain.best.hash).toBe(fork[1]?.hash);
    expect(told).toEqual(["ready", "inBlock", "retracted", "ready"]);
    time.advance(0);
    expect(chain.best.number).toBe(3);
    node.finalize();
    expect(told).toEqual(["ready", "inBlock", "retracted", "ready", "inBlock", "finalized"]);
  });

  test("cannot take final blocks away", () => {
    startNode({ sealing: { mode: "manual" }, finality: "held" });
    node.seal();
    node.finalize();
    expect(() => node.reorg(1)).toThrow("final");
    expect(() => node.reorg(5)).toThrow("Cannot go back 5 blocks");
    expect(chain.best.number).toBe(1);
  });
});

describe("Snapshots", () => {
  test("bring back blocks, finality and pool, as often as wanted", () => {
    startNode({ sealing: { mode: "manual" } });
    node.seal();
    node.pool.submit(transfer(0));
    const id = node.snapshot();
    const head = chain.best.hash;
    for (let round = 0; round < 2; round += 1) {
      const told = watch(transfer(1));
      node.seal();
      time.advance(1000);
      expect(chain.finalized.number).toBe(2);
      expect(told).toEqual(["ready", "inBlock", "finalized"]);
      node.restore(id);
      expect(chain.best.hash).toBe(head);
      expect(chain.finalized.number).toBe(0);
      expect(node.pool.ready().length).toBe(1);
    }
  });

  test("a transaction whose block is gone and that was not in the pool then is told so", () => {
    startNode({ sealing: { mode: "manual" }, finality: "held" });
    const id = node.snapshot();
    const told = watch(transfer(0));
    node.seal();
    node.restore(id);
    expect(told).toEqual(["ready", "inBlock", "retracted", "dropped"]);
    expect(node.pool.readyCount).toBe(0);
  });
});

test("close() leaves no timer behind", () => {
  startNode();
  node.pool.submit(transfer(0));
  node.close();
  expect(time.pending).toBe(0);
});

test("a block that cannot become final is reported, and the node goes on", () => {
  const reports: string[] = [];
  startNode({
    sealing: { mode: "manual" },
    finality: "held",
    onError: (message) => reports.push(message),
  });
  const left = node.seal().block.hash;
  node.finalizeSoon(left);
  const fork = node.reorg(1);
  node.finalize(fork[0]!.hash);
  time.advance(0);
  expect(reports.length).toBe(1);
  expect(node.seal().block.number).toBe(3);
});
