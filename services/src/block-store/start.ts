import { join } from "node:path";
import { freshSecretHex, secretFile } from "../service/files.ts";
import { takeFolder } from "../service/lock.ts";
import { createLog } from "../service/log.ts";
import { type RunningService, startService } from "../service/run.ts";
import { maskedSettings, readSettings } from "../service/settings.ts";
import { blockStoreApp } from "./app.ts";
import { kuboPinner } from "./kubo.ts";
import { blockStoreSettings } from "./settings.ts";
import { BlockFolder } from "./store.ts";

/** Starts the block store from environment variables. */
export async function startBlockStore(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunningService> {
  const settings = readSettings("block-store", blockStoreSettings, environment);
  const log = createLog("block-store", settings.LOG_LEVEL);
  log.info({ settings: maskedSettings(settings, ["WRITE_TOKEN"]) }, "starting");
  const letGo = takeFolder("block-store", settings.FOLDER);
  const writeToken =
    settings.WRITE_TOKEN ?? secretFile(join(settings.FOLDER, "write-token"), freshSecretHex).trim();
  const store = await BlockFolder.open(settings.FOLDER, settings.MAX_STORE_BYTES);
  const { app } = blockStoreApp({
    store,
    writeToken,
    maxCarBytes: settings.MAX_CAR_BYTES,
    pinner: settings.IPFS_API_URL === undefined ? null : kuboPinner(settings.IPFS_API_URL),
    log,
  });
  return startService({
    service: "block-store",
    folder: settings.FOLDER,
    host: settings.HOST,
    port: settings.PORT,
    app,
    log,
    close: async () => letGo(),
  });
}
