import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { healthSchema, PROBLEM_MEDIA_TYPE, problemSchema, readySchema } from "@keystrand/sdk/http";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import type pg from "pg";
import type { Logger } from "pino";
import { IndexerError } from "../errors.ts";
import { graphqlServer } from "../graphql/server.ts";
import type { Progress } from "../indexing/progress.ts";
import { Exports, exportNames } from "./export.ts";
import { indexerMetrics } from "./metrics.ts";
import { HttpProblem } from "./problem.ts";

/** Longest query that is read, in bytes. */
const LONGEST_BODY = 100_000;
/** Longest time that `/status` waits, ms. */
const LONGEST_WAIT = 30_000;

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const point = z.object({ height: z.int().nonnegative(), hash });
const statusSchema = z
  .object({
    genesis: hash,
    /** The newest block whose events are in every answer from now on. */
    height: z.int().nonnegative(),
    hash,
    finalized: point,
    /** The node's best block, as far as is known. */
    best: point.nullable(),
    lagBlocks: z.int().nonnegative().nullable(),
    lagSeconds: z.number().nonnegative(),
    /** Events since the start that could not be decoded or applied; they are in the audit log. */
    problems: z.int().nonnegative(),
    rollbacks: z.int().nonnegative(),
  })
  .meta({ id: "IndexerStatus" });

const heightParameter = z.coerce
  .number()
  .int()
  .nonnegative()
  .max(Number.MAX_SAFE_INTEGER / 1_000_000);

/** What the HTTP side needs. */
export interface AppParts {
  pool: pg.Pool;
  progress: Progress;
  log: Logger;
  /** Blocks behind the node up to which the indexer is ready. */
  readyLag: number;
  /** Where exports are gathered before they are sent. */
  folder: string;
}

