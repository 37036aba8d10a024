import { defineConfig } from "vitest/config";

// One process pool for every package; web has its own browser tests.
export default defineConfig({
  test: {
    include: ["{runtime-config,devchain,sdk,services,indexer,cli,scripts,test}/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
