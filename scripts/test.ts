/** `npm test`: every test that this machine can run, with minutes by part, and in words what it could not run. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "keystrand-test-"));
const parts: { name: string; minutes: number; passed: number; failed: number }[] = [];
const notRun: string[] = [];

const has = (command: string, args = ["--version"]) =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;

interface Outcome {
  passed: number;
  failed: number;
}

const part = (name: string, run: () => Outcome) => {
  console.log(`\n== ${name}`);
  const started = Date.now();
  const outcome = run();
  parts.push({ name, minutes: (Date.now() - started) / 60_000, ...outcome });
};

/** The compiler whose output is committed stands in /usr/bin, beside any rustup that is first on PATH. */
const PINNED_RUST = /^rustc 1\.85\./;
const rustVersion = () => spawnSync("/usr/bin/rustc", ["--version"], { encoding: "utf8" }).stdout ?? "";

const command = (program: string, args: string[], cwd = ROOT): Outcome => {
  const { status } = spawnSync(program, args, { cwd, stdio: "inherit" });
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
};

const vitest = (...folders: string[]): Outcome => {
  const report = join(scratch, "vitest.json");
  rmSync(report, { force: true });
  const { status } = spawnSync(
    "vitest",
    ["run", "--reporter=default", "--reporter=json", `--outputFile=${report}`, ...folders],
    { cwd: ROOT, stdio: "inherit" },
  );
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
  if (numPendingTests > 0) notRun.push(`${numPendingTests} tests that say above what they need`);
  return { passed: numPassedTests, failed: status === 0 ? numFailedTests : Math.max(numFailedTests, 1) };
};

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

const playwright = (): Outcome => {
  const web = join(ROOT, "web");
  if (command("npm", ["run", "build", "--silent"], web).failed > 0) return { passed: 0, failed: 1 };
  const report = join(scratch, "playwright.json");
  const { status } = spawnSync("playwright", ["test", "--reporter=list,json"], {
    cwd: web,
    stdio: "inherit",
    env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  });
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { expected, unexpected, flaky, skipped } = JSON.parse(readFileSync(report, "utf8")).stats;
  if (skipped > 0) notRun.push(`${skipped} browser tests that say above what they need`);
  return { passed: expected, failed: status === 0 ? 0 : Math.max(unexpected + flaky, 1) };
};

const cargoTests = (): Outcome => {
  const { status, stdout } = spawnSync("cargo", ["test", "--locked", "--quiet"], {
    cwd: join(ROOT, "contracts-ink"),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 28,
  });
  console.log(stdout);
  const sum = (word: string) =>
    [...stdout.matchAll(new RegExp(`(\\d+) ${word}`, "g"))].reduce(
      (total, match) => total + Number(match[1]),
      0,
    );
  const failed = sum("failed");
  return { passed: sum("passed"), failed: status === 0 ? failed : Math.max(failed, 1) };
};

part("check (format, lint, types, unused code, arrows, links)", () => command("node", ["scripts/check.ts"]));
if (has("cargo")) part("contracts: unit and property tests", cargoTests);
else notRun.push("contract unit tests: no cargo on PATH; install Rust stable (https://rustup.rs)");
if (has("wasm-ld-19") && has("wasm-metadce") && PINNED_RUST.test(rustVersion()))
  part("contracts: committed bundles equal what their sources build to", () =>
    command("node", ["scripts/contracts.ts", "--check"]),
  );
else
  notRun.push(
    "rebuild of the committed bundles: it needs Debian's rustc 1.85, lld-19 and binaryen (docs/operations.md)",
  );
part("runtime-config, devchain, sdk, services, indexer, cli, end to end", () => vitest());

if (existsSync(CHROMIUM)) part("web: the front end in Chromium, over the real system", playwright);
else notRun.push(`browser tests of the front end: no Chromium at ${CHROMIUM} (CHROMIUM is its path)`);

console.log("\nminutes  passed  failed  part");
for (const { name, minutes, passed, failed } of parts)
  console.log(
    `${minutes.toFixed(1).padStart(7)}  ${String(passed).padStart(6)}  ${String(failed).padStart(6)}  ${name}`,
  );
for (const reason of notRun) console.log(`not run: ${reason}`);
if (!process.env["CONTRACTS_NODE"])
  console.log(
    "not run: comparison with the real node; set CONTRACTS_NODE to a substrate-contracts-node 0.42 binary",
  );
const passed = parts.reduce((total, each) => total + each.passed, 0);
const failed = parts.reduce((total, each) => total + each.failed, 0);
rmSync(scratch, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
