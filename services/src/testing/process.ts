import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** A service as a real process of its own, as a person would start it. */
export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** Every line that it has written to stdout and stderr so far. */
  readonly lines: readonly string[];
  /** Resolves with the exit code (null after a signal) once it has ended. */
  readonly ended: Promise<number | null>;
  /** Asks it to stop (SIGTERM) and waits; gives the exit code. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut would (SIGKILL). */
  kill(): Promise<void>;
}

/** Takes what has to be done at the end: of the test, unless a file keeps a service for all of its tests. */
export type AtEnd = (clean: () => void | Promise<void>) => void;

/** A folder that is removed at the end. */
export function temporaryFolder(atEnd: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), "keystrand-services-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Starts `services/src/<name>/main.ts` and waits until it listens.
 * @param wrapper - a command that runs it, for example one that limits it
 * @param script - another script than `main.ts` in the service's folder
 * @throws Error with everything it wrote when it ends instead
 */
export async function startProcess(
  name: string,
  settings: Readonly<Record<string, string>>,
  {
    wrapper = [],
    script = "main.ts",
    atEnd = onTestFinished,
  }: { wrapper?: readonly string[]; script?: string; atEnd?: AtEnd } = {},
): Promise<ServiceProcess> {
  const main = join(import.meta.dirname, "..", name, script);
  const [command = process.execPath, ...rest] = [...wrapper, process.execPath, main];
  const child = spawn(command, rest, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  atEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });
  const lines: string[] = [];
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const url = await listening(child, lines, ended);
  return {
    url,
    pid: child.pid ?? 0,
    lines,
    ended,
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function listening(
  child: ChildProcess,
  lines: string[],
  ended: Promise<number | null>,
): Promise<string> {
  const found = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) throw new Error("the process has no output");
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (line.includes('"msg":"listening"')) found.resolve(JSON.parse(line).url);
    });
  }
  ended.then((code) => found.reject(new Error(`ended with ${code}:\n${lines.join("\n")}`)));
  return found.promise;
}
