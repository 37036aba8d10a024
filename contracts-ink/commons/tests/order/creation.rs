//! quote and create: each refusal by its own rule, and one assessment behind both.

use crate::{stage::*, world::*};
use keystrand_commons::{
    decision::{Decision, Reason, Rule, Whose},
    interface::AskError,
    order::{self, EscrowError, Request, State},
    policy::{Direction, QueuedChange},
    terms::MAX_PURPOSE_DISEASES,
    MAX_LINES,
};

/// What create answers; the quote of the same moment must say the same.
fn refusal(world: &mut Maps, request: Request) -> Option<EscrowError> {
    let quoted = order::quote(world, account(BUYER), &request);
    let total = quoted.as_ref().map_or(0, |quote| quote.total);
    let created = world.call(BUYER, total, |world| order::create(world, request)).err();
    match quoted {
        Ok(quote) => assert_eq!(quote.refusal, created),
        Err(error) => assert_eq!(Some(error), created),
    }
    created
}

fn refused(change: impl FnOnce(&mut Maps, &mut Request)) -> Option<EscrowError> {
    let mut world = Maps::new(4);
    let mut request = world.request(1, &LINES);
    change(&mut world, &mut request);
    refusal(&mut world, request)
}

fn consent(world: &mut Maps, number: u8) -> &mut Consent {
    world.consents.get_mut(&dataset(number)).expect("a dataset")
}

#[test]
fn a_request_that_fits_the_moment_is_accepted() {
    assert_eq!(refused(|_, _| ()), None);
}

#[test]
fn malformed_requests_have_no_line_by_line_answer() {
    assert_eq!(refused(|_, request| request.lines.clear()), Some(EscrowError::NoLines));
    let twice = |_: &mut Maps, request: &mut Request| request.lines.push(request.lines[0]);
    assert_eq!(refused(twice), Some(EscrowError::DuplicateDataset { dataset: dataset(0) }));
    let many = |_: &mut Maps, request: &mut Request| {
        request.lines = (0..=MAX_LINES as u8)
            .map(|number| order::RequestedLine { dataset: dataset(number), consent_version: 1 })
            .collect()
    };
    assert_eq!(refused(many), Some(EscrowError::TooManyLines));
    assert_eq!(refused(|_, request| request.reader_key = [0; 32]), Some(EscrowError::BadReaderKey));
    let diseases =
        |_: &mut Maps, request: &mut Request| request.purpose.diseases = vec![1; MAX_PURPOSE_DISEASES + 1];
    assert_eq!(refused(diseases), Some(EscrowError::Malformed));
    let elsewhere = |_: &mut Maps, request: &mut Request| request.collection = 2;
    assert_eq!(refused(elsewhere), Some(EscrowError::Ask(AskError::UnknownCollection)));
}

#[test]
fn what_the_buyer_saw_must_be_what_is() {
    let version = |world: &mut Maps, _: &mut Request| world.view.version = 2;
    assert_eq!(refused(version), Some(EscrowError::PolicyChanged { version: 2 }));
    let hash = |world: &mut Maps, _: &mut Request| world.view.hash = [2; 32];
    assert_eq!(refused(hash), Some(EscrowError::PolicyChanged { version: 1 }));
    let amended = |world: &mut Maps, _: &mut Request| consent(world, 1).version = 2;
    assert_eq!(refused(amended), Some(EscrowError::ConsentChanged { dataset: dataset(1), version: 2 }));
}

#[test]
fn a_denial_names_the_rule_whose_it_is_and_the_dataset() {
    let policy = |world: &mut Maps, _: &mut Request| world.policy = Decision::Deny(POLICY_DENIED);
    assert_eq!(refused(policy), Some(EscrowError::PolicyDenied { reason: POLICY_DENIED }));
    let line = |world: &mut Maps, _: &mut Request| consent(world, 2).decision = Decision::Deny(DENIED);
    assert_eq!(refused(line), Some(EscrowError::LineDenied { dataset: dataset(2), reason: DENIED }));
    let moved = |world: &mut Maps, _: &mut Request| consent(world, 0).custodian = 14;
    let reason = Reason { rule: Rule::OtherCustodian, whose: Whose::Consent };
    assert_eq!(refused(moved), Some(EscrowError::LineDenied { dataset: dataset(0), reason }));
}

#[test]
fn a_quote_judges_every_line_even_when_create_would_stop_at_the_first() {
    let mut world = Maps::new(4);
    consent(&mut world, 0).decision = Decision::Deny(DENIED);
    consent(&mut world, 1).decision = Decision::Abstain(UNDECIDED);
    let quote = order::quote(&world, account(BUYER), &world.request(1, &[0, 1, 2, 9])).expect("a quote");
    let unknown = Reason { rule: Rule::UnknownDataset, whose: Whose::Consent };
    let decisions: Vec<Decision> = quote.lines.iter().map(|line| line.decision).collect();
    assert_eq!(
        decisions,
        [Decision::Deny(DENIED), Decision::Abstain(UNDECIDED), Decision::Approve, Decision::Deny(unknown)]
    );
    assert_eq!((quote.live, quote.total), (2, 2_000), "only lines that can be bought cost");
    let line = quote.lines[2];
    assert_eq!((line.contributor, line.custodian, line.treasury), (700, 200, 100));
}

