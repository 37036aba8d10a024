import { fromHex } from "@keystrand/sdk/bytes";
import type { ApiPromise } from "@polkadot/api";
import type { EventRecord } from "@polkadot/types/interfaces";
import type { FinalizedBlock } from "./blocks.ts";

/** A finalised block with all of its events. */
export interface BlockWithEvents extends FinalizedBlock {
  readonly events: readonly EventRecord[];
}

/** The chain is shorter than what was read of it before: it lost its tail, or is another one. */
export class ChainLostBlocksError extends Error {
  constructor(next: number, newest: number) {
    super(`the chain's newest final block is ${newest}, but blocks up to ${next - 1} were read before`);
    this.name = "ChainLostBlocksError";
  }
}

/**
 * Every finalised block from a height on, in order and without gaps, until the signal aborts.
 *
 * @param account - SS58 address whose extrinsics are told in `own`
 * @throws ChainLostBlocksError, or what the connection throws when it is lost
 */
export async function* finalizedBlocks(
  api: ApiPromise,
  from: number,
  account: string,
  signal: AbortSignal,
): AsyncGenerator<BlockWithEvents, void, undefined> {
  let newest = -1;
  let failure: Error | undefined;
  let wake = Promise.withResolvers<void>();
  const notify = () => wake.resolve();
  const lost = () => {
    failure = new Error("the connection to the node was lost");
    notify();
  };
  const unsubscribe = await api.rpc.chain.subscribeFinalizedHeads((header) => {
    newest = Math.max(newest, header.number.toNumber());
    notify();
  });
  signal.addEventListener("abort", notify);
  api.once("disconnected", lost);
  try {
    for (let next = from; ; ) {
      await wake.promise;
      wake = Promise.withResolvers();
      if (newest >= 0 && next > newest + 1) throw new ChainLostBlocksError(next, newest);
      while (next <= newest) {
        if (signal.aborted) return;
        if (failure !== undefined) throw failure;
        yield await readBlock(api, next, account, next === newest);
        next += 1;
      }
      if (signal.aborted) return;
      if (failure !== undefined) throw failure;
    }
  } finally {
    signal.removeEventListener("abort", notify);
    api.off("disconnected", lost);
    unsubscribe();
  }
}

async function readBlock(
  api: ApiPromise,
  number: number,
  account: string,
  newest: boolean,
): Promise<BlockWithEvents> {
  const hash = await api.rpc.chain.getBlockHash(number);
  const [{ block }, state] = await Promise.all([api.rpc.chain.getBlock(hash), api.at(hash)]);
  const [events, time] = await Promise.all([state.query.system!.events!(), state.query.timestamp!.now!()]);
  const records = events as unknown as readonly EventRecord[];
  const own = block.extrinsics.flatMap((extrinsic, index) => {
    if (!extrinsic.isSigned || extrinsic.signer.toString() !== account) return [];
    const failed = records.find(
      ({ phase, event }) =>
        phase.isApplyExtrinsic &&
        phase.asApplyExtrinsic.toNumber() === index &&
        api.events.system!.ExtrinsicFailed!.is(event),
    );
    return [
      { hash: fromHex(extrinsic.hash.toHex()), failure: failed === undefined ? null : reasonOf(api, failed) },
    ];
  });
  return { number, hash: hash.toHex(), time: Number(time.toString()), newest, own, events: records };
}

function reasonOf(api: ApiPromise, { event }: EventRecord): string {
  const [error] = event.data;
  const module = error as unknown as {
    isModule?: boolean;
    asModule?: Parameters<typeof api.registry.findMetaError>[0];
  };
  if (module.isModule && module.asModule !== undefined) {
    const { section, name } = api.registry.findMetaError(module.asModule);
    return `${section}.${name}`;
  }
  return String(error);
}
