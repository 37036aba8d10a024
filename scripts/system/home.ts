/** The folder with everything that a running system keeps: `.keystrand` in the clone, or `KEYSTRAND_HOME`. */
import { randomBytes } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** What databases, logs and the demonstration's datasets take at first, bytes; measured 90 MB, doubled. */
const NEEDED_BYTES = 200e6;

/** The home folder cannot be used; says why and what to do. */
export class HomeError extends Error {
  override readonly name = "HomeError";
}

export interface Home {
  readonly folder: string;
  path(...parts: string[]): string;
  /** 32 random bytes, hex: every account of the demonstration is derived from it. */
  readonly secret: string;
  read(name: string): unknown;
  /** Replaces a file whole, so that a kill leaves the old or the new one. */
  write(name: string, value: unknown): void;
  release(): void;
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return;
  // Level by level: Node's recursive mkdir never returns where the system answers "no such file" (as in /proc).
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
};

/**
 * Takes the home folder for this process.
 *
 * @param fresh - start over: what is there is removed
 * @throws {@link HomeError} when another start runs there, or it cannot be written
 */
export const takeHome = (
  fresh: boolean,
  folder = resolve(process.env["KEYSTRAND_HOME"] ?? join(ROOT, ".keystrand")),
): Home => {
  const lock = join(folder, "running.pid");
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch {
    throw new HomeError(
      `No permission to write to ${folder}. Give yourself that right, or name another folder in KEYSTRAND_HOME.`,
    );
  }
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < NEEDED_BYTES)
    throw new HomeError(
      `Only ${Math.floor((bavail * bsize) / 1e6)} MB are free where ${folder} is; a system needs ${NEEDED_BYTES / 1e6} MB to start. Free some space, or name another folder in KEYSTRAND_HOME. Nothing was changed.`,
    );
  const holder = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
  if (holder && holder !== process.pid && isRunning(holder))
    throw new HomeError(
      `Keystrand already runs from this folder (process ${holder}, ${folder}). Use it, or stop it with Ctrl-C where it runs; a second system needs another folder in KEYSTRAND_HOME.`,
    );
  if (fresh) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  writeFileSync(lock, String(process.pid));
  const secretFile = join(folder, "secret");
  if (!existsSync(secretFile))
    writeFileSync(secretFile, `0x${randomBytes(32).toString("hex")}`, { mode: 0o600 });
  return {
    folder,
    path: (...parts) => join(folder, ...parts),
    secret: readFileSync(secretFile, "utf8").trim(),
    read(name) {
      const file = join(folder, name);
      return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
    },
    write(name, value) {
      const file = join(folder, name);
      writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`);
      renameSync(`${file}.new`, file);
    },
    release: () => rmSync(lock, { force: true }),
  };
};
