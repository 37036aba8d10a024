/** `npm start`: the whole system with a demonstration on real data. Ctrl-C stops it; a second start resumes. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { runMainJob } from "keystrand/demo";
import { readPeople } from "keystrand/split";
import { streamOutput } from "keystrand/timeline";
import { takeHome } from "./system/home.ts";
import { type Part, startPart } from "./system/processes.ts";
import { keepRunning } from "./system/supervise.ts";
import { type System, startSystem } from "./system/system.ts";
import { webEnvironment } from "./system/web.ts";

const ROOT = join(import.meta.dirname, "..");
const REAL_VCF = join(ROOT, "test/fixtures/1000g-chr2-629.vcf.gz");

interface StartOptions {
  readonly node?: string;
  readonly port?: number;
  readonly fresh?: boolean;
  readonly samples: number;
  readonly cohort: number;
  readonly demo: boolean;
  readonly exit?: boolean;
}

const wholeNumber = (lowest: number, highest: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < lowest || value > highest)
    throw new InvalidArgumentError(`It is a number from ${lowest} to ${highest}.`);
  return value;
};

const program = new Command("npm start --")
  .description(
    "Starts the chain, the contracts and the services, and runs the main job on the real 1000 Genomes VCF.",
  )
  .option("--node <url>", "use a running node (ws://HOST:PORT) instead of the embedded chain")
  .option(
    "--port <number>",
    "port of the embedded chain, 0 for any (default 9944, or a free one)",
    wholeNumber(0, 65_535),
  )
  .option(
    "--samples <number>",
    "people of the VCF who give their data in the demonstration (there are 629)",
    wholeNumber(1, 629),
    629,
  )
  .option("--cohort <number>", "how many of them the buyer's cohort takes", wholeNumber(1, 629), 16)
  .option("--fresh", "start over: everything in the home folder is removed")
  .option("--no-demo", "start the system only")
  .option("--exit", "stop after the demonstration")
  .showHelpAfterError("(--help shows all options)");

const run = async (options: StartOptions) => {
  const home = takeHome(options.fresh ?? false);
  const output = streamOutput(process.stdout);
  let starting: Promise<System> | undefined;
  let web: Part | undefined;
  let stopping = false;
  const asked = new AbortController();
  const stop = async (code: number) => {
    // Asked a second time: at once. The parts end when they find that this process is gone.
    if (stopping) process.exit(130);
    stopping = true;
    output.line("\nStopping: services first, the chain last.");
    asked.abort(new Error("Stopped while it started."));
    await web?.stop();
    // A start that was interrupted has stopped its parts by itself.
    const system = await starting?.catch(() => undefined);
    await system?.stop();
    home.release();
    output.line("Stopped. npm start resumes from here; npm start -- --fresh starts over.");
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(0));
  try {
    output.line(`Keystrand starts; its data is in ${home.folder}.`);
    starting = startSystem({
      home,
      node: options.node,
      port: options.port,
      say: (line) => output.line(line),
      signal: asked.signal,
    });
    const started = await starting;
    web = await startWeb(started);
    keepRunning(
      started,
      (line) => output.line(line),
      () => stopping,
    );
    if (options.demo) await demonstrate(started, options);
    summary(started);
    if (options.exit) await stop(0);
    // Parts are separate processes: this one only waits for a signal.
    while (!stopping) await after(60_000);
  } catch (error) {
    // While it stops, what was under way fails, and that is no news.
    if (!stopping) {
      console.error(`\n${error instanceof Error ? error.message : String(error)}`);
      await stop(1);
    }
  }

  async function startWeb({ endpoints }: System): Promise<Part> {
    if (!existsSync(join(ROOT, "web/build/index.html"))) {
      output.line("Building the front end, once: under a minute.");
      const built = spawnSync("npm", ["run", "build", "--workspace", "@keystrand/web"], {
        cwd: ROOT,
        encoding: "utf8",
      });
      if (built.status !== 0)
        throw new Error(`The front end could not be built:\n${built.stdout}${built.stderr}`);
    }
    const part = await startPart({
      name: "web",
      script: "web/serve.ts",
      environment: webEnvironment(home, endpoints),
      folder: home.path("web"),
      logs: home.path("logs"),
      announcedBy: "address.json",
    });
    output.line(`web          ${part.url}`);
    return part;
  }

  async function demonstrate(running: System, { samples, cohort }: StartOptions) {
    output.line("\nThe main job, on chromosome 2 variants of people of the 1000 Genomes Project");
    const split = await readPeople(REAL_VCF, samples, output);
    try {
      mkdirSync(home.path("results"), { recursive: true });
      const outcome = await runMainJob({
        contracts: running.contracts,
        services: running.endpoints,
        secret: home.secret,
        people: split.people,
        cohort,
        output,
        resultFile: home.path("results", "allele-frequencies.vcf"),
      });
      writeFileSync(home.path("results", "timeline.json"), `${JSON.stringify(outcome.timeline, null, 2)}\n`);
    } finally {
      split.remove();
    }
  }

  function summary(running: System) {
    const { endpoints } = running;
    output.line(`
Running
  web          ${web?.url}   open this in a browser
  chain        ${endpoints.node}
  block store  ${endpoints.blockStore.url}
  custodian    ${endpoints.custodian}
  verifiers    ${endpoints.verifiers.join(" ")}
  enclave      ${endpoints.enclave}   SIMULATED: development root, no hardware
  indexer      ${endpoints.indexer}/graphql
  logs         ${home.path("logs")}

Try next
  npm run keystrand -- demo --vcf FILE --samples 10   the same on a VCF of yours
  npm run keystrand -- --help                         what else there is
  Ctrl-C                                              stops everything; npm start resumes`);
  }
};

program.action(run);
try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
