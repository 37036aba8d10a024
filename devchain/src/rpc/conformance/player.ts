import { createChain } from "../../index.ts";
import { ChainNode } from "../../node/node.ts";
import { toRpcError } from "../errors.ts";
import type { Json } from "../json.ts";
import { methodTable } from "../methods/table.ts";
import { RpcSession } from "../session.ts";
import { comparable, type Tape } from "./tape.ts";

export interface Comparison {
  readonly title: string;
  readonly expected: Json;
  readonly actual: Json;
}

/** What became of a tape when it was played here. */
export interface Playback {
  /** Calls, refused subscriptions and blocks whose answer or hash was another one. */
  readonly different: readonly Comparison[];
  readonly compared: number;
  /** What each subscription was told, by name. */
  readonly told: ReadonlyMap<string, readonly Json[]>;
}

/** Asks this package what a node was asked; blocks get the timestamps of the recorded ones. */
export async function playTape(tape: Tape): Promise<Playback> {
  const comparisons: Comparison[] = [];
  const told = new Map<string, Json[]>();
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
  const different = comparisons.filter(
    ({ expected, actual }) => JSON.stringify(sorted(expected)) !== JSON.stringify(sorted(actual)),
  );
  return { different, compared: comparisons.length, told };
}

/** Member order means nothing in JSON. */
function sorted(value: Json): Json {
  return JSON.parse(JSON.stringify(value ?? null), (_, inner: Json) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) as Json;
}
