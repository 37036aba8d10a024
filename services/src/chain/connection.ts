import { setTimeout as after } from "node:timers/promises";
import { connect } from "@keystrand/sdk/chain";
import { type Contracts, contractsOf, DeploymentMismatch } from "@keystrand/sdk/contracts";
import type { Deployment } from "@keystrand/sdk/deployment";
import type { ApiPromise } from "@polkadot/api";
import type { Log } from "../service/log.ts";

/** First and longest wait before a lost chain is tried again, ms. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

/** How the work with the chain stands, for `/ready`. */
export interface ChainWork {
  /** One sentence, or null while all is well. */
  readonly trouble: () => string | null;
  /** Ends when the signal has aborted and the work has let go of the chain. */
  readonly ended: Promise<void>;
}

/**
 * Works with the chain until the signal aborts: connects, runs the work, and after any error lets go and begins
 * again. The work must therefore be able to be ended and begun anywhere.
 */
export function keepWorking(
  node: string,
  deployment: Deployment,
  log: Log,
  signal: AbortSignal,
  work: (contracts: Contracts, signal: AbortSignal) => Promise<void>,
): ChainWork {
  let trouble: string | null = "Connecting to the node.";
  const run = async () => {
    for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        const api = await unlessAborted(connect(node), signal);
        try {
          const contracts = contractsOf(api, deployment);
          trouble = null;
          pause = FIRST_PAUSE;
          log.info({ node }, "connected to the chain");
          await work(contracts, signal);
        } finally {
          await api.disconnect();
        }
      } catch (error) {
        if (signal.aborted) break;
        trouble = error instanceof Error ? error.message : String(error);
        log[error instanceof DeploymentMismatch ? "error" : "warn"](
          { err: error },
          "lost the chain; trying again",
        );
      }
      await after(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  return { trouble: () => trouble, ended: run() };
}

/** A connection, unless the signal aborts first: a stop does not wait for a node that does not answer. */
async function unlessAborted(connecting: Promise<ApiPromise>, signal: AbortSignal): Promise<ApiPromise> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([connecting, aborted.promise]);
  } catch (error) {
    if (signal.aborted) void connecting.then((late) => late.disconnect()).catch(() => undefined);
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
