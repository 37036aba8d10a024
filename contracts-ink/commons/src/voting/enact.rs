//! From a decision to its execution, or to its end without one.

use super::{
    propose::number, Action, Event, GovernorChange, GovernorError, Guardians, PolicyChange, Proposal, Stage,
    Standing, State, TrackId, World,
};
use crate::{
    policy::{Direction, QueuedChange},
    AccountId, Balance, CollectionId,
};

/// Starts the delay of a proposal whose result has held. Anyone. What it will change is announced to
/// `policies`, so that buyers have the delay to get out of the way.
pub fn queue<W: World>(world: &mut W, id: u32) -> Result<(), GovernorError> {
    let mut proposal = known(world, id)?;
    let now = world.now();
    let confirmed = matches!(proposal.standing(now), Standing::Confirmed { .. });
    let state = proposal.state(world.block(), now);
    if state != State::Confirming || !confirmed {
        return Err(GovernorError::WrongState(state));
    }
    let from = now.saturating_add(proposal.terms.delay);
    let until = from.saturating_add(proposal.terms.grace);
    proposal.stage = Stage::Queued { from, until };
    world.put_proposal(id, &proposal);
    if let Some((subject, collection)) = announced(&proposal) {
        let other = world.queued(collection).filter(|other| *other != id);
        let is_live = |other: &u32| {
            let other = world.proposal(*other);
            other.is_some_and(|other| other.state(world.block(), now) == State::Queued)
        };
        if let Some(other) = other.filter(is_live) {
            return Err(GovernorError::AlreadyQueued(other));
        }
        world.put_queued(collection, Some(id));
        let change = QueuedChange {
            proposal: id,
            version: subject.version.saturating_add(1),
            hash: subject.hash,
            direction: subject.direction,
            from,
            until,
        };
        world.announce(collection, &change)?;
    }
    world.tell(Event::Queued { id, from, until });
    Ok(())
}

/// Does what was decided, after the delay and before the end of its grace. Anyone. All actions or none.
pub fn execute<W: World>(world: &mut W, id: u32) -> Result<(), GovernorError> {
    let mut proposal = known(world, id)?;
    let (state, now) = (proposal.state(world.block(), world.now()), world.now());
    if state != State::Queued {
        return Err(GovernorError::WrongState(state));
    }
    if proposal.executable(now).is_none_or(|(from, _)| now < from) {
        return Err(GovernorError::TooEarly);
    }
    // Before any call: whatever a callee tries, this proposal is done.
    proposal.stage = Stage::Executed;
    world.put_proposal(id, &proposal);
    let details = world.details(id).ok_or(GovernorError::UnknownProposal)?;
    if details.pins.iter().any(|(callee, code)| world.code_hash(callee).as_ref() != Some(code)) {
        return Err(GovernorError::CodeSwapped);
    }
    for (position, action) in details.actions.iter().enumerate() {
        perform(world, &proposal, action, number(position))?;
    }
    withdraw_announcement(world, id, &proposal);
    world.tell(Event::Executed { id });
    Ok(())
}

fn perform<W: World>(
    world: &mut W,
    proposal: &Proposal,
    action: &Action,
    action_number: u8,
) -> Result<(), GovernorError> {
    let failed = GovernorError::ActionFailed { action: action_number };
    match action {
        Action::Policy(change) => change_policy(world, proposal, change),
        Action::Governor(change) => change_governor(world, change, failed),
        Action::Call(call) => {
            let affordable = call.value <= spendable(world);
            (affordable && world.call(call)).then_some(()).ok_or(failed)
        }
    }
}

/// Makes the change that was voted on: the same version before it, and for a narrowing still a narrowing.
fn change_policy<W: World>(
    world: &mut W,
    proposal: &Proposal,
    change: &PolicyChange,
) -> Result<(), GovernorError> {
    let subject = proposal.subject.ok_or(GovernorError::StaleChange)?;
    if is_overtaken(world, proposal) {
        return Err(GovernorError::StaleChange);
    }
    if let (TrackId::Narrow, PolicyChange::Set { collection, policy }) = (proposal.track, change) {
        if world.direction(*collection, policy)?.0 != Direction::Narrower {
            return Err(GovernorError::StaleChange);
        }
    }
    world.change_policy(change, subject.version).map_err(GovernorError::Policies)
}

fn change_governor<W: World>(
    world: &mut W,
    change: &GovernorChange,
    failed: GovernorError,
) -> Result<(), GovernorError> {
    match change {
        GovernorChange::Track { id, track } => {
            world.put_track(*id, track);
            world.tell(Event::TrackSet { id: *id, track: *track });
        }
        GovernorChange::Guardians { members, quorum } => {
            let until = world.now().saturating_add(world.settings().guardian_term);
            let guardians = Guardians { members: members.clone(), quorum: *quorum, until };
            world.put_guardians(&guardians);
            world.tell(Event::GuardiansSet(guardians));
        }
        GovernorChange::Settings(settings) => {
            world.put_settings(settings);
            world.tell(Event::SettingsSet(*settings));
        }
        GovernorChange::Route { callee, selector, track } => {
            world.put_route(callee, *selector, *track);
            world.tell(Event::RouteSet { callee: *callee, selector: *selector, track: *track });
        }
        GovernorChange::Code(code) => {
            if !world.set_code(code) {
                return Err(failed);
            }
            world.tell(Event::CodeSet(*code));
        }
        GovernorChange::Payment { to, amount } => {
            if *amount > spendable(world) || !world.pay(to, *amount) {
                return Err(failed);
            }
            world.tell(Event::Paid { to: *to, amount: *amount });
        }
    }
    Ok(())
}

