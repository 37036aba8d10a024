/** Numbers of the chain as people read them. */
import { TOKEN } from "../deploy/development.ts";

/** `BonaFideResearcher` -> `bona fide researcher`. */
export const inWords = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

export const list = (items: readonly string[]): string => (items.length === 0 ? "none" : items.join(", "));

/** Basis points as percent. */
export const shareInWords = (basisPoints: number): string => `${basisPoints / 100} %`;

export const tokensInWords = (amount: bigint): string => {
  const rest = (amount % TOKEN).toString().padStart(12, "0").replace(/0+$/, "");
  return `${amount / TOKEN}${rest ? `.${rest}` : ""} tokens`;
};

export const dateInWords = (milliseconds: bigint): string =>
  `${new Date(Number(milliseconds)).toISOString().slice(0, 19).replace("T", " ")} UTC`;

const UNITS = [
  ["day", 86_400_000n],
  ["hour", 3_600_000n],
  ["minute", 60_000n],
  ["second", 1_000n],
] as const;

/** A period in its two largest units: `6 days 2 hours`. */
export const periodInWords = (milliseconds: bigint): string => {
  const words: string[] = [];
  let left = milliseconds;
  for (const [unit, length] of UNITS) {
    const count = left / length;
    left %= length;
    if (count > 0n) words.push(`${count} ${unit}${count === 1n ? "" : "s"}`);
  }
  if (words.length === 0) return milliseconds === 0n ? "none" : `${milliseconds} ms`;
  return words.slice(0, 2).join(" ");
};
