import { createRoute } from "@hono/zod-openapi";
import { fromHex, toHex } from "@keystrand/sdk/bytes";
import {
  bytes32,
  custodianIdentitySchema,
  custodianReceiptSchema,
  type Ready,
  sealedKeySchema,
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
import { authorize } from "../service/token.ts";
import { type Intake, takeKey } from "./intake.ts";

/** What the HTTP side of the custodian works with. */
export interface CustodianParts {
  readonly intake: Intake;
  readonly operatorToken: string;
  readonly log: Log;
  readonly parts: () => Promise<Ready["parts"]>;
}

/** The custodian's routes. */
export function custodianApp({ intake, operatorToken, log, parts }: CustodianParts): ServiceApp {
  const service = createServiceApp({
    service: "custodian",
    summary: "Holds data keys and releases them to attested enclaves of paid orders.",
    log,
    parts,
  });
  const { app, metrics } = service;
  new Gauge({
    name: "keystrand_custodian_keys",
    help: "Data keys in custody",
    registers: [metrics],
    collect() {
      this.set(intake.vault.keyCount);
    },
  });
  new Gauge({
    name: "keystrand_custodian_open_orders",
    help: "Orders that want something from this custodian",
    registers: [metrics],
    collect() {
      this.set(intake.vault.openOrders().length);
    },
  });

  app.openapi(
    createRoute({
      method: "get",
      path: "/identity",
      summary: "To whom data keys are sealed, and who signs receipts",
      responses: {
        200: jsonResponse("The custodian's public keys", custodianIdentitySchema),
        default: problemResponse,
      },
    }),
    (context) =>
      context.json(
        { account: toHex(intake.signer.account), encryption: toHex(intake.encryption.publicKey) },
        200,
      ),
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/keys",
      summary: "Give a sealed data key into custody; answers the receipt that registration needs",
      request: { body: jsonBody(sealedKeySchema) },
      responses: {
        200: jsonResponse("The signed receipt", custodianReceiptSchema),
        default: problemResponse,
      },
    }),
    (context) => {
      const sealed = context.req.valid("json");
      const receipt = takeKey(sealed, intake);
      log.info({ dataset: sealed.dataset }, "took a key into custody");
      return context.json(receipt, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/keys/{dataset}",
      summary: "Forget a dataset's key for ever (operator); erasure on-chain does the same by itself",
      request: {
        params: z.object({ dataset: bytes32 }),
        headers: z.object({ authorization: z.string().optional() }),
      },
      responses: {
        200: jsonResponse(
          "It is gone",
          z.object({ dataset: bytes32, keys: z.int() }).meta({ id: "ErasedKey" }),
        ),
        default: problemResponse,
      },
    }),
    (context) => {
      authorize(context, operatorToken, "operator-token");
      const { dataset } = context.req.valid("param");
      const keys = intake.vault.erase(fromHex(dataset));
      log.info({ dataset, keys }, "erased the keys of a dataset");
      return context.json({ dataset, keys }, 200);
    },
  );
  return service;
}
