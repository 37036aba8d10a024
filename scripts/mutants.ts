/**
 * Mutation testing of the contracts' rules with cargo-mutants: `node scripts/mutants.ts [--base REF] [--only GLOB]
 * [--shard K/N]`. With `--base` only what changed since that commit is mutated, as CI does.
 *
 * A mutant is an artificial fault; one that no test notices is written to docs/contracts/mutants.md by hand, with
 * the reason why it changes no behaviour, or gets a test. Needs `cargo install cargo-mutants --version 27.1.0`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const ARGUED = join(ROOT, "docs/contracts/mutants.md");
/** Enough for every message to be accepted in random histories, and seconds a mutant. */
const ORDER_STEPS = "24000";

/** Rules and the test program that is theirs: a mutant is tried against that alone. */
const PARTS = [
  { rules: ["commons/src/order/*.rs"], tests: "order" },
  {
    rules: ["commons/src/voting/*.rs", "commons/src/delegation/*.rs", "commons/src/delegation.rs"],
    tests: "governance",
  },
  { rules: ["commons/src/signing.rs"], tests: "signing_vectors" },
  { rules: ["commons/src/*.rs", "commons/src/consent/*.rs"], tests: "rules" },
] as const;

const HELP = `node scripts/mutants.ts [--base REF] [--only TESTS] [--shard K/N]

  --base REF   mutate only what changed since REF
  --only NAME  one part: ${PARTS.map(({ tests }) => tests).join(", ")}
  --shard K/N  the K-th of N equal shares of each part (K from 0)

Ends with 1 if a mutant survives that docs/contracts/mutants.md does not argue.`;

const { values } = parseArgs({
  options: {
    base: { type: "string" },
    only: { type: "string" },
    shard: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

/** What the working copy has, and nothing built: mutants must not meet other work. */
const copyOf = (): string => {
  const copy = mkdtempSync(join(tmpdir(), "keystrand-mutants-"));
  const files = execFileSync("git", ["ls-files", "-z", "contracts-ink", "test/fixtures"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  for (const file of files.split("\0").filter((name) => name && existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }
  return copy;
};

/** Survivors without their line numbers, which change with every edit above them. */
const survivors = (folder: string): string[] => {
  const file = join(folder, "mutants.out/missed.txt");
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.replace(/^(\S+?):\d+:\d+: /, "$1: "));
};

const main = (): number => {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (spawnSync("cargo", ["mutants", "--version"], { stdio: "ignore" }).status !== 0) {
    console.error("No cargo-mutants: cargo install cargo-mutants --version 27.1.0 --locked");
    return 1;
  }
  const copy = copyOf();
  const found: string[] = [];
  let failed = false;
  try {
    const diff = join(copy, "changes.diff");
    if (values.base !== undefined)
      writeFileSync(
        diff,
        execFileSync(
          "git",
          ["diff", "--relative=contracts-ink", values.base, "--", "contracts-ink/commons/src"],
          { cwd: ROOT },
        ),
      );
    for (const { rules, tests } of PARTS) {
      if (values.only !== undefined && values.only !== tests) continue;
      const folder = join(copy, `out-${tests}`);
      const others =
        tests === "rules"
          ? ["--exclude", "commons/src/signing.rs", "--exclude", "commons/src/delegation.rs"]
          : [];
      const args = [
        "mutants",
        "--in-place",
        "--no-shuffle",
        "--colors=never",
        "--output",
        folder,
        ...rules.flatMap((glob) => ["--file", glob]),
        ...others,
        ...(values.base === undefined ? [] : ["--in-diff", diff]),
        ...(values.shard === undefined ? [] : ["--shard", values.shard]),
        // Of the build too: the other test programs would take most of its time.
        `--cargo-arg=--test=${tests}`,
      ];
      const { status } = spawnSync("cargo", args, {
        cwd: join(copy, "contracts-ink"),
        stdio: "inherit",
        env: { ...process.env, ORDER_STEPS, CARGO_PROFILE_DEV_DEBUG: "0" },
      });
      // 0: all caught; 2: some survive; 3: some ran too long, which a test noticed in its way.
      if (![0, 2, 3].includes(status ?? 1)) failed = true;
      found.push(...survivors(folder));
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  const argued = existsSync(ARGUED) ? readFileSync(ARGUED, "utf8") : "";
  const unargued = found.filter((mutant) => !argued.includes(mutant.replaceAll("|", "\\|")));
  for (const mutant of unargued) console.error(`survives: ${mutant}`);
  console.log(`${found.length} mutants survive, ${found.length - unargued.length} of them argued`);
  return failed || unargued.length > 0 ? 1 : 0;
};

process.exitCode = main();
