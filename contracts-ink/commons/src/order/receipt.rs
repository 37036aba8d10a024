//! accept, reject and finalize: what was delivered is good, or not, or nobody said so in time.

use super::{
    clock::{after, before, in_window},
    error::EscrowError,
    event::Event,
    judge::{distinct, enter, indexed, known, must, tell_credits},
    state::{flag, Ending, Head, Line, LineState, State},
    world::World,
};
use crate::{
    signing::{self, ReceiptLine},
    AccountId, Digest, OrderId, Signature,
};
use alloc::vec::Vec;

/// The enclave's receipt; every other field of the signed message is the contract's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Receipt {
    /// Root digest of the sealed output.
    pub output: Digest,
    /// By the enclave's sr25519 key.
    pub signature: Signature,
}

/// The buyer, or anyone with the enclave's receipt that every delivered line is good: the lines that are not yet
/// decided are paid and bonds go home.
pub fn accept(
    world: &mut impl World,
    order: OrderId,
    receipt: Option<Receipt>,
) -> Result<State, EscrowError> {
    let head = known(world, &order)?;
    must(matches!(head.state, State::Delivered | State::Disputed), &head)?;
    let lines = world.lines(&order);
    match &receipt {
        Some(receipt) => verify(world, &order, &lines, &[], receipt)?,
        None if world.caller() == head.buyer => {}
        None => return Err(EscrowError::NotBuyer),
    }
    Ok(settle(world, order, head, lines, receipt.map(|receipt| receipt.output)))
}

/// Anyone, with the enclave's receipt that names the bad lines: good lines are paid, bad ones disputed without a
/// bond of the buyer's.
pub fn reject(
    world: &mut impl World,
    order: OrderId,
    bad: &[u8],
    receipt: Receipt,
) -> Result<State, EscrowError> {
    let mut head = known(world, &order)?;
    must(head.state == State::Delivered, &head)?;
    before(world, head.deadline)?;
    let mut lines = world.lines(&order);
    if !bad.is_empty() {
        distinct(bad)?;
    }
    for index in bad {
        match lines.get(usize::from(*index)) {
            Some(line) if line.has(flag::DELIVERED) => {}
            _ => return Err(EscrowError::UnknownLine { line: *index }),
        }
    }
    verify(world, &order, &lines, bad, &receipt)?;
    let unchanged = lines.clone();
    let mut disputed = Vec::new();
    for index in bad {
        if let Some(line) = lines.get_mut(usize::from(*index)) {
            // A bad line that buyer and payees have settled between them stays settled.
            if line.state == LineState::Delivered {
                line.state = LineState::Disputed;
                line.flags |= flag::BAD;
                disputed.push(*index);
            }
        }
    }
    if disputed.is_empty() {
        return Ok(settle(world, order, head, lines, Some(receipt.output)));
    }
    pay_delivered(&mut lines);
    enter(world, &mut head, State::Disputed);
    head.deadline = in_window(world, head.windows.answer);
    world.set_head(&order, &head);
    world.set_lines(&order, &lines);
    tell_credits(world, order, &head, &unchanged, &lines);
    world.tell(Event::Disputed {
        order,
        buyer: head.buyer,
        collection: head.collection,
        deadline: world.ledger().block_time(head.deadline),
        lines: disputed,
        by_receipt: true,
    });
    Ok(head.state)
}

/// Anyone, once the dispute window is over.
pub fn finalize(world: &mut impl World, order: OrderId) -> Result<State, EscrowError> {
    let head = known(world, &order)?;
    must(head.state == State::Delivered, &head)?;
    after(world, head.deadline)?;
    let lines = world.lines(&order);
    Ok(settle(world, order, head, lines, None))
}

/// Pays every line that is not disputed.
pub(super) fn pay_delivered(lines: &mut [Line]) {
    for line in lines.iter_mut().filter(|line| line.state == LineState::Delivered) {
        line.pay(Ending::Accepted);
    }
}

/// Pays every line that has not ended, and ends the order.
fn settle(
    world: &mut impl World,
    order: OrderId,
    mut head: Head,
    mut lines: Vec<Line>,
    output: Option<Digest>,
) -> State {
    let unchanged = lines.clone();
    for line in lines.iter_mut().filter(|line| !line.state.is_ended()) {
        line.pay(Ending::Accepted);
    }
    enter(world, &mut head, State::Settled);
    world.set_head(&order, &head);
    world.set_lines(&order, &lines);
    tell_credits(world, order, &head, &unchanged, &lines);
    world.tell(Event::Settled { order, buyer: head.buyer, collection: head.collection, output });
    State::Settled
}

/// Rebuilds the receipt over every delivered line, once each, in the order's order.
fn verify(
    world: &impl World,
    order: &OrderId,
    lines: &[Line],
    bad: &[u8],
    receipt: &Receipt,
) -> Result<(), EscrowError> {
    let evidence = world.evidence(order);
    let covered: Vec<ReceiptLine> = indexed(lines)
        .filter(|(_, line)| line.has(flag::DELIVERED))
        .map(|(index, line)| ReceiptLine {
            dataset: line.dataset,
            root: line.root,
            key_commitment: line.key_commitment,
            packet: line.packet,
            good: !bad.contains(&index),
        })
        .collect();
    let message = signing::receipt(
        &world.genesis(),
        &world.escrow(),
        order,
        evidence.keys.suite,
        &covered,
        &receipt.output,
    );
    let enclave = AccountId::from(evidence.keys.signing);
    if world.verifies(&receipt.signature, &message, &enclave) {
        Ok(())
    } else {
        Err(EscrowError::BadSignature { signer: enclave })
    }
}
