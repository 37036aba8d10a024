/** The command as a person runs it: its own process, its words, its exit code. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { account } from "../chain/signer.fixture.ts";
import { ReferenceNode } from "../differential/reference-node.ts";
import { storageDifference } from "../differential/run.ts";
import { World } from "../differential/world.ts";
import { type Chain, createChain, exportChainSpec, genesisFrom, recording, replay } from "../index.ts";
import { identityOf } from "../node/identity.ts";
import { ChainNode } from "../node/node.ts";
import { createChainServer, startServer } from "../server/index.ts";
import { ChainSpecError, readChainSpec } from "./chain-spec.ts";
import { NodeClient } from "./client.ts";
import { exportState } from "./export.ts";
import { recordNode } from "./record.ts";
import { RecordingError, replayFile } from "./replay.ts";

const folder = mkdtempSync(join(tmpdir(), "keystrand-cli-"));
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves with what was matched. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<number | null>;
}

function run(...args: string[]): Run {
  const command = fileURLToPath(new URL("../cli.ts", import.meta.url));
  const child = spawn(process.execPath, [command, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let text = "";
  let wake = () => {};
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      wake();
    });
  const ended = new Promise<number | null>((resolve) =>
    child.once("close", (code) => {
      running.delete(child);
      resolve(code);
      wake();
    }),
  );
  return {
    child,
    ended,
    output: () => text,
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(text);
        if (found) return found;
        if (child.exitCode !== null) throw new Error(`It ended without saying ${pattern}: ${text}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

const numberOf = z.object({ number: z.string() });

describe("npm run chain", () => {
  test("runs a chain, stops cleanly on Ctrl-C, and goes on from the folder where it was kept", async () => {
    const kept = join(folder, "kept");
    const first = run("--port", "0", "--base-path", kept, "--sealing", "manual", "--finality", "held");
    const url = (await first.says(/ws:\/\/\S+/))[0];
    const node = await NodeClient.connect(url);
    await node.call("dev_seal", [{ count: 3 }], z.unknown());
    node.close();
    const second = run("--port", "0", "--base-path", kept);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain("in use by process");
    first.child.kill("SIGINT");
    expect(await first.ended).toBe(0);
    expect(first.output()).toContain("Stopped.");
    const third = run("--port", "0", "--base-path", kept, "--sealing", "manual");
    await third.says(/block 3/);
    third.child.kill("SIGTERM");
    expect(await third.ended).toBe(0);
  });

  test("says what to do when the port is taken", async () => {
    const chain = await createChainServer({ sealing: { mode: "manual" } });
    const other = run("--port", String(chain.port));
    expect(await other.ended).toBe(1);
    expect(other.output()).toContain("The port is taken");
    expect(other.output()).toContain("--port 0 for a free one");
    await chain.close();
  });

  test("refuses options it does not understand, and shows the way", async () => {
    const wrong = run("--port", "99999");
    expect(await wrong.ended).toBe(1);
    expect(wrong.output()).toContain("A port is a number from 0 to 65535.");
    expect(wrong.output()).toContain("--help shows all options");
  });
});

describe("record and replay", () => {
  test("what is recorded from a chain replays with equal hashes; a changed byte is found", async () => {
    const node = new ChainNode({ chain: await createChain(), sealing: { mode: "manual" } });
    const server = await startServer({ node, port: 0 });
    for (let i = 0; i < 3; i += 1) node.seal();
    node.finalize();
    node.seal();
    const file = join(folder, "recording.json.gz");
    expect(await recordNode(server.url, file)).toBe(4);
    expect(await recordNode(server.url, join(folder, "short.json.gz"), 1)).toBe(2);
    node.close();
    await server.close();
    expect(await replayFile(file, true)).toBe(true);
    const changed = join(folder, "changed.json");
    const text = gunzipSync(readFileSync(file)).toString();
    const blocks = JSON.parse(text) as { header: { stateRoot: string } }[];
    blocks[2]!.header.stateRoot = blocks[1]!.header.stateRoot;
    writeFileSync(changed, JSON.stringify(blocks));
    expect(await replayFile(changed, true)).toBe(false);
  });

  test.each([
    ["nothing there", () => join(folder, "absent.json"), /ENOENT/],
    ["not JSON", () => written("text.json", "hello"), /JSON/],
    ["not a recording", () => written("other.json", '[{"hash":"0x00"}]'), /not a recording of blocks/],
  ] as const)("a file that cannot be replayed is explained: %s", async (_, file, reason) => {
    const attempt = replayFile(file(), true);
    await expect(attempt).rejects.toThrow(RecordingError);
    await expect(attempt).rejects.toThrow(reason);
  });

  test("a node that is not there is named", async () => {
    await expect(recordNode("ws://127.0.0.1:1", join(folder, "x"))).rejects.toThrow(
      "No node answers at ws://127.0.0.1:1",
    );
    await expect(recordNode("nonsense", join(folder, "x"))).rejects.toThrow("is not the address of a node");
  });
});

describe("export", () => {
  test("a chain that starts from an exported state has the same storage, contracts included", async () => {
    const chain = await withContracts();
    const node = new ChainNode({ chain, sealing: { mode: "manual" } });
    const server = await startServer({ node, port: 0 });
    const file = join(folder, "spec.json");
    await exportState(server.url, file, chain.best.hash);
    node.close();
    await server.close();
    const spec = readChainSpec(file);
    const copy = await createChain({ genesis: genesisFrom(spec) });
    const inProcess = exportChainSpec(chain.state(chain.best.hash), { name: "", id: "", chainType: "" });
    expect(spec.genesis.raw).toEqual(inProcess.genesis.raw);
    expect(copy.state(copy.genesisHash).childKeys()).toEqual(chain.state(chain.best.hash).childKeys());
    expect(identityOf(spec)).toEqual({ name: "Development", chainType: "Development", properties: {} });
  });

  test.runIf(process.env["CONTRACTS_NODE"] !== undefined)(
    "the real node starts from it too, with the same genesis, storage and next block (needs CONTRACTS_NODE)",
    async () => {
      const file = join(folder, "contracts.json");
      const chain = await withContracts();
      const head = { name: "Exported", id: "exported", chainType: "Development" };
      writeFileSync(file, JSON.stringify(exportChainSpec(chain.state(chain.best.hash), head)));
      const copy = await createChain({ genesis: genesisFrom(readChainSpec(file)) });
      const node = await ReferenceNode.start(process.env["CONTRACTS_NODE"]!, file);
      try {
        const theirs = await node.block(0);
        expect(theirs.hash).toBe(copy.genesisHash);
        expect(theirs.header.stateRoot).toBe(copy.genesis.stateRoot);
        expect(copy.state(copy.genesisHash).childKeys().length).toBeGreaterThan(0);
        expect(await storageDifference(node, copy, copy.genesisHash)).toBeUndefined();
        const world = new World(copy);
        const nonce = world.nonce(account("Alice"));
        const transfer = world.signer.transfer("Alice", nonce, "Bob", 10n ** 12n);
        await node.request("author_submitExtrinsic", `0x${Buffer.from(transfer).toString("hex")}`);
        for (const block of replay(copy, [await node.block(1)])) expect(block.hashAgrees).toBe(true);
        // And back: what is exported from it starts here.
        const back = join(folder, "back.json");
        await exportState(node.url, back, copy.best.hash);
        const again = await createChain({ genesis: genesisFrom(readChainSpec(back)) });
        const same = exportChainSpec(copy.state(copy.best.hash), head).genesis;
        expect(exportChainSpec(again.state(again.genesisHash), head).genesis).toEqual(same);
      } finally {
        await node.stop();
      }
    },
  );

  test("a file that is no chain spec is explained", () => {
    expect(() => readChainSpec(written("spec.txt", "hello"))).toThrow(ChainSpecError);
    expect(() => readChainSpec(written("plain.json", "{}"))).toThrow(/not a raw chain spec/);
  });
});

test("a chain in its own thread answers, and its port is free again after close()", async () => {
  const chain = await createChainServer({ sealing: { mode: "manual" }, startTime: 1_900_000_000_000 });
  const node = await NodeClient.connect(chain.url);
  await node.call("dev_seal", [], z.unknown());
  const header = await node.call("chain_getHeader", [], numberOf);
  expect(header.number).toBe("0x1");
  const status = await node.call("dev_status", [], z.object({ time: z.number() }));
  expect(status.time).toBeGreaterThanOrEqual(1_900_000_000_000);
  node.close();
  await chain.close();
  expect(await chain.ended).toBeUndefined();
  const again = await createChainServer({ port: chain.port, sealing: { mode: "manual" } });
  await again.close();
});

/** The recorded chain up to block 40: two flippers and an ERC-20 are instantiated and called. */
async function withContracts(): Promise<Chain> {
  const file = new URL("../../../test/fixtures/reference-blocks.json.gz", import.meta.url);
  const blocks = recording.parse(JSON.parse(gunzipSync(readFileSync(file)).toString()));
  const chain = await createChain();
  for (const block of replay(chain, blocks.slice(0, 41))) expect(block.hashAgrees).toBe(true);
  return chain;
}

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
