import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";

const WEB = join(import.meta.dirname, "..");

/** What `test/web/system.ts` tells of the system that it runs. */
export const systemSchema = z.object({
  /** Environment of `serve.ts`. */
  environment: z.record(z.string(), z.string()),
  genesis: z.string(),
  processes: z.record(z.string(), z.number()),
  /** The collection of the demonstration, with its settled order. */
  collection: z.number(),
  settledOrder: z.string(),
  /** Scope of the buyer's ethics approval. */
  project: z.string(),
  datasets: z.array(z.string()),
  /** Secrets of accounts: founding members, buyer, who gave the datasets, and one without money. */
  members: z.array(z.string()),
  buyer: z.string(),
  contributors: z.array(z.string()),
  stranger: z.string(),
});
export type RunningSystem = z.output<typeof systemSchema>;

/** A process that says one line when it is ready. */
export interface Started {
  readonly line: string;
  stop(): Promise<void>;
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line;
  throw new Error("The process ended before it was ready.");
}

export async function startProcess(
  script: string,
  environment: Readonly<Record<string, string>>,
): Promise<Started> {
  // Its standard input is ours: it ends with us, however we end.
  const child = spawn(process.execPath, [join(WEB, script)], {
    env: { ...process.env, ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const line = await firstLine(child);
  return {
    line,
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** The built front end over something that answers as its system, or does not. */
export interface FrontEnd {
  readonly url: string;
  stop(): Promise<void>;
}

/** `serve.ts`, as `npm start` runs it. */
export async function startFrontEnd(environment: Readonly<Record<string, string>>): Promise<FrontEnd> {
  const folder = mkdtempSync(join(tmpdir(), "keystrand-web-"));
  const server = await startProcess("serve.ts", { ...environment, FOLDER: folder });
  return {
    url: server.line.replace("web is at ", ""),
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
