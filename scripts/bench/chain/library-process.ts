/** Measures one library in a process of its own, so that its memory is its own. Its parent sends the order. */
import type { LibraryFigures, LibraryTask } from "./library.ts";

export type LibraryOrder = { readonly task: LibraryTask } & (
  | { readonly library: "embedded"; readonly selfCheck: boolean }
  | { readonly library: "chopsticks"; readonly folder: string; readonly endpoint: string }
);

export type LibraryAnswer = { readonly figures: LibraryFigures } | { readonly error: string };

// Only what is measured is loaded.
async function measure(order: LibraryOrder): Promise<LibraryFigures> {
  if (order.library === "chopsticks") {
    const { measureChopsticks } = await import("./chopsticks.ts");
    return measureChopsticks(order.task, order.folder, order.endpoint);
  }
  const { measureEmbedded } = await import("./embedded.ts");
  return measureEmbedded(order.task, order.selfCheck);
}

process.once("disconnect", () => process.exit(1));
process.once("message", async (order: LibraryOrder) => {
  let answer: LibraryAnswer;
  try {
    answer = { figures: await measure(order) };
  } catch (error) {
    answer = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send!(answer, () => process.exit(0));
});
