//! A proposal, its states, and the numbers that belong to no track.

use super::{Action, Count, Standing, Tally, Timeline, Track, TrackId};
use crate::{delegation::Moment, policy::Direction, AccountId, Balance, CollectionId, Digest, Timestamp};
use alloc::vec::Vec;

/// The state of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum State {
    /// Made in this block, whose voice cannot be read yet.
    Pending,
    Active,
    /// The result passes and must hold; also after that, until someone queues it.
    Confirming,
    Defeated,
    /// Decided; can be executed from its time on.
    Queued,
    Executed,
    Cancelled,
    /// Decided, but not queued or not executed in time.
    Expired,
}

/// What transactions have made of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Stage {
    Voting,
    /// Can be executed in `from..=until`.
    Queued {
        from: Timestamp,
        until: Timestamp,
    },
    Executed,
    /// By its proposer, the guardians, or (an emergency) the members.
    Cancelled,
    /// What it announced, or did in an emergency, was taken back after its time.
    Expired,
}

/// What a policy change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Subject {
    /// The collection; 0 = every collection (a new root); `None` = one that does not exist yet.
    pub collection: Option<CollectionId>,
    /// The version that the change replaces.
    pub version: u32,
    /// As `policies` computed it at proposing.
    pub direction: Direction,
    /// blake2_256 of the policy, or the root; zero for closing.
    pub hash: Digest,
}

/// A proposal's head: what ballots and states need, and nothing of variable size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Proposal {
    pub proposer: AccountId,
    pub track: TrackId,
    /// The track's numbers when the proposal was made: later changes do not reach it.
    pub terms: Track,
    /// Where both sides of every ballot are read.
    pub at: Moment,
    /// `signing::proposal_content`.
    pub content: Digest,
    pub subject: Option<Subject>,
    /// Guardians may cancel it.
    pub vetoable: bool,
    /// Still held; 0 once settled.
    pub deposit: Balance,
    pub tally: Tally,
    /// All voice at the snapshot, once the first ballot has read it.
    pub total: Option<Balance>,
    pub timeline: Timeline,
    pub stage: Stage,
}

/// What of a proposal only proposing and executing need.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Details {
    /// CID of the description.
    pub description: Vec<u8>,
    pub actions: Vec<Action>,
    /// Contracts that the actions call, with the code that they had when the proposal was made.
    pub pins: Vec<(AccountId, Digest)>,
}

/// The people who act in an emergency: any `quorum` of `members`, until their term ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Guardians {
    /// Sorted, unique.
    pub members: Vec<AccountId>,
    pub quorum: u8,
    pub until: Timestamp,
}

/// Periods that belong to no track, ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Settings {
    /// Least time between two narrowings of one collection.
    pub narrow_interval: u64,
    /// How long guardians serve.
    pub guardian_term: u64,
    /// How long after its end an emergency act cannot be repeated.
    pub emergency_rest: u64,
}

/// Voice against that, with four fifths of the votes, costs a proposer the deposit; that overturns an
/// emergency act together with more than half of the votes: basis points of all voice.
const HEARD: u16 = 500;

impl Settings {
    /// No period can overflow a time of day; guardians serve for some time.
    pub fn is_sound(&self) -> bool {
        let longest = 10 * 366 * 86_400_000;
        let periods = [self.narrow_interval, self.guardian_term, self.emergency_rest];
        self.guardian_term > 0 && periods.iter().all(|period| *period <= longest)
    }
}

impl Proposal {
    pub fn count(&self) -> Count {
        Count { tally: self.tally, total: self.total }
    }

    /// Where the vote stands, whatever became of the proposal since.
    pub fn standing(&self, now: Timestamp) -> Standing {
        self.timeline.standing(&self.terms, &self.count(), now)
    }

    /// When it can be executed: after `queue`, or at once where the track has no delay.
    pub fn executable(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        match self.stage {
            Stage::Queued { from, until } => Some((from, until)),
            Stage::Voting if self.terms.delay == 0 => match self.standing(now) {
                // What the members confirmed in an emergency stands whether or not someone says so.
                Standing::Confirmed { at } if self.track == TrackId::Emergency => Some((at, Timestamp::MAX)),
                Standing::Confirmed { at } => Some((at, at.saturating_add(self.terms.grace))),
                _ => None,
            },
            _ => None,
        }
    }

    pub fn state(&self, block: u32, now: Timestamp) -> State {
        match self.stage {
            Stage::Executed => return State::Executed,
            Stage::Cancelled => return State::Cancelled,
            Stage::Expired if self.track == TrackId::Emergency => return State::Defeated,
            Stage::Expired => return State::Expired,
            Stage::Voting | Stage::Queued { .. } => {}
        }
        if let Some((_, until)) = self.executable(now) {
            return if now <= until { State::Queued } else { State::Expired };
        }
        if block <= self.at.block {
            return State::Pending;
        }
        match self.standing(now) {
            Standing::Active => State::Active,
            Standing::Confirming { .. } => State::Confirming,
            Standing::Confirmed { at } if now <= at.saturating_add(self.terms.grace) => State::Confirming,
            Standing::Confirmed { .. } => State::Expired,
            Standing::Defeated { .. } => State::Defeated,
        }
    }

    /// Whether ballots and recusals count now.
    pub fn is_open(&self, block: u32, now: Timestamp) -> bool {
        self.stage == Stage::Voting
            && block > self.at.block
            && self.timeline.is_open(&self.terms, &self.count(), now)
    }

    /// Whether `for` under a narrowing mandate must abstain.
    pub fn widens(&self) -> bool {
        self.subject.is_some_and(|subject| matches!(subject.direction, Direction::Wider | Direction::Mixed))
    }

    /// The collection whose live orders recuse.
    pub fn conflicting_collection(&self) -> Option<CollectionId> {
        self.subject.and_then(|subject| subject.collection).filter(|collection| *collection > 0)
    }

    /// Whether the proposal was rejected so clearly that its deposit is kept: more than half of all voice
    /// against it, or four fifths of the votes with more than 5 % of all voice.
    pub fn forfeits_deposit(&self) -> bool {
        let Some(total) = self.total else { return false };
        let Tally { favour, against, .. } = self.tally;
        let votes = favour.saturating_add(against);
        let of_all = |share| exceeds(against, share, total);
        of_all(5_000) || (of_all(HEARD) && super::reaches(against, 8_000, votes))
    }

    /// Whether members overturn an emergency act: more than half of the votes and at least 5 % of all voice.
    pub fn is_overturned(&self) -> bool {
        let against = self.tally.against;
        against > self.tally.favour && self.total.is_some_and(|total| super::reaches(against, HEARD, total))
    }
}

/// Whether `part` is more than `share` basis points of `whole`.
fn exceeds(part: Balance, share: u16, whole: Balance) -> bool {
    // As in `reaches`: voice is at most 2^96.
    part.saturating_mul(10_000) > whole.saturating_mul(Balance::from(share))
}
