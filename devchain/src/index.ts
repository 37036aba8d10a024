import { loadRuntime } from "@keystrand/runtime-config/load";
import { EmbeddedChain } from "./chain/chain.ts";
import type { Chain, ChainOptions } from "./chain/types.ts";

export * from "./chain/errors.ts";
export type * from "./chain/types.ts";

/**
 * Starts the development chain in this thread, at genesis.
 *
 * @example
 * const chain = await createChain();
 * const { block } = chain.seal({ extrinsics: [] });
 *
 * @throws GenesisError, RuntimeCallError
 */
export async function createChain(options: ChainOptions = {}): Promise<Chain> {
  return new EmbeddedChain({ ...options, runtime: options.runtime ?? (await loadRuntime()) });
}
