import { expect, test } from "@playwright/test";
import { de } from "../src/lib/messages/de.ts";
import { en } from "../src/lib/messages/en.ts";

/** Every text with its path; functions are asked with plain values. */
function texts(value: unknown, path = ""): readonly (readonly [string, string])[] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") return [[path, String(value("a", "b", "c"))]];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) =>
    texts(inner, `${path}/${key}`),
  );
}

test("both languages have the same keys, and no text is empty or left untranslated", () => {
  const english = new Map(texts(en));
  const german = new Map(texts(de));
  expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
  // Names of things, and words that are the same in both.
  const same =
    /^\/(shell\/\/order|duo\/|tracks|voice\/tracks\/Code|purpose\/|states\/|shown\/things|key\/passphrase|result\/passphrase)/;
  for (const [path, text] of german) {
    expect(text.trim(), path).not.toBe("");
    if (text.length > 16 && !same.test(path)) expect(text, path).not.toBe(english.get(path));
  }
});
