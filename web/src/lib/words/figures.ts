import { language } from "../language.svelte.ts";

/** One token in planck: the chain has 12 decimals. */
const UNIT = 1_000_000_000_000n;
/** Decimals of a token that are shown; the exact planck stand in the title. */
const SHOWN = 4;

/** Planck as tokens, grouped; cut, never rounded up, so that nobody reads more than there is. */
export function tokens(planck: bigint): string {
  const whole = (planck / UNIT).toLocaleString(language());
  const fraction = (planck % UNIT).toString().padStart(12, "0").slice(0, SHOWN).replace(/0+$/, "");
  const point = language() === "de" ? "," : ".";
  return fraction === "" ? whole : `${whole}${point}${fraction}`;
}

/** Bytes in the largest unit that keeps the number above one. */
export function bytes(count: bigint): string {
  const names = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  let value = Number(count);
  let step = 0;
  while (value >= 1000 && step < names.length - 1) {
    value /= 1000;
    step++;
  }
  return value.toLocaleString(language(), { style: "unit", unit: names[step]!, maximumFractionDigits: 1 });
}

/** Basis points as percent. */
export const percent = (basisPoints: number): string => `${(basisPoints / 100).toLocaleString(language())} %`;

/** A count that may have been cut off. */
export const countOf = (page: {
  readonly nodes: readonly unknown[];
  readonly pageInfo: { readonly hasNextPage: boolean };
}): string => `${page.nodes.length}${page.pageInfo.hasNextPage ? "+" : ""}`;

/** The ends of an address or hash: enough to tell two apart at a glance. */
export const ends = (text: string): string =>
  text.length <= 16 ? text : `${text.slice(0, 8)}…${text.slice(-6)}`;
