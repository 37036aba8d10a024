import { readFileSync } from "node:fs";
import { z } from "zod";
import { type RawChainSpec, rawChainSpec } from "../genesis/chain-spec.ts";

/** The file is not a raw chain spec. */
export class ChainSpecError extends Error {
  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`${file}: ${reason}`, options);
    this.name = "ChainSpecError";
  }
}

/** @throws ChainSpecError */
export function readChainSpec(file: string): RawChainSpec {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ChainSpecError(file, error instanceof Error ? error.message : String(error), { cause: error });
  }
  const parsed = rawChainSpec.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ChainSpecError(
    file,
    `it is not a raw chain spec, as export and the node's build-spec --raw write it: ${z.prettifyError(parsed.error)}`,
  );
}
