//! Ballots and recusals on a proposal.

use super::{
    ballot, Ballot, BallotError, Cause, Effect, Event, GovernorError, Proposal, Seat, Seats, Tally, TrackId,
    World,
};
use crate::{
    delegation::Snapshot,
    signing::{self, blake2_256},
    AccountId, Signature, Timestamp,
};
use alloc::vec::Vec;

/// A ballot with what anyone needs to hand it in for its voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct SignedBallot {
    pub voter: AccountId,
    pub ballot: Ballot,
    /// The voter's next number on this proposal.
    pub nonce: u32,
    pub deadline: Timestamp,
    /// sr25519 over `signing::ballot`, raw or in a wallet's `<Bytes>`.
    pub signature: Signature,
}

/// The seats of one proposal in the world.
struct SeatsOf<'a, W: World>(&'a mut W, u32);

impl<W: World> Seats for SeatsOf<'_, W> {
    fn seat(&self, account: &AccountId) -> Seat {
        self.0.seat(self.1, account)
    }
    fn put_seat(&mut self, account: &AccountId, seat: &Seat) {
        self.0.put_seat(self.1, account, seat)
    }
}

/// Casts the caller's ballot, or replaces it.
pub fn vote<W: World>(world: &mut W, id: u32, ballot: Ballot, reason: Vec<u8>) -> Result<(), GovernorError> {
    let voter = world.caller();
    let proposal = opened(world, id)?;
    record(world, id, proposal, voter, ballot, reason, false)
}

/// Casts a ballot that its voter signed.
pub fn vote_by_signature<W: World>(
    world: &mut W,
    id: u32,
    signed: SignedBallot,
    reason: Vec<u8>,
) -> Result<(), GovernorError> {
    let proposal = opened(world, id)?;
    if world.now() > signed.deadline {
        return Err(GovernorError::SignatureExpired);
    }
    let expected = world.seat(id, &signed.voter).nonce;
    if signed.nonce != expected {
        return Err(GovernorError::WrongNonce { expected });
    }
    let message = signing::ballot(
        &world.genesis(),
        &world.governor(),
        id,
        &proposal.content,
        &signed.ballot,
        signed.nonce,
        signed.deadline,
        &blake2_256(&reason),
    );
    if !world.verifies(&signed.signature, &message, &signed.voter) {
        return Err(GovernorError::BadSignature);
    }
    record(world, id, proposal, signed.voter, signed.ballot, reason, true)
}

/// Strikes an account that has a live order in the collection that the proposal is about. Anyone.
pub fn recuse<W: World>(world: &mut W, id: u32, account: AccountId) -> Result<(), GovernorError> {
    let mut proposal = opened(world, id)?;
    if !is_conflicted(world, &proposal, &account)? {
        return Err(GovernorError::NotConflicted);
    }
    let snapshot = world.snapshot(&account, proposal.track, proposal.at)?;
    let effect = change(world, id, &mut proposal, &snapshot, Cause::Recusal, |seats, tally, widens| {
        ballot::strike(seats, tally, widens, &account, &snapshot)
    })?;
    world.tell(Event::Recused { id, account, tally: proposal.tally });
    tell_overridden(world, id, account, effect);
    Ok(())
}

/// The proposal, if ballots and recusals count on it now.
fn opened<W: World>(world: &W, id: u32) -> Result<Proposal, GovernorError> {
    let proposal = world.proposal(id).ok_or(GovernorError::UnknownProposal)?;
    if proposal.is_open(world.block(), world.now()) {
        Ok(proposal)
    } else {
        Err(GovernorError::WrongState(proposal.state(world.block(), world.now())))
    }
}

fn is_conflicted<W: World>(
    world: &W,
    proposal: &Proposal,
    account: &AccountId,
) -> Result<bool, GovernorError> {
    match proposal.conflicting_collection() {
        Some(collection) => Ok(world.live_orders(collection, account)? > 0),
        None => Ok(false),
    }
}

fn record<W: World>(
    world: &mut W,
    id: u32,
    mut proposal: Proposal,
    voter: AccountId,
    ballot: Ballot,
    reason: Vec<u8>,
    signed: bool,
) -> Result<(), GovernorError> {
    if is_conflicted(world, &proposal, &voter)? {
        return Err(GovernorError::Conflicted);
    }
    let nonce = world.seat(id, &voter).nonce;
    let snapshot = world.snapshot(&voter, proposal.track, proposal.at)?;
    let effect = change(world, id, &mut proposal, &snapshot, Cause::Ballot, |seats, tally, widens| {
        ballot::cast(seats, tally, widens, &voter, &snapshot, &ballot)
    })?;
    world.tell(Event::BallotCast {
        id,
        voter,
        ballot,
        nonce,
        signed,
        own: effect.own,
        delegated: effect.delegated,
        tally: proposal.tally,
        reason,
    });
    tell_overridden(world, id, voter, effect);
    Ok(())
}

/// Applies a change of the tally and settles the proposal's course by it.
fn change<W: World>(
    world: &mut W,
    id: u32,
    proposal: &mut Proposal,
    snapshot: &Snapshot,
    cause: Cause,
    apply: impl FnOnce(&mut SeatsOf<W>, &mut Tally, bool) -> Result<Effect, BallotError>,
) -> Result<Effect, GovernorError> {
    proposal.total = Some(snapshot.total);
    let (before, now, widens) = (proposal.count(), world.now(), proposal.widens());
    let effect = apply(&mut SeatsOf(world, id), &mut proposal.tally, widens)?;
    let after = proposal.count();
    let extends = proposal.track != TrackId::Emergency;
    let extended = proposal.timeline.settle(&proposal.terms, &before, &after, cause, now, extends);
    world.put_proposal(id, proposal);
    if extended {
        world.tell(Event::Extended { id, closes: proposal.timeline.closes });
    }
    Ok(effect)
}

fn tell_overridden<W: World>(world: &mut W, id: u32, owner: AccountId, effect: Effect) {
    for entrusted in effect.taken {
        world.tell(Event::Overridden { id, owner, entrusted });
    }
}
