//! Ballots and the tally of one proposal.
//!
//! An account can have two sides: its own voice, and the pool that others delegated to it. Each side is cast
//! in basis points. The tally holds exact amounts: whatever a side contributed is kept or can be computed
//! again, so that every change takes out exactly what was put in.
//!
//! An owner who casts their own voice takes all of it back from their delegates, before or after those have
//! cast: what the delegates hold is lessened and, where cast, recomputed and replaced. A struck account's own
//! voice is taken back in the same way and counts nowhere.

use crate::{
    delegation::{share_of, Entrusted, Pool, Snapshot, WHOLE},
    AccountId, Balance,
};
use alloc::vec::Vec;

/// How a side is divided: basis points that sum to 10 000. What flooring leaves over abstains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Parts {
    /// For the proposal.
    pub favour: u16,
    pub against: u16,
    pub abstain: u16,
}

/// An account's vote; a side that is `None` stays as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Ballot {
    /// The account's own voice, kept and delegated away.
    pub own: Option<Parts>,
    /// The voice delegated to the account.
    pub delegated: Option<Parts>,
}

/// Amounts of voice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Tally {
    pub favour: Balance,
    pub against: Balance,
    pub abstain: Balance,
}

/// A delegate's cast side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct CastPool {
    pub parts: Parts,
    /// The pool of the snapshot, before anything was taken back.
    pub pool: Pool,
}

/// What a proposal knows of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Seat {
    /// Ballots cast so far; the number that the next one must carry.
    pub nonce: u32,
    /// Recused for this proposal, for good.
    pub struck: bool,
    /// The account's own voice was taken back from its delegates.
    pub released: bool,
    /// What the account's own voice contributes to the tally.
    pub own: Option<Tally>,
    pub delegated: Option<CastPool>,
    /// What owners took back from the pool.
    pub taken: Pool,
}

/// The seats of one proposal.
pub trait Seats {
    fn seat(&self, account: &AccountId) -> Seat;
    fn put_seat(&mut self, account: &AccountId, seat: &Seat);
}

/// Why a ballot or a recusal is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum BallotError {
    /// Neither side is given.
    Empty,
    /// A side's parts do not sum to 10 000.
    PartsOutOfRange,
    /// The account has no voice on a side that the ballot gives.
    NoVoice,
    /// The account was struck from this proposal.
    Struck,
}

/// What a ballot or a recusal did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// What the account's own voice contributes now.
    pub own: Tally,
    /// What the voice delegated to the account contributes now.
    pub delegated: Tally,
    /// What was taken back from each delegate, by this ballot.
    pub taken: Vec<Entrusted>,
}

impl Parts {
    pub const FAVOUR: Parts = Parts { favour: WHOLE, against: 0, abstain: 0 };
    pub const AGAINST: Parts = Parts { favour: 0, against: WHOLE, abstain: 0 };
    pub const ABSTAIN: Parts = Parts { favour: 0, against: 0, abstain: WHOLE };

    fn is_whole(&self) -> bool {
        let sum = [self.favour, self.against, self.abstain].map(u32::from).iter().sum::<u32>();
        sum == u32::from(WHOLE)
    }

    /// Divides an amount; what flooring leaves over abstains, so that the parts sum to the amount.
    fn of(&self, amount: Balance) -> Tally {
        let (favour, against) = (share_of(amount, self.favour), share_of(amount, self.against));
        // Both shares together are at most the amount.
        Tally { favour, against, abstain: amount.saturating_sub(favour).saturating_sub(against) }
    }
}

impl Tally {
    /// All voice that was cast.
    pub fn sum(&self) -> Balance {
        // At most all voice, 2^96.
        self.favour.saturating_add(self.against).saturating_add(self.abstain)
    }

    fn add(&mut self, other: &Tally) {
        // Each side is at most all voice, 2^96.
        self.favour = self.favour.saturating_add(other.favour);
        self.against = self.against.saturating_add(other.against);
        self.abstain = self.abstain.saturating_add(other.abstain);
    }

    /// Takes out what was added before; never below zero by construction.
    fn remove(&mut self, other: &Tally) {
        self.favour = self.favour.saturating_sub(other.favour);
        self.against = self.against.saturating_sub(other.against);
        self.abstain = self.abstain.saturating_sub(other.abstain);
    }
}

impl Pool {
    /// Both kinds of mandate together.
    pub fn sum(&self) -> Balance {
        self.free.saturating_add(self.narrow_only)
    }

