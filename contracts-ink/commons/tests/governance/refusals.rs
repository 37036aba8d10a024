//! What cannot be proposed, and what deposits are not.

use super::dao::*;
use commons::{
    policy::AdministrationError,
    terms::Permission,
    voting::{
        self, Action, GovernorChange, GovernorError, Parts, PolicyChange, State, TrackId, World, MAX_ACTIONS,
    },
};

#[test]
fn a_proposal_has_one_to_eight_actions_of_bounded_length() {
    let mut dao = Dao::of(&[100]);
    let refused = Err(GovernorError::ActionsOutOfRange);
    assert_eq!(dao.propose(1, TrackId::Treasury, vec![]), refused);
    let nine = vec![payment(9, 1)[0].clone(); MAX_ACTIONS + 1];
    assert_eq!(dao.propose(1, TrackId::Treasury, nine), refused);
    let Action::Call(mut long) = call(WILLING, SET_CODE) else { unreachable!() };
    long.input = vec![0; 8 * 1024];
    assert_eq!(dao.propose(1, TrackId::Code, vec![Action::Call(long)]), refused);
    let eight = vec![payment(9, 1)[0].clone(); MAX_ACTIONS];
    dao.propose(1, TrackId::Treasury, eight).unwrap();
}

#[test]
fn a_proposal_has_a_description() {
    let mut dao = Dao::of(&[100]);
    for length in [0, 65] {
        let answer = dao.send(1, |dao| {
            dao.paid = DEPOSIT;
            voting::propose(dao, TrackId::Treasury, payment(9, 1), vec![1; length])
        });
        assert_eq!(answer, Err(GovernorError::DescriptionOutOfRange));
    }
}

#[test]
fn the_deposit_is_paid_exactly() {
    let mut dao = Dao::of(&[100]);
    for paid in [0, DEPOSIT - 1, DEPOSIT + 1] {
        let answer = dao.send(1, |dao| {
            dao.paid = paid;
            dao.balance += paid;
            voting::propose(dao, TrackId::Treasury, payment(9, 1), vec![1])
        });
        assert_eq!(answer, Err(GovernorError::WrongDeposit));
    }
}

#[test]
fn a_suspended_account_does_not_propose_but_votes() {
    let mut dao = Dao::of(&[100, 50]);
    dao.suspended.insert(account(2));
    assert_eq!(dao.propose(2, TrackId::Treasury, payment(9, 1)), Err(GovernorError::Suspended));
    let id = dao.propose(1, TrackId::Treasury, payment(9, 1)).unwrap();
    dao.pass(1);
    dao.vote(2, id, Parts::AGAINST).unwrap();
}

#[test]
fn every_action_is_proposed_on_its_track_alone() {
    let open = || PolicyChange::Open { policy: policy(Permission::GeneralResearch), disease: None };
    let numbers = tracks();
    let cases = [
        (widening()[0].clone(), vec![TrackId::Widen]),
        (narrowing()[0].clone(), vec![TrackId::Narrow, TrackId::Widen]),
        (Action::Policy(open()), vec![TrackId::Widen]),
        (Action::Policy(PolicyChange::Close { collection: 1 }), vec![TrackId::Widen]),
        (Action::Policy(PolicyChange::Root { root: [1; 32] }), vec![TrackId::Widen]),
        (payment(9, 1)[0].clone(), vec![TrackId::Treasury]),
        (
            Action::Governor(GovernorChange::Guardians { members: vec![account(1)], quorum: 1 }),
            vec![TrackId::Members],
        ),
        (Action::Governor(GovernorChange::Settings(Dao::of(&[1]).settings())), vec![TrackId::Parameters]),
        (
            Action::Governor(GovernorChange::Track { id: TrackId::Narrow, track: numbers[&TrackId::Narrow] }),
            vec![TrackId::Parameters],
        ),
        (
            Action::Governor(GovernorChange::Track { id: TrackId::Code, track: numbers[&TrackId::Code] }),
            vec![TrackId::Code],
        ),
        (Action::Governor(GovernorChange::Code([1; 32])), vec![TrackId::Code]),
        (call(VOICE, MINT), vec![TrackId::Members, TrackId::Code]),
        (call(POLICIES, SET_LIMITS), vec![TrackId::Parameters, TrackId::Code]),
        (call(WILLING, SET_CODE), vec![TrackId::Code]),
    ];
    for (action, admitted) in cases {
        for track in TrackId::ALL {
            let mut dao = Dao::of(&[100]);
            let answer = dao.propose(1, track, vec![action.clone()]);
            let expected =
                if admitted.contains(&track) { Ok(1) } else { Err(GovernorError::WrongTrack { action: 0 }) };
            assert_eq!(answer, expected, "{action:?} on {track:?}");
        }
    }
}

