/** What is measured of a chain in one's own process: blocks on demand, without a server between. */
import type { Work } from "./work.ts";

/** A chain as a library, after boot. Extrinsics with length prefix, hexadecimal. */
export interface Library {
  /** Makes one block. */
  seal(extrinsics: readonly string[]): Promise<void>;
  /** Calls the runtime on the best block. */
  call(method: string, args: string): Promise<string>;
  /** Blocks so far. */
  height(): Promise<number>;
}

/** How fast something repeated was. */
export interface Pace {
  readonly perSecond: number;
  /** Processor time of one, ms: unlike the rate, it does not depend on what else the machine does. */
  readonly processor: number;
}

export interface LibraryFigures {
  readonly boot: Pace;
  readonly emptyBlocks: Pace;
  readonly transfers: Pace;
  readonly batchedTransfers: Pace;
  readonly calls: Pace;
  readonly dryRuns: Pace;
  /** Resident memory of the process when all is done. */
  readonly megabytes: number;
  readonly snapshotMilliseconds?: number;
  readonly restoreMilliseconds?: number;
}

export interface LibraryTask {
  readonly work: Work;
  readonly emptyBlocks: number;
  readonly dryRuns: number;
}

/** @param each operations that one step stands for */
async function pace(steps: number, step: (index: number) => Promise<unknown>, each = 1): Promise<Pace> {
  const before = process.cpuUsage();
  const began = performance.now();
  for (let i = 0; i < steps; i++) await step(i);
  const elapsed = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  const count = steps * each;
  return { perSecond: (count * 1000) / elapsed, processor: (user + system) / 1000 / count };
}

/** Does the work once. @throws Error when the chain did not take it */
export async function measureLibrary(
  boot: () => Promise<Library>,
  { work, emptyBlocks, dryRuns }: LibraryTask,
): Promise<LibraryFigures> {
  let booted: Library | undefined;
  const start = await pace(1, async () => {
    booted = await boot();
  });
  const chain = booted!;
  const before = await chain.height();
  await chain.seal([work.deploy]);
  const blocks = await pace(emptyBlocks, () => chain.seal([]));
  const transfers = await pace(work.transfers.length, (i) => chain.seal([work.transfers[i]!]));
  const batchedTransfers = await pace(1, () => chain.seal(work.batch), work.batch.length);
  const calls = await pace(work.calls.length, (i) => chain.seal([work.calls[i]!]));
  const { method, args } = work.dryRun;
  const dry = await pace(dryRuns, () => chain.call(method, args));
  const expected = 2 + emptyBlocks + work.transfers.length + work.calls.length;
  if ((await chain.height()) - before !== expected) throw new Error("Some blocks were not made");
  return {
    boot: start,
    emptyBlocks: blocks,
    transfers,
    batchedTransfers,
    calls,
    dryRuns: dry,
    megabytes: process.memoryUsage().rss / 2 ** 20,
  };
}
