//! Ballots: parts, delegates, overrides, changes of mind, recusal, and exact sums.

use super::dao::*;
use commons::{
    delegation::month_of,
    voting::{Ballot, BallotError, Event, GovernorError, Parts, Tally, TrackId},
};

const HALVES: Parts = Parts { favour: 5_000, against: 5_000, abstain: 0 };

fn own(parts: Parts) -> Ballot {
    Ballot { own: Some(parts), delegated: None }
}

fn delegated(parts: Parts) -> Ballot {
    Ballot { own: None, delegated: Some(parts) }
}

fn ends() -> u16 {
    month_of(START) + 12
}

/// Member 1 has put 60 % of its 100 into the hands of 2 and a tenth of it, narrowing only, into those of 3.
fn delegating() -> (Dao, u32) {
    let mut dao = Dao::of(&[100, 50, 7]);
    dao.delegate(1, None, vec![to(2, 6_000, false, ends()), to(3, 1_000, true, ends())]).unwrap();
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    (dao, id)
}

#[test]
fn what_flooring_leaves_over_abstains() {
    let mut dao = Dao::of(&[101, 1]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    dao.vote(1, id, HALVES).unwrap();
    assert_eq!(dao.tally(id), (50, 50, 1));
    dao.vote(2, id, Parts { favour: 3_334, against: 3_333, abstain: 3_333 }).unwrap();
    assert_eq!(dao.tally(id), (50, 50, 2));
}

#[test]
fn a_ballot_is_replaced_as_often_as_its_voter_likes() {
    let mut dao = Dao::of(&[100, 50]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    dao.vote(2, id, Parts::ABSTAIN).unwrap();
    for (nonce, parts, tally) in [
        (0, Parts::FAVOUR, (100, 0, 50)),
        (1, Parts::AGAINST, (0, 100, 50)),
        (2, HALVES, (50, 50, 50)),
        (3, Parts::FAVOUR, (100, 0, 50)),
    ] {
        assert_eq!(dao.seats.get(&(id, account(1))).map_or(0, |seat| seat.nonce), nonce);
        dao.vote(1, id, parts).unwrap();
        assert_eq!(dao.tally(id), tally);
    }
}

#[test]
fn a_delegate_votes_its_own_voice_and_what_is_delegated_each_as_it_likes() {
    let (mut dao, id) = delegating();
    dao.cast(2, id, delegated(Parts::FAVOUR)).unwrap();
    assert_eq!(dao.tally(id), (60, 0, 0));
    dao.cast(2, id, own(Parts::AGAINST)).unwrap();
    assert_eq!(dao.tally(id), (60, 50, 0));
    dao.cast(2, id, Ballot { own: Some(Parts::FAVOUR), delegated: Some(HALVES) }).unwrap();
    assert_eq!(dao.tally(id), (80, 30, 0));
}

#[test]
fn narrow_only_voice_abstains_where_its_delegate_favours_a_widening() {
    let (mut dao, id) = delegating();
    dao.cast(3, id, delegated(Parts::FAVOUR)).unwrap();
    assert_eq!(dao.tally(id), (0, 0, 10));
    dao.cast(3, id, delegated(Parts::AGAINST)).unwrap();
    assert_eq!(dao.tally(id), (0, 10, 0));
    dao.cast(3, id, delegated(HALVES)).unwrap();
    assert_eq!(dao.tally(id), (0, 5, 5));
}

#[test]
fn narrow_only_voice_counts_fully_on_a_narrowing_and_on_every_other_track() {
    for (track, actions) in [
        (TrackId::Narrow, narrowing()),
        (TrackId::Widen, narrowing()),
        (TrackId::Treasury, payment(9, 1)),
        (TrackId::Members, vec![call(VOICE, MINT)]),
    ] {
        let mut dao = Dao::of(&[100, 50, 7]);
        dao.delegate(1, None, vec![to(3, 1_000, true, ends())]).unwrap();
        let id = dao.propose(1, track, actions).unwrap();
        dao.pass(1);
        dao.cast(3, id, delegated(Parts::FAVOUR)).unwrap();
        assert_eq!(dao.tally(id), (10, 0, 0));
    }
}

#[test]
fn an_owner_overrides_before_or_after_the_delegates_with_the_same_result() {
    for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
        let (mut dao, id) = delegating();
        for voter in order {
            match voter {
                1 => dao.cast(1, id, own(Parts::AGAINST)).unwrap(),
                2 => dao.cast(2, id, Ballot { own: Some(Parts::FAVOUR), delegated: Some(HALVES) }).unwrap(),
                _ => dao.cast(3, id, Ballot { own: Some(HALVES), delegated: Some(Parts::FAVOUR) }).unwrap(),
            }
        }
        assert_eq!(dao.tally(id), (53, 103, 1));
    }
}

#[test]
fn an_override_takes_exactly_what_the_delegate_held() {
    let (mut dao, id) = delegating();
    dao.vote(2, id, Parts::FAVOUR).unwrap();
    dao.vote(3, id, Parts::FAVOUR).unwrap();
    assert_eq!(dao.tally(id), (117, 0, 10));
    dao.vote(1, id, Parts::AGAINST).unwrap();
    assert_eq!(dao.tally(id), (57, 100, 0));
    let overridden: Vec<_> = dao
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Overridden { owner, entrusted, .. } => {
                Some((*owner, entrusted.delegate, entrusted.amount))
            }
            _ => None,
        })
        .collect();
    assert_eq!(overridden, vec![(account(1), account(2), 60), (account(1), account(3), 10)]);
}

