import { rmSync } from "node:fs";
import { lockFolder } from "./database/lock.ts";
import { openDatabase, pgliteDataFolder } from "./database/open.ts";
import { clearTables } from "./database/reset.ts";
import { IndexerError } from "./errors.ts";
import { readSettings } from "./settings.ts";
import { createLog, databasePlace, startIndexer } from "./start.ts";

const USAGE = `indexer            index the chain and answer queries until SIGTERM or SIGINT
indexer --reset    the same, from an empty database
indexer reset      empty the database
indexer verify     recompute every table from the raw events and compare; sample the chain

Settings are environment variables; they are printed at start. FOLDER and KEYSTRAND_DEPLOYMENT are needed.
`;

const [command = "run", ...rest] = process.argv.slice(2).filter((argument) => argument !== "run");

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof IndexerError) process.stderr.write(`${error.advice}\n`);
  else if (error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  if (rest.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  switch (command) {
    case "run":
      return run();
    case "--reset":
      await reset();
      return run();
    case "reset":
      await reset();
      return 0;
    case "verify": {
      const { verifyCommand } = await import("./verify/command.ts");
      return verifyCommand(readSettings(process.env), rest);
    }
    case "--help":
    case "help":
      process.stdout.write(USAGE);
      return 0;
    default:
      process.stderr.write(USAGE);
      return 2;
  }
}

async function run(): Promise<number> {
  const settings = readSettings(process.env);
  const log = createLog(settings);
  const running = await startIndexer(settings, log);
  const asked = Promise.withResolvers<void>();
  process.once("SIGTERM", () => asked.resolve());
  process.once("SIGINT", () => asked.resolve());
  try {
    await Promise.race([running.done, asked.promise]);
  } catch (error) {
    const advice = error instanceof IndexerError ? error.advice : undefined;
    log.fatal({ err: error, advice }, "cannot go on");
    throw error;
  } finally {
    await running.stop();
    log.info("stopped");
  }
  return 0;
}

/** Empties the database. PGlite's folder is removed whole, since it may be what is broken. */
async function reset(): Promise<void> {
  const place = databasePlace(readSettings(process.env));
  if (place.kind === "pglite") {
    const lock = lockFolder(place.folder);
    rmSync(pgliteDataFolder(place.folder), { recursive: true, force: true });
    await lock.release();
    return;
  }
  const database = await openDatabase(place);
  await clearTables(database.pool);
  await database.close();
}
