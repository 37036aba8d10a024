//! Byte layouts of everything that is hashed or signed.
//!
//! A message is its domain (ASCII, no length), then its fields in order: fixed-width fields as they are,
//! integers little-endian, booleans and enums one byte, lists a u32 count and then the items. Contracts
//! rebuild each message from their own stored values. Test vectors: `test/fixtures/signing-vectors.json`.

use crate::{
    attestation::{Claim, EnclaveKeys},
    credential::Grant,
    voting::{Ballot, Parts},
    AccountId, DatasetId, Digest, OrderId, Signature, Timestamp,
};
use alloc::vec::Vec;

/// Builds one message.
pub struct Message(Vec<u8>);

impl Message {
    pub fn new(domain: &str) -> Self {
        Self(Vec::from(domain.as_bytes()))
    }
    pub fn bytes(mut self, field: &[u8]) -> Self {
        self.0.extend_from_slice(field);
        self
    }
    pub fn account(self, field: &AccountId) -> Self {
        let bytes: &[u8; 32] = field.as_ref();
        self.bytes(bytes)
    }
    pub fn u8(self, field: u8) -> Self {
        self.bytes(&[field])
    }
    pub fn u16(self, field: u16) -> Self {
        self.bytes(&field.to_le_bytes())
    }
    pub fn u32(self, field: u32) -> Self {
        self.bytes(&field.to_le_bytes())
    }
    pub fn u64(self, field: u64) -> Self {
        self.bytes(&field.to_le_bytes())
    }
    pub fn u128(self, field: u128) -> Self {
        self.bytes(&field.to_le_bytes())
    }
    /// A list's count; the items follow.
    pub fn count(self, items: usize) -> Self {
        self.u32(u32::try_from(items).unwrap_or(u32::MAX))
    }
    pub fn build(self) -> Vec<u8> {
        self.0
    }
}

/// blake2_256 of a message.
pub fn blake2_256(message: &[u8]) -> Digest {
    let mut output = Digest::default();
    ink::env::hash_bytes::<ink::env::hash::Blake2x256>(message, &mut output);
    output
}

/// Whether `signer` (sr25519) signed the message.
pub fn verifies(signature: &Signature, message: &[u8], signer: &AccountId) -> bool {
    let key: &[u8; 32] = signer.as_ref();
    ink::env::sr25519_verify(signature, message, key).is_ok()
}

/// As `verifies`, and also accepts the `<Bytes>` wrapping that wallets put around what they sign.
pub fn verifies_from_wallet(signature: &Signature, message: &[u8], signer: &AccountId) -> bool {
    if verifies(signature, message, signer) {
        return true;
    }
    let wrapped = Message::new("<Bytes>").bytes(message).bytes(b"</Bytes>").build();
    verifies(signature, &wrapped, signer)
}

/// A dataset's id: known to the client before it registers.
pub fn dataset_id(genesis: &Digest, consents: &AccountId, contributor: &AccountId, nonce: &Digest) -> DatasetId {
    blake2_256(
        &Message::new("keystrand/dataset")
            .bytes(genesis)
            .account(consents)
            .account(contributor)
            .bytes(nonce)
            .build(),
    )
}

/// An order's id: known to the buyer before it is created, and equal on every fork.
pub fn order_id(genesis: &Digest, escrow: &AccountId, buyer: &AccountId, nonce: &Digest) -> OrderId {
    blake2_256(
        &Message::new("keystrand/order-id")
            .bytes(genesis)
            .account(escrow)
            .account(buyer)
            .bytes(nonce)
            .build(),
    )
}

/// What a key commitment hides: blake2_256 of this. `data_key` is 32 random bytes.
pub fn key_commitment(root: &Digest, data_key: &[u8; 32]) -> Digest {
    blake2_256(&Message::new("keystrand/key").bytes(root).bytes(data_key).build())
}

