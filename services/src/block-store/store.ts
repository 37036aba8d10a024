import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CID } from "multiformats/cid";
import { z } from "zod";
import { ensureFolder, replaceFile, syncFolder } from "../service/files.ts";
import { ServiceProblem, systemCode } from "../service/problem.ts";

/** A block whose bytes have been checked against its CID. */
export interface VerifiedBlock {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

const rootRecord = z.object({ blocks: z.array(z.string()), size: z.int().nonnegative() });

/** What is kept of a stored root: its blocks, each once, and their bytes together. */
export type RootRecord = z.infer<typeof rootRecord>;

/**
 * Blocks as files, named by their CIDs.
 *
 * Invariants: a block stands in `blocks/` whole or not at all; a root stands in `roots/` only when every block
 * of it stands in `blocks/`; nothing that is written is believed before it is on disk. What a crash leaves is
 * in `incoming/` or is a block of no root, and `open` removes both.
 */
export class BlockFolder {
  readonly #folder: string;
  readonly #limit: number;
  readonly #roots: Map<string, RootRecord>;
  /** How many roots need a block: an erased root takes only blocks that no other needs. */
  readonly #uses = new Map<string, number>();
  #used = 0;
  /** Puts and erasures take turns; reads need none, since a block never changes. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, limit: number, roots: Map<string, RootRecord>) {
    this.#folder = folder;
    this.#limit = limit;
    this.#roots = roots;
    for (const record of roots.values()) this.#count(record, 1);
  }

  /** Opens the folder, making it at first, and sweeps what an earlier crash left. */
  static async open(folder: string, limit = Number.POSITIVE_INFINITY): Promise<BlockFolder> {
    for (const part of ["blocks", "roots"]) ensureFolder(join(folder, part));
    await rm(join(folder, "incoming"), { recursive: true, force: true });
    ensureFolder(join(folder, "incoming"));
    const roots = new Map<string, RootRecord>();
    for (const name of await readdir(join(folder, "roots"))) {
      if (!name.endsWith(".json")) {
        await rm(join(folder, "roots", name));
        continue;
      }
      const text = await readFile(join(folder, "roots", name), "utf8");
      roots.set(name.slice(0, -".json".length), rootRecord.parse(JSON.parse(text)));
    }
    const store = new BlockFolder(folder, limit, roots);
    await store.#sweep();
    return store;
  }

  /** Bytes of all stored blocks. */
  get used(): number {
    return this.#used;
  }

  get rootCount(): number {
    return this.#roots.size;
  }

  /** The record of a stored root, or undefined. */
  root(cid: CID): RootRecord | undefined {
    return this.#roots.get(cid.toString());
  }

