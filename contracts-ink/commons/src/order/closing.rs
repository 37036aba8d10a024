//! cancel, expire and abort: the ways back to the buyer before a delivery.

use super::{
    clock::after,
    error::EscrowError,
    event::Event,
    judge::{judge, known, must, refund_all, Undecided},
    state::{Ending, State},
    world::World,
};
use crate::OrderId;

/// The buyer's way out: always before an enclave is attested, and after it while a change of the collection is
/// queued. Never after a release.
pub fn cancel(world: &mut impl World, order: OrderId) -> Result<State, EscrowError> {
    let head = known(world, &order)?;
    if world.caller() != head.buyer {
        return Err(EscrowError::NotBuyer);
    }
    must(head.state.is_before_release(), &head)?;
    if head.state == State::Qualified && world.policy(head.collection)?.queued.is_none() {
        return Err(EscrowError::NoChangeQueued);
    }
    let lines = world.lines(&order);
    world.tell(Event::Cancelled { order, buyer: head.buyer, collection: head.collection });
    Ok(refund_all(world, order, head, lines, Ending::Cancelled, None))
}

/// Anyone, once the deadline (while Releasing: the release window) is over.
pub fn expire(world: &mut impl World, order: OrderId) -> Result<State, EscrowError> {
    let head = known(world, &order)?;
    must(head.state.is_before_release() || head.state == State::Releasing, &head)?;
    after(world, head.deadline)?;
    let lines = world.lines(&order);
    Ok(refund_all(world, order, head, lines, Ending::Expired, None))
}

/// Anyone, when the policy denies the purpose now or fewer lines are left than it admits.
pub fn abort(world: &mut impl World, order: OrderId) -> Result<State, EscrowError> {
    let head = known(world, &order)?;
    must(head.state.is_before_release(), &head)?;
    let lines = world.lines(&order);
    // An order under review waits for people: only Deny takes its lines away.
    let undecided =
        if head.state == State::UnderReview { Undecided::Kept } else { Undecided::NeedsClearance };
    let judged = judge(world, &head, &lines, undecided)?;
    if judged.denied.is_none() && judged.enough().is_ok() {
        return Err(EscrowError::NothingToAbort);
    }
    Ok(refund_all(world, order, head, lines, Ending::Aborted, judged.denied))
}
