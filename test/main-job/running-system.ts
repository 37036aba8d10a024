import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requestJson } from "@keystrand/sdk/http";
import { type DemoOutcome, runMainJob } from "keystrand/demo";
import { readPeople } from "keystrand/split";
import type { Output } from "keystrand/timeline";
import { z } from "zod";
import { takeHome } from "../../scripts/system/home.ts";
import { type System, startSystem } from "../../scripts/system/system.ts";

const CLI = join(import.meta.dirname, "../../cli/src/main.ts");
export const REAL_VCF = join(import.meta.dirname, "../fixtures/1000g-chr2-629.vcf.gz");

/** Collects what a person would have read. */
export const collecting = (): Output & { readonly lines: string[] } => {
  const lines: string[] = [];
  return {
    lines,
    line: (text) => void lines.push(text),
    progress: (done, of, what) => void lines.push(`${what}: ${done} of ${of}`),
  };
};

export interface TestSystem {
  readonly system: System;
  readonly output: ReturnType<typeof collecting>;
  /** Calls one of the embedded chain's `dev_` methods. */
  control(method: string, params: readonly unknown[]): Promise<void>;
  /** Lets chain time pass the ends of these orders' windows. */
  passTime(orders: readonly string[]): Promise<void>;
  /** Runs the real command on this system. */
  cli(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }>;
  /** The main job on a VCF, as `keystrand demo` runs it. */
  demo(vcf: string, samples?: number): Promise<DemoOutcome>;
  stop(): Promise<void>;
}

/** The real system in a folder of its own: on an embedded chain, or on the node of KEYSTRAND_TEST_NODE. */
export const startTestSystem = async (): Promise<TestSystem> => {
  const folder = mkdtempSync(join(tmpdir(), "keystrand-e2e-"));
  const home = takeHome(false, folder);
  const output = collecting();
  const system = await startSystem({
    home,
    node: process.env["KEYSTRAND_TEST_NODE"],
    port: 0,
    say: (line) => output.line(line),
  });
  const control = async (method: string, params: readonly unknown[]): Promise<void> => {
    // A node answers HTTP on its WebSocket port.
    const answer = z.object({ result: z.unknown() }).refine((value) => "result" in value);
    await requestJson(system.endpoints.node.replace(/^ws/, "http"), answer, {
      json: { jsonrpc: "2.0", id: 1, method, params },
    });
  };
  return {
    system,
    output,
    async demo(vcf, samples) {
      const split = await readPeople(vcf, samples, output);
      try {
        return await runMainJob({
          contracts: system.contracts,
          services: system.endpoints,
          secret: home.secret,
          people: split.people,
          output,
          resultFile: join(folder, "result.vcf"),
        });
      } finally {
        split.remove();
      }
    },
    control,
    async passTime(orders) {
      const views = await Promise.all(
        orders.map((order) => system.contracts.escrow.query("order", { order })),
      );
      const ends = views.map((view) => {
        if (view === null) throw new Error("an order is not on the chain");
        return Number(view.deadline);
      });
      await control("dev_setTime", [Math.max(...ends) + 1]);
      await control("dev_seal", []);
    },
    async cli(...args) {
      const child = spawn(process.execPath, [CLI, ...args], {
        env: { ...process.env, KEYSTRAND_HOME: folder },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let text = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (bytes: Buffer) => {
          text += bytes.toString();
        });
      const [code] = await once(child, "close");
      return { code, output: text };
    },
    async stop() {
      await system.stop();
      home.release();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
