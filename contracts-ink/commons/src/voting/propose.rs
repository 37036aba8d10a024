//! Making a proposal.

use super::{
    action::{MAX_ACTIONS, MAX_ACTIONS_LENGTH, MAX_DESCRIPTION},
    Action, Details, Event, GovernorChange, GovernorError, PolicyChange, Proposal, Stage, State, Subject,
    Tally, Timeline, TrackId, World,
};
use crate::{delegation::Moment, policy::Direction, signing::proposal_content, AccountId, Digest};
use alloc::vec::Vec;
use scale::Encode;

/// Makes a proposal of the caller's, who pays exactly the track's deposit. Answers its number.
pub fn propose<W: World>(
    world: &mut W,
    track: TrackId,
    actions: Vec<Action>,
    description: Vec<u8>,
) -> Result<u32, GovernorError> {
    let encoded = actions.encode();
    if actions.is_empty() || actions.len() > MAX_ACTIONS || encoded.len() > MAX_ACTIONS_LENGTH {
        return Err(GovernorError::ActionsOutOfRange);
    }
    if description.is_empty() || description.len() > MAX_DESCRIPTION {
        return Err(GovernorError::DescriptionOutOfRange);
    }
    let (proposer, terms) = (world.caller(), world.track(track));
    let at = Moment { block: world.block(), time: world.now() };
    if world.paid() != terms.deposit {
        return Err(GovernorError::WrongDeposit);
    }
    may_propose(world, &proposer, terms.threshold)?;
    let subject = subject_of(world, track, &actions)?;
    let pins = check_actions(world, track, &actions)?;
    if track == TrackId::Narrow {
        begin_narrowing(world, subject)?;
    }
    // A proposal costs a transaction: 2^32 of them are out of reach.
    let id = world.proposals().saturating_add(1);
    let proposal = Proposal {
        proposer,
        track,
        terms,
        at,
        content: proposal_content(&proposer, track as u8, &encoded, &description),
        subject,
        vetoable: is_vetoable(track, &actions),
        deposit: terms.deposit,
        tally: Tally::default(),
        total: None,
        timeline: Timeline::open(&terms, at.time),
        stage: Stage::Voting,
    };
    world.put_proposals(id);
    world.put_latest(&proposer, id);
    // The sum of what was really paid: it cannot exceed the balance.
    world.put_held(world.held().saturating_add(terms.deposit));
    world.put_proposal(id, &proposal);
    world.put_details(id, &Details { description: description.clone(), actions: actions.clone(), pins });
    world.tell(Event::Proposed { id, proposal, description, actions });
    Ok(id)
}

fn may_propose<W: World>(world: &W, proposer: &AccountId, threshold: u16) -> Result<(), GovernorError> {
    if let Some(id) = world.latest(proposer) {
        let live = world.proposal(id).is_some_and(|earlier| {
            matches!(
                earlier.state(world.block(), world.now()),
                State::Pending | State::Active | State::Confirming | State::Queued
            )
        });
        if live {
            return Err(GovernorError::LiveProposal(id));
        }
    }
    if world.suspended(proposer)? {
        return Err(GovernorError::Suspended);
    }
    // The block before this one: voice that is minted and burned around a proposal is never there.
    let holding = world.holding(proposer, world.block().saturating_sub(1))?;
    if holding.voice == 0 || !super::reaches(holding.voice, threshold, holding.total) {
        return Err(GovernorError::BelowThreshold);
    }
    Ok(())
}

