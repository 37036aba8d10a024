import { de } from "./messages/de.ts";
import { en, type Messages } from "./messages/en.ts";

/** Languages by the names that their speakers give them. */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

const MESSAGES: Readonly<Record<Language, Messages>> = { en, de };
const CHOSEN = "keystrand:language";

const isLanguage = (text: string | null): text is Language => text !== null && text in MESSAGES;

function firstChoice(): Language {
  const chosen = localStorage.getItem(CHOSEN);
  if (isLanguage(chosen)) return chosen;
  const preferred = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return preferred ?? "en";
}

const present = $state<{ language: Language }>({ language: firstChoice() });

/** The language that the page speaks. */
export const language = (): Language => present.language;

/** The page's words in the present language. */
export const words = (): Messages => MESSAGES[present.language];

/** Changes the language of the page, here and at the next visit. */
export function speak(chosen: Language): void {
  present.language = chosen;
  localStorage.setItem(CHOSEN, chosen);
}
