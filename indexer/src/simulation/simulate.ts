import type pg from "pg";
import { pino } from "pino";
import { AbiLibrary } from "../chain/abi.ts";
import { RuntimeLibrary } from "../chain/runtime.ts";
import { Progress } from "../indexing/progress.ts";
import { runIndexer } from "../indexing/run.ts";
import { reducers } from "../projections/index.ts";
import { FakeChain, type Mischief, subject } from "../testing/fake-chain.ts";
import { SeededRandom } from "../testing/random.ts";
import { SimulatedClock } from "./clock.ts";
import { type FaultRates, FaultyWorld, NO_FAULTS } from "./faults.ts";
import { emptyTables } from "./tables.ts";

/** What a seed decides before anything happens. */
export interface Plan {
  rates: FaultRates;
  mischief: Mischief;
  /** Things that happen to the chain: it grows, is reorganised, finalises. */
  happenings: number;
  reorganisations: number;
  /** Blocks that exist before the indexer starts. */
  history: number;
}

/** What a run went through. */
export interface Trial {
  lives: number;
  statements: number;
  height: number;
  rollbacks: number;
  deepestRollback: number;
  events: number;
  problems: number;
}

export function planOf(seed: number): Plan {
  const random = new SeededRandom(seed ^ 0x5eed);
  const upTo = (most: number) => (random.chance(0.25) ? 0 : random.next() * most);
  return {
    rates: {
      rpcError: upTo(0.05),
      rpcSilence: upTo(0.01),
      rpcDisconnect: upTo(0.01),
      staleHead: upTo(0.2),
      headLost: upTo(0.3),
      headRepeated: upTo(0.3),
      databaseError: upTo(0.03),
      kill: upTo(0.02),
    },
    mischief: { broken: upTo(0.05), foreign: upTo(0.1), stray: upTo(0.05), replace: upTo(0.05) },
    happenings: random.between(20, 60),
    reorganisations: upTo(0.4),
    history: random.chance(0.5) ? random.between(0, 60) : 0,
  };
}

const LIMITS = { chunk: 8, ahead: 3, timeoutMs: 20_000, attempts: 6 };
const silent = pino({ level: "silent" });
const runtimes = new RuntimeLibrary();

/**
 * Runs the indexer over a chain that grows, forks and finalises while requests, statements and the process
 * itself fail, until it has caught up. The tables are then those of the chain as it ended.
 */
export async function simulate(seed: number, pool: pg.Pool): Promise<{ chain: FakeChain; trial: Trial }> {
  const plan = planOf(seed);
  const chain = new FakeChain(new SeededRandom(seed), plan.mischief);
  const random = new SeededRandom(seed ^ 0xfa17);
  chain.grow(plan.history);
  chain.finalize(random.below(5));
  await emptyTables(pool);

  const clock = new SimulatedClock();
  const progress = new Progress(clock);
  const trial: Trial = {
    lives: 0,
    statements: 0,
    height: 0,
    rollbacks: 0,
    deepestRollback: 0,
    events: 0,
    problems: 0,
  };
  let happenings = plan.happenings;
  let calm = false;
  const happen = () => {
    happenings--;
    if (random.chance(plan.reorganisations))
      chain.reorganise(random.chance(0.1) ? random.between(8, 20) : random.between(1, 4));
    else if (random.chance(0.6)) chain.grow(random.between(1, 4));
    else chain.finalize(random.below(10));
    if (happenings === 0) {
      // The end of the story: from here on nothing fails, so that the end can be reached.
      calm = true;
      chain.grow(1);
    }
  };
  const rates = () => (calm ? NO_FAULTS : plan.rates);
  let world: FaultyWorld | undefined;
  const time = clock.run(
    () => world?.busy(),
    () => {
      if (happenings > 0 && random.chance(0.5)) happen();
    },
  );
  const caughtUp = new AbortController();
  const checkEnd = () => {
    const head = progress.head?.hash;
    if (calm && head === chain.best.hash && progress.finalized?.hash === chain.finalized.hash)
      caughtUp.abort();
  };
  const observer = {
    opened: progress.opened.bind(progress),
    seen: progress.seen.bind(progress),
    appended: (...told: Parameters<Progress["appended"]>) => {
      progress.appended(...told);
      checkEnd();
    },
    finalizedTo: (point: Parameters<Progress["finalizedTo"]>[0]) => {
      progress.finalizedTo(point);
      checkEnd();
    },
    rolledBack: progress.rolledBack.bind(progress),
  };
  const abis = new AbiLibrary(chain.bundles);
  try {
    while (!caughtUp.signal.aborted) {
      trial.lives++;
      world = new FaultyWorld(chain, pool, random, rates, () => {
        if (happenings > 0 && random.chance(0.05)) happen();
        checkEnd();
      });
      const life = world;
      try {
        await runIndexer(
          {
            database: { pool: life.pool, failed: new Promise<never>(() => undefined) },
            subject,
            abis,
            reducers,
            connect: () => life.rpc(),
            limits: LIMITS,
            clock,
            random: () => 0.5,
            observer,
            log: silent,
            runtimes,
          },
          caughtUp.signal,
        );
      } catch (error) {
        if (!life.killed) throw error;
      }
      await life.bury();
      trial.statements += life.statements;
    }
  } finally {
    clock.stop();
    await time;
  }
  Object.assign(trial, {
    height: chain.best.height,
    rollbacks: progress.rollbacks,
    deepestRollback: progress.deepestRollback,
    events: progress.events,
    problems: progress.problems,
  });
  return { chain, trial };
}

/** Indexes a chain that stands still, without faults, into empty tables: what every run must end with. */
export async function indexCalmly(chain: FakeChain, pool: pg.Pool): Promise<void> {
  await emptyTables(pool);
  const clock = new SimulatedClock();
  const progress = new Progress(clock);
  const world = new FaultyWorld(
    chain,
    pool,
    new SeededRandom(0),
    () => NO_FAULTS,
    () => undefined,
  );
  const stop = new AbortController();
  const time = clock.run(
    () => world.busy(),
    () => {
      if (progress.head?.hash === chain.best.hash && progress.finalized?.hash === chain.finalized.hash)
        stop.abort();
    },
  );
  try {
    await runIndexer(
      {
        database: { pool: world.pool, failed: new Promise<never>(() => undefined) },
        subject,
        abis: new AbiLibrary(chain.bundles),
        reducers,
        connect: () => world.rpc(),
        limits: LIMITS,
        clock,
        random: () => 0.5,
        observer: progress,
        log: silent,
        runtimes,
      },
      stop.signal,
    );
  } finally {
    clock.stop();
    await time;
  }
}
