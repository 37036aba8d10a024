import type { ApiPromise } from "@polkadot/api";
import type { DecodedEvent } from "../contracts/abi.ts";

/** A contract's event with its place in the chain. */
export interface PlacedEvent {
  readonly event: DecodedEvent;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly extrinsicIndex: number;
  readonly extrinsicHash: string;
}

/** What decodes events: any contract client. */
interface EventDecoder {
  events(records: Awaited<ReturnType<typeof eventRecords>>): DecodedEvent[];
}

const eventRecords = async (api: ApiPromise, blockHash: string) => [
  ...((await (
    await api.at(blockHash)
  ).query.system!.events!()) as unknown as Iterable<import("@polkadot/types/interfaces").EventRecord>),
];

/** A contract's events in a range of blocks, both ends included, in order. */
export const contractEventsIn = async (
  api: ApiPromise,
  contract: EventDecoder,
  from: number,
  to: number,
): Promise<PlacedEvent[]> => {
  const placed: PlacedEvent[] = [];
  for (let blockNumber = from; blockNumber <= to; blockNumber++) {
    const blockHash = (await api.rpc.chain.getBlockHash(blockNumber)).toHex();
    const records = await eventRecords(api, blockHash);
    const decoded = records
      .filter(({ phase }) => phase.isApplyExtrinsic)
      .flatMap((record) =>
        contract
          .events([record])
          .map((event) => ({ event, index: record.phase.asApplyExtrinsic.toNumber() })),
      );
    if (decoded.length === 0) continue;
    const { block } = await api.rpc.chain.getBlock(blockHash);
    for (const { event, index } of decoded)
      placed.push({
        event,
        blockNumber,
        blockHash,
        extrinsicIndex: index,
        extrinsicHash: block.extrinsics[index]!.hash.toHex(),
      });
  }
  return placed;
};
