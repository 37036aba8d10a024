import { ChainError } from "../chain/errors.ts";
import type { Hex, StorageChanges } from "../chain/types.ts";
import { concat, fromHex, toHex } from "../codec/bytes.ts";
import { encodeBytes, encodeCompact, encodeVector, MalformedScale, ScaleReader } from "../codec/scale.ts";

/** One step of a chain's history. Blocks carry their storage changes, so reading them back executes nothing. */
export type JournalEntry =
  | {
      readonly kind: "block";
      readonly header: Uint8Array;
      readonly extrinsics: readonly Uint8Array[];
      readonly changes: StorageChanges;
    }
  /** A final block whose state is dropped. Only a compacted journal begins with such. */
  | {
      readonly kind: "pruned";
      readonly header: Uint8Array;
      readonly extrinsics: readonly Uint8Array[];
    }
  /** Part of the whole storage after the block that comes next; parts add up. `version` is its layout. */
  | { readonly kind: "state"; readonly version: 0 | 1; readonly storage: StorageChanges }
  /** An explicit choice of head; that a longer chain becomes best goes without saying. */
  | { readonly kind: "best"; readonly hash: Hex }
  | { readonly kind: "finalized"; readonly hash: Hex }
  /** Only the first `length` entries still count: a snapshot was restored. */
  | { readonly kind: "rewind"; readonly length: number };

/**
 * Where a chain's history is kept. The chain writes each step before it takes it: when `append` throws, the
 * chain stays as it was.
 */
export interface Journal {
  /**
   * Called once, with the hash of the chain's genesis.
   * @returns what earlier runs left, rewinds applied
   * @throws JournalError when it belongs to another chain or is damaged
   */
  open(genesis: Hex): Iterable<JournalEntry>;
  /** @throws JournalError when the entry could not be kept */
  append(entry: JournalEntry): void;
  /**
   * Replaces everything by a shorter history that leads to the same chain, or changes nothing. A journal that
   * lacks this grows for ever.
   * @throws JournalError when the new one could not be kept
   */
  compact?(history: Iterable<JournalEntry>): void;
}

/** The history could not be read or written. The message says what to do. */
export class JournalError extends ChainError {
  readonly code = "JournalError";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "JournalError";
  }
}

const KIND = { block: 1, best: 2, finalized: 3, rewind: 4, pruned: 5, state: 6 } as const;

type Changes = StorageChanges["top"];

function encodeChanges(changes: Changes): Uint8Array {
  return encodeVector(
    changes.map(([key, value]) =>
      concat(
        encodeBytes(key),
        value === undefined ? Uint8Array.of(0) : concat(Uint8Array.of(1), encodeBytes(value)),
      ),
    ),
  );
}

function readChanges(reader: ScaleReader): Changes {
  return Array.from({ length: reader.compact() }, () => {
    const key = reader.vectorOfBytes().slice();
    const isSet = reader.u8() === 1;
    return [key, isSet ? reader.vectorOfBytes().slice() : undefined] as const;
  });
}

function encodeStorage({ top, children }: StorageChanges): Uint8Array {
  const encodedChildren = children.map(({ storageKey, changes }) =>
    concat(encodeBytes(storageKey), encodeChanges(changes)),
  );
  return concat(encodeChanges(top), encodeVector(encodedChildren));
}

function readStorage(reader: ScaleReader): StorageChanges {
  const top = readChanges(reader);
  const children = Array.from({ length: reader.compact() }, () => ({
    storageKey: reader.vectorOfBytes().slice(),
    changes: readChanges(reader),
  }));
  return { top, children };
}

interface Body {
  readonly header: Uint8Array;
  readonly extrinsics: readonly Uint8Array[];
}

function encodeBody({ header, extrinsics }: Body): Uint8Array {
  return concat(encodeBytes(header), encodeVector(extrinsics.map(encodeBytes)));
}

function readBody(reader: ScaleReader): Body {
  const header = reader.vectorOfBytes().slice();
  const extrinsics = Array.from({ length: reader.compact() }, () => reader.vectorOfBytes().slice());
  return { header, extrinsics };
}

/** SCALE bytes of an entry, the first of which is its kind. */
export function encodeEntry(entry: JournalEntry): Uint8Array {
  const kind = Uint8Array.of(KIND[entry.kind]);
  switch (entry.kind) {
    case "best":
    case "finalized":
      return concat(kind, fromHex(entry.hash));
    case "rewind":
      return concat(kind, encodeCompact(entry.length));
    case "block":
      return concat(kind, encodeBody(entry), encodeStorage(entry.changes));
    case "pruned":
      return concat(kind, encodeBody(entry));
    case "state":
      return concat(kind, Uint8Array.of(entry.version), encodeStorage(entry.storage));
  }
}

/** Copies what it keeps. @throws MalformedScale */
export function decodeEntry(bytes: Uint8Array): JournalEntry {
  const reader = new ScaleReader(bytes);
  const kind = reader.u8();
  const entry = readEntry(kind, reader);
  reader.end();
  return entry;
}

function readEntry(kind: number, reader: ScaleReader): JournalEntry {
  switch (kind) {
    case KIND.best:
      return { kind: "best", hash: toHex(reader.take(32)) };
    case KIND.finalized:
      return { kind: "finalized", hash: toHex(reader.take(32)) };
    case KIND.rewind:
      return { kind: "rewind", length: reader.compact() };
    case KIND.block:
      return { kind: "block", ...readBody(reader), changes: readStorage(reader) };
    case KIND.pruned:
      return { kind: "pruned", ...readBody(reader) };
    case KIND.state:
      return { kind: "state", version: reader.u8() === 0 ? 0 : 1, storage: readStorage(reader) };
    default:
      throw new MalformedScale(`journal entry of kind ${kind}`);
  }
}

/** The length an encoded rewind leaves; undefined for any other entry. */
export function rewindLength(encoded: Uint8Array): number | undefined {
  return encoded[0] === KIND.rewind ? new ScaleReader(encoded, 1).compact() : undefined;
}
