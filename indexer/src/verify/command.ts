import pg from "pg";
import { AbiLibrary } from "../chain/abi.ts";
import { connectRpc } from "../chain/rpc.ts";
import { openDatabase } from "../database/open.ts";
import { type BundleFile, readBundleFiles, readDeployment } from "../files.ts";
import type { Settings } from "../settings.ts";
import { artifactFolders, databasePlace } from "../start.ts";
import { wrongEvents } from "./events.ts";
import { sampleBlocks } from "./raw.ts";
import { type SampleReport, sampleState } from "./samples.ts";
import { type Deviation, deviations } from "./tables.ts";

/** Rows of each kind that are compared with the chain, where the command does not say. */
const SAMPLES = 50;

/**
 * `indexer verify [samples]`: recomputes, compares and says what it found. On PGlite the indexer must be
 * stopped; on PostgreSQL it may run.
 *
 * @returns 0 when all is as it should be, else 1
 */
export async function verifyCommand(settings: Settings, parameters: readonly string[]): Promise<number> {
  const count = Number(parameters[0] ?? SAMPLES);
  if (!Number.isSafeInteger(count) || count < 0) {
    process.stderr.write(`${parameters[0]} is no number of samples\n`);
    return 2;
  }
  const deployment = readDeployment(settings.KEYSTRAND_DEPLOYMENT);
  const bundles = readBundleFiles(artifactFolders(settings));
  const { pool, close } = await openForReading(settings);
  try {
    const client = await pool.connect();
    try {
      // One height for everything; temporary tables are all that is written.
      await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
      return await verify(client, bundles, settings.NODE_URL ?? deployment.node, settings.RPC_TIMEOUT, count);
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
  } finally {
    await close();
  }
}

/** PostgreSQL can be read beside the writer; PGlite has one process. */
async function openForReading(settings: Settings): Promise<{ pool: pg.Pool; close: () => Promise<void> }> {
  const place = databasePlace(settings);
  if (place.kind === "pglite") return openDatabase(place);
  const pool = new pg.Pool({ connectionString: place.url, max: 1 });
  return { pool, close: () => pool.end() };
}

async function verify(
  client: pg.PoolClient,
  bundles: readonly BundleFile[],
  node: string,
  timeout: number,
  count: number,
): Promise<number> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const { rows } = await client.query<{ height: string; hash: string }>("SELECT height, hash FROM cursor");
  const head = rows[0];
  if (!head) {
    say("The database is empty: nothing to verify.");
    return 0;
  }
  say(`Indexed up to block ${head.height} ${head.hash}`);
  let wrong = 0;

  const events = await wrongEvents(client, bundles);
  wrong += events.length;
  say(
    events.length === 0 ? "Events: every one says what its bytes say" : `Events: ${events.length} are wrong`,
  );
  for (const event of events.slice(0, 10))
    say(`  ${event.position} ${event.contract}.${event.name}: ${event.why}`);

  const tables = await deviations(client);
  wrong += tables.length;
  say(tables.length === 0 ? "Tables: all are what the events say" : `Tables: ${tables.length} deviate`);
  for (const table of tables) sayDeviation(say, table);

  if (count > 0) {
    const rpc = await connectRpc(node, timeout);
    try {
      const abis = new AbiLibrary(bundles.map(({ bundle }) => bundle));
      const blocks = await sampleBlocks(client, rpc, count);
      const state = await sampleState(client, rpc, abis, head.hash, count);
      wrong += blocks.disagreements.length + state.disagreements.length;
      saySample(say, "Blocks", blocks);
      saySample(say, "Contract state", state);
    } finally {
      await rpc.close();
    }
  }
  say(wrong === 0 ? "Verified." : "Not as it should be. `indexer reset` and a new run rebuild the tables.");
  return wrong === 0 ? 0 : 1;
}

function sayDeviation(say: (line: string) => void, { table, missing, surplus, examples }: Deviation): void {
  say(`  ${table}: ${missing} rows missing, ${surplus} rows that should not be`);
  for (const row of examples.missing) say(`    missing ${JSON.stringify(row)}`);
  for (const row of examples.surplus) say(`    surplus ${JSON.stringify(row)}`);
}

function saySample(
  say: (line: string) => void,
  what: string,
  { compared, disagreements }: SampleReport,
): void {
  say(`${what}: ${compared} compared with the chain, ${disagreements.length} different`);
  for (const { what: where, indexed, chain } of disagreements.slice(0, 10)) {
    say(`  ${where}: indexed ${JSON.stringify(indexed)}, on-chain ${JSON.stringify(chain)}`);
  }
}