#[test]
fn the_action_at_fault_is_named() {
    let mut dao = Dao::of(&[100]);
    let actions = vec![call(WILLING, SET_CODE), payment(9, 1)[0].clone()];
    assert_eq!(dao.propose(1, TrackId::Code, actions), Err(GovernorError::WrongTrack { action: 1 }));
    let actions = vec![payment(9, 1)[0].clone(), payment(9, 0)[0].clone()];
    assert_eq!(dao.propose(1, TrackId::Treasury, actions), Err(GovernorError::UnsoundAction { action: 1 }));
    let actions = vec![call(WILLING, SET_CODE), call(77, SET_CODE)];
    assert_eq!(dao.propose(1, TrackId::Code, actions), Err(GovernorError::NoCode { action: 1 }));
}

#[test]
fn a_policy_change_is_a_proposal_of_its_own() {
    let mut dao = Dao::of(&[100]);
    for second in [narrowing()[0].clone(), call(WILLING, SET_CODE), payment(9, 1)[0].clone()] {
        for actions in [vec![widening()[0].clone(), second.clone()], vec![second, widening()[0].clone()]] {
            assert_eq!(dao.propose(1, TrackId::Widen, actions), Err(GovernorError::ActionNotAlone));
        }
    }
}

#[test]
fn unsound_changes_of_the_governor_are_refused_when_proposed() {
    let mut dao = Dao::of(&[100]);
    let three = |bytes: [u8; 3]| bytes.map(account).to_vec();
    let guardians = |members, quorum| GovernorChange::Guardians { members, quorum };
    let mut instant = tracks()[&TrackId::Widen];
    instant.delay = 0;
    let narrow = tracks()[&TrackId::Narrow];
    let route =
        |track| GovernorChange::Route { callee: account(WILLING), selector: MINT, track: Some(track) };
    for (track, change) in [
        (TrackId::Members, guardians(three([3, 2, 1]), 1)),
        (TrackId::Members, guardians(three([1, 1, 2]), 1)),
        (TrackId::Members, guardians(three([1, 2, 3]), 0)),
        (TrackId::Members, guardians(three([1, 2, 3]), 4)),
        (TrackId::Members, guardians(vec![], 1)),
        (TrackId::Members, guardians((1..=17).map(account).collect(), 1)),
        (TrackId::Parameters, GovernorChange::Track { id: TrackId::Widen, track: instant }),
        (TrackId::Parameters, GovernorChange::Track { id: TrackId::Treasury, track: narrow }),
        (TrackId::Code, GovernorChange::Track { id: TrackId::Code, track: narrow }),
        (TrackId::Code, route(TrackId::Narrow)),
        (TrackId::Code, route(TrackId::Widen)),
        (TrackId::Code, route(TrackId::Emergency)),
    ] {
        let answer = dao.propose(1, track, vec![Action::Governor(change.clone())]);
        assert_eq!(answer, Err(GovernorError::UnsoundAction { action: 0 }), "{change:?}");
    }
}

#[test]
fn what_policies_refuse_is_refused_when_proposed() {
    let mut dao = Dao::of(&[100]);
    let unknown = vec![Action::Policy(PolicyChange::Set {
        collection: 7,
        policy: policy(Permission::GeneralResearch),
    })];
    assert_eq!(
        dao.propose(1, TrackId::Widen, unknown),
        Err(GovernorError::Policies(AdministrationError::UnknownCollection))
    );
    let same = set(Permission::HealthMedicalBiomedical);
    assert_eq!(dao.propose(1, TrackId::Widen, same.clone()), Err(GovernorError::NoChange));
    assert_eq!(dao.propose(1, TrackId::Narrow, same), Err(GovernorError::NoChange));
}

#[test]
fn the_treasury_never_pays_with_proposers_deposits() {
    let mut dao = Dao::of(&[100, 100]);
    dao.balance = 500;
    dao.propose(2, TrackId::Widen, widening()).unwrap();
    let id = dao.propose(1, TrackId::Treasury, payment(9, 501)).unwrap();
    assert_eq!((dao.balance, dao.held()), (500 + 2 * DEPOSIT, 2 * DEPOSIT));
    dao.decide(id, &[1, 2]);
    dao.pass(2 * DAY);
    assert_eq!(dao.execute(id), Err(GovernorError::ActionFailed { action: 0 }));
    dao.balance += 1;
    dao.execute(id).unwrap();
    assert_eq!(dao.balance, dao.held());
    // Nor does a call with a value.
    let Action::Call(mut paying) = call(WILLING, SET_CODE) else { unreachable!() };
    paying.value = 1;
    dao.pass(1);
    let id = dao.propose(1, TrackId::Code, vec![Action::Call(paying)]).unwrap();
    dao.decide(id, &[1, 2]);
    dao.pass(14 * DAY);
    assert_eq!(dao.execute(id), Err(GovernorError::ActionFailed { action: 0 }));
}

