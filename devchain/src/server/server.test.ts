/** What goes over the wire: the recorded frames and requests, limits, and clients that misbehave. */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket as Client } from "ws";
import { createChain } from "../index.ts";
import { ChainNode } from "../node/node.ts";
import { askFrame, askHttp, httpRequests, SENTINEL } from "../rpc/conformance/frames.ts";
import { tapeSchema } from "../rpc/conformance/tape.ts";
import { type RunningServer, startServer } from "./server.ts";

const tape = tapeSchema.parse(
  JSON.parse(
    gunzipSync(readFileSync(new URL("../rpc/fixtures/node-answers.json.gz", import.meta.url))).toString(),
  ),
);

let node: ChainNode;
let server: RunningServer;
let http: string;
const logged: string[] = [];
beforeAll(async () => {
  node = new ChainNode({ chain: await createChain(), sealing: { mode: "manual" } });
  const limits = { requestBytes: 1024 * 1024, unreadBytes: 1024 * 1024, connections: 50 };
  server = await startServer({ node, port: 0, limits, onRefusal: (line) => logged.push(line) });
  http = server.url.replace(/^ws/, "http");
});
afterAll(async () => {
  node.close();
  await server.close();
});

const HANDSHAKE =
  "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

const open = (): Promise<Client> =>
  new Promise((resolve, reject) => {
    const client = new Client(server.url);
    client.once("open", () => resolve(client));
    client.once("error", reject);
  });
const closed = (client: Client): Promise<number> =>
  new Promise((resolve) => client.once("close", (code) => resolve(code)));
const next = (client: Client): Promise<string> =>
  new Promise((resolve) => client.once("message", (data) => resolve(String(data))));
const ask = async (client: Client, method: string, params: unknown[] = []): Promise<unknown> => {
  const answer = next(client);
  client.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  return (JSON.parse(await answer) as { result: unknown }).result;
};

describe("The wire, as the real node's", () => {
  test.each(tape.frames)("frame $frame", async ({ frame, answers }) => {
    expect(await askFrame(server.url, frame)).toEqual(answers);
  });

  test.each(httpRequests.map((request, index) => ({ request, expected: tape.http[index] })))(
    "HTTP $request.method $request.path $request.body",
    async ({ request, expected }) => {
      expect(await askHttp(http, request)).toEqual(expected);
    },
  );

  test("text in binary messages is read too", async () => {
    const client = await open();
    const answer = next(client);
    client.send(Buffer.from(SENTINEL), { binary: true });
    expect(await answer).toContain("Development");
    client.close();
  });
});

