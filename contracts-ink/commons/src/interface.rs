//! What the contracts ask of each other. Calls form no cycle:
//! governor -> escrow -> consents -> policies -> identity, attestations, voice (each may skip).

use crate::{
    attestation::{AttestationError, AttestationPolicy, Claim, VerifierSignature},
    credential::{Ask, CredentialKind, Standing},
    decision::Decision,
    delegation::{Holding, Moment, Snapshot, VoiceError},
    policy::{AdministrationError, Direction, Policy, PolicyView, QueuedChange},
    terms::{Purpose, PurposeError, Terms},
    voting::TrackId,
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

/// Most credentials and ancestor lists that one judgement may look up. Each costs a storage read or two, at
/// 11 KB of proof, beside the 64 consents; with this bound an order of 64 lines stays under 3 MB.
pub const MAX_LOOKUPS: usize = 64;

/// Why a question of one contract to another has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum AskError {
    UnknownCollection,
    /// More datasets than an order has lines, or more lookups than `MAX_LOOKUPS`: ask in smaller orders.
    TooMany,
    /// A contract in the chain of calls did not answer.
    Unreachable,
    /// The purpose is not well formed.
    Purpose(PurposeError),
    /// The collection takes no more datasets.
    CollectionClosed,
}

/// Accredited issuers, grants and suspensions.
#[ink::trait_definition]
pub trait Identity {
    /// Whether the account holds a live grant of this kind and scope at `now`.
    #[ink(message)]
    fn holds(&self, account: AccountId, kind: CredentialKind, scope: Digest, now: Timestamp) -> bool;

    /// For each account, whether it holds a live grant of this kind and scope at the block's time.
    #[ink(message)]
    fn holders(&self, accounts: Vec<AccountId>, kind: CredentialKind, scope: Digest) -> Vec<bool>;

    /// Suspension and every ask, at the block's time. Asks are unique and at most `MAX_LOOKUPS`.
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

    /// Version of the ontology root that a consent given now in this collection is judged under.
    #[ink(message)]
    fn intake(&self, collection: CollectionId) -> Result<u32, AskError>;
}

