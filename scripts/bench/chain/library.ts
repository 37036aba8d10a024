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

export interface LibraryFigures {
  readonly bootMilliseconds: number;
  readonly emptyBlocksPerSecond: number;
  readonly transfersPerSecond: number;
  readonly batchedTransfersPerSecond: number;
  readonly callsPerSecond: number;
  readonly dryRunsPerSecond: number;
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

/** Operations a second. */
async function rate(count: number, operation: (index: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < count; i++) await operation(i);
  return (count * 1000) / (performance.now() - began);
}

/** Does the work once. @throws Error when the chain did not take it */
export async function measureLibrary(
  boot: () => Promise<Library>,
  { work, emptyBlocks, dryRuns }: LibraryTask,
): Promise<LibraryFigures> {
  const began = performance.now();
  const chain = await boot();
  const bootMilliseconds = performance.now() - began;
  const before = await chain.height();
  await chain.seal([work.deploy]);
  const emptyBlocksPerSecond = await rate(emptyBlocks, () => chain.seal([]));
  const transfersPerSecond = await rate(work.transfers.length, (i) => chain.seal([work.transfers[i]!]));
  const batches = await rate(1, () => chain.seal(work.batch));
  const callsPerSecond = await rate(work.calls.length, (i) => chain.seal([work.calls[i]!]));
  const { method, args } = work.dryRun;
  const dryRunsPerSecond = await rate(dryRuns, () => chain.call(method, args));
  const expected = 2 + emptyBlocks + work.transfers.length + work.calls.length;
  if ((await chain.height()) - before !== expected) throw new Error("Some blocks were not made");
  return {
    bootMilliseconds,
    emptyBlocksPerSecond,
    transfersPerSecond,
    batchedTransfersPerSecond: batches * work.batch.length,
    callsPerSecond,
    dryRunsPerSecond,
    megabytes: process.memoryUsage().rss / 2 ** 20,
  };
}
