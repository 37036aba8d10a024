import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import type { ChainNode } from "../node/node.ts";
import { parseError, requestTooBig } from "../rpc/errors.ts";
import { methodTable } from "../rpc/methods/table.ts";
import { type MethodTable, RpcSession, respond } from "../rpc/session.ts";
import { Complaints } from "./complaints.ts";
import { attachSocket } from "./socket.ts";

export interface ServerLimits {
  /** WebSocket connections at once. The node's default is 100; a development chain is shared by more tools. */
  readonly connections: number;
  /** TCP connections beyond those: of HTTP requests, and of clients that have not said yet what they want. */
  readonly otherConnections: number;
  /** Bytes of one request, over HTTP or in one WebSocket message. */
  readonly requestBytes: number;
  /** Bytes that may wait for a subscriber that does not read; then its connection is closed. */
  readonly unreadBytes: number;
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  connections: 1000,
  otherConnections: 250,
  requestBytes: 15 * 1024 * 1024,
  unreadBytes: 64 * 1024 * 1024,
};

export interface ServerOptions {
  readonly node: ChainNode;
  /** 0 takes a free one. Default 9944, as the node. */
  readonly port?: number;
  /** Default 127.0.0.1: this chain has well-known keys and takes orders from anyone. */
  readonly host?: string;
  readonly limits?: Partial<ServerLimits>;
  /** Told of clients that met a limit, once for many. Default: as the node reports its own failures. */
  readonly onRefusal?: (line: string) => void;
}

export interface RunningServer {
  /** `ws://host:port`; the same port answers HTTP. */
  readonly url: string;
  readonly port: number;
  /** How many WebSocket connections are open. */
  connections(): number;
  /** Closes all connections and the port. The chain node stays as it is. */
  close(): Promise<void>;
}

/** The default port of Substrate nodes. */
export const DEFAULT_PORT = 9944;

/**
 * Serves a chain's JSON-RPC over WebSocket and HTTP on one port.
 * @throws Error with `code` EADDRINUSE or EACCES when the port cannot be had
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const limits: ServerLimits = { ...DEFAULT_SERVER_LIMITS, ...options.limits };
  const host = options.host ?? "127.0.0.1";
  const methods = methodTable();
  const complaints = new Complaints(options.onRefusal ?? ((line) => options.node.report(line, undefined)));
  const http = createServer((request, response) => {
    answerHttp(options.node, methods, limits, request, response).catch((error: unknown) => {
      // The client went away in the middle of its request: there is nobody to answer.
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  http.maxConnections = limits.connections + limits.otherConnections;
  http.on("drop", () =>
    complaints.add(`More than ${http.maxConnections} TCP connections: closed without an answer`),
  );
  // Frames above the limit reach the handler, so that they get the node's answer, up to a harder limit.
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.requestBytes * 2,
    perMessageDeflate: false,
  });
  http.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    if (sockets.clients.size >= limits.connections) {
      complaints.add(`More than ${limits.connections} WebSocket connections: answered with 429`);
      socket.end("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) =>
      attachSocket(client, { node: options.node, methods, limits, complaints }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(options.port ?? DEFAULT_PORT, host, () => {
      http.off("error", reject);
      resolve();
    });
  });
  const { port } = http.address() as AddressInfo;
  const shownHost = host.includes(":") ? `[${host}]` : host;
  return {
    url: `ws://${shownHost}:${port}`,
    port,
    connections: () => sockets.clients.size,
    async close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "*",
  vary: "origin, access-control-request-method, access-control-request-headers",
};
/** `system_health`, for load balancers and process watchers. */
const HEALTHY = JSON.stringify({ peers: 0, isSyncing: false, shouldHavePeers: false });
const JSON_TYPE = "application/json; charset=utf-8";

async function answerHttp(
  node: ChainNode,
  methods: MethodTable,
  limits: ServerLimits,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (
    status: number,
    type: string,
    body: string,
    cors: Readonly<Record<string, string>> = CORS,
  ) => {
    response.writeHead(status, { ...cors, "content-type": type, "content-length": Buffer.byteLength(body) });
    response.end(body);
  };
  const path = (request.url ?? "/").split("?")[0];
  if (request.method === "OPTIONS") {
    response.writeHead(200, {
      "access-control-allow-origin": "*",
      vary: CORS.vary,
      "access-control-allow-headers": "*",
      "access-control-allow-methods": "*",
      "content-length": 0,
    });
    response.end();
    return;
  }
  if (request.method === "GET" && path === "/health") return send(200, JSON_TYPE, HEALTHY, {});
  if (request.method === "GET" && path === "/health/readiness") return send(200, JSON_TYPE, "", {});
  if (request.method !== "POST")
    return send(405, "text/plain", "Used HTTP Method is not allowed. POST is required\n");
  if (!/^application\/json(?:;|$)/i.test(request.headers["content-type"] ?? ""))
    return send(
      415,
      "text/plain",
      "Supplied content type is not allowed. Content-Type: application/json is required\n",
    );
  const body = await readBody(request, limits.requestBytes);
  if (body === undefined) {
    response.setHeader("connection", "close");
    return send(413, JSON_TYPE, respond(null, requestTooBig(limits.requestBytes)));
  }
  if (body === "") return send(400, JSON_TYPE, respond(null, parseError()));
  const session = new RpcSession({ node, methods });
  let answer = "";
  session.receive(body, (text) => {
    answer = text;
  });
  session.close();
  send(200, JSON_TYPE, answer);
}

/** The whole body, or undefined when it is longer than the limit. */
async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > limit) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
