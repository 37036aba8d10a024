//! Permission, judged now, and the small steps that every message shares.

use super::{
    error::EscrowError,
    event::Event,
    money::line_credit,
    state::{Ending, Head, Line, LineState, State},
    world::World,
};
use crate::{
    decision::{Decision, Reason},
    policy::PolicyView,
    AccountId, DatasetId, OrderId,
};
use alloc::vec::Vec;

/// What becomes of a line that people would have to decide on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Undecided {
    /// The committee is deciding now, or still may.
    Kept,
    /// Dropped, unless the committee cleared the order under the policy of now.
    NeedsClearance,
}

/// A line that a judgement drops.
pub struct Dropped {
    pub line: u8,
    pub reason: Reason,
}

/// The answer of one judgement.
pub struct Judged {
    pub view: PolicyView,
    /// The policy itself denies: the order must be refunded.
    pub denied: Option<Reason>,
    /// Lines that the rules of now deny.
    pub dropped: Vec<Dropped>,
    /// Open lines that stay.
    pub live: u8,
}

impl Judged {
    /// Refuses a cohort that is smaller than the policy of now admits.
    pub fn enough(&self) -> Result<(), EscrowError> {
        enough(self.live, self.view.min_cohort)
    }
}

pub(super) fn enough(live: u8, minimum: u8) -> Result<(), EscrowError> {
    // An empty order is never enough, whatever the policy says.
    let minimum = minimum.max(1);
    if live < minimum {
        return Err(EscrowError::TooFewLines { live, minimum });
    }
    Ok(())
}

/// Judges the order's open lines by the rules of this moment. Changes nothing.
pub fn judge(
    world: &impl World,
    head: &Head,
    lines: &[Line],
    undecided: Undecided,
) -> Result<Judged, EscrowError> {
    let open = || indexed(lines).filter(|(_, line)| line.state == LineState::Open);
    let datasets: Vec<DatasetId> = open().map(|(_, line)| line.dataset).collect();
    let asked = datasets.len();
    let permits = world.permits(head.collection, None, datasets, &head.purpose, head.buyer)?;
    if permits.lines.len() != asked {
        return Err(EscrowError::Ask(crate::interface::AskError::Unreachable));
    }
    let mut judged = Judged { view: permits.view, denied: None, dropped: Vec::new(), live: 0 };
    if let Decision::Deny(reason) = permits.policy {
        judged.denied = Some(reason);
        return Ok(judged);
    }
    let cleared = head.cleared_version == judged.view.version;
    for ((index, _), facts) in open().zip(permits.lines) {
        match permits.policy.and(facts.decision) {
            Decision::Approve => judged.live = judged.live.saturating_add(1),
            Decision::Abstain(_) if cleared || undecided == Undecided::Kept => {
                judged.live = judged.live.saturating_add(1)
            }
            Decision::Abstain(reason) | Decision::Deny(reason) => {
                judged.dropped.push(Dropped { line: index, reason })
            }
        }
    }
    Ok(judged)
}

/// Refunds what a judgement dropped.
pub(super) fn drop_lines(lines: &mut [Line], dropped: &[Dropped]) {
    for dropped in dropped {
        if let Some(line) = lines.get_mut(usize::from(dropped.line)) {
            line.refund(Ending::Denied);
        }
    }
}

/// Tells of each dropped line with the rule that denied it.
pub(super) fn tell_dropped(world: &mut impl World, order: OrderId, lines: &[Line], dropped: &[Dropped]) {
    for dropped in dropped {
        if let Some(line) = lines.get(usize::from(dropped.line)) {
            world.tell(Event::LineDropped {
                order,
                dataset: line.dataset,
                line: dropped.line,
                ending: Ending::Denied,
                reason: Some(dropped.reason),
            });
        }
    }
}

/// The lines with their index. At most 64, so the index fits a byte.
pub(super) fn indexed(lines: &[Line]) -> impl Iterator<Item = (u8, &Line)> + '_ {
    (0u8..=u8::MAX).zip(lines)
}

/// The order's head.
pub(super) fn known(world: &impl World, order: &OrderId) -> Result<Head, EscrowError> {
    world.head(order).ok_or(EscrowError::UnknownOrder)
}

/// Refuses unless the state is as the message needs it.
pub(super) fn must(condition: bool, head: &Head) -> Result<(), EscrowError> {
    if condition {
        Ok(())
    } else {
        Err(EscrowError::WrongState { state: head.state })
    }
}

/// The line of an index that a caller gave.
pub(super) fn line_at(lines: &mut [Line], index: u8) -> Result<&mut Line, EscrowError> {
    lines.get_mut(usize::from(index)).ok_or(EscrowError::UnknownLine { line: index })
}

/// Refuses an empty list and one that names a line twice.
pub(super) fn distinct(indices: &[u8]) -> Result<(), EscrowError> {
    if indices.is_empty() {
        return Err(EscrowError::NoLines);
    }
    let mut seen = [false; 256];
    for index in indices {
        let slot = seen.get_mut(usize::from(*index)).ok_or(EscrowError::UnknownLine { line: *index })?;
        if *slot {
            return Err(EscrowError::DuplicateLine { line: *index });
        }
        *slot = true;
    }
    Ok(())
}

/// Moves the head to a state and keeps `live_orders` and the end's time in step. Does not store the head.
pub(super) fn enter(world: &mut impl World, head: &mut Head, state: State) {
    let (was, is) = (head.state.is_live(), state.is_live());
    if was != is {
        let mut activity = world.activity(head.collection, head.buyer);
        // Saturating: an account never has four billion orders, and each is counted once in and once out.
        activity.live = if is { activity.live.saturating_add(1) } else { activity.live.saturating_sub(1) };
        world.set_activity(head.collection, head.buyer, activity);
    }
    if state.is_ended() {
        head.ended_at = world.now();
    }
    head.state = state;
}

/// Refunds every line that has not ended and ends the order.
pub(super) fn refund_all(
    world: &mut impl World,
    order: OrderId,
    mut head: Head,
    mut lines: Vec<Line>,
    ending: Ending,
    reason: Option<Reason>,
) -> State {
    let before = lines.clone();
    for line in lines.iter_mut().filter(|line| !line.state.is_ended()) {
        line.refund(ending);
    }
    enter(world, &mut head, State::Refunded);
    world.set_head(&order, &head);
    world.set_lines(&order, &lines);
    tell_credits(world, order, &head, &before, &lines);
    world.tell(Event::Refunded { order, buyer: head.buyer, collection: head.collection, ending, reason });
    State::Refunded
}

/// Tells who is owed what by the lines that ended in this message.
pub(super) fn tell_credits(
    world: &mut impl World,
    order: OrderId,
    head: &Head,
    before: &[Line],
    after: &[Line],
) {
    let credits: Vec<_> = indexed(after)
        .zip(before)
        .filter(|((_, now), then)| now.state.is_ended() && !then.state.is_ended())
        .map(|((index, line), _)| line_credit(head, index, line))
        .collect();
    if !credits.is_empty() {
        world.tell(Event::Credited { order, credits });
    }
}

/// Whether the account takes part in the order: it may not review it.
pub(super) fn is_interested(head: &Head, lines: &[Line], account: AccountId) -> bool {
    account == head.buyer
        || account == head.custodian
        || lines.iter().any(|line| account == line.payee || account == line.contributor)
}
