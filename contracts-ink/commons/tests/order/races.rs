//! The races of key-release.md on the rules: whichever comes first, nobody has both the packet and the money.

use crate::{stage::*, world::*};
use keystrand_commons::{
    attestation::AttestationError,
    decision::Decision,
    order::{self, clock::PAUSE, EscrowError, LineState, State},
    OrderId,
};

fn withdraw_consent(world: &mut Maps, number: u8) {
    let consent = world.consents.get_mut(&dataset(number)).expect("a dataset");
    consent.decision = Decision::Deny(DENIED);
    consent.version += 1;
}

fn cancel(world: &mut Maps, order: OrderId) -> Result<State, EscrowError> {
    world.call(BUYER, 0, |world| order::cancel(world, order))
}

fn expire(world: &mut Maps, order: OrderId) -> Result<State, EscrowError> {
    world.call(STRANGER, 0, |world| order::expire(world, order))
}

fn states(world: &Maps, order: OrderId) -> Vec<LineState> {
    world.lines[&order].iter().map(|line| line.state).collect()
}

#[test]
fn cancel_against_release() {
    let (mut first, order) = reach(State::Qualified);
    first.view.queued = Some(keystrand_commons::policy::QueuedChange {
        proposal: 1,
        version: 2,
        hash: [0; 32],
        direction: keystrand_commons::policy::Direction::Narrower,
        from: 0,
        until: u64::MAX,
    });
    let mut second = first.clone();
    assert_eq!(cancel(&mut first, order), Ok(State::Refunded));
    assert!(release(&mut first, order, &LINES).is_err(), "nothing is released after a cancel");
    assert_eq!(release(&mut second, order, &LINES), Ok(State::Releasing));
    assert!(cancel(&mut second, order).is_err(), "nothing is cancelled after a release");
}

#[test]
fn expiry_against_release_and_against_delivery() {
    let (mut world, order) = reach(State::Qualified);
    world.now += 999;
    assert!(matches!(expire(&mut world, order), Err(EscrowError::WindowOpen { .. })));
    let mut late = world.clone();
    assert_eq!(release(&mut world, order, &LINES), Ok(State::Releasing), "the last moment");
    late.now += 1;
    assert!(matches!(release(&mut late, order, &LINES), Err(EscrowError::WindowOver { .. })));
    assert_eq!(expire(&mut late, order), Ok(State::Refunded));

    world.now += 99;
    assert!(matches!(expire(&mut world, order), Err(EscrowError::WindowOpen { .. })));
    let mut late = world.clone();
    assert_eq!(deliver(&mut world, order, &LINES), Ok(State::Delivered), "the last moment");
    late.now += 1;
    assert!(matches!(deliver(&mut late, order, &LINES), Err(EscrowError::WindowOver { .. })));
    assert_eq!(expire(&mut late, order), Ok(State::Refunded));
}

#[test]
fn consent_withdrawn_between_each_pair_of_steps() {
    let mut world = Maps::new(4);
    let order = create(&mut world, 1, &[0, 1, 2, 3]).expect("created");
    withdraw_consent(&mut world, 0);
    attest(&mut world, order, 1).expect("attested");
    assert_eq!(states(&world, order)[0], LineState::Refunded, "between create and attest");
    withdraw_consent(&mut world, 1);
    release(&mut world, order, &[1, 2, 3]).expect("released");
    assert_eq!(states(&world, order)[1], LineState::Refunded, "between attest and release");
    withdraw_consent(&mut world, 2);
    let mut kept_back = world.clone();
    deliver(&mut world, order, &[2, 3]).expect("delivered");
    assert_eq!(states(&world, order)[2], LineState::Delivered, "after release the line is locked");
    // A custodian that sees the withdrawal posts nothing for the line; one line alone is no cohort.
    assert!(matches!(deliver(&mut kept_back, order, &[3]), Err(EscrowError::TooFewLines { .. })));
    kept_back.now += 100;
    assert_eq!(expire(&mut kept_back, order), Ok(State::Refunded));
    withdraw_consent(&mut world, 3);
    assert_eq!(
        world.call(BUYER, 0, |world| order::accept(world, order, None)),
        Ok(State::Settled),
        "what was delivered before stays lawful, and is paid"
    );
    assert_eq!(order::credit(&world, &order, account(BUYER)), 2_000);
}

#[test]
fn pause_against_release_and_delivery() {
    let (mut world, order) = reach(State::Qualified);
    let mut released = world.clone();
    order::pause(&mut world).expect("paused");
    assert!(matches!(release(&mut world, order, &LINES), Err(EscrowError::Paused { .. })));
    world.now += PAUSE;
    assert_eq!(release(&mut world, order, &LINES), Ok(State::Releasing), "the pause cost no time");

    release(&mut released, order, &LINES).expect("released");
    order::pause(&mut released).expect("paused");
    assert_eq!(deliver(&mut released, order, &LINES), Ok(State::Delivered), "a pause stops no delivery");
}

#[test]
fn verifier_revoked_between_attest_and_release() {
    let (mut world, order) = reach(State::Qualified);
    world.attestation = Err(AttestationError::TooFewVerifiers);
    let refused = EscrowError::Attestation(AttestationError::TooFewVerifiers);
    assert_eq!(release(&mut world, order, &LINES), Err(refused));
    world.call(STRANGER, 0, |world| order::invalidate(world, order)).expect("invalidated");
    world.attestation = Ok(());
    let replayed = EscrowError::Attestation(AttestationError::EvidenceUsed);
    assert_eq!(attest(&mut world, order, 1), Err(replayed), "the old evidence is used");
    assert_eq!(attest(&mut world, order, 2), Ok(State::Qualified));
}

