import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { loadRuntime } from "@keystrand/runtime-config/load";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EmbeddedChain } from "../chain/chain.ts";
import { recording, replay } from "../chain/replay.ts";
import { Signer } from "../chain/signer.fixture.ts";
import type { Hex, LogLine } from "../chain/types.ts";
import { FileJournal } from "./file-journal.ts";
import { decodeEntry, encodeEntry, type Journal, type JournalEntry, JournalError } from "./journal.ts";

const runtime = await loadRuntime();
const recorded = recording.parse(
  JSON.parse(
    gunzipSync(
      readFileSync(new URL("../../../test/fixtures/reference-blocks.json.gz", import.meta.url)),
    ).toString(),
  ),
);
const START = 1_700_000_000_000;
const GENESIS: Hex = `0x${"11".repeat(32)}`;

let folder: string;
let open: FileJournal[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chain-"));
  open = [];
});
afterEach(() => {
  for (const journal of open) journal.close();
  rmSync(folder, { recursive: true });
});

const log = () => join(folder, "chain.log");

function journal(): FileJournal {
  const opened = new FileJournal(folder);
  open.push(opened);
  return opened;
}

function chainOn(kept: Journal, pruning: number | "archive" = "archive"): EmbeddedChain {
  return new EmbeddedChain({ runtime, clock: () => START, journal: kept, pruning });
}

/** Ends the run and starts the next one on the same folder. */
function restart(pruning?: number | "archive"): EmbeddedChain {
  for (const journal of open) journal.close();
  return chainOn(journal(), pruning);
}

