import { asc, eq, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import type { AbiLibrary } from "../chain/abi.ts";
import type { BlockPoint, ContractBlock } from "../chain/block.ts";
import { databaseError } from "../database/failure.ts";
import type { Queries } from "../database/open.ts";
import { HEIGHT_SETTING } from "../database/reversal.ts";
import { RowCache, TableAccess } from "../database/row-cache.ts";
import * as schema from "../database/schema/index.ts";
import { DatabaseInUse, OtherChain, OtherDeployment } from "../errors.ts";
import { type EventRecord, projectBlock } from "../projections/project.ts";
import type { Reducers } from "../projections/reducer.ts";
import { positionOf, type RowOf } from "../projections/rows.ts";
import { subjectOf } from "../projections/subject.ts";

export type Cursor = RowOf<typeof schema.cursor>;

/** The contracts to be indexed. */
export interface Subject {
  genesis: string;
  /** By name: SS58 address, code at instantiation, height of instantiation. */
  contracts: Readonly<Record<string, { address: string; codeHash: string; block: number }>>;
}

/** What one transaction wrote. */
export interface Written {
  blocks: number;
  events: number;
  /** Events that could not be decoded or applied. */
  problems: number;
}

const raw = {
  blocks: new TableAccess(schema.blocks),
  extrinsics: new TableAccess(schema.extrinsics),
  contractEvents: new TableAccess(schema.contractEvents),
};

/** Writes the tables. One call at a time; each is one transaction that also moves the cursor. */
export class Store {
  readonly #pool: pg.Pool;
  readonly #abis: AbiLibrary;
  readonly #reducers: Readonly<Record<string, Reducers>>;
  readonly #cache = new RowCache();
  #cursor: Cursor | undefined;

  constructor(pool: pg.Pool, abis: AbiLibrary, reducers: Readonly<Record<string, Reducers>>) {
    this.#pool = pool;
    this.#abis = abis;
    this.#reducers = reducers;
  }

  /** How far the tables are. */
  get cursor(): Cursor {
    if (!this.#cursor) throw new Error("the store is not open");
    return this.#cursor;
  }

  /**
   * Reads the cursor, or begins one before the first contract's block.
   *
   * @param parentOfStart the block below the first one to be indexed
   * @throws OtherChain, OtherDeployment
   */
  async open(subject: Subject, parentOfStart: (height: number) => Promise<string>): Promise<Cursor> {
    const deployed = Object.entries(subject.contracts);
    const start = Math.max(1, Math.min(...deployed.map(([, { block }]) => block)));
    const known = await this.#read((queries) => queries.select().from(schema.cursor));
    if (known[0]) {
      if (known[0].genesis !== subject.genesis) {
        throw new OtherChain("the database", known[0].genesis, subject.genesis);
      }
      const stored = await this.#read((queries) => queries.select().from(schema.contracts));
      for (const [name, { address }] of deployed) {
        const before = stored.find((contract) => contract.name === name)?.address ?? "(no address)";
        if (before !== address) throw new OtherDeployment(name, before, address);
      }
      this.#cursor = known[0];
      return known[0];
    }
    const before: BlockPoint = { height: start - 1, hash: await parentOfStart(start - 1) };
    const first: Cursor = {
      id: 1,
      genesis: subject.genesis,
      start,
      height: before.height,
      hash: before.hash,
      finalizedHeight: before.height,
      finalizedHash: before.hash,
    };
    await this.#write(async (queries) => {
      await queries.insert(schema.cursor).values(first);
      for (const [name, { address, codeHash, block }] of deployed) {
        await queries.insert(schema.contracts).values({ address, name, codeHash, since: block });
        await queries.insert(schema.contractCodes).values({ address, position: 0, codeHash });
      }
    });
    this.#cursor = first;
    return first;
  }

  /** Hash of an indexed block; the cursor's own base counts as indexed. */
  async hashAt(height: number): Promise<string | null> {
    const { cursor } = this;
    if (height === cursor.height) return cursor.hash;
    if (height === cursor.finalizedHeight) return cursor.finalizedHash;
    const [found] = await this.#read((queries) =>
      queries
        .select({ hash: schema.blocks.hash })
        .from(schema.blocks)
        .where(eq(schema.blocks.height, height)),
    );
    return found?.hash ?? null;
  }

  /**
   * Appends blocks, each the child of the one before and the first the child of the cursor.
   *
   * @param final no way back is recorded: the blocks can never be undone
   */
  async append(blocks: ContractBlock[], final: boolean): Promise<Written> {
    const last = blocks.at(-1);
    if (!last) return { blocks: 0, events: 0, problems: 0 };
    const { cursor } = this;
    let previous = cursor.hash;
    for (const block of blocks) {
      if (block.parentHash !== previous) throw new Error(`block ${block.height} does not follow ${previous}`);
      previous = block.hash;
    }
    if (!final && blocks.length !== 1) throw new Error("blocks that can be undone are written one by one");
    const next: Cursor = {
      ...cursor,
      height: last.height,
      hash: last.hash,
      ...(final ? { finalizedHeight: last.height, finalizedHash: last.hash } : {}),
    };
    const written: Written = { blocks: blocks.length, events: 0, problems: 0 };
    await this.#write(async (queries, client) => {
      this.#cache.begin(queries, client);
      if (!final)
        await client.query("SELECT set_config($1, $2, true)", [HEIGHT_SETTING, String(last.height)]);
      const events: RowOf<typeof schema.contractEvents>[] = [];
      const extrinsics: RowOf<typeof schema.extrinsics>[] = [];
      for (const block of blocks) {
        const projected = await projectBlock(block, this.#cache, this.#abis, this.#reducers);
        for (const record of projected.events) events.push(eventRow(block, record));
        extrinsics.push(...extrinsicRows(block, projected.messages));
      }
      written.events = events.length;
      written.problems = events.filter(({ problem }) => problem !== null).length;
      await this.#cache.flush();
      await raw.blocks.write(client, blocks.map(blockRow), "insert");
      await raw.extrinsics.write(client, extrinsics, "insert");
      await raw.contractEvents.write(client, events, "insert");
      await moveCursor(client, cursor, next);
    });
    this.#cache.end();
    this.#cursor = next;
    return written;
  }

  /** Takes back every block above `point`, which must not be below the finalised one. */
  async rollBack(point: BlockPoint): Promise<void> {
    const { cursor } = this;
    if (point.height < cursor.finalizedHeight) throw new Error(`block ${cursor.finalizedHeight} is final`);
    const next: Cursor = { ...cursor, height: point.height, hash: point.hash };
    this.#cache.forget();
    await this.#write(async (_queries, client) => {
      await client.query("SELECT roll_back($1)", [point.height]);
      await moveCursor(client, cursor, next);
    });
    this.#cursor = next;
  }

  /** Marks blocks up to `point`, which is indexed, as final: their way back is dropped. */
  async finalize(point: BlockPoint): Promise<void> {
    const { cursor } = this;
    const next: Cursor = { ...cursor, finalizedHeight: point.height, finalizedHash: point.hash };
    await this.#write(async (_queries, client) => {
      await client.query("DELETE FROM undo WHERE height <= $1", [point.height]);
      await moveCursor(client, cursor, next);
    });
    this.#cursor = next;
  }

  /** Blocks above the finalised one, lowest first. */
  async unfinalized(): Promise<BlockPoint[]> {
    const { finalizedHeight } = this.cursor;
    const rows = await this.#read((queries) =>
      queries
        .select({ height: schema.blocks.height, hash: schema.blocks.hash })
        .from(schema.blocks)
        .where(gt(schema.blocks.height, finalizedHeight))
        .orderBy(asc(schema.blocks.height)),
    );
    return rows;
  }

  async #read<T>(query: (queries: Queries) => Promise<T>): Promise<T> {
    try {
      return await query(drizzle(this.#pool));
    } catch (error) {
      throw databaseError(error);
    }
  }

  async #write(work: (queries: Queries, client: pg.PoolClient) => Promise<void>): Promise<void> {
    let client: pg.PoolClient | undefined;
    try {
      client = await this.#pool.connect();
      await client.query("BEGIN");
      await work(drizzle(client), client);
      await client.query("COMMIT");
      client.release();
    } catch (error) {
      // Whether a failed commit took effect is not known: what is in memory may be ahead or behind.
      this.#cache.forget();
      this.#cursor = undefined;
      await abandon(client);
      throw databaseError(error);
    }
  }
}

