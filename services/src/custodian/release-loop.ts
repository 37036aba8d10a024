import { equalBytes, toHex } from "@keystrand/sdk/bytes";
import { openPacket, sealPacket } from "@keystrand/sdk/crypt4gh";
import { blake2b256, keyCommitment } from "@keystrand/sdk/signing";
import type { OrderAtBlock, Refusal, SignedTransaction } from "../chain/blocks.ts";
import type { EncryptionPair } from "../service/keys.ts";
import type { Log } from "../service/log.ts";
import type { CustodianBlock, CustodianChain } from "./chain.ts";
import { chooseDelivery, nextStep } from "./step.ts";
import type { RecordedTransaction, Vault } from "./vault.ts";

/** Moments at which a crash would hurt most; a test kills the process there. */
export type CrashPoint =
  | "block-read"
  | "release-intended"
  | "release-signed"
  | "release-sent"
  | "deliver-intended"
  | "deliver-signed"
  | "deliver-sent"
  | "outcome-noted";

/** What the release loop works with. */
export interface ReleaseLoop {
  readonly chain: CustodianChain;
  readonly vault: Vault;
  readonly encryption: EncryptionPair;
  readonly log: Log;
  /** Milliseconds of chain time. */
  readonly margin: number;
  readonly reached?: (point: CrashPoint) => void;
}

/**
 * Follows finalised blocks and does for each order what {@link nextStep} says, until the signal aborts.
 *
 * A packet leaves this process only in a deliver, and a deliver is made only when the release that committed to
 * that packet is final.
 */
export async function runReleaseLoop(loop: ReleaseLoop, signal: AbortSignal): Promise<void> {
  const { chain, vault } = loop;
  const sent = new Set<number>();
  const quiet = new Map<string, number>();
  for await (const block of chain.blocks(vault.nextBlock, signal)) {
    noteOutcomes(loop, block);
    vault.readBlock(block.number, block.touched, block.erased);
    for (const order of block.touched) quiet.delete(toHex(order));
    loop.reached?.("block-read");
    if (!block.newest) continue;
    const open = vault.openOrders();
    // What was signed before a crash goes out first, else a new transaction could take its nonce.
    for (const { order } of open) {
      const transaction = vault.openTransaction(order);
      if (transaction?.signed && !sent.has(transaction.id) && block.number <= transaction.signed.validUntil) {
        await send(loop, transaction, transaction.signed, sent);
      }
    }
    for (const { order } of open) {
      // An order that only waits for time is not read again before: there may be thousands of them.
      if (block.time <= (quiet.get(toHex(order)) ?? 0)) continue;
      quiet.delete(toHex(order));
      try {
        await advance(loop, order, block, sent, quiet);
      } catch (error) {
        // One order's trouble must not hold up the others; the next block tries it again.
        vault.setNote(order, error instanceof Error ? error.message : String(error));
        loop.log.error({ order: toHex(order), err: error }, "an order could not be advanced");
      }
    }
  }
}

async function advance(
  loop: ReleaseLoop,
  id: Uint8Array,
  block: CustodianBlock,
  sent: Set<number>,
  quiet: Map<string, number>,
): Promise<void> {
  const { chain, vault, log } = loop;
  const order = await chain.order(id, block.hash);
  const moment = { block: block.number, time: block.time, margin: loop.margin };
  for (;;) {
    const step = nextStep(order, vault.openTransaction(id), moment);
    switch (step.do) {
      case "give-up":
        vault.ended(step.transaction.id, "It did not come into the chain while it was valid.");
        log.warn({ order: toHex(id), kind: step.transaction.kind }, "gave a transaction up");
        continue;
      case "close":
        vault.closeOrder(id, step.note);
        log.info({ order: toHex(id), note: step.note }, "closed an order");
        return;
      case "wait":
        vault.setNote(id, step.note);
        if (step.until !== undefined) quiet.set(toHex(id), step.until);
        return;
      case "continue":
        if (step.transaction.signed !== null || order === null) return;
        await take(loop, order, block, step.transaction, sent);
        return;
      case "release":
        if (order !== null) await release(loop, order, sent);
        return;
      case "deliver":
      case "time-out": {
        if (order === null) return;
        const transaction = vault.intend(id, step.do === "deliver" ? "deliver" : step.message);
        if (step.do === "deliver") loop.reached?.("deliver-intended");
        await take(loop, order, block, transaction, sent);
        return;
      }
    }
  }
}