/** `/graphql`, `/export`, `/status`, `/health`, `/ready`, `/metrics` and `/openapi.json`; all of it only reads. */
export function indexerApp({ pool, progress, log, readyLag, folder }: AppParts): OpenAPIHono {
  const startedAt = Date.now();
  const metrics = indexerMetrics(progress);
  const exports = new Exports(pool, folder);
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return;
      throw new HttpProblem(400, "bad-request", "The request does not have the form that is expected.", {
        remedy: "GET /openapi.json describes every route.",
        fields: result.error.issues.map(({ path, message }) => ({ path: path.join("."), message })),
      });
    },
  });
  const problem = { description: "Refused", content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } } };
  const json = <T extends z.ZodType>(description: string, schema: T) => ({
    description,
    content: { "application/json": { schema } },
  });

  // Everything here is public and read-only: any page may read it.
  app.use(cors({ origin: "*" }));
  app.openapi(
    createRoute({
      method: "get",
      path: "/health",
      summary: "Whether the process is alive",
      responses: { 200: json("It is", healthSchema) },
    }),
    (context) => context.json({ status: "ok" as const, service: "indexer", startedAt }, 200),
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/ready",
      summary: "Whether answers are as new as the node's chain",
      responses: { 200: json("They are", readySchema), 503: json("They are not: see `parts`", readySchema) },
    }),
    async (context) => {
      const parts = { node: nodePart(progress, readyLag), database: await databasePart(pool) };
      const ready = Object.values(parts).every((sentence) => sentence === null);
      return ready ? context.json({ ready, parts }, 200) : context.json({ ready, parts }, 503);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/status",
      summary: "The newest indexed block; with `atLeast`, waits for that height",
      request: {
        query: z.object({
          atLeast: heightParameter.optional(),
          /** ms. */
          wait: z.coerce.number().int().min(0).max(LONGEST_WAIT).default(LONGEST_WAIT),
        }),
      },
      responses: {
        200: json("Where the indexer is", statusSchema),
        503: { ...problem, description: "It has not read the chain yet" },
        default: problem,
      },
    }),
    async (context) => {
      const { atLeast, wait } = context.req.valid("query");
      if (atLeast !== undefined) await reached(progress, atLeast, wait);
      const { head, finalized, genesis, tip } = progress;
      if (!head || !finalized || genesis === undefined) {
        throw new HttpProblem(503, "starting", "The indexer has not read the chain yet.", {
          remedy: "Try again in a moment; GET /ready says what it waits for.",
        });
      }
      return context.json(
        {
          genesis,
          height: head.height,
          hash: head.hash,
          finalized,
          best: tip?.best ?? null,
          lagBlocks: progress.lagBlocks ?? null,
          lagSeconds: progress.lagSeconds,
          problems: progress.problems,
          rollbacks: progress.rollbacks,
        },
        200,
      );
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/export/{table}",
      summary: "A whole table as it is at one height",
      request: {
        params: z.object({ table: z.enum(exportNames) }),
        query: z.object({
          format: z.enum(["csv", "json"]).default("json"),
          from: heightParameter.optional(),
          to: heightParameter.optional(),
        }),
      },
      responses: {
        200: {
          description: "The rows",
          content: {
            "application/json": { schema: z.array(z.record(z.string(), z.unknown())) },
            "text/csv": { schema: z.string() },
          },
        },
        default: problem,
      },
    }),
    async (context) => {
      const { table } = context.req.valid("param");
      const { format, from, to } = context.req.valid("query");
      return new Response(await exports.table(table, format, { from, to }), {
        headers: {
          "content-type": format === "csv" ? "text/csv; charset=utf-8; header=present" : "application/json",
          "content-disposition": `attachment; filename="keystrand-${table}.${format}"`,
        },
      });
    },
  );
  app.get("/metrics", async (context) =>
    context.text(await metrics.metrics(), 200, { "content-type": metrics.contentType }),
  );
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Keystrand indexer",
      version: "0.1.0",
      description: "What the chain's contracts have said. GraphQL at /graphql.",
    },
  });

  const graphql = graphqlServer(pool, progress, log);
  app.use(
    "/graphql",
    bodyLimit({
      maxSize: LONGEST_BODY,
      onError: () => new HttpProblem(413, "too-large", "The query is too long.").answer(),
    }),
  );
  app.on(["GET", "POST", "OPTIONS"], "/graphql", (context) => graphql.fetch(context.req.raw));

  app.notFound(() =>
    new HttpProblem(404, "no-such-route", "There is nothing at this address.", {
      remedy: "GET /openapi.json lists every route; queries go to /graphql.",
    }).answer(),
  );
  app.onError((error) => {
    if (error instanceof HttpProblem) return error.answer();
    if (error instanceof IndexerError) {
      log.warn({ err: error }, "a request could not be answered");
      return new HttpProblem(503, "unavailable", error.message, { remedy: error.advice }).answer();
    }
    log.error({ err: error }, "a request failed");
    return new HttpProblem(500, "internal", "The indexer failed; its log has the cause.").answer();
  });
  return app;
}

/** Resolves when the height is indexed, or the time is over. */
async function reached(progress: Progress, height: number, wait: number): Promise<void> {
  const over = new Promise<true>((resolve) => setTimeout(() => resolve(true), wait).unref());
  while ((progress.head?.height ?? -1) < height) {
    if (await Promise.race([over, progress.changed().then(() => false)])) return;
  }
}

/** ms without a word from the node after which it counts as gone. */
const NODE_SILENCE = 30_000;

function nodePart(progress: Progress, readyLag: number): string | null {
  const { lagBlocks, lagSeconds, tipAt } = progress;
  if (lagBlocks === undefined) return "The node has not been reached yet.";
  if (Date.now() - tipAt > NODE_SILENCE) return "The node has been silent for more than half a minute.";
  if (lagBlocks > readyLag) return `${lagBlocks} blocks and ${Math.round(lagSeconds)} s behind the node.`;
  return null;
}

async function databasePart(pool: pg.Pool): Promise<string | null> {
  try {
    await pool.query("SELECT 1");
    return null;
  } catch {
    return "The database does not answer.";
  }
}
