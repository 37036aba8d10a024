/** The recorded answers of the real node, asked again here: block by block the same hashes, call by call the same JSON. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { createChain } from "../../index.ts";
import { ChainNode } from "../../node/node.ts";
import { toRpcError } from "../errors.ts";
import type { Json } from "../json.ts";
import { methodTable } from "../methods/table.ts";
import { RpcSession } from "../session.ts";
import { comparable, type Tape, tapeSchema } from "./tape.ts";

const tape: Tape = tapeSchema.parse(
  JSON.parse(
    gunzipSync(readFileSync(new URL("../fixtures/node-answers.json.gz", import.meta.url))).toString(),
  ),
);

interface Comparison {
  readonly title: string;
  readonly expected: Json;
  readonly actual: Json;
}

const comparisons: Comparison[] = [];
const told = new Map<string, Json[]>();

beforeAll(async () => {
  const node = new ChainNode({ chain: await createChain(), sealing: { mode: "manual" }, finality: "held" });
  const names = new Map<string, string>();
  const early: { subscription: string; result: Json }[] = [];
  const note = (params: { subscription: string; result: Json }) => {
    const name = names.get(params.subscription);
    if (name === undefined) early.push(params);
    else told.get(name)?.push(params.result);
  };
  const session = new RpcSession({
    node,
    methods: methodTable(),
    notify: (text) => note((JSON.parse(text) as { params: { subscription: string; result: Json } }).params),
  });
  const ask = (method: string, params: Json[]): Json => {
    const ids = new Map([...names].map(([id, name]) => [`$${name}`, id]));
    const real = params.map((param) => (typeof param === "string" ? (ids.get(param) ?? param) : param));
    try {
      return { result: session.call(method, real) };
    } catch (error) {
      const { code, message, data } = toRpcError(error);
      return { error: data === undefined ? { code, message } : { code, message, data } };
    }
  };
  for (const [index, entry] of tape.entries.entries()) {
    if (entry.kind === "block") {
      const { block } = node.seal({ timestamp: entry.timestamp });
      comparisons.push({ title: `block ${block.number}`, expected: entry.hash, actual: block.hash });
    } else if (entry.kind === "final") {
      node.finalize(entry.hash as `0x${string}`);
    } else if (entry.kind === "subscribe") {
      told.set(entry.name, []);
      const answer = ask(entry.method, entry.params as Json[]) as { result?: string; error?: Json };
      if (answer.result !== undefined) names.set(answer.result, entry.name);
      for (const one of early.splice(0)) note(one);
      const title = `${index} ${entry.method} (${entry.name})`;
      comparisons.push({ title, expected: entry.error as Json, actual: answer.error ?? null });
    } else {
      const { method } = entry;
      comparisons.push({
        title: `${index} ${method} ${JSON.stringify(entry.params).slice(0, 120)}`,
        expected: comparable(method, entry.answer as Json),
        actual: comparable(method, ask(method, entry.params as Json[])),
      });
    }
  }
  session.close();
  node.close();
});

describe(`Recorded answers of substrate-contracts-node ${tape.node}`, () => {
  test("every call is answered with the same JSON, every block has the same hash", () => {
    expect(comparisons.length).toBeGreaterThan(250);
    const different = comparisons.filter(
      ({ expected, actual }) => JSON.stringify(sorted(expected)) !== JSON.stringify(sorted(actual)),
    );
    expect(different).toEqual([]);
  });

  test.each(Object.keys(tape.notifications))(
    "subscription %s is told the same, in the same order",
    (name) => {
      expect(told.get(name)).toEqual(tape.notifications[name]);
    },
  );

  test("every method of the node is there", () => {
    const recorded = tape.entries.find((entry) => entry.kind === "call" && entry.method === "rpc_methods");
    const { result } = (recorded as unknown as { answer: { result: { methods: string[] } } }).answer;
    const ours = methodTable();
    expect(result.methods.filter((method) => !ours.has(method))).toEqual([]);
  });
});

/** Member order means nothing in JSON. */
function sorted(value: Json): Json {
  return JSON.parse(JSON.stringify(value ?? null), (_, inner: Json) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) as Json;
}
