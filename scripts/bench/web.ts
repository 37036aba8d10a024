/**
 * `npm run bench:web`: what a first visit of each page costs: bytes, and milliseconds to the first and the largest
 * paint on a throttled mid phone profile, beside a bare file of the same server in the same run.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { type Browser, chromium } from "@playwright/test";
import { median, ratio, table } from "./table.ts";

const HELP = `npm run bench:web [-- --url URL] [-- --visits N]

Visits every page with an empty cache in headless Chromium, throttled: 1.6 Mbit/s, 150 ms round trip, a processor four
times slower. Times are medians. About a minute and a half.

  --url URL    a front end that runs (what npm start or npm run web prints); without it the build is served alone,
               and pages show what they show without an indexer
  --visits N   visits of each page (default 3)`;

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    visits: { type: "string", default: "3" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

/** Mid phone: Lighthouse's slow 4G and processor. */
const LINK = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000 };
const SLOWER = 4;
/** A line of text, without script or style. */
const BARE = "/config.json";
const PAGES = [
  "/",
  "/collections",
  "/datasets",
  "/order",
  "/orders",
  "/proposals",
  "/voice",
  "/mine",
  "/mine/add",
];

interface Visit {
  /** Compressed bytes of scripts, of everything. */
  readonly scripts: number;
  readonly all: number;
  /** ms */
  readonly first: number;
  readonly largest: number;
}

const serveAlone = async () => {
  const folder = mkdtempSync(join(tmpdir(), "keystrand-bench-web-"));
  const server = spawn(process.execPath, [join(import.meta.dirname, "../../web/serve.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      FOLDER: folder,
      // Port 9 (discard) is where nobody listens.
      NODE_URL: "ws://127.0.0.1:9",
      INDEXER_URL: "http://127.0.0.1:9",
    },
  });
  for await (const line of createInterface({ input: server.stdout }))
    return {
      url: line.replace("web is at ", ""),
      stop: () => {
        server.kill("SIGTERM");
        rmSync(folder, { recursive: true, force: true });
      },
    };
  throw new Error("The front end did not start: build it first (npm run build --workspace @keystrand/web).");
};

const visit = async (browser: Browser, address: string): Promise<Visit> => {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", LINK);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  const sizes: Promise<readonly [boolean, number]>[] = [];
  page.on("response", (response) => {
    if (response.ok())
      sizes.push(
        response.body().then((body) => [response.url().endsWith(".js"), gzipSync(body).length] as const),
      );
  });
  await page.goto(address, { waitUntil: "load" });
  const paints = await page.evaluate(
    () =>
      new Promise<{ first: number; largest: number }>((resolve) => {
        new PerformanceObserver((list) => {
          const largest = list.getEntries().at(-1)?.startTime ?? Number.NaN;
          const first = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? largest;
          // What comes within two seconds of the largest paint so far would replace it.
          setTimeout(() => resolve({ first, largest }), 2_000);
        }).observe({ type: "largest-contentful-paint", buffered: true });
        setTimeout(() => resolve({ first: Number.NaN, largest: Number.NaN }), 15_000);
      }),
  );
  const known = await Promise.all(sizes);
  await context.close();
  const sum = (some: typeof known) => some.reduce((total, [, size]) => total + size, 0);
  return { ...paints, scripts: sum(known.filter(([script]) => script)), all: sum(known) };
};

const alone = values.url ? undefined : await serveAlone();
const url = (values.url ?? alone!.url).replace(/\/$/, "");
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const rows: (string | number | undefined)[][] = [];
  let bare: number | undefined;
  for (const path of [BARE, ...PAGES]) {
    const visits: Visit[] = [];
    for (let count = 0; count < Number(values.visits); count++)
      visits.push(await visit(browser, path === BARE ? url + BARE : `${url}/#${path}`));
    const of = (figure: keyof Visit) => median(visits.map((one) => one[figure]));
    bare ??= of("first");
    rows.push([
      path,
      of("scripts") / 1000,
      of("all") / 1000,
      of("first"),
      of("largest"),
      ratio(of("first"), bare),
    ]);
  }
  console.log(
    table(
      [
        "page",
        "scripts, kB gzip",
        "all, kB gzip",
        "first paint, ms",
        "largest paint, ms",
        "first paint to a bare file",
      ],
      rows,
    ),
  );
} finally {
  await browser.close();
  alone?.stop();
}
