/** Seals blocks into the folder given as argument until it is killed, and prints each block's hash once it is kept. */
import { createChain } from "../index.ts";
import { FileJournal } from "./file-journal.ts";

const folder = process.argv[2];
if (folder === undefined) throw new Error("No folder given");
const chain = await createChain({ journal: new FileJournal(folder), clock: () => 1_700_000_000_000 });
for (;;) {
  const { block } = chain.seal({ extrinsics: [], finalize: chain.best.number % 3 === 0 });
  process.stdout.write(`${block.number} ${block.hash}\n`);
  // Lets the line out before the next block: a write to a pipe is asynchronous.
  await new Promise((resolve) => setImmediate(resolve));
}
