import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { AbiLibrary } from "../chain/abi.ts";
import { connectRpc } from "../chain/rpc.ts";
import { systemClock } from "../clock.ts";
import { indexerApp } from "../http/app.ts";
import { Progress } from "../indexing/progress.ts";
import { runIndexer } from "../indexing/run.ts";
import { reducers } from "../projections/index.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { FakeChain, subject } from "./fake-chain.ts";
import { SeededRandom } from "./random.ts";
import { serveChain } from "./rpc-server.ts";

/** An indexer over a made-up chain that it follows live, and its HTTP side, all in this process. */
export interface Populated {
  chain: FakeChain;
  database: TestDatabase;
  progress: Progress;
  app: ReturnType<typeof indexerApp>;
  /** Resolves when the chain's present head is in the tables. */
  caughtUp(): Promise<void>;
  /** Data and errors of a query, and the HTTP status. */
  ask(query: string, variables?: Record<string, unknown>): Promise<GraphAnswer>;
  close(): Promise<void>;
}

export interface GraphAnswer {
  status: number;
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

/** @param blocks of the chain before anyone asks */
export async function populated(seed: number, blocks: number): Promise<Populated> {
  const chain = new FakeChain(new SeededRandom(seed), {
    broken: 0.01,
    foreign: 0.01,
    stray: 0.01,
    replace: 0,
  });
  chain.grow(blocks);
  chain.finalize(5);
  const server = await serveChain(chain);
  const database = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), "keystrand-exports-"));
  const progress = new Progress(systemClock);
  const log = pino({ level: "silent" });
  const app = indexerApp({ pool: database.database.pool, progress, log, readyLag: 5, folder });
  const stop = new AbortController();
  const indexing = runIndexer(
    {
      database: database.database,
      subject,
      abis: new AbiLibrary(chain.bundles),
      reducers,
      connect: () => connectRpc(server.url, 20_000),
      limits: { chunk: 32, ahead: 4, timeoutMs: 20_000, attempts: 6 },
      clock: systemClock,
      random: Math.random,
      observer: progress,
      log,
    },
    stop.signal,
  );
  const caughtUp = async () => {
    while (progress.head?.hash !== chain.best.hash) await Promise.race([progress.changed(), indexing]);
  };
  await caughtUp();
  return {
    chain,
    database,
    progress,
    app,
    caughtUp,
    async ask(query, variables = {}) {
      const response = await app.request("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({ query, variables }),
      });
      const answer = (await response.json()) as Omit<GraphAnswer, "status">;
      return { status: response.status, ...answer };
    },
    async close() {
      stop.abort();
      await indexing;
      await server.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
