//! Where every unit goes, ending by ending.

use crate::{stage::*, world::*};
use keystrand_commons::{
    order::{self, agreement::Parts, Agreement, LineShare, Signed},
    policy::Split,
    signing, Balance, OrderId,
};

/// What the order owes: contributor's payee of line 0, custodian, treasury, buyer, contributor of line 0.
fn owed(world: &Maps, order: OrderId) -> [Balance; 5] {
    [payee(0), CUSTODIAN, TREASURY, BUYER, contributor(0)]
        .map(|who| order::credit(world, &order, account(who)))
}

/// An order of one disputed line, answered by the custodian or by its contributor, and two paid ones.
fn disputed(answerer: Option<u8>) -> (Maps, OrderId) {
    let (mut world, order) = reach(order::State::Disputed);
    if let Some(by) = answerer {
        world.call(by, BOND, |world| order::answer(world, order, vec![0])).expect("answered");
    }
    (world, order)
}

fn ruled(answerer: u8, share: u16) -> [Balance; 5] {
    let (mut world, order) = disputed(Some(answerer));
    world
        .call(ARBITRATOR, 0, |world| order::rule(world, order, &[LineShare { line: 0, share }]))
        .expect("ruled");
    owed(&world, order)
}

// Two lines of 1000 are paid whole beside the disputed one: 400 to the custodian, 200 to the treasury.
const OTHERS_CUSTODIAN: Balance = 400;
const OTHERS_TREASURY: Balance = 200;

#[test]
fn an_accepted_line_is_split_seventy_twenty_ten() {
    let (world, order) = reach(order::State::Settled);
    assert_eq!(owed(&world, order), [700, 600, 300, 0, 0]);
}

#[test]
fn a_refunded_order_is_the_buyers_whole() {
    let (world, order) = reach(order::State::Refunded);
    assert_eq!(owed(&world, order), [0, 0, 0, 3_000, 0]);
}

#[test]
fn above_one_half_the_payees_win_and_the_buyers_bond_goes_to_who_answered() {
    assert_eq!(
        ruled(CUSTODIAN, 6_000),
        [420, OTHERS_CUSTODIAN + 120 + 2 * BOND, OTHERS_TREASURY + 60, 400, 0]
    );
    assert_eq!(
        ruled(contributor(0), 6_000),
        [420, OTHERS_CUSTODIAN + 120, OTHERS_TREASURY + 60, 400, 2 * BOND]
    );
    assert_eq!(ruled(CUSTODIAN, 5_001)[3], 500, "the smallest win");
}

#[test]
fn below_one_half_the_buyer_wins_both_bonds() {
    assert_eq!(ruled(CUSTODIAN, 0), [0, OTHERS_CUSTODIAN, OTHERS_TREASURY, 1_000 + 2 * BOND, 0]);
    assert_eq!(
        ruled(contributor(0), 4_000),
        [280, OTHERS_CUSTODIAN + 80, OTHERS_TREASURY + 40, 600 + 2 * BOND, 0]
    );
}

#[test]
fn at_one_half_bonds_go_home() {
    assert_eq!(
        ruled(contributor(0), 5_000),
        [350, OTHERS_CUSTODIAN + 100, OTHERS_TREASURY + 50, 500 + BOND, BOND]
    );
}

#[test]
fn an_unanswered_line_is_refunded_with_the_buyers_bond() {
    let (mut world, order) = disputed(None);
    world.now += 200;
    world.call(STRANGER, 0, |world| order::concede(world, order)).expect("conceded");
    assert_eq!(owed(&world, order), [0, OTHERS_CUSTODIAN, OTHERS_TREASURY, 1_000 + BOND, 0]);
}

#[test]
fn without_a_ruling_a_bad_receipt_decides_for_the_buyer_and_nothing_else_does() {
    let timed_out = |bad: bool| {
        let (mut world, order) = reach(order::State::Delivered);
        if bad {
            let receipt = receipt(&world.lines[&order], order, &[0]);
            world.call(STRANGER, 0, |world| order::reject(world, order, &[0], receipt)).expect("rejected");
        } else {
            world.call(BUYER, BOND, |world| order::dispute(world, order, vec![0])).expect("disputed");
        }
        reply(&mut world, order);
        world.now += 500;
        world.call(STRANGER, 0, |world| order::arbitration_timeout(world, order)).expect("timed out");
        owed(&world, order)
    };
    assert_eq!(timed_out(true), [0, OTHERS_CUSTODIAN + BOND, OTHERS_TREASURY, 1_000, 0]);
    assert_eq!(timed_out(false), [700, OTHERS_CUSTODIAN + 200 + BOND, OTHERS_TREASURY + 100, BOND, 0]);
}

