/**
 * Packages that one command needs and nobody else: they are installed on the command's first run, by a lock file
 * of their own, beside the default install, which stays small.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A folder of this one, with package.json and package-lock.json. */
export type AsideName = "zombienet" | "chopsticks";

/**
 * Installs a set, unless it is there already as its lock file says.
 * @returns the folder that holds its node_modules
 * @throws Error with npm's words when it could not be installed
 */
export function installAside(name: AsideName): string {
  const source = join(import.meta.dirname, name);
  const lock = readFileSync(join(source, "package-lock.json"), "utf8");
  const folder = join(import.meta.dirname, "../../node_modules/.cache/keystrand", name);
  const done = join(folder, "installed");
  if (existsSync(done) && readFileSync(done, "utf8") === lock) return folder;
  console.error(`Installing ${name} into node_modules/.cache, once ...`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) cpSync(join(source, file), join(folder, file));
  cpSync(join(import.meta.dirname, "../../.npmrc"), join(folder, ".npmrc"));
  // No scripts: none of these packages needs one, and what is not run cannot do harm.
  const { status, stdout, stderr } = spawnSync("npm", ["ci", "--ignore-scripts"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) {
    throw new Error(`npm could not install ${name}:\n${stdout ?? ""}${stderr ?? "npm is not on PATH"}`);
  }
  writeFileSync(done, lock);
  return folder;
}
