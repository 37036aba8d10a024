//! What the order rules ask of the world: the chain in the contract, plain maps in tests.

use super::{
    error::EscrowError,
    event::Event,
    state::{Activity, Evidence, Head, Ledger, Line},
};
use crate::{
    attestation::{AttestationPolicy, Claim, VerifierSignature},
    interface::Permits,
    policy::PolicyView,
    terms::Purpose,
    AccountId, Balance, CollectionId, DatasetId, Digest, OrderId, Signature, Timestamp,
};
use alloc::vec::Vec;

/// An account with its signature; the message is rebuilt by the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Signed {
    pub signer: AccountId,
    pub signature: Signature,
}

pub trait World {
    // The call.
    fn caller(&self) -> AccountId;
    /// Value sent with the call; the chain has already added it to the contract's balance.
    fn paid(&self) -> Balance;
    /// Block time, ms.
    fn now(&self) -> Timestamp;

    // The chain.
    fn genesis(&self) -> Digest;
    /// The escrow contract's own account.
    fn escrow(&self) -> AccountId;
    /// Least balance of an account.
    fn existential_deposit(&self) -> Balance;
    /// Whether `signer` signed exactly this message.
    fn verifies(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool;
    /// As `verifies`; also accepts the wrapping that wallets put around what they sign.
    fn verifies_from_wallet(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool;
    /// Sends money; false if the chain refuses.
    fn pay(&mut self, to: AccountId, amount: Balance) -> bool;
    fn tell(&mut self, event: Event);

    // The other contracts.
    fn permits(
        &self,
        collection: CollectionId,
        custodian: Option<AccountId>,
        datasets: Vec<DatasetId>,
        purpose: &Purpose,
        buyer: AccountId,
    ) -> Result<Permits, EscrowError>;
    fn policy(&self, collection: CollectionId) -> Result<PolicyView, EscrowError>;
    /// Makes the cell of the order's used evidence, at its full size.
    fn reserve_evidence(&mut self, order: &OrderId) -> Result<(), EscrowError>;
    /// Clears that cell.
    fn dismiss_evidence(&mut self, order: &OrderId) -> Result<(), EscrowError>;
    fn consume(
        &mut self,
        claim: &Claim,
        policy: &AttestationPolicy,
        signatures: Vec<VerifierSignature>,
    ) -> Result<(), EscrowError>;
    fn stands(
        &self,
        claim: &Claim,
        verifiers: Vec<AccountId>,
        policy: &AttestationPolicy,
    ) -> Result<(), EscrowError>;

    // Storage.
    fn ledger(&self) -> Ledger;
    fn set_ledger(&mut self, ledger: Ledger);
    fn head(&self, order: &OrderId) -> Option<Head>;
    fn set_head(&mut self, order: &OrderId, head: &Head);
    fn lines(&self, order: &OrderId) -> Vec<Line>;
    fn set_lines(&mut self, order: &OrderId, lines: &Vec<Line>);
    fn evidence(&self, order: &OrderId) -> Evidence;
    fn set_evidence(&mut self, order: &OrderId, evidence: &Evidence);
    /// Clears the three cells and remembers for ever that the id was used.
    fn erase(&mut self, order: &OrderId);
    /// Whether an order with this id was erased.
    fn was_erased(&self, order: &OrderId) -> bool;
    fn activity(&self, collection: CollectionId, account: AccountId) -> Activity;
    /// Sets the cell, or removes it when nothing is stored any more.
    fn set_activity(&mut self, collection: CollectionId, account: AccountId, activity: Activity);
}