#[test]
fn a_ruling_on_a_bad_receipt_moves_the_one_bond_there_is() {
    let ruled = |share| {
        let (mut world, order) = reach(order::State::Delivered);
        let receipt = receipt(&world.lines[&order], order, &[0]);
        world.call(STRANGER, 0, |world| order::reject(world, order, &[0], receipt)).expect("rejected");
        reply(&mut world, order);
        world
            .call(ARBITRATOR, 0, |world| order::rule(world, order, &[LineShare { line: 0, share }]))
            .expect("ruled");
        owed(&world, order)
    };
    assert_eq!(ruled(0), [0, OTHERS_CUSTODIAN, OTHERS_TREASURY, 1_000 + BOND, 0]);
    assert_eq!(ruled(10_000), [700, OTHERS_CUSTODIAN + 200 + BOND, OTHERS_TREASURY + 100, 0, 0]);
}

fn agreed(parts: Parts, share: u16, signers: &[u8]) -> Option<[Balance; 5]> {
    let (mut world, order) = reach(order::State::Disputed);
    let layout = if parts == Parts::All { signing::settlement } else { signing::concession };
    let message = layout(&GENESIS, &account(ESCROW), &order, &[0], share, world.now);
    let signatures: Vec<Signed> = signers.iter().map(|signer| signed(*signer, &message)).collect();
    let agreement = Agreement { lines: vec![0], parts, share, deadline: world.now };
    let settled =
        world.call(STRANGER, 0, |world| order::settle_mutually(world, order, agreement, &signatures));
    settled.ok().map(|_| owed(&world, order))
}

#[test]
fn buyer_and_payees_may_agree_on_any_share_and_bonds_go_home() {
    let all = [BUYER, CUSTODIAN, payee(0)];
    assert_eq!(
        agreed(Parts::All, 2_500, &all),
        Some([175, OTHERS_CUSTODIAN + 50, OTHERS_TREASURY + 25, 750 + BOND, 0])
    );
    for missing in 0..all.len() {
        let mut signers = all.to_vec();
        signers.remove(missing);
        assert_eq!(agreed(Parts::All, 2_500, &signers), None);
    }
}

#[test]
fn a_custodian_alone_gives_up_only_its_own_part() {
    assert_eq!(
        agreed(Parts::Custodian, 0, &[BUYER, CUSTODIAN]),
        Some([700, OTHERS_CUSTODIAN, OTHERS_TREASURY + 100, 200 + BOND, 0])
    );
    assert_eq!(
        agreed(Parts::Custodian, 2_500, &[BUYER, CUSTODIAN]),
        Some([700, OTHERS_CUSTODIAN + 50, OTHERS_TREASURY + 100, 150 + BOND, 0])
    );
}

#[test]
fn dust_goes_to_the_treasury_and_nothing_is_lost() {
    let split = Split { contributor: 3_333, custodian: 3_333, treasury: 3_334 };
    for price in (0..2_000).chain([u128::MAX, u128::MAX - 1, 1 << 100]) {
        let parts = order::money::Parts::of(price, &split);
        assert_eq!(parts.contributor + parts.custodian + parts.treasury, price);
        assert_eq!(parts.contributor, parts.custodian);
        assert!(parts.treasury >= parts.contributor);
    }
    // Exact where multiplying first would overflow.
    assert_eq!(order::money::portion(u128::MAX, 10_000), u128::MAX);
    assert_eq!(order::money::portion(u128::MAX, 1), u128::MAX / 10_000);
}

#[test]
fn a_payee_in_several_roles_is_paid_for_all_of_them_at_once_and_only_once() {
    let mut world = Maps::new(2);
    world.view.treasury = account(CUSTODIAN);
    let order = create(&mut world, 1, &[0, 1]).expect("created");
    attest(&mut world, order, 1).expect("attested");
    release(&mut world, order, &[0, 1]).expect("released");
    deliver(&mut world, order, &[0, 1]).expect("delivered");
    world.call(BUYER, 0, |world| order::accept(world, order, None)).expect("accepted");
    let paid = world.call(STRANGER, 0, |world| order::withdraw(world, order, account(CUSTODIAN)));
    assert_eq!(paid, Ok(600));
    let again = world.call(STRANGER, 0, |world| order::withdraw(world, order, account(CUSTODIAN)));
    assert_eq!(again, Err(order::EscrowError::NothingOwed));
}

#[test]
fn a_payee_that_refuses_transfers_holds_up_nobody_else() {
    let (mut world, order) = reach(order::State::Settled);
    world.refuses.insert([payee(0); 32]);
    let refused = world.call(STRANGER, 0, |world| order::withdraw(world, order, account(payee(0))));
    assert_eq!(refused, Err(order::EscrowError::TransferFailed));
    for other in [payee(1), payee(2), CUSTODIAN, TREASURY] {
        assert!(world.call(STRANGER, 0, |world| order::withdraw(world, order, account(other))).is_ok());
    }
    assert_eq!(world.ledger.held, 700, "what it does not take is kept for it");
    world.refuses.clear();
    assert_eq!(world.call(STRANGER, 0, |world| order::withdraw(world, order, account(payee(0)))), Ok(700));
}
