//! What the rules tell of; the contract turns each into an ink! event of the same name.

use super::{
    release::Packet,
    state::{Ending, State},
};
use crate::{
    attestation::EnclaveKeys, decision::Reason, terms::Purpose, AccountId, Balance, CollectionId, DatasetId,
    Digest, OrderId, Timestamp,
};
use alloc::vec::Vec;

/// A line as an order begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct CreatedLine {
    pub dataset: DatasetId,
    pub consent_version: u32,
    pub price: Balance,
    pub payee: AccountId,
}

/// Who is owed what by a line that ended, bonds included. The sum is the line's price and bonds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct LineCredit {
    pub line: u8,
    pub ending: Ending,
    /// The payees' share, basis points.
    pub share: u16,
    pub payee: Balance,
    pub custodian: Balance,
    pub treasury: Balance,
    pub buyer: Balance,
    /// A bond that the contributor posted or won.
    pub contributor: Balance,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Created {
        order: OrderId,
        buyer: AccountId,
        collection: CollectionId,
        custodian: AccountId,
        state: State,
        policy_version: u32,
        job: Digest,
        reader_key: [u8; 32],
        deadline: Timestamp,
        total: Balance,
        purpose: Purpose,
        lines: Vec<CreatedLine>,
    },
    LineDropped {
        order: OrderId,
        dataset: DatasetId,
        line: u8,
        ending: Ending,
        reason: Option<Reason>,
    },
    Cleared {
        order: OrderId,
        buyer: AccountId,
        collection: CollectionId,
        policy_version: u32,
        reason: Digest,
    },
    Refused {
        order: OrderId,
        buyer: AccountId,
        collection: CollectionId,
        policy_version: u32,
        reason: Digest,
    },
    Cancelled {
        order: OrderId,
        buyer: AccountId,
        collection: CollectionId,
    },
    Qualified {
        order: OrderId,
        buyer: AccountId,
        custodian: AccountId,
        keys: EnclaveKeys,
        measurement: Digest,
        evidence: Digest,
    },
    Invalidated {
        order: OrderId,
        buyer: AccountId,
        collection: CollectionId,
    },
    Released {
        order: OrderId,
        buyer: AccountId,
        collection: CollectionId,
        deadline: Timestamp,
        lines: Vec<u8>,
    },
    Delivered {
        order: OrderId,
        buyer: AccountId,
        collection: CollectionId,
        deadline: Timestamp,
        packets: Vec<Packet>,
    },
    Settled {
        order: OrderId,
        buyer: AccountId,
        collection: CollectionId,
        output: Option<Digest>,
    },
    Disputed {
        order: OrderId,
        buyer: AccountId,
        collection: CollectionId,
        deadline: Timestamp,
        lines: Vec<u8>,
        by_receipt: bool,
    },
    Answered {
        order: OrderId,
        by: AccountId,
        lines: Vec<u8>,
    },
    Ruled {
        order: OrderId,
        arbitrator: AccountId,
    },
    Agreed {
        order: OrderId,
        buyer: AccountId,
        lines: Vec<u8>,
        share: u16,
    },
    Resolved {
        order: OrderId,
        buyer: AccountId,
        collection: CollectionId,
    },
    Refunded {
        order: OrderId,
        buyer: AccountId,
        collection: CollectionId,
        ending: Ending,
        reason: Option<Reason>,
    },
    Credited {
        order: OrderId,
        credits: Vec<LineCredit>,
    },
    Withdrawn {
        order: OrderId,
        to: AccountId,
        amount: Balance,
    },
    Forgotten {
        order: OrderId,
        buyer: AccountId,
    },
    Paused {
        from: Timestamp,
        until: Timestamp,
    },
    Resumed {
        at: Timestamp,
    },
}
