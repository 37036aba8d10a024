import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChainNode, createChain } from "@keystrand/devchain";
import { type RunningServer, startServer } from "@keystrand/devchain/server";
import { accountFrom, connect } from "@keystrand/sdk/chain";
import { contractsOf } from "@keystrand/sdk/contracts";
import { governors } from "@keystrand/sdk/deploy";
import { type Deployment, deploymentSchema } from "@keystrand/sdk/deployment";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "deploy.ts");
const SECRET = `0x${"5e".repeat(32)}`;

let folder: string;
let node: ChainNode;
let server: RunningServer;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keystrand-deploy-"));
  node = new ChainNode({ chain: await createChain() });
  server = await startServer({ node, port: 0 });
  url = `ws://127.0.0.1:${server.port}`;
  writeFileSync(join(folder, "key"), `${SECRET}\n`);
  const { code, output } = await deploy("--example", "--key", join(folder, "key"));
  expect(code).toBe(0);
  writeFileSync(join(folder, "config.json"), output);
});
afterAll(async () => {
  await server.close();
  node.close();
  rmSync(folder, { recursive: true, force: true });
});

const begin = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [SCRIPT, ...args], { stdio: ["ignore", "pipe", "pipe"] });

async function deploy(...args: string[]): Promise<{ code: number; output: string }> {
  const child = begin(...args);
  let output = "";
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (bytes: Buffer) => {
      output += bytes.toString();
    });
  const [code] = await once(child, "close");
  return { code, output };
}

const record = (): Deployment =>
  deploymentSchema.parse(JSON.parse(readFileSync(join(folder, "deployment.json"), "utf8")));

const whole = () => [
  "--node",
  url,
  "--config",
  join(folder, "config.json"),
  "--key",
  join(folder, "key"),
  "--out",
  join(folder, "deployment.json"),
];

describe("npm run deploy", () => {
  test("without money says what it has, what it needs and where to get it", async () => {
    const { code, output } = await deploy(...whole());
    expect(code).toBe(1);
    expect(output).toMatch(/has 0 units and needs about \d+.*--faucet/);
    expect(existsSync(join(folder, "deployment.json"))).toBe(false);
  });

  test("killed in the middle and run again, goes on where it stood and hands over", async () => {
    const child = begin(...whole(), "--faucet");
    // The third contract is announced once it stands on the chain.
    await new Promise<void>((resolve, reject) => {
      child.stdout!.on("data", (bytes: Buffer) => {
        if (bytes.toString().includes("consents")) resolve();
      });
      child.once("exit", () => reject(new Error("it ended before it was killed")));
    });
    child.removeAllListeners("exit");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(existsSync(join(folder, "deployment.json"))).toBe(false);

    const { code, output } = await deploy(...whole());
    expect(output).toMatch(/identity .* was there/);
    expect(output).toMatch(/consents .* was there/);
    expect(output).toMatch(/governor .* block \d+ 0x[0-9a-f]{64}/);
    expect(code).toBe(0);
    const deployment = record();
    const api = await connect(url);
    try {
      const contracts = contractsOf(api, deployment);
      const held = Object.values(await governors(contracts));
      expect(new Set(held)).toEqual(new Set([contracts.governor.address]));
    } finally {
      await api.disconnect();
    }
  });

  test("a whole deployment is left alone", async () => {
    const sent = async () => {
      const api = await connect(url);
      try {
        return (await api.rpc.system.accountNextIndex((await accountFrom(SECRET)).address)).toNumber();
      } finally {
        await api.disconnect();
      }
    };
    const before = { record: record(), sent: await sent() };
    const { code, output } = await deploy(...whole());
    expect(code).toBe(0);
    expect(output.match(/was there/g)).toHaveLength(7);
    expect(record()).toEqual(before.record);
    expect(await sent()).toBe(before.sent);
  });

  test.each([
    ["there is none", [], /Name the configuration/],
    ["the file is missing", ["--config", "nowhere.json"], /nowhere\.json cannot be read.*--example/],
  ])("a bad configuration is told: %s", async (_, args, expected) => {
    const { code, output } = await deploy("--node", url, "--key", join(folder, "key"), ...args);
    expect(code).toBe(1);
    expect(output).toMatch(expected);
  });

  test("a configuration with a wrong field is told with its place, and a bad secret is never repeated", async () => {
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    config.limits.maxBond = -1;
    writeFileSync(join(folder, "wrong.json"), JSON.stringify(config));
    const wrong = await deploy(...whole(), "--config", join(folder, "wrong.json"));
    expect(wrong.code).toBe(1);
    expect(wrong.output).toContain("limits.maxBond");
    writeFileSync(join(folder, "bad-key"), "these words are no mnemonic");
    const bad = await deploy(...whole(), "--key", join(folder, "bad-key"));
    expect(bad.code).toBe(1);
    expect(bad.output).toContain("holds no mnemonic");
    expect(bad.output).not.toContain("these words");
  });
});
