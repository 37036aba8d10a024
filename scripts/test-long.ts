/**
 * `npm run test:long`: the tests with larger counts than `npm test` takes. The last result is kept in
 * docs/test-long.md, which a run replaces part by part.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";

const ROOT = join(import.meta.dirname, "..");
const RESULTS = join(ROOT, "docs/test-long.md");

interface Part {
  readonly name: string;
  /** What runs, in words of the table. */
  readonly counts: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Variable that takes the run's seed. */
  readonly seed?: string;
  readonly folder?: string;
  readonly needsNode?: true;
}

const cargo = (...args: string[]) => ["cargo", "test", "--locked", "--release", "--quiet", ...args];
const vitest = (...files: string[]) => ["vitest", "run", ...files];

const PARTS: readonly Part[] = [
  {
    name: "orders",
    counts: "10 000 000 steps of random histories against the model",
    command: cargo("-p", "keystrand-commons", "--test", "order", "random_histories"),
    environment: { ORDER_STEPS: "10000000" },
    seed: "ORDER_SEED",
    folder: "contracts-ink",
  },
  {
    name: "consents",
    counts: "10 000 000 steps",
    command: cargo("-p", "keystrand-commons", "--test", "rules", "steps_end_as_the_model_says"),
    environment: { CONSENT_STEPS: "10000000" },
    seed: "SEED",
    folder: "contracts-ink",
  },
  {
    name: "governance",
    counts: "10 000 000 steps",
    command: cargo("-p", "keystrand-commons", "--test", "governance"),
    environment: { KEYSTRAND_STEPS: "10000000" },
    seed: "KEYSTRAND_SEED",
    folder: "contracts-ink",
  },
  {
    name: "order-faults",
    counts: "every seeded fault of the rules",
    command: ["node", "scripts/order-faults.ts"],
    environment: {},
  },
  {
    name: "differential",
    counts: "5 000 random operations on both chains",
    command: vitest("devchain/src/differential/differential.test.ts"),
    environment: { DIFFERENTIAL_OPERATIONS: "5000" },
    seed: "DIFFERENTIAL_SEED",
    needsNode: true,
  },
  {
    name: "rpc-frames",
    counts: "200 000 random frames",
    command: vitest("devchain/src/server/server.test.ts"),
    environment: { FUZZED_FRAMES: "200000" },
  },
  {
    name: "indexer",
    counts: "1 000 seeds on PGlite, 250 on PostgreSQL, 50 kills",
    command: vitest("indexer/src/simulation"),
    environment: { SEEDS: "1000", KILLS: "50" },
  },
  {
    name: "main-job",
    counts: "the demonstration on 2 500 people: 40 orders under one job",
    command: vitest("test/main-job/any-vcf.test.ts"),
    environment: { MAIN_JOB_SAMPLES: "2500" },
  },
];

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const HEADER = `# Long tests

The last result of \`npm run test:long\`: the code of \`npm test\` with larger counts.

${row(["part", "date", "counts", "seed", "minutes", "result"])}
${row(["---", "---", "---", "---", "---", "---"])}
`;

/** Rows of earlier runs, by part. */
const earlier = (): Map<string, string> =>
  new Map(
    (existsSync(RESULTS) ? readFileSync(RESULTS, "utf8") : "")
      .split("\n")
      .flatMap((line) =>
        PARTS.flatMap(({ name }) => (line.startsWith(`| ${name} |`) ? [[name, line] as const] : [])),
      ),
  );

const keep = (part: string, line: string): void => {
  const rows = earlier().set(part, line);
  const lines = PARTS.flatMap(({ name }) => rows.get(name) ?? []);
  writeFileSync(RESULTS, `${HEADER}${lines.join("\n")}\n`);
};

const runPart = ({ name, counts, command, environment, seed, folder }: Part, chosen: number): boolean => {
  console.log(`\n== ${name}: ${counts}`);
  const started = Date.now();
  const { status, error } = spawnSync(command[0]!, command.slice(1), {
    cwd: join(ROOT, folder ?? "."),
    stdio: "inherit",
    env: { ...process.env, ...environment, ...(seed ? { [seed]: String(chosen) } : {}) },
  });
  if (error) throw error;
  const minutes = ((Date.now() - started) / 60_000).toFixed(1);
  const date = new Date().toISOString().slice(0, 10);
  keep(
    name,
    row([name, date, counts, seed ? String(chosen) : "fixed", minutes, status === 0 ? "passed" : "FAILED"]),
  );
  return status === 0;
};

const run = (names: readonly string[], { seed }: { seed: string }): void => {
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0)
    throw new Error(
      `There is no part ${unknown.join(", ")}; parts are ${PARTS.map(({ name }) => name).join(", ")}.`,
    );
  const wanted = PARTS.filter(({ name }) => names.length === 0 || names.includes(name));
  const failed: string[] = [];
  for (const part of wanted) {
    if (part.needsNode && !process.env["CONTRACTS_NODE"])
      console.log(`\n== ${part.name}: not run, set CONTRACTS_NODE to a substrate-contracts-node`);
    else if (!runPart(part, Number(seed))) failed.push(part.name);
  }
  console.log(`\nResults are in docs/test-long.md.`);
  if (failed.length > 0) throw new Error(`failed: ${failed.join(", ")}`);
};

const program = new Command("npm run test:long --")
  .description("Runs the tests with larger counts; hours in all.")
  .argument("[part...]", `one or more of ${PARTS.map(({ name }) => name).join(", ")}`)
  .option("--seed <number>", "seed of the random parts", String(Date.now() % 2 ** 31))
  .action(run);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