/// The custodian's word that it holds the key of this commitment.
pub fn custodian_receipt(
    genesis: &Digest,
    consents: &AccountId,
    dataset: &DatasetId,
    root: &Digest,
    key_commitment: &Digest,
    custodian: &AccountId,
) -> Vec<u8> {
    Message::new("keystrand/custodian-receipt")
        .bytes(genesis)
        .account(consents)
        .bytes(dataset)
        .bytes(root)
        .bytes(key_commitment)
        .account(custodian)
        .build()
}

/// An accredited laboratory's word that the dataset is this contributor's.
pub fn laboratory(genesis: &Digest, consents: &AccountId, dataset: &DatasetId, contributor: &AccountId) -> Vec<u8> {
    Message::new("keystrand/laboratory")
        .bytes(genesis)
        .account(consents)
        .bytes(dataset)
        .account(contributor)
        .build()
}

/// An issuer's grant. Its blake2_256 is the grant's hash.
pub fn grant(genesis: &Digest, identity: &AccountId, grant: &Grant) -> Vec<u8> {
    Message::new("keystrand/grant")
        .bytes(genesis)
        .account(identity)
        .account(&grant.issuer)
        .account(&grant.holder)
        .u8(grant.kind as u8)
        .bytes(&grant.scope)
        .u64(grant.valid_from)
        .u64(grant.valid_until)
        .bytes(&grant.salt)
        .build()
}

/// The buyer's naming of the enclave for an order.
pub fn enclave(genesis: &Digest, escrow: &AccountId, order: &OrderId, keys: &EnclaveKeys) -> Vec<u8> {
    with_keys(
        Message::new("keystrand/enclave").bytes(genesis).account(escrow).bytes(order),
        keys,
    )
    .build()
}

/// What evidence carries as report data: blake2_512 of this (off-chain only).
pub fn report_data(genesis: &Digest, escrow: &AccountId, order: &OrderId, keys: &EnclaveKeys) -> Vec<u8> {
    with_keys(
        Message::new("keystrand/order").bytes(genesis).account(escrow).bytes(order),
        keys,
    )
    .build()
}

/// A verifier's attestation result.
pub fn attestation(genesis: &Digest, escrow: &AccountId, claim: &Claim) -> Vec<u8> {
    with_keys(
        Message::new("keystrand/attestation").bytes(genesis).account(escrow).bytes(&claim.order),
        &claim.keys,
    )
    .u8(claim.platform as u8)
    .bytes(&claim.measurement)
    .u64(claim.tcb_date)
    .u8(u8::from(claim.debug))
    .bytes(&claim.evidence)
    .u64(claim.issued)
    .u64(claim.expires)
    .build()
}

/// A data access committee member's verdict on an order; `clear` or refuse.
pub fn review(
    genesis: &Digest,
    escrow: &AccountId,
    order: &OrderId,
    policy_version: u32,
    clear: bool,
    reason: &Digest,
    until: Timestamp,
) -> Vec<u8> {
    Message::new("keystrand/review")
        .bytes(genesis)
        .account(escrow)
        .bytes(order)
        .u32(policy_version)
        .u8(u8::from(clear))
        .bytes(reason)
        .u64(until)
        .build()
}

/// One delivered line of a receipt.
pub struct ReceiptLine {
    pub dataset: DatasetId,
    pub root: Digest,
    pub key_commitment: Digest,
    /// blake2_256 of the packet.
    pub packet: Digest,
    /// The packet opened and its key matches the commitment.
    pub good: bool,
}

/// The enclave's receipt over every delivered line, in the order's order.
pub fn receipt(
    genesis: &Digest,
    escrow: &AccountId,
    order: &OrderId,
    suite: u8,
    lines: &[ReceiptLine],
    output: &Digest,
) -> Vec<u8> {
    let mut message = Message::new("keystrand/receipt")
        .u8(suite)
        .bytes(genesis)
        .account(escrow)
        .bytes(order)
        .count(lines.len());
    for line in lines {
        message = message
            .bytes(&line.dataset)
            .bytes(&line.root)
            .bytes(&line.key_commitment)
            .bytes(&line.packet)
            .u8(u8::from(line.good));
    }
    message.bytes(output).build()
}

