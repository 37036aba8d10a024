import type { DifferentialRun } from "./run.ts";

/** What a run's report tells beside the run. */
export interface ReportedRun {
  readonly seed: number;
  /** All that the runtime imports. */
  readonly hostImports: readonly string[];
  /** How often each was called here. The node ran the same code on the same blocks with the same results. */
  readonly hostCalls: ReadonlyMap<string, number>;
}

/** Imports that no operation reaches: printing is for debugging, and this runtime reads in place only child keys. */
export const UNREACHED: ReadonlySet<string> = new Set([
  "ext_misc_print_hex_version_1",
  "ext_misc_print_utf8_version_1",
  "ext_storage_read_version_1",
  "ext_logging_log_version_1",
]);

/** A run in Markdown: what was done, what was compared, and every host function with its calls. */
export function reportOf(
  run: DifferentialRun,
  { seed, hostImports, hostCalls }: ReportedRun,
  date = new Date(),
): string {
  const operations = Object.entries(run.counts).sort(([a], [b]) => a.localeCompare(b));
  const total = operations.reduce((sum, [, count]) => sum + count, 0);
  const calls = [...hostImports].sort().map((name): [string, number] => [name, hostCalls.get(name) ?? 0]);
  return [
    "# Last long differential run",
    "",
    `${date.toISOString().slice(0, 10)}, substrate-contracts-node 0.42.0, seed ${seed}: ${total} operations.`,
    "",
    run.disagreement ??
      `All ${run.blocks.length - 1} blocks have the same hash, state root, extrinsics root and events on both.`,
    `The whole storage, child tries too, was equal after ${run.storagesCompared} of them.`,
    "",
    "| operation | times |",
    "| --- | --- |",
    ...operations.map(([name, count]) => `| ${name} | ${count} |`),
    "",
    "The node executes the same code on the same blocks, so a host function is called there as often as here.",
    "",
    "| host function | calls |",
    "| --- | --- |",
    ...calls.map(([name, count]) => `| ${name} | ${UNREACHED.has(name) ? "not reachable" : count} |`),
    "",
  ].join("\n");
}
