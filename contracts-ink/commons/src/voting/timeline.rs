//! A proposal in time: from its opening to a result.
//!
//! Between two changes of the tally nothing has to be written: where a proposal stands follows from its
//! numbers, the tally and the clock. A change of the tally settles what the clock had done before it.
//!
//! - At its close a passing result enters Confirming; a failing one is Defeated. Where a track's support
//!   falls with time, a result enters Confirming as soon as it passes, before the close.
//! - Confirming holds for the track's own period, and ballots still count in it. A result that fails in it
//!   returns to Active while there is time, and is Defeated otherwise.
//! - Late swing: a change that turns the result, or a recusal, inside the last tenth of the decision period
//!   or after its close (in Confirming) extends the vote by a tenth, once.

use super::{Passing, Tally, Track};
use crate::{delegation::WHOLE, Balance, Timestamp};

/// What of a proposal's course must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Timeline {
    pub opened: Timestamp,
    pub closes: Timestamp,
    /// The vote was extended for a late swing; it is not again.
    pub extended: bool,
    /// Since when a result has passed that the tally's last change left passing.
    pub confirming: Option<Timestamp>,
    /// When a result failed in Confirming with no time left.
    pub failed: Option<Timestamp>,
}

/// Where the vote stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum Standing {
    Active,
    Confirming { since: Timestamp },
    Confirmed { at: Timestamp },
    Defeated { at: Timestamp },
}

/// What moved the tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Ballot,
    Recusal,
}

/// A vote's numbers without its course. `total` is all voice at the snapshot; `None` before it was first read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub tally: Tally,
    pub total: Option<Balance>,
}

impl Timeline {
    pub fn open(track: &Track, now: Timestamp) -> Timeline {
        Timeline {
            opened: now,
            closes: now.saturating_add(track.decision),
            extended: false,
            confirming: None,
            failed: None,
        }
    }

    /// Where the vote stands at `now`.
    pub fn standing(&self, track: &Track, count: &Count, now: Timestamp) -> Standing {
        if let Some(at) = self.failed {
            return Standing::Defeated { at };
        }
        match self.confirming.or_else(|| self.first_pass(track, count)) {
            Some(since) if since <= now => {
                let at = since.saturating_add(track.confirm);
                if at <= now {
                    Standing::Confirmed { at }
                } else {
                    Standing::Confirming { since }
                }
            }
            Some(_) => Standing::Active,
            None if now < self.closes => Standing::Active,
            None => Standing::Defeated { at: self.closes },
        }
    }

    /// When the result of an unchanged tally first passes, if it does by the close.
    fn first_pass(&self, track: &Track, count: &Count) -> Option<Timestamp> {
        if !track.passes(count, WHOLE) {
            return None;
        }
        let Passing::Ratio { support_from, support_to, .. } = track.passing else { return Some(self.closes) };
        let span = support_from.saturating_sub(support_to);
        if span == 0 {
            return Some(self.closes);
        }
        // Basis points of the decision period after which the curve has come down to the support.
        let (mut low, mut high) = (0u16, WHOLE);
        while low < high {
            let middle = low.midpoint(high);
            if track.passes(count, middle) {
                high = middle;
            } else {
                low = middle.saturating_add(1);
            }
        }
        // Never before the tally's last change: had it passed then, Confirming would have begun there.
        // Rounded up: the first millisecond whose floored progress reaches `low`.
        let elapsed = u128::from(track.decision).saturating_mul(u128::from(low)).div_ceil(u128::from(WHOLE));
        let at = self.opened.saturating_add(u64::try_from(elapsed).unwrap_or(u64::MAX));
        Some(at.min(self.closes))
    }

    /// Basis points of the decision period that are over.
    fn progress(&self, track: &Track, now: Timestamp) -> u16 {
        let elapsed = u128::from(now.saturating_sub(self.opened)).saturating_mul(u128::from(WHOLE));
        let progress = elapsed.checked_div(u128::from(track.decision)).unwrap_or(u128::from(WHOLE));
        u16::try_from(progress).unwrap_or(WHOLE).min(WHOLE)
    }

    /// Whether the tally can still be changed.
    pub fn is_open(&self, track: &Track, count: &Count, now: Timestamp) -> bool {
        matches!(self.standing(track, count, now), Standing::Active | Standing::Confirming { .. })
    }

    /// Settles a change of the tally from `before` to `after` at `now`, while the vote is open. Answers
    /// whether it extended the vote.
    pub fn settle(
        &mut self,
        track: &Track,
        before: &Count,
        after: &Count,
        cause: Cause,
        now: Timestamp,
        extends: bool,
    ) -> bool {
        let confirming = match self.standing(track, before, now) {
            Standing::Confirming { since } => Some(since),
            _ => None,
        };
        let late = now >= self.closes.saturating_sub(track.tenth());
        let turned = cause == Cause::Recusal || track.passes(before, WHOLE) != track.passes(after, WHOLE);
        let passes_now = track.passes(after, self.progress(track, now));
        if extends && turned && late && !self.extended {
            self.extended = true;
            self.closes = self.closes.max(now).saturating_add(track.tenth());
            // Confirming begins anew: at once where support falls with time, else at the new close.
            self.confirming = (track.falls() && passes_now).then_some(now);
            return true;
        }
        if passes_now {
            self.confirming = confirming.or_else(|| track.falls().then_some(now));
        } else {
            self.confirming = None;
            if now >= self.closes {
                self.failed = Some(now);
            }
        }
        false
    }
}

impl Track {
    /// Whether a result can pass before its close.
    pub fn falls(&self) -> bool {
        matches!(self.passing, Passing::Ratio { support_from, support_to, .. } if support_from > support_to)
    }

    /// Support that is asked after `progress` basis points of the decision period: a straight line.
    pub fn support_at(&self, progress: u16) -> u16 {
        let Passing::Ratio { support_from, support_to, .. } = self.passing else { return 0 };
        let span = u32::from(support_from.saturating_sub(support_to));
        // At most 10 000 x 10 000; rounded down the fall, so the threshold is never too low.
        let fallen = span.saturating_mul(u32::from(progress.min(WHOLE))) / 10_000;
        support_from.saturating_sub(u16::try_from(fallen).unwrap_or(u16::MAX))
    }

    /// Whether the count passes after `progress` basis points of the decision period.
    pub fn passes(&self, count: &Count, progress: u16) -> bool {
        let tally = &count.tally;
        match self.passing {
            Passing::Optimistic { objection } => match count.total {
                Some(total) => !reaches(tally.against, objection, total),
                None => true,
            },
            Passing::Ratio { approval, .. } => {
                let votes = tally.favour.saturating_add(tally.against);
                tally.favour > tally.against
                    && reaches(tally.favour, approval, votes)
                    && count
                        .total
                        .is_some_and(|total| reaches(tally.favour, self.support_at(progress), total))
            }
        }
    }
}

/// Whether `part` is at least `share` basis points of `whole`, without division.
pub fn reaches(part: Balance, share: u16, whole: Balance) -> bool {
    // Voice is at most 2^96 and a share 2^14: no product comes near 2^128.
    part.saturating_mul(Balance::from(WHOLE)) >= whole.saturating_mul(Balance::from(share))
}
