import { z } from "zod";
import type { Clock } from "../clock.ts";
import {
  ArchiveMissing,
  ForkChanged,
  IndexerError,
  isRetryable,
  NodeAnswerInvalid,
  NodeUnavailable,
} from "../errors.ts";
import type { BlockPoint, ContractBlock } from "./block.ts";
import { type Rpc, RpcError } from "./rpc.ts";
import { type RuntimeDecoder, type RuntimeLibrary, SYSTEM_EVENTS_KEY } from "./runtime.ts";

const hashSchema = z.string().regex(/^0x[0-9a-f]{64}$/);
const hexSchema = z.custom<`0x${string}`>(
  (value) => typeof value === "string" && /^0x[0-9a-f]*$/.test(value),
);
const headerSchema = z.object({ number: z.string().transform(Number), parentHash: hashSchema });
const blockSchema = z.object({ block: z.object({ header: headerSchema, extrinsics: z.array(hexSchema) }) });
const versionSchema = z.object({ specVersion: z.number() });
const healthSchema = z.object({ isSyncing: z.boolean() });

/** How a source reads. */
export interface SourceLimits {
  /** Blocks asked for together. */
  chunk: number;
  /** Chunks read before the writer asks for them. Memory is bounded by `chunk * ahead` blocks. */
  ahead: number;
  /** After this many ms without an answer a request counts as lost. */
  timeoutMs: number;
  /** Attempts for one request before the error is passed on. */
  attempts: number;
}

/** Head and finalised head. */
export interface Tip {
  best: BlockPoint;
  finalized: BlockPoint;
}

/** -32000..-32099 and these are the server's own troubles; other codes say that the request is wrong. */
const TRANSIENT_CODES = new Set([-32603, -32604, -32000, -32001, -32002, -32003, -32005, -32007, -32009]);

/** Reads one chain. */
export class ChainSource {
  readonly #rpc: Rpc;
  readonly #contracts: ReadonlySet<string>;
  readonly #clock: Clock;
  readonly #limits: SourceLimits;
  readonly #runtimes: RuntimeLibrary;
  readonly #decoders = new Map<number, Promise<RuntimeDecoder>>();

  /** @param contracts SS58 addresses whose events are wanted. */
  constructor(
    rpc: Rpc,
    contracts: ReadonlySet<string>,
    clock: Clock,
    limits: SourceLimits,
    runtimes: RuntimeLibrary,
  ) {
    this.#runtimes = runtimes;
    this.#rpc = rpc;
    this.#contracts = contracts;
    this.#clock = clock;
    this.#limits = limits;
  }

  async genesis(): Promise<string> {
    const hash = await this.hashAt(0);
    if (hash === null) throw new NodeAnswerInvalid("it has no block 0");
    return hash;
  }

  /** Hash of the block at a height of the best chain; null beyond its head. */
  async hashAt(height: number): Promise<string | null> {
    return this.#ask("chain_getBlockHash", [height], hashSchema.nullable());
  }

  async tip(): Promise<Tip> {
    const [best, finalized] = await Promise.all([
      this.#ask("chain_getHeader", [], headerSchema),
      this.#ask("chain_getFinalizedHead", [], hashSchema),
    ]);
    const [bestHash, finalizedHeader] = await Promise.all([
      this.hashAt(best.number),
      this.#ask("chain_getHeader", [finalized], headerSchema.nullable()),
    ]);
    if (bestHash === null || finalizedHeader === null) throw new ForkChanged(best.number);
    return {
      best: { height: best.number, hash: bestHash },
      finalized: { height: finalizedHeader.number, hash: finalized },
    };
  }

