/** Chain time in the demonstration. On the embedded chain it is held and moved openly; other nodes are waited for. */

import { chainTime } from "@keystrand/sdk/chain";
import type { Contracts } from "@keystrand/sdk/contracts";
import { requestJson } from "@keystrand/sdk/http";
import { z } from "zod";
import type { Timeline } from "../timeline.ts";

/** Uses an embedded chain's control; other nodes have no such method and are left alone. Says whether it was there. */
export const control = async (
  { api, deployment }: Contracts,
  method: "dev_holdFinality" | "dev_setTime" | "dev_seal",
  params: readonly unknown[],
): Promise<boolean> => {
  const { methods } = await api.rpc.rpc.methods();
  if (!methods.some((known) => known.toString() === method)) return false;
  // A node answers HTTP on its WebSocket port.
  const url = deployment.node.replace(/^ws/, "http");
  await requestJson(url, z.object({ result: z.unknown() }), {
    json: { jsonrpc: "2.0", id: 1, method, params },
  });
  return true;
};

/** A clock that stands still while people act, so that a slow machine cannot miss the close of a vote. */
export interface HeldClock {
  /** Moves chain time forward and makes a block there; on other nodes nothing happens, and time passes by itself. */
  pass(milliseconds: bigint, why: string): Promise<void>;
  /** Lets time go on from where it is. */
  release(): Promise<void>;
}

export const holdClock = async (contracts: Contracts, timeline: Timeline): Promise<HeldClock> => {
  const set = async (time: bigint, frozen: boolean) =>
    control(contracts, "dev_setTime", [Number(time), frozen]);
  const held = await set(await chainTime(contracts), true);
  return {
    async pass(milliseconds, why) {
      if (!held) return;
      await set((await chainTime(contracts)) + milliseconds, true);
      await control(contracts, "dev_seal", []);
      timeline.note("clock", `DEVELOPMENT TIME: moved forward by ${milliseconds / 1000n} s, ${why}`);
    },
    async release() {
      if (held) await set(await chainTime(contracts), false);
    },
  };
};
