//! dispute, answer, concede, rule and arbitration_timeout.

use super::{
    clock::{after, before, in_window},
    error::EscrowError,
    event::Event,
    judge::{distinct, enter, indexed, known, line_at, must, tell_credits},
    money::{HALF, WHOLE},
    receipt::pay_delivered,
    state::{flag, Ending, Head, Line, LineState, State},
    world::World,
};
use crate::{Balance, OrderId};
use alloc::vec::Vec;

/// The payees' share of a line, basis points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct LineShare {
    pub line: u8,
    pub share: u16,
}

/// The buyer, once an order, with a bond for each named line; the other delivered lines are paid.
pub fn dispute(world: &mut impl World, order: OrderId, named: Vec<u8>) -> Result<State, EscrowError> {
    let mut head = known(world, &order)?;
    if world.caller() != head.buyer {
        return Err(EscrowError::NotBuyer);
    }
    must(head.state == State::Delivered, &head)?;
    before(world, head.deadline)?;
    distinct(&named)?;
    let mut lines = world.lines(&order);
    let unchanged = lines.clone();
    for index in &named {
        let line = line_at(&mut lines, *index)?;
        if line.state != LineState::Delivered {
            return Err(EscrowError::WrongLineState { dataset: line.dataset, state: line.state });
        }
        line.state = LineState::Disputed;
        line.flags |= flag::BUYER_BOND;
    }
    take_bonds(world, &head, named.len())?;
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
        lines: named,
        by_receipt: false,
    });
    Ok(head.state)
}

/// The custodian, or each line's contributor, with an equal bond a line; once a line.
pub fn answer(world: &mut impl World, order: OrderId, named: Vec<u8>) -> Result<State, EscrowError> {
    let head = known(world, &order)?;
    must(head.state == State::Disputed, &head)?;
    before(world, head.deadline)?;
    distinct(&named)?;
    let by = world.caller();
    let mut lines = world.lines(&order);
    for index in &named {
        let line = line_at(&mut lines, *index)?;
        if line.state != LineState::Disputed || line.is_answered() {
            return Err(EscrowError::WrongLineState { dataset: line.dataset, state: line.state });
        }
        line.flags |= if by == head.custodian {
            flag::CUSTODIAN_BOND
        } else if by == line.contributor {
            flag::CONTRIBUTOR_BOND
        } else {
            return Err(EscrowError::NotParty { dataset: line.dataset });
        };
    }
    take_bonds(world, &head, named.len())?;
    world.set_lines(&order, &lines);
    world.tell(Event::Answered { order, by, lines: named });
    Ok(head.state)
}

/// Anyone, once the answer window is over: unanswered lines are refunded and the buyer's bonds for them return.
pub fn concede(world: &mut impl World, order: OrderId) -> Result<State, EscrowError> {
    let head = known(world, &order)?;
    must(head.state == State::Disputed, &head)?;
    after(world, head.deadline)?;
    let mut lines = world.lines(&order);
    let unchanged = lines.clone();
    concede_unanswered(&mut lines);
    if lines == unchanged {
        return Err(EscrowError::NothingToConcede);
    }
    Ok(close_decided(world, order, head, &unchanged, lines))
}

/// The arbitrator, until the arbitration window is over: a share for each answered line, exactly once. Lines
/// that nobody answered are conceded with it, once the answer window is over.
pub fn rule(world: &mut impl World, order: OrderId, shares: &[LineShare]) -> Result<State, EscrowError> {
    let head = known(world, &order)?;
    if world.caller() != head.arbitrator {
        return Err(EscrowError::NotArbitrator);
    }
    must(head.state == State::Disputed, &head)?;
    before(world, arbitration_deadline(&head))?;
    let mut lines = world.lines(&order);
    let unchanged = lines.clone();
    if after(world, head.deadline).is_ok() {
        concede_unanswered(&mut lines);
    }
    for ruled in shares {
        let line = line_at(&mut lines, ruled.line)?;
        if line.ending == Ending::Ruled {
            return Err(EscrowError::DuplicateLine { line: ruled.line });
        }
        if line.state != LineState::Disputed {
            return Err(EscrowError::WrongLineState { dataset: line.dataset, state: line.state });
        }
        if !line.is_answered() {
            return Err(EscrowError::NotAnswered { dataset: line.dataset });
        }
        if ruled.share > WHOLE {
            return Err(EscrowError::BadShare);
        }
        line.end(Ending::Ruled, ruled.share);
        if ruled.share > HALF {
            line.flags |= flag::BONDS_TO_ANSWERER;
        } else if ruled.share < HALF {
            line.flags |= flag::BONDS_TO_BUYER;
        }
    }
    match lines.iter().find(|line| line.state == LineState::Disputed) {
        Some(line) if line.is_answered() => {
            return Err(EscrowError::WrongLineState { dataset: line.dataset, state: line.state })
        }
        Some(line) => return Err(EscrowError::NotAnswered { dataset: line.dataset }),
        None => {}
    }
    world.tell(Event::Ruled { order, arbitrator: head.arbitrator });
    Ok(close_decided(world, order, head, &unchanged, lines))
}

/// Anyone, once the arbitration window is over: a line with the enclave's bad receipt is refunded, any other
/// answered line is paid; bonds go home.
pub fn arbitration_timeout(world: &mut impl World, order: OrderId) -> Result<State, EscrowError> {
    let head = known(world, &order)?;
    must(head.state == State::Disputed, &head)?;
    after(world, arbitration_deadline(&head))?;
    let mut lines = world.lines(&order);
    let unchanged = lines.clone();
    concede_unanswered(&mut lines);
    for line in lines.iter_mut().filter(|line| line.state == LineState::Disputed) {
        if line.has(flag::BAD) {
            line.refund(Ending::TimedOut);
        } else {
            line.pay(Ending::TimedOut);
        }
    }
    Ok(close_decided(world, order, head, &unchanged, lines))
}

/// End of arbitration on the working clock. Saturating: a window past the end of time never ends.
pub fn arbitration_deadline(head: &Head) -> u64 {
    head.deadline.saturating_add(head.windows.arbitration)
}

fn concede_unanswered(lines: &mut [Line]) {
    for line in lines.iter_mut().filter(|line| line.state == LineState::Disputed && !line.is_answered()) {
        line.refund(Ending::Conceded);
    }
}

/// The bonds that come with the call: exactly one a line.
fn take_bonds(world: &mut impl World, head: &Head, lines: usize) -> Result<(), EscrowError> {
    let count = Balance::try_from(lines).unwrap_or(Balance::MAX);
    // Saturating: a sum that large cannot be paid, and is refused as payment.
    let expected = head.bond.saturating_mul(count);
    if world.paid() != expected {
        return Err(EscrowError::WrongPayment { expected });
    }
    let mut ledger = world.ledger();
    ledger.held = ledger.held.saturating_add(expected);
    world.set_ledger(ledger);
    Ok(())
}

/// Stores lines of which some were decided; ends the order when none is left.
pub(super) fn close_decided(
    world: &mut impl World,
    order: OrderId,
    mut head: Head,
    unchanged: &[Line],
    lines: Vec<Line>,
) -> State {
    let left = indexed(&lines).any(|(_, line)| !line.state.is_ended());
    if !left {
        enter(world, &mut head, State::Resolved);
        world.set_head(&order, &head);
    }
    world.set_lines(&order, &lines);
    tell_credits(world, order, &head, unchanged, &lines);
    if !left {
        world.tell(Event::Resolved { order, buyer: head.buyer, collection: head.collection });
    }
    head.state
}
