import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { SignedReceipt } from "./chain.ts";

const row = z.object({
  order_id: z.instanceof(Uint8Array),
  output: z.instanceof(Uint8Array),
  bad: z.string().transform((text) => z.array(z.int()).parse(JSON.parse(text))),
  signature: z.instanceof(Uint8Array),
});

/**
 * Receipts that were signed and whose order has not ended. They hold no secret, so unlike the keys they are kept:
 * a crash between signing and sending costs nothing.
 */
export class ReceiptBook {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(
      `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;
       CREATE TABLE IF NOT EXISTS receipts (
         order_id BLOB PRIMARY KEY, output BLOB NOT NULL, bad TEXT NOT NULL, signature BLOB NOT NULL,
         held INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0
       ) STRICT;`,
    );
  }

  close(): void {
    this.#database.close();
  }

  /**
   * Keeps receipts, all or none. An order's first receipt is its only one.
   * @param held - not to be sent: the buyer decides
   */
  keep(receipts: readonly SignedReceipt[], held: boolean): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const insert = this.#database.prepare(
        "INSERT INTO receipts (order_id, output, bad, signature, held) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      );
      for (const { order, output, bad, signature } of receipts) {
        insert.run(order, output, JSON.stringify(bad), signature, held ? 1 : 0);
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  get(order: Uint8Array): SignedReceipt | undefined {
    const found = this.#database.prepare("SELECT * FROM receipts WHERE order_id = ?").get(order);
    return found === undefined ? undefined : receiptOf(found);
  }

  /** Receipts that still have to reach the chain. */
  unsent(): readonly SignedReceipt[] {
    return this.#database.prepare("SELECT * FROM receipts WHERE held = 0 AND done = 0").all().map(receiptOf);
  }

  /** The order took the receipt, or ended without it. */
  done(order: Uint8Array): void {
    this.#database.prepare("UPDATE receipts SET done = 1 WHERE order_id = ?").run(order);
  }
}

function receiptOf(found: unknown): SignedReceipt {
  const { order_id, output, bad, signature } = row.parse(found);
  return { order: order_id, output, bad, signature };
}
