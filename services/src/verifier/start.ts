import { accountOf } from "../service/keys.ts";
import { takeFolder } from "../service/lock.ts";
import { createLog } from "../service/log.ts";
import { type RunningService, startService } from "../service/run.ts";
import { maskedSettings, readSettings } from "../service/settings.ts";
import { verifierApp } from "./app.ts";
import { trustSettings, verifierSettings } from "./settings.ts";
import { readTrust } from "./trust.ts";

/** Starts a verifier from environment variables. */
export async function startVerifier(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunningService> {
  const settings = readSettings("verifier", verifierSettings, environment);
  const log = createLog("verifier", settings.LOG_LEVEL);
  log.info({ settings: maskedSettings(settings, []) }, "starting");
  const letGo = takeFolder("verifier", settings.FOLDER);
  if (settings.DEVELOPMENT_ROOT !== undefined) {
    log.warn("SIMULATED evidence is appraised: no hardware stands behind claims under the development root");
  }
  const { app } = verifierApp(
    {
      trust: readTrust(trustSettings(settings)),
      signer: await accountOf(settings.FOLDER),
      measurements: settings.MEASUREMENTS,
      maxEvidenceAge: settings.MAX_EVIDENCE_AGE,
      maxClaimLifetime: settings.MAX_CLAIM_LIFETIME,
      maxClockDifference: settings.MAX_CLOCK_DIFFERENCE,
      now: Date.now,
    },
    log,
  );
  return startService({
    service: "verifier",
    folder: settings.FOLDER,
    host: settings.HOST,
    port: settings.PORT,
    app,
    log,
    close: async () => letGo(),
  });
}
