import { z } from "zod";
import type { GenesisSource, StateView } from "../chain/types.ts";
import { toHex } from "../codec/bytes.ts";
import { isChildStorageKey } from "../state/state.ts";

const hex = z.string().regex(/^0x(?:[0-9a-fA-F]{2})*$/);
const storage = z.record(hex, hex);

/** A raw chain spec as the node reads and writes it. Unknown fields are kept. */
export const rawChainSpec = z.looseObject({
  name: z.string(),
  id: z.string(),
  chainType: z.union([z.string(), z.record(z.string(), z.unknown())]),
  genesis: z.object({ raw: z.object({ top: storage, childrenDefault: z.record(hex, storage) }) }),
});
export type RawChainSpec = z.infer<typeof rawChainSpec>;

/** What a chain is called, beside its storage. */
export interface ChainSpecHead {
  readonly name: string;
  readonly id: string;
  /** "Development", "Local" or "Live". */
  readonly chainType: string;
  /** For example `{ tokenSymbol: "UNIT", tokenDecimals: 12, ss58Format: 42 }`. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

/**
 * A chain spec whose genesis is this state: the node's `--chain FILE` starts a chain from it, and so does
 * `createChain({ genesis: genesisFrom(spec) })`. Block numbers start at 0 again; storage stays as it is.
 */
export function exportChainSpec(state: StateView, head: ChainSpecHead): RawChainSpec {
  const top: Record<string, string> = {};
  for (const [key, value] of state.entries()) {
    // The node refuses child roots here: it makes them from the children.
    if (!isChildStorageKey(key)) top[toHex(key)] = toHex(value);
  }
  const childrenDefault: Record<string, Record<string, string>> = {};
  for (const storageKey of state.childKeys()) {
    const child: Record<string, string> = {};
    for (const [key, value] of state.child(storageKey)?.entries() ?? []) child[toHex(key)] = toHex(value);
    childrenDefault[toHex(storageKey)] = child;
  }
  return {
    name: head.name,
    id: head.id,
    chainType: head.chainType,
    bootNodes: [],
    telemetryEndpoints: null,
    protocolId: null,
    properties: head.properties ?? null,
    codeSubstitutes: {},
    genesis: { raw: { top, childrenDefault } },
  };
}

/** The genesis in a parsed raw chain spec, of this chain or the node's. @throws ZodError when it is not one */
export function genesisFrom(spec: unknown): GenesisSource {
  const { top, childrenDefault } = rawChainSpec.parse(spec).genesis.raw;
  return { kind: "raw", top, childrenDefault };
}
