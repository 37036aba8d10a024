/**
 * `npm run zombienet`: the real substrate-contracts-node under zombienet, as zombienet.toml says. Installs
 * zombienet beside the default install on its first run (scripts/aside).
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { installAside } from "./aside/aside.ts";
import { CONTRACTS_NODE_NAME, findContractsNode, HOW_TO_GET_THE_NODE } from "./contracts-node.ts";

const ROOT = join(import.meta.dirname, "..");

const program = new Command("npm run zombienet --")
  .description(
    "Runs one real substrate-contracts-node under zombienet's native provider until Ctrl-C. The node comes from CONTRACTS_NODE or PATH.",
  )
  .argument("[file]", "network to start", join(ROOT, "zombienet.toml"))
  .option("-p, --port <number>", "the node's WebSocket and HTTP port; 0 takes a free one", portNumber, 9944)
  .parse();

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}

async function portOrFree(port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port");
  return address.port;
}

async function main(): Promise<number> {
  const node = findContractsNode();
  if (node === undefined) throw new Error(HOW_TO_GET_THE_NODE);
  // zombienet does not notice a taken port: it would wait for a node that is somebody else's.
  const port = await portOrFree(program.opts<{ port: number }>().port);
  const zombienet = join(installAside("zombienet"), "node_modules/@zombienet/cli/dist/cli.js");
  const folder = mkdtempSync(join(tmpdir(), "zombienet-"));
  const names = join(folder, "bin");
  mkdirSync(names);
  symlinkSync(node, join(names, CONTRACTS_NODE_NAME));
  console.error(`${node} will answer at ws://127.0.0.1:${port}`);
  console.error(`Then, in another shell: npm start -- --node ws://127.0.0.1:${port}`);
  const file = program.args[0] ?? join(ROOT, "zombienet.toml");
  const child = spawn(
    process.execPath,
    [zombienet, "--provider", "native", "--dir", join(folder, "network"), "spawn", file],
    {
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        PATH: `${names}${delimiter}${process.env["PATH"] ?? ""}`,
        ZOMBIENET_RPC_PORT: String(port),
      },
    },
  );
  // A terminal's Ctrl-C reaches zombienet by itself; a signal to this process alone is passed on.
  let stopped = false;
  process.on("SIGINT", () => {
    stopped = true;
  });
  process.on("SIGTERM", () => {
    stopped = true;
    child.kill("SIGTERM");
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  // zombienet ends with 2 when it is stopped as it should be.
  if (stopped) rmSync(folder, { recursive: true });
  else console.error(`What the node said is in ${join(folder, "network")}.`);
  return stopped ? 0 : (code ?? 1);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
