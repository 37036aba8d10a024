/**
 * `npm run bench:indexer`: how fast the indexer reads a chain of this project's own events, how soon a block is
 * in the tables, what memory it takes, and how long the front end's questions take.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import pg from "pg";
import { postgresql, postgresqlMissing } from "../../indexer/src/testing/postgresql.ts";
import { busyMarket } from "./indexer/market.ts";
import { installPeer, runPeer } from "./indexer/peer.ts";
import { measureQueries } from "./indexer/queries.ts";
import { record } from "./indexer/recording.ts";
import { type RunningIndexer, startIndexer, whereTimeGoes } from "./indexer/run.ts";
import { type Cell, median, percentile, ratio, shown, table } from "./table.ts";

const HELP = `npm run bench:indexer [-- options]

Fills the embedded chain with orders from request to payment, indexes it live, then indexes a long chain of the
same blocks about other orders into a cold database. About three minutes on two free cores.

  --events N   contract events of the long chain (default 20000; 0: none)
  --blocks N   live blocks whose way to the tables is timed (default 60)
  --orders N   orders in the tables when questions are timed (default 20000; 0: none)
  --peer       @subsquid/substrate-processor on the same chain, installed into a temporary folder
  --profile    where time goes, by CPU profiles of one more run
  --explain    the plans of the slowest questions`;

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "20000" },
    blocks: { type: "string", default: "60" },
    orders: { type: "string", default: "20000" },
    peer: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    explain: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

interface Measured {
  seconds: number;
  /** Processor time of the indexer's process, all threads, s; a PostgreSQL server's own is not in it. */
  processor: number;
  events: number;
  /** Bytes at each second. */
  memory: number[];
}

const PROCESSOR = "process_cpu_seconds_total";

/** From the first block that is read to the last that is in the tables. */
async function backfill(indexer: RunningIndexer, height: number): Promise<Measured> {
  const memory: number[] = [];
  const before = await indexer.metric(PROCESSOR);
  const sampling = setInterval(
    () =>
      void indexer.metric("process_resident_memory_bytes").then(
        (bytes) => memory.push(bytes),
        () => undefined,
      ),
    1_000,
  );
  await indexer.reached(height);
  const seconds = (performance.now() - indexer.began) / 1000;
  clearInterval(sampling);
  const events = await indexer.metric("keystrand_indexer_events_total");
  const processor = (await indexer.metric(PROCESSOR)) - before;
  await indexer.stop();
  return { seconds, processor, events, memory };
}

