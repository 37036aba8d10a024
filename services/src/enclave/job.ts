import { type ByteSource, toHex, utf8 } from "@keystrand/sdk/bytes";
import { CarError, openBlocks, openDatasetIn, type PackedDataset, packDataset } from "@keystrand/sdk/car";
import { Crypt4ghError } from "@keystrand/sdk/crypt4gh";
import { receiptMessage } from "@keystrand/sdk/signing";
import { type CohortFrequencies, writeFrequencies } from "@keystrand/sdk/vcf";
import type { LineAtBlock, OrderAtBlock } from "../chain/blocks.ts";
import type { Log } from "../service/log.ts";
import type { SignedReceipt } from "./chain.ts";
import { COMPUTATION, type CohortMember, computeFrequencies, type UnusableDataset } from "./computation.ts";
import type { AttestedOrder, EnclaveOrders } from "./orders.ts";
import { type OpenedLine, openLine } from "./packets.ts";
import type { Storage } from "./storage.ts";

/** An order of the job whose packets were delivered. */
export interface DeliveredOrder {
  readonly attested: AttestedOrder;
  /** As it stands at a finalised block after deliver. */
  readonly order: OrderAtBlock;
}

/** What became of a job. */
export interface JobOutcome {
  readonly receipts: readonly SignedReceipt[];
  readonly output: PackedDataset | null;
  /** The receipts are for the buyer to use, not for the enclave's host to send. */
  readonly held: boolean;
  readonly note: string | null;
}

/** What the work on a job needs. */
export interface JobTools {
  readonly orders: EnclaveOrders;
  readonly storage: Storage;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Receipts that were signed before: an order never gets a second one. */
  readonly receiptOf: (order: Uint8Array) => SignedReceipt | undefined;
}

const NO_OUTPUT = new Uint8Array(32);

/**
 * Computes one result over the delivered lines of a job's orders, seals it to the buyer and signs a receipt for
 * each order.
 *
 * Bad lines are left out; fewer good ones than the smallest cohort give no result. What cannot be fetched is waited
 * for. A dataset whose key is right and whose content is not what it should be is no reason for `bad`: it is left
 * out and named in the result, and the buyer decides, since accepting would pay for it.
 */
export async function runJob(delivered: readonly DeliveredOrder[], tools: JobTools): Promise<JobOutcome> {
  const opened = delivered.map((one) => ({ ...one, lines: openLines(one) }));
  const good = opened.flatMap(({ lines }) => lines.filter((line) => line.good));
  const bad = opened.some(({ lines }) => lines.some((line) => !line.good));
  const minCohort = Math.max(...delivered.map(({ order }) => order.minCohort));
  const tell = (stage: AttestedOrder["stage"], note: string | null) => {
    for (const { attested } of delivered) {
      attested.stage = stage;
      attested.note = note;
    }
  };

  const refuse = (usable: number, held: boolean): JobOutcome => ({
    receipts: bad ? sign(opened, NO_OUTPUT, tools) : [],
    output: null,
    held,
    note: `Only ${usable} datasets can be used and the policy asks for ${minCohort}: nothing is computed.`,
  });
  if (good.length < minCohort) return refuse(good.length, false);

  tell("fetching", null);
  const { frequencies, unusable } = await computeFrequencies(
    good.map(({ line, dataKey }) => memberOf(line, dataKey, tools, (note) => tell("fetching", note))),
    minCohort,
  );
  const held = unusable.length > 0;
  if (frequencies === null) return refuse(good.length - unusable.length, held);
  tell("computing", null);
  const output = await sealResult(delivered, frequencies, unusable);
  tell("storing", null);
  await tools.storage.put(output, tools.signal, (note) => tell("storing", note));
  return {
    receipts: sign(opened, output.root, tools),
    output,
    held,
    note: held
      ? `${unusable.length} datasets are not what they should be and were left out; accept, or dispute their lines.`
      : null,
  };
}

function openLines({ attested, order }: DeliveredOrder): readonly OpenedLine[] {
  return order.lines
    .filter(({ delivered }) => delivered)
    .map((line) => {
      const packet = attested.packets?.get(line.line);
      if (packet === undefined)
        throw new Error(`the packet for line ${line.line} did not come from the chain`);
      return openLine(line, packet, attested.encryption.secretKey);
    });
}

function memberOf(
  line: LineAtBlock,
  dataKey: Uint8Array,
  { storage, signal }: JobTools,
  onTrouble: (sentence: string) => void,
): CohortMember {
  return {
    dataset: toHex(line.dataset),
    async *read() {
      const blocks = storage.blocks(signal, onTrouble);
      const dataset = await openDatasetIn(await openBlocks(blocks, line.root), { dataKeys: [dataKey] });
      yield* dataset.read();
    },
    isUnusable: (error) => error instanceof Crypt4ghError || error instanceof CarError,
  };
}

/** The result as a dataset of its own, sealed to the buyer's key that the order pins. */
async function sealResult(
  delivered: readonly DeliveredOrder[],
  frequencies: CohortFrequencies,
  leftOut: readonly UnusableDataset[],
): Promise<PackedDataset> {
  const [any] = delivered;
  if (any === undefined) throw new Error("a job without a delivered order has no result");
  const about = {
    computation: COMPUTATION,
    simulated: any.attested.quorum.simulated,
    orders: delivered.map(({ order }) => toHex(order.order)),
    people: frequencies.people,
    alleles: frequencies.alleles.length,
    withheld: frequencies.withheld,
    leftOut,
  };
  const file = (name: string, mediaType: string, stream: () => ByteSource) => ({ name, mediaType, stream });
  return packDataset({
    files: [
      file("allele-frequencies.vcf", "text/x-vcf", () => writeFrequencies(frequencies)),
      file("about.json", "application/json", () => utf8(`${JSON.stringify(about, null, 2)}\n`)),
    ],
    readers: [any.order.readerKey],
  });
}

function sign(
  opened: readonly (DeliveredOrder & { readonly lines: readonly OpenedLine[] })[],
  output: Uint8Array,
  { orders, receiptOf }: JobTools,
): readonly SignedReceipt[] {
  return opened.map(({ attested, order, lines }) => {
    const before = receiptOf(order.order);
    if (before !== undefined) return before;
    const message = receiptMessage(orders.scope(order.order), {
      suite: 1,
      lines: lines.map(({ line, good }) => ({ ...line, good })),
      output,
    });
    return {
      order: order.order,
      output,
      bad: lines.filter(({ good }) => !good).map(({ line }) => line.line),
      signature: attested.signer.sign(message),
    };
  });
}