describe("Limits", () => {
  test("a frame above the limit is answered with the node's error and the connection lives on", async () => {
    const client = await open();
    const answer = next(client);
    client.send(`"${"x".repeat(1024 * 1024)}"`);
    expect(JSON.parse(await answer)).toEqual({
      jsonrpc: "2.0",
      id: null,
      error: { code: -32007, message: "Request is too big", data: "Exceeded max limit of 1048576" },
    });
    expect(await ask(client, "system_chain")).toBe("Development");
    expect(logged).toContain("A client sent more than 1048576 bytes at once: answered with an error");
    client.close();
  });

  test("a 100 MB frame closes its connection without being kept", async () => {
    const client = await open();
    client.on("error", () => {});
    const code = closed(client);
    client.send(Buffer.alloc(100 * 1024 * 1024, 0x20));
    expect([1006, 1009]).toContain(await code);
    expect((await askFrame(server.url, SENTINEL)).length).toBe(0);
    expect(logged).toContain("A client's connection was closed: Max payload size exceeded");
  });

  test("an HTTP body above the limit is refused with 413", async () => {
    const response = await fetch(http, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "x".repeat(1024 * 1024 + 1),
    }).catch((error: unknown) => error);
    // The server may close before the client has sent everything; then there is no answer to see.
    if (response instanceof Response) expect(response.status).toBe(413);
    else expect(response).toBeInstanceOf(TypeError);
    expect(await askHttp(http, httpRequests[0]!)).toEqual(tape.http[0]);
  });

  test("more connections than allowed are refused; a place that is given back can be taken", async () => {
    const clients: Client[] = [];
    for (let i = 0; i < 50; i += 1) clients.push(await open());
    await expect(open()).rejects.toThrow("429");
    expect(logged).toContain("More than 50 WebSocket connections: answered with 429");
    const gone = closed(clients[0]!);
    clients[0]!.close();
    await gone;
    const again = await open();
    for (const client of [...clients, again]) client.terminate();
    await expect.poll(() => server.connections()).toBe(0);
  });

  test("of 10,000 connections a thousand are taken, each other is answered 429, one line is logged", async () => {
    const lines: string[] = [];
    const full = await startServer({ node, port: 0, onRefusal: (line) => lines.push(line) });
    const early = new Client(full.url);
    await new Promise((resolve) => early.once("open", resolve));
    const answers = new Map<string, number>();
    const sockets: Socket[] = [];
    const knock = () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(full.port, "127.0.0.1", () => socket.write(HANDSHAKE));
        sockets.push(socket);
        socket.once("error", reject);
        socket.once("data", (data) => {
          const status = data.toString().split(" ")[1] ?? "";
          answers.set(status, (answers.get(status) ?? 0) + 1);
          resolve();
        });
      });
    // A hundred knock at a time: the system's queue of unanswered connections is shorter than 10,000.
    let left = 10_000 - 1;
    const visitor = async () => {
      while (left-- > 0) await knock();
    };
    await Promise.all(Array.from({ length: 100 }, visitor));
    expect(Object.fromEntries(answers)).toEqual({ 101: 999, 429: 9000 });
    expect(full.connections()).toBe(1000);
    expect(await ask(early, "system_chain")).toBe("Development");
    expect(lines[0]).toBe("More than 1000 WebSocket connections: answered with 429");
    expect(lines.length).toBeLessThan(20);
    for (const socket of sockets) socket.destroy();
    early.terminate();
    await full.close();
  });

  test("connections that say nothing are bounded too, and those that speak are still answered", async () => {
    const lines: string[] = [];
    const limits = { connections: 10, otherConnections: 20 };
    const small = await startServer({ node, port: 0, limits, onRefusal: (line) => lines.push(line) });
    const early = new Client(small.url);
    await new Promise((resolve) => early.once("open", resolve));
    const silent = Array.from({ length: 100 }, () => connect(small.port, "127.0.0.1"));
    let dropped = 0;
    for (const socket of silent) socket.on("close", () => dropped++).on("error", () => undefined);
    await expect.poll(() => dropped, { timeout: 30_000 }).toBe(71);
    expect(await ask(early, "system_chain")).toBe("Development");
    expect(lines[0]).toBe("More than 30 TCP connections: closed without an answer");
    for (const socket of silent) socket.destroy();
    early.terminate();
    await small.close();
  });

  test("a subscriber that never reads is dropped instead of filling the memory", async () => {
    // A raw socket that stops reading after the handshake.
    const { port } = server;
    const socket = connect(port, "127.0.0.1");
    socket.write(HANDSHAKE);
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    const text = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"state_getMetadata"}');
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
    const gone = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    // Each answer has 400 kB; the kernel's buffers take a few megabytes before the server's grow.
    for (let i = 0; i < 200; i += 1) socket.write(frame);
    await expect.poll(() => server.connections(), { timeout: 60_000 }).toBe(0);
    socket.destroy();
    await gone;
    expect(logged).toContain("A client left 1048576 bytes unread: its connection was closed");
  });

  test("a batch whose answers exceed the limit is refused as a whole", async () => {
    const entry = { jsonrpc: "2.0", id: 1, method: "state_getMetadata" };
    const response = await askHttp(http, {
      ...httpRequests[0]!,
      body: JSON.stringify(Array.from({ length: 90 }, () => entry)),
    });
    expect(JSON.parse(response.body)).toMatchObject({ error: { code: -32011 } });
  });

  test("the 1025th subscription of a connection is refused", async () => {
    const client = await open();
    const answers: { error?: { code: number } }[] = [];
    const all = new Promise<void>((resolve) =>
      client.on("message", (data) => {
        const message = JSON.parse(String(data)) as { id?: number; error?: { code: number } };
        if (message.id === undefined) return;
        answers.push(message);
        if (answers.length === 1025) resolve();
      }),
    );
    for (let id = 0; id < 1025; id += 1)
      client.send(JSON.stringify({ jsonrpc: "2.0", id, method: "state_subscribeStorage", params: [[]] }));
    await all;
    expect(answers.filter(({ error }) => error).map(({ error }) => error?.code)).toEqual([-32006]);
    client.close();
  });
});

