//! Grants of the identity contract, in the words of GA4GH visas and the W3C VC Data Model.

use crate::{AccountId, Digest, Timestamp};

/// What a grant says of its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum CredentialKind {
    BonaFideResearcher,
    AffiliationNonProfit,
    AffiliationCommercial,
    ControlledAccessGrant,
    EthicsApproval,
    AcceptedTerms,
    AccreditedLaboratory,
    Jurisdiction,
}

impl CredentialKind {
    /// This kind's bit in a mask of kinds (an issuer's accreditation).
    pub fn bit(self) -> u16 {
        1u16 << (self as u8)
    }
}

/// A kind with its scope: a collection, project, institution or country as 32 bytes; all zero = unscoped.
/// A country's scope is its two letters followed by zeroes; a project's is the purpose's salted hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Ask {
    pub kind: CredentialKind,
    pub scope: Digest,
}

/// What an issuer says of a holder. Its hash is blake2_256 of the signed message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Grant {
    pub issuer: AccountId,
    pub holder: AccountId,
    pub kind: CredentialKind,
    pub scope: Digest,
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
    /// Random, so that two grants of the same content differ.
    pub salt: Digest,
}

/// What `identity` knows of an account, for the asks in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Standing {
    pub suspended: bool,
    pub holds: alloc::vec::Vec<bool>,
}

/// The scope of a jurisdiction credential for a country.
pub fn country_scope(region: [u8; 2]) -> Digest {
    let mut scope = [0u8; 32];
    scope[0] = region[0];
    scope[1] = region[1];
    scope
}
