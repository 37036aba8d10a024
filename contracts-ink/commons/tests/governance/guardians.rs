//! Guardians: vetoes, emergencies, their lapse, and the members' last word.

use super::dao::*;
use commons::{
    order::world::Signed,
    signing,
    voting::{
        self, Action, EmergencyAct, EmergencyEnd, GovernorChange, GovernorError, Parts, Settings, State,
        TrackId, World,
    },
    Timestamp,
};
use scale::Encode;

fn signatures(message: &[u8], signers: &[u8]) -> Vec<Signed> {
    signers
        .iter()
        .map(|signer| Signed { signer: account(*signer), signature: sign(*signer, message) })
        .collect()
}

fn veto(dao: &mut Dao, id: u32, signers: &[u8]) -> Result<(), GovernorError> {
    let deadline = dao.now + HOUR;
    let content = dao.head(id).content;
    let message = signing::veto(&dao.genesis(), &dao.governor(), id, &content, deadline);
    dao.send(99, |dao| voting::veto(dao, id, deadline, signatures(&message, signers)))
}

fn message_of(dao: &Dao, act: &EmergencyAct, deadline: Timestamp) -> Vec<u8> {
    let hash = signing::blake2_256(&act.encode());
    signing::emergency(&dao.genesis(), &dao.governor(), &hash, World::acts(dao), deadline)
}

fn act(dao: &mut Dao, act: EmergencyAct, signers: &[u8]) -> Result<u32, GovernorError> {
    let deadline = dao.now + HOUR;
    let message = message_of(dao, &act, deadline);
    dao.send(99, |dao| voting::act(dao, act, deadline, signatures(&message, signers)))
}

fn settle(dao: &mut Dao, id: u32) -> Result<EmergencyEnd, GovernorError> {
    dao.send(99, |dao| voting::settle_act(dao, id))
}

fn suspension() -> EmergencyAct {
    EmergencyAct::Suspend(account(9))
}

#[test]
fn guardians_cancel_a_proposal_at_every_stage_before_its_end() {
    for stage in 0..5 {
        let mut dao = Dao::of(&[100]);
        let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
        if stage > 0 {
            dao.pass(1);
            dao.vote(1, id, Parts::FAVOUR).unwrap();
        }
        if stage > 1 {
            dao.pass_until(START + 7 * DAY);
        }
        if stage > 2 {
            dao.pass(DAY);
            dao.queue(id).unwrap();
            assert!(dao.collections[&1].queued.is_some());
        }
        if stage > 3 {
            dao.pass(7 * DAY);
            dao.execute(id).unwrap();
            assert_eq!(veto(&mut dao, id, &[101, 102]), Err(GovernorError::WrongState(State::Executed)));
            continue;
        }
        veto(&mut dao, id, &[101, 102]).unwrap();
        assert_eq!((dao.state(id), dao.collections[&1].queued), (State::Cancelled, None));
        assert_eq!(dao.execute(id), Err(GovernorError::WrongState(State::Cancelled)));
        assert_eq!(dao.queue(id), Err(GovernorError::WrongState(State::Cancelled)));
        dao.propose(1, TrackId::Widen, widening()).unwrap();
    }
}

