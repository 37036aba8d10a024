/**
 * Before a package is packed (`prepack`): emits JavaScript and declarations into dist/ and lets package.json point
 * there, because Node refuses .ts files inside a real node_modules. `postpack.ts` puts package.json back.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.cwd();
const manifest = join(folder, "package.json");
const kept = join(folder, "package.json.kept");
const config = join(folder, "tsconfig.pack.json");

// A pack that was interrupted left the changed package.json behind.
if (existsSync(kept)) copyFileSync(kept, manifest);
copyFileSync(manifest, kept);

rmSync(join(folder, "dist"), { recursive: true, force: true });
writeFileSync(
  config,
  JSON.stringify({
    extends: "../tsconfig.json",
    compilerOptions: {
      noEmit: false,
      outDir: "dist",
      rootDir: "src",
      declaration: true,
      rewriteRelativeImportExtensions: true,
    },
    include: ["src"],
    exclude: ["src/**/*.test.ts", "src/**/*.fixture.ts", "src/differential", "src/browser"],
  }),
);
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", config], { stdio: "inherit" });
rmSync(config);
if (status !== 0) {
  copyFileSync(kept, manifest);
  rmSync(kept);
  process.exit(1);
}

/** `./src/x.ts` becomes where it was emitted; anything else stays. */
function emitted(path: string, extension: "js" | "d.ts"): string {
  return path.replace(/^\.\/src\/(.*)\.ts$/, `./dist/$1.${extension}`);
}

function point(target: unknown): unknown {
  if (typeof target === "string") {
    return target.endsWith(".ts")
      ? { types: emitted(target, "d.ts"), default: emitted(target, "js") }
      : target;
  }
  if (typeof target !== "object" || target === null) return target;
  return Object.fromEntries(Object.entries(target).map(([condition, path]) => [condition, point(path)]));
}

const original: Record<string, unknown> = JSON.parse(readFileSync(manifest, "utf8"));
const { devDependencies: _onlyHere, scripts: _ours, exports, bin, ...rest } = original;
const published = {
  ...rest,
  exports: point(exports),
  ...(typeof bin === "object" && bin !== null
    ? {
        bin: Object.fromEntries(
          Object.entries(bin).map(([name, path]) => [name, emitted(String(path), "js")]),
        ),
      }
    : {}),
};
writeFileSync(manifest, `${JSON.stringify(published, null, 2)}\n`);