/// A mutual settlement: the payees' share in basis points of each named line.
pub fn settlement(
    genesis: &Digest,
    escrow: &AccountId,
    order: &OrderId,
    lines: &[u8],
    share: u16,
    deadline: Timestamp,
) -> Vec<u8> {
    agreement("keystrand/settlement", genesis, escrow, order, lines, share, deadline)
}

/// A custodian's concession: its own part alone of each named line shrinks to the share. A domain of its
/// own, since otherwise leaving out the payees' signatures would turn a settlement into a concession.
pub fn concession(
    genesis: &Digest,
    escrow: &AccountId,
    order: &OrderId,
    lines: &[u8],
    share: u16,
    deadline: Timestamp,
) -> Vec<u8> {
    agreement("keystrand/concession", genesis, escrow, order, lines, share, deadline)
}

fn agreement(
    domain: &str,
    genesis: &Digest,
    escrow: &AccountId,
    order: &OrderId,
    lines: &[u8],
    share: u16,
    deadline: Timestamp,
) -> Vec<u8> {
    Message::new(domain)
        .bytes(genesis)
        .account(escrow)
        .bytes(order)
        .count(lines.len())
        .bytes(lines)
        .u16(share)
        .u64(deadline)
        .build()
}

/// What a proposal is, on every fork: proposer, track, SCALE-encoded actions, the description's CID.
pub fn proposal_content(proposer: &AccountId, track: u8, actions: &[u8], description: &[u8]) -> Digest {
    blake2_256(
        &Message::new("keystrand/proposal")
            .account(proposer)
            .u8(track)
            .count(actions.len())
            .bytes(actions)
            .count(description.len())
            .bytes(description)
            .build(),
    )
}

/// A ballot for anyone to hand in. It names the proposal's content as well as its number, so that a
/// reorganisation cannot put another proposal under it; `reason` is blake2_256 of the reason's bytes.
#[allow(clippy::too_many_arguments)]
pub fn ballot(
    genesis: &Digest,
    governor: &AccountId,
    proposal: u32,
    content: &Digest,
    ballot: &Ballot,
    nonce: u32,
    deadline: Timestamp,
    reason: &Digest,
) -> Vec<u8> {
    let message =
        Message::new("keystrand/ballot").bytes(genesis).account(governor).u32(proposal).bytes(content);
    with_side(with_side(message, &ballot.own), &ballot.delegated)
        .u32(nonce)
        .u64(deadline)
        .bytes(reason)
        .build()
}

/// A guardian's cancelling of a proposal.
pub fn veto(
    genesis: &Digest,
    governor: &AccountId,
    proposal: u32,
    content: &Digest,
    deadline: Timestamp,
) -> Vec<u8> {
    Message::new("keystrand/veto")
        .bytes(genesis)
        .account(governor)
        .u32(proposal)
        .bytes(content)
        .u64(deadline)
        .build()
}

/// A guardian's emergency act: blake2_256 of its SCALE encoding, and the number of acts before it.
pub fn emergency(
    genesis: &Digest,
    governor: &AccountId,
    act: &Digest,
    number: u32,
    deadline: Timestamp,
) -> Vec<u8> {
    Message::new("keystrand/emergency")
        .bytes(genesis)
        .account(governor)
        .bytes(act)
        .u32(number)
        .u64(deadline)
        .build()
}

/// A side that is not given is one zero byte; one that is, a one and its three parts.
fn with_side(message: Message, side: &Option<Parts>) -> Message {
    match side {
        None => message.u8(0),
        Some(parts) => message.u8(1).u16(parts.favour).u16(parts.against).u16(parts.abstain),
    }
}

fn with_keys(message: Message, keys: &EnclaveKeys) -> Message {
    message.u8(keys.suite).bytes(&keys.encryption).bytes(&keys.signing)
}
