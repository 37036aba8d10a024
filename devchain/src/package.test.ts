/** What somebody gets who installs the package: packed, installed into an empty folder, the README's example run. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "package-"));
  // A copy, because packing rewrites package.json for a moment and other work goes on in the repository.
  const copy = join(folder, "repository");
  for (const name of [
    "tsconfig.json",
    "LICENSE",
    "scripts/prepack.ts",
    "scripts/postpack.ts",
    "devchain",
    "runtime-config",
  ]) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (source) => !["node_modules", "dist"].includes(basename(source)),
    });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  // npm's scripts find this Node first, whichever one started npm.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const tarballs: string[] = [];
  for (const name of ["runtime-config", "devchain"]) {
    const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], {
      cwd: join(copy, name),
      env,
    });
    tarballs.push(join(folder, stdout.trim().split("\n").at(-1)!));
  }
  const installed = join(folder, "installed");
  cpSync(join(root, ".npmrc"), join(installed, ".npmrc"));
  writeFileSync(join(installed, "package.json"), '{"private":true,"type":"module"}');
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...tarballs], {
    cwd: installed,
    env,
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("the package, installed into an empty folder", () => {
  test("runs the README's example", async () => {
    const readme = readFileSync(join(root, "devchain/README.md"), "utf8");
    const example = /```js\n(.*?)```/s.exec(readme)?.[1];
    const file = join(folder, "installed/example.js");
    writeFileSync(file, example ?? "");
    const { stdout } = await run(process.execPath, [file]);
    expect(stdout.split("\n").slice(0, 3)).toEqual([
      "genesis 0xecd3ff3d99c67b8faef84a466562482d3cdb00bd81ff82dc974b0a43bad04417",
      expect.stringMatching(/^block 1 0x[0-9a-f]{64}$/),
      "back at 1",
    ]);
  });

  test("starts a server, keeps a folder and has types", async () => {
    const installed = join(folder, "installed");
    writeFileSync(
      join(installed, "use.ts"),
      `import { createChain, type Chain } from "@keystrand/devchain";
      import { FileJournal } from "@keystrand/devchain/file-journal";
      import { createChainServer } from "@keystrand/devchain/server";
      const chain: Chain = await createChain({ journal: new FileJournal("kept") });
      const sealed: number = chain.seal({ extrinsics: [] }).block.number;
      const server = await createChainServer({ port: 0 });
      const url: string = server.url;
      console.log(sealed, url);
      await server.close();`,
    );
    writeFileSync(
      join(installed, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          module: "nodenext",
          target: "es2024",
          lib: ["es2024", "dom"],
          types: ["node"],
          typeRoots: [join(root, "node_modules/@types")],
          skipLibCheck: true,
        },
        files: ["use.ts"],
      }),
    );
    await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", installed]);
    const { stdout } = await run(process.execPath, ["use.js"], { cwd: installed });
    expect(stdout).toMatch(/^1 ws:\/\/127\.0\.0\.1:\d+/);
  });
});
