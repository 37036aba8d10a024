//! What the contracts ask of each other. Calls form no cycle:
//! governor -> escrow -> consents -> policies -> identity, attestations, voice (each may skip).

use crate::{
    attestation::{AttestationError, AttestationPolicy, Claim, VerifierSignature},
    credential::{Ask, CredentialKind, Standing},
    decision::Decision,
    policy::PolicyView,
    terms::{Purpose, Terms},
    AccountId, Balance, CollectionId, DatasetId, Digest, OrderId, Timestamp,
};
use alloc::vec::Vec;

/// Terms with the version of the ontology root under which they are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct RootedTerms {
    pub terms: Terms,
    pub root_version: u32,
}

/// What `policies` answers: the collection's policy, its own decision, and one for each of the terms asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Judgement {
    pub view: PolicyView,
    /// The policy's answer to purpose and buyer, required credentials and suspension included.
    pub policy: Decision,
    /// Each consent's answer, in the order asked (`Whose::Consent`).
    pub terms: Vec<Decision>,
}

/// What `consents` answers of one dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct LineFacts {
    /// The consent's answer alone; the policy's stands once in `Permits`.
    pub decision: Decision,
    /// The consent's version, from 1; 0 for an unknown dataset.
    pub version: u32,
    pub price: Balance,
    pub payee: AccountId,
    pub contributor: AccountId,
    pub root: Digest,
    pub key_commitment: Digest,
}

/// What `escrow` needs to judge an order, in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Permits {
    pub view: PolicyView,
    pub policy: Decision,
    pub lines: Vec<LineFacts>,
}

/// Why a question of one contract to another has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum AskError {
    UnknownCollection,
    TooMany,
    /// A contract in the chain of calls did not answer.
    Unreachable,
}

/// Accredited issuers, grants and suspensions.
#[ink::trait_definition]
pub trait Identity {
    /// Whether the account holds a live grant of this kind and scope at `now`.
    #[ink(message)]
    fn holds(&self, account: AccountId, kind: CredentialKind, scope: Digest, now: Timestamp) -> bool;

    /// Suspension and every ask, at the block's time.
    #[ink(message)]
    fn standing(&self, account: AccountId, asks: Vec<Ask>) -> Standing;
}

/// Collections and their policies.
#[ink::trait_definition]
pub trait Policies {
    /// Judges purpose and buyer under the collection's policy and each of the terms, at the block's time.
    #[ink(message)]
    fn judge(
        &self,
        collection: CollectionId,
        purpose: Purpose,
        buyer: AccountId,
        terms: Vec<RootedTerms>,
    ) -> Result<Judgement, AskError>;

    /// The collection's present policy as escrow sees it.
    #[ink(message)]
    fn view(&self, collection: CollectionId) -> Result<PolicyView, AskError>;

    /// The present version of the ontology root; 0 before the first.
    #[ink(message)]
    fn root_version(&self) -> u32;
}

/// Datasets and their contributors' consents.
#[ink::trait_definition]
pub trait Consents {
    /// Judges up to 64 datasets of one collection and custodian for one purpose and buyer.
    #[ink(message)]
    fn permits(
        &self,
        collection: CollectionId,
        custodian: AccountId,
        datasets: Vec<DatasetId>,
        purpose: Purpose,
        buyer: AccountId,
    ) -> Result<Permits, AskError>;
}

/// Verifiers, reference values and used evidence.
#[ink::trait_definition]
pub trait Attestations {
    /// Whether the signed claim satisfies the policy now. Changes nothing.
    #[ink(message)]
    fn appraise(
        &self,
        escrow: AccountId,
        claim: Claim,
        policy: AttestationPolicy,
        signatures: Vec<VerifierSignature>,
    ) -> Result<(), AttestationError>;

    /// `appraise` for the calling escrow, then marks the evidence used. Answers the escrow only.
    #[ink(message)]
    fn consume(
        &mut self,
        claim: Claim,
        policy: AttestationPolicy,
        signatures: Vec<VerifierSignature>,
    ) -> Result<(), AttestationError>;

    /// Whether a consumed claim still stands: verifiers and measurement not revoked, not expired, and the
    /// policy of now still satisfied by at least its quorum of the verifiers that signed.
    #[ink(message)]
    fn stands(
        &self,
        claim: Claim,
        verifiers: Vec<AccountId>,
        policy: AttestationPolicy,
    ) -> Result<(), AttestationError>;
}

/// Orders, as the governor sees them.
#[ink::trait_definition]
pub trait Escrow {
    /// Orders of the account in the collection that are Releasing, Delivered or Disputed.
    #[ink(message)]
    fn live_orders(&self, collection: CollectionId, account: AccountId) -> u32;

    /// Whether the order exists.
    #[ink(message)]
    fn exists(&self, order: OrderId) -> bool;
}