    fn less(&self, taken: &Pool) -> Pool {
        Pool {
            free: self.free.saturating_sub(taken.free),
            narrow_only: self.narrow_only.saturating_sub(taken.narrow_only),
        }
    }
}

impl Seat {
    /// What the delegated side contributes: its parts of what is left of the pool. In a widening, the `for`
    /// part of voice under a narrowing mandate abstains.
    pub fn delegated_tally(&self, widening: bool) -> Tally {
        let Some(cast) = &self.delegated else { return Tally::default() };
        let left = cast.pool.less(&self.taken);
        let mut tally = cast.parts.of(left.free);
        let mut bound = cast.parts.of(left.narrow_only);
        if widening {
            bound.abstain = bound.abstain.saturating_add(bound.favour);
            bound.favour = 0;
        }
        tally.add(&bound);
        tally
    }
}

/// Casts a ballot, the first or a new one in place of it.
pub fn cast<S: Seats>(
    seats: &mut S,
    tally: &mut Tally,
    widening: bool,
    voter: &AccountId,
    snapshot: &Snapshot,
    ballot: &Ballot,
) -> Result<Effect, BallotError> {
    let mut seat = seats.seat(voter);
    if seat.struck {
        return Err(BallotError::Struck);
    }
    let sides = [ballot.own, ballot.delegated];
    if sides == [None, None] {
        return Err(BallotError::Empty);
    }
    if sides.iter().flatten().any(|parts| !parts.is_whole()) {
        return Err(BallotError::PartsOutOfRange);
    }
    let own = ballot.own.filter(|_| snapshot.voice > 0);
    let delegated = ballot.delegated.filter(|_| snapshot.pool.sum() > 0);
    if own.is_none() && delegated.is_none() {
        return Err(BallotError::NoVoice);
    }
    let mut taken = Vec::new();
    if let Some(parts) = own {
        tally.remove(&seat.own.unwrap_or_default());
        let contribution = parts.of(snapshot.voice);
        tally.add(&contribution);
        seat.own = Some(contribution);
        taken = release(seats, tally, widening, &mut seat, snapshot);
    }
    if let Some(parts) = delegated {
        tally.remove(&seat.delegated_tally(widening));
        seat.delegated = Some(CastPool { parts, pool: snapshot.pool });
        tally.add(&seat.delegated_tally(widening));
    }
    // A ballot costs a transaction: 2^32 of one account on one proposal are out of reach.
    seat.nonce = seat.nonce.saturating_add(1);
    seats.put_seat(voter, &seat);
    Ok(Effect { own: seat.own.unwrap_or_default(), delegated: seat.delegated_tally(widening), taken })
}

/// Strikes an account for good: its own voice, kept and delegated away, leaves the tally, and it no longer
/// votes what is delegated to it; the owners of that still may.
pub fn strike<S: Seats>(
    seats: &mut S,
    tally: &mut Tally,
    widening: bool,
    account: &AccountId,
    snapshot: &Snapshot,
) -> Result<Effect, BallotError> {
    let mut seat = seats.seat(account);
    if seat.struck {
        return Err(BallotError::Struck);
    }
    if snapshot.voice == 0 && snapshot.pool.sum() == 0 {
        return Err(BallotError::NoVoice);
    }
    tally.remove(&seat.own.take().unwrap_or_default());
    tally.remove(&seat.delegated_tally(widening));
    seat.delegated = None;
    seat.struck = true;
    let taken = release(seats, tally, widening, &mut seat, snapshot);
    seats.put_seat(account, &seat);
    Ok(Effect { taken, ..Effect::default() })
}

/// Takes an owner's voice back from its delegates, once. An account is never its own delegate, so no seat
/// written here is the owner's.
fn release<S: Seats>(
    seats: &mut S,
    tally: &mut Tally,
    widening: bool,
    seat: &mut Seat,
    snapshot: &Snapshot,
) -> Vec<Entrusted> {
    if core::mem::replace(&mut seat.released, true) {
        return Vec::new();
    }
    for entrusted in &snapshot.entrusted {
        let mut delegate = seats.seat(&entrusted.delegate);
        tally.remove(&delegate.delegated_tally(widening));
        let taken =
            if entrusted.narrow_only { &mut delegate.taken.narrow_only } else { &mut delegate.taken.free };
        *taken = taken.saturating_add(entrusted.amount);
        tally.add(&delegate.delegated_tally(widening));
        seats.put_seat(&entrusted.delegate, &delegate);
    }
    snapshot.entrusted.clone()
}
