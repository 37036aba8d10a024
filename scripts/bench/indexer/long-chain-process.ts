/** Serves a recorded chain and its copies over WebSocket, in a process of its own as a node is. */
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { LongChain, recordingSchema } from "./recording.ts";

const [file = "", copies = "0"] = process.argv.slice(2);
const chain = new LongChain(recordingSchema.parse(JSON.parse(readFileSync(file, "utf8"))), Number(copies));
const requestSchema = z.object({
  id: z.union([z.number(), z.string()]),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
});

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, maxPayload: 1 << 27 });
server.on("connection", (socket) => {
  const answer = (request: unknown) => {
    const { id, method, params } = requestSchema.parse(request);
    if (method.includes("subscribe")) return { jsonrpc: "2.0", id, result: `${method} ${id}` };
    try {
      return { jsonrpc: "2.0", id, result: chain.answer(method, params) };
    } catch (error) {
      return { jsonrpc: "2.0", id, error: { code: -32601, message: String(error) } };
    }
  };
  socket.on("message", (message) => {
    const request: unknown = JSON.parse(String(message));
    socket.send(JSON.stringify(Array.isArray(request) ? request.map(answer) : answer(request)));
  });
});
server.on("listening", () => {
  process.stdout.write(`ws://127.0.0.1:${(server.address() as AddressInfo).port} ${chain.height}\n`);
});
// It ends when the benchmark does.
process.stdin.on("end", () => process.exit(0)).resume();
