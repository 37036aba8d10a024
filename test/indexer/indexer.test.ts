/** The indexer as a process of its own, as `npm run indexer` starts it, over the contracts on the embedded chain. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ChainNode, createChain } from "@keystrand/devchain";
import { type RunningServer, startServer } from "@keystrand/devchain/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { delivered, type OrdersOnChain, ordersOnChain } from "../contracts/orders.fixture.ts";

const MAIN = join(import.meta.dirname, "../../indexer/src/main.ts");
const statusSchema = z.object({
  height: z.number(),
  hash: z.string(),
  rollbacks: z.number(),
  problems: z.number(),
});

interface Ended {
  code: number | null;
  text: string;
}

let market: OrdersOnChain;
let server: RunningServer;
let folder: string;
const started = new Set<ReturnType<typeof start>>();

/** Starts `indexer ...` with the settings of the tests. */
function start(parameters: string[] = [], settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...parameters], {
    env: {
      PATH: process.env["PATH"],
      FOLDER: join(folder, "index"),
      KEYSTRAND_DEPLOYMENT: join(folder, "deployment.json"),
      NODE_URL: server.url,
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const url = Promise.withResolvers<string>();
  url.promise.catch(() => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      text += `${line}\n`;
      if (line.includes('"msg":"listening"'))
        url.resolve(z.object({ url: z.string() }).parse(JSON.parse(line)).url);
    });
  }
  const ended = once(child, "close").then((): Ended => {
    url.reject(new Error(`it ended: ${text}`));
    started.delete(process_);
    return { code: child.exitCode, text };
  });
  const process_ = {
    url: url.promise,
    ended,
    stop: (): Promise<Ended> => {
      child.kill("SIGTERM");
      return ended;
    },
  };
  started.add(process_);
  return process_;
}

const status = async (url: string, atLeast = 0) =>
  statusSchema.parse(await (await fetch(`${url}/status?atLeast=${atLeast}`)).json());

/** Resolves when the index shows the chain's present head. */
async function atHead(url: string): Promise<z.infer<typeof statusSchema>> {
  for (;;) {
    const { number, hash } = market.node.chain.best;
    const found = await status(url, number);
    if (found.hash === hash) return found;
    // A fork of the same height is a change that `atLeast` does not wait for: the next block tells of it.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function orderState(url: string, order: string): Promise<string | undefined> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      query: "query ($id: String!) { order(id: $id) { state } }",
      variables: { id: order },
    }),
  });
  const schema = z.object({ data: z.object({ order: z.object({ state: z.string() }).nullable() }) });
  return schema.parse(await response.json()).data.order?.state;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keystrand-test-indexer-"));
  market = await ordersOnChain(3);
  // Every reorganisation below is of blocks that no one has finalised yet.
  market.node.finalize();
  market.node.finality = "held";
  server = await market.serve();
  writeFileSync(
    join(folder, "deployment.json"),
    JSON.stringify({ ...market.contracts.deployment, node: server.url }, (_name, value) =>
      typeof value === "bigint" ? value.toString() : value,
    ),
  );
});
afterAll(async () => {
  for (const each of started) await each.stop();
  await server.close();
  await market.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the indexer's process", () => {
  test("shows an order as it goes, follows real reorganisations, and is verified against the chain", async () => {
    const indexer = start();
    const url = await indexer.url;
    const kept = await delivered(market, [0, 1]);
    await atHead(url);
    expect(await orderState(url, kept)).toBe("Delivered");
    // The transactions of the blocks that leave come again in others.
    for (const depth of [1, 2, 5]) {
      const order = await delivered(market, [1, 2]);
      await atHead(url);
      market.node.reorg(depth);
      while (market.node.pool.readyCount > 0) market.node.seal();
      await atHead(url);
      const { head } = (await market.contracts.escrow.query("order", { order }))!;
      expect(await orderState(url, order)).toBe(head.state);
    }
    // Or they do not.
    const before = market.node.snapshot();
    const lost = await delivered(market, [0, 2]);
    await atHead(url);
    expect(await orderState(url, lost)).toBe("Delivered");
    market.node.restore(before);
    market.node.reorg(1, 12);
    await atHead(url);
    expect(await orderState(url, lost)).toBeUndefined();
    market.node.finalize();
    const after = await atHead(url);
    expect(after.rollbacks).toBeGreaterThanOrEqual(4);
    expect(after.problems).toBe(0);
    const other = start();
    expect(await other.ended).toMatchObject({
      code: 1,
      text: expect.stringContaining("Another process uses the database"),
    });
    expect((await indexer.stop()).code).toBe(0);
    const verified = await start(["verify", "30"]).ended;
    expect(verified.text).toContain("Verified.");
    expect(verified.code).toBe(0);
  });

  test("refuses a chain that was started anew, and indexes it after a reset", async () => {
    const fresh = new ChainNode({ chain: await createChain(), finality: 0 });
    for (let count = 0; count < 40; count++) fresh.seal();
    fresh.finalize();
    const anew = await startServer({ node: fresh, port: 0 });
    try {
      const refused = await start([], { NODE_URL: anew.url }).ended;
      expect(refused.code).toBe(1);
      expect(refused.text).toMatch(/Finalised block \d+ was .* when it was indexed/);
      expect(refused.text).toContain("indexer reset");
      expect((await start(["reset"]).ended).code).toBe(0);
      const indexer = start([], { NODE_URL: anew.url });
      await status(await indexer.url, 40);
      expect((await indexer.stop()).code).toBe(0);
    } finally {
      await anew.close();
      fresh.close();
    }
    // And back again by the run's own flag.
    const back = start(["--reset"]);
    await atHead(await back.url);
    await back.stop();
  });

  test("says how it is used", async () => {
    expect(await start(["--help"]).ended).toMatchObject({
      code: 0,
      text: expect.stringContaining("indexer verify"),
    });
    expect(await start(["polish"]).ended).toMatchObject({
      code: 2,
      text: expect.stringContaining("indexer reset"),
    });
    const settings = await start([], { FOLDER: "", PORT: "many" }).ended;
    expect(settings.code).toBe(1);
    expect(settings.text).toMatch(/FOLDER[\s\S]*PORT|PORT[\s\S]*FOLDER/);
  });
});
