import { z } from "zod";
import { IndexerError } from "./errors.ts";

/** Settings of the indexer: environment variables. */
export const settingsSchema = z.object({
  /** Folder of the database, its lock and `address.json`; made at first start. */
  FOLDER: z.string().min(1, "name the folder for the indexer's database"),
  /** Path of the deployment record. */
  KEYSTRAND_DEPLOYMENT: z.string().min(1, "name the deployment record that `npm run deploy` wrote"),
  /** Folders with `.contract` bundles, separated by commas; older code's bundles may lie beside newer ones. */
  ARTIFACTS: z.string().min(1).optional(),
  /** WebSocket URL of an archive node; the deployment record's where it is not set. */
  NODE_URL: z.url({ protocol: /^wss?$/ }).optional(),
  /** PostgreSQL; without it PGlite in the folder. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** Connections to PostgreSQL. */
  DATABASE_CONNECTIONS: z.coerce.number().int().min(2).max(100).default(10),
  /** Address to listen on. */
  HOST: z.string().min(1).default("127.0.0.1"),
  /** Port to listen on; 0 takes a free one, written to `address.json` in the folder. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Least severe log line that is written. */
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  /** Blocks that are read together while catching up. */
  BACKFILL_CHUNK: z.coerce.number().int().min(1).max(1_000).default(32),
  /** Chunks that are read ahead of the database. */
  BACKFILL_AHEAD: z.coerce.number().int().min(1).max(64).default(4),
  /** ms after which the node's answer counts as lost. */
  RPC_TIMEOUT: z.coerce.number().int().min(100).default(20_000),
  /** Blocks behind the node's head up to which `/ready` says yes. */
  READY_LAG: z.coerce.number().int().nonnegative().default(5),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Settings that cannot be used. */
export class SettingsError extends IndexerError {
  override readonly name = "SettingsError";
  constructor(problems: readonly string[]) {
    super(`These settings cannot be used:\n${problems.map((line) => `  ${line}`).join("\n")}`, {
      retryable: false,
      advice: "Set the environment variables named above.",
    });
  }
}

/**
 * Reads the settings.
 *
 * @throws SettingsError naming every variable that is wrong
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  // An empty variable is how a shell or a compose file says "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = settingsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    parsed.error.issues.map(({ path, message }) => `${path.join(".") || "settings"}: ${message}`),
  );
}

/** The settings as they may be printed: credentials in URLs are masked. */
export function maskedSettings(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      typeof value === "string" ? value.replace(/\/\/[^/@\s]+@/, "//(masked)@") : value,
    ]),
  );
}