#[test]
fn a_proposer_who_cannot_be_paid_loses_nothing_and_blocks_nobody() {
    let mut dao = Dao::of(&[100, 100]);
    let id = dao.propose(1, TrackId::Treasury, payment(9, 1)).unwrap();
    dao.pass(7 * DAY);
    dao.refuses_payment.insert(account(1));
    let settle = |dao: &mut Dao| dao.send(99, |dao| voting::settle_deposit(dao, id));
    assert_eq!(settle(&mut dao), Err(GovernorError::PaymentFailed));
    assert_eq!(dao.head(id).deposit, DEPOSIT);
    dao.refuses_payment.clear();
    settle(&mut dao).unwrap();
}

#[test]
fn no_message_knows_a_proposal_that_was_never_made() {
    let mut dao = Dao::of(&[100]);
    let unknown = Err(GovernorError::UnknownProposal);
    for id in [0, 1, u32::MAX] {
        assert_eq!(dao.vote(1, id, Parts::FAVOUR), unknown);
        assert_eq!(dao.recuse(id, 1), unknown);
        assert_eq!(dao.queue(id), unknown);
        assert_eq!(dao.execute(id), unknown);
        for message in [voting::cancel::<Dao>, voting::expire, voting::settle_deposit] {
            assert_eq!(dao.send(1, |dao| message(dao, id)), unknown);
        }
        assert_eq!(dao.send(1, |dao| voting::veto(dao, id, dao.now, vec![])), unknown);
        assert_eq!(dao.send(1, |dao| voting::settle_act(dao, id).map(|_| ())), unknown);
    }
}

/// Proposals in every state, one after the other.
fn in_every_state() -> Vec<(State, Dao, u32)> {
    let mut dao = Dao::of(&[60, 40]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    let mut states = vec![(State::Pending, dao.clone(), id)];
    dao.pass(1);
    states.push((State::Active, dao.clone(), id));
    let mut defeated = dao.clone();
    defeated.pass(7 * DAY);
    states.push((State::Defeated, defeated, id));
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    dao.pass_until(START + 7 * DAY);
    states.push((State::Confirming, dao.clone(), id));
    dao.pass(DAY);
    dao.queue(id).unwrap();
    states.push((State::Queued, dao.clone(), id));
    let mut expired = dao.clone();
    expired.pass(10 * DAY + 1);
    states.push((State::Expired, expired, id));
    dao.pass(7 * DAY);
    dao.execute(id).unwrap();
    states.push((State::Executed, dao, id));
    let mut dao = Dao::of(&[60, 40]);
    let id = dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
    dao.send(1, |dao| voting::cancel(dao, id)).unwrap();
    states.push((State::Cancelled, dao, id));
    states
}

/// Message x state: possible or refused with the state, and a refusal changes nothing.
#[test]
fn revert_matrix() {
    use State::{Active, Cancelled, Confirming, Defeated, Executed, Expired, Queued};
    type Message = fn(&mut Dao, u32) -> Result<(), GovernorError>;
    let rows: [(&str, Message, &[State]); 6] = [
        ("vote", |dao, id| dao.vote(2, id, Parts::AGAINST), &[Active, Confirming]),
        ("recuse", |dao, id| dao.recuse(id, 2), &[Active, Confirming]),
        ("queue", |dao, id| dao.queue(id), &[]),
        ("execute", |dao, id| dao.execute(id), &[]),
        ("expire", |dao, id| dao.send(9, |dao| voting::expire(dao, id)), &[Expired]),
        (
            "settle_deposit",
            |dao, id| dao.send(9, |dao| voting::settle_deposit(dao, id)),
            &[Defeated, Expired, Executed, Cancelled],
        ),
    ];
    for (state, dao, id) in in_every_state() {
        assert_eq!(dao.state(id), state);
        for (name, message, possible) in &rows {
            let mut after = dao.clone();
            after.live.insert((1, account(2)), u32::from(*name == "recuse"));
            let answer = message(&mut after, id);
            let expected = match (*name, state) {
                _ if possible.contains(&state) => Ok(()),
                ("execute", Queued) => Err(GovernorError::TooEarly),
                ("expire", Defeated | Executed | Cancelled) => Err(GovernorError::NothingToClear),
                _ => Err(GovernorError::WrongState(state)),
            };
            assert_eq!(answer, expected, "{name} in {state:?}");
            if answer.is_err() {
                assert_eq!((after.head(id), after.events.len()), (dao.head(id), dao.events.len()));
            }
        }
    }
}
