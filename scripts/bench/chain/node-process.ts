/** Nodes as processes: this project's `npm run chain` and the real one, started and stopped alike. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port");
  return address.port;
}

/** How to start it. `chainSpec`: a raw chain spec's file instead of the development genesis. */
export type NodeKind = (
  | { readonly kind: "embedded"; readonly selfCheck: boolean }
  | { readonly kind: "real"; readonly binary: string }
) & { readonly chainSpec?: string };

const CLI = fileURLToPath(new URL("../../../devchain/src/cli.ts", import.meta.url));

function command(node: NodeKind, port: number, p2p: number, folder: string): [string, string[]] {
  const chain = node.chainSpec;
  if (node.kind === "embedded") {
    const spec = chain === undefined ? [] : ["--chain", chain];
    const check = node.selfCheck ? [] : ["--no-self-check"];
    return [process.execPath, [CLI, "--quiet", "--port", String(port), ...spec, ...check]];
  }
  const ports = ["--rpc-port", String(port), "--port", String(p2p)];
  const quiet = ["--no-telemetry", "--no-prometheus", "--no-mdns"];
  const archive = ["--state-pruning", "archive", "--blocks-pruning", "archive"];
  // What --dev stands for, with another chain: it cannot be combined with --chain.
  const custom = ["--alice", "--force-authoring", "--unsafe-force-node-key-generation"];
  const spec = chain === undefined ? ["--dev"] : ["--chain", chain, ...custom];
  return [node.binary, [...spec, "--base-path", folder, ...ports, ...archive, ...quiet]];
}

export class NodeProcess {
  readonly url: string;
  /** Milliseconds from starting the process to its first answer. */
  readonly bootMilliseconds: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, url: string, bootMilliseconds: number) {
    this.#child = child;
    this.#folder = folder;
    this.url = url;
    this.bootMilliseconds = bootMilliseconds;
  }

  static async start(node: NodeKind): Promise<NodeProcess> {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const [port, p2p] = [await freePort(), await freePort()];
    const [program, args] = command(node, port, p2p, folder);
    const began = performance.now();
    const child = spawn(program, args, { stdio: "ignore" });
    let ended = false;
    child.once("exit", () => {
      ended = true;
    });
    while (!(await answers(port))) {
      if (ended) throw new Error(`${program} ended while it started`);
      await wait(10);
    }
    return new NodeProcess(child, folder, `ws://127.0.0.1:${port}`, performance.now() - began);
  }

  /** Resident memory, MiB. Linux only; elsewhere undefined. */
  get megabytes(): number | undefined {
    if (process.platform !== "linux") return undefined;
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, "utf8"));
    return found === null ? undefined : Number(found[1]) / 1024;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGTERM");
      });
    }
    rmSync(this.#folder, { recursive: true });
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"jsonrpc":"2.0","id":1,"method":"system_health","params":[]}',
    });
    await response.text();
    return true;
  } catch (error) {
    // Not listening yet: fetch fails with a TypeError.
    if (error instanceof TypeError) return false;
    throw error;
  }
}
