/** `npm run test:node`: the main job's tests against the real node, under zombienet as zombienet.toml says. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";

const ROOT = join(import.meta.dirname, "..");
/** How long installing zombienet and starting the node may take, ms. */
const START_LIMIT = 600_000;
/** Pause between two looks at the node, ms. */
const LOOK_AGAIN = 500;

if (process.argv.includes("--help")) {
  console.log(
    "npm run test:node   starts a substrate-contracts-node (CONTRACTS_NODE, or from PATH) under zombienet, runs the main job's tests against it, and stops it",
  );
  process.exit(0);
}

// A process group of its own, as a shell gives it: Ctrl-C reaches zombienet and the node too.
const network = spawn(process.execPath, [join(ROOT, "scripts/zombienet.ts"), "--port", "0"], {
  detached: true,
  stdio: ["ignore", "pipe", "pipe"],
});
const over = once(network, "exit");
let said = "";
for (const stream of [network.stdout, network.stderr])
  stream.on("data", (bytes: Buffer) => {
    said += bytes.toString();
  });

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "system_health", params: [] }),
    });
    return response.ok;
  } catch (error) {
    // Not listening yet: fetch fails with a TypeError.
    if (error instanceof TypeError) return false;
    throw error;
  }
};

const node = async (): Promise<string> => {
  const limit = Date.now() + START_LIMIT;
  while (Date.now() < limit && network.exitCode === null) {
    const address = /ws:(\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
    if (address && (await answers(`http:${address}`))) return `ws:${address}`;
    await after(LOOK_AGAIN);
  }
  throw new Error(`The node did not start:\n${said}`);
};

try {
  const url = await node();
  console.log(`The real node answers at ${url}.`);
  const { status, error } = spawnSync("vitest", ["run", "test/main-job/main-job.test.ts"], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, KEYSTRAND_TEST_NODE: url },
  });
  if (error) throw error;
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  if (network.exitCode === null && network.pid !== undefined) {
    process.kill(-network.pid, "SIGINT");
    await over;
  }
}
