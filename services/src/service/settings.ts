import { z } from "zod";

/** Settings that every service has. */
export const commonSettings = z.object({
  /** Folder with this service's keys and database; made at first start, readable by its owner only. */
  FOLDER: z.string().min(1, "name the folder for this service's keys and database"),
  /** Address to listen on. */
  HOST: z.string().min(1).default("127.0.0.1"),
  /** Port to listen on; 0 takes a free one, written to `address.json` in the folder. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Least severe log line that is written. */
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

/** A list in one variable, separated by commas. */
export const commaSeparated = <Item extends z.ZodType<unknown, string>>(item: Item) =>
  z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .pipe(z.array(item));

/** Settings that cannot be used; says which variable and why. */
export class SettingsError extends Error {
  constructor(service: string, problems: readonly string[]) {
    super(`${service} cannot start with these settings:\n${problems.map((line) => `  ${line}`).join("\n")}`);
    this.name = "SettingsError";
  }
}

/**
 * Reads a service's settings from environment variables.
 * @throws SettingsError naming every variable that is wrong
 */
export function readSettings<Schema extends z.ZodObject>(
  service: string,
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> {
  // An empty variable is how a shell or a compose file says "not set".
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    service,
    parsed.error.issues.map((issue) => `${issue.path.join(".") || "settings"}: ${issue.message}`),
  );
}

/** The settings as they may be printed: secrets and credentials in URLs are masked. */
export function maskedSettings(
  settings: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      if (secrets.includes(name)) return [name, value === undefined ? undefined : "(set)"];
      return [name, typeof value === "string" ? value.replace(/\/\/[^/@\s]+@/, "//(masked)@") : value];
    }),
  );
}