/// The treasury: the balance without proposers' deposits.
pub fn spendable<W: World>(world: &W) -> Balance {
    world.balance().saturating_sub(world.held())
}

/// The proposer of a narrowing takes it back.
pub fn cancel<W: World>(world: &mut W, id: u32) -> Result<(), GovernorError> {
    let proposal = known(world, id)?;
    if proposal.track != TrackId::Narrow || world.caller() != proposal.proposer {
        return Err(GovernorError::MayNotCancel);
    }
    end(world, id, proposal, Stage::Cancelled)?;
    if let Some(collection) = proposal.conflicting_collection() {
        // A narrowing that is taken back does not use up the collection's interval.
        if world.narrowed(collection) == Some(proposal.at.time) {
            world.put_narrowed(collection, None);
        }
    }
    world.tell(Event::Cancelled { id, by_guardians: false });
    Ok(())
}

/// Ends a proposal that is not over, and takes back what it announced.
pub(super) fn end<W: World>(
    world: &mut W,
    id: u32,
    mut proposal: Proposal,
    stage: Stage,
) -> Result<(), GovernorError> {
    let state = proposal.state(world.block(), world.now());
    if !matches!(state, State::Pending | State::Active | State::Confirming | State::Queued) {
        return Err(GovernorError::WrongState(state));
    }
    proposal.stage = stage;
    world.put_proposal(id, &proposal);
    withdraw_announcement(world, id, &proposal);
    Ok(())
}

/// Ends a proposal that can no longer be executed, or takes back what one announced that is over. Anyone:
/// after its time; when another proposal has changed its collection first; when taking back failed before.
pub fn expire<W: World>(world: &mut W, id: u32) -> Result<(), GovernorError> {
    let mut proposal = known(world, id)?;
    let state = proposal.state(world.block(), world.now());
    let live = matches!(state, State::Pending | State::Active | State::Confirming | State::Queued);
    if live && !is_overtaken(world, &proposal) {
        return Err(GovernorError::WrongState(state));
    }
    let newly = live || (state == State::Expired && proposal.stage != Stage::Expired);
    let announces = announced(&proposal).is_some_and(|(_, collection)| world.queued(collection) == Some(id));
    if !newly && !announces {
        return Err(GovernorError::NothingToClear);
    }
    if newly {
        proposal.stage = Stage::Expired;
        world.put_proposal(id, &proposal);
        world.tell(Event::Expired { id });
    }
    withdraw_announcement(world, id, &proposal);
    Ok(())
}

/// Whether the policy that a proposal would change is no longer the one that it was made for.
fn is_overtaken<W: World>(world: &W, proposal: &Proposal) -> bool {
    announced(proposal).is_some_and(|(subject, collection)| {
        // A contract that does not answer ends nothing.
        world.version(collection).is_ok_and(|version| version != subject.version)
    })
}

/// Settles the deposit of a proposal that is over: back to its proposer, or into the treasury if it was
/// clearly rejected. Anyone.
pub fn settle_deposit<W: World>(world: &mut W, id: u32) -> Result<(), GovernorError> {
    let mut proposal = known(world, id)?;
    let state = proposal.state(world.block(), world.now());
    if matches!(state, State::Pending | State::Active | State::Confirming | State::Queued) {
        return Err(GovernorError::WrongState(state));
    }
    let (amount, proposer) = (proposal.deposit, proposal.proposer);
    if amount == 0 {
        return Err(GovernorError::NoDeposit);
    }
    proposal.deposit = 0;
    world.put_proposal(id, &proposal);
    world.put_held(world.held().saturating_sub(amount));
    let returned = !proposal.forfeits_deposit();
    if returned && !world.pay(&proposer, amount) {
        return Err(GovernorError::PaymentFailed);
    }
    world.tell(Event::DepositSettled { id, proposer, amount, returned });
    Ok(())
}

pub(super) fn known<W: World>(world: &W, id: u32) -> Result<Proposal, GovernorError> {
    world.proposal(id).ok_or(GovernorError::UnknownProposal)
}

/// What a proposal announces when it is queued: nothing for a new collection, which has no buyers.
fn announced(proposal: &Proposal) -> Option<(super::Subject, CollectionId)> {
    let subject = proposal.subject?;
    subject.collection.map(|collection| (subject, collection))
}

/// Takes an announcement back. A failure ends nothing: `policies` ignores it after its time, and `expire`
/// can be called again.
fn withdraw_announcement<W: World>(world: &mut W, id: u32, proposal: &Proposal) {
    if let Some((_, collection)) = announced(proposal) {
        if world.queued(collection) == Some(id) && world.withdraw_announcement(collection, id) {
            world.put_queued(collection, None);
        }
    }
}

/// Whether `signers` are at least a quorum of distinct guardians in office.
pub(super) fn check_guardians<W: World>(
    world: &W,
    signers: impl Iterator<Item = AccountId>,
) -> Result<(), GovernorError> {
    let guardians = world.guardians();
    if world.now() >= guardians.until {
        return Err(GovernorError::TermOver);
    }
    let mut signed = alloc::vec::Vec::new();
    for signer in signers {
        if guardians.members.binary_search(&signer).is_err() || signed.contains(&signer) {
            return Err(GovernorError::NotGuardian);
        }
        signed.push(signer);
    }
    if guardians.quorum == 0 || signed.len() < usize::from(guardians.quorum) {
        return Err(GovernorError::TooFewGuardians);
    }
    Ok(())
}
