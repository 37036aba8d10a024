// Runs on the machine's own Node (>= 20) before anything is installed: plain JavaScript, no dependencies.
import { spawn, spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
/** What an installation needs at most, bytes; measured 740 MB, rounded up. */
const INSTALL_BYTES = 1.2e9;

export const fail = (message, remedy) => {
  console.error(`\n${message}\n${remedy}`);
  process.exit(1);
};

/** What an up-to-date installation is of: the lock file's text. */
const lockText = () => readFileSync(join(ROOT, "package-lock.json"), "utf8");
const STAMP = join(ROOT, "node_modules/.keystrand-installed");
const installed = () => existsSync(STAMP) && readFileSync(STAMP, "utf8") === lockText();

const [major] = process.versions.node.split(".").map(Number);
if (major < 20)
  fail(`Node.js ${process.versions.node} is too old.`, "Install Node.js 20 or newer, then run this again.");

/** Installs the npm packages of the lock file, unless that is done already. */
export const install = () => {
  if (installed()) return;
  try {
    accessSync(ROOT, constants.W_OK);
  } catch {
    fail(
      `No permission to write to ${ROOT}.`,
      "Clone into a folder of yours, or give yourself the right to write there.",
    );
  }
  const { bavail, bsize } = statfsSync(ROOT);
  if (bavail * bsize < INSTALL_BYTES)
    fail(
      `Only ${Math.round((bavail * bsize) / 1e6)} MB are free here; the packages need ${INSTALL_BYTES / 1e6} MB.`,
      "Free some space, then run this again; nothing was changed.",
    );
  console.log(
    "Installing npm packages of the lock file (Node 24, the polkadot libraries, the web tools): a minute or two.",
  );
  const started = Date.now();
  // Not npm ci: it refuses a lock file that lacks a platform binary which the registry lacked when it was made.
  const result = spawnSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (result.status !== 0)
    fail(
      "npm could not install the packages.",
      "Its message is above. Without a network the first start cannot work; afterwards no network is needed.",
    );
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, lockText());
  console.log(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
};

/** Runs a script on the installed Node 24 and takes on its exit code; signals reach it too. */
export const runOnInstalledNode = (script) => {
  const node = join(ROOT, "node_modules/.bin/node");
  if (!existsSync(node))
    fail(
      `There is no Node 24 package for ${process.platform}-${process.arch}.`,
      "Install Node.js 24 yourself and run the script with it.",
    );
  const child = spawn(node, [join(ROOT, "scripts", script), ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}` },
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
};