#[test]
fn verifier_revoked_between_release_and_deliver_takes_nothing_back() {
    let (mut world, order) = reach(State::Releasing);
    world.attestation = Err(AttestationError::TooFewVerifiers);
    assert!(world.call(STRANGER, 0, |world| order::invalidate(world, order)).is_err());
    assert_eq!(deliver(&mut world, order, &LINES), Ok(State::Delivered));
}

#[test]
fn credential_revoked_in_between_refunds_the_order() {
    // A required credential is the policy's rule: without it the policy denies.
    for state in [State::Funded, State::Qualified] {
        let (mut world, order) = reach(state);
        world.policy = Decision::Deny(POLICY_DENIED);
        let next = if state == State::Funded {
            attest(&mut world, order, 2)
        } else {
            release(&mut world, order, &LINES)
        };
        assert_eq!(next, Ok(State::Refunded));
        assert_eq!(order::credit(&world, &order, account(BUYER)), 3_000);
    }
}

#[test]
fn a_clearance_holds_under_the_policy_that_was_cleared_and_no_other() {
    let (mut world, order) = reach(State::UnderReview);
    let now = world.now;
    let clear = |world: &mut Maps, version| {
        let message = keystrand_commons::signing::review(
            &GENESIS,
            &account(ESCROW),
            &order,
            version,
            true,
            &[0; 32],
            now,
        );
        let signatures = [signed(MEMBERS[0], &message), signed(MEMBERS[1], &message)];
        world.call(STRANGER, 0, |world| order::clear(world, order, [0; 32], now, &signatures))
    };
    clear(&mut world, 1).expect("cleared");
    let mut changed = world.clone();
    assert_eq!(attest(&mut world, order, 1), Ok(State::Qualified));
    assert_eq!(states(&world, order)[0], LineState::Open, "cleared: the undecided line stays");
    changed.view.version = 2;
    assert_eq!(attest(&mut changed, order, 1), Ok(State::Qualified));
    assert_eq!(states(&changed, order)[0], LineState::Refunded, "another policy: it is dropped");
}

#[test]
fn a_custodian_that_moves_its_datasets_leaves_open_orders_where_they_are() {
    let (mut world, order) = reach(State::Funded);
    for number in LINES {
        world.consents.get_mut(&dataset(number)).expect("a dataset").custodian = 14;
    }
    assert_eq!(attest(&mut world, order, 1), Ok(State::Qualified));
    assert_eq!(release(&mut world, order, &LINES), Ok(State::Releasing));
}

#[test]
fn a_receipt_is_of_one_order_and_covers_every_delivered_line() {
    let (mut world, order) = reach(State::Delivered);
    let lines = world.lines[&order].clone();
    let other_order = receipt(&lines, [0; 32], &[]);
    let fewer_lines = receipt(&lines[..2], order, &[]);
    let mut other_packet = lines.clone();
    other_packet[1].packet = [0; 32];
    let other_packet = receipt(&other_packet, order, &[]);
    for wrong in [other_order, fewer_lines, other_packet] {
        let answer = world.call(STRANGER, 0, |world| order::accept(world, order, Some(wrong)));
        assert!(matches!(answer, Err(EscrowError::BadSignature { .. })));
    }
    let right = receipt(&lines, order, &[]);
    assert_eq!(world.call(STRANGER, 0, |world| order::accept(world, order, Some(right))), Ok(State::Settled));
}

#[test]
fn a_receipt_of_an_order_that_lost_lines_covers_those_that_were_delivered() {
    let (mut world, order) = reach(State::Releasing);
    deliver(&mut world, order, &[0, 2]).expect("delivered");
    let receipt = receipt(&world.lines[&order], order, &[2]);
    world.call(STRANGER, 0, |world| order::reject(world, order, &[2], receipt)).expect("rejected");
    assert_eq!(states(&world, order), [LineState::Paid, LineState::Refunded, LineState::Disputed]);
}

#[test]
fn a_pause_stretches_the_windows_it_overlaps_and_revives_none() {
    let (mut world, order) = reach(State::Funded);
    let (mut over, ended) = reach(State::Funded);
    over.now += 1_000;
    for _ in 0..2 {
        order::pause(&mut world).expect("paused");
        order::pause(&mut over).expect("paused");
        assert_eq!(expire(&mut over.clone(), ended), Ok(State::Refunded), "it was over before the pause");
        world.now += PAUSE + order::clock::PAUSE_REST;
        over.now += PAUSE + order::clock::PAUSE_REST;
    }
    let (mut stretched, order_two) = reach(State::Funded);
    order::pause(&mut stretched).expect("paused");
    stretched.now += PAUSE + 999;
    assert!(matches!(expire(&mut stretched, order_two), Err(EscrowError::WindowOpen { .. })));
    stretched.now += 1;
    assert_eq!(expire(&mut stretched, order_two), Ok(State::Refunded));
    assert_eq!(expire(&mut world, order), Ok(State::Refunded), "the rest between pauses counts");
}
