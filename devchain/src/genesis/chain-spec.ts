import { z } from "zod";
import type { GenesisSource, StateView } from "../chain/types.ts";
import { ascii, concat, toHex } from "../codec/bytes.ts";
import { twox_64, twox_128 } from "../crypto/hashing.ts";
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

const system = (item: string) => toHex(concat(twox_128(ascii("System")), twox_128(ascii(item))));
const NUMBER = system("Number");
const PARENT_HASH = system("ParentHash");
const BLOCK_HASH = system("BlockHash");
/** `System.BlockHash` of block 0: TwoX-64 of the little-endian number, and the number. */
const GENESIS_HASH = `${BLOCK_HASH}${toHex(concat(twox_64(new Uint8Array(4)), new Uint8Array(4))).slice(2)}`;
/** What frame_system writes where it cannot know a hash yet. Source: `GenesisConfig::build`, `hash69()`. */
const UNKNOWN_HASH = toHex(new Uint8Array(32).fill(69));

/**
 * Makes a state's top trie that of a block 0: takes out what System keeps of the old chain's blocks. With it, the
 * pool would look for the old genesis hash in signatures, and refuse the first transaction of the new chain.
 */
export function beginAgain(top: Record<string, string>): void {
  if (top[NUMBER] === undefined) return;
  delete top[NUMBER];
  for (const key of Object.keys(top)) if (key.startsWith(BLOCK_HASH)) delete top[key];
  top[GENESIS_HASH] = UNKNOWN_HASH;
  top[PARENT_HASH] = UNKNOWN_HASH;
}

/**
 * A chain spec whose genesis is this state: the node's `--chain FILE` starts a chain from it, and so does
 * `createChain({ genesis: genesisFrom(spec) })`. Block numbers start at 0 again, and System's memory of earlier
 * blocks is empty; all other storage stays as it is.
 */
export function exportChainSpec(state: StateView, head: ChainSpecHead): RawChainSpec {
  const top: Record<string, string> = {};
  for (const [key, value] of state.entries()) {
    // The node refuses child roots here: it makes them from the children.
    if (!isChildStorageKey(key)) top[toHex(key)] = toHex(value);
  }
  beginAgain(top);
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
