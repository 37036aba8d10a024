//! A contributor's consent for one dataset: its state, what may happen to it, and what it answers.
//!
//! Given -> Withdrawn -> Erased, and Given -> Erased; nothing leads back. Only the contributor moves it.
//! A consent occupies one cell of fixed width from its registration on, so no later message grows storage.

mod answer;
mod change;

pub use answer::{answer, laboratories, screen, standing, Inquiry};
pub use change::{
    amend, erase, register, set_custodian, set_payee, withdraw, withdraw_all, Amended, Erased, Registered,
    Registration, Registry, WithdrawnAll,
};

use crate::{
    interface::AskError,
    terms::{Terms, TermsError, MAX_TERMS_BYTES},
    AccountId, Balance, CollectionId, Digest, Signature, Timestamp,
};

/// Where a consent is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum ConsentState {
    Given,
    /// No new use; what was delivered before stays lawful.
    Withdrawn,
    /// A tombstone: nothing is left of the dataset but who registered it, and its id is never given again.
    Erased,
}

/// Terms in a field of fixed width: their encoding, then zeroes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct TermsField([u8; MAX_TERMS_BYTES]);

impl TermsField {
    /// What an erased consent keeps of its terms.
    pub const EMPTY: Self = Self([0; MAX_TERMS_BYTES]);

    /// Refuses what is longer than the field; terms that passed `check` never are.
    pub fn new(terms: &Terms) -> Result<Self, TermsError> {
        let encoded = scale::Encode::encode(terms);
        let mut field = Self::EMPTY;
        field.0.get_mut(..encoded.len()).ok_or(TermsError::TooLong)?.copy_from_slice(&encoded);
        Ok(field)
    }

    /// The terms; `None` only for bytes that `new` never wrote.
    pub fn terms(&self) -> Option<Terms> {
        scale::Decode::decode(&mut &self.0[..]).ok()
    }
}

/// The cell of one consent. Every field has a fixed width.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Consent {
    pub contributor: AccountId,
    pub collection: CollectionId,
    pub state: ConsentState,
    /// From 1; rises with every change.
    pub version: u32,
    pub custodian: AccountId,
    pub payee: AccountId,
    pub root: Digest,
    /// Bytes of the encrypted files.
    pub size: u64,
    pub key_commitment: Digest,
    pub price: Balance,
    pub terms: TermsField,
    /// Ontology root under which the terms are judged.
    pub root_version: u32,
    /// The consent ends at this time; `NEVER` for no end.
    pub expires_at: Timestamp,
    /// The laboratory that signed for the contributor; `NOBODY` for none.
    pub laboratory: AccountId,
}

/// `Consent::expires_at` of a consent without an end.
pub const NEVER: Timestamp = Timestamp::MAX;

/// An account that no key can have been made for on purpose: stands where there is none.
pub fn nobody() -> AccountId {
    AccountId::from([0; 32])
}

/// A dataset as it is told to the outside.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Dataset {
    pub contributor: AccountId,
    pub collection: CollectionId,
    pub state: ConsentState,
    pub version: u32,
    pub custodian: AccountId,
    pub payee: AccountId,
    pub root: Digest,
    /// Bytes of the encrypted files.
    pub size: u64,
    pub key_commitment: Digest,
    pub price: Balance,
    /// `None` once erased.
    pub terms: Option<Terms>,
    pub root_version: u32,
    /// The consent ends at this time.
    pub expires_at: Option<Timestamp>,
    /// The laboratory that signed for the contributor.
    pub laboratory: Option<AccountId>,
}

impl From<Consent> for Dataset {
    fn from(consent: Consent) -> Self {
        let erased = consent.state == ConsentState::Erased;
        Self {
            contributor: consent.contributor,
            collection: consent.collection,
            state: consent.state,
            version: consent.version,
            custodian: consent.custodian,
            payee: consent.payee,
            root: consent.root,
            size: consent.size,
            key_commitment: consent.key_commitment,
            price: consent.price,
            terms: if erased { None } else { consent.terms.terms() },
            root_version: consent.root_version,
            expires_at: (consent.expires_at != NEVER).then_some(consent.expires_at),
            laboratory: (consent.laboratory != nobody()).then_some(consent.laboratory),
        }
    }
}

/// A laboratory's word that the dataset is this contributor's (`signing::laboratory`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct LaboratorySignature {
    pub laboratory: AccountId,
    pub signature: Signature,
}

/// Why `consents` refuses. Nothing is changed by a refused message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum ConsentError {
    UnknownDataset,
    /// The caller did not register this dataset.
    NotContributor,
    /// The consent was withdrawn; register the data anew to give another.
    Withdrawn,
    /// The dataset was erased.
    Erased,
    /// The contributor used this nonce before, perhaps for a dataset that was erased since.
    DatasetExists,
    /// The terms are not well formed.
    Terms(TermsError),
    /// The consent would end before it begins.
    BadExpiry,
    /// A file of no bytes.
    Empty,
    /// The custodian did not sign that it holds the key of this commitment.
    BadReceipt,
    /// The laboratory did not sign for this dataset and contributor.
    BadLaboratorySignature,
    /// `policies` does not take a dataset into the collection, or does not answer.
    Policies(AskError),
}
