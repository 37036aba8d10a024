/** The command as a person runs it: zombienet is installed beside the default install and starts the real node. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { findContractsNode } from "./contracts-node.ts";

const COMMAND = join(import.meta.dirname, "zombienet.ts");

function run(args: string[], env: NodeJS.ProcessEnv) {
  // A process group of its own, as a shell gives it: Ctrl-C reaches zombienet and the node too.
  const child = spawn(process.execPath, [COMMAND, ...args], { env, detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece: string) => {
      output += piece;
    });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, output: () => output };
}

async function health(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "system_health", params: [] }),
    });
    return await response.json();
  } catch (error) {
    // Not listening yet.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

describe("npm run zombienet", () => {
  test("without a node says how to get one", async () => {
    const { ended, output } = run([], { PATH: "" });
    expect(await ended).toBe(1);
    expect(output()).toContain("set CONTRACTS_NODE");
  });

  test("with CONTRACTS_NODE naming nothing says so", () => {
    expect(() => findContractsNode({ CONTRACTS_NODE: "/nowhere/node" })).toThrow(/not a program/);
  });

  test.runIf(process.env["CONTRACTS_NODE"] !== undefined)(
    "starts the real node, which answers, and stops it on Ctrl-C (needs CONTRACTS_NODE)",
    async () => {
      const { child, ended, output } = run(["--port", "0"], process.env);
      let over = false;
      void ended.then(() => {
        over = true;
      });
      let answer: unknown;
      while (answer === undefined && !over) {
        await wait(200);
        const url = /ws:(\/\/127\.0\.0\.1:\d+)/.exec(output())?.[1];
        if (url !== undefined) answer = await health(`http:${url}`);
      }
      expect(answer, output()).toMatchObject({ result: { isSyncing: false } });
      process.kill(-child.pid!, "SIGINT");
      expect(await ended).toBe(0);
      const url = /ws:(\/\/127\.0\.0\.1:\d+)/.exec(output())![1];
      expect(await health(`http:${url}`)).toBeUndefined();
    },
    300_000,
  );
});
