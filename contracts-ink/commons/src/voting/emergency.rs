//! What guardians do: cancel a proposal, and act in an emergency until the members have spoken.
//!
//! An emergency act takes effect at once and opens the members' vote on it. It stands for good if they vote
//! for it, ends when more than half of their votes and 5 % of all voice are against it, and lapses at the
//! vote's close otherwise.

use super::{
    enact::{check_guardians, end, known},
    EmergencyAct, EmergencyEnd, Event, GovernorError, Proposal, Stage, State, Tally, Timeline, TrackId,
    World,
};
use crate::{
    delegation::Moment,
    order::world::Signed,
    signing::{self, blake2_256},
    Timestamp,
};
use alloc::vec::Vec;
use scale::Encode;

/// Guardians cancel a proposal; anyone hands in their signatures.
pub fn veto<W: World>(
    world: &mut W,
    id: u32,
    deadline: Timestamp,
    signatures: Vec<Signed>,
) -> Result<(), GovernorError> {
    let proposal = known(world, id)?;
    if !proposal.vetoable {
        return Err(GovernorError::MayNotCancel);
    }
    let message = signing::veto(&world.genesis(), &world.governor(), id, &proposal.content, deadline);
    check_signatures(world, &message, deadline, &signatures)?;
    end(world, id, proposal, Stage::Cancelled)?;
    world.tell(Event::Cancelled { id, by_guardians: true });
    Ok(())
}

/// Guardians act; anyone hands in their signatures. Answers the number of the members' vote on it.
pub fn act<W: World>(
    world: &mut W,
    act: EmergencyAct,
    deadline: Timestamp,
    signatures: Vec<Signed>,
) -> Result<u32, GovernorError> {
    let (now, number, hash) = (world.now(), world.acts(), blake2_256(&act.encode()));
    let message = signing::emergency(&world.genesis(), &world.governor(), &hash, number, deadline);
    check_signatures(world, &message, deadline, &signatures)?;
    if now < world.rests(&act) {
        return Err(GovernorError::TooSoonAgain);
    }
    let (id, terms) = (world.proposals().saturating_add(1), world.track(TrackId::Emergency));
    let proposal = Proposal {
        proposer: world.caller(),
        track: TrackId::Emergency,
        terms,
        at: Moment { block: world.block(), time: now },
        content: blake2_256(&message),
        subject: None,
        vetoable: false,
        deposit: 0,
        tally: Tally::default(),
        total: None,
        timeline: Timeline::open(&terms, now),
        stage: Stage::Voting,
    };
    world.put_proposals(id);
    world.put_acts(number.saturating_add(1));
    world.put_proposal(id, &proposal);
    world.put_act(id, &act);
    // Until its vote is over it cannot be repeated either.
    world.put_rests(&act, Timestamp::MAX);
    world.begin_act(&act)?;
    let guardians = signatures.iter().map(|signed| signed.signer).collect();
    let Proposal { at, content, timeline, .. } = proposal;
    world.tell(Event::EmergencyBegun { id, act, guardians, at, closes: timeline.closes, content });
    Ok(id)
}

/// Ends an act as the members' votes say: confirmed, overturned at once, or lapsed at the close. Anyone.
pub fn settle_act<W: World>(world: &mut W, id: u32) -> Result<EmergencyEnd, GovernorError> {
    let mut proposal = known(world, id)?;
    let act = world.act(id).ok_or(GovernorError::NotEmergency)?;
    let now = world.now();
    let state = proposal.state(world.block(), now);
    let (ended, stage) = match state {
        _ if proposal.stage != Stage::Voting => return Err(GovernorError::WrongState(state)),
        State::Queued => (EmergencyEnd::Confirmed, Stage::Executed),
        State::Active if proposal.is_overturned() => (EmergencyEnd::Overturned, Stage::Cancelled),
        State::Defeated => (EmergencyEnd::Lapsed, Stage::Expired),
        State::Active => return Err(GovernorError::NotOverturned),
        state => return Err(GovernorError::WrongState(state)),
    };
    proposal.stage = stage;
    world.put_proposal(id, &proposal);
    world.put_rests(&act, now.saturating_add(world.settings().emergency_rest));
    if ended != EmergencyEnd::Confirmed {
        world.end_act(&act)?;
    }
    world.tell(Event::EmergencyEnded { id, act, end: ended });
    Ok(ended)
}

fn check_signatures<W: World>(
    world: &W,
    message: &[u8],
    deadline: Timestamp,
    signatures: &[Signed],
) -> Result<(), GovernorError> {
    if world.now() > deadline {
        return Err(GovernorError::SignatureExpired);
    }
    check_guardians(world, signatures.iter().map(|signed| signed.signer))?;
    let all_verify =
        signatures.iter().all(|signed| world.verifies(&signed.signature, message, &signed.signer));
    all_verify.then_some(()).ok_or(GovernorError::BadSignature)
}
