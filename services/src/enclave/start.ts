import { join } from "node:path";
import { fromHex } from "@keystrand/sdk/bytes";
import { DEPLOYMENT_VARIABLE } from "@keystrand/sdk/deployment";
import { keepWorking } from "../chain/connection.ts";
import { openDevelopmentRoot } from "../development-root/root.ts";
import { contractAccount, readDeployment } from "../service/deployment.ts";
import { accountOf } from "../service/keys.ts";
import { takeFolder } from "../service/lock.ts";
import { createLog } from "../service/log.ts";
import { type RunningService, startService } from "../service/run.ts";
import { maskedSettings, readSettings } from "../service/settings.ts";
import { enclaveApp } from "./app.ts";
import type { EnclaveChain } from "./chain.ts";
import { enclaveChain } from "./contracts.ts";
import { EnclaveLoop } from "./loop.ts";
import { EnclaveOrders } from "./orders.ts";
import { ReceiptBook } from "./receipts.ts";
import { enclaveSettings } from "./settings.ts";
import { simulatedPlatform } from "./simulated-platform.ts";
import { gatewayStorage } from "./storage.ts";

/** Starts the enclave from environment variables. */
export async function startEnclave(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunningService> {
  const settings = readSettings("enclave", enclaveSettings, environment);
  const log = createLog("enclave", settings.LOG_LEVEL);
  log.info({ settings: maskedSettings(settings, ["BLOCK_STORE_TOKEN"]) }, "starting");
  log.warn("SIMULATED enclave: no hardware protects what it computes on");
  const letGo = takeFolder("enclave", settings.FOLDER);
  const deployment = readDeployment(settings[DEPLOYMENT_VARIABLE]);
  const host = await accountOf(settings.FOLDER);
  const platform = simulatedPlatform(await openDevelopmentRoot(settings.DEVELOPMENT_ROOT));
  const orders = new EnclaveOrders({
    platform,
    verifiers: settings.VERIFIER_URLS,
    claimLifetime: settings.CLAIM_LIFETIME,
    genesis: fromHex(deployment.genesis),
    escrow: contractAccount(deployment, "escrow"),
    log,
  });
  const receipts = new ReceiptBook(join(settings.FOLDER, "receipts.sqlite"));
  const stopping = new AbortController();
  const loop = new EnclaveLoop({
    orders,
    receipts,
    storage: gatewayStorage(settings.BLOCK_STORE_URL, settings.BLOCK_STORE_TOKEN, log),
    log,
    signal: stopping.signal,
  });
  let chain: EnclaveChain | null = null;
  const node = settings.NODE_URL ?? deployment.node;
  const work = keepWorking(node, deployment, log, stopping.signal, async (contracts, signal) => {
    chain = enclaveChain(contracts, host);
    try {
      await loop.follow(chain, signal);
    } finally {
      chain = null;
    }
  });
  const { app } = enclaveApp({
    platform,
    host: host.account,
    orders,
    receipts,
    chain: () => chain,
    log,
    parts: async () => ({ chain: work.trouble() }),
  });
  return startService({
    service: "enclave",
    folder: settings.FOLDER,
    host: settings.HOST,
    port: settings.PORT,
    app,
    log,
    close: async () => {
      stopping.abort();
      await work.ended;
      receipts.close();
      letGo();
    },
  });
}
