/** A chain's history in a folder. The only part of persistence that touches files. */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Hex } from "../chain/types.ts";
import { ascii, concat, equal, fromHex } from "../codec/bytes.ts";
import { encodeU32, MalformedScale, ScaleReader } from "../codec/scale.ts";
import { twox_64 } from "../crypto/hashing.ts";
import {
  decodeEntry,
  encodeEntry,
  type Journal,
  type JournalEntry,
  JournalError,
  rewindLength,
} from "./journal.ts";

const MAGIC = ascii("keystrand chain 1\n");
const LENGTH = 4;
const CHECKSUM = 8;
const GENESIS = 32;
/** Read at once. */
const PIECE = 1 << 20;

interface Frame {
  readonly at: number;
  readonly length: number;
}

export interface FileJournalOptions {
  /**
   * Wait after each entry until the disk has it, so that a power cut loses nothing either. Default false: what
   * a killed process wrote survives all the same.
   */
  readonly sync?: boolean;
}

/**
 * An append-only file: the magic, the genesis hash, then frames of length (u32), entry and TwoX-64 checksum,
 * each written at once. A frame that a crash cut short is dropped when the file is opened; damage anywhere
 * else is an error, because blocks after it would be lost silently.
 */
export class FileJournal implements Journal {
  readonly #file: string;
  readonly #lock: string;
  readonly #sync: boolean;
  #descriptor: number | undefined;
  /** Length of what is whole. */
  #end = 0;
  #broken = false;

