import { blake2b } from "@noble/hashes/blake2.js";
import { type Bytes, concatBytes, utf8 } from "../bytes.ts";
import { SignedMessage } from "./message.ts";

/** Milliseconds since the Unix epoch. */
export type Timestamp = number | bigint;

/** The chain and contract that a message is for. Each field is 32 bytes. */
export interface ContractScope {
  /** Hash of block 0. */
  readonly genesis: Uint8Array;
  /** Account of the contract that checks the signature. */
  readonly contract: Uint8Array;
}

/** The order that a message is for; `contract` is the escrow. */
export interface OrderScope extends ContractScope {
  /** {@link orderId}. */
  readonly order: Uint8Array;
}

/** The keys that an enclave made for one order. */
export interface OrderKeys {
  /** Key agreement suite of packets: 1 = X25519 with crypt4gh packets. */
  readonly suite: number;
  /** X25519 public key that packets are sealed to, 32 bytes. */
  readonly encryption: Uint8Array;
  /** sr25519 public key that signs the receipt, 32 bytes. */
  readonly signing: Uint8Array;
}

/** Platforms in the order of the contracts' `Platform`: the index is the byte that is signed. */
export const PLATFORMS = ["IntelTdx", "IntelSgx", "AwsNitro", "Simulated"] as const;

/** Credential kinds in the order of the contracts' `CredentialKind`: the index is the byte that is signed. */
export const CREDENTIAL_KINDS = [
  "BonaFideResearcher",
  "AffiliationNonProfit",
  "AffiliationCommercial",
  "ControlledAccessGrant",
  "EthicsApproval",
  "AcceptedTerms",
  "AccreditedLaboratory",
  "Jurisdiction",
] as const;

export type PlatformName = (typeof PLATFORMS)[number];
export type CredentialKindName = (typeof CREDENTIAL_KINDS)[number];

/** An issuer's grant. */
export interface GrantFields {
  readonly issuer: Uint8Array;
  readonly holder: Uint8Array;
  readonly kind: CredentialKindName;
  /** 32 bytes; all zero = unscoped. */
  readonly scope: Uint8Array;
  readonly validFrom: Timestamp;
  readonly validUntil: Timestamp;
  /** 32 random bytes. */
  readonly salt: Uint8Array;
}

/** What a verifier found: the attestation result of RFC 9334. */
export interface AttestationFields {
  readonly keys: OrderKeys;
  readonly platform: PlatformName;
  /** blake2_256 of the platform's measurement registers. */
  readonly measurement: Uint8Array;
  readonly tcbDate: Timestamp;
  readonly debug: boolean;
  /** blake2_256 of the evidence document. */
  readonly evidence: Uint8Array;
  readonly issued: Timestamp;
  readonly expires: Timestamp;
}

/** One delivered line of an enclave's receipt. */
export interface ReceiptLine {
  readonly dataset: Uint8Array;
  /** Digest of the CAR's root. */
  readonly root: Uint8Array;
  readonly keyCommitment: Uint8Array;
  /** blake2_256 of the packet. */
  readonly packet: Uint8Array;
  /** The packet opened and its key matches the commitment. */
  readonly good: boolean;
}

/** BLAKE2b with 256 bits, as the contracts hash. */
export const blake2b256 = (message: Uint8Array): Bytes => blake2b(message, { dkLen: 32 });

/** BLAKE2b with 512 bits. */
export const blake2b512 = (message: Uint8Array): Bytes => blake2b(message, { dkLen: 64 });

/** A dataset's id, known before it is registered. `contract` is consents; the nonce is 32 random bytes. */
export function datasetId(scope: ContractScope, contributor: Uint8Array, nonce: Uint8Array): Bytes {
  return blake2b256(
    within("keystrand/dataset", scope).bytes32("contributor", contributor).bytes32("nonce", nonce).build(),
  );
}

/** An order's id, known before it is created. `contract` is the escrow; the nonce is 32 random bytes. */
export function orderId(scope: ContractScope, buyer: Uint8Array, nonce: Uint8Array): Bytes {
  return blake2b256(
    within("keystrand/order-id", scope).bytes32("buyer", buyer).bytes32("nonce", nonce).build(),
  );
}

/** What is published of a data key: it binds the key to the CAR's root digest and tells nothing of the key. */
export function keyCommitment(root: Uint8Array, dataKey: Uint8Array): Bytes {
  return blake2b256(
    new SignedMessage("keystrand/key").bytes32("root", root).bytes32("data key", dataKey).build(),
  );
}

/** The custodian's word that it holds the key of this commitment. `contract` is consents. */
export function custodianReceiptMessage(
  scope: ContractScope,
  receipt: {
    readonly dataset: Uint8Array;
    readonly root: Uint8Array;
    readonly keyCommitment: Uint8Array;
    readonly custodian: Uint8Array;
  },
): Bytes {
  return within("keystrand/custodian-receipt", scope)
    .bytes32("dataset", receipt.dataset)
    .bytes32("root", receipt.root)
    .bytes32("key commitment", receipt.keyCommitment)
    .bytes32("custodian", receipt.custodian)
    .build();
}

/** An accredited laboratory's word that the dataset is this contributor's. `contract` is consents. */
export function laboratoryMessage(scope: ContractScope, dataset: Uint8Array, contributor: Uint8Array): Bytes {
  return within("keystrand/laboratory", scope)
    .bytes32("dataset", dataset)
    .bytes32("contributor", contributor)
    .build();
}