  /** Length of a stored block in bytes, or undefined when it is not here. */
  async size(cid: CID): Promise<number | undefined> {
    // A block that no root counts is being put or erased: it is not here.
    if (!this.#uses.has(cid.toString())) return undefined;
    try {
      return (await stat(this.#blockPath(cid.toString()))).size;
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /** A stored block's bytes, or undefined when it is not here. */
  async read(cid: CID): Promise<Uint8Array | undefined> {
    if (!this.#uses.has(cid.toString())) return undefined;
    try {
      return await readFile(this.#blockPath(cid.toString()));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /** A place where one CAR's blocks wait until all of it has been checked. */
  async begin(): Promise<Incoming> {
    const folder = join(this.#folder, "incoming", randomUUID());
    await mkdir(folder, { mode: 0o700 });
    return new Incoming(folder, () => this.#used, this.#limit);
  }

  /** Makes a whole, checked CAR part of the store. Putting a root again changes nothing. */
  async commit(root: CID, incoming: Incoming): Promise<RootRecord> {
    return this.#inTurn(async () => {
      const known = this.#roots.get(root.toString());
      if (known !== undefined) return known;
      const record = { blocks: [...incoming.blocks.keys()], size: incoming.size };
      const shelves = new Set<string>();
      for (const name of record.blocks) {
        const target = this.#blockPath(name);
        const shelf = this.#shelf(name);
        if (!shelves.has(shelf)) {
          await mkdir(shelf, { recursive: true, mode: 0o700 });
          shelves.add(shelf);
        }
        if (!this.#uses.has(name)) await rename(incoming.path(name), target);
      }
      for (const shelf of shelves) syncFolder(shelf);
      syncFolder(join(this.#folder, "blocks"));
      replaceFile(this.#rootPath(root.toString()), JSON.stringify(record));
      this.#roots.set(root.toString(), record);
      this.#count(record, 1, incoming.blocks);
      return record;
    });
  }

  /**
   * Forgets a root and removes the blocks that no other root needs.
   * @returns how many blocks were removed, or undefined when the root is not here
   */
  async erase(root: CID): Promise<number | undefined> {
    return this.#inTurn(async () => {
      const record = this.#roots.get(root.toString());
      if (record === undefined) return undefined;
      // The record goes first: after a crash the sweep at the next start removes what is left.
      await rm(this.#rootPath(root.toString()));
      syncFolder(join(this.#folder, "roots"));
      this.#roots.delete(root.toString());
      const sizes = new Map<string, number>();
      for (const name of record.blocks) {
        if (this.#uses.get(name) === 1) sizes.set(name, (await stat(this.#blockPath(name))).size);
      }
      this.#count(record, -1, sizes);
      for (const name of sizes.keys()) await rm(this.#blockPath(name), { force: true });
      return sizes.size;
    });
  }

  #count(record: RootRecord, step: 1 | -1, sizes?: ReadonlyMap<string, number>): void {
    for (const name of record.blocks) {
      const before = this.#uses.get(name) ?? 0;
      const after = before + step;
      if (after === 0) this.#uses.delete(name);
      else this.#uses.set(name, after);
      if (before === 0 || after === 0) this.#used += step * (sizes?.get(name) ?? 0);
    }
  }

  async #sweep(): Promise<void> {
    const blocks = join(this.#folder, "blocks");
    for (const shelf of await readdir(blocks)) {
      for (const name of await readdir(join(blocks, shelf))) {
        const path = join(blocks, shelf, name);
        if (this.#uses.has(name)) this.#used += (await stat(path)).size;
        else await rm(path);
      }
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  // The last characters of a CID are of its digest, so shelves fill evenly.
  #shelf(name: string): string {
    return join(this.#folder, "blocks", name.slice(-2));
  }

  #blockPath(name: string): string {
    return join(this.#shelf(name), name);
  }

  #rootPath(name: string): string {
    return join(this.#folder, "roots", `${name}.json`);
  }
}

/** Blocks of one CAR on their way in. */
export class Incoming {
  /** Bytes of each block by its CID. */
  readonly blocks = new Map<string, number>();
  size = 0;
  readonly #folder: string;
  readonly #used: () => number;
  readonly #limit: number;

  constructor(folder: string, used: () => number, limit: number) {
    this.#folder = folder;
    this.#used = used;
    this.#limit = limit;
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Writes one checked block, durably. A block that came before is not written twice. */
  async add({ cid, bytes }: VerifiedBlock): Promise<void> {
    const name = cid.toString();
    if (this.blocks.has(name)) return;
    if (this.#used() + this.size + bytes.length > this.#limit) throw storeFull();
    try {
      const file = await open(this.path(name), "wx", 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      // No room on the device, none left to this user, or none in one file.
      if (["ENOSPC", "EDQUOT", "EFBIG"].includes(systemCode(error) ?? "")) throw storeFull(error);
      throw error;
    }
    this.blocks.set(name, bytes.length);
    this.size += bytes.length;
  }

  /** Removes whatever was not made part of the store. */
  async discard(): Promise<void> {
    if (existsSync(this.#folder)) await rm(this.#folder, { recursive: true, force: true });
  }
}

function storeFull(cause?: unknown): ServiceProblem {
  return new ServiceProblem(507, "store-full", "The block store has no room for this CAR.", {
    remedy: "Free disk space or raise MAX_STORE_BYTES, then put the CAR again; nothing of it was kept.",
    cause,
  });
}
