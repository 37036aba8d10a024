//! withdraw and forget: the only way out for money, and the end of an order's storage.

use super::{
    error::EscrowError,
    event::Event,
    judge::{known, must},
    money::{dues, open_due, Role},
    world::World,
};
use crate::{AccountId, Balance, OrderId};

/// After this much time, ms, anyone may clear an ended order's cells.
pub const KEPT: u64 = 30 * 24 * 3_600_000;

/// What the order owes the account now, in all its roles; 0 for an unknown order.
pub fn credit(world: &impl World, order: &OrderId, account: AccountId) -> Balance {
    let Some(head) = world.head(order) else { return 0 };
    let mut sum: Balance = 0;
    for line in world.lines(order) {
        let dues = dues(&head, &line);
        for role in Role::ALL.into_iter().filter(|role| role.account(&head, &line) == account) {
            // Saturating: the sum is a part of the money that the contract holds.
            sum = sum.saturating_add(open_due(&dues, &line, role));
        }
    }
    sum
}

/// Pays an account what the order owes it: marked first, then transferred. Anyone may send it, so that a payee
/// needs no balance to be paid.
pub fn withdraw(world: &mut impl World, order: OrderId, to: AccountId) -> Result<Balance, EscrowError> {
    let head = known(world, &order)?;
    let mut lines = world.lines(&order);
    let mut amount: Balance = 0;
    for line in lines.iter_mut() {
        let dues = dues(&head, line);
        for role in Role::ALL {
            let due = open_due(&dues, line, role);
            if due > 0 && role.account(&head, line) == to {
                amount = amount.saturating_add(due);
                line.withdrawn |= role.bit();
            }
        }
    }
    if amount == 0 {
        return Err(EscrowError::NothingOwed);
    }
    let mut ledger = world.ledger();
    ledger.held = ledger.held.saturating_sub(amount);
    world.set_ledger(ledger);
    world.set_lines(&order, &lines);
    world.tell(Event::Withdrawn { order, to, amount });
    if world.pay(to, amount) {
        Ok(amount)
    } else {
        Err(EscrowError::TransferFailed)
    }
}

/// Clears an ended order that owes nobody: the buyer at once, anyone 30 days after the end. Its id stays used,
/// since signatures that name it may still be good.
pub fn forget(world: &mut impl World, order: OrderId) -> Result<(), EscrowError> {
    let head = known(world, &order)?;
    must(head.state.is_ended(), &head)?;
    if world.caller() != head.buyer {
        let until = head.ended_at.saturating_add(KEPT);
        if world.now() < until {
            return Err(EscrowError::WindowOpen { until });
        }
    }
    for line in world.lines(&order) {
        let dues = dues(&head, &line);
        if Role::ALL.into_iter().any(|role| open_due(&dues, &line, role) > 0) {
            return Err(EscrowError::StillOwes);
        }
    }
    world.erase(&order);
    let mut activity = world.activity(head.collection, head.buyer);
    activity.stored = activity.stored.saturating_sub(1);
    world.set_activity(head.collection, head.buyer, activity);
    world.dismiss_evidence(&order)?;
    world.tell(Event::Forgotten { order, buyer: head.buyer });
    Ok(())
}