/** Rolls back; a connection that cannot even do that is thrown away. */
async function abandon(client: pg.PoolClient | undefined): Promise<void> {
  if (!client) return;
  try {
    await client.query("ROLLBACK");
    client.release();
  } catch (error) {
    client.release(error instanceof Error ? error : true);
  }
}

/** The second guard against two writers: the cursor moves only from where this process left it. */
async function moveCursor(client: pg.PoolClient, from: Cursor, to: Cursor): Promise<void> {
  const moved = await client.query(
    `UPDATE cursor SET height = $1, hash = $2, finalized_height = $3, finalized_hash = $4
     WHERE hash = $5 AND finalized_hash = $6`,
    [to.height, to.hash, to.finalizedHeight, to.finalizedHash, from.hash, from.finalizedHash],
  );
  if (moved.rowCount !== 1) throw new DatabaseInUse("(its cursor was moved by another process)");
}

function blockRow({ height, hash, parentHash, timestamp }: ContractBlock): RowOf<typeof schema.blocks> {
  return { height, hash, parentHash, timestamp };
}

function extrinsicRows(
  { hash: blockHash, height, extrinsics }: ContractBlock,
  messages: ReadonlyMap<number, string>,
): RowOf<typeof schema.extrinsics>[] {
  return extrinsics.map(({ selector: _, ...extrinsic }) => ({
    ...extrinsic,
    blockHash,
    height,
    message: messages.get(extrinsic.index) ?? null,
  }));
}

function eventRow(block: ContractBlock, record: EventRecord): RowOf<typeof schema.contractEvents> {
  return {
    blockHash: block.hash,
    index: record.index,
    height: block.height,
    position: positionOf(block.height, record.index),
    timestamp: block.timestamp,
    signer: block.extrinsics.find(({ index }) => index === record.extrinsicIndex)?.signer ?? null,
    extrinsicIndex: record.extrinsicIndex,
    address: record.contract,
    contract: record.contractName,
    codeHash: record.codeHash,
    topics: record.topics,
    data: record.data,
    name: record.decoded?.name ?? null,
    fields: record.decoded?.fields ?? null,
    subject: record.decoded === null ? null : subjectOf(record.decoded.fields),
    problem: record.problem,
  };
}
