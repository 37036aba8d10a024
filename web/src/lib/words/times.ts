import { language, words } from "../language.svelte.ts";

const STEPS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** A length of time in its largest whole unit. */
export function duration(milliseconds: number): string {
  const [unit, size] = STEPS.find(([, least]) => milliseconds >= least) ?? STEPS[3];
  return Math.round(milliseconds / size).toLocaleString(language(), {
    style: "unit",
    unit,
    unitDisplay: "long",
  });
}

/** A moment in words, seen from now. */
export function fromNow(moment: number, now: number): string {
  const away = Math.abs(moment - now);
  if (away < 5_000) return words().shown.justNow;
  const [unit, size] = STEPS.find(([, least]) => away >= least) ?? STEPS[3];
  const count = Math.round(away / size);
  return new Intl.RelativeTimeFormat(language()).format(moment > now ? count : -count, unit);
}

/** The exact moment, in the reader's time zone. */
export const exactly = (moment: number): string =>
  new Date(moment).toLocaleString(language() === "en" ? "en-GB" : language(), {
    dateStyle: "medium",
    timeStyle: "medium",
  });
