//! A class of proposals with its own thresholds and periods.

use crate::{delegation::WHOLE, Balance};

/// The classes of proposals, by what they may decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum TrackId {
    /// Policy changes that only take away. Optimistic.
    Narrow,
    /// Any other policy change, closing a collection, the ontology root.
    Widen,
    /// Payments.
    Treasury,
    /// Voice, issuers, verifiers, guardians.
    Members,
    /// Tracks, the guardians' terms, the limits that bind policies.
    Parameters,
    /// Code, and every call that has no track of its own.
    Code,
    /// The members' vote on what the guardians did in an emergency.
    Emergency,
}

impl TrackId {
    /// Every track, in its number's order.
    pub const ALL: [TrackId; 7] = [
        TrackId::Narrow,
        TrackId::Widen,
        TrackId::Treasury,
        TrackId::Members,
        TrackId::Parameters,
        TrackId::Code,
        TrackId::Emergency,
    ];
}

/// When a result passes. Shares are basis points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Passing {
    /// Passes unless `against` reaches this share of all voice.
    Optimistic { objection: u16 },
    /// Passes when `for` is the greater part and at least `approval` of for + against, and `for` is at least
    /// the support of all voice, which falls in a straight line from the opening to the close. Where it
    /// falls, a proposal can pass before its close; where `support_from` = `support_to`, only at its close.
    Ratio { approval: u16, support_from: u16, support_to: u16 },
}

/// A track's numbers. A proposal keeps those it was made under. Times in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Track {
    pub passing: Passing,
    /// From the proposal to its close.
    pub decision: u64,
    /// How long a passing result must hold.
    pub confirm: u64,
    /// From queue to the first moment of execution.
    pub delay: u64,
    /// How long a passed proposal can be queued, and a queued one executed after its delay.
    pub grace: u64,
    /// Voice that a proposer must hold: basis points of all voice.
    pub threshold: u16,
    /// Paid by the proposer, returned unless the proposal is clearly rejected.
    pub deposit: Balance,
}

/// No period of a track exceeds this: sums of a few of them with a time of day stay far inside 64 bits.
const LONGEST_PERIOD: u64 = 366 * 86_400_000;

impl Track {
    /// Whether the numbers can govern: shares inside the whole, approval not under one half, a curve that
    /// does not rise, a decision period and a grace period that exist.
    pub fn is_sound(&self) -> bool {
        let periods = [self.decision, self.confirm, self.delay, self.grace];
        let passing = match self.passing {
            Passing::Optimistic { objection } => objection > 0 && objection <= WHOLE,
            Passing::Ratio { approval, support_from, support_to } => {
                (WHOLE / 2..=WHOLE).contains(&approval)
                    && support_from <= WHOLE
                    && support_to > 0
                    && support_to <= support_from
            }
        };
        passing
            && self.threshold <= WHOLE
            && self.decision > 0
            && self.grace > 0
            && periods.iter().all(|period| *period <= LONGEST_PERIOD)
    }

    /// The length of the late-swing window and of its extension: a tenth of the decision period.
    pub fn tenth(&self) -> u64 {
        self.decision / 10
    }
}
