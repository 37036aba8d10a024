import { type Chain, createChain } from "@keystrand/devchain";
import { median } from "../table.ts";
import { type LibraryFigures, type LibraryTask, measureLibrary } from "./library.ts";

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.slice(2), "hex"));

/** @throws Error when an extrinsic was not included */
function seal(chain: Chain, extrinsics: readonly string[]): void {
  const { outcomes } = chain.seal({ extrinsics: extrinsics.map(bytes) });
  const other = outcomes.find(({ kind }) => kind !== "included");
  if (other !== undefined) throw new Error(`An extrinsic was not included: ${other.kind}`);
}

/** Median time of a snapshot, and of going back over ten blocks. */
export function measureSnapshots(chain: Chain): { snapshot: number; restore: number } {
  const snapshots: number[] = [];
  const restores: number[] = [];
  for (let i = 0; i < 15; i++) {
    let began = performance.now();
    const id = chain.snapshot();
    snapshots.push(performance.now() - began);
    for (let block = 0; block < 10; block++) chain.seal({ extrinsics: [] });
    began = performance.now();
    chain.restore(id);
    // The first read of the state that is back is part of it.
    if (chain.state(chain.best.hash).root !== chain.best.stateRoot)
      throw new Error("Another state came back");
    restores.push(performance.now() - began);
    chain.release(id);
  }
  return { snapshot: median(snapshots), restore: median(restores) };
}

/** This project's chain, as a library. */
export async function measureEmbedded(task: LibraryTask, selfCheck: boolean): Promise<LibraryFigures> {
  let chain: Chain | undefined;
  const figures = await measureLibrary(async () => {
    const booted = await createChain({ selfCheck });
    chain = booted;
    return {
      seal: async (extrinsics) => seal(booted, extrinsics),
      call: async (method, args) =>
        `0x${Buffer.from(booted.call(booted.best.hash, method, bytes(args))).toString("hex")}`,
      height: async () => booted.best.number,
    };
  }, task);
  const { snapshot, restore } = measureSnapshots(chain!);
  return { ...figures, snapshotMilliseconds: snapshot, restoreMilliseconds: restore };
}
