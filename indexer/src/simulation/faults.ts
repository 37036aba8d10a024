import type pg from "pg";
import { type Rpc, RpcError } from "../chain/rpc.ts";
import { DatabaseUnavailable, NodeUnavailable } from "../errors.ts";
import type { FakeChain } from "../testing/fake-chain.ts";
import type { SeededRandom } from "../testing/random.ts";

/** How often what goes wrong; 0 to 1, for each request, statement or head. */
export interface FaultRates {
  rpcError: number;
  rpcSilence: number;
  rpcDisconnect: number;
  /** The node answers with a head that is not the newest. */
  staleHead: number;
  headLost: number;
  headRepeated: number;
  databaseError: number;
  /** The process dies at a statement. */
  kill: number;
}

export const NO_FAULTS: FaultRates = {
  rpcError: 0,
  rpcSilence: 0,
  rpcDisconnect: 0,
  staleHead: 0,
  headLost: 0,
  headRepeated: 0,
  databaseError: 0,
  kill: 0,
};

/** The process is dead: whatever it still tries comes to nothing. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** What a process has of the outside world, with faults; one for each life of the process. */
export class FaultyWorld {
  readonly #chain: FakeChain;
  readonly #pool: pg.Pool;
  readonly #random: SeededRandom;
  readonly #rates: () => FaultRates;
  readonly #onRequest: () => void;
  readonly #open = new Set<pg.PoolClient>();
  #running = 0;
  #idle: PromiseWithResolvers<void> | undefined;
  killed = false;
  statements = 0;

  constructor(
    chain: FakeChain,
    pool: pg.Pool,
    random: SeededRandom,
    rates: () => FaultRates,
    onRequest: () => void,
  ) {
    this.#chain = chain;
    this.#pool = pool;
    this.#random = random;
    this.#rates = rates;
    this.#onRequest = onRequest;
  }

  /** A promise while a statement runs. */
  busy(): Promise<void> | undefined {
    return this.#idle?.promise;
  }

  /** The database as the process sees it. */
  get pool(): pg.Pool {
    // A class of its own: Drizzle takes plain objects for its settings.
    return new FaultyPool(this) as unknown as pg.Pool;
  }

  async connect(): Promise<pg.PoolClient> {
    this.#refuseDead();
    const client = await this.#counted(() => this.#pool.connect());
    this.#open.add(client);
    return client;
  }

  release(client: pg.PoolClient, broken: boolean | Error | undefined): void {
    if (!this.#open.delete(client)) return;
    client.release(broken);
  }

  /** Runs a statement; it may fail before it runs, or after it ran, or be the process's last. */
  async statement<T>(run: () => Promise<T>): Promise<T> {
    this.#refuseDead();
    this.statements++;
    const rates = this.#rates();
    if (this.#random.chance(rates.kill)) {
      // Half of the deaths come after the statement took effect, before anyone could know.
      if (this.#random.chance(0.5)) await this.#counted(run);
      this.killed = true;
      throw new Killed();
    }
    const fails = this.#random.chance(rates.databaseError);
    if (fails && this.#random.chance(0.5)) throw new DatabaseUnavailable(new Error("injected before"));
    const result = await this.#counted(run);
    if (fails) throw new DatabaseUnavailable(new Error("injected after"));
    return result;
  }

  /** Ends the sessions of a dead process, as its server does when the connection breaks. */
  async bury(): Promise<void> {
    // Time stands still meanwhile, or the machine's speed would decide with the seed.
    await this.#counted(async () => {
      for (const client of this.#open) {
        await client.query("ROLLBACK");
        client.release();
      }
    });
    this.#open.clear();
  }

  /** A connection to the node. */
  async rpc(): Promise<Rpc> {
    this.#refuseDead();
    const closed = Promise.withResolvers<void>();
    let open = true;
    let forget = () => {};
    const close = () => {
      open = false;
      forget();
      closed.resolve();
    };
    return {
      closed: closed.promise,
      send: async (method, parameters) => {
        this.#refuseDead();
        if (!open) throw new NodeUnavailable("the connection is closed");
        this.#onRequest();
        const rates = this.#rates();
        if (this.#random.chance(rates.rpcDisconnect)) {
          close();
          throw new NodeUnavailable("the connection broke");
        }
        if (this.#random.chance(rates.rpcSilence)) return new Promise(() => undefined);
        if (this.#random.chance(rates.rpcError)) {
          throw this.#random.chance(0.5)
            ? new RpcError(-32603, "Internal error")
            : new NodeUnavailable("injected");
        }
        if (method === "chain_getHeader" && parameters.length === 0 && this.#random.chance(rates.staleHead)) {
          const height = Math.max(0, this.#chain.best.height - this.#random.between(1, 3));
          const hash = this.#chain.answer("chain_getBlockHash", [height]);
          return this.#chain.answer("chain_getHeader", [hash]);
        }
        return this.#chain.answer(method, parameters);
      },
      watchHeads: async (onHead) => {
        forget = this.#chain.onChange(() => {
          const rates = this.#rates();
          if (this.#random.chance(rates.headLost)) return;
          onHead();
          if (this.#random.chance(rates.headRepeated)) onHead();
        });
      },
      close: async () => close(),
    };
  }

  #refuseDead(): void {
    if (this.killed) throw new Killed();
  }

  async #counted<T>(run: () => Promise<T>): Promise<T> {
    if (this.#running++ === 0) this.#idle = Promise.withResolvers();
    try {
      return await run();
    } finally {
      if (--this.#running === 0) {
        this.#idle?.resolve();
        this.#idle = undefined;
      }
    }
  }
}

/** The part of a pool that the writer uses. */
class FaultyPool {
  readonly #world: FaultyWorld;
  constructor(world: FaultyWorld) {
    this.#world = world;
  }

  async connect(): Promise<FaultyClient> {
    return new FaultyClient(this.#world, await this.#world.connect());
  }

  async query(...parameters: Parameters<FaultyClient["query"]>): Promise<unknown> {
    const client = await this.connect();
    try {
      return await client.query(...parameters);
    } finally {
      client.release();
    }
  }
}

class FaultyClient {
  readonly #world: FaultyWorld;
  readonly #client: pg.PoolClient;
  constructor(world: FaultyWorld, client: pg.PoolClient) {
    this.#world = world;
    this.#client = client;
  }

  query(statement: string | pg.QueryConfig, values?: unknown[]): Promise<unknown> {
    return this.#world.statement(() => this.#client.query(statement, values));
  }

  release(broken?: boolean | Error): void {
    if (!this.#world.killed) this.#world.release(this.#client, broken);
  }
}
