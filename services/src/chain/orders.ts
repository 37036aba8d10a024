import { fromHex, toHex } from "@keystrand/sdk/bytes";
import { type Contracts, SS58_PREFIX } from "@keystrand/sdk/contracts";
import type { OrderView } from "@keystrand/sdk/generated/escrow";
import { decodeAddress, encodeAddress } from "@polkadot/util-crypto";
import type { LineAtBlock, OrderAtBlock } from "./blocks.ts";

/** Bit of a line's flags: its packet was delivered (`order::flag::DELIVERED`). */
const DELIVERED = 1;

/** An SS58 address of an account. */
export function addressOf(account: Uint8Array): string {
  return encodeAddress(account, SS58_PREFIX);
}

/** The escrow's own view of an order at a block, with ours of it. */
export interface ReadOrder {
  readonly order: OrderAtBlock;
  readonly view: OrderView;
}

/** Reads an order at a block; null for an unknown or forgotten one. */
export async function readOrder(
  { escrow }: Contracts,
  order: Uint8Array,
  at: string,
): Promise<ReadOrder | null> {
  const id = toHex(order);
  const view = await escrow.query("order", { order: id }, { at });
  if (view === null) return null;
  const lines = await escrow.query("lines", { order: id }, { at });
  const { head, evidence } = view;
  return {
    view,
    order: {
      order,
      state: head.state,
      deadline: Number(view.deadline),
      window: Number(head.state === "Releasing" ? head.windows.release : head.windows.fulfil),
      arbitrationDeadline: Number(view.arbitrationDeadline),
      minCohort: head.minCohort,
      keys:
        evidence === null
          ? null
          : {
              suite: evidence.keys.suite,
              encryption: fromHex(evidence.keys.encryption),
              signing: fromHex(evidence.keys.signing),
            },
      buyer: decodeAddress(head.buyer),
      readerKey: fromHex(head.readerKey),
      job: fromHex(head.job),
      lines: lines.map(
        (line, index): LineAtBlock => ({
          line: index,
          dataset: fromHex(line.dataset),
          root: fromHex(line.root),
          keyCommitment: fromHex(line.keyCommitment),
          packet: fromHex(line.packet),
          state: line.state,
          delivered: (line.flags & DELIVERED) !== 0,
        }),
      ),
    },
  };
}