#[test]
fn an_override_is_made_once_however_often_its_owner_votes_again() {
    let (mut dao, id) = delegating();
    dao.vote(2, id, Parts::FAVOUR).unwrap();
    for _ in 0..5 {
        dao.vote(1, id, Parts::AGAINST).unwrap();
        dao.vote(2, id, Parts::FAVOUR).unwrap();
        assert_eq!(dao.tally(id), (50, 100, 0));
    }
}

#[test]
fn a_delegate_with_nothing_left_may_cast_and_adds_nothing() {
    let (mut dao, id) = delegating();
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    dao.cast(2, id, delegated(Parts::AGAINST)).unwrap();
    assert_eq!(dao.tally(id), (100, 0, 0));
}

#[test]
fn a_delegate_without_voice_of_its_own_votes_for_others() {
    let mut dao = Dao::of(&[100]);
    dao.delegate(1, None, vec![to(50, 10_000, false, ends())]).unwrap();
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    dao.vote(50, id, Parts::FAVOUR).unwrap();
    assert_eq!(dao.tally(id), (100, 0, 0));
    assert_eq!(dao.cast(50, id, own(Parts::FAVOUR)), Err(GovernorError::Ballot(BallotError::NoVoice)));
}

#[test]
fn a_ballot_that_breaks_a_rule_is_refused() {
    let (mut dao, id) = delegating();
    let refused = |dao: &mut Dao, voter, ballot, error| {
        assert_eq!(dao.cast(voter, id, ballot), Err(GovernorError::Ballot(error)));
    };
    let over = Parts { favour: 10_000, against: 1, abstain: 0 };
    let under = Parts { favour: 1, against: 1, abstain: 1 };
    let wrapping = Parts { favour: u16::MAX, against: 10_001, abstain: 0 };
    refused(&mut dao, 1, Ballot { own: None, delegated: None }, BallotError::Empty);
    for parts in [over, under, wrapping] {
        refused(&mut dao, 1, own(parts), BallotError::PartsOutOfRange);
        refused(&mut dao, 2, delegated(parts), BallotError::PartsOutOfRange);
    }
    refused(&mut dao, 1, delegated(Parts::FAVOUR), BallotError::NoVoice);
    refused(&mut dao, 77, own(Parts::FAVOUR), BallotError::NoVoice);
    refused(&mut dao, 77, Ballot { own: Some(HALVES), delegated: Some(HALVES) }, BallotError::NoVoice);
    assert_eq!(dao.tally(id), (0, 0, 0));
}

