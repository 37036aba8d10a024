import { gzipSync } from "node:zlib";
import { expect, system, test, url } from "./fixtures.ts";

/** Compressed JavaScript that a page may take before a person does anything, bytes. */
const BUDGET = 180_000;
const PAGES = [
  "/",
  "/collections",
  "/collections/1",
  "/datasets",
  "/order",
  "/orders",
  `/orders/${system.settledOrder}`,
  "/proposals",
  "/voice",
  "/mine",
  "/mine/add",
];

for (const path of PAGES) {
  test(`${path} takes less than ${BUDGET / 1000} kB of compressed JavaScript before the first interaction`, async ({
    page,
  }) => {
    const scripts: Promise<number>[] = [];
    page.on("response", (response) => {
      if (new URL(response.url()).pathname.endsWith(".js"))
        scripts.push(response.body().then((body) => gzipSync(body).length));
    });
    await page.goto(`${url}/#${path}`, { waitUntil: "load" });
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByText("Reading from the indexer")).toHaveCount(0);
    const sizes = await Promise.all(scripts);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(BUDGET);
    expect(sizes.length).toBeGreaterThan(2);
  });
}

test("the policy of what a page may do is strict, and names nobody but the configured parts", async ({
  request,
}) => {
  const response = await request.get(`${url}/`);
  const directives = new Map(
    (response.headers()["content-security-policy"] ?? "").split(";").map((directive) => {
      const [name = "", ...sources] = directive.trim().split(" ");
      return [name, sources] as const;
    }),
  );
  expect(directives.get("default-src")).toEqual(["'none'"]);
  expect(directives.get("style-src")).toEqual(["'self'"]);
  expect(directives.get("font-src")).toEqual(["'self'"]);
  expect(directives.get("worker-src")).toEqual(["'self'"]);
  expect(directives.get("img-src")).toEqual(["'self'", "data:", "blob:"]);
  expect(directives.get("frame-ancestors")).toEqual(["'none'"]);
  const [self, wasm, ...hashes] = directives.get("script-src") ?? [];
  expect([self, wasm]).toEqual(["'self'", "'wasm-unsafe-eval'"]);
  for (const hash of hashes) expect(hash).toMatch(/^'sha256-/);
  for (const source of directives.get("connect-src") ?? [])
    expect(source).toMatch(/^('self'|(http|ws):\/\/127\.0\.0\.1:\d+)$/);
});

test("a path outside of the build is not served", async ({ request }) => {
  for (const path of ["/..%2fserve.ts", "/%2e%2e/package.json", "/nothing.js"])
    expect((await request.get(`${url}${path}`)).status()).toBe(404);
});
