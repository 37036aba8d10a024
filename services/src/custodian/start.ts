import { join } from "node:path";
import { fromHex } from "@keystrand/sdk/bytes";
import { DEPLOYMENT_VARIABLE } from "@keystrand/sdk/deployment";
import { contractAccount, readDeployment } from "../service/deployment.ts";
import { freshSecretHex, secretFile } from "../service/files.ts";
import { accountOf, encryptionPairOf } from "../service/keys.ts";
import { takeFolder } from "../service/lock.ts";
import { createLog } from "../service/log.ts";
import { type RunningService, startService } from "../service/run.ts";
import { maskedSettings, readSettings } from "../service/settings.ts";
import { custodianApp } from "./app.ts";
import { custodianSettings } from "./settings.ts";
import { Vault } from "./vault.ts";

/** Starts the custodian from environment variables. */
export async function startCustodian(
  environment: Readonly<Record<string, string | undefined>>,
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
  const { app } = custodianApp({
    intake: {
      vault,
      signer,
      encryption: encryptionPairOf(settings.FOLDER),
      consents: { genesis, contract: contractAccount(deployment, "consents") },
    },
    operatorToken:
      settings.OPERATOR_TOKEN ?? secretFile(join(settings.FOLDER, "operator-token"), freshSecretHex).trim(),
    log,
    parts: async () => ({ vault: null }),
  });
  return startService({
    service: "custodian",
    folder: settings.FOLDER,
    host: settings.HOST,
    port: settings.PORT,
    app,
    log,
    close: async () => {
      vault.close();
      letGo();
    },
  });
}