#[test]
fn a_struck_account_has_no_part_kept_or_delegated_away_and_votes_for_nobody() {
    let (mut dao, id) = delegating();
    dao.delegate(2, None, vec![]).unwrap();
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    dao.vote(2, id, Parts::FAVOUR).unwrap();
    dao.live.insert((1, account(1)), 1);
    dao.recuse(id, 1).unwrap();
    assert_eq!(dao.tally(id), (50, 0, 0));
    assert_eq!(dao.vote(1, id, Parts::FAVOUR), Err(GovernorError::Conflicted));
    dao.live.clear();
    let once_struck = Err(GovernorError::Ballot(BallotError::Struck));
    assert_eq!(dao.vote(1, id, Parts::FAVOUR), once_struck, "struck for that proposal");
    dao.live.insert((1, account(1)), 1);
    assert_eq!(dao.recuse(id, 1), once_struck);
}

#[test]
fn a_struck_owner_who_never_voted_takes_its_voice_from_its_delegates() {
    let (mut dao, id) = delegating();
    dao.vote(2, id, Parts::FAVOUR).unwrap();
    dao.live.insert((1, account(1)), 1);
    dao.recuse(id, 1).unwrap();
    assert_eq!(dao.tally(id), (50, 0, 0));
    dao.vote(3, id, Parts::FAVOUR).unwrap();
    assert_eq!(dao.tally(id), (57, 0, 0), "also from the one who votes later");
}

#[test]
fn owners_still_vote_what_they_had_delegated_to_a_struck_account() {
    let (mut dao, id) = delegating();
    dao.vote(2, id, Parts::AGAINST).unwrap();
    dao.live.insert((1, account(2)), 1);
    dao.recuse(id, 2).unwrap();
    assert_eq!(dao.tally(id), (0, 0, 0));
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    assert_eq!(dao.tally(id), (100, 0, 0));
}

#[test]
fn nobody_is_struck_without_a_conflict_or_without_voice_or_outside_a_policy_vote() {
    let (mut dao, id) = delegating();
    assert_eq!(dao.recuse(id, 1), Err(GovernorError::NotConflicted));
    dao.live.insert((2, account(1)), 1);
    assert_eq!(dao.recuse(id, 1), Err(GovernorError::NotConflicted), "an order of another collection");
    dao.live.insert((1, account(80)), 1);
    assert_eq!(dao.recuse(id, 80), Err(GovernorError::Ballot(BallotError::NoVoice)));
    dao.live.insert((1, account(2)), 1);
    let treasury = dao.propose(2, TrackId::Treasury, payment(9, 1)).unwrap();
    dao.pass(1);
    assert_eq!(dao.recuse(treasury, 2), Err(GovernorError::NotConflicted));
    dao.vote(2, treasury, Parts::FAVOUR).unwrap();
    assert_eq!(dao.tally(treasury), (110, 0, 0));
}

#[test]
fn every_ballot_tells_what_it_contributes_and_the_tally_after_it() {
    let (mut dao, id) = delegating();
    dao.cast(2, id, Ballot { own: Some(Parts::AGAINST), delegated: Some(HALVES) }).unwrap();
    let Some(Event::BallotCast { own, delegated, tally, nonce: 0, signed: false, .. }) = dao.events.last()
    else {
        panic!("no ballot was told");
    };
    assert_eq!(*own, Tally { favour: 0, against: 50, abstain: 0 });
    assert_eq!(*delegated, Tally { favour: 30, against: 30, abstain: 0 });
    assert_eq!(*tally, Tally { favour: 30, against: 80, abstain: 0 });
}

#[test]
fn a_delegation_made_after_the_proposal_changes_nothing_in_it() {
    let (mut dao, id) = delegating();
    dao.delegate(1, None, vec![to(3, 10_000, false, ends())]).unwrap();
    dao.pass(1);
    dao.cast(3, id, delegated(Parts::AGAINST)).unwrap();
    assert_eq!(dao.tally(id), (0, 10, 0));
    dao.cast(2, id, delegated(Parts::AGAINST)).unwrap();
    assert_eq!(dao.tally(id), (0, 70, 0));
}
