/** The command with a home folder that names a chain of the test's. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Deployment } from "@keystrand/sdk/deployment";
import { run } from "keystrand/run";

const MAIN = join(import.meta.dirname, "../../cli/src/main.ts");

export interface CommandRun {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

export interface CommandHome {
  path(name: string): string;
  /** Writes a file into the home folder and answers its path. */
  write(name: string, content: string): string;
  read(name: string): string;
  /** Does in this process what `keystrand …` does: only loading its code again is saved. */
  run(...words: readonly string[]): Promise<CommandRun>;
  /** The same, and throws with all that it printed unless it succeeds. */
  succeed(...words: readonly string[]): Promise<string>;
  /** Runs `keystrand …` as a person would, in a process of its own. */
  spawned(...words: readonly string[]): Promise<CommandRun>;
  remove(): void;
}

/** Everything that is printed meanwhile. */
const printedBy = async (work: () => Promise<number>): Promise<CommandRun> => {
  const streams = [process.stdout, process.stderr] as const;
  const consoles = [console.log, console.error] as const;
  const writes = streams.map((stream) => stream.write);
  const texts: [string[], string[]] = [[], []];
  for (const [index, stream] of streams.entries())
    stream.write = ((text: string | Uint8Array) =>
      texts[index]!.push(String(text)) > 0) as typeof stream.write;
  console.log = (text) => void texts[0].push(`${text}\n`);
  console.error = (text) => void texts[1].push(`${text}\n`);
  try {
    return { code: await work(), out: texts[0].join(""), error: texts[1].join("") };
  } finally {
    [console.log, console.error] = consoles;
    for (const [index, stream] of streams.entries()) stream.write = writes[index]!;
  }
};

/** A home folder as `npm start` keeps one, with nothing but chain and deployment. */
export const commandHome = (node: string, deployment: Deployment): CommandHome => {
  const folder = mkdtempSync(join(tmpdir(), "keystrand-cli-"));
  const path = (name: string) => join(folder, name);
  const write = (name: string, content: string) => {
    writeFileSync(path(name), content, { mode: 0o600 });
    return path(name);
  };
  write("endpoints.json", JSON.stringify({ node }));
  write("deployment.json", JSON.stringify({ ...deployment, node }));
  const inside = async (...words: readonly string[]): Promise<CommandRun> => {
    process.env["KEYSTRAND_HOME"] = folder;
    return printedBy(() => run(words));
  };
  return {
    path,
    write,
    read: (name) => readFileSync(path(name), "utf8"),
    run: inside,
    async succeed(...words) {
      const { code, out, error } = await inside(...words);
      if (code !== 0) throw new Error(`keystrand ${words.join(" ")} ended with ${code}:\n${out}${error}`);
      return out;
    },
    spawned: (...words) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [MAIN, ...words], {
          cwd: folder,
          env: { ...process.env, KEYSTRAND_HOME: folder },
          stdio: ["ignore", "pipe", "pipe"],
        });
        const [out, error]: [string[], string[]] = [[], []];
        child.stdout.on("data", (text) => out.push(String(text)));
        child.stderr.on("data", (text) => error.push(String(text)));
        child.once("error", reject);
        child.once("close", (code) => resolve({ code, out: out.join(""), error: error.join("") }));
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
