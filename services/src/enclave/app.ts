import { createRoute } from "@hono/zod-openapi";
import { fromHex, toHex } from "@keystrand/sdk/bytes";
import {
  bytes32,
  enclaveIdentitySchema,
  enclaveOrderRequestSchema,
  enclaveOrderSchema,
  namingSchema,
  type Ready,
} from "@keystrand/sdk/http";
import { Gauge } from "prom-client";
import { z } from "zod";
import {
  createServiceApp,
  jsonBody,
  jsonResponse,
  problemResponse,
  type ServiceApp,
} from "../service/app.ts";
import type { Log } from "../service/log.ts";
import { ServiceProblem } from "../service/problem.ts";
import type { EnclaveChain } from "./chain.ts";
import { COMPUTATION } from "./computation.ts";
import { type AttestedOrder, type EnclaveOrders, shown } from "./orders.ts";
import type { EnclavePlatform } from "./platform.ts";
import type { ReceiptBook } from "./receipts.ts";

/** What the HTTP side of the enclave works with. */
export interface EnclaveParts {
  readonly platform: EnclavePlatform;
  readonly host: Uint8Array;
  readonly orders: EnclaveOrders;
  readonly receipts: ReceiptBook;
  /** The chain, or null while it cannot be reached. */
  readonly chain: () => EnclaveChain | null;
  readonly log: Log;
  readonly parts: () => Promise<Ready["parts"]>;
}

/** The enclave's routes. */
export function enclaveApp({
  platform,
  host,
  orders,
  receipts,
  chain,
  log,
  parts,
}: EnclaveParts): ServiceApp {
  const service = createServiceApp({
    service: "enclave",
    summary: "Computes on datasets inside an attested environment and seals the result to the buyer.",
    log,
    parts,
  });
  const { app, metrics } = service;
  new Gauge({
    name: "keystrand_enclave_orders",
    help: "Orders by stage",
    labelNames: ["stage"],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { stage } of orders.all()) this.inc({ stage });
    },
  });
  const params = z.object({ order: bytes32 });
  const show = (attested: AttestedOrder) => {
    const receipt = receipts.get(attested.order);
    return {
      ...shown(attested),
      receipt:
        receipt === undefined
          ? null
          : { output: toHex(receipt.output), bad: [...receipt.bad], signature: toHex(receipt.signature) },
    };
  };
  const connected = () => {
    const present = chain();
    if (present !== null) return present;
    throw new ServiceProblem(503, "chain-unreachable", "The enclave cannot reach the chain now.", {
      remedy: "Ask again in a few seconds; GET /ready says what is missing.",
    });
  };
  const known = (order: string) => {
    const attested = orders.get(order);
    if (attested !== undefined) return attested;
    throw new ServiceProblem(404, "order-unknown", "This enclave has made no keys for the order.", {
      remedy:
        "POST /orders first. Keys live in memory: after a restart, orders that were not delivered need new ones.",
    });
  };

  app.openapi(
    createRoute({
      method: "get",
      path: "/identity",
      summary: "What this enclave is and what it computes",
      responses: { 200: jsonResponse("The enclave", enclaveIdentitySchema), default: problemResponse },
    }),
    (context) =>
      context.json(
        {
          host: toHex(host),
          platform: platform.platform,
          measurement: toHex(platform.measurement),
          computation: COMPUTATION,
          simulated: platform.platform === "Simulated",
        },
        200,
      ),
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/orders",
      summary: "Have the enclave make keys for an order and have them attested",
      request: { body: jsonBody(enclaveOrderRequestSchema) },
      responses: {
        200: jsonResponse("Keys, claim and signatures", enclaveOrderSchema),
        default: problemResponse,
      },
    }),
    async (context) => {
      const { order, job } = context.req.valid("json");
      const ids = [...new Set(job ?? [order])];
      if (!ids.includes(order)) {
        throw new ServiceProblem(400, "bad-request", "The job does not name the order itself.");
      }
      return context.json(show(await orders.attest(connected(), fromHex(order), ids)), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/orders/{order}",
      summary: "Where an order stands in the enclave",
      request: { params },
      responses: { 200: jsonResponse("The order", enclaveOrderSchema), default: problemResponse },
    }),
    (context) => context.json(show(known(context.req.valid("param").order)), 200),
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/orders/{order}/naming",
      summary: "Name the enclave: the buyer's signature over its keys; the enclave's host then sends attest",
      request: { params, body: jsonBody(namingSchema) },
      responses: {
        202: jsonResponse("attest is on its way", enclaveOrderSchema),
        default: problemResponse,
      },
    }),
    async (context) => {
      const attested = known(context.req.valid("param").order);
      const naming = fromHex(context.req.valid("json").signature);
      const present = connected();
      const made = await present.attest(attested.quorum.claim, attested.quorum.signatures, naming);
      const refusal = "refusal" in made ? made.refusal : await present.broadcast(made.extrinsic);
      if (refusal !== null) throw new ServiceProblem(409, "attest-refused", refusal);
      return context.json(show(attested), 202);
    },
  );
  return service;
}