/** `FUZZED_FRAMES` sends more, in long runs. */
const FUZZED_FRAMES = Number(process.env["FUZZED_FRAMES"] ?? 2000);

describe("Fuzzed frames", () => {
  const methods = [
    "state_getStorage",
    "chain_getBlock",
    "state_call",
    "author_submitExtrinsic",
    "state_getKeysPaged",
    "chainHead_v1_follow",
    "chainHead_v1_storage",
    "archive_unstable_storage",
    "state_queryStorage",
    "dev_seal",
    "author_removeExtrinsic",
    "payment_queryInfo",
    "childstate_getKeys",
    "state_getReadProof",
    "system_dryRun",
    "transactionWatch_v1_submitAndWatch",
    "chain_getBlockHash",
    "dev_reorg",
    "dev_setSealing",
  ];
  const request = fc.record({
    jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant("2.0") }, { weight: 1, arbitrary: fc.jsonValue() }),
    id: fc.oneof({ weight: 9, arbitrary: fc.nat() }, { weight: 1, arbitrary: fc.jsonValue() }),
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...methods) },
      { weight: 1, arbitrary: fc.jsonValue() },
    ),
    params: fc.oneof(
      fc.array(
        fc.oneof(
          fc.jsonValue({ maxDepth: 2 }),
          fc.uint8Array({ maxLength: 80 }).map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`),
          fc.constantFrom("0x", "Core_version", "Metadata_metadata_at_version", null, 0, -1, 2 ** 53),
        ),
        { maxLength: 5 },
      ),
      fc.jsonValue(),
    ),
  });
  const frame = fc.oneof(
    request.map((value) => JSON.stringify(value)),
    fc.array(request, { maxLength: 4 }).map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string({ unit: "binary" }),
    request.chain((value) => {
      const text = JSON.stringify(value);
      return fc.nat({ max: text.length }).map((cut) => text.slice(0, cut));
    }),
  );

  /** Sends so many random frames over one connection; each is answered before the next goes out. */
  async function bombard(numRuns: number): Promise<void> {
    const client = await open();
    const pending: string[] = [];
    let wake = () => {};
    client.on("message", (data) => {
      pending.push(String(data));
      wake();
    });
    await fc.assert(
      fc.asyncProperty(frame, async (text) => {
        pending.length = 0;
        client.send(text);
        client.send(SENTINEL);
        while (!pending.some((answer) => answer.includes('"sentinel"')))
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        for (const answer of pending) {
          const parsed = JSON.parse(answer) as unknown;
          for (const message of Array.isArray(parsed) ? parsed : [parsed])
            expect(message.jsonrpc).toBe("2.0");
        }
        expect(client.readyState).toBe(client.OPEN);
      }),
      { numRuns },
    );
    const gone = closed(client);
    client.close();
    await gone;
  }

  test("every frame is answered with JSON-RPC or with nothing; the server goes on", () => bombard(500));

  test("thousands of frames leave no memory behind", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const used = async () => {
      // What a finished promise chain held is free in the next turn.
      await new Promise((resolve) => setImmediate(resolve));
      collect();
      return process.memoryUsage().heapUsed / 2 ** 20;
    };
    /** Blocks that random dev_seal calls make are kept, as they should be: they do not count. */
    const forgetting = async (frames: number) => {
      const before = node.snapshot();
      await bombard(frames);
      node.restore(before);
      node.release(before);
    };
    await forgetting(500);
    const warm = await used();
    await forgetting(FUZZED_FRAMES);
    expect((await used()) - warm, "MiB").toBeLessThan(16);
  });
});
