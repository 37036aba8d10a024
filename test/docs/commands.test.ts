/** Every npm command that a page names exists, and takes the options that the page gives it. */
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);
const PAGES = [
  "README.md",
  ...globSync("docs/**/*.md", { cwd: ROOT }),
  ...globSync("{devchain,contracts-ink,sdk,cli,indexer,services,web}/README.md", { cwd: ROOT }),
].filter((page) => !page.includes("decisions"));

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

interface Shown {
  readonly page: string;
  readonly script: string;
  /** Words before the first option: sub-commands and arguments. */
  readonly words: readonly string[];
  readonly options: readonly string[];
}

/** `npm run X -- a b --option` in code of a page, in a block or within a line. */
const shownIn = (page: string): Shown[] =>
  [
    ...readFileSync(join(ROOT, page), "utf8").matchAll(
      /(?:^|`)\s*npm (start|test|run ([a-z:-]+))((?: --)?(?: [^`\n#]*)?)/gm,
    ),
  ].map(([, verb, name, rest = ""]) => {
    const parts = rest
      .trim()
      .split(/\s+/)
      .filter((part) => part !== "" && part !== "--");
    const firstOption = parts.findIndex((part) => part.startsWith("-"));
    return {
      page,
      script: name ?? verb!,
      words: firstOption === -1 ? parts : parts.slice(0, firstOption),
      options: parts.filter((part) => part.startsWith("--")),
    };
  });

const SHOWN = PAGES.flatMap(shownIn);
/** Commands that do their one thing at once and have no help. */
const WITHOUT_HELP = new Set(["test", "check", "format", "vitest"]);

test("pages name commands", () => {
  expect(SHOWN.length).toBeGreaterThan(15);
  for (const { page, script } of SHOWN) expect(Object.keys(scripts), page).toContain(script);
});

const helpOf = new Map<string, Promise<string>>();
/** What a command says of itself; asked once. */
const help = (script: string, subCommands: readonly string[]): Promise<string> => {
  const key = [script, ...subCommands].join(" ");
  const asked =
    helpOf.get(key) ??
    run("npm", ["run", "--silent", script, "--", ...subCommands, "--help"], { cwd: ROOT }).then(
      ({ stdout }) => stdout,
    );
  helpOf.set(key, asked);
  return asked;
};

const helped = [
  ...new Map(
    SHOWN.filter(({ script }) => !WITHOUT_HELP.has(script)).map((shown) => [
      [shown.script, ...shown.words, ...shown.options].join(" "),
      shown,
    ]),
  ),
];

test.each(helped)("npm run %s", async (_, { page, script, words, options }) => {
  // Sub-commands are lower-case words; what follows them is the page's example.
  const subCommands = words.filter((word) => /^[a-z-]+$/.test(word));
  const stdout = await help(script, subCommands);
  expect(stdout.length).toBeGreaterThan(50);
  for (const option of options) expect(stdout, `${page}: ${option}`).toContain(option);
});
