import { DatabaseSync } from "node:sqlite";
import { z } from "zod";

/** What a custodian sends: its own two messages, and those by which anyone may end what time has ended. */
export const TRANSACTION_KINDS = [
  "release",
  "deliver",
  "expire",
  "finalize",
  "concede",
  "arbitrationTimeout",
] as const;
export type TransactionKind = (typeof TRANSACTION_KINDS)[number];

const bytes = z.instanceof(Uint8Array);
const keyRow = z.object({ dataset: bytes, root: bytes, key_commitment: bytes, packet: bytes });
const packetRow = z.object({ line: z.int(), packet: bytes, hash: bytes });
const orderRow = z.object({ order_id: bytes, note: z.string().nullable() });
const transactionRow = z.object({
  id: z.int(),
  order_id: bytes,
  kind: z.enum(TRANSACTION_KINDS),
  extrinsic: bytes.nullable(),
  hash: bytes.nullable(),
  valid_until: z.int().nullable(),
  outcome: z.string().nullable(),
});

/** A data key in custody, sealed to the custodian's own X25519 key. */
export interface StoredKey {
  readonly dataset: Uint8Array;
  readonly root: Uint8Array;
  readonly keyCommitment: Uint8Array;
  /** crypt4gh header packet, 108 bytes. */
  readonly packet: Uint8Array;
}

/** A packet sealed to an order's enclave, waiting to be delivered. */
export interface SealedPacket {
  /** Position of the line in the order, from 0. */
  readonly line: number;
  readonly packet: Uint8Array;
  /** blake2_256 of the packet. */
  readonly hash: Uint8Array;
}

/** A transaction from the intent to send it until its outcome is known. */
export interface RecordedTransaction {
  readonly id: number;
  readonly order: Uint8Array;
  readonly kind: TransactionKind;
  /** Signed bytes, kept before they are sent so that after a crash the very same are sent again. */
  readonly signed: {
    readonly extrinsic: Uint8Array;
    readonly hash: Uint8Array;
    readonly validUntil: number;
  } | null;
}

