import type { Hex } from "../chain/types.ts";
import { toHex } from "../codec/bytes.ts";
import { ScaleReader } from "../codec/scale.ts";

/** What the runtime says of a transaction that may enter the pool. */
export interface ValidTransaction {
  /** Higher goes first. */
  readonly priority: bigint;
  /** Tags (hex) that other transactions must provide before this one can be in a block. */
  readonly requires: readonly Hex[];
  /** Tags (hex) that this one provides: for a signed transaction, the sender with its nonce. */
  readonly provides: readonly Hex[];
  /** Number of blocks for which the answer holds. */
  readonly longevity: bigint;
  readonly propagate: boolean;
}

export type Validity =
  | { readonly kind: "valid"; readonly transaction: ValidTransaction }
  | { readonly kind: "invalid"; readonly reason: InvalidReason }
  | { readonly kind: "unknown"; readonly reason: UnknownReason };

export interface InvalidReason {
  /** Variant of `InvalidTransaction`, in Rust's Debug form, for example `Stale` or `Custom(3)`. */
  readonly name: string;
  /** The node's sentence. */
  readonly text: string;
}
export type UnknownReason = InvalidReason;

/** Source: sp_runtime::transaction_validity, `InvalidTransaction`, in the order of its SCALE indices. */
const INVALID: readonly (readonly [name: string, text: string])[] = [
  ["Call", "Transaction call is not expected"],
  ["Payment", "Inability to pay some fees (e.g. account balance too low)"],
  ["Future", "Transaction will be valid in the future"],
  ["Stale", "Transaction is outdated"],
  ["BadProof", "Transaction has a bad signature"],
  ["AncientBirthBlock", "Transaction has an ancient birth block"],
  ["ExhaustsResources", "Transaction would exhaust the block limits"],
  ["Custom", "InvalidTransaction custom error"],
  ["BadMandatory", "A call was labelled as mandatory, but resulted in an Error."],
  ["MandatoryValidation", "Transaction dispatch is mandatory; transactions must not be validated."],
  ["BadSigner", "Invalid signing address"],
  ["IndeterminateImplicit", "The implicit data was unable to be calculated"],
  ["UnknownOrigin", "The transaction extension did not authorize any origin"],
];

const UNKNOWN: readonly (readonly [name: string, text: string])[] = [
  ["CannotLookup", "Could not lookup information required to validate the transaction"],
  ["NoUnsignedValidator", "Could not find an unsigned validator for the unsigned transaction"],
  ["Custom", "UnknownTransaction custom error"],
];

/** The runtime answered something that is not a `TransactionValidity`. */
export class UndecodableValidity extends Error {
  constructor(what: string) {
    super(`The runtime's transaction validity does not decode: ${what}`);
    this.name = "UndecodableValidity";
  }
}

/** Decodes SCALE `TransactionValidity`: `Result<ValidTransaction, TransactionValidityError>`. */
export function decodeValidity(bytes: Uint8Array): Validity {
  const reader = new ScaleReader(bytes);
  const result = reader.u8();
  if (result === 1) return decodeValidityError(bytes.subarray(1));
  if (result !== 0) throw new UndecodableValidity(`result variant ${result}`);
  const priority = reader.u64();
  const requires = readTags(reader);
  const provides = readTags(reader);
  const longevity = reader.u64();
  return {
    kind: "valid",
    transaction: { priority, requires, provides, longevity, propagate: reader.u8() === 1 },
  };
}

function readTags(reader: ScaleReader): Hex[] {
  return Array.from({ length: reader.compact() }, () => toHex(reader.vectorOfBytes()));
}

/** Decodes SCALE `TransactionValidityError`. */
export function decodeValidityError(bytes: Uint8Array): Exclude<Validity, { kind: "valid" }> {
  const [group, variant, detail] = bytes;
  if (group === undefined || variant === undefined) throw new UndecodableValidity("too short");
  const kind = group === 0 ? "invalid" : "unknown";
  const entry = (group === 0 ? INVALID : UNKNOWN)[variant];
  if (!entry) throw new UndecodableValidity(`${kind} variant ${variant}`);
  const [name, text] = entry;
  if (name !== "Custom") return { kind, reason: { name, text } };
  return { kind, reason: { name: `Custom(${detail ?? 0})`, text } };
}
