import { createRoute } from "@hono/zod-openapi";
import { toHex } from "@keystrand/sdk/bytes";
import { appraisalRequestSchema, attestationResultSchema, verifierIdentitySchema } from "@keystrand/sdk/http";
import { Counter } from "prom-client";
import {
  createServiceApp,
  jsonBody,
  jsonResponse,
  problemResponse,
  type ServiceApp,
} from "../service/app.ts";
import type { Log } from "../service/log.ts";
import { ServiceProblem } from "../service/problem.ts";
import { type Appraiser, appraise } from "./appraise.ts";

/** A verifier's routes. */
export function verifierApp(appraiser: Appraiser, log: Log): ServiceApp {
  const service = createServiceApp({
    service: "verifier",
    summary: "Appraises an enclave's evidence and signs the attestation result (RFC 9334).",
    log,
    parts: async () => ({
      trust:
        appraiser.trust.roots.length > 0 ? null : "No root is trusted: set PLATFORMS or DEVELOPMENT_ROOT.",
    }),
  });
  const { app, metrics } = service;
  const appraised = new Counter({
    name: "keystrand_appraisals_total",
    help: "Appraisals by platform and outcome",
    labelNames: ["platform", "outcome"],
    registers: [metrics],
  });

  app.openapi(
    createRoute({
      method: "get",
      path: "/identity",
      summary: "Who this verifier is and what it can appraise",
      responses: {
        200: jsonResponse("Its account and platforms", verifierIdentitySchema),
        default: problemResponse,
      },
    }),
    (context) =>
      context.json(
        {
          account: toHex(appraiser.signer.account),
          platforms: [...new Set(appraiser.trust.roots.map(({ platform }) => platform))],
        },
        200,
      ),
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/appraise",
      summary: "Appraise evidence for an order's enclave",
      request: { body: jsonBody(appraisalRequestSchema) },
      responses: {
        200: jsonResponse("The attestation result", attestationResultSchema),
        422: { ...problemResponse, description: "The evidence is not accepted; `code` says why" },
        default: problemResponse,
      },
    }),
    async (context) => {
      const request = context.req.valid("json");
      const { order } = request;
      try {
        const result = await appraise(request, appraiser);
        const { platform, measurement, debug } = result.claim;
        appraised.inc({ platform, outcome: "accepted" });
        log.info({ order, platform, measurement, debug, simulated: result.simulated }, "accepted evidence");
        return context.json(result, 200);
      } catch (error) {
        const code = error instanceof ServiceProblem ? error.code : "failed";
        appraised.inc({ platform: request.evidence.format, outcome: code });
        log.warn({ order, code }, "refused evidence");
        throw error;
      }
    },
  );
  return service;
}