// Keys and packets are written once and never changed: a line cannot get a second packet under the same enclave key.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS keys (
    root BLOB NOT NULL, key_commitment BLOB NOT NULL, dataset BLOB NOT NULL, packet BLOB NOT NULL,
    received_at INTEGER NOT NULL, PRIMARY KEY (root, key_commitment, dataset)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS erased (dataset BLOB PRIMARY KEY, erased_at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS orders (
    order_id BLOB PRIMARY KEY, touched_in INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0, note TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS packets (
    order_id BLOB NOT NULL, line INTEGER NOT NULL, enclave_key BLOB NOT NULL, dataset BLOB NOT NULL,
    packet BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (order_id, line, enclave_key)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS transactions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, order_id BLOB NOT NULL, kind TEXT NOT NULL, intended_at INTEGER NOT NULL,
    extrinsic BLOB, hash BLOB, valid_until INTEGER, outcome TEXT, ended_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS one_open_transaction ON transactions (order_id) WHERE outcome IS NULL;
  CREATE TABLE IF NOT EXISTS cursor (
    only INTEGER PRIMARY KEY CHECK (only = 1), genesis BLOB NOT NULL, next_block INTEGER NOT NULL
  ) STRICT;
`;

/**
 * The custodian's database: keys in custody, and what was intended, sent and known of each order.
 *
 * SQLite through `node:sqlite`: every call is one durable step, the file is locked against a second process by the
 * operating system, and a kill at any moment leaves the last whole transaction (docs/decisions).
 */
export class Vault {
  readonly #database: DatabaseSync;
  readonly #now: () => number;

  /** @throws Error when the database is of another chain */
  constructor(path: string, genesis: Uint8Array, firstBlock: number, now: () => number = Date.now) {
    this.#now = now;
    this.#database = new DatabaseSync(path);
    // secure_delete: an erased key leaves no bytes in the file; FULL: what was answered is on disk.
    this.#database.exec(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;",
    );
    this.#database.exec(SCHEMA);
    this.#database
      .prepare("INSERT INTO cursor (only, genesis, next_block) VALUES (1, ?, ?) ON CONFLICT DO NOTHING")
      .run(genesis, firstBlock);
    const known = z
      .object({ genesis: bytes })
      .parse(this.#database.prepare("SELECT genesis FROM cursor").get());
    if (Buffer.compare(known.genesis, genesis) !== 0) {
      this.#database.close();
      throw new Error(
        "custodian: its database is of another chain (other genesis); move its folder away to begin with this chain",
      );
    }
  }

  close(): void {
    this.#database.close();
  }

  /** Takes a key into custody. Taking the same one again changes nothing. */
  keep(key: StoredKey): void {
    this.#database
      .prepare(
        "INSERT INTO keys (root, key_commitment, dataset, packet, received_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      )
      .run(key.root, key.keyCommitment, key.dataset, key.packet, this.#now());
  }

  /** The key of a line, by what the chain pins. */
  key(root: Uint8Array, keyCommitment: Uint8Array): StoredKey | undefined {
    const row = this.#database
      .prepare("SELECT dataset, root, key_commitment, packet FROM keys WHERE root = ? AND key_commitment = ?")
      .get(root, keyCommitment);
    if (row === undefined) return undefined;
    const { dataset, packet, key_commitment } = keyRow.parse(row);
    return { dataset, root, keyCommitment: key_commitment, packet };
  }

  /** How many keys are in custody. */
  get keyCount(): number {
    return this.#count("SELECT count(*) AS count FROM keys");
  }

  /**
   * Forgets the keys of a dataset for ever, and packets of it that were not delivered.
   * @returns how many keys there were
   */
  erase(dataset: Uint8Array): number {
    return this.#together(() => {
      this.#database
        .prepare("INSERT INTO erased (dataset, erased_at) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .run(dataset, this.#now());
      this.#database.prepare("DELETE FROM packets WHERE dataset = ?").run(dataset);
      return Number(this.#database.prepare("DELETE FROM keys WHERE dataset = ?").run(dataset).changes);
    });
  }

  isErased(dataset: Uint8Array): boolean {
    return this.#database.prepare("SELECT 1 FROM erased WHERE dataset = ?").get(dataset) !== undefined;
  }

  /** The first block that has not been read yet. */
  get nextBlock(): number {
    return this.#count("SELECT next_block AS count FROM cursor");
  }

  /** Begins reading the chain again at a block. */
  rewind(block: number): void {
    this.#database.prepare("UPDATE cursor SET next_block = ?").run(block);
  }

  /** Notes what a finalised block said: orders to look after, datasets that were erased. */
  readBlock(block: number, touched: readonly Uint8Array[], erased: readonly Uint8Array[]): void {
    this.#together(() => {
      for (const order of touched) {
        this.#database
          .prepare(
            "INSERT INTO orders (order_id, touched_in) VALUES (?, ?) ON CONFLICT (order_id) DO UPDATE SET closed = 0",
          )
          .run(order, block);
      }
      this.#database.prepare("UPDATE cursor SET next_block = ?").run(block + 1);
    });
    for (const dataset of erased) this.erase(dataset);
  }

  /** Orders that still want something from the custodian. */
  openOrders(): readonly { readonly order: Uint8Array; readonly note: string | null }[] {
    return z
      .array(orderRow)
      .parse(
        this.#database
          .prepare("SELECT order_id, note FROM orders WHERE closed = 0 ORDER BY touched_in")
          .all(),
      )
      .map(({ order_id, note }) => ({ order: order_id, note }));
  }

  /** Why an order waits, for the operator. */
  setNote(order: Uint8Array, note: string | null): void {
    this.#database.prepare("UPDATE orders SET note = ? WHERE order_id = ?").run(note, order);
  }

  /** The order wants nothing more: its packets are forgotten. */
  closeOrder(order: Uint8Array, note: string): void {
    this.#together(() => {
      this.#database.prepare("UPDATE orders SET closed = 1, note = ? WHERE order_id = ?").run(note, order);
      this.#database.prepare("DELETE FROM packets WHERE order_id = ?").run(order);
    });
  }

  /** Packets of an order sealed to this enclave key, by line. */
  packets(order: Uint8Array, enclaveKey: Uint8Array): readonly SealedPacket[] {
    return z
      .array(packetRow)
      .parse(
        this.#database
          .prepare(
            "SELECT line, packet, hash FROM packets WHERE order_id = ? AND enclave_key = ? ORDER BY line",
          )
          .all(order, enclaveKey),
      );
  }

  /**
   * Notes the intent to release, with the packets that are to be delivered later. Lines that already have a packet
   * for this enclave key keep it, and an intent that is open already stays the one.
   */
  intendRelease(
    order: Uint8Array,
    enclaveKey: Uint8Array,
    packets: readonly (SealedPacket & { readonly dataset: Uint8Array })[],
  ): RecordedTransaction {
    return this.#together(() => {
      const insert = this.#database.prepare(
        "INSERT INTO packets (order_id, line, enclave_key, dataset, packet, hash) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      );
      for (const { line, dataset, packet, hash } of packets) {
        insert.run(order, line, enclaveKey, dataset, packet, hash);
      }
      return this.openTransaction(order) ?? this.#intend(order, "release");
    });
  }

  /** Notes the intent to send something else than a release. */
  intend(order: Uint8Array, kind: Exclude<TransactionKind, "release">): RecordedTransaction {
    return this.#intend(order, kind);
  }

  /** Notes the signed bytes, before they are sent. */
  signed(id: number, { extrinsic, hash, validUntil }: NonNullable<RecordedTransaction["signed"]>): void {
    this.#database
      .prepare("UPDATE transactions SET extrinsic = ?, hash = ?, valid_until = ? WHERE id = ?")
      .run(extrinsic, hash, validUntil, id);
  }

  /** Notes how a transaction ended; the order may then get another. */
  ended(id: number, outcome: string): void {
    this.#database
      .prepare("UPDATE transactions SET outcome = ?, ended_at = ? WHERE id = ?")
      .run(outcome, this.#now(), id);
  }

  /** The order's transaction whose outcome is not known yet. */
  openTransaction(order: Uint8Array): RecordedTransaction | undefined {
    const row = this.#database
      .prepare("SELECT * FROM transactions WHERE order_id = ? AND outcome IS NULL")
      .get(order);
    return row === undefined ? undefined : recorded(row);
  }

  #intend(order: Uint8Array, kind: TransactionKind): RecordedTransaction {
    const row = this.#database
      .prepare("INSERT INTO transactions (order_id, kind, intended_at) VALUES (?, ?, ?) RETURNING *")
      .get(order, kind, this.#now());
    return recorded(row);
  }

  #count(sql: string): number {
    return z.object({ count: z.int() }).parse(this.#database.prepare(sql).get()).count;
  }

  #together<Result>(work: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

function recorded(row: unknown): RecordedTransaction {
  const { id, order_id, kind, extrinsic, hash, valid_until } = transactionRow.parse(row);
  const signed =
    extrinsic === null || hash === null || valid_until === null
      ? null
      : { extrinsic, hash, validUntil: valid_until };
  return { id, order: order_id, kind, signed };
}