#[test]
fn the_smallest_cohort_is_the_policys_and_never_nothing() {
    let too_few = |world: &mut Maps, _: &mut Request| world.view.min_cohort = 4;
    assert_eq!(refused(too_few), Some(EscrowError::TooFewLines { live: 3, minimum: 4 }));
    let exactly = |world: &mut Maps, _: &mut Request| world.view.min_cohort = 3;
    assert_eq!(refused(exactly), None);
}

#[test]
fn a_queued_change_holds_new_orders_unless_it_only_narrows() {
    let queued = |direction| {
        move |world: &mut Maps, _: &mut Request| {
            world.view.queued =
                Some(QueuedChange { proposal: 7, version: 2, hash: [2; 32], direction, from: 0, until: 99 })
        }
    };
    let held = Some(EscrowError::WideningQueued { proposal: 7, until: 99 });
    assert_eq!(refused(queued(Direction::Wider)), held);
    assert_eq!(refused(queued(Direction::Mixed)), held);
    assert_eq!(refused(queued(Direction::Narrower)), None);
}

#[test]
fn every_share_can_open_an_account_and_free_data_needs_none() {
    let price = |price| move |world: &mut Maps, _: &mut Request| consent(world, 1).price = price;
    let small = Some(EscrowError::ShareBelowExistentialDeposit { dataset: dataset(1) });
    assert_eq!(refused(price(90)), small, "the treasury's part would be 9");
    assert_eq!(refused(price(91)), None);
    assert_eq!(refused(price(1)), small);
    assert_eq!(refused(price(0)), None);
    let nothing_to_treasury = |world: &mut Maps, _: &mut Request| {
        world.view.split.treasury = 0;
        world.view.split.contributor = 8_000;
        consent(world, 1).price = 51;
    };
    assert_eq!(refused(nothing_to_treasury), None, "a share that the split does not name needs no account");
    let broken = |world: &mut Maps, _: &mut Request| world.view.split.treasury = 1;
    assert_eq!(refused(broken), Some(EscrowError::Malformed));
}

#[test]
fn an_undecided_line_puts_the_order_under_review_if_there_is_anybody_to_review_it() {
    let mut world = Maps::new(4);
    consent(&mut world, 1).decision = Decision::Abstain(UNDECIDED);
    let order = create(&mut world, 1, &LINES).expect("created");
    assert_eq!(world.heads[&order].state, State::UnderReview);
    let nobody = |world: &mut Maps, _: &mut Request| {
        consent(world, 1).decision = Decision::Abstain(UNDECIDED);
        world.view.committee.quorum = 0;
    };
    assert_eq!(refused(nobody), Some(EscrowError::NoCommittee));
}

#[test]
fn the_payment_is_exact() {
    let mut world = Maps::new(4);
    let request = world.request(1, &LINES);
    for paid in [0, 2_999, 3_001] {
        let answer = world.call(BUYER, paid, |world| order::create(world, request.clone()));
        assert_eq!(answer, Err(EscrowError::WrongPayment { expected: 3_000 }));
    }
    assert!(world.call(BUYER, 3_000, |world| order::create(world, request)).is_ok());
}

#[test]
fn a_nonce_is_used_once_even_after_its_order_was_forgotten() {
    let mut world = Maps::new(4);
    let order = create(&mut world, 1, &LINES).expect("created");
    assert_eq!(create(&mut world, 1, &LINES), Err(EscrowError::OrderExists));
    world.call(BUYER, 0, |world| order::cancel(world, order)).expect("cancelled");
    world.call(BUYER, 0, |world| order::withdraw(world, order, account(BUYER))).expect("paid");
    world.call(BUYER, 0, |world| order::forget(world, order)).expect("forgotten");
    assert_eq!(create(&mut world, 1, &LINES), Err(EscrowError::OrderExists));
    let other = world.request(1, &LINES);
    let elsewhere = world.call(STRANGER, 3_000, |world| order::create(world, other));
    assert!(elsewhere.is_ok_and(|id| id != order), "another buyer's nonce is another order");
}

#[test]
fn a_pause_holds_new_orders_until_it_ends_by_itself() {
    let mut world = Maps::new(4);
    order::pause(&mut world).expect("paused");
    let until = world.now + order::clock::PAUSE;
    assert_eq!(create(&mut world, 1, &LINES), Err(EscrowError::Paused { until }));
    world.now = until;
    assert!(create(&mut world, 1, &LINES).is_ok());
}
