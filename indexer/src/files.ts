import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Deployment, deploymentSchema } from "@keystrand/sdk/deployment";
import { z } from "zod";
import { type Bundle, bundleSchema } from "./chain/abi.ts";
import { SettingsError } from "./settings.ts";

/** Where `npm run build:contracts` puts its bundles. */
export const DEFAULT_ARTIFACTS = fileURLToPath(new URL("../../contracts-ink/artifacts", import.meta.url));

/** @throws SettingsError */
export function readDeployment(path: string): Deployment {
  return readJson(path, deploymentSchema, "KEYSTRAND_DEPLOYMENT");
}

/** A bundle as it is used, and as it is in its file. */
export interface BundleFile {
  bundle: Bundle;
  content: Record<string, unknown>;
}

/** Every bundle in these folders. @throws SettingsError */
export function readBundles(folders: readonly string[]): Bundle[] {
  return readBundleFiles(folders).map(({ bundle }) => bundle);
}

/** The same, with the files' whole content. @throws SettingsError */
export function readBundleFiles(folders: readonly string[]): BundleFile[] {
  return folders.flatMap((folder) => {
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch (error) {
      throw new SettingsError([`ARTIFACTS: ${folder} cannot be read: ${String(error)}`]);
    }
    return names
      .filter((name) => name.endsWith(".contract"))
      .sort()
      .map((name) => {
        const content = readJson(join(folder, name), z.record(z.string(), z.unknown()), "ARTIFACTS");
        return { content, bundle: checked(join(folder, name), content, bundleSchema, "ARTIFACTS") };
      });
  });
}

/** Puts a file in place at once: a reader sees the old content or the new, never a part. */
export function replaceFile(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
}

function readJson<T extends z.ZodType>(path: string, schema: T, variable: string): z.infer<T> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new SettingsError([`${variable}: ${path} cannot be read: ${String(error)}`]);
  }
  return checked(path, content, schema, variable);
}

function checked<T extends z.ZodType>(
  path: string,
  content: unknown,
  schema: T,
  variable: string,
): z.infer<T> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${variable}: ${path}: ${issue.path.join(".")}: ${issue.message}`),
  );
}
