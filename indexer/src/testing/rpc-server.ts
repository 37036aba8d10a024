import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { RpcError } from "../chain/rpc.ts";
import type { FakeChain } from "./fake-chain.ts";

const requestSchema = z.object({
  id: z.number(),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
});

/** A made-up chain behind a real WebSocket, for processes that connect as they would to a node. */
export interface RpcServer {
  url: string;
  close(): Promise<void>;
}

/** @param onRequest is told of each request, before it is answered */
export async function serveChain(
  chain: FakeChain,
  onRequest: () => void = () => undefined,
): Promise<RpcServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  server.on("connection", (socket) => {
    const forget: (() => void)[] = [];
    socket.on("message", (message) => {
      onRequest();
      const request = requestSchema.parse(JSON.parse(String(message)));
      if (/^chain_subscribe/.test(request.method)) {
        const type = request.method.includes("Finalized") ? "chain_finalizedHead" : "chain_newHead";
        send(socket, { id: request.id, result: `${type}-${request.id}` });
        forget.push(
          chain.onChange(() => {
            const result = chain.answer("chain_getHeader", []);
            send(socket, { method: type, params: { subscription: `${type}-${request.id}`, result } });
          }),
        );
        return;
      }
      try {
        send(socket, { id: request.id, result: chain.answer(request.method, request.params) });
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        send(socket, { id: request.id, error: { code: error.code, message: error.message } });
      }
    });
    socket.on("close", () => {
      for (const each of forget) each();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    async close() {
      for (const socket of server.clients) socket.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function send(socket: WebSocket, content: object): void {
  socket.send(JSON.stringify({ jsonrpc: "2.0", ...content }));
}
