import { setTimeout as after } from "node:timers/promises";
import { type BlockSource, type PackedCar, verifyBlock } from "@keystrand/sdk/car";
import { storedCarSchema } from "@keystrand/sdk/http";
import { streamOf } from "@keystrand/sdk/streams";
import type { Log } from "../service/log.ts";

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;
/** How long one block may take, ms. */
const PATIENCE = 60_000;

/** The block store as the enclave uses it: nothing that it says is believed, and its failures are waited out. */
export interface Storage {
  /** Blocks by their CIDs, verified. Waits and asks again for as long as it takes. */
  readonly blocks: (signal: AbortSignal, onTrouble: (sentence: string) => void) => BlockSource;
  /** Stores a CAR. Waits and tries again for as long as it takes. */
  put(car: PackedCar, signal: AbortSignal, onTrouble: (sentence: string) => void): Promise<void>;
}

/** Storage behind a trustless gateway. */
export function gatewayStorage(url: string, token: string, log: Log): Storage {
  const persist = async <Result>(
    what: string,
    signal: AbortSignal,
    onTrouble: (sentence: string) => void,
    attempt: () => Promise<Result>,
  ): Promise<Result> => {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      signal.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        signal.throwIfAborted();
        const reason = error instanceof Error ? error.message : String(error);
        onTrouble(`${what}: ${reason}`);
        log.warn({ what, reason }, "storage failed; trying again");
        await after(pause, undefined, { signal });
      }
    }
  };
  return {
    blocks: (signal, onTrouble) => (cid) =>
      persist(`Block ${cid} cannot be read`, signal, onTrouble, async () => {
        const response = await fetch(new URL(`/ipfs/${cid}?format=raw`, url), {
          signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
        });
        if (!response.ok) throw new Error(`the store answered ${response.status}`);
        const bytes = await response.bytes();
        // A changed block is the store's failure, not the contributor's: ask again.
        await verifyBlock(cid, bytes);
        return bytes;
      }),
    put: (car, signal, onTrouble) =>
      persist("The result cannot be stored", signal, onTrouble, async () => {
        const request: RequestInit & { duplex: "half" } = {
          method: "PUT",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/vnd.ipld.car" },
          body: streamOf(car.stream()),
          duplex: "half",
          signal,
        };
        const response = await fetch(new URL("/cars", url), request);
        if (!response.ok) throw new Error(`the store answered ${response.status}`);
        const stored = storedCarSchema.parse(await response.json());
        if (stored.root !== car.cid.toString()) throw new Error("the store kept another root");
      }),
  };
}