/// What the proposal's policy change is about, with its direction as `policies` computes it.
fn subject_of<W: World>(
    world: &W,
    track: TrackId,
    actions: &[Action],
) -> Result<Option<Subject>, GovernorError> {
    let Some(change) = actions.iter().find_map(|action| match action {
        Action::Policy(change) => Some(change),
        _ => None,
    }) else {
        return Ok(None);
    };
    if actions.len() > 1 {
        return Err(GovernorError::ActionNotAlone);
    }
    let subject = match change {
        PolicyChange::Open { policy, .. } => {
            Subject { collection: None, version: 0, direction: Direction::Wider, hash: policy.hash() }
        }
        PolicyChange::Set { collection, policy } => {
            let (direction, version) = world.direction(*collection, policy)?;
            Subject { collection: Some(*collection), version, direction, hash: policy.hash() }
        }
        PolicyChange::Close { collection } => Subject {
            collection: Some(*collection),
            version: world.version(*collection)?,
            direction: Direction::Narrower,
            hash: Digest::default(),
        },
        PolicyChange::Root { root } => Subject {
            collection: Some(0),
            version: world.version(0)?,
            direction: Direction::Wider,
            hash: *root,
        },
    };
    if subject.direction == Direction::Same {
        return Err(GovernorError::NoChange);
    }
    let is_narrowing = matches!(change, PolicyChange::Set { .. }) && subject.direction == Direction::Narrower;
    let admitted = track == TrackId::Widen || (track == TrackId::Narrow && is_narrowing);
    admitted.then_some(Some(subject)).ok_or(GovernorError::WrongTrack { action: 0 })
}

/// Whether every action may be decided on the track, and the code of each contract that is called.
fn check_actions<W: World>(
    world: &W,
    track: TrackId,
    actions: &[Action],
) -> Result<Vec<(AccountId, Digest)>, GovernorError> {
    let mut pins: Vec<(AccountId, Digest)> = Vec::new();
    for (position, one) in actions.iter().enumerate() {
        let action = number(position);
        let callee = match one {
            Action::Policy(_) => world.policies(),
            Action::Governor(change) => {
                if change.track() != track {
                    return Err(GovernorError::WrongTrack { action });
                }
                if matches!(change, GovernorChange::Guardians { .. }) && actions.len() > 1 {
                    return Err(GovernorError::ActionNotAlone);
                }
                if !change.is_sound() {
                    return Err(GovernorError::UnsoundAction { action });
                }
                continue;
            }
            Action::Call(call) => {
                if call.callee == world.governor() {
                    return Err(GovernorError::CallsGovernor { action });
                }
                if call.callee == world.policies() && world.is_typed(call.selector) {
                    return Err(GovernorError::UntypedPolicyChange { action });
                }
                let routed = world.route(&call.callee, call.selector).unwrap_or(TrackId::Code);
                if track != routed && track != TrackId::Code {
                    return Err(GovernorError::WrongTrack { action });
                }
                call.callee
            }
        };
        if !pins.iter().any(|(pinned, _)| *pinned == callee) {
            let code = world.code_hash(&callee).ok_or(GovernorError::NoCode { action })?;
            pins.push((callee, code));
        }
    }
    Ok(pins)
}

/// An action's number; there are at most eight.
pub(super) fn number(position: usize) -> u8 {
    u8::try_from(position).unwrap_or(u8::MAX)
}

/// Guardians may cancel everything but a narrowing, and what decides about themselves.
fn is_vetoable(track: TrackId, actions: &[Action]) -> bool {
    let about_guardians =
        actions.iter().any(|action| matches!(action, Action::Governor(GovernorChange::Guardians { .. })));
    !matches!(track, TrackId::Narrow | TrackId::Emergency) && !about_guardians
}

/// One narrowing of a collection in the interval, so that a few members cannot keep all others busy.
fn begin_narrowing<W: World>(world: &mut W, subject: Option<Subject>) -> Result<(), GovernorError> {
    let Some(collection) = subject.and_then(|subject| subject.collection) else {
        return Err(GovernorError::WrongTrack { action: 0 });
    };
    let (now, interval) = (world.now(), world.settings().narrow_interval);
    if world.narrowed(collection).is_some_and(|last| now < last.saturating_add(interval)) {
        return Err(GovernorError::NarrowedTooRecently);
    }
    world.put_narrowed(collection, Some(now));
    Ok(())
}
