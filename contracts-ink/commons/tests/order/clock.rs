//! Deadlines in block time: what readers are told must be the moment at which the rules let go.

use crate::{stage::*, world::*};
use keystrand_commons::{
    attestation::{VerifierSignature, MAX_VERIFIERS},
    order::{self, clock::PAUSE, EscrowError, Ledger, State},
};

/// No pause yet; one that is over; one that runs; and a second after a first.
fn ledgers() -> [Ledger; 3] {
    let pause = |from, until, before| Ledger {
        held: 0,
        paused_from: from,
        paused_until: until,
        paused_before: before,
    };
    [pause(0, 0, 0), pause(1_000, 1_000 + PAUSE, 0), pause(9_000, 9_500, 300)]
}

#[test]
fn block_time_is_the_first_moment_at_which_the_working_clock_reaches_the_deadline() {
    for ledger in ledgers() {
        for deadline in [1, 500, 999, 1_000, 1_001, 8_600, 8_700, 8_701, 9_700, 20_000] {
            let time = ledger.block_time(deadline);
            assert!(ledger.clock(time) >= deadline, "{ledger:?}: {deadline} is over at {time}");
            assert!(ledger.clock(time - 1) < deadline, "{ledger:?}: {deadline} is not over before {time}");
        }
    }
}

#[test]
fn a_pause_moves_a_deadline_by_its_length_and_one_before_it_not_at_all() {
    let [never, running, second] = ledgers();
    assert_eq!(never.block_time(700), 700);
    assert_eq!((running.block_time(1_000), running.block_time(1_001)), (1_000, 1_001 + PAUSE));
    assert_eq!((second.block_time(8_700), second.block_time(8_701)), (9_000, 9_501));
}

#[test]
fn refusals_tell_the_moment_in_block_time() {
    let (mut world, order) = reach(State::Funded);
    let deadline = START + 1_000;
    let until = |world: &mut Maps| world.call(STRANGER, 0, |world| order::expire(world, order));
    assert_eq!(until(&mut world), Err(EscrowError::WindowOpen { until: deadline }));
    order::pause(&mut world).expect("paused");
    assert_eq!(until(&mut world), Err(EscrowError::WindowOpen { until: deadline + PAUSE }));
    world.now += PAUSE + 1_000;
    assert_eq!(attest(&mut world, order, 1), Err(EscrowError::WindowOver { since: deadline + PAUSE }));
}

#[test]
fn an_order_carries_as_many_results_as_there_may_be_verifiers() {
    let with = |count: usize| {
        let (mut world, order) = reach(State::Funded);
        let claim = Maps::claim(order, 1, world.now);
        let results: Vec<VerifierSignature> = (0..count).map(|_| Maps::results()[0].clone()).collect();
        world.call(BUYER, 0, |world| order::attest(world, claim, results, None))
    };
    assert_eq!(with(MAX_VERIFIERS), Ok(State::Qualified));
    assert_eq!(with(MAX_VERIFIERS + 1), Err(EscrowError::TooManyVerifiers));
}
