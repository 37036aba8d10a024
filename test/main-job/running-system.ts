import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DemoOutcome, runMainJob } from "keystrand/demo";
import { readPeople } from "keystrand/split";
import type { Output } from "keystrand/timeline";
import { takeHome } from "../../scripts/system/home.ts";
import { type System, startSystem } from "../../scripts/system/system.ts";

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
  /** The main job on a VCF, as `keystrand demo` runs it. */
  demo(vcf: string, samples?: number): Promise<DemoOutcome>;
  stop(): Promise<void>;
}

/** The real system in a folder of its own, on a free port. */
export const startTestSystem = async (): Promise<TestSystem> => {
  const folder = mkdtempSync(join(tmpdir(), "keystrand-e2e-"));
  const home = takeHome(false, folder);
  const output = collecting();
  const system = await startSystem({ home, port: 0, say: (line) => output.line(line) });
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
    async stop() {
      await system.stop();
      home.release();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
