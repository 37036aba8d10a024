import SchemaBuilder from "@pothos/core";
import ComplexityPlugin from "@pothos/plugin-complexity";
import DataLoader from "dataloader";
import { GraphQLError, Kind } from "graphql";
import type { Reads } from "../database/reads.ts";
import type { Progress } from "../indexing/progress.ts";

/** What a resolver has. */
export interface GraphContext {
  reads: Reads;
  progress: Progress;
  loaders: Loaders;
}

/** Batches the rows that one request asks for by key; one set for each request. */
export class Loaders {
  readonly #reads: Reads;
  readonly #cache: boolean;
  readonly #loaders = new Map<unknown, DataLoader<string, unknown>>();

  /** @param cache false where one context outlives a height, as in a subscription. */
  constructor(reads: Reads, cache: boolean) {
    this.#reads = reads;
    this.#cache = cache;
  }

  /**
   * @param identity what is loaded: the same value gives the same loader
   * @param batch answers the keys in their order
   */
  get<V>(
    identity: unknown,
    batch: (keys: readonly string[], reads: Reads) => Promise<V[]>,
  ): DataLoader<string, V> {
    let loader = this.#loaders.get(identity) as DataLoader<string, V> | undefined;
    if (!loader) {
      loader = new DataLoader<string, V>((keys) => batch(keys, this.#reads), { cache: this.#cache });
      this.#loaders.set(identity, loader as DataLoader<string, unknown>);
    }
    return loader;
  }
}

/** Limits of one query; a wallet's busiest page needs a quarter of them. */
export const QUERY_LIMITS = { depth: 10, breadth: 300, complexity: 8_000 } as const;

export const builder = new SchemaBuilder<{
  Context: GraphContext;
  DefaultFieldNullability: false;
  Scalars: {
    Amount: { Input: bigint; Output: bigint };
    Long: { Input: number; Output: number };
    Timestamp: { Input: bigint; Output: bigint | number };
    JSON: { Input: unknown; Output: unknown };
  };
}>({
  defaultFieldNullability: false,
  plugins: [ComplexityPlugin],
  complexity: { defaultComplexity: 1, defaultListMultiplier: 10, limit: QUERY_LIMITS },
});

const refuse = (what: string): never => {
  throw new GraphQLError(what, { extensions: { code: "BAD_USER_INPUT" } });
};

const MAX_U128 = (1n << 128n) - 1n;

function naturalNumber(value: unknown, most: bigint, what: string): bigint {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || !/^\d{1,39}$/.test(text) || BigInt(text) > most) {
    return refuse(`${what} is a natural number up to ${most}`);
  }
  return BigInt(text);
}

const literalText = (node: { kind: string; value?: unknown }): unknown =>
  node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined;

builder.scalarType("Amount", {
  description: "A natural number up to 2^128-1 as decimal text: planck, or voice.",
  serialize: (value) => value.toString(),
  parseValue: (value) => naturalNumber(value, MAX_U128, "An Amount"),
  parseLiteral: (node) => naturalNumber(literalText(node), MAX_U128, "An Amount"),
});

builder.scalarType("Long", {
  description: "A natural number up to 2^53-1: heights and positions.",
  serialize: (value) => value,
  parseValue: (value) => Number(naturalNumber(value, BigInt(Number.MAX_SAFE_INTEGER), "A Long")),
  parseLiteral: (node) => Number(naturalNumber(literalText(node), BigInt(Number.MAX_SAFE_INTEGER), "A Long")),
});

const MAX_U64 = (1n << 64n) - 1n;

builder.scalarType("Timestamp", {
  description: "Milliseconds since 1970 as a number; later times than 2^53-1 are given as that.",
  serialize: (value) => (value > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(value)),
  parseValue: (value) => naturalNumber(value, MAX_U64, "A Timestamp"),
  parseLiteral: (node) => naturalNumber(literalText(node), MAX_U64, "A Timestamp"),
});

builder.scalarType("JSON", {
  description: "Any JSON value. Integers above 32 bits are decimal text.",
  serialize: (value) => value,
  parseValue: () => refuse("JSON is only given, never taken"),
  parseLiteral: () => refuse("JSON is only given, never taken"),
});

builder.queryType({ description: "What the chain's contracts have said, as of one block." });
builder.subscriptionType({ description: "The same, as it changes. Served as server-sent events." });
