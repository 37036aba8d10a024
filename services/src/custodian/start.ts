import { join } from "node:path";
import { fromHex } from "@keystrand/sdk/bytes";
import { DEPLOYMENT_VARIABLE } from "@keystrand/sdk/deployment";
import { keepWorking } from "../chain/connection.ts";
import { ChainLostBlocksError } from "../chain/finalized.ts";
import { contractAccount, readDeployment } from "../service/deployment.ts";
import { freshSecretHex, secretFile } from "../service/files.ts";
import { accountOf, encryptionPairOf } from "../service/keys.ts";
import { takeFolder } from "../service/lock.ts";
import { createLog } from "../service/log.ts";
import { type RunningService, startService } from "../service/run.ts";
import { maskedSettings, readSettings } from "../service/settings.ts";
import { custodianApp } from "./app.ts";
import { custodianChain } from "./contracts.ts";
import { type CrashPoint, runReleaseLoop } from "./release-loop.ts";
import { custodianSettings } from "./settings.ts";
import { Vault } from "./vault.ts";

/**
 * Starts the custodian from environment variables.
 * @param reached - told of each moment at which a crash would hurt; a test ends the process there
 */
export async function startCustodian(
  environment: Readonly<Record<string, string | undefined>>,
  reached: (point: CrashPoint) => void = () => {},
): Promise<RunningService> {
  const settings = readSettings("custodian", custodianSettings, environment);
  const log = createLog("custodian", settings.LOG_LEVEL);
  log.info({ settings: maskedSettings(settings, ["OPERATOR_TOKEN"]) }, "starting");
  const letGo = takeFolder("custodian", settings.FOLDER);
  const deployment = readDeployment(settings[DEPLOYMENT_VARIABLE]);
  const genesis = fromHex(deployment.genesis);
  const signer = await accountOf(settings.FOLDER);
  const firstBlock = deployment.contracts.escrow?.block ?? 0;
  const vault = new Vault(join(settings.FOLDER, "custodian.sqlite"), genesis, firstBlock);
  const encryption = encryptionPairOf(settings.FOLDER);
  const stopping = new AbortController();
  const node = settings.NODE_URL ?? deployment.node;
  const work = keepWorking(node, deployment, log, stopping.signal, async (contracts, signal) => {
    const chain = custodianChain(contracts, signer);
    try {
      await runReleaseLoop(
        { chain, vault, encryption, log, margin: settings.DELIVERY_MARGIN, reached },
        signal,
      );
    } catch (error) {
      // The chain lost its tail: what was read may not stand any more. Reading it all again is harmless.
      if (error instanceof ChainLostBlocksError) vault.rewind(firstBlock);
      throw error;
    }
  });
  const { app } = custodianApp({
    intake: {
      vault,
      signer,
      encryption,
      consents: { genesis, contract: contractAccount(deployment, "consents") },
    },
    operatorToken:
      settings.OPERATOR_TOKEN ?? secretFile(join(settings.FOLDER, "operator-token"), freshSecretHex).trim(),
    log,
    parts: async () => ({ chain: work.trouble() }),
  });
  return startService({
    service: "custodian",
    folder: settings.FOLDER,
    host: settings.HOST,
    port: settings.PORT,
    app,
    log,
    close: async () => {
      stopping.abort();
      await work.ended;
      vault.close();
      letGo();
    },
  });
}
