import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import {
  healthSchema,
  PROBLEM_MEDIA_TYPE,
  problemSchema,
  type Ready,
  readySchema,
} from "@keystrand/sdk/http";
import type { Context } from "hono";
import { cors } from "hono/cors";
import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { z } from "zod";
import type { Log } from "./log.ts";
import { ServiceProblem } from "./problem.ts";

/** What a service tells of itself, beside its own routes. */
export interface ServiceDescription {
  readonly service: string;
  readonly summary: string;
  readonly log: Log;
  /** One sentence for each part that the service needs; null when that part is well. */
  readonly parts: () => Promise<Ready["parts"]>;
}

/** A service's HTTP side: `/health`, `/ready`, `/metrics`, `/openapi.json`; its own routes are added to `app`. */
export interface ServiceApp {
  readonly app: OpenAPIHono;
  readonly metrics: Registry;
}

/** The `default` response of every route. */
export const problemResponse = {
  description: "The request was refused, or the service failed",
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
} as const;

/** A JSON response for a route's description. */
export function jsonResponse<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

/** A required JSON body for a route's description. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } };
}

/** The HTTP side that every service has. */
export function createServiceApp({ service, summary, log, parts }: ServiceDescription): ServiceApp {
  const startedAt = Date.now();
  // A registry of its own: two services in one process (tests) must not share figures.
  const metrics = new Registry();
  metrics.setDefaultLabels({ service });
  collectDefaultMetrics({ register: metrics });
  const answered = new Counter({
    name: "keystrand_http_answers_total",
    help: "HTTP answers by route and status",
    labelNames: ["method", "route", "status"],
    registers: [metrics],
  });
  const seconds = new Histogram({
    name: "keystrand_http_seconds",
    help: "Time to answer, in seconds",
    labelNames: ["method", "route"],
    registers: [metrics],
  });

  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return;
      throw new ServiceProblem(
        400,
        "bad-request",
        `The ${targetWord(result.target)} does not have the form that is expected.`,
        {
          fields: result.error.issues.map((issue) => ({
            path: issue.path.join("."),
            message: issue.message,
          })),
        },
      );
    },
  });

  // The front end is served from anywhere and asks from a browser. Nothing here goes by cookies.
  app.use(cors({ origin: "*" }));
  app.use(async (context, next) => {
    const began = performance.now();
    await next();
    // The route's pattern, never the path: a path may carry identifiers without end.
    const route = context.req.routePath;
    const { method } = context.req;
    seconds.observe({ method, route }, (performance.now() - began) / 1000);
    answered.inc({ method, route, status: context.res.status });
  });

  app.openapi(
    createRoute({
      method: "get",
      path: "/health",
      summary: "Whether the process is alive",
      responses: { 200: jsonResponse("It is", healthSchema), default: problemResponse },
    }),
    (context) => context.json({ status: "ok" as const, service, startedAt }, 200),
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/ready",
      summary: "Whether everything that the service needs is there",
      responses: {
        200: jsonResponse("It is", readySchema),
        503: jsonResponse("It is not: see `parts`", readySchema),
        default: problemResponse,
      },
    }),
    async (context) => {
      const known = await parts();
      const ready = Object.values(known).every((sentence) => sentence === null);
      return ready ? context.json({ ready, parts: known }, 200) : context.json({ ready, parts: known }, 503);
    },
  );
  app.get("/metrics", async (context) =>
    context.text(await metrics.metrics(), 200, { "content-type": metrics.contentType }),
  );
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: `Keystrand ${service}`, version: "0.1.0", description: summary },
  });

  app.notFound((context) =>
    answerProblem(
      context,
      new ServiceProblem(404, "no-such-route", "There is nothing at this address.", {
        remedy: "GET /openapi.json lists every route.",
      }),
    ),
  );
  app.onError((error, context) => {
    if (error instanceof ServiceProblem) {
      if (error.status >= 500) log.warn({ code: error.code, err: error }, "a request could not be answered");
      return answerProblem(context, error);
    }
    if (error instanceof SyntaxError || error.message === "Malformed JSON in request body") {
      return answerProblem(context, new ServiceProblem(400, "bad-request", "The body is not JSON."));
    }
    log.error({ err: error }, "a request failed");
    return answerProblem(
      context,
      new ServiceProblem(500, "internal", `The ${service} failed; its log has the cause.`),
    );
  });
  return { app, metrics };
}

function answerProblem(context: Context, problem: ServiceProblem): Response {
  return context.body(JSON.stringify(problem), problem.status, { "content-type": PROBLEM_MEDIA_TYPE });
}

function targetWord(target: string): string {
  if (target === "json") return "body";
  return target === "param" ? "path" : target;
}
