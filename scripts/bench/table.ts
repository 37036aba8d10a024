/** Tables of benchmarks, as Markdown that can be read in a terminal too. */

/** A cell: text as it stands, or a number shown with three significant digits. */
export type Cell = string | number | undefined;

/** Three significant digits, thousands separated; whole above 1000. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString("en-US", { maximumFractionDigits: 6 });
}

/** How many times `value` is `base`; empty when one of them was not measured. */
export function ratio(value: number | undefined, base: number | undefined): string | undefined {
  return value === undefined || base === undefined || base === 0 ? undefined : `${shown(value / base)} x`;
}

/** @param rows cells in the columns' order; what was not measured is undefined and shown as a dash */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const text = rows.map((row) =>
    columns.map((_, i) => {
      const cell = row[i];
      return cell === undefined ? "-" : typeof cell === "number" ? shown(cell) : cell;
    }),
  );
  const widths = columns.map((column, i) => Math.max(column.length, ...text.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(columns), rule, ...text.map(line)].join("\n");
}

/** The value below which a share of the sorted samples lies. @param share for example 0.5, 0.99 */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (samples: readonly number[]) => percentile(samples, 0.5);
