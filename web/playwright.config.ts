import { defineConfig } from "@playwright/test";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
// What Debian's build must not do in a test: ask anybody, update itself, or wait for a graphics card.
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: "tests",
  globalSetup: "./tests/global-setup.ts",
  // One system, one browser at a time: what is slow here is the chain under the page.
  workers: 1,
  fullyParallel: false,
  timeout: 180_000,
  globalTimeout: 1_200_000,
  expect: { timeout: 60_000 },
  reporter: "list",
  snapshotPathTemplate: "{testDir}/snapshots/{arg}{ext}",
  use: {
    browserName: "chromium",
    locale: "en-GB",
    launchOptions: { executablePath: CHROMIUM, args: QUIET },
  },
});
