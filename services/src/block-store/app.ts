import { createRoute } from "@hono/zod-openapi";
import { cid as cidSchema, erasedCarSchema, storedCarSchema } from "@keystrand/sdk/http";
import type { Context } from "hono";
import { Gauge } from "prom-client";
import { z } from "zod";
import { createServiceApp, jsonResponse, problemResponse, type ServiceApp } from "../service/app.ts";
import type { Log } from "../service/log.ts";
import { ServiceProblem } from "../service/problem.ts";
import { authorize } from "../service/token.ts";
import { parseCid, takeCar, tooLarge } from "./car.ts";
import { carLength, missing, parseCarRequest, parseRange, planCar, streamCar } from "./gateway.ts";
import type { Pinner } from "./kubo.ts";
import type { BlockFolder } from "./store.ts";

/** What the HTTP side of the block store works with. */
export interface BlockStoreParts {
  readonly store: BlockFolder;
  readonly pinner: Pinner | null;
  readonly writeToken: string;
  readonly maxCarBytes: number;
  readonly log: Log;
}

const CAR = "application/vnd.ipld.car";
const RAW = "application/vnd.ipld.raw";

/** The block store's routes: put and erase CARs with the token, read blocks as a trustless gateway. */
export function blockStoreApp(parts: BlockStoreParts): ServiceApp {
  const { store, pinner, log } = parts;
  const service = createServiceApp({
    service: "block-store",
    summary: "Keeps encrypted CARs and serves them as a trustless IPFS gateway.",
    log,
    parts: async () => ({ folder: null }),
  });
  const { app, metrics } = service;
  new Gauge({
    name: "keystrand_block_store_bytes",
    help: "Bytes of stored blocks",
    registers: [metrics],
    collect() {
      this.set(store.used);
    },
  });
  new Gauge({
    name: "keystrand_block_store_roots",
    help: "Stored CARs",
    registers: [metrics],
    collect() {
      this.set(store.rootCount);
    },
  });

  app.openapi(
    createRoute({
      method: "put",
      path: "/cars",
      summary: "Store a CAR with one root, whole and true to its CIDs",
      request: {
        headers: z.object({ authorization: z.string().optional() }),
        body: { required: true, content: { [CAR]: { schema: z.string().meta({ format: "binary" }) } } },
      },
      responses: { 201: jsonResponse("It is on disk", storedCarSchema), default: problemResponse },
    }),
    async (context) => {
      authorize(context, parts.writeToken, "write-token");
      if (Number(context.req.header("content-length") ?? 0) > parts.maxCarBytes)
        throw tooLarge(parts.maxCarBytes);
      const { body } = context.req.raw;
      if (body === null) throw new ServiceProblem(400, "car-unreadable", "There is no CAR in the request.");
      const { root, record } = await takeCar(store, body, parts.maxCarBytes);
      if (pinner !== null) {
        const plan = await planCar(store, root, { scope: "all", bytes: null });
        await pinner.pin(root, streamCar(store, root, plan));
      }
      log.info({ root: root.toString(), blocks: record.blocks.length, size: record.size }, "stored a CAR");
      return context.json(
        { root: root.toString(), blocks: record.blocks.length, size: record.size, pinned: pinner !== null },
        201,
      );
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/cars/{root}",
      summary: "Erase a CAR: its root and every block that no other root needs",
      request: {
        params: z.object({ root: cidSchema }),
        headers: z.object({ authorization: z.string().optional() }),
      },
      responses: { 200: jsonResponse("It is gone", erasedCarSchema), default: problemResponse },
    }),
    async (context) => {
      authorize(context, parts.writeToken, "write-token");
      const root = parseCid(context.req.valid("param").root);
      // The node first: after a failure there the erasure can be asked for again.
      await pinner?.unpin(root);
      const blocks = await store.erase(root);
      if (blocks === undefined) throw missing(root);
      log.info({ root: root.toString(), blocks }, "erased a CAR");
      return context.json({ root: root.toString(), blocks }, 200);
    },
  );

  // hono answers HEAD with the headers of GET and no body.
  app.openapi(
    createRoute({
      method: "get",
      path: "/ipfs/{cid}",
      summary: "A block or a CAR, to be verified by the reader (trustless gateway)",
      request: {
        params: z.object({ cid: z.string().max(200) }),
        query: z.object({
          format: z.enum(["car", "raw"]).optional(),
          "dag-scope": z.string().optional(),
          "entity-bytes": z.string().optional(),
        }),
      },
      responses: {
        200: {
          description: "The CAR or the block",
          content: {
            [CAR]: { schema: z.string().meta({ format: "binary" }) },
            [RAW]: { schema: z.string().meta({ format: "binary" }) },
          },
        },
        206: { description: "A part of the block", content: { [RAW]: { schema: z.string() } } },
        304: { description: "You have it" },
        default: problemResponse,
      },
    }),
    async (context) => {
      const cid = parseCid(context.req.valid("param").cid);
      const query = context.req.valid("query");
      const format = query.format ?? formatAccepted(context.req.header("accept"));
      if (format === "raw") return answerBlock(context, store, cid);
      const request = parseCarRequest(query["dag-scope"], query["entity-bytes"]);
      const plan = await planCar(store, cid, request);
      const tag = `W/"${cid}.car.${request.scope}.${query["entity-bytes"] ?? ""}"`;
      if (context.req.header("if-none-match") === tag) return context.body(null, 304);
      return new Response(context.req.method === "HEAD" ? null : streamCar(store, cid, plan), {
        headers: {
          ...immutable(tag),
          "content-type": `${CAR}; version=1; order=dfs; dups=n`,
          "content-length": String(carLength(cid, plan)),
          "content-disposition": `attachment; filename="${cid}.car"`,
        },
      });
    },
  );
  return service;
}

async function answerBlock(context: Context, store: BlockFolder, cid: ReturnType<typeof parseCid>) {
  const tag = `"${cid}.raw"`;
  const bytes = await store.read(cid);
  if (bytes === undefined) throw missing(cid);
  if (context.req.header("if-none-match") === tag) return context.body(null, 304);
  const headers = {
    ...immutable(tag),
    "content-type": RAW,
    "content-disposition": `attachment; filename="${cid}.bin"`,
    "accept-ranges": "bytes",
  };
  const range = parseRange(context.req.header("range"), bytes.length);
  if (range === null) return new Response(bytes.slice(), { headers });
  return new Response(bytes.slice(range.first, range.last + 1), {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${range.first}-${range.last}/${bytes.length}` },
  });
}

function immutable(tag: string) {
  return {
    etag: tag,
    // A CID names its bytes for ever; erasure is why caches are told a year and not to share.
    "cache-control": "private, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",
  };
}

function formatAccepted(accept: string | undefined): "car" | "raw" {
  if (accept?.includes(CAR)) return "car";
  if (accept?.includes(RAW)) return "raw";
  throw new ServiceProblem(406, "format-missing", "This gateway gives blocks and CARs only.", {
    remedy: "Add ?format=car or ?format=raw.",
  });
}
