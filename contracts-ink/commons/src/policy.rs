//! The DAO's access policy of a collection.

use crate::{
    attestation::AttestationPolicy,
    credential::Ask,
    terms::{Terms, TermsError},
    AccountId, Balance, Digest, Timestamp,
};
use alloc::vec::Vec;

/// Most credentials that a policy can require.
pub const MAX_REQUIRED: usize = 8;
/// Most members of a data access committee.
pub const MAX_COMMITTEE: usize = 8;

/// Most proved ancestors of one disease under one ontology root (in MONDO a disease has a few dozen).
pub const MAX_ANCESTORS: usize = 256;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

impl Policy {
    /// blake2_256 of the SCALE encoding.
    pub fn hash(&self) -> Digest {
        crate::signing::blake2_256(&scale::Encode::encode(self))
    }
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
    /// What would become current: the policy's hash, or the ontology's root.
    pub hash: Digest,
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

/// Bounds within which a policy may choose; the governor sets them. The default admits no policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Limits {
    /// Each window is at least this long, ms.
    pub shortest: Windows,
    /// Each window is at most this long, ms.
    pub longest: Windows,
    pub max_bond: Balance,
    /// Most that the custodian may take of a price, basis points.
    pub max_custodian: u16,
    /// Most that the treasury may take of a price, basis points.
    pub max_treasury: u16,
}

/// Why `policies` refuses what the governor asks. Nothing is changed by a refused message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum AdministrationError {
    /// The caller is not the governor.
    NotGovernor,
    UnknownCollection,
    /// The collection is closed.
    CollectionClosed,
    /// The policy is not well formed, or outside the limits.
    Malformed(PolicyFault),
    /// Another proposal's change is queued and has not lapsed.
    AlreadyQueued,
    /// The change changes nothing.
    NoChange,
    /// The version that the voters saw is not the present one.
    StaleVersion,
    /// The announcement ends before it begins, or has ended.
    BadPeriod,
    /// The limits contradict themselves.
    BadLimits,
    /// No contract code has this hash.
    BadCode,
}

/// What is wrong with a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum PolicyFault {
    Terms(TermsError),
    /// The collection is for one disease: the terms must be disease specific and within it.
    OutsideDisease,
    /// More than `MAX_REQUIRED` credentials, or one of them twice.
    Required,
    /// Quorum of verifiers outside 1..=`MAX_VERIFIERS`.
    Quorum,
    /// No platform, or not sorted and unique.
    Platforms,
    /// No measurement, more than `MAX_MEASUREMENTS`, or not sorted and unique.
    Measurements,
    /// The oldest acceptable trusted computing base lies in the future.
    TcbDate,
    /// Claims would never be fresh.
    MaxAge,
    /// Smallest cohort outside 1..=`MAX_LINES`.
    MinCohort,
    /// Shares that do not sum to 10 000, or above their limit.
    Split,
    /// A window outside its limits.
    Windows,
    /// A bond above its limit.
    Bond,
    /// Members not sorted and unique, too many, or a quorum that they cannot reach or that is zero.
    Committee,
}

/// Why a pair of diseases is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum ProofError {
    /// No ontology root of this version.
    UnknownRoot,
    /// The proof does not lead from the pair to the root.
    BadProof,
    /// The pair is kept already.
    AlreadyProved,
    /// The disease has as many proved ancestors as one cell holds.
    TooManyAncestors,
}
