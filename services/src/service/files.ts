import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { randomBytes } from "@noble/hashes/utils.js";
import { systemCode } from "./problem.ts";

const OWNER_ONLY = 0o600;

/** Makes a service's folder, readable by its owner only. Does nothing when it is there. */
export function ensureFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Puts a file in place at once and durably: a reader sees the old content or the new, never a part. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.new`;
  writeDurably(temporary, content);
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/**
 * Reads a secret, making it at first start. Two processes that start together end with one secret: the link
 * fails for the second, which then reads the first's.
 * @param make - the content of a new file
 */
export function secretFile(path: string, make: () => string): string {
  if (!existsSync(path)) {
    ensureFolder(dirname(path));
    const temporary = `${path}.${process.pid}.new`;
    writeDurably(temporary, make());
    try {
      linkSync(temporary, path);
      syncFolder(dirname(path));
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
  }
  return readFileSync(path, "utf8");
}

/** 32 fresh random bytes in hex, with a final newline: the content of a secret file. */
export function freshSecretHex(): string {
  return `${Buffer.from(randomBytes(32)).toString("hex")}\n`;
}

/** Forces a rename or a new name in a folder to disk. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writeDurably(path: string, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const handle = openSync(path, "w", OWNER_ONLY);
  try {
    let written = 0;
    while (written < bytes.length) written += writeSync(handle, bytes, written);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