const megabytes = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / 2 ** 20);

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "keystrand-bench-indexer-"));
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const [cpu] = cpus();
    console.log(
      `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpu?.model ?? "?"}, ${shown(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
    );
    const { market, events, wave, single } = await busyMarket();
    ends.unshift(() => market.close());
    const before = market.node.chain.best.number;
    const added = await wave();
    const height = market.node.chain.best.number;
    const server = await market.serve();
    ends.unshift(() => server.close());
    const shares = [...(await events())].sort(([, a], [, b]) => b - a);
    const all = shares.reduce((sum, [, count]) => sum + count, 0);
    console.log(
      `${table(
        ["event", "share"],
        shares.slice(0, 10).map(([name, count]) => [name, `${((count / all) * 100).toFixed(1)} %`]),
      )}\n${shares.length} kinds of event, ${all} events in ${height} executed blocks\n`,
    );
    const deployment = join(folder, "deployment.json");
    writeFileSync(deployment, JSON.stringify({ ...market.contracts.deployment, node: server.url }));
    const settings = (name: string, node: string) => ({
      FOLDER: join(folder, name),
      KEYSTRAND_DEPLOYMENT: deployment,
      NODE_URL: node,
      LOG_LEVEL: "info",
    });

    const latencies: number[] = [];
    if (Number(values.blocks) > 0) {
      const live = await startIndexer(settings("live", server.url));
      await live.reached(height);
      for (let count = 0; count < Number(values.blocks); count++) {
        const waiting = live.reached(market.node.chain.best.number + 1);
        const sealed = single();
        const head = performance.now();
        await waiting;
        if (sealed !== market.node.chain.best.number) throw new Error("another block came between");
        latencies.push(performance.now() - head);
      }
      await live.stop();
      console.log(
        `Live, on the embedded chain: a block's rows can be queried ${shown(median(latencies))} ms (p50) and ${shown(percentile(latencies, 0.99))} ms (p99) after it is the head, over ${latencies.length} blocks\n`,
      );
    }

    const wanted = Number(values.events);
    if (wanted > 0) {
      const provider = market.contracts.api;
      const raw = provider as unknown as {
        _rpcCore: { provider: { send(method: string, parameters: unknown[]): Promise<unknown> } };
      };
      const recording = await record(
        (method, parameters) => raw._rpcCore.provider.send(method, parameters),
        height,
        {
          repeatFrom: before + 1,
          ids: added.ids.map((id) => id.slice(2)),
          events: added.events,
        },
      );
      const file = join(folder, "recording.json");
      writeFileSync(file, JSON.stringify(recording));
      const copies = Math.ceil((wanted - all) / added.events);
      const long = spawn(
        process.execPath,
        [join(import.meta.dirname, "indexer/long-chain-process.ts"), file, String(copies)],
        { stdio: ["pipe", "pipe", "inherit"] },
      );
      ends.unshift(() => long.kill());
      const [node = "", top = ""] = await new Promise<string[]>((resolve) =>
        createInterface({ input: long.stdout }).once("line", (line) => resolve(line.split(" "))),
      );
      const rows: Cell[][] = [];
      const row = (
        name: string,
        { seconds, processor, events: count, memory }: Measured,
        base?: Measured,
      ) => {
        const half = memory.slice(Math.floor(memory.length / 2));
        rows.push([
          name,
          count,
          count / seconds,
          base && ratio(count / seconds, base.events / base.seconds),
          count / processor,
          megabytes(memory[Math.floor(memory.length / 4)]),
          megabytes(median(half)),
          megabytes(Math.max(...memory)),
        ]);
      };
      const embedded = await backfill(await startIndexer(settings("cold", node)), Number(top));
      row("indexer, PGlite", embedded);
      if (postgresqlMissing === undefined) {
        const url = await postgresql();
        const server_ = await backfill(
          await startIndexer({ ...settings("cold-postgresql", node), DATABASE_URL: url }),
          Number(top),
        );
        row("indexer, PostgreSQL", server_, embedded);
      } else console.log(`PostgreSQL was not measured: ${postgresqlMissing}`);
      if (values.peer) {
        const packages = join(folder, "peer");
        const why = postgresqlMissing ?? installPeer(packages);
        if (why !== undefined) console.log(`The peer was not measured: ${why}`);
        else {
          const server = await postgresql();
          await administer(server, "CREATE DATABASE peer");
          const url = new URL(server);
          url.pathname = "/peer";
          const { contracts } = market.contracts.deployment;
          const peer = await runPeer(packages, { node, height: Number(top), database: url.href, contracts });
          row(
            "@subsquid/substrate-processor, PostgreSQL, raw events only",
            { ...peer, memory: [peer.memory] },
            embedded,
          );
        }
      }
      console.log(
        `Cold database to ${top} blocks of the long chain\n${table(
          [
            "",
            "events",
            "events/s",
            "of PGlite",
            "events/processor s",
            "RSS at 1/4, MiB",
            "median of 2nd half",
            "most",
          ],
          rows,
        )}\n`,
      );
      if (values.profile) {
        const profiles = join(folder, "profiles");
        await backfill(await startIndexer(settings("profiled", node), profiles), Number(top));
        for (const [thread, spent] of whereTimeGoes(profiles)) {
          const total = [...spent.values()].reduce((sum, ms) => sum + ms, 0);
          console.log(
            `${table(
              [thread, "ms", "share"],
              [...spent]
                .sort(([, a], [, b]) => b - a)
                .map(([name, ms]) => [name, ms, `${((ms / total) * 100).toFixed(0)} %`]),
            )}\n`,
          );
        }
      }
    }
    if (Number(values.orders) > 0) await measureQueries(Number(values.orders), values.explain);
  } finally {
    for (const end of ends) await end();
  }
}

if (values.help) console.log(HELP);
else await main();
