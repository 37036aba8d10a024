import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AbiLibrary } from "../chain/abi.ts";
import type { Rpc } from "../chain/rpc.ts";
import { RuntimeLibrary } from "../chain/runtime.ts";
import { systemClock } from "../clock.ts";
import { openDatabase } from "../database/open.ts";
import { reducers } from "../projections/index.ts";
import { dumpTables } from "../simulation/tables.ts";
import { databaseKinds, type TestDatabase, testDatabase } from "../testing/database.ts";
import { bundles, FakeChain, subject } from "../testing/fake-chain.ts";
import { SeededRandom } from "../testing/random.ts";
import { Progress } from "./progress.ts";
import { runIndexer } from "./run.ts";
import type { Subject } from "./store.ts";

const CALM = { broken: 0, foreign: 0, stray: 0, replace: 0 };
const runtimes = new RuntimeLibrary();

function chainOf(seed: number, blocks: number): FakeChain {
  const chain = new FakeChain(new SeededRandom(seed), CALM);
  chain.grow(blocks);
  chain.finalize(3);
  return chain;
}

/** A node's connection that answers from the chain. */
function rpcOf(chain: FakeChain): Rpc {
  const closed = Promise.withResolvers<void>();
  return {
    closed: closed.promise,
    send: async (method, parameters) => chain.answer(method, parameters),
    watchHeads: async (onHead) => void chain.onChange(onHead),
    close: async () => closed.resolve(),
  };
}

/** Indexes until the chain's head, or throws what the indexer gives up with. */
async function index(chain: FakeChain, database: TestDatabase, whose: Subject = subject): Promise<void> {
  const progress = new Progress(systemClock);
  const stop = new AbortController();
  const check = () => {
    if (progress.head?.hash === chain.best.hash && progress.finalized?.hash === chain.finalized.hash)
      stop.abort();
  };
  await runIndexer(
    {
      database: database.database,
      subject: whose,
      abis: new AbiLibrary(bundles),
      reducers,
      connect: async () => rpcOf(chain),
      limits: { chunk: 8, ahead: 2, timeoutMs: 10_000, attempts: 2 },
      clock: systemClock,
      random: () => 0.5,
      observer: {
        opened: (cursor) => {
          progress.opened(cursor);
          check();
        },
        seen: progress.seen.bind(progress),
        appended: (...told) => {
          progress.appended(...told);
          check();
        },
        finalizedTo: (point) => {
          progress.finalizedTo(point);
          check();
        },
        rolledBack: progress.rolledBack.bind(progress),
      },
      log: pino({ level: "silent" }),
      runtimes,
    },
    stop.signal,
  );
}

describe.each(Object.values(databaseKinds))("on $name", ({ kind, missing }) => {
  describe.skipIf(missing !== undefined)("the indexer refuses in words, and changes nothing,", () => {
    let database: TestDatabase;
    beforeEach(async () => {
      database = await testDatabase(kind);
    });
    afterEach(() => database.close());

    test("a node that threw old state away", async () => {
      const chain = chainOf(1, 30);
      chain.prunedBelow = 20;
      await expect(index(chain, database)).rejects.toMatchObject({
        name: "ArchiveMissing",
        message: expect.stringMatching(/no longer has the state of block \d+/),
        advice: expect.stringContaining("--state-pruning archive"),
      });
      chain.prunedBelow = 0;
      await index(chain, database);
    });

    test("a chain that was restarted: same genesis, other blocks", async () => {
      await index(chainOf(1, 30), database);
      const before = await dumpTables(database.database.pool);
      await expect(index(chainOf(2, 40), database)).rejects.toMatchObject({
        name: "ChainLostBlocks",
        advice: expect.stringContaining("reset"),
      });
      expect(await dumpTables(database.database.pool)).toEqual(before);
    });

    test("a chain that lost its tail", async () => {
      await index(chainOf(1, 30), database);
      const before = await dumpTables(database.database.pool);
      await expect(index(chainOf(1, 12), database)).rejects.toMatchObject({ name: "ChainLostBlocks" });
      expect(await dumpTables(database.database.pool)).toEqual(before);
    });

    test("a node of another chain, and a deployment record of another chain", async () => {
      const chain = chainOf(1, 5);
      const elsewhere = { ...subject, genesis: `0x${"22".repeat(32)}` };
      await expect(index(chain, database, elsewhere)).rejects.toMatchObject({ name: "OtherChain" });
      await index(chain, database);
      const redeployed = {
        ...subject,
        contracts: { ...subject.contracts, escrow: subject.contracts.voice! },
      };
      await expect(index(chain, database, redeployed)).rejects.toMatchObject({ name: "OtherDeployment" });
    });

    test("a second writer; after the first one closed, it may", async () => {
      await expect(openDatabase(database.place)).rejects.toMatchObject({ name: "DatabaseInUse" });
      await database.database.close();
      database.database = await openDatabase(database.place);
    });
  });
});
