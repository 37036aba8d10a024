import { rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Address } from "@keystrand/sdk/http";
import { replaceFile } from "./files.ts";
import type { Log } from "./log.ts";
import { systemCode } from "./problem.ts";

/** How long requests under way may take to end after a stop was asked for, ms. */
const GRACE = 5_000;

/** A started service. */
export interface RunningService {
  readonly address: Address;
  /** Stops taking requests, ends those under way and lets go of everything. */
  stop(): Promise<void>;
}

/** What is to be served, and what must be let go of at the end. */
export interface ServiceToRun {
  readonly service: string;
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly app: OpenAPIHono;
  readonly log: Log;
  /** Runs after the last request has ended. */
  readonly close: () => Promise<void>;
}

/**
 * Listens and writes `address.json` into the service's folder, for those who have to find a service on port 0.
 * @throws Error in plain words when the port is taken
 */
export async function startService(given: ServiceToRun): Promise<RunningService> {
  const server = await listen(given);
  const { port } = server.address() as AddressInfo;
  const host = given.host.includes(":") ? `[${given.host}]` : given.host;
  const address: Address = { service: given.service, url: `http://${host}:${port}`, pid: process.pid };
  const addressPath = join(given.folder, "address.json");
  replaceFile(addressPath, `${JSON.stringify(address)}\n`);
  given.log.info({ url: address.url }, "listening");
  return {
    address,
    stop: async () => {
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        // Clients keep idle connections open; without this, close would wait for them.
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), GRACE).unref();
      });
      rmSync(addressPath, { force: true });
      await given.close();
      given.log.info("stopped");
    },
  };
}

/**
 * Runs a service as a process: until SIGTERM or SIGINT, then stops cleanly with code 0. A start that fails ends
 * with code 1 and one plain message.
 */
export async function runAsProcess(service: string, start: () => Promise<RunningService>): Promise<void> {
  let running: RunningService;
  try {
    running = await start();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return;
  }
  const ended = Promise.withResolvers<void>();
  const end = () => ended.resolve();
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  await ended.promise;
  try {
    await running.stop();
  } catch (error) {
    process.stderr.write(`${service} did not stop cleanly: ${String(error)}\n`);
    process.exitCode = 1;
  }
}

async function listen({ service, host, port, app }: ServiceToRun): Promise<Server> {
  // `createServer` keeps the type an HTTP/1 server, which has closeIdleConnections.
  const server = createAdaptorServer({ fetch: app.fetch, createServer }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(
        systemCode(error) === "EADDRINUSE"
          ? new Error(
              `${service}: port ${port} on ${host} is taken; set PORT to another one, or to 0 for any`,
            )
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
  return server;
}
