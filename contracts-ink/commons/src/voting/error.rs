//! Why the governor refuses.

use super::{BallotError, State};
use crate::policy::AdministrationError;

/// Every refusal of the governor. A refused call changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum GovernorError {
    /// No proposal has this number.
    UnknownProposal,
    /// The proposal is in a state in which this cannot be done.
    WrongState(State),
    /// The ballot or the recusal breaks a rule.
    Ballot(BallotError),
    /// No action, too many, or too long together.
    ActionsOutOfRange,
    /// A policy change, or a change of guardians, stands beside other actions.
    ActionNotAlone,
    /// The track is too weak, or not the one, for the action of this number.
    WrongTrack { action: u8 },
    /// The action of this number has values that cannot govern.
    UnsoundAction { action: u8 },
    /// The action of this number calls the governor, which cannot be re-entered.
    CallsGovernor { action: u8 },
    /// The action of this number changes policies by a raw call: only the typed change is measured.
    UntypedPolicyChange { action: u8 },
    /// The action of this number calls an account that has no code.
    NoCode { action: u8 },
    /// The description's CID is empty or too long.
    DescriptionOutOfRange,
    /// The value paid is not the track's deposit.
    WrongDeposit,
    /// The proposer's proposal of this number is still live.
    LiveProposal(u32),
    /// The proposer holds less voice than the track asks.
    BelowThreshold,
    /// The proposer is suspended.
    Suspended,
    /// This collection was proposed to be narrowed too short a time ago.
    NarrowedTooRecently,
    /// `policies` refuses the change.
    Policies(AdministrationError),
    /// The policy change changes nothing.
    NoChange,
    /// The account has a live order in the collection.
    Conflicted,
    /// The account has no live order in a collection that the proposal is about.
    NotConflicted,
    /// The signature does not verify over the rebuilt message.
    BadSignature,
    /// The signature's deadline is over.
    SignatureExpired,
    /// The ballot carries another number than the voter's next.
    WrongNonce { expected: u32 },
    /// The caller may not cancel this proposal.
    MayNotCancel,
    /// Fewer distinct guardians signed than their quorum.
    TooFewGuardians,
    /// A signer is no guardian, or signed twice.
    NotGuardian,
    /// The guardians' term is over.
    TermOver,
    /// The delay is not over.
    TooEarly,
    /// A contract that the proposal calls has other code than when it was made.
    CodeSwapped,
    /// The policy, or the effect of the change on it, is not the one that was voted on.
    StaleChange,
    /// The action of this number failed: nothing of the proposal was done.
    ActionFailed { action: u8 },
    /// Another proposal's change of the collection is queued.
    AlreadyQueued(u32),
    /// Nothing is announced, or the proposal is still queued.
    NothingToClear,
    /// The deposit was settled already.
    NoDeposit,
    /// The payment was refused by the chain.
    PaymentFailed,
    /// The proposal is no emergency act.
    NotEmergency,
    /// The members have not overturned the act.
    NotOverturned,
    /// The same act ended too short a time ago.
    TooSoonAgain,
    /// The contract that an act is about refused it, or its end.
    ActRefused,
    /// A contract that must answer did not.
    Unreachable,
}

impl From<BallotError> for GovernorError {
    fn from(error: BallotError) -> Self {
        GovernorError::Ballot(error)
    }
}
