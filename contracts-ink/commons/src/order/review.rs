//! clear and refuse: the data access committee decides what rules cannot.

use super::{
    clock::before,
    create::widening_queued,
    error::EscrowError,
    event::Event,
    judge::{
        drop_lines, is_interested, judge, known, must, refund_all, tell_credits, tell_dropped, Undecided,
    },
    state::{Ending, Head, Line, State},
    world::{Signed, World},
};
use crate::{policy::PolicyView, signing, Digest, OrderId, Timestamp};

/// Turns Abstain, never Deny: denied lines are refunded as at attest, and a policy that denies refunds the
/// order. The clearance holds under the policy version that was signed and is current.
pub fn clear(
    world: &mut impl World,
    order: OrderId,
    reason: Digest,
    until: Timestamp,
    signatures: &[Signed],
) -> Result<State, EscrowError> {
    let mut head = known(world, &order)?;
    must(head.state == State::UnderReview, &head)?;
    before(world, head.deadline)?;
    let mut lines = world.lines(&order);
    let judged = judge(world, &head, &lines, Undecided::Kept)?;
    signed_by_committee(world, &order, &head, &lines, &judged.view, true, reason, until, signatures)?;
    if let Some(denied) = judged.denied {
        return Ok(refund_all(world, order, head, lines, Ending::Aborted, Some(denied)));
    }
    widening_queued(&judged.view)?;
    judged.enough()?;
    let unchanged = lines.clone();
    drop_lines(&mut lines, &judged.dropped);
    head.cleared_version = judged.view.version;
    head.min_cohort = judged.view.min_cohort;
    head.state = State::Funded;
    world.set_head(&order, &head);
    world.set_lines(&order, &lines);
    tell_dropped(world, order, &lines, &judged.dropped);
    tell_credits(world, order, &head, &unchanged, &lines);
    world.tell(Event::Cleared {
        order,
        buyer: head.buyer,
        collection: head.collection,
        policy_version: head.cleared_version,
        reason,
    });
    Ok(head.state)
}

/// Refunds the order.
pub fn refuse(
    world: &mut impl World,
    order: OrderId,
    reason: Digest,
    until: Timestamp,
    signatures: &[Signed],
) -> Result<State, EscrowError> {
    let head = known(world, &order)?;
    must(head.state == State::UnderReview, &head)?;
    let lines = world.lines(&order);
    let view = world.policy(head.collection)?;
    signed_by_committee(world, &order, &head, &lines, &view, false, reason, until, signatures)?;
    world.tell(Event::Refused {
        order,
        buyer: head.buyer,
        collection: head.collection,
        policy_version: view.version,
        reason,
    });
    Ok(refund_all(world, order, head, lines, Ending::Refused, None))
}

/// k distinct present members signed, and none of them has a part in the order.
#[allow(clippy::too_many_arguments)]
fn signed_by_committee(
    world: &impl World,
    order: &OrderId,
    head: &Head,
    lines: &[Line],
    view: &PolicyView,
    clear: bool,
    reason: Digest,
    until: Timestamp,
    signatures: &[Signed],
) -> Result<(), EscrowError> {
    if world.now() > until {
        return Err(EscrowError::SignatureExpired { since: until });
    }
    let needed = view.committee.quorum;
    if needed == 0 {
        return Err(EscrowError::NoCommittee);
    }
    if signatures.len() < usize::from(needed) {
        return Err(EscrowError::TooFewSigners { needed });
    }
    let message =
        signing::review(&world.genesis(), &world.escrow(), order, view.version, clear, &reason, until);
    for (position, signed) in signatures.iter().enumerate() {
        let signer = signed.signer;
        if signatures.iter().take(position).any(|earlier| earlier.signer == signer) {
            return Err(EscrowError::DuplicateSigner { signer });
        }
        if !view.committee.members.contains(&signer) {
            return Err(EscrowError::NotMember { signer });
        }
        if is_interested(head, lines, signer) {
            return Err(EscrowError::Interested { signer });
        }
        if !world.verifies_from_wallet(&signed.signature, &message, &signer) {
            return Err(EscrowError::BadSignature { signer });
        }
    }
    Ok(())
}