/** An issuer's grant. `contract` is identity. */
export function grantMessage(scope: ContractScope, grant: GrantFields): Bytes {
  return within("keystrand/grant", scope)
    .bytes32("issuer", grant.issuer)
    .bytes32("holder", grant.holder)
    .u8("kind", CREDENTIAL_KINDS.indexOf(grant.kind))
    .bytes32("scope", grant.scope)
    .u64("valid from", grant.validFrom)
    .u64("valid until", grant.validUntil)
    .bytes32("salt", grant.salt)
    .build();
}

/** A grant's hash: how the contract names it. */
export const grantHash = (scope: ContractScope, grant: GrantFields): Bytes =>
  blake2b256(grantMessage(scope, grant));

/** The buyer's naming of the enclave for an order. */
export const enclaveMessage = (scope: OrderScope, keys: OrderKeys): Bytes =>
  withKeys(ofOrder("keystrand/enclave", scope), keys).build();

/** What evidence must carry as report data: 64 bytes that bind it to one order and to the enclave's keys. */
export const reportData = (scope: OrderScope, keys: OrderKeys): Bytes =>
  blake2b512(reportDataMessage(scope, keys));

/** What {@link reportData} hashes. */
export const reportDataMessage = (scope: OrderScope, keys: OrderKeys): Bytes =>
  withKeys(ofOrder("keystrand/order", scope), keys).build();

/** A verifier's attestation result. */
export function attestationMessage(scope: OrderScope, claim: AttestationFields): Bytes {
  return withKeys(ofOrder("keystrand/attestation", scope), claim.keys)
    .u8("platform", PLATFORMS.indexOf(claim.platform))
    .bytes32("measurement", claim.measurement)
    .u64("TCB date", claim.tcbDate)
    .bool(claim.debug)
    .bytes32("evidence", claim.evidence)
    .u64("issued", claim.issued)
    .u64("expires", claim.expires)
    .build();
}

/** A data access committee member's verdict on an order. */
export function reviewMessage(
  scope: OrderScope,
  review: {
    readonly policyVersion: number;
    /** True clears the order, false refuses it. */
    readonly clear: boolean;
    /** Hash of the reason's text. */
    readonly reason: Uint8Array;
    readonly until: Timestamp;
  },
): Bytes {
  return ofOrder("keystrand/review", scope)
    .u32("policy version", review.policyVersion)
    .bool(review.clear)
    .bytes32("reason", review.reason)
    .u64("until", review.until)
    .build();
}

/** The enclave's receipt over every delivered line, in the order's order. `output` is the result's root digest. */
export function receiptMessage(
  scope: OrderScope,
  receipt: { readonly suite: number; readonly lines: readonly ReceiptLine[]; readonly output: Uint8Array },
): Bytes {
  // The suite comes before the scope: it says how the rest is to be read.
  const message = new SignedMessage("keystrand/receipt")
    .u8("suite", receipt.suite)
    .bytes32("genesis", scope.genesis)
    .bytes32("contract", scope.contract)
    .bytes32("order", scope.order)
    .u32("line count", receipt.lines.length);
  for (const line of receipt.lines) {
    message
      .bytes32("dataset", line.dataset)
      .bytes32("root", line.root)
      .bytes32("key commitment", line.keyCommitment)
      .bytes32("packet", line.packet)
      .bool(line.good);
  }
  return message.bytes32("output", receipt.output).build();
}

/** What parties of an order agree on for some of its lines. */
export interface AgreementFields {
  /** Positions of the lines in the order, from 0. */
  readonly lines: readonly number[];
  /** The payees' share of each named line, in basis points. */
  readonly share: number;
  readonly deadline: Timestamp;
}

/** A mutual settlement: signed by the buyer and by every payee whose line is named. */
export const settlementMessage = (scope: OrderScope, agreement: AgreementFields): Bytes =>
  agreementMessage("keystrand/settlement", scope, agreement);

/** A custodian's concession: its own part alone of each named line shrinks to the share. */
export const concessionMessage = (scope: OrderScope, agreement: AgreementFields): Bytes =>
  agreementMessage("keystrand/concession", scope, agreement);

/** How a browser wallet wraps what it signs; the contracts accept both forms where a person signs. */
export const walletMessage = (message: Uint8Array): Bytes =>
  concatBytes(utf8("<Bytes>"), message, utf8("</Bytes>"));

/** Scope of a jurisdiction credential: the country's two letters (ISO 3166-1 alpha-2), then zeroes. */
export function countryScope(region: string): Bytes {
  const scope = new Uint8Array(32);
  scope.set(utf8(region).subarray(0, 2));
  return scope;
}

function agreementMessage(
  domain: "keystrand/settlement" | "keystrand/concession",
  scope: OrderScope,
  agreement: AgreementFields,
): Bytes {
  const message = ofOrder(domain, scope).u32("line count", agreement.lines.length);
  for (const line of agreement.lines) message.u8("line", line);
  return message.u16("share", agreement.share).u64("deadline", agreement.deadline).build();
}

function within(domain: `keystrand/${string}`, scope: ContractScope): SignedMessage {
  return new SignedMessage(domain).bytes32("genesis", scope.genesis).bytes32("contract", scope.contract);
}

function ofOrder(domain: `keystrand/${string}`, scope: OrderScope): SignedMessage {
  return within(domain, scope).bytes32("order", scope.order);
}

function withKeys(message: SignedMessage, keys: OrderKeys): SignedMessage {
  return message
    .u8("suite", keys.suite)
    .bytes32("encryption key", keys.encryption)
    .bytes32("signing key", keys.signing);
}
