//! Why the escrow refuses. Every refusal names the rule and, where a line is the cause, its dataset.

use super::state::{LineState, State};
use crate::{
    attestation::AttestationError, decision::Reason, interface::AskError, AccountId, Balance, DatasetId,
    Timestamp,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum EscrowError {
    /// The caller is not the governor.
    NotGovernor,
    /// The caller is not the order's buyer and brings no signature of theirs.
    NotBuyer,
    /// The caller is not the order's custodian.
    NotCustodian,
    /// The caller is not the order's arbitrator.
    NotArbitrator,
    /// The caller is neither the custodian nor the contributor of this line.
    NotParty { dataset: DatasetId },
    /// No order has this id.
    UnknownOrder,
    /// The buyer has used this nonce before.
    OrderExists,
    /// The order's state does not admit this message.
    WrongState { state: State },
    /// The guardians' pause blocks create, attest and release until then.
    Paused { until: Timestamp },
    /// No line is named.
    NoLines,
    /// More than 64 lines are named.
    TooManyLines,
    /// The same dataset is named twice.
    DuplicateDataset { dataset: DatasetId },
    /// The order has no line of this index.
    UnknownLine { line: u8 },
    /// The same line is named twice.
    DuplicateLine { line: u8 },
    /// The line's state does not admit this.
    WrongLineState { dataset: DatasetId, state: LineState },
    /// Exactly this much must be paid with the call.
    WrongPayment { expected: Balance },
    /// One of the line's three shares is smaller than an account must hold.
    ShareBelowExistentialDeposit { dataset: DatasetId },
    /// The policy's parts are not whole, or the purpose is too large: no order can pin this.
    Malformed,
    /// The reader key is no key.
    BadReaderKey,
    /// The policy is no longer the one that the buyer saw.
    PolicyChanged { version: u32 },
    /// The consent is no longer the one that the buyer saw.
    ConsentChanged { dataset: DatasetId, version: u32 },
    /// The collection's policy denies the purpose or the buyer.
    PolicyDenied { reason: Reason },
    /// The line's consent denies the purpose or the buyer.
    LineDenied { dataset: DatasetId, reason: Reason },
    /// A smaller cohort than the policy admits.
    TooFewLines { live: u8, minimum: u8 },
    /// A change that admits more is queued for the collection; new orders wait for it.
    WideningQueued { proposal: u32, until: Timestamp },
    /// No change is queued, so a qualified order cannot be cancelled.
    NoChangeQueued,
    /// People would have to decide, and the collection has no data access committee.
    NoCommittee,
    /// Fewer distinct signers than needed.
    TooFewSigners { needed: u8 },
    /// The signer signed twice.
    DuplicateSigner { signer: AccountId },
    /// The signer is not on the collection's data access committee.
    NotMember { signer: AccountId },
    /// The signer has a part in the order and cannot review it.
    Interested { signer: AccountId },
    /// No valid signature of this account over the rebuilt message.
    BadSignature { signer: AccountId },
    /// The signatures were good until then.
    SignatureExpired { since: Timestamp },
    /// The window for this is over.
    WindowOver { since: Timestamp },
    /// The window is still open.
    WindowOpen { until: Timestamp },
    /// The enclave's suite is unknown here.
    UnknownSuite { suite: u8 },
    /// More attestation results than an order can carry.
    TooManyVerifiers,
    /// The attestations contract refuses.
    Attestation(AttestationError),
    /// The attestation still stands.
    StillStands,
    /// The packet is not the one that release committed to, or has the wrong length.
    PacketMismatch { dataset: DatasetId },
    /// Nothing gives cause to abort: the policy admits the purpose and enough lines are left.
    NothingToAbort,
    /// Every disputed line is answered.
    NothingToConcede,
    /// The disputed line has not been answered, and may still be.
    NotAnswered { dataset: DatasetId },
    /// A share above 10 000 basis points.
    BadShare,
    /// The order owes this account nothing now.
    NothingOwed,
    /// The order still owes somebody.
    StillOwes,
    /// The transfer failed; most often the amount is below the existential deposit of a new account.
    TransferFailed,
    /// Another contract cannot answer.
    Ask(AskError),
}

impl From<AskError> for EscrowError {
    fn from(error: AskError) -> Self {
        EscrowError::Ask(error)
    }
}
