/** @acala-network/chopsticks-core, the in-process chain that others use. It is installed beside (scripts/aside). */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type LibraryFigures, type LibraryTask, measureLibrary } from "./library.ts";

/** The little of its interface that is used here. Source: its 1.5.1's `blockchain/index.d.ts` and `block.d.ts`. */
interface Chopsticks {
  readonly setup: (options: {
    endpoint: string;
    block: number;
    buildBlockMode: string;
    runtimeLogLevel: number;
  }) => Promise<{
    readonly head: {
      readonly number: number;
      call(method: string, params: readonly string[]): Promise<{ readonly result: string }>;
    };
    newBlock(params: { transactions: readonly string[] }): Promise<{ readonly extrinsics: unknown }>;
  }>;
  readonly BuildBlockMode: { readonly Manual: string };
}

/**
 * It forks block 0 of a running chain, because its own provider of a genesis knows no child storage, and so no
 * contracts. What it has fetched once, it keeps.
 * @param folder where it is installed
 * @param endpoint WebSocket address of a chain at block 0
 */
export async function measureChopsticks(
  task: LibraryTask,
  folder: string,
  endpoint: string,
): Promise<LibraryFigures> {
  const entry = join(folder, "node_modules/@acala-network/chopsticks-core/dist/esm/index.js");
  // The types of what is installed on demand are not known here.
  const { setup, BuildBlockMode } = (await import(pathToFileURL(entry).href)) as Chopsticks;
  return measureLibrary(async () => {
    const chain = await setup({
      endpoint,
      block: 0,
      buildBlockMode: BuildBlockMode.Manual,
      runtimeLogLevel: 0,
    });
    return {
      seal: async (extrinsics) => {
        const block = await chain.newBlock({ transactions: extrinsics });
        const made = (await block.extrinsics) as readonly unknown[];
        // The inherent is the first.
        if (made.length !== extrinsics.length + 1) throw new Error("An extrinsic was not included");
      },
      call: async (method, args) => (await chain.head.call(method, [args])).result,
      height: async () => chain.head.number,
    };
  }, task);
}
