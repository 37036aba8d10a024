//! The guardians' pause, and the working clock that stands still while it lasts.
//!
//! Deadlines are kept on the working clock (block time less all paused time), so a pause stretches exactly the
//! windows that it overlaps, at no cost an order, and can never bring a window back that had already ended.

use super::{error::EscrowError, event::Event, state::Ledger, world::World};
use crate::{interface::EmergencyError, Timestamp};

/// Length of a pause, ms.
pub const PAUSE: u64 = 72 * 3_600_000;
/// Least time between the end of a pause and the next, ms.
pub const PAUSE_REST: u64 = 7 * 24 * 3_600_000;

impl Ledger {
    pub fn is_paused(&self, now: Timestamp) -> bool {
        self.paused_from <= now && now < self.paused_until
    }

    /// The working clock at block time `now`. Saturating: paused time is a part of `now`.
    pub fn clock(&self, now: Timestamp) -> Timestamp {
        let newest = now.clamp(self.paused_from, self.paused_until).saturating_sub(self.paused_from);
        now.saturating_sub(self.paused_before).saturating_sub(newest)
    }

    /// The block time at which the working clock reaches `deadline`, if no further pause comes.
    pub fn block_time(&self, deadline: Timestamp) -> Timestamp {
        let time = deadline.saturating_add(self.paused_before);
        if time <= self.paused_from {
            time
        } else {
            time.saturating_add(self.paused_until.saturating_sub(self.paused_from))
        }
    }
}

/// `Ok` while the deadline lies ahead.
pub(super) fn before(world: &impl World, deadline: Timestamp) -> Result<(), EscrowError> {
    let ledger = world.ledger();
    if ledger.clock(world.now()) < deadline {
        Ok(())
    } else {
        Err(EscrowError::WindowOver { since: ledger.block_time(deadline) })
    }
}

/// `Ok` once the deadline has passed.
pub(super) fn after(world: &impl World, deadline: Timestamp) -> Result<(), EscrowError> {
    let ledger = world.ledger();
    if ledger.clock(world.now()) >= deadline {
        Ok(())
    } else {
        Err(EscrowError::WindowOpen { until: ledger.block_time(deadline) })
    }
}

/// The end of a window that starts now. Saturating: a window past the end of time never ends.
pub(super) fn in_window(world: &impl World, length: u64) -> Timestamp {
    world.ledger().clock(world.now()).saturating_add(length)
}

pub(super) fn not_paused(world: &impl World) -> Result<(), EscrowError> {
    let ledger = world.ledger();
    if ledger.is_paused(world.now()) {
        return Err(EscrowError::Paused { until: ledger.paused_until });
    }
    Ok(())
}

/// Blocks create, attest and release for 72 hours. The contract has checked that the governor asks.
pub fn pause(world: &mut impl World) -> Result<(), EmergencyError> {
    let now = world.now();
    let mut ledger = world.ledger();
    let rested = ledger.paused_until.saturating_add(PAUSE_REST);
    if ledger.paused_until != 0 && now < rested {
        return Err(EmergencyError::AlreadyInForce);
    }
    let length = ledger.paused_until.saturating_sub(ledger.paused_from);
    ledger.paused_before = ledger.paused_before.saturating_add(length);
    ledger.paused_from = now;
    ledger.paused_until = now.saturating_add(PAUSE);
    world.set_ledger(ledger);
    world.tell(Event::Paused { from: now, until: ledger.paused_until });
    Ok(())
}

/// Ends the pause now. The contract has checked that the governor asks.
pub fn resume(world: &mut impl World) -> Result<(), EmergencyError> {
    let now = world.now();
    let mut ledger = world.ledger();
    if !ledger.is_paused(now) {
        return Err(EmergencyError::NotInForce);
    }
    ledger.paused_until = now;
    world.set_ledger(ledger);
    world.tell(Event::Resumed { at: now });
    Ok(())
}
