import type { ChainOptions } from "../chain/types.ts";
import type { RawChainSpec } from "../genesis/chain-spec.ts";
import type { Finality, Sealing } from "../node/node.ts";
import type { PoolLimits } from "../pool/pool.ts";
import type { ServerLimits } from "./server.ts";

/** Settings of a chain in a thread of its own. All of them can be copied between threads. */
export interface ChainServerOptions {
  /** 0 (default) takes a free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: instant, with an empty block every 6 seconds. */
  readonly sealing?: Sealing;
  /** Default: 1000 milliseconds. */
  readonly finality?: Finality;
  readonly pool?: PoolLimits;
  readonly limits?: Partial<ServerLimits>;
  readonly chain?: Pick<ChainOptions, "runtime" | "genesis" | "selfCheck" | "pruning" | "logLevel">;
  /** A raw chain spec, of `exportChainSpec` or the real node, to start from; `chain.genesis` goes unused then. */
  readonly chainSpec?: RawChainSpec;
  /** Folder that keeps the chain; without it, it lives in memory. */
  readonly basePath?: string;
  /** Milliseconds since 1970 at which the chain's clock begins. Default: the system's clock. */
  readonly startTime?: number;
}

/** From the worker to its maker. */
export type WorkerMessage =
  | {
      readonly kind: "listening";
      readonly url: string;
      readonly port: number;
      readonly genesisHash: string;
      readonly bestNumber: number;
    }
  | { readonly kind: "failed"; readonly message: string; readonly code: string | undefined }
  | BlockMessage
  | { readonly kind: "log"; readonly line: string }
  | { readonly kind: "closed" };

/** A new best block. */
export interface BlockMessage {
  readonly kind: "block";
  readonly number: number;
  readonly hash: string;
  /** Without the inherents. */
  readonly transactions: number;
}

/** To the worker. */
export type WorkerOrder = { readonly kind: "close" };
