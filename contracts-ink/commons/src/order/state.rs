//! What an order is made of: three cells of fixed size (head, lines, evidence).
//!
//! Every field has one encoded width for the order's whole life (no `Option`, no list that grows), so that no
//! message after create makes storage larger and nobody but the buyer pays a deposit.

use crate::{
    attestation::{Claim, EnclaveKeys, Platform, VerifierSignature, MAX_VERIFIERS},
    policy::{Split, Windows},
    terms::Purpose,
    AccountId, Balance, CollectionId, DatasetId, Digest, OrderId, Timestamp,
};
use alloc::vec::Vec;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum State {
    /// Paid; the data access committee must decide.
    UnderReview,
    /// Paid; waits for an attested enclave.
    Funded,
    /// An enclave is attested; waits for the custodian.
    Qualified,
    /// The custodian has committed to packets; the money of locked lines can no longer be taken back.
    Releasing,
    /// The packets are public; the dispute window runs.
    Delivered,
    /// Some lines are disputed.
    Disputed,
    /// Ended: accepted, or the dispute window passed.
    Settled,
    /// Ended: by ruling, concession, time or agreement.
    Resolved,
    /// Ended: every line went back to the buyer.
    Refunded,
}

impl State {
    /// Before the custodian's release: the buyer's money can still come back whole.
    pub fn is_before_release(self) -> bool {
        matches!(self, State::UnderReview | State::Funded | State::Qualified)
    }
    /// Counted by `live_orders`.
    pub fn is_live(self) -> bool {
        matches!(self, State::Releasing | State::Delivered | State::Disputed)
    }
    pub fn is_ended(self) -> bool {
        matches!(self, State::Settled | State::Resolved | State::Refunded)
    }
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum LineState {
    Open,
    Locked,
    Delivered,
    Disputed,
    /// Ended; `share` says how much of the price the payees have.
    Paid,
    /// Ended; the whole price is the buyer's.
    Refunded,
}

impl LineState {
    pub fn is_ended(self) -> bool {
        matches!(self, LineState::Paid | LineState::Refunded)
    }
}

/// Why a line ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Ending {
    /// Not ended.
    None,
    /// The buyer, or the enclave's receipt, accepted it, or nobody disputed it.
    Accepted,
    /// A rule denied it when attest or release was judged.
    Denied,
    /// The custodian named no packet for it at release.
    NotReleased,
    /// The custodian left its packet out at deliver.
    NotDelivered,
    /// The order's deadline, or the release window, passed.
    Expired,
    /// The buyer cancelled.
    Cancelled,
    /// The policy denied the purpose, or too few lines were left.
    Aborted,
    /// The data access committee refused.
    Refused,
    /// Nobody answered the dispute.
    Conceded,
    /// The arbitrator ruled.
    Ruled,
    /// The arbitrator did not rule in time.
    TimedOut,
    /// Buyer and payees agreed.
    Agreed,
}

/// Bits of `Line::flags`.
pub mod flag {
    /// The packet was delivered; the receipt must cover the line.
    pub const DELIVERED: u8 = 1;
    /// The buyer posted a bond for it.
    pub const BUYER_BOND: u8 = 1 << 1;
    /// The enclave's receipt called it bad.
    pub const BAD: u8 = 1 << 2;
    /// The custodian answered, with a bond.
    pub const CUSTODIAN_BOND: u8 = 1 << 3;
    /// The contributor answered, with a bond.
    pub const CONTRIBUTOR_BOND: u8 = 1 << 4;
    /// The bonds go to the buyer; without this and the next they go home.
    pub const BONDS_TO_BUYER: u8 = 1 << 5;
    /// The bonds go to whoever answered.
    pub const BONDS_TO_ANSWERER: u8 = 1 << 6;
    /// `share` is of the custodian's part alone; the other parts are whole.
    pub const CUSTODIAN_PART_ONLY: u8 = 1 << 7;
}

/// One dataset of an order. 218 bytes encoded: 64 lines stay under the 16 KiB of a storage value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Line {
    pub dataset: DatasetId,
    /// The consent's version that the buyer saw.
    pub consent_version: u32,
    pub price: Balance,
    /// Gets the contributor's part.
    pub payee: AccountId,
    pub contributor: AccountId,
    pub root: Digest,
    pub key_commitment: Digest,
    /// blake2_256 of the key packet; zero until release.
    pub packet: Digest,
    pub state: LineState,
    pub ending: Ending,
    /// See `flag`.
    pub flags: u8,
    /// The payees' share of the price, basis points; read once the line is `Paid`.
    pub share: u16,
    /// One bit a role whose due has been withdrawn (`money::Role`).
    pub withdrawn: u8,
}