const bytes = fc.uint8Array({ maxLength: 50 });
const changes = fc.array(fc.tuple(bytes, fc.option(bytes, { nil: undefined })), { maxLength: 5 });
const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((value): Hex => `0x${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
const entry: fc.Arbitrary<JournalEntry> = fc.oneof(
  fc.record({
    kind: fc.constant("block" as const),
    header: bytes,
    extrinsics: fc.array(bytes, { maxLength: 3 }),
    changes: fc.record({
      top: changes,
      children: fc.array(fc.record({ storageKey: bytes, changes }), { maxLength: 2 }),
    }),
  }),
  fc.record({ kind: fc.constantFrom("best" as const, "finalized" as const), hash }),
  fc.record({
    kind: fc.constant("pruned" as const),
    header: bytes,
    extrinsics: fc.array(bytes, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant("state" as const),
    version: fc.constantFrom(0 as const, 1 as const),
    storage: fc.record({
      top: changes,
      children: fc.array(fc.record({ storageKey: bytes, changes }), { maxLength: 2 }),
    }),
  }),
);

describe("a journal's file", () => {
  test("gives back every entry that was put into it", () => {
    fc.assert(
      fc.property(entry, (original) => {
        expect(decodeEntry(encodeEntry(original))).toEqual(original);
      }),
    );
    const entries = fc.sample(entry, 50);
    const first = journal();
    expect([...first.open(GENESIS)]).toEqual([]);
    for (const each of entries) first.append(each);
    first.close();
    expect([...journal().open(GENESIS)]).toEqual(entries);
  });

  test("cut at any byte gives the whole entries before the cut, and takes new ones after them", () => {
    const entries = fc.sample(entry, { numRuns: 6, seed: 1 });
    const first = journal();
    [...first.open(GENESIS)];
    const ends: number[] = [readFileSync(log()).length];
    for (const each of entries) {
      first.append(each);
      ends.push(readFileSync(log()).length);
    }
    first.close();
    const whole = readFileSync(log());
    const added: JournalEntry = { kind: "best", hash: GENESIS };
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(log(), whole.subarray(0, length));
      const kept = entries.slice(0, Math.max(0, ends.filter((end) => end <= length).length - 1));
      const cut = new FileJournal(folder);
      expect([...cut.open(GENESIS)]).toEqual(kept);
      cut.append(added);
      cut.close();
      const again = new FileJournal(folder);
      expect([...again.open(GENESIS)]).toEqual([...kept, added]);
      again.close();
    }
  });

  test("damaged before its end is refused, not shortened", () => {
    const first = journal();
    [...first.open(GENESIS)];
    for (let i = 0; i < 3; i++) first.append({ kind: "best", hash: GENESIS });
    first.close();
    const whole = readFileSync(log());
    whole[60]! ^= 1;
    writeFileSync(log(), whole);
    expect(() => [...journal().open(GENESIS)]).toThrow(/damaged at byte 50/);
    expect(readFileSync(log())).toEqual(whole);
  });

  test("of another chain, or not a journal at all, is refused", () => {
    const first = journal();
    [...first.open(GENESIS)];
    first.close();
    const second = journal();
    expect(() => [...second.open(`0x${"22".repeat(32)}`)]).toThrow(/another genesis/);
    second.close();
    writeFileSync(log(), "something else entirely, and long enough to hold a header of ours");
    expect(() => [...journal().open(GENESIS)]).toThrow(/not a chain journal/);
  });

  test("is one process's at a time; a lock left by a dead process does not count", () => {
    journal();
    expect(() => new FileJournal(folder)).toThrow(new RegExp(`in use by process ${process.pid}`));
    open.pop()!.close();
    // Larger than any process id of Linux.
    writeFileSync(join(folder, "chain.lock"), "4194305");
    journal();
  });
});

describe("a folder that cannot keep a chain is an error that says why", () => {
  test.each([
    ["where the system makes no folders", "/proc/keystrand/chain"],
    ["below a file", join(fileURLToPath(import.meta.url), "chain")],
    ["that is a file", fileURLToPath(import.meta.url)],
  ])("%s", (_name, path) => {
    expect(() => new FileJournal(path)).toThrow(JournalError);
    expect(() => new FileJournal(path)).toThrow(path);
  });

  test("on a full disk", () => {
    symlinkSync("/dev/full", log());
    expect(() => [...journal().open(GENESIS)]).toThrow(/no space left/);
  });
});

describe("a chain with a journal", () => {
  test("goes on where it stopped: blocks, head, finality, forks and state", () => {
    const chain = chainOn(journal());
    const transfer = new Signer(chain).transfer("Alice", 0, "Bob", 10n ** 12n);
    chain.seal({ extrinsics: [transfer] });
    chain.seal({ extrinsics: [] });
    chain.finalize(chain.hashAt(1)!);
    const fork = chain.seal({ extrinsics: [], parent: chain.hashAt(1)!, timestamp: START + 900 }).block.hash;
    chain.reorgTo(fork);
    const later = restart();
    expect(later.best.hash).toBe(fork);
    expect(later.finalized.hash).toBe(chain.finalized.hash);
    expect(later.leaves()).toEqual(chain.leaves());
    expect(later.block(later.hashAt(1)!)).toEqual(chain.block(chain.hashAt(1)!));
    expect(later.state(fork).root).toBe(chain.state(fork).root);
    expect(later.storageChanges(fork)).toEqual(chain.storageChanges(fork));
    expect(later.seal({ extrinsics: [] }).block.parentHash).toBe(fork);
  });

  test("forgets what a restored snapshot forgot", () => {
    const chain = chainOn(journal());
    chain.seal({ extrinsics: [] });
    const snapshot = chain.snapshot();
    const kept = chain.best.hash;
    chain.seal({ extrinsics: [], finalize: true });
    chain.restore(snapshot);
    const other = chain.seal({ extrinsics: [], timestamp: START + 5000 }).block.hash;
    chain.restore(snapshot);
    expect(restart().best.hash).toBe(kept);
    const again = restart();
    expect(again.block(other)).toBeUndefined();
    expect(again.finalized.number).toBe(0);
  });

  test("prunes states while loading as it did while running", () => {
    const chain = chainOn(journal(), 2);
    for (let i = 0; i < 6; i++) chain.seal({ extrinsics: [], finalize: true });
    const later = restart(2);
    expect(later.hasState(later.hashAt(4)!)).toBe(chain.hasState(chain.hashAt(4)!));
    expect(later.hasState(later.hashAt(3)!)).toBe(false);
  });

  describe("whose old blocks are pruned", () => {
    /** Forty recorded blocks, contracts among them, all but the last five final, and a fork. */
    function pruned(): EmbeddedChain {
      const chain = chainOn(journal(), 8);
      for (const { number, hashAgrees } of replay(chain, recorded.slice(0, 41))) {
        expect(hashAgrees).toBe(true);
        if (number > 5) chain.finalize(chain.hashAt(number - 5)!);
      }
      chain.seal({ extrinsics: [], parent: chain.hashAt(37)!, timestamp: Date.now() });
      return chain;
    }
    const compacting = (onLog?: (line: LogLine) => void) =>
      new EmbeddedChain({
        ...{ runtime, clock: () => START, journal: journal(), pruning: 8, compactAfter: 10 },
        ...(onLog && { onLog }),
      });
    function expectSame(chain: EmbeddedChain, before: EmbeddedChain): void {
      expect(chain.best).toEqual(before.best);
      expect(chain.finalized.hash).toBe(before.finalized.hash);
      expect(new Set(chain.leaves())).toEqual(new Set(before.leaves()));
      for (let number = 0; number <= before.best.number; number++) {
        const hash = before.hashAt(number)!;
        expect(chain.block(chain.hashAt(number)!)).toEqual(before.block(hash));
        expect([number, chain.hasState(hash)]).toEqual([number, before.hasState(hash)]);
        if (!before.hasState(hash)) continue;
        expect(chain.state(hash).root).toBe(before.state(hash).root);
        expect(chain.storageChanges(hash)).toEqual(before.storageChanges(hash));
      }
      const children = before.state(before.best.hash).childKeys();
      expect(children.length).toBeGreaterThan(0);
      for (const child of children) {
        const entries = (each: EmbeddedChain) => [...each.state(each.best.hash).child(child)!.entries()];
        expect(entries(chain)).toEqual(entries(before));
      }
    }
    const reopen = (onLog?: (line: LogLine) => void) => {
      for (const journal of open) journal.close();
      return compacting(onLog);
    };

    test("is written anew at the next start without what they changed, and is the same chain ever after", () => {
      const before = pruned();
      expectSame(reopen(), before);
      for (const journal of open) journal.close();
      const kinds = [...journal().open(before.genesisHash)].map(({ kind }) => kind);
      // Forty blocks and a fork; the final one is 35, and eight final ones keep their state.
      expect(kinds.filter((kind) => kind === "pruned")).toHaveLength(26);
      expect(kinds.filter((kind) => kind === "block")).toHaveLength(15);
      const again = reopen();
      expectSame(again, before);
      const snapshot = again.snapshot();
      again.seal({ extrinsics: [], finalize: true });
      again.restore(snapshot);
      const next = again.seal({ extrinsics: [] }).block;
      expect(reopen().best.hash).toBe(next.hash);
    });

    test("stays as it is when the new file cannot be written, and says so", () => {
      const before = pruned();
      const long = readFileSync(log());
      mkdirSync(`${log()}.new`);
      const lines: LogLine[] = [];
      expectSame(
        reopen((line) => lines.push(line)),
        before,
      );
      expect(lines).toMatchObject([{ level: 2, target: "journal" }]);
      expect(readFileSync(log())).toEqual(long);
    });

    test("does not care for a new file that a crash left half written", () => {
      const before = pruned();
      writeFileSync(`${log()}.new`, readFileSync(log()).subarray(0, 1000));
      expectSame(reopen(), before);
      expect(existsSync(`${log()}.new`)).toBe(false);
    });
  });

  test("cut anywhere in the last block's entry has the block before it as its head", () => {
    const chain = chainOn(journal());
    chain.seal({ extrinsics: [] });
    const before = readFileSync(log()).length;
    chain.seal({ extrinsics: [] });
    const whole = readFileSync(log());
    for (const length of [before, before + 1, before + 5, whole.length - 300, whole.length - 1]) {
      for (const journal of open) journal.close();
      writeFileSync(log(), whole.subarray(0, length));
      expect(restart().best.hash).toBe(chain.hashAt(1));
    }
  });

  test("does not add a block that cannot be kept, and stays as it was", () => {
    let full = false;
    const kept: Journal = {
      open: () => [],
      append: () => {
        if (full) throw new JournalError("no space left on device");
      },
    };
    const chain = chainOn(kept);
    const first = chain.seal({ extrinsics: [] }).block;
    full = true;
    expect(() => chain.seal({ extrinsics: [] })).toThrow(/no space left/);
    expect(() => chain.finalize(first.hash)).toThrow(JournalError);
    expect(chain.best).toBe(first);
    expect(chain.finalized.number).toBe(0);
    full = false;
    expect(chain.seal({ extrinsics: [], finalize: true }).block.number).toBe(2);
  });

  test("on a disk that fills up in the middle of a block stops with the reason, and loses nothing", async () => {
    const script = fileURLToPath(new URL("crash.fixture.ts", import.meta.url));
    // No file of the process may grow beyond 64 KiB: the last write stops half way, as on a full disk.
    const limited = spawn(
      "bash",
      ["-c", 'ulimit -f 64 && exec "$0" "$@"', process.execPath, script, folder],
      {
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let output = "";
    let complaint = "";
    limited.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    limited.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    await new Promise((resolve) => limited.once("close", resolve));
    expect(complaint).toMatch(/JournalError: .*cannot take another block, so none was added: EFBIG/);
    const [number, hash] = output.trim().split("\n").at(-1)!.split(" ");
    expect(Number(number)).toBeGreaterThan(3);
    const chain = restart();
    expect(chain.best.hash).toBe(hash);
    expect(chain.seal({ extrinsics: [] }).block.number).toBe(Number(number) + 1);
  });

  test("killed by SIGKILL at any moment, again and again, keeps every block it had announced", async () => {
    const script = fileURLToPath(new URL("crash.fixture.ts", import.meta.url));
    let announced: { number: number; hash: string } | undefined;
    for (const blocks of [1, 7, 23]) {
      const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      let seen = 0;
      for await (const line of createInterface(child.stdout)) {
        const [number, hash] = line.split(" ");
        announced = { number: Number(number), hash: hash! };
        if (++seen === blocks) child.kill("SIGKILL");
      }
      await ended;
      expect(seen).toBeGreaterThanOrEqual(blocks);
    }
    const chain = restart();
    expect(chain.hashAt(announced!.number)).toBe(announced!.hash);
    expect(chain.best.number).toBeGreaterThanOrEqual(31);
    expect(chain.seal({ extrinsics: [] }).block.parentHash).toBe(chain.hashAt(chain.best.number - 1));
  });
});
