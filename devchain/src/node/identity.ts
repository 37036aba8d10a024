import { z } from "zod";
import type { RawChainSpec } from "../genesis/chain-spec.ts";
import type { ChainIdentity } from "./node.ts";

const chainType = z.json();
const properties = z.record(z.string(), z.json()).nullish();

/** What a chain that starts from this spec says of itself. @throws ZodError when its properties are no object */
export function identityOf(spec: RawChainSpec): ChainIdentity {
  return {
    name: spec.name,
    chainType: chainType.parse(spec.chainType),
    properties: properties.parse(spec["properties"]) ?? {},
  };
}
