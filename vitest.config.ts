import { defineConfig } from "vitest/config";

// One process pool for every package; web has its own browser tests.
export default defineConfig({
  // The tests must load the same copy of graphql as the libraries do; Vite would prefer its second, `index.mjs`.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    include: ["{runtime-config,devchain,sdk,services,indexer,cli,scripts,test}/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
