/** `npm run check`: format, lint and arrows (biome), types (tsc), unused code (knip), links in docs, generated files. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const failed: string[] = [];

const part = (name: string, command: string, args: string[]) => {
  const started = Date.now();
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: "inherit" });
  console.log(
    `${status === 0 ? "ok    " : "FAILED"} ${name}  ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  if (status !== 0) failed.push(name);
};

const markdownFiles = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (["node_modules", "target", ".git", ".keystrand", "dist", "build", ".svelte-kit"].includes(entry.name))
      return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });

/** Relative links in Markdown must lead to files that exist. */
const brokenLinks = (): string[] =>
  markdownFiles(ROOT).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map((match) => match[1]!)
      .filter((link) => !existsSync(join(dirname(file), link)))
      .map((link) => `${relative(ROOT, file)}: ${link}`),
  );

part("format, lint, arrows", "biome", ["ci", "--error-on-warnings", "."]);
part("types", "tsc", ["--noEmit", "-p", "tsconfig.json"]);
part("types of the front end", "npm", ["run", "--silent", "check", "--workspace", "@keystrand/web"]);
part("unused code", "knip", []);
part("generated clients", "node", ["scripts/clients.ts", "--check"]);
part("contract reference", "node", ["scripts/reference.ts", "--check"]);
const broken = brokenLinks();
for (const link of broken) console.log(`broken link in ${link}`);
if (broken.length > 0) failed.push("links in docs");
if (failed.length > 0) {
  console.error(`check failed: ${failed.join(", ")}`);
  process.exit(1);
}
console.log("check passed");