/// Datasets and their contributors' consents.
#[ink::trait_definition]
pub trait Consents {
    /// Judges up to 64 datasets of one collection for one purpose and buyer. With a custodian (create), a
    /// dataset whose key is with another is denied; without (later: an order keeps the custodian that it
    /// pinned), nobody asks who holds the key.
    #[ink(message)]
    fn permits(
        &self,
        collection: CollectionId,
        custodian: Option<AccountId>,
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

    /// Makes the order's cell of used evidence at its full size, so that the deposit is the buyer's, who
    /// creates the order, and no later attest takes one. Answers the escrow only.
    #[ink(message)]
    fn reserve(&mut self, order: OrderId) -> Result<(), AttestationError>;

    /// Clears the cell of an order that is over for good. Answers the escrow only.
    #[ink(message)]
    fn dismiss(&mut self, order: OrderId) -> Result<(), AttestationError>;

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

/// Voting weight and its delegation, as the governor sees them.
#[ink::trait_definition]
pub trait Voice {
    /// Gives `to` new voice. Governor only.
    #[ink(message)]
    fn mint(&mut self, to: AccountId, amount: Balance) -> Result<(), VoiceError>;

    /// Takes voice from `from`. Governor only.
    #[ink(message)]
    fn burn(&mut self, from: AccountId, amount: Balance) -> Result<(), VoiceError>;

    /// The account's own voice and all voice at the end of a block strictly before the current one.
    #[ink(message)]
    fn voice_at(&self, account: AccountId, block: u32) -> Result<Holding, VoiceError>;

    /// Both sides of the account's ballot on a track: its own voice, what of it is delegated away, and what
    /// is delegated to it under mandates in force at the moment's time.
    #[ink(message)]
    fn delegated_at(&self, account: AccountId, track: TrackId, at: Moment) -> Result<Snapshot, VoiceError>;
}

/// What the governor asks of `policies`. The direction is computed there and never an argument.
#[ink::trait_definition]
pub trait PolicyAdministration {
    /// The direction from the collection's present policy to `policy`, with the present version.
    #[ink(message)]
    fn direction(&self, collection: CollectionId, policy: Policy) -> Result<(Direction, u32), AdministrationError>;

    /// Opens a collection with its first policy. With a disease (its MONDO number), every policy of the
    /// collection is disease specific within it, so that no consent need name the disease.
    #[ink(message)]
    fn open(&mut self, policy: Policy, disease: Option<u32>) -> Result<CollectionId, AdministrationError>;

    /// Makes `policy` current; clears what is queued for the collection. `expected` is the version that it
    /// replaces, as the voters saw it. Answers the new version.
    #[ink(message)]
    fn set_policy(&mut self, collection: CollectionId, expected: u32, policy: Policy) -> Result<u32, AdministrationError>;

    /// Closes a collection for good: no new order, no release, no new dataset.
    #[ink(message)]
    fn close(&mut self, collection: CollectionId) -> Result<(), AdministrationError>;

    /// Sets a new ontology root: a widening of every collection. `expected` is the version that it replaces
    /// (0 before the first). Answers its version; clears what is queued for collection 0.
    #[ink(message)]
    fn set_root(&mut self, expected: u32, root: Digest) -> Result<u32, AdministrationError>;

    /// Announces a change. Ignored after `change.until` by itself; collection 0 stands for every collection
    /// (a new root). Refused while another proposal's announcement has not lapsed.
    #[ink(message)]
    fn queue(&mut self, collection: CollectionId, change: QueuedChange) -> Result<(), AdministrationError>;

    /// Takes the proposal's announcement back; nothing happens if it is not the one that is queued.
    #[ink(message)]
    fn clear(&mut self, collection: CollectionId, proposal: u32) -> Result<(), AdministrationError>;
}

/// Emergency acts on `identity`. They overlay what members decided: the first of each pair only takes
/// away, the second only takes the overlay off, so that a lapse can never add what members did not.
#[ink::trait_definition]
pub trait IdentityEmergency {
    /// Stops create, propose and present for the account. Refused if it is suspended already.
    #[ink(message)]
    fn suspend(&mut self, account: AccountId) -> Result<(), EmergencyError>;
    /// Ends a suspension.
    #[ink(message)]
    fn lift(&mut self, account: AccountId) -> Result<(), EmergencyError>;
    /// Lets no grant of the issuer count. Refused if it is withheld already.
    #[ink(message)]
    fn withhold_issuer(&mut self, issuer: AccountId) -> Result<(), EmergencyError>;
    /// Lets a withheld issuer's grants count again.
    #[ink(message)]
    fn restore_issuer(&mut self, issuer: AccountId) -> Result<(), EmergencyError>;
    /// Whether the account is suspended.
    #[ink(message)]
    fn suspended(&self, account: AccountId) -> bool;
}

/// Emergency acts on `attestations`, by the same rule.
#[ink::trait_definition]
pub trait AttestationEmergency {
    /// Lets no evidence of the measurement count, known or not.
    #[ink(message)]
    fn withhold_measurement(&mut self, measurement: Digest) -> Result<(), EmergencyError>;
    /// Lets a withheld measurement count again.
    #[ink(message)]
    fn restore_measurement(&mut self, measurement: Digest) -> Result<(), EmergencyError>;
    /// Lets no result of the verifier count.
    #[ink(message)]
    fn withhold_verifier(&mut self, verifier: AccountId) -> Result<(), EmergencyError>;
    /// Lets a withheld verifier count again.
    #[ink(message)]
    fn restore_verifier(&mut self, verifier: AccountId) -> Result<(), EmergencyError>;
}

/// The guardians' pause of `escrow`, which ends by itself.
#[ink::trait_definition]
pub trait EscrowEmergency {
    /// Blocks create, attest and release for 72 hours. Refused for seven days after a pause.
    #[ink(message)]
    fn pause(&mut self) -> Result<(), EmergencyError>;
    /// Ends the pause now.
    #[ink(message)]
    fn resume(&mut self) -> Result<(), EmergencyError>;
}

/// Why an emergency act, or its end, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum EmergencyError {
    /// The caller is not the governor.
    NotGovernor,
    /// It is in force already, or (a pause) was too short a time ago.
    AlreadyInForce,
    /// It is not in force.
    NotInForce,
}
