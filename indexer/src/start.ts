import { mkdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import type { Address } from "@keystrand/sdk/http";
import { type Logger, pino } from "pino";
import { AbiLibrary } from "./chain/abi.ts";
import { connectRpc } from "./chain/rpc.ts";
import { systemClock } from "./clock.ts";
import { type DatabasePlace, openDatabase } from "./database/open.ts";
import { DEFAULT_ARTIFACTS, readBundles, readDeployment, replaceFile } from "./files.ts";
import { indexerApp } from "./http/app.ts";
import { Progress } from "./indexing/progress.ts";
import { runIndexer } from "./indexing/run.ts";
import { reducers } from "./projections/index.ts";
import { maskedSettings, type Settings, SettingsError } from "./settings.ts";

/** A started indexer. */
export interface RunningIndexer {
  /** Where it answers. */
  url: string;
  progress: Progress;
  /** Rejects when it cannot go on; resolves after `stop`. */
  done: Promise<void>;
  /** Ends the transaction under way, answers the requests under way, and lets go of everything. */
  stop(): Promise<void>;
}

/** ms that requests under way may take after a stop was asked for. */
const GRACE = 3_000;

export function databasePlace(settings: Settings): DatabasePlace {
  return settings.DATABASE_URL === undefined
    ? { kind: "pglite", folder: settings.FOLDER }
    : { kind: "postgresql", url: settings.DATABASE_URL, connections: settings.DATABASE_CONNECTIONS };
}

export function artifactFolders(settings: Settings): string[] {
  return settings.ARTIFACTS === undefined
    ? [DEFAULT_ARTIFACTS]
    : settings.ARTIFACTS.split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "");
}

/** JSON lines on standard output. */
export function createLog(settings: Settings): Logger {
  return pino({
    level: settings.LOG_LEVEL,
    base: { service: "indexer" },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}

/** Starts indexing and answering. */
export async function startIndexer(settings: Settings, log: Logger): Promise<RunningIndexer> {
  log.info({ settings: maskedSettings(settings) }, "starting");
  const deployment = readDeployment(settings.KEYSTRAND_DEPLOYMENT);
  const abis = new AbiLibrary(readBundles(artifactFolders(settings)));
  for (const [name, { codeHash }] of Object.entries(deployment.contracts)) {
    if (!abis.get(codeHash))
      log.warn({ contract: name, codeHash }, "no metadata for this code: its events stay raw");
  }
  mkdirSync(settings.FOLDER, { recursive: true, mode: 0o700 });
  const database = await openDatabase(databasePlace(settings));
  const stopping = new AbortController();
  const progress = new Progress(systemClock);
  let indexing: Promise<void> = Promise.resolve();
  let server: Server | undefined;
  const close = async () => {
    stopping.abort();
    if (server) await closeServer(server);
    await indexing.catch(() => undefined);
    rmSync(join(settings.FOLDER, "address.json"), { force: true });
    await database.close();
  };
  try {
    const app = indexerApp({
      pool: database.pool,
      progress,
      log,
      readyLag: settings.READY_LAG,
      folder: settings.FOLDER,
    });
    server = createAdaptorServer({ fetch: app.fetch, createServer }) as Server;
    const url = await listen(server, settings);
    const address: Address = { service: "indexer", url, pid: process.pid };
    replaceFile(join(settings.FOLDER, "address.json"), `${JSON.stringify(address)}\n`);
    log.info({ url }, "listening");
    indexing = runIndexer(
      {
        database,
        subject: { genesis: deployment.genesis, contracts: deployment.contracts },
        abis,
        reducers,
        connect: () => connectRpc(settings.NODE_URL ?? deployment.node, settings.RPC_TIMEOUT),
        limits: {
          chunk: settings.BACKFILL_CHUNK,
          ahead: settings.BACKFILL_AHEAD,
          timeoutMs: settings.RPC_TIMEOUT,
          attempts: 6,
        },
        clock: systemClock,
        random: Math.random,
        observer: progress,
        log,
      },
      stopping.signal,
    );
    return { url, progress, done: indexing, stop: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listen(server: Server, { HOST, PORT }: Settings): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new SettingsError([`PORT: ${PORT} on ${HOST} is taken; name another one, or 0 for any`])
          : error,
      ),
    );
    server.listen(PORT, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${port}`;
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    // Idle connections and live updates would keep it open.
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), GRACE).unref();
  });
}
