//! What a proposal can do, and on which track.

use super::{Passing, Settings, Track, TrackId};
use crate::{policy::Policy, AccountId, Balance, CollectionId, Digest};
use alloc::vec::Vec;

/// Most actions of one proposal.
pub const MAX_ACTIONS: usize = 8;
/// Most bytes of a proposal's SCALE-encoded actions: with its event they fit ink!'s 16 KiB buffer.
pub const MAX_ACTIONS_LENGTH: usize = 8 * 1024;
/// Most bytes of a description's CID.
pub const MAX_DESCRIPTION: usize = 64;
/// Most guardians.
pub const MAX_GUARDIANS: usize = 16;

/// One thing that a passed proposal does.
// Actions live in one storage cell and are moved a few at a time: their difference in size costs nothing.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Action {
    /// A change of what `policies` holds: alone in its proposal.
    Policy(PolicyChange),
    /// A change of the governor itself.
    Governor(GovernorChange),
    /// A call to another contract.
    Call(Call),
}

/// A change of policies. Its direction is computed, never given.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum PolicyChange {
    /// Opens a collection; with a disease (its MONDO number) one for that disease alone.
    Open { policy: Policy, disease: Option<u32> },
    /// Replaces a collection's policy.
    Set { collection: CollectionId, policy: Policy },
    /// Closes a collection.
    Close { collection: CollectionId },
    /// Replaces the ontology's root: a widening of every collection.
    Root { root: Digest },
}

/// A change of the governor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum GovernorChange {
    /// Replaces a track's numbers; proposals made before keep theirs.
    Track { id: TrackId, track: Track },
    /// Replaces the guardians, whose term begins anew. No other action may stand beside it.
    Guardians { members: Vec<AccountId>, quorum: u8 },
    /// Replaces the periods that belong to no track.
    Settings(Settings),
    /// Gives a message of a contract its track; `None` returns it to `Code`.
    Route { callee: AccountId, selector: [u8; 4], track: Option<TrackId> },
    /// Replaces the governor's code.
    Code(Digest),
    /// Pays from the treasury; deposits of proposers are no part of it.
    Payment { to: AccountId, amount: Balance },
}

/// A call to another contract. It fails the proposal if it traps or reverts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Call {
    pub callee: AccountId,
    pub selector: [u8; 4],
    /// SCALE-encoded arguments.
    pub input: Vec<u8>,
    /// Paid from the treasury.
    pub value: Balance,
    /// Limit of weight; 0 = what is left.
    pub ref_time: u64,
    /// Limit of proof; 0 = what is left.
    pub proof_size: u64,
    /// Limit of the storage deposit that the executing account pays; `None` = what it has.
    pub deposit: Option<Balance>,
}

/// What guardians can do at once. Each act overlays what members decided and can be taken off again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum EmergencyAct {
    WithholdMeasurement(Digest),
    WithholdVerifier(AccountId),
    WithholdIssuer(AccountId),
    /// Stops create, propose and present; never touches voice, consents, live orders or money.
    Suspend(AccountId),
    /// Stops create, attest and release; ends by itself.
    Pause,
}

impl GovernorChange {
    /// The track that decides it: what weakens a track is never easier than the track.
    pub(super) fn track(&self) -> TrackId {
        match self {
            GovernorChange::Track { id: TrackId::Code, .. } => TrackId::Code,
            GovernorChange::Route { .. } | GovernorChange::Code(_) => TrackId::Code,
            GovernorChange::Track { .. } | GovernorChange::Settings(_) => TrackId::Parameters,
            GovernorChange::Guardians { .. } => TrackId::Members,
            GovernorChange::Payment { .. } => TrackId::Treasury,
        }
    }

    /// Whether its values can govern.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            GovernorChange::Track { id, track } => track.fits(*id),
            GovernorChange::Guardians { members, quorum } => guardians_are_sound(members, *quorum),
            GovernorChange::Settings(settings) => settings.is_sound(),
            GovernorChange::Route { track, .. } => !matches!(
                track,
                // These decide policy changes and emergencies alone.
                Some(TrackId::Narrow | TrackId::Widen | TrackId::Emergency)
            ),
            GovernorChange::Code(_) => true,
            GovernorChange::Payment { amount, .. } => *amount > 0,
        }
    }
}

/// Members sorted and unique, a quorum that they can reach; or nobody at all.
pub fn guardians_are_sound(members: &[AccountId], quorum: u8) -> bool {
    let rises = members.windows(2).all(|pair| matches!(pair, [first, second] if first < second));
    let reachable = if members.is_empty() { quorum == 0 } else { quorum > 0 };
    rises && reachable && members.len() <= MAX_GUARDIANS && usize::from(quorum) <= members.len()
}

impl Track {
    /// Whether the numbers are sound and may stand for this track: only narrowing is optimistic, and a
    /// vote on an emergency ends when the act lapses.
    pub fn fits(&self, id: TrackId) -> bool {
        let kind = match id {
            TrackId::Narrow => true,
            TrackId::Emergency => self.confirm == 0 && self.delay == 0 && !self.falls(),
            _ => matches!(self.passing, Passing::Ratio { .. }),
        };
        // Without a delay nobody could get out of the way of what was decided.
        let delayed = id == TrackId::Narrow || id == TrackId::Emergency || self.delay > 0;
        let ratio = id == TrackId::Narrow || matches!(self.passing, Passing::Ratio { .. });
        self.is_sound() && kind && delayed && ratio
    }
}
