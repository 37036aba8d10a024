import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const json = (file: string) => JSON.parse(readFileSync(join(ROOT, file), "utf8"));
const manifests = [
  "package.json",
  ...globSync("*/package.json", { cwd: ROOT, exclude: ["node_modules/**"] }),
];

test.each(manifests)("%s pins every dependency to one version", (file) => {
  const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = json(file);
  for (const [name, version] of Object.entries({
    ...dependencies,
    ...devDependencies,
    ...optionalDependencies,
  }))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
});

test("the lock file holds a hash for every package, and no address of a registry", () => {
  const { packages } = json("package-lock.json") as {
    packages: Record<string, { link?: boolean; integrity?: string; resolved?: string }>;
  };
  const fetched = Object.entries(packages).filter(
    ([path, { link }]) => path.includes("node_modules/") && !link,
  );
  expect(fetched.length).toBeGreaterThan(300);
  for (const [path, { integrity, resolved }] of fetched) {
    expect(integrity, path).toMatch(/^sha512-/);
    expect(resolved, path).toBeUndefined();
  }
});
