import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { ApiPromise, WsProvider } from "@polkadot/api";
import type { ApiOptions } from "@polkadot/api/types";
import type { Json } from "../json.ts";
import { askFrame, askHttp, frames, httpRequests } from "./frames.ts";
import { genesisCalls, runScenario } from "./scenario.ts";
import type { Tape } from "./tape.ts";

/**
 * Asks a node everything of scenario.ts and frames.ts and writes down what it says.
 * @param url WebSocket address of a fresh node (`--dev`, block 0)
 */
export async function recordTape(url: string): Promise<Tape> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`no node at ${url}`));
  });
  const entries: Tape["entries"] = [];
  const notifications: Tape["notifications"] = {};
  const waiting = new Map<number, (answer: Json) => void>();
  const names = new Map<string, string>();
  const early: { subscription: string; result: Json }[] = [];
  let listeners: (() => void)[] = [];
  let lastId = 0;

  function note({ subscription, result }: { subscription: string; result: Json }): boolean {
    const name = names.get(subscription);
    if (name === undefined) return false;
    notifications[name]?.push(result as never);
    for (const listener of [...listeners]) listener();
    return true;
  }

  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data));
    if (message.id === undefined) {
      if (!note(message.params)) early.push(message.params);
      return;
    }
    const { jsonrpc: _, id, ...answer } = message;
    waiting.get(id)?.(answer);
    waiting.delete(id);
  };

  function ask(method: string, params: Json[]): Promise<Json> {
    lastId += 1;
    const id = lastId;
    const ids = new Map([...names].map(([subscription, name]) => [`$${name}`, subscription]));
    const real = params.map((param) => (typeof param === "string" ? (ids.get(param) ?? param) : param));
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params: real }));
    });
  }

  async function call(method: string, ...params: Json[]): Promise<Json> {
    const answer = await ask(method, params);
    entries.push({ kind: "call", method, params, answer } as Tape["entries"][number]);
    return answer;
  }

  async function subscribe(name: string, method: string, ...params: Json[]): Promise<void> {
    const entry = { kind: "subscribe" as const, name, method, params, error: null as Json };
    entries.push(entry as Tape["entries"][number]);
    notifications[name] ??= [];
    const answer = (await ask(method, params)) as { result?: string; error?: Json };
    if (answer.result === undefined) {
      entry.error = answer.error ?? null;
      return;
    }
    names.set(answer.result, name);
    for (const one of early.splice(0)) if (!note(one)) early.push(one);
  }

  /** Resolves when the named subscription was told something for which `test` is true. */
  function until(name: string, test: (result: Json) => boolean): Promise<Json> {
    return new Promise((resolve) => {
      const check = () => {
        const found = notifications[name]?.find((result) => test(result as Json));
        if (found === undefined) return;
        listeners = listeners.filter((listener) => listener !== check);
        resolve(found as Json);
      };
      listeners.push(check);
      check();
    });
  }

  // The class leaves an optional member undefined, which exactOptionalPropertyTypes does not take for absent.
  const provider = new WsProvider(url) as ApiOptions["provider"] & object;
  const api = await ApiPromise.create({ provider, noInitWarn: true });
  const blocks = JSON.parse(
    gunzipSync(
      readFileSync(new URL("../../../../test/fixtures/reference-blocks.json.gz", import.meta.url)),
    ).toString(),
  ) as { extrinsics: string[] }[];

  async function block(hash: string): Promise<void> {
    const apiAt = await api.at(hash);
    const timestamp = (await apiAt.query.timestamp!.now!()) as unknown as { toNumber(): number };
    // The block came after whatever was asked last.
    entries.push({ kind: "block", hash, timestamp: timestamp.toNumber() });
  }

  const frameAnswers: Tape["frames"] = [];
  for (const frame of frames) frameAnswers.push({ frame, answers: await askFrame(url, frame, 200) });
  const http: Tape["http"] = [];
  for (const request of httpRequests) http.push(await askHttp(url.replace(/^ws/, "http"), request));

  for (const [method, ...params] of genesisCalls) await call(method, ...params);
  await runScenario({
    api,
    instantiateFlipper: blocks[33]!.extrinsics[1]!,
    call,
    subscribe,
    until,
    block,
    final: (hash) => entries.push({ kind: "final", hash }),
  });

  const version = (await ask("system_version", [])) as { result: string };
  socket.close();
  await api.disconnect();
  return { node: version.result, entries, notifications, frames: frameAnswers, http };
}
