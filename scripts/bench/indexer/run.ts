/** The indexer as a process, measured from outside. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";

const MAIN = join(import.meta.dirname, "../../../indexer/src/main.ts");

export interface RunningIndexer {
  url: string;
  /** `performance.now()` when it had opened its database and begun to read the chain. */
  began: number;
  /** Resolves when the block of this height is in the tables. */
  reached(height: number): Promise<void>;
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** @param profiles folder for CPU profiles of its threads, if they are wanted */
export async function startIndexer(
  settings: Record<string, string>,
  profiles?: string,
): Promise<RunningIndexer> {
  const profiling = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
  if (profiles !== undefined) mkdirSync(profiles, { recursive: true });
  const child = spawn(process.execPath, [...profiling, MAIN], {
    env: { PATH: process.env["PATH"], ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = Promise.withResolvers<string>();
  const began = Promise.withResolvers<number>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.includes('"msg":"listening"'))
      url.resolve(z.object({ url: z.string() }).parse(JSON.parse(line)).url);
    if (line.includes('"msg":"following the chain"')) began.resolve(performance.now());
    if (/"level":[56]0/.test(line)) process.stderr.write(`${line}\n`);
  });
  const gone = once(child, "exit").then(() => {
    throw new Error("the indexer ended");
  });
  gone.catch(() => undefined);
  const at = await Promise.race([url.promise, gone]);
  const statusSchema = z.object({ height: z.number() });
  return {
    url: at,
    began: await Promise.race([began.promise, gone]),
    async reached(height) {
      for (;;) {
        const response = await Promise.race([fetch(`${at}/status?atLeast=${height}`), gone]);
        const status = statusSchema.safeParse(await response.json());
        if (status.success && status.data.height >= height) return;
      }
    },
    async metric(name) {
      const text = await (await fetch(`${at}/metrics`)).text();
      return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
    },
    async stop() {
      child.kill("SIGTERM");
      await gone.catch(() => undefined);
    },
  };
}

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** What a stack is for: the first that matches from the innermost frame outwards. */
const PURPOSES: readonly [purpose: string, pattern: RegExp][] = [
  ["waiting", /^\(idle\)/],
  ["garbage collection", /^\(garbage collector\)/],
  ["loading modules", /modules\/(esm|cjs)|module_job|compileSourceTextModule|package_json_reader/],
  ["database: statements (WebAssembly)", /pglite|wasm-function|wasm-to-js/],
  [
    "database: driver and rows as JSON",
    /node_modules\/(pg|pg-pool|pg-protocol|drizzle-orm)\/|row-cache|store\.ts|pglite-stream|worker_threads|internal\/worker|streams/,
  ],
  ["reading blocks: decoding", /chain\/(scale|runtime|abi)\.ts|@polkadot\/(types|util)/],
  ["reading blocks: RPC", /rpc-provider|chain\/(rpc|source)\.ts|\/ws\/|undici|websocket/i],
  ["projections", /projections\/|zod/],
];

/** ms by purpose, for each thread. */
export function whereTimeGoes(folder: string): Map<string, Map<string, number>> {
  const threads = new Map<string, Map<string, number>>();
  for (const name of readdirSync(folder).sort()) {
    const profile = profileSchema.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
    const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
    const parents = new Map(
      profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
    );
    const purposes = new Map<number, string>();
    const purposeOf = (id: number): string => {
      for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
        const { functionName, url } = nodes.get(at)!.callFrame;
        const found = PURPOSES.find(([, pattern]) => pattern.test(`${functionName} ${url}`));
        if (found) return found[0];
      }
      return "other";
    };
    const spent = new Map<string, number>();
    for (const [index, id] of profile.samples.entries()) {
      if (!purposes.has(id)) purposes.set(id, purposeOf(id));
      const purpose = purposes.get(id)!;
      spent.set(purpose, (spent.get(purpose) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1000);
    }
    threads.set(threads.size === 0 ? "main thread" : "database thread", spent);
  }
  return threads;
}
