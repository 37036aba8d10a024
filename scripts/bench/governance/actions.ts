import { toHex } from "@keystrand/sdk/bytes";
import { voiceAbi } from "@keystrand/sdk/contracts";
import type { Action } from "@keystrand/sdk/generated/governor";

/** A call of `voice.mint`. */
export const mintAction = (voice: string, to: string, amount: bigint): Action => {
  const input = voiceAbi.message("mint").encode({ to, amount });
  return {
    type: "Call",
    value: {
      callee: voice,
      selector: toHex(input.subarray(0, 4)),
      input: toHex(input.subarray(4)),
      value: 0n,
      refTime: 0n,
      proofSize: 0n,
      deposit: null,
    },
  };
};
