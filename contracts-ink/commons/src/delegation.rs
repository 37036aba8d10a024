//! Voice and its delegation: non-transferable weight, lists of delegates, mandates, and snapshots of all of
//! it at any past block.
//!
//! Every change writes a row {block, ...} after the account's earlier rows; a look-up is a binary search in
//! the account's own rows. An owner's row holds its voice and its lists. A delegate's row holds what is
//! delegated to it by the month in which the mandates end, so that an ended mandate drops out of a snapshot
//! without a transaction. A delegate has one history for lists that bind all tracks and one correction a
//! track: own lists of owners for that track, less what those owners' general lists say there.

mod calendar;
mod register;

pub use calendar::{month_of, start_of_month};
pub use register::{
    change_voice, holding, set_list, share_of, snapshot, sum_of, DelegateRow, MonthSum, OwnerRow, Register, TotalRow,
};

use crate::{voting::TrackId, AccountId, Balance, Timestamp};
use alloc::vec::Vec;

/// Most delegates of one list.
pub const MAX_DELEGATES: usize = 4;
/// Furthest month boundary at which a mandate can end, in months after the present one.
pub const MAX_MANDATE_MONTHS: u16 = 24;
/// Most voice of all accounts: products with basis points and signed sums stay inside 128 bits.
pub const MAX_VOICE: Balance = 1 << 96;
/// The whole, in basis points.
pub const WHOLE: u16 = 10_000;

/// A part of an owner's voice in another's hands, and the mandate that bounds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Delegation {
    pub delegate: AccountId,
    /// Basis points of the owner's voice, floored; 1..=10 000.
    pub share: u16,
    /// In the `for` part of a widening this voice counts as abstain.
    pub narrow_only: bool,
    /// The first month (months since January 1970, UTC) in which the mandate is over.
    pub ends: u16,
}

/// The delegates of one owner for all tracks (`None`) or for one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct DelegationList {
    pub track: Option<TrackId>,
    /// 1..=4, each delegate once, shares summing to at most 10 000.
    pub delegations: Vec<Delegation>,
}

/// A block and its time: what a snapshot is read at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Moment {
    pub block: u32,
    pub time: Timestamp,
}

/// An account's own voice and everybody's, at the end of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Holding {
    pub voice: Balance,
    pub total: Balance,
}

/// Voice delegated under the two kinds of mandate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Pool {
    pub free: Balance,
    pub narrow_only: Balance,
}

/// What an owner has put into one delegate's hands, at a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Entrusted {
    pub delegate: AccountId,
    pub amount: Balance,
    pub narrow_only: bool,
}

/// Both sides of an account's ballot on one track at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Snapshot {
    /// The account's own voice, kept and delegated away.
    pub voice: Balance,
    /// All voice.
    pub total: Balance,
    /// What of the account's voice its delegates hold under mandates in force.
    pub entrusted: Vec<Entrusted>,
    /// What others have delegated to the account.
    pub pool: Pool,
}

/// Why `voice` refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum VoiceError {
    /// The caller is not the governor.
    NotGovernor,
    /// The block is not over: voice can be read only for blocks strictly before the current one.
    NotYet,
    /// More is burned than the account holds.
    TooLittleVoice,
    /// All voice together would exceed its limit, or the amount is zero.
    AmountOutOfRange,
    /// More than four delegates in one list.
    TooManyDelegates,
    /// One delegate stands twice in the list.
    DuplicateDelegate,
    /// An account cannot be its own delegate.
    SelfDelegation,
    /// A share is zero, or the shares sum to more than the whole.
    SharesOutOfRange,
    /// A mandate ends before the next month boundary or later than 24 months from now.
    MandateOutOfRange,
    /// The new code was not accepted by the chain.
    CodeRefused,
}