/** A packet for each open line whose key is in custody, sealed to the enclave's key. */
function sealLines({ vault, encryption, log }: ReleaseLoop, order: OrderAtBlock, reader: Uint8Array) {
  return order.lines
    .filter(({ state }) => state === "Open")
    .flatMap(({ line, dataset, root, keyCommitment: commitment }) => {
      const stored = vault.key(root, commitment);
      if (stored === undefined) {
        log.warn({ order: toHex(order.order), line }, "no key of this line is in custody");
        return [];
      }
      const { dataKey } = openPacket(stored.packet, encryption.secretKey);
      // The commitment was checked at intake; a key that no longer fits must never be sealed to anyone.
      if (!equalBytes(keyCommitment(root, dataKey), commitment)) {
        throw new Error(`the key in custody for line ${line} does not fit its commitment`);
      }
      const packet = sealPacket({ dataKey, reader });
      return [{ line, dataset, packet, hash: blake2b256(packet) }];
    });
}

async function release(loop: ReleaseLoop, order: OrderAtBlock, sent: Set<number>): Promise<void> {
  if (order.keys === null) return;
  const { encryption } = order.keys;
  // Lines that were sealed to this enclave before keep their packet; only what is new is added.
  const transaction = loop.vault.intendRelease(order.order, encryption, sealLines(loop, order, encryption));
  loop.reached?.("release-intended");
  const packets = loop.vault.packets(order.order, encryption);
  await finish(loop, transaction, await loop.chain.release(order.order, packets), sent);
}

/** Signs and sends what was intended. */
async function take(
  loop: ReleaseLoop,
  order: OrderAtBlock,
  block: CustodianBlock,
  transaction: RecordedTransaction,
  sent: Set<number>,
): Promise<void> {
  const { kind } = transaction;
  if (kind === "release") await release(loop, order, sent);
  else if (kind === "deliver") await deliver(loop, order, block, transaction, sent);
  else await finish(loop, transaction, await loop.chain.timeOut(order.order, kind), sent);
}

async function deliver(
  loop: ReleaseLoop,
  order: OrderAtBlock,
  block: CustodianBlock,
  transaction: RecordedTransaction,
  sent: Set<number>,
): Promise<void> {
  if (order.keys === null) return;
  const standing = await loop.chain.standing(order, block.hash);
  const sealed = loop.vault.packets(order.order, order.keys.encryption);
  const delivery = chooseDelivery(order, sealed, standing);
  if ("refusal" in delivery) {
    await finish(loop, transaction, delivery, sent);
    return;
  }
  for (const [line, reason] of delivery.withheld) {
    loop.log.warn({ order: toHex(order.order), line, reason }, "a line gets no packet");
  }
  await finish(loop, transaction, await loop.chain.deliver(order.order, delivery.packets), sent);
}

/** Notes a transaction's signed bytes and sends them; or notes why it was not made. */
async function finish(
  loop: ReleaseLoop,
  transaction: RecordedTransaction,
  made: SignedTransaction | Refusal,
  sent: Set<number>,
): Promise<void> {
  const { vault, log } = loop;
  const { order, kind, id } = transaction;
  if ("refusal" in made) {
    // The intent stays: the next block asks again, with the same packets.
    vault.setNote(order, made.refusal);
    log.warn({ order: toHex(order), kind, refusal: made.refusal }, "not sent");
    return;
  }
  vault.signed(id, made);
  if (kind === "release" || kind === "deliver") loop.reached?.(`${kind}-signed`);
  await send(loop, transaction, made, sent);
}

async function send(
  { chain, vault, log, reached }: ReleaseLoop,
  { id, kind, order }: RecordedTransaction,
  { extrinsic, hash }: SignedTransaction,
  sent: Set<number>,
): Promise<void> {
  const refusal = await chain.broadcast(extrinsic);
  sent.add(id);
  if (kind === "release" || kind === "deliver") reached?.(`${kind}-sent`);
  // After a crash the pool, or the chain, may have it already: what became of it stands in finalised blocks.
  if (refusal !== null) vault.setNote(order, `The node did not take the ${kind}: ${refusal}`);
  log.info({ order: toHex(order), kind, transaction: toHex(hash), refusal }, "sent a transaction");
}

function noteOutcomes({ vault, log, reached }: ReleaseLoop, block: CustodianBlock): void {
  if (block.own.length === 0) return;
  for (const { order } of vault.openOrders()) {
    const transaction = vault.openTransaction(order);
    const outcome = block.own.find(
      ({ hash }) => transaction?.signed && equalBytes(hash, transaction.signed.hash),
    );
    if (transaction === undefined || outcome === undefined) continue;
    vault.ended(transaction.id, outcome.failure ?? `final in block ${block.number}`);
    vault.setNote(order, outcome.failure);
    log.info(
      { order: toHex(order), kind: transaction.kind, block: block.number, failure: outcome.failure },
      "a transaction is final",
    );
    reached?.("outcome-noted");
  }
}
