//! attest and invalidate: an enclave becomes the order's, and stops being it.

use super::{
    clock::{before, not_paused},
    error::EscrowError,
    event::Event,
    judge::{drop_lines, judge, known, must, refund_all, tell_credits, tell_dropped, Undecided},
    state::{Ending, Evidence, State},
    world::World,
};
use crate::{
    attestation::{Claim, VerifierSignature, MAX_VERIFIERS},
    signing, OrderId, Signature,
};
use alloc::vec::Vec;

/// Key agreement suites that packets can be sealed under: X25519 with crypt4gh packets.
pub const SUITE_X25519: u8 = 1;

/// Names the order's enclave. From anyone but the buyer with the buyer's signature over the enclave's keys,
/// else anyone could qualify an enclave of their own for another's order.
pub fn attest(
    world: &mut impl World,
    claim: Claim,
    signatures: Vec<VerifierSignature>,
    buyer_signature: Option<Signature>,
) -> Result<State, EscrowError> {
    not_paused(world)?;
    let order = claim.order;
    let mut head = known(world, &order)?;
    must(head.state == State::Funded, &head)?;
    before(world, head.deadline)?;
    if world.caller() != head.buyer {
        let signature = buyer_signature.ok_or(EscrowError::NotBuyer)?;
        let message = signing::enclave(&world.genesis(), &world.escrow(), &order, &claim.keys);
        if !world.verifies_from_wallet(&signature, &message, &head.buyer) {
            return Err(EscrowError::BadSignature { signer: head.buyer });
        }
    }
    if claim.keys.suite != SUITE_X25519 {
        return Err(EscrowError::UnknownSuite { suite: claim.keys.suite });
    }
    if signatures.len() > MAX_VERIFIERS {
        return Err(EscrowError::TooManyVerifiers);
    }
    let mut lines = world.lines(&order);
    let judged = judge(world, &head, &lines, Undecided::NeedsClearance)?;
    if let Some(denied) = judged.denied {
        return Ok(refund_all(world, order, head, lines, Ending::Aborted, Some(denied)));
    }
    judged.enough()?;
    let unchanged = lines.clone();
    drop_lines(&mut lines, &judged.dropped);
    head.min_cohort = judged.view.min_cohort;
    head.state = State::Qualified;
    world.set_head(&order, &head);
    if !judged.dropped.is_empty() {
        world.set_lines(&order, &lines);
    }
    world.set_evidence(&order, &Evidence::of(&claim, &signatures));
    world.consume(&claim, &judged.view.attestation, signatures)?;
    tell_dropped(world, order, &lines, &judged.dropped);
    tell_credits(world, order, &head, &unchanged, &lines);
    world.tell(Event::Qualified {
        order,
        buyer: head.buyer,
        custodian: head.custodian,
        keys: claim.keys,
        measurement: claim.measurement,
        evidence: claim.evidence,
    });
    Ok(head.state)
}

/// Anyone, when the attestation no longer stands: the order waits for another enclave.
pub fn invalidate(world: &mut impl World, order: OrderId) -> Result<State, EscrowError> {
    let mut head = known(world, &order)?;
    must(head.state == State::Qualified, &head)?;
    let evidence = world.evidence(&order);
    let view = world.policy(head.collection)?;
    match world.stands(&evidence.claim(order), evidence.verifiers(), &view.attestation) {
        Err(EscrowError::Attestation(_)) => {}
        Err(other) => return Err(other),
        Ok(()) => return Err(EscrowError::StillStands),
    }
    head.state = State::Funded;
    world.set_head(&order, &head);
    world.set_evidence(&order, &Evidence::none());
    world.tell(Event::Invalidated { order, buyer: head.buyer, collection: head.collection });
    Ok(head.state)
}
