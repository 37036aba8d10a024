import { fromHex, toHex } from "@keystrand/sdk/bytes";
import type { OrderAtBlock, SignedTransaction } from "../chain/blocks.ts";
import type { Log } from "../service/log.ts";
import type { EnclaveBlock, EnclaveChain, SignedReceipt } from "./chain.ts";
import { type DeliveredOrder, type JobOutcome, runJob } from "./job.ts";
import type { AttestedOrder, EnclaveOrders } from "./orders.ts";
import type { ReceiptBook } from "./receipts.ts";
import type { Storage } from "./storage.ts";

/** What the enclave's loop works with; it outlives a lost connection to the chain. */
export interface EnclaveWork {
  readonly orders: EnclaveOrders;
  readonly receipts: ReceiptBook;
  readonly storage: Storage;
  readonly log: Log;
  /** Stops jobs that are under way. */
  readonly signal: AbortSignal;
}

/** Follows finalised blocks: takes in packets, runs jobs that are complete, brings receipts into the chain. */
export class EnclaveLoop {
  readonly #work: EnclaveWork;
  /** The first block that has not been read; null until the first connection. Keys live no longer than this. */
  #next: number | null = null;
  /** Orders whose job is under way. */
  readonly #running = new Set<string>();
  /** Where the chain stood last; null while it cannot be reached. */
  #present: { readonly chain: EnclaveChain; readonly block: EnclaveBlock } | null = null;
  /** Submissions take turns: two at once would take the same nonce. */
  #turn: Promise<void> = Promise.resolve();
  /** Receipt transactions that may still come into the chain, by order. */
  readonly #sent = new Map<string, SignedTransaction>();

  constructor(work: EnclaveWork) {
    this.#work = work;
  }

  /** Works until the signal aborts or the connection is lost; may be called again then. */
  async follow(chain: EnclaveChain, signal: AbortSignal): Promise<void> {
    this.#next ??= await chain.newest();
    try {
      for await (const block of chain.blocks(this.#next, signal)) {
        this.#takePackets(block);
        this.#next = block.number + 1;
        if (!block.newest) continue;
        this.#present = { chain, block };
        await this.#runReadyJobs(chain, block);
        await this.#submitReceipts();
      }
    } finally {
      this.#present = null;
    }
  }

  #takePackets({ delivered, number }: EnclaveBlock): void {
    for (const { order, packets } of delivered) {
      const attested = this.#work.orders.get(toHex(order));
      if (attested === undefined) continue;
      attested.packets = new Map(packets.map(({ line, bytes }) => [line, bytes]));
      this.#work.log.info(
        { order: toHex(order), lines: packets.length, block: number },
        "key packets were delivered",
      );
    }
  }

  async #runReadyJobs(chain: EnclaveChain, block: EnclaveBlock): Promise<void> {
    for (const attested of this.#work.orders.all()) {
      if (attested.stage !== "attested" && attested.stage !== "waiting") continue;
      if ([...attested.job].some((id) => this.#running.has(id))) continue;
      const ready = await this.#deliveredOrders(chain, block, attested);
      if (ready === null || ready.length === 0) continue;
      const ids = ready.map(({ order }) => toHex(order.order));
      for (const id of ids) this.#running.add(id);
      // The work goes on beside the loop: fetching may take long, and blocks must be followed meanwhile.
      void this.#run(ready).finally(() => {
        for (const id of ids) this.#running.delete(id);
      });
    }
  }

  /** The job's delivered orders, once every order of it is delivered or has ended; null before. */
  async #deliveredOrders(
    chain: EnclaveChain,
    block: EnclaveBlock,
    attested: AttestedOrder,
  ): Promise<readonly DeliveredOrder[] | null> {
    const own = await chain.order(attested.order, block.hash);
    if (own === null) return null;
    note(attested, own);
    const ready: DeliveredOrder[] = [];
    for (const id of attested.job) {
      const order = id === toHex(attested.order) ? own : await chain.order(fromHex(id), block.hash);
      if (order === null) continue;
      const other = this.#work.orders.get(id);
      if (order.state === "Delivered" || order.state === "Disputed") {
        if (other?.packets == null) {
          attested.note = `The packets of order ${id} were delivered to another enclave.`;
          return null;
        }
        ready.push({ attested: other, order });
      } else if (!["Settled", "Resolved", "Refunded"].includes(order.state)) {
        return null;
      }
    }
    return ready;
  }

  async #run(delivered: readonly DeliveredOrder[]): Promise<void> {
    const { orders, receipts, storage, log, signal } = this.#work;
    const ids = delivered.map(({ order }) => toHex(order.order));
    try {
      log.info({ orders: ids }, "computing");
      const outcome = await runJob(delivered, {
        orders,
        storage,
        log,
        signal,
        receiptOf: (order) => receipts.get(order),
      });
      receipts.keep(outcome.receipts, outcome.held);
      for (const { attested } of delivered) settle(attested, outcome);
      log.info({ orders: ids, output: outcome.output?.cid.toString(), note: outcome.note }, "computed");
      // Not at the next block: on a quiet chain that may be seconds away. Should it fail, the next block tries again.
      await this.#submitReceipts().catch((error: unknown) =>
        log.warn({ err: error }, "receipts wait for the next block"),
      );
    } catch (error) {
      if (signal.aborted) return;
      for (const { attested } of delivered) {
        attested.stage = "refused";
        attested.note = error instanceof Error ? error.message : String(error);
      }
      log.error({ orders: ids, err: error }, "a job failed");
    }
  }

  #submitReceipts(): Promise<void> {
    const turn = this.#turn.then(async () => {
      for (const receipt of this.#work.receipts.unsent()) {
        if (this.#present === null) return;
        await this.#submit(this.#present.chain, this.#present.block, receipt);
      }
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #submit(chain: EnclaveChain, block: EnclaveBlock, receipt: SignedReceipt): Promise<void> {
    const { receipts, log, orders } = this.#work;
    const id = toHex(receipt.order);
    const attested = orders.get(id);
    const order = await chain.order(receipt.order, block.hash);
    const open = order?.state === "Delivered" || (order?.state === "Disputed" && receipt.bad.length === 0);
    if (!open) {
      receipts.done(receipt.order);
      this.#sent.delete(id);
      if (attested !== undefined) attested.stage = "done";
      log.info({ order: id, state: order?.state }, "the receipt's order has moved on");
      return;
    }
    const sent = this.#sent.get(id);
    if (sent !== undefined && block.number <= sent.validUntil) return;
    const made = await chain.receipt(receipt);
    if ("refusal" in made) {
      if (attested !== undefined) attested.note = made.refusal;
      log.warn({ order: id, refusal: made.refusal }, "the receipt would be refused");
      return;
    }
    const refusal = await chain.broadcast(made.extrinsic);
    if (refusal === null) this.#sent.set(id, made);
    log.info({ order: id, transaction: toHex(made.hash), refusal }, "sent a receipt");
  }
}

function note(attested: AttestedOrder, { state, keys }: OrderAtBlock): void {
  if (state === "Funded") return;
  if (keys !== null && toHex(keys.encryption) !== toHex(attested.encryption.publicKey)) {
    attested.note = "The order has another enclave.";
    return;
  }
  attested.stage = "waiting";
  attested.note = `The order is ${state}.`;
}

function settle(attested: AttestedOrder, { output, held, note, receipts }: JobOutcome): void {
  attested.output = output?.cid.toString() ?? null;
  attested.note = note;
  const sends = !held && receipts.length > 0;
  attested.stage = sends ? "submitting" : output === null ? "refused" : "done";
}
