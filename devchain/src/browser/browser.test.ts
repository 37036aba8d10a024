/** The core runs unchanged in a browser's worker, where a visitor tries the product without a server. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const recording = fileURLToPath(new URL("../../../test/fixtures/reference-blocks.json.gz", import.meta.url));
const worker = fileURLToPath(new URL("replay-worker.fixture.ts", import.meta.url));

const PAGE = "<!doctype html><title>worker</title>";
const types: Record<string, string> = {
  js: "text/javascript",
  wasm: "application/wasm",
  gz: "application/gzip",
};

let folder: string;
let imports: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "browser-"));
  const result = await build({
    configFile: false,
    logLevel: "silent",
    base: "./",
    build: {
      outDir: folder,
      target: "esnext",
      minify: false,
      // The runtime stays a file of its own, as in a real page.
      assetsInlineLimit: 0,
      rolldownOptions: { input: worker, output: { entryFileNames: "worker.js" } },
    },
  });
  const output = Array.isArray(result)
    ? result.flatMap((each) => each.output)
    : "output" in result
      ? result.output
      : [];
  imports = output.flatMap((file) => (file.type === "chunk" ? [...file.moduleIds, ...file.imports] : []));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("in a browser", () => {
  test("the core needs nothing of Node: no module of Node, nor a stand-in for one, is in the bundle", () => {
    expect(imports.length).toBeGreaterThan(30);
    expect(imports.filter((id) => /(^|[/:])node:|__vite-browser-external/.test(id))).toEqual([]);
  });

  test.runIf(existsSync(executablePath))(
    "a worker of Chromium replays the 440 recorded blocks with equal hashes and roots (needs Chromium; CHROMIUM is its path)",
    async () => {
      const server = createServer((request, response) => {
        const path = new URL(request.url ?? "/", "http://local").pathname;
        const file = path === "/" ? undefined : path === "/recording.gz" ? recording : join(folder, path);
        const content = file === undefined ? Promise.resolve(PAGE) : readFile(file);
        content.then(
          (body) => {
            const extension = path.split(".").at(-1) ?? "";
            response.writeHead(200, { "content-type": types[extension] ?? "text/html" }).end(body);
          },
          () => response.writeHead(404).end(),
        );
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
      try {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${port}/`);
        const answer: unknown = await page.evaluate(
          () =>
            new Promise((resolve) => {
              const started = new Worker("/worker.js", { type: "module" });
              started.onmessage = ({ data }) => {
                if (data === "ready") started.postMessage("/recording.gz");
                else resolve(data);
              };
              started.onerror = ({ message }) => resolve({ error: message });
            }),
        );
        expect(answer).toEqual({
          result: {
            genesis: "0xecd3ff3d99c67b8faef84a466562482d3cdb00bd81ff82dc974b0a43bad04417",
            replayed: 441,
            agreeing: 441,
            sealed: 441,
          },
        });
      } finally {
        await browser.close();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  );
});
