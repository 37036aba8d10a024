/** Serves the built front end and the configuration that it reads at run time. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { deploymentSchema } from "@keystrand/sdk/deployment";
import { z } from "zod";

const settingsSchema = z.object({
  /** Holds `address.json` while this runs. */
  FOLDER: z.string().min(1),
  NODE_URL: z.url({ protocol: /^wss?$/ }),
  INDEXER_URL: z.url({ protocol: /^https?$/ }),
  /** Path of the deployment record: the contracts that the page signs for. Without it the page only reads. */
  KEYSTRAND_DEPLOYMENT: z.string().optional(),
  CUSTODIAN_URL: z.url({ protocol: /^https?$/ }).optional(),
  ENCLAVE_URL: z.url({ protocol: /^https?$/ }).optional(),
  BLOCK_STORE_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Lets everyone who opens the page store data: for a block store that is open to all who reach the page. */
  BLOCK_STORE_TOKEN: z.string().optional(),
  HOST: z.string().default("127.0.0.1"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
});

const BUILD = join(import.meta.dirname, "build");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};
/** How long answers under way may take to end after a stop was asked for, ms. */
const GRACE = 5_000;

/** Ends the process with one plain sentence. */
function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

const parsed = settingsSchema.safeParse(process.env);
if (!parsed.success) refuse(`web: ${z.prettifyError(parsed.error)}`);
const settings = parsed.data;

/** The page, and the policy that its build put into it (with the hash of its one inline script). */
function readPage(): { readonly page: string; readonly policy: string } {
  let page: string;
  try {
    page = readFileSync(join(BUILD, "index.html"), "utf8");
  } catch {
    refuse("web: there is no build yet; run `npm run build --workspace @keystrand/web` first");
  }
  const policy = /http-equiv="content-security-policy" content="([^"]+)"/i.exec(page)?.[1];
  if (policy === undefined) refuse("web: the built page has no content security policy; build it anew");
  return { page, policy };
}

const { page, policy } = readPage();

/** The deployment that the page signs for; null: the page only reads. */
function readDeployment() {
  if (settings.KEYSTRAND_DEPLOYMENT === undefined) return null;
  try {
    return deploymentSchema.parse(JSON.parse(readFileSync(settings.KEYSTRAND_DEPLOYMENT, "utf8")));
  } catch (error) {
    refuse(`web: ${settings.KEYSTRAND_DEPLOYMENT} is no deployment record: ${String(error)}`);
  }
}

const deployment = readDeployment();
const { NODE_URL, INDEXER_URL, CUSTODIAN_URL, ENCLAVE_URL, BLOCK_STORE_URL } = settings;
const asked = [INDEXER_URL, NODE_URL, CUSTODIAN_URL, ENCLAVE_URL, BLOCK_STORE_URL].filter(
  (url) => url !== undefined,
);
// The page's own policy admits any indexer; this one only ours. A browser obeys both.
const connect = `connect-src 'self' ${asked.map((url) => new URL(url).origin).join(" ")}`;
const contentSecurityPolicy = `${policy.replace(/connect-src [^;]+/, connect)}; frame-ancestors 'none'`;
const configuration = JSON.stringify({
  node: NODE_URL,
  indexer: INDEXER_URL,
  genesis: deployment?.genesis ?? null,
  contracts: deployment?.contracts ?? null,
  services:
    CUSTODIAN_URL && ENCLAVE_URL && BLOCK_STORE_URL
      ? {
          custodian: CUSTODIAN_URL,
          enclave: ENCLAVE_URL,
          blockStore: { url: BLOCK_STORE_URL, token: settings.BLOCK_STORE_TOKEN ?? null },
        }
      : null,
});

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  cache = "no-cache",
) {
  response.writeHead(status, {
    "content-type": type,
    "cache-control": cache,
    "content-security-policy": contentSecurityPolicy,
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

/** The file of the build at a path; null when there is none, or when it would lie outside of the build. */
function fileAt(path: string): Buffer | null {
  try {
    const file = resolve(BUILD, `.${decodeURIComponent(path)}`);
    return file.startsWith(BUILD + sep) ? readFileSync(file) : null;
  } catch {
    // Not a file, or not an address at all: for the visitor, both are "not found".
    return null;
  }
}

const COMPRESSIBLE: readonly string[] = [".js", ".css", ".json", ".svg", ".html"];
/** Compressed files by path: the build does not change while this runs. */
const compressed = new Map<string, Buffer>();

/** A file as the browser takes it. */
function encoded(path: string, file: Buffer, accepted: string | undefined) {
  if (!COMPRESSIBLE.includes(extname(path)) || !/\bgzip\b/.test(accepted ?? "")) return { body: file };
  const body = compressed.get(path) ?? gzipSync(file);
  compressed.set(path, body);
  return { body, encoding: "gzip" };
}

const server = createServer((request, response) => {
  if (request.method !== "GET" && request.method !== "HEAD") {
    send(response, 405, "text/plain", "Only GET is served here.\n");
    return;
  }
  const path = (request.url ?? "/").split("?")[0]!;
  if (path === "/" || path === "/index.html") return send(response, 200, TYPES[".html"]!, page);
  if (path === "/config.json") return send(response, 200, TYPES[".json"]!, configuration);
  if (path === "/health") return send(response, 200, TYPES[".json"]!, `{"status":"ok","service":"web"}`);
  const file = fileAt(path);
  if (file === null) return send(response, 404, "text/plain", "There is nothing at this address.\n");
  // Names under _app/immutable hold a hash of their content.
  const cache = path.startsWith("/_app/immutable/") ? "public, max-age=31536000, immutable" : "no-cache";
  const { body, encoding } = encoded(path, file, request.headers["accept-encoding"]);
  if (encoding) response.setHeader("content-encoding", encoding);
  response.setHeader("vary", "accept-encoding");
  send(response, 200, TYPES[extname(path)] ?? "application/octet-stream", body, cache);
});

server.once("error", (error) =>
  refuse(`web: cannot listen on ${settings.HOST}:${settings.PORT}: ${error.message}`),
);
server.listen(settings.PORT, settings.HOST, () => {
  const url = `http://${settings.HOST}:${(server.address() as AddressInfo).port}`;
  mkdirSync(settings.FOLDER, { recursive: true, mode: 0o700 });
  const address = join(settings.FOLDER, "address.json");
  // Whole or not at all: whoever waits for this file must not read half of it.
  writeFileSync(`${address}.new`, `${JSON.stringify({ service: "web", url, pid: process.pid })}\n`);
  renameSync(`${address}.new`, address);
  process.stdout.write(`web is at ${url}\n`);
  const stop = () => {
    rmSync(address, { force: true });
    server.close();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), GRACE).unref();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
});
