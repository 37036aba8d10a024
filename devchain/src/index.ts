import { loadRuntime } from "@keystrand/runtime-config/load";
import { EmbeddedChain } from "./chain/chain.ts";
import type { Chain, ChainOptions } from "./chain/types.ts";

export * from "./chain/errors.ts";
export {
  type RecordedBlock,
  type ReplayedBlock,
  recordedBlock,
  recording,
  replay,
} from "./chain/replay.ts";
export type * from "./chain/types.ts";
export { type ChainSpecHead, exportChainSpec, genesisFrom, type RawChainSpec } from "./genesis/chain-spec.ts";
export { ChainNode, type ChainNodeOptions, type Finality, type Sealing } from "./node/node.ts";
export { type Scheduler, systemScheduler } from "./node/scheduler.ts";
export { type Journal, type JournalEntry, JournalError } from "./persist/journal.ts";
export { DEFAULT_POOL_LIMITS, type PoolLimits } from "./pool/pool.ts";
export { ChainProvider } from "./provider/provider.ts";

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