#[test]
fn a_veto_needs_a_quorum_of_distinct_guardians_in_office_over_this_very_proposal() {
    let mut dao = Dao::of(&[100, 100]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    assert_eq!(veto(&mut dao, id, &[]), Err(GovernorError::TooFewGuardians));
    assert_eq!(veto(&mut dao, id, &[101]), Err(GovernorError::TooFewGuardians));
    assert_eq!(veto(&mut dao, id, &[101, 101]), Err(GovernorError::NotGuardian));
    assert_eq!(veto(&mut dao, id, &[101, 1]), Err(GovernorError::NotGuardian));
    let other = dao.propose(2, TrackId::Widen, widening()).unwrap();
    let deadline = dao.now + HOUR;
    let content = dao.head(other).content;
    let message = signing::veto(&dao.genesis(), &dao.governor(), other, &content, deadline);
    let signed = signatures(&message, &[101, 102]);
    let answer = dao.send(99, |dao| voting::veto(dao, id, deadline, signed.clone()));
    assert_eq!(answer, Err(GovernorError::BadSignature));
    dao.pass_until(deadline + 1);
    let answer = dao.send(99, |dao| voting::veto(dao, other, deadline, signed));
    assert_eq!(answer, Err(GovernorError::SignatureExpired));
    dao.pass_until(START + 365 * DAY);
    let late = dao.propose(1, TrackId::Widen, widening()).unwrap();
    assert_eq!(veto(&mut dao, late, &[101, 102]), Err(GovernorError::TermOver));
}

#[test]
fn guardians_do_not_cancel_a_narrowing() {
    let mut dao = Dao::of(&[100]);
    let id = dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
    assert_eq!(veto(&mut dao, id, &[101, 102]), Err(GovernorError::MayNotCancel));
}

/// Named in governance.md.
#[test]
fn attack_guardians_vetoing_their_own_removal() {
    let mut dao = Dao::of(&[100]);
    let removal = Action::Governor(GovernorChange::Guardians { members: vec![], quorum: 0 });
    let bundled = dao.propose(1, TrackId::Members, vec![removal.clone(), call(VOICE, MINT)]);
    assert_eq!(bundled, Err(GovernorError::ActionNotAlone), "nothing else hides behind the removal");
    let id = dao.propose(1, TrackId::Members, vec![removal]).unwrap();
    for signers in [&[101, 102][..], &[101, 102, 103]] {
        assert_eq!(veto(&mut dao, id, signers), Err(GovernorError::MayNotCancel));
    }
    dao.decide(id, &[1]);
    assert_eq!(veto(&mut dao, id, &[101, 102]), Err(GovernorError::MayNotCancel));
    dao.pass(2 * DAY);
    dao.execute(id).unwrap();
    let next = dao.propose(1, TrackId::Widen, widening()).unwrap();
    assert_eq!(veto(&mut dao, next, &[101, 102]), Err(GovernorError::NotGuardian));
    assert_eq!(veto(&mut dao, next, &[]), Err(GovernorError::TooFewGuardians), "nobody is no quorum");
}

#[test]
fn an_emergency_act_is_in_force_at_once_and_lapses_without_a_vote() {
    let mut dao = Dao::of(&[100]);
    let id = act(&mut dao, suspension(), &[101, 103]).unwrap();
    assert_eq!(dao.in_force, vec![suspension()]);
    assert_eq!(settle(&mut dao, id), Err(GovernorError::WrongState(State::Pending)));
    dao.pass(14 * DAY - 1);
    assert_eq!(settle(&mut dao, id), Err(GovernorError::NotOverturned));
    dao.pass(1);
    assert_eq!(settle(&mut dao, id), Ok(EmergencyEnd::Lapsed));
    assert!(dao.in_force.is_empty());
    assert_eq!(settle(&mut dao, id), Err(GovernorError::WrongState(State::Defeated)));
}

#[test]
fn a_members_vote_confirms_an_emergency_act_for_good() {
    let mut dao = Dao::of(&[10, 90]);
    let id = act(&mut dao, suspension(), &[101, 103]).unwrap();
    dao.pass(1);
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    dao.pass_until(START + 14 * DAY);
    assert_eq!(dao.execute(id), Err(GovernorError::UnknownProposal), "there is nothing to execute");
    assert_eq!(settle(&mut dao, id), Ok(EmergencyEnd::Confirmed));
    assert_eq!(dao.in_force, vec![suspension()]);
    // Also when nobody says so for a year.
    let mut dao = Dao::of(&[10, 90]);
    let id = act(&mut dao, suspension(), &[101, 103]).unwrap();
    dao.pass(1);
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    dao.pass(400 * DAY);
    assert_eq!(settle(&mut dao, id), Ok(EmergencyEnd::Confirmed));
}

#[test]
fn members_overturn_a_guardian_who_overreaches_at_once() {
    // More than half of the votes, and at least 5 % of all voice.
    for (against, favour, overturned) in [(49, 0, false), (50, 0, true), (60, 60, false), (61, 60, true)] {
        let mut dao = Dao::of(&[against, favour + 1, 999 - against - favour]);
        let id = act(&mut dao, EmergencyAct::Pause, &[101, 102]).unwrap();
        dao.pass(1);
        dao.vote(1, id, Parts::AGAINST).unwrap();
        if favour > 0 {
            let share = u16::try_from((favour * 10_000).div_ceil(favour + 1)).unwrap();
            dao.vote(2, id, Parts { favour: share, against: 0, abstain: 10_000 - share }).unwrap();
        }
        assert_eq!((dao.tally(id).0, dao.tally(id).1), (favour, against));
        let expected =
            if overturned { Ok(EmergencyEnd::Overturned) } else { Err(GovernorError::NotOverturned) };
        assert_eq!(settle(&mut dao, id), expected);
        assert_eq!(dao.in_force.is_empty(), overturned);
    }
}

#[test]
fn guardians_cannot_repeat_an_act_that_lapsed_or_was_overturned_until_it_has_rested() {
    let mut dao = Dao::of(&[100]);
    let id = act(&mut dao, suspension(), &[101, 102]).unwrap();
    assert_eq!(act(&mut dao, suspension(), &[101, 102]), Err(GovernorError::TooSoonAgain));
    dao.pass(1);
    dao.vote(1, id, Parts::AGAINST).unwrap();
    settle(&mut dao, id).unwrap();
    dao.pass(14 * DAY - 1);
    assert_eq!(act(&mut dao, suspension(), &[101, 102]), Err(GovernorError::TooSoonAgain));
    act(&mut dao, EmergencyAct::Suspend(account(8)), &[101, 102]).unwrap();
    dao.pass(1);
    act(&mut dao, suspension(), &[101, 102]).unwrap();
}

#[test]
fn an_emergency_act_needs_a_quorum_of_signatures_over_this_act_and_number() {
    let mut dao = Dao::of(&[100]);
    assert_eq!(act(&mut dao, suspension(), &[101]), Err(GovernorError::TooFewGuardians));
    assert_eq!(act(&mut dao, suspension(), &[101, 101]), Err(GovernorError::NotGuardian));
    assert_eq!(act(&mut dao, suspension(), &[101, 102, 1]), Err(GovernorError::NotGuardian));
    let deadline = dao.now + 90 * DAY;
    let signed = signatures(&message_of(&dao, &suspension(), deadline), &[101, 102]);
    let other = EmergencyAct::Suspend(account(8));
    let answer = dao.send(99, |dao| voting::act(dao, other, deadline, signed.clone()));
    assert_eq!(answer, Err(GovernorError::BadSignature), "signed for another account");
    let id = dao.send(99, |dao| voting::act(dao, suspension(), deadline, signed.clone())).unwrap();
    dao.pass(14 * DAY);
    settle(&mut dao, id).unwrap();
    dao.pass(14 * DAY);
    let answer = dao.send(99, |dao| voting::act(dao, suspension(), deadline, signed));
    assert_eq!(answer, Err(GovernorError::BadSignature), "an act is signed for once");
    dao.pass_until(START + 365 * DAY);
    assert_eq!(act(&mut dao, suspension(), &[101, 102]), Err(GovernorError::TermOver));
}

#[test]
fn an_act_stays_open_when_its_end_is_refused_so_that_nobody_can_starve_it_of_gas() {
    let mut dao = Dao::of(&[100]);
    let id = act(&mut dao, suspension(), &[101, 102]).unwrap();
    dao.pass(14 * DAY);
    dao.end_fails = true;
    assert_eq!(settle(&mut dao, id), Err(GovernorError::Unreachable));
    dao.end_fails = false;
    assert_eq!(settle(&mut dao, id), Ok(EmergencyEnd::Lapsed));
}

#[test]
fn delegates_vote_on_emergencies_under_their_mandates() {
    let mut dao = Dao::of(&[100, 1]);
    let ends = commons::delegation::month_of(START) + 3;
    dao.delegate(1, Some(TrackId::Emergency), vec![to(2, 5_000, true, ends)]).unwrap();
    let id = act(&mut dao, EmergencyAct::Pause, &[101, 102]).unwrap();
    dao.pass(1);
    dao.vote(2, id, Parts::AGAINST).unwrap();
    assert_eq!(dao.tally(id), (0, 51, 0));
    assert_eq!(settle(&mut dao, id), Ok(EmergencyEnd::Overturned));
}

#[test]
fn a_change_of_settings_is_checked_and_the_guardians_term_begins_with_their_election() {
    let mut dao = Dao::of(&[100]);
    let settings = Settings { narrow_interval: DAY, guardian_term: 10 * DAY, emergency_rest: DAY };
    let change = |settings| vec![Action::Governor(GovernorChange::Settings(settings))];
    let unsound = Settings { guardian_term: 0, ..settings };
    let refused = dao.propose(1, TrackId::Parameters, change(unsound));
    assert_eq!(refused, Err(GovernorError::UnsoundAction { action: 0 }));
    dao.pass_proposal(TrackId::Parameters, change(settings), &[1]).unwrap();
    assert_eq!(dao.guardians().until, START + 365 * DAY, "their own term stays");
    let members = vec![account(5)];
    let election = vec![Action::Governor(GovernorChange::Guardians { members, quorum: 1 })];
    dao.pass_proposal(TrackId::Members, election, &[1]).unwrap();
    assert_eq!(dao.guardians().until, dao.now + 10 * DAY);
}