  /** Whether the node itself says that it is behind its peers. */
  async isSyncing(): Promise<boolean> {
    return (await this.#ask("system_health", [], healthSchema)).isSyncing;
  }

  /**
   * Blocks `from..=to` of the best chain in order, a chunk at a time, read ahead of the caller. Each block's
   * parent is the one before it; the first one's parent is for the caller to compare.
   *
   * @throws ForkChanged when the chain was reorganised meanwhile; ArchiveMissing; NodeUnavailable.
   */
  async *blocks(from: number, to: number): AsyncGenerator<ContractBlock[], void, void> {
    const waiting: Promise<ContractBlock[]>[] = [];
    let next = from;
    while (next <= to || waiting.length > 0) {
      while (waiting.length < this.#limits.ahead && next <= to) {
        const last = Math.min(next + this.#limits.chunk - 1, to);
        const chunk = this.#chunk(next, last);
        // When an earlier chunk fails, nobody awaits this one; its own failure is then of no interest.
        chunk.catch(() => undefined);
        waiting.push(chunk);
        next = last + 1;
      }
      const chunk = await waiting.shift();
      if (chunk !== undefined && chunk.length > 0) yield chunk;
    }
  }

  async #chunk(from: number, to: number): Promise<ContractBlock[]> {
    const heights = Array.from({ length: to - from + 2 }, (_, index) => Math.max(from - 1 + index, 0));
    const hashes = await this.#ask("chain_getBlockHash", [heights], z.array(hashSchema.nullable()));
    const known = hashes.map((hash, index) => {
      if (hash === null) throw new ForkChanged(heights[index]!);
      return hash;
    });
    // A block is executed, and its events are encoded, by the runtime in its parent's state.
    const versions = await Promise.all([this.#specVersion(known[0]!), this.#specVersion(known.at(-2)!)]);
    const uniform = versions[0] === versions[1];
    return Promise.all(
      known.slice(1).map(async (hash, index) => {
        const parent = known[index]!;
        const version = uniform ? versions[0] : await this.#specVersion(parent);
        const [decoder, raw, events] = await Promise.all([
          this.#decoder(version, parent),
          this.#ask("chain_getBlock", [hash], blockSchema.nullable()),
          this.#events(from + index, hash),
        ]);
        const height = from + index;
        if (raw === null) throw new ForkChanged(height);
        const { header, extrinsics } = raw.block;
        if (header.number !== height || (height > 0 && header.parentHash !== parent))
          throw new ForkChanged(height);
        try {
          return decoder.decode(
            { height, hash, parentHash: header.parentHash, extrinsics, events },
            this.#contracts,
          );
        } catch (error) {
          throw new NodeAnswerInvalid(`block ${height} ${hash} of runtime version ${version}`, error);
        }
      }),
    );
  }

  async #events(height: number, hash: string): Promise<string | null> {
    try {
      return await this.#ask("state_getStorage", [SYSTEM_EVENTS_KEY, hash], hexSchema.nullable());
    } catch (error) {
      const cause = error instanceof IndexerError ? error.cause : undefined;
      if (cause instanceof RpcError && /state already discarded/i.test(cause.message)) {
        throw new ArchiveMissing(height, cause);
      }
      throw error;
    }
  }

  async #specVersion(hash: string): Promise<number> {
    return (await this.#ask("state_getRuntimeVersion", [hash], versionSchema)).specVersion;
  }

  #decoder(version: number, at: string): Promise<RuntimeDecoder> {
    let decoder = this.#decoders.get(version);
    if (!decoder) {
      decoder = this.#ask("state_getMetadata", [at], hexSchema).then((metadata) =>
        this.#runtimes.get(metadata),
      );
      this.#decoders.set(version, decoder);
      decoder.catch(() => this.#decoders.delete(version));
    }
    return decoder;
  }

  async #ask<T extends z.ZodType>(method: string, parameters: unknown[], schema: T): Promise<z.infer<T>> {
    for (let attempt = 1; ; attempt++) {
      try {
        const parsed = schema.safeParse(await this.#once(method, parameters));
        if (!parsed.success) throw new NodeAnswerInvalid(method, parsed.error);
        return parsed.data;
      } catch (error) {
        const failure = classify(method, error);
        if (!isRetryable(failure) || attempt >= this.#limits.attempts) throw failure;
        await this.#clock.sleep(BACKOFF_MS * 2 ** (attempt - 1));
      }
    }
  }

  async #once(method: string, parameters: unknown[]): Promise<unknown> {
    const done = new AbortController();
    const timeout = this.#clock.sleep(this.#limits.timeoutMs, done.signal).then(() => {
      if (!done.signal.aborted) throw new NodeUnavailable(`${method} took over ${this.#limits.timeoutMs} ms`);
    });
    try {
      return await Promise.race([this.#rpc.send(method, parameters), timeout]);
    } finally {
      done.abort();
      // Its rejection lost the race, or was thrown already.
      timeout.catch(() => undefined);
    }
  }
}

/** First pause before a request is repeated; it doubles with each attempt. */
const BACKOFF_MS = 20;

function classify(method: string, error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  const cause = `${method}: ${error.code} ${error.message}`;
  // 4003 covers a block that a reorganisation removed as well as state that was pruned.
  if (TRANSIENT_CODES.has(error.code)) return new NodeUnavailable(cause, error);
  return new IndexerError(`The node refused ${cause}`, {
    retryable: error.code === 4003 && !/state already discarded/i.test(error.message),
    advice: "Check that the node is a Substrate node with pallet-contracts and an archive of all state.",
    cause: error,
  });
}
