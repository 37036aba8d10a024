/** The system's processes: each with its own folder and log, ended in reverse order. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname, "../..");

/** Lets a part stop when this process is killed. */
const END_WITH_PARENT = pathToFileURL(join(import.meta.dirname, "end-with-parent.ts")).href;
/** How long a process may take to listen, ms; a first start makes keys and databases. */
const START_LIMIT = 120_000;
/** How long a process may take to end after SIGTERM, ms. */
const STOP_LIMIT = 15_000;
/** Pause between two looks for a file that a process will write, ms. */
const LOOK_AGAIN = 50;

/** A process of the system ended or never began to listen. */
export class ProcessError extends Error {
  override readonly name = "ProcessError";
}

/** A running part of the system. */
export interface Part {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** Settles when the process ends, with what there is to say about it. */
  readonly ended: Promise<string>;
  /** SIGTERM, then SIGKILL when it does not end. */
  stop(): Promise<void>;
  /** SIGKILL, for crash tests. */
  kill(): Promise<void>;
}

export interface PartToStart {
  readonly name: string;
  /** Script, relative to the project's root, and its arguments. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly logs: string;
  /** Finds the address: in `address.json` of the folder, or in the log's text. */
  readonly announcedBy: "address.json" | RegExp;
}

const lastLines = (file: string): string =>
  readFileSync(file, "utf8").trim().split("\n").slice(-6).join("\n");

/**
 * Starts a process and waits until it listens.
 *
 * @throws {@link ProcessError} with the end of its log when it ends first, or does not listen in time
 */
export const startPart = async (part: PartToStart): Promise<Part> => {
  mkdirSync(part.folder, { recursive: true, mode: 0o700 });
  mkdirSync(part.logs, { recursive: true });
  const logFile = join(part.logs, `${part.name}.log`);
  const from = existsSync(logFile) ? readFileSync(logFile).length : 0;
  const log = openSync(logFile, "a");
  const child = spawn(
    process.execPath,
    ["--import", END_WITH_PARENT, join(ROOT, part.script), ...(part.args ?? [])],
    {
      cwd: ROOT,
      // Its own process group: Ctrl-C reaches the parent only, which stops the parts in order.
      detached: true,
      stdio: ["pipe", log, log],
      env: { ...process.env, FOLDER: part.folder, ...part.environment },
    },
  );
  closeSync(log);
  const ended = endOf(child, part.name, logFile);
  const state = { over: false };
  void ended.then(() => {
    state.over = true;
  });
  const url = await announcement(part, child, logFile, from, state);
  return {
    name: part.name,
    url,
    pid: child.pid!,
    ended,
    stop: () => stop(child, ended),
    kill: () => kill(child, ended),
  };
};

const endOf = (child: ChildProcess, name: string, logFile: string): Promise<string> =>
  new Promise((resolve) => {
    child.once("error", (error) => resolve(`${name} could not be started: ${error.message}`));
    child.once("exit", (code, signal) =>
      resolve(
        `${name} ended with ${signal ?? `code ${code}`}. The end of its log (${logFile}):\n${lastLines(logFile)}`,
      ),
    );
  });

const announcement = async (
  part: PartToStart,
  child: ChildProcess,
  logFile: string,
  from: number,
  state: { over: boolean },
): Promise<string> => {
  const limit = Date.now() + START_LIMIT;
  while (Date.now() < limit) {
    const url =
      part.announcedBy === "address.json"
        ? listed(part.folder, child.pid)
        : matched(part.announcedBy, logFile, from);
    if (url) return url;
    if (state.over) throw new ProcessError(`${part.name} ended before it listened:\n${lastLines(logFile)}`);
    await after(LOOK_AGAIN);
  }
  child.kill("SIGKILL");
  throw new ProcessError(
    `${part.name} did not listen within ${START_LIMIT / 1000} s. Its log is ${logFile}.`,
  );
};

/** The address in `address.json`, unless an earlier process left it. */
const listed = (folder: string, pid: number | undefined): string | undefined => {
  const file = join(folder, "address.json");
  if (!existsSync(file)) return undefined;
  const address: { url?: unknown; pid?: unknown } = JSON.parse(readFileSync(file, "utf8"));
  return address.pid === pid && typeof address.url === "string" ? address.url : undefined;
};

const matched = (pattern: RegExp, logFile: string, from: number): string | undefined =>
  pattern.exec(readFileSync(logFile).subarray(from).toString())?.[1];

const stop = async (child: ChildProcess, ended: Promise<string>): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT);
  await ended;
  clearTimeout(timer);
};

const kill = async (child: ChildProcess, ended: Promise<string>): Promise<void> => {
  child.kill("SIGKILL");
  await ended;
};
