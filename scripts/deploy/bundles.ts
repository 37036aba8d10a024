import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeFromBundle, DEPLOYED_CONTRACTS, type deploy } from "@keystrand/sdk/deploy";

const ARTIFACTS = join(import.meta.dirname, "../../contracts-ink/artifacts");

/** The committed contracts, as deploy takes them. */
export const readBundles = () =>
  Object.fromEntries(
    DEPLOYED_CONTRACTS.map((name) => [
      name,
      codeFromBundle(JSON.parse(readFileSync(join(ARTIFACTS, `${name}.contract`), "utf8"))),
    ]),
  ) as Parameters<typeof deploy>[2];