impl Line {
    pub fn has(&self, bits: u8) -> bool {
        self.flags & bits == bits
    }
    pub fn is_answered(&self) -> bool {
        self.has(flag::CUSTODIAN_BOND) || self.has(flag::CONTRIBUTOR_BOND)
    }
    /// Ends the line with the payees' share of its price in basis points.
    pub fn end(&mut self, ending: Ending, share: u16) {
        self.state = if share == 0 { LineState::Refunded } else { LineState::Paid };
        self.ending = ending;
        self.share = share;
    }
    pub fn pay(&mut self, ending: Ending) {
        self.end(ending, crate::order::money::WHOLE);
    }
    pub fn refund(&mut self, ending: Ending) {
        self.end(ending, 0);
    }
}

/// What an order pins at create, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Head {
    pub buyer: AccountId,
    pub custodian: AccountId,
    pub collection: CollectionId,
    pub state: State,
    /// The policy that the buyer saw.
    pub policy_version: u32,
    pub policy_hash: Digest,
    /// The policy version under which the committee cleared the order; 0 for never.
    pub cleared_version: u32,
    /// The policy's smallest number of lines when the order was last judged.
    pub min_cohort: u8,
    /// Block time, ms.
    pub created_at: Timestamp,
    /// End of the state's window on the working clock (`clock`): release until Qualified, deliver while
    /// Releasing, dispute while Delivered, answer while Disputed (arbitration ends `windows.arbitration` later).
    pub deadline: Timestamp,
    /// Block time, ms; 0 until it ends.
    pub ended_at: Timestamp,
    pub split: Split,
    pub windows: Windows,
    /// Bond a line of a dispute and of an answer.
    pub bond: Balance,
    pub arbitrator: AccountId,
    pub treasury: AccountId,
    /// The buyer's crypt4gh public key (X25519): the output is sealed to it.
    pub reader_key: [u8; 32],
    /// Orders of one cohort share it.
    pub job: Digest,
    pub purpose: Purpose,
}

/// The attested enclave of a Qualified order; zeroes before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Evidence {
    pub keys: EnclaveKeys,
    pub platform: Platform,
    pub measurement: Digest,
    pub tcb_date: Timestamp,
    pub debug: bool,
    /// blake2_256 of the evidence document.
    pub evidence: Digest,
    pub issued: Timestamp,
    pub expires: Timestamp,
    /// How many of `verifiers` are set.
    pub count: u8,
    pub verifiers: [[u8; 32]; MAX_VERIFIERS],
}

impl Evidence {
    /// No enclave: a placeholder of the same size.
    pub fn none() -> Self {
        Self {
            keys: EnclaveKeys { suite: 0, encryption: [0; 32], signing: [0; 32] },
            platform: Platform::Simulated,
            measurement: [0; 32],
            tcb_date: 0,
            debug: false,
            evidence: [0; 32],
            issued: 0,
            expires: 0,
            count: 0,
            verifiers: [[0; 32]; MAX_VERIFIERS],
        }
    }

    /// Signatures beyond `MAX_VERIFIERS` have been refused before.
    pub fn of(claim: &Claim, signatures: &[VerifierSignature]) -> Self {
        let mut verifiers = [[0; 32]; MAX_VERIFIERS];
        let mut count = 0u8;
        for (slot, signed) in verifiers.iter_mut().zip(signatures) {
            *slot = *signed.verifier.as_ref();
            count = count.saturating_add(1);
        }
        Self {
            keys: claim.keys,
            platform: claim.platform,
            measurement: claim.measurement,
            tcb_date: claim.tcb_date,
            debug: claim.debug,
            evidence: claim.evidence,
            issued: claim.issued,
            expires: claim.expires,
            count,
            verifiers,
        }
    }

    pub fn claim(&self, order: OrderId) -> Claim {
        Claim {
            order,
            keys: self.keys,
            platform: self.platform,
            measurement: self.measurement,
            tcb_date: self.tcb_date,
            debug: self.debug,
            evidence: self.evidence,
            issued: self.issued,
            expires: self.expires,
        }
    }

    pub fn verifiers(&self) -> Vec<AccountId> {
        self.verifiers.iter().take(usize::from(self.count)).map(|key| AccountId::from(*key)).collect()
    }
}

/// An account's orders in a collection. The buyer's create makes the cell; forget removes it at zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Activity {
    /// Orders that are stored.
    pub stored: u32,
    /// Orders that are Releasing, Delivered or Disputed.
    pub live: u32,
}

/// What the contract knows beside its orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Ledger {
    /// Principal, bonds and everything owed: what the contract must be able to pay.
    pub held: Balance,
    /// The newest pause, block time, ms; both 0 before the first.
    pub paused_from: Timestamp,
    pub paused_until: Timestamp,
    /// Length of all pauses before the newest, ms.
    pub paused_before: u64,
}
