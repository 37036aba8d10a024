//! The DAO's access policy of a collection.

use crate::{
    attestation::AttestationPolicy, credential::Ask, terms::Terms, AccountId, Balance, Digest, Timestamp,
};
use alloc::vec::Vec;

/// Most credentials that a policy can require.
pub const MAX_REQUIRED: usize = 8;
/// Most members of a data access committee.
pub const MAX_COMMITTEE: usize = 8;

/// How a line's price is divided: basis points that sum to 10 000; dust goes to the treasury.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Split {
    pub contributor: u16,
    pub custodian: u16,
    pub treasury: u16,
}

/// Lengths of an order's windows, ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Windows {
    /// From create to the deadline of release.
    pub fulfil: u64,
    /// From release to the end of deliver.
    pub release: u64,
    /// From deliver to the end of disputes.
    pub dispute: u64,
    /// From dispute to the end of answers.
    pub answer: u64,
    /// From the end of answers to the end of arbitration.
    pub arbitration: u64,
}

/// The people who review what rules cannot decide: `quorum` of `members`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Committee {
    /// Sorted, unique.
    pub members: Vec<AccountId>,
    pub quorum: u8,
}

/// A whole policy; its hash is blake2_256 of its SCALE encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Policy {
    pub terms: Terms,
    /// Credentials that every buyer must hold; unique.
    pub required: Vec<Ask>,
    pub attestation: AttestationPolicy,
    /// Smallest number of lines in an order, at least 1.
    pub min_cohort: u8,
    /// Datasets need an accredited laboratory's signature.
    pub laboratory: bool,
    pub split: Split,
    pub windows: Windows,
    /// Bond a line of a dispute and of an answer.
    pub bond: Balance,
    pub arbitrator: AccountId,
    pub treasury: AccountId,
    pub committee: Committee,
}

/// What a policy change does to the purposes it admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Direction {
    Same,
    Narrower,
    Wider,
    Mixed,
}

/// A change that the governor queued; ignored after `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct QueuedChange {
    pub proposal: u32,
    /// Version that the change would make current.
    pub version: u32,
    pub direction: Direction,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// What `escrow` pins or asks of a collection at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct PolicyView {
    /// Versions start at 1.
    pub version: u32,
    pub hash: Digest,
    pub attestation: AttestationPolicy,
    pub min_cohort: u8,
    pub laboratory: bool,
    pub split: Split,
    pub windows: Windows,
    pub bond: Balance,
    pub arbitrator: AccountId,
    pub treasury: AccountId,
    pub committee: Committee,
    /// A change that is queued now.
    pub queued: Option<QueuedChange>,
}