  /** @param folder made if it does not exist. @throws JournalError when another process uses it, or it cannot be written */
  constructor(folder: string, options: FileJournalOptions = {}) {
    makeFolder(folder);
    this.#file = join(folder, "chain.log");
    this.#lock = join(folder, "chain.lock");
    this.#sync = options.sync ?? false;
    takeLock(this.#lock);
  }

  *open(genesis: Hex): IterableIterator<JournalEntry> {
    if (this.#descriptor !== undefined) throw new JournalError("The journal is open already");
    let frames: Frame[];
    let descriptor: number;
    try {
      descriptor = openSync(this.#file, existsSync(this.#file) ? "r+" : "w+");
      this.#descriptor = descriptor;
      frames = this.#scan(descriptor, concat(MAGIC, fromHex(genesis)));
    } catch (error) {
      throw error instanceof JournalError ? error : cannot(`use ${this.#file}`, error);
    }
    const window = new Window(descriptor);
    for (const frame of frames) {
      const bytes = window.at(frame.at + LENGTH, frame.length);
      try {
        yield decodeEntry(bytes);
      } catch (error) {
        if (error instanceof MalformedScale) throw this.#damaged(frame.at, error);
        throw error;
      }
    }
  }

  append(entry: JournalEntry): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) throw new JournalError("The journal is not open");
    if (this.#broken) throw new JournalError(`${this.#file} could not be written before; restart to go on`);
    const frame = frameOf(entry);
    try {
      writeWhole(descriptor, frame, this.#end);
      if (this.#sync) fsyncSync(descriptor);
    } catch (error) {
      this.#takeBack(descriptor);
      const reason = error instanceof Error ? error.message : String(error);
      throw new JournalError(`${this.#file} cannot take another block, so none was added: ${reason}`, {
        cause: error,
      });
    }
    this.#end += frame.length;
  }

  /** Writes the new file beside the old one and puts it in its place at once, so that a crash leaves one of them. */
  compact(history: Iterable<JournalEntry>): void {
    const old = this.#descriptor;
    if (old === undefined) throw new JournalError("The journal is not open");
    const beside = `${this.#file}.new`;
    try {
      const descriptor = openSync(beside, "w+");
      try {
        let end = 0;
        const add = (bytes: Uint8Array) => {
          writeWhole(descriptor, bytes, end);
          end += bytes.length;
        };
        add(readExactly(old, 0, MAGIC.length + GENESIS));
        for (const entry of history) add(frameOf(entry));
        fsyncSync(descriptor);
        renameSync(beside, this.#file);
        this.#descriptor = descriptor;
        this.#end = end;
      } catch (error) {
        closeSync(descriptor);
        unlinkSync(beside);
        throw error;
      }
    } catch (error) {
      throw cannot(`shorten ${this.#file}`, error);
    }
    closeSync(old);
  }

  /** Gives the folder up. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    if (existsSync(this.#lock)) unlinkSync(this.#lock);
  }

  #takeBack(descriptor: number): void {
    try {
      ftruncateSync(descriptor, this.#end);
    } catch {
      // A half frame stays behind our back: another after it would read as damage, so nothing more is written.
      this.#broken = true;
    }
  }

  /** Frames that count, rewinds applied. Cuts a torn tail off. */
  #scan(descriptor: number, head: Uint8Array): Frame[] {
    const { size } = fstatSync(descriptor);
    const present = readExactly(descriptor, 0, Math.min(size, head.length));
    if (!equal(present, head.subarray(0, present.length))) {
      const ours = equal(present.subarray(0, MAGIC.length), MAGIC);
      throw new JournalError(
        ours
          ? `${this.#file} belongs to a chain with another genesis: start over with an empty folder`
          : `${this.#file} is not a chain journal`,
      );
    }
    if (size < head.length) writeWhole(descriptor, head, 0);
    const frames: Frame[] = [];
    const window = new Window(descriptor);
    let at = head.length;
    while (at + LENGTH <= size) {
      const length = new ScaleReader(window.at(at, LENGTH)).u32();
      const next = at + LENGTH + length + CHECKSUM;
      if (next > size) break;
      const payload = window.at(at + LENGTH, length);
      if (!equal(twox_64(payload), window.at(next - CHECKSUM, CHECKSUM))) {
        if (next === size) break;
        throw this.#damaged(at);
      }
      const kept = rewindLength(payload);
      if (kept === undefined) frames.push({ at, length });
      else if (kept <= frames.length) frames.length = kept;
      else throw this.#damaged(at);
      at = next;
    }
    this.#end = at;
    if (at < size) ftruncateSync(descriptor, at);
    return frames;
  }

  #damaged(at: number, cause?: unknown): JournalError {
    return new JournalError(
      `${this.#file} is damaged at byte ${at}: restore it from a copy, or start over with an empty folder`,
      { cause },
    );
  }
}

function frameOf(entry: JournalEntry): Uint8Array {
  const payload = encodeEntry(entry);
  return concat(encodeU32(payload.length), payload, twox_64(payload));
}

/** Reads a file from front to back in large pieces: two reads a frame would cost more than the frames. */
class Window {
  readonly #descriptor: number;
  readonly #size: number;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array();

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.#size = fstatSync(descriptor).size;
  }

  /** A view that stays good. @throws JournalError beyond the end */
  at(position: number, length: number): Uint8Array {
    const from = position - this.#start;
    if (from >= 0 && from + length <= this.#bytes.length) return this.#bytes.subarray(from, from + length);
    const wanted = Math.min(Math.max(length, PIECE), Math.max(length, this.#size - position));
    this.#bytes = readExactly(this.#descriptor, position, wanted);
    this.#start = position;
    return this.#bytes.subarray(0, length);
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
  }
}

function readExactly(descriptor: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const read = readSync(descriptor, bytes, done, length - done, position + done);
    if (read === 0) throw new JournalError(`The journal ended early at byte ${position + done}`);
    done += read;
  }
  return bytes;
}

/**
 * Folders from the outermost that is missing to the innermost. Node's own recursive mkdir never returns where
 * the system answers that a parent which exists is missing, as /proc does.
 */
function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let path = resolve(folder); !existsSync(path); path = dirname(path)) missing.push(path);
  try {
    for (const path of missing.reverse()) mkdirSync(path);
    if (!statSync(folder).isDirectory()) throw new Error("it is not a folder");
  } catch (error) {
    throw cannot(`keep the chain in ${folder}`, error);
  }
}

function cannot(what: string, error: unknown): JournalError {
  const reason = error instanceof Error ? error.message : String(error);
  return new JournalError(`Cannot ${what}: ${reason}`, { cause: error });
}

/** One process a folder. The lock names the process, so that one left by a crash is told from a live one. */
function takeLock(lock: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      const taken = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!taken || attempt > 0) throw cannot(`write ${lock}`, error);
    }
    const holder = Number(readFileSync(lock, "utf8"));
    if (isAlive(holder)) {
      throw new JournalError(
        `The chain in this folder is in use by process ${holder}: stop it first (${lock})`,
      );
    }
    unlinkSync(lock);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
