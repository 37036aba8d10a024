//! A proposal's whole life, on every track.

use super::dao::*;
use commons::{
    policy::Direction,
    terms::Permission,
    voting::{
        self, Action, Event, GovernorChange, GovernorError, Parts, PolicyChange, Stage, State, TrackId,
    },
    AccountId,
};

#[test]
fn a_widening_is_proposed_voted_confirmed_queued_and_executed() {
    let mut dao = Dao::of(&[60, 20, 20]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    assert_eq!(dao.state(id), State::Pending);
    assert_eq!(dao.vote(1, id, Parts::FAVOUR), Err(GovernorError::WrongState(State::Pending)));
    dao.pass(6_000);
    assert_eq!(dao.state(id), State::Active);
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    dao.vote(2, id, Parts::FAVOUR).unwrap();
    dao.vote(3, id, Parts::AGAINST).unwrap();
    assert_eq!(dao.tally(id), (80, 20, 0));

    dao.pass_until(START + 7 * DAY - 1);
    assert_eq!(dao.state(id), State::Active);
    assert_eq!(dao.queue(id), Err(GovernorError::WrongState(State::Active)));
    dao.pass(1);
    assert_eq!(dao.state(id), State::Confirming);
    assert_eq!(dao.queue(id), Err(GovernorError::WrongState(State::Confirming)));
    dao.pass(DAY);
    assert_eq!(dao.vote(1, id, Parts::AGAINST), Err(GovernorError::WrongState(State::Confirming)));
    dao.queue(id).unwrap();
    assert_eq!(dao.state(id), State::Queued);

    let announced = dao.collections[&1].queued.unwrap();
    assert_eq!((announced.proposal, announced.version, announced.direction), (id, 2, Direction::Wider));
    assert_eq!((announced.from, announced.until), (dao.now + 7 * DAY, dao.now + 10 * DAY));

    dao.pass(7 * DAY - 1);
    assert_eq!(dao.execute(id), Err(GovernorError::TooEarly));
    dao.pass(1);
    dao.execute(id).unwrap();
    assert_eq!(dao.state(id), State::Executed);
    assert_eq!(dao.collections[&1].policy, policy(Permission::GeneralResearch));
    assert_eq!((dao.collections[&1].version, dao.collections[&1].queued), (2, None));
    assert_eq!(dao.execute(id), Err(GovernorError::WrongState(State::Executed)));
    assert!(matches!(dao.events.last(), Some(Event::Executed { .. })));
}

#[test]
fn a_narrowing_passes_optimistically_without_a_single_vote() {
    let mut dao = Dao::of(&[50, 50]);
    let id = dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
    dao.pass(2 * DAY - 1);
    assert_eq!(dao.execute(id), Err(GovernorError::WrongState(State::Active)));
    dao.pass(1);
    assert_eq!(dao.state(id), State::Queued);
    assert_eq!(dao.collections[&1].queued, None, "a narrowing needs no way out");
    dao.execute(id).unwrap();
    assert_eq!(dao.collections[&1].policy.attestation.quorum, 3);
}

#[test]
fn a_narrowing_is_stopped_by_one_fifth_of_all_voice_and_not_by_less() {
    for (against, state) in [(199, State::Queued), (200, State::Defeated)] {
        let mut dao = Dao::of(&[700, against, 300 - against]);
        let id = dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
        dao.pass(1);
        dao.vote(1, id, Parts::FAVOUR).unwrap();
        dao.vote(2, id, Parts::AGAINST).unwrap();
        dao.pass(2 * DAY);
        assert_eq!(dao.state(id), state);
    }
}

#[test]
fn a_passed_narrowing_that_nobody_executes_expires() {
    let mut dao = Dao::of(&[100]);
    let id = dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
    dao.pass(2 * DAY + 3 * DAY);
    assert_eq!(dao.state(id), State::Queued);
    dao.pass(1);
    assert_eq!(dao.state(id), State::Expired);
    assert_eq!(dao.execute(id), Err(GovernorError::WrongState(State::Expired)));
}

#[test]
fn a_payment_passes_early_where_support_is_high_and_late_where_it_is_low() {
    // Support must be 20 % at first and falls to 5 % over seven days.
    let mut early = Dao::of(&[25, 75]);
    let id = early.propose(1, TrackId::Treasury, payment(9, 5)).unwrap();
    early.pass(HOUR);
    early.vote(1, id, Parts::FAVOUR).unwrap();
    assert_eq!(early.state(id), State::Confirming);
    early.pass(DAY);
    early.queue(id).unwrap();
    early.pass(2 * DAY);
    early.execute(id).unwrap();
    assert_eq!(early.payments, vec![(account(9), 5)]);

    let mut late = Dao::of(&[10, 90]);
    let id = late.propose(1, TrackId::Treasury, payment(9, 5)).unwrap();
    late.pass(HOUR);
    late.vote(1, id, Parts::FAVOUR).unwrap();
    assert_eq!(late.state(id), State::Active);
    // 20 % less two thirds of 15 % is 10 %: after two thirds of the period, with no transaction.
    late.pass_until(START + 7 * DAY * 2 / 3 - HOUR);
    assert_eq!(late.state(id), State::Active);
    late.pass_until(START + 7 * DAY * 2 / 3 + HOUR);
    assert_eq!(late.state(id), State::Confirming);

    let mut never = Dao::of(&[4, 96]);
    let id = never.propose(1, TrackId::Treasury, payment(9, 5)).unwrap();
    never.pass(HOUR);
    never.vote(1, id, Parts::FAVOUR).unwrap();
    never.pass(7 * DAY);
    assert_eq!(never.state(id), State::Defeated);
}

#[test]
fn every_track_decides_its_own_kind_and_executes_it() {
    let mut dao = Dao::of(&[90, 10]);
    let everybody = [1, 2];
    let members: Vec<AccountId> = [104, 105].map(account).to_vec();
    let run = |dao: &mut Dao, track, action| dao.pass_proposal(track, vec![action], &everybody).unwrap();

    run(&mut dao, TrackId::Members, call(VOICE, MINT));
    run(&mut dao, TrackId::Parameters, call(POLICIES, SET_LIMITS));
    run(&mut dao, TrackId::Code, call(WILLING, SET_CODE));
    assert_eq!(dao.calls.len(), 3);

    run(&mut dao, TrackId::Members, Action::Governor(GovernorChange::Guardians { members, quorum: 2 }));
    let guardians = voting::World::guardians(&dao);
    assert_eq!((guardians.quorum, guardians.until), (2, dao.now + 365 * DAY));

    let mut track = dao.tracks[&TrackId::Widen];
    track.delay = DAY;
    run(&mut dao, TrackId::Parameters, Action::Governor(GovernorChange::Track { id: TrackId::Widen, track }));
    assert_eq!(dao.tracks[&TrackId::Widen].delay, DAY);

    run(&mut dao, TrackId::Code, Action::Governor(GovernorChange::Code([5; 32])));
    assert_eq!(dao.own_code, Some([5; 32]));

    let route = GovernorChange::Route {
        callee: account(WILLING),
        selector: SET_CODE,
        track: Some(TrackId::Parameters),
    };
    run(&mut dao, TrackId::Code, Action::Governor(route));
    run(&mut dao, TrackId::Parameters, call(WILLING, SET_CODE));

    run(&mut dao, TrackId::Widen, Action::Policy(PolicyChange::Root { root: [6; 32] }));
    assert_eq!((dao.root.0, dao.root.1), (1, [6; 32]));
    let open = PolicyChange::Open { policy: policy(Permission::GeneralResearch), disease: None };
    run(&mut dao, TrackId::Widen, Action::Policy(open));
    assert_eq!(dao.collections[&2].version, 1);
    run(&mut dao, TrackId::Widen, Action::Policy(PolicyChange::Close { collection: 2 }));
    assert!(dao.collections[&2].closed);
}

#[test]
fn several_actions_are_done_in_their_order() {
    let mut dao = Dao::of(&[100]);
    let actions = [payment(7, 1), payment(8, 2), payment(9, 3)].concat();
    dao.pass_proposal(TrackId::Treasury, actions, &[1]).unwrap();
    assert_eq!(dao.payments, vec![(account(7), 1), (account(8), 2), (account(9), 3)]);
}

#[test]
fn a_decision_that_nobody_queues_expires() {
    let mut dao = Dao::of(&[100]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    dao.pass_until(START + 8 * DAY + 3 * DAY);
    assert_eq!(dao.state(id), State::Confirming);
    dao.pass(1);
    assert_eq!(dao.state(id), State::Expired);
    assert_eq!(dao.queue(id), Err(GovernorError::WrongState(State::Expired)));
}

#[test]
fn a_queued_decision_that_nobody_executes_expires_and_its_announcement_goes() {
    let mut dao = Dao::of(&[100]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.decide(id, &[1]);
    dao.pass(7 * DAY + 3 * DAY);
    assert_eq!(dao.state(id), State::Queued);
    let expire = |dao: &mut Dao| dao.send(99, |dao| voting::expire(dao, id));
    assert_eq!(expire(&mut dao), Err(GovernorError::WrongState(State::Queued)));
    dao.pass(1);
    assert_eq!(dao.execute(id), Err(GovernorError::WrongState(State::Expired)));
    expire(&mut dao).unwrap();
    assert_eq!((dao.state(id), dao.collections[&1].queued), (State::Expired, None));
    assert_eq!(expire(&mut dao), Err(GovernorError::NothingToClear));
}

#[test]
fn a_proposal_without_support_is_defeated_and_one_without_approval_too() {
    for (favour, against, state) in
        [(19, 0, State::Defeated), (20, 10, State::Defeated), (20, 9, State::Confirming)]
    {
        let mut dao = Dao::of(&[favour, against + 1, 100 - favour - against - 1]);
        let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
        dao.pass(1);
        dao.vote(1, id, Parts::FAVOUR).unwrap();
        if against > 0 {
            // One unit of member 2 abstains.
            let all = u32::try_from(against + 1).unwrap();
            let share = u16::try_from((against as u32 * 10_000).div_ceil(all)).unwrap();
            dao.vote(2, id, Parts { favour: 0, against: share, abstain: 10_000 - share }).unwrap();
            assert_eq!(dao.tally(id), (favour, against, 1));
        }
        dao.pass_until(START + 7 * DAY);
        assert_eq!(dao.state(id), state);
    }
}

#[test]
fn a_tie_does_not_pass() {
    let mut dao = Dao::of(&[50, 50]);
    let id = dao.propose(1, TrackId::Treasury, payment(9, 1)).unwrap();
    dao.pass(1);
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    dao.vote(2, id, Parts::AGAINST).unwrap();
    dao.pass(7 * DAY);
    assert_eq!(dao.state(id), State::Defeated);
}

#[test]
fn a_deposit_goes_home_unless_the_proposal_was_clearly_rejected() {
    let settle = |dao: &mut Dao, id| dao.send(99, |dao| voting::settle_deposit(dao, id));
    // (for, against, of 1 000) -> returned
    for (favour, against, returned) in [
        (0, 0, true),
        (10, 40, true),
        (0, 50, true),
        (0, 51, false),
        (13, 51, true),
        (12, 51, false),
        (400, 500, true),
        (400, 501, false),
    ] {
        let mut dao = Dao::of(&[favour + 20, against + 20, 1_000 - favour - against - 40]);
        let id = dao.propose(3, TrackId::Widen, widening()).unwrap();
        dao.pass(1);
        let cast = |dao: &mut Dao, voter, amount: u128, towards: fn(u16) -> Parts| {
            let share = u16::try_from((amount * 10_000).div_ceil(amount + 20)).unwrap();
            dao.vote(voter, id, towards(share)).unwrap();
        };
        cast(&mut dao, 1, favour, |share| Parts { favour: share, against: 0, abstain: 10_000 - share });
        cast(&mut dao, 2, against, |share| Parts { favour: 0, against: share, abstain: 10_000 - share });
        assert_eq!((dao.tally(id).0, dao.tally(id).1), (favour, against));
        assert_eq!(settle(&mut dao, id), Err(GovernorError::WrongState(State::Active)));
        dao.pass(7 * DAY);
        assert_eq!(dao.state(id), State::Defeated);
        let treasury = voting::spendable(&dao);
        settle(&mut dao, id).unwrap();
        let expected = if returned { vec![(account(3), DEPOSIT)] } else { vec![] };
        assert_eq!(dao.payments, expected);
        assert_eq!(voting::spendable(&dao), treasury + if returned { 0 } else { DEPOSIT });
        assert_eq!(settle(&mut dao, id), Err(GovernorError::NoDeposit));
    }
}

#[test]
fn a_narrowing_is_cancelled_by_its_proposer_at_every_stage_before_its_end() {
    let cancel = |dao: &mut Dao, by, id| dao.send(by, |dao| voting::cancel(dao, id));
    for (wait, possible) in [(0, true), (DAY, true), (2 * DAY, true), (5 * DAY + 1, false)] {
        let mut dao = Dao::of(&[100]);
        let id = dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
        if wait > 0 {
            dao.pass(wait);
        }
        assert_eq!(cancel(&mut dao, 2, id), Err(GovernorError::MayNotCancel));
        if possible {
            cancel(&mut dao, 1, id).unwrap();
            assert_eq!(dao.head(id).stage, Stage::Cancelled);
            assert_eq!(dao.execute(id), Err(GovernorError::WrongState(State::Cancelled)));
            assert_eq!(cancel(&mut dao, 1, id), Err(GovernorError::WrongState(State::Cancelled)));
            dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
        } else {
            assert_eq!(cancel(&mut dao, 1, id), Err(GovernorError::WrongState(State::Expired)));
        }
    }
}

#[test]
fn a_proposer_cannot_take_back_what_is_not_a_narrowing() {
    let mut dao = Dao::of(&[100]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    let answer = dao.send(1, |dao| voting::cancel(dao, id));
    assert_eq!(answer, Err(GovernorError::MayNotCancel));
}
