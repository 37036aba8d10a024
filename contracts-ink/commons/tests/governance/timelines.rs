//! Closes, Confirming, curves and late swings.

use super::dao::*;
use commons::{
    delegation::WHOLE,
    voting::{Cause, Count, GovernorError, Parts, Passing, Standing, State, Tally, Timeline, Track, TrackId},
};

fn voted(against: u128) -> (Dao, u32) {
    let mut dao = Dao::of(&[60, against, 100 - against]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    (dao, id)
}

const TENTH: u64 = 7 * DAY / 10;

#[test]
fn a_result_that_turns_in_the_last_tenth_extends_the_vote_once() {
    let (mut dao, id) = voted(40);
    dao.pass_until(START + 7 * DAY - TENTH);
    dao.vote(2, id, Parts::AGAINST).unwrap();
    assert_eq!(dao.head(id).timeline.closes, START + 7 * DAY + TENTH);
    // It turns again, in the extension: not extended again.
    dao.pass_until(START + 7 * DAY + TENTH - 1);
    dao.vote(2, id, Parts::ABSTAIN).unwrap();
    assert_eq!(dao.head(id).timeline.closes, START + 7 * DAY + TENTH);
    dao.pass(1);
    assert_eq!(dao.state(id), State::Confirming);
}

#[test]
fn a_result_that_turns_before_the_last_tenth_does_not_extend() {
    let (mut dao, id) = voted(40);
    dao.pass_until(START + 7 * DAY - TENTH - 1);
    dao.vote(2, id, Parts::AGAINST).unwrap();
    assert_eq!(dao.head(id).timeline.closes, START + 7 * DAY);
    dao.pass_until(START + 7 * DAY);
    assert_eq!(dao.state(id), State::Defeated);
}

#[test]
fn a_late_ballot_that_turns_nothing_does_not_extend() {
    let (mut dao, id) = voted(20);
    dao.pass_until(START + 7 * DAY - 1);
    dao.vote(2, id, Parts::AGAINST).unwrap();
    assert_eq!(dao.head(id).timeline.closes, START + 7 * DAY);
}

#[test]
fn a_result_that_turns_in_confirming_gets_a_tenth_more_and_then_confirms_anew() {
    let (mut dao, id) = voted(40);
    dao.pass_until(START + 7 * DAY + HOUR);
    assert_eq!(dao.state(id), State::Confirming);
    dao.vote(2, id, Parts::AGAINST).unwrap();
    assert_eq!(dao.state(id), State::Active);
    let closes = START + 7 * DAY + HOUR + TENTH;
    assert_eq!(dao.head(id).timeline.closes, closes);
    dao.vote(2, id, Parts::ABSTAIN).unwrap();
    assert_eq!(dao.state(id), State::Active);
    dao.pass_until(closes);
    assert_eq!(dao.state(id), State::Confirming);
    dao.pass_until(closes + DAY - 1);
    assert_eq!(dao.queue(id), Err(GovernorError::WrongState(State::Confirming)));
    dao.pass(1);
    dao.queue(id).unwrap();
}

#[test]
fn a_result_that_fails_in_confirming_after_its_extension_is_defeated_for_good() {
    let (mut dao, id) = voted(40);
    dao.pass_until(START + 7 * DAY + HOUR);
    dao.vote(2, id, Parts::AGAINST).unwrap();
    dao.vote(2, id, Parts::ABSTAIN).unwrap();
    dao.pass_until(dao.head(id).timeline.closes + HOUR);
    assert_eq!(dao.state(id), State::Confirming);
    dao.vote(2, id, Parts::AGAINST).unwrap();
    assert_eq!(dao.state(id), State::Defeated);
    assert_eq!(dao.vote(2, id, Parts::FAVOUR), Err(GovernorError::WrongState(State::Defeated)));
    dao.pass(10 * DAY);
    assert_eq!(dao.state(id), State::Defeated);
}

#[test]
fn a_recusal_counts_as_a_turn() {
    let (mut dao, id) = voted(20);
    dao.vote(2, id, Parts::AGAINST).unwrap();
    dao.live.insert((1, account(2)), 1);
    dao.pass_until(START + 7 * DAY - TENTH - 1);
    let mut early = dao.clone();
    early.recuse(id, 2).unwrap();
    assert!(!early.head(id).timeline.extended);
    for (wait, closes) in [
        (1, START + 7 * DAY + TENTH),
        (TENTH, START + 7 * DAY + TENTH),
        (TENTH + HOUR + 1, START + 7 * DAY + HOUR + TENTH),
    ] {
        let mut late = dao.clone();
        late.pass(wait);
        late.recuse(id, 2).unwrap();
        assert_eq!(late.head(id).timeline.closes, closes, "time for those whose delegate was struck");
        assert_eq!(late.state(id), State::Active);
    }
}

#[test]
fn nobody_is_recused_when_the_vote_is_over() {
    let (mut dao, id) = voted(20);
    dao.live.insert((1, account(1)), 1);
    dao.pass_until(START + 8 * DAY);
    assert_eq!(dao.recuse(id, 1), Err(GovernorError::WrongState(State::Confirming)));
    dao.queue(id).unwrap();
    assert_eq!(dao.recuse(id, 1), Err(GovernorError::WrongState(State::Queued)));
}

fn falling() -> Track {
    tracks()[&TrackId::Treasury]
}

fn count(favour: u128, against: u128) -> Count {
    Count { tally: Tally { favour, against, abstain: 0 }, total: Some(10_000) }
}

#[test]
fn the_curve_falls_in_a_straight_line_and_never_below_its_end() {
    let track = falling();
    assert_eq!(track.support_at(0), 2_000);
    assert_eq!(track.support_at(WHOLE / 2), 1_250);
    assert_eq!(track.support_at(WHOLE), 500);
    for progress in 1..=WHOLE {
        let fall = track.support_at(progress - 1) - track.support_at(progress);
        assert!(fall <= 1, "no jump");
    }
}

/// Walks through time in steps instead of solving for it.
#[test]
fn confirming_begins_in_the_first_moment_in_which_the_falling_curve_lets_it() {
    let track = falling();
    for favour in (450..2_050).step_by(50) {
        let timeline = Timeline::open(&track, START);
        let count = count(favour, 0);
        let step = track.decision / u64::from(WHOLE) + 1;
        let first =
            (0..).map(|index| START + index * step).take_while(|now| *now <= timeline.closes).find(|now| {
                let progress = (u128::from(now - START) * 10_000 / u128::from(track.decision)) as u16;
                track.passes(&count, progress)
            });
        match (first, timeline.standing(&track, &count, timeline.closes + track.confirm)) {
            (Some(first), Standing::Confirmed { at }) => {
                let since = at - track.confirm;
                assert!(since <= first && first < since + 2 * step, "{favour}: {since} {first}");
                assert!(
                    since == START
                        || !matches!(
                            timeline.standing(&track, &count, since - 1),
                            Standing::Confirming { .. }
                        )
                );
                assert!(matches!(timeline.standing(&track, &count, since), Standing::Confirming { .. }));
            }
            (None, Standing::Defeated { at }) => assert_eq!(at, timeline.closes),
            (None, Standing::Confirmed { at }) => assert_eq!(at - track.confirm, timeline.closes),
            other => panic!("{favour}: {other:?}"),
        }
    }
}

#[test]
fn confirming_begins_to_the_millisecond_also_where_the_period_does_not_divide_evenly() {
    let track = Track { decision: 7 * DAY - 1, ..falling() };
    for favour in 501..2_050 {
        let timeline = Timeline::open(&track, START);
        let count = count(favour, 0);
        let Standing::Confirmed { at } = timeline.standing(&track, &count, START + 30 * DAY) else {
            panic!("{favour} is enough at the close");
        };
        let since = at - track.confirm;
        let progress = |now: u64| (u128::from(now - START) * 10_000 / u128::from(track.decision)) as u16;
        assert!(track.passes(&count, progress(since)), "{favour}");
        assert!(since == START || !track.passes(&count, progress(since - 1)), "{favour}");
    }
}

#[test]
fn a_result_that_fails_before_the_close_of_a_falling_track_begins_again_when_it_passes_again() {
    let track = falling();
    let mut timeline = Timeline::open(&track, START);
    let (high, failing) = (count(2_500, 0), count(2_500, 2_600));
    let settle = |timeline: &mut Timeline, before: &Count, after: &Count, now: u64| {
        timeline.settle(&track, before, after, Cause::Ballot, now, true)
    };
    assert!(!settle(&mut timeline, &count(0, 0), &high, START + HOUR));
    assert!(matches!(timeline.standing(&track, &high, START + DAY), Standing::Confirming { .. }));
    assert!(!settle(&mut timeline, &high, &failing, START + DAY));
    assert_eq!(timeline.standing(&track, &failing, START + 2 * DAY), Standing::Active);
    assert!(!settle(&mut timeline, &failing, &high, START + 2 * DAY));
    assert_eq!(
        timeline.standing(&track, &high, START + 3 * DAY),
        Standing::Confirmed { at: START + 3 * DAY }
    );
}

#[test]
fn confirming_that_began_before_the_close_runs_on_after_it() {
    let track = falling();
    let mut timeline = Timeline::open(&track, START);
    let at = START + 7 * DAY - TENTH - HOUR;
    timeline.settle(&track, &count(0, 0), &count(1_000, 0), Cause::Ballot, at, true);
    let standing = |now| timeline.standing(&track, &count(1_000, 0), now);
    assert!(at + DAY > START + 7 * DAY);
    assert_eq!(standing(START + 7 * DAY), Standing::Confirming { since: at });
    assert_eq!(standing(at + DAY - 1), Standing::Confirming { since: at });
    assert_eq!(standing(at + DAY), Standing::Confirmed { at: at + DAY });
}

#[test]
fn thresholds_of_rounded_shares_are_exact() {
    let track = Track {
        passing: Passing::Ratio { approval: 6_667, support_from: 2_000, support_to: 2_000 },
        ..tracks()[&TrackId::Widen]
    };
    assert!(!track.passes(&count(1_999, 0), 0));
    assert!(track.passes(&count(2_000, 0), 0));
    assert!(!track.passes(&count(6_666, 3_334), 0));
    assert!(track.passes(&count(6_667, 3_333), 0));
    assert!(!track.passes(&Count { total: None, ..count(2_000, 0) }, 0));
}

#[test]
fn a_track_must_be_able_to_govern() {
    let sound = tracks();
    for (id, track) in &sound {
        assert!(track.fits(*id), "{id:?}");
    }
    let widen = sound[&TrackId::Widen];
    let ratio = |approval, support_from, support_to| Track {
        passing: Passing::Ratio { approval, support_from, support_to },
        ..widen
    };
    for unsound in [
        ratio(4_999, 1, 1),
        ratio(10_001, 1, 1),
        ratio(5_000, 10_001, 1),
        ratio(5_000, 1, 2),
        ratio(5_000, 0, 0),
        Track { decision: 0, ..widen },
        Track { grace: 0, ..widen },
        Track { delay: 0, ..widen },
        Track { delay: 367 * DAY, ..widen },
        Track { threshold: 10_001, ..widen },
        sound[&TrackId::Narrow],
    ] {
        assert!(!unsound.fits(TrackId::Widen), "{unsound:?}");
    }
    let narrow = sound[&TrackId::Narrow];
    for objection in [0, 10_001] {
        assert!(!Track { passing: Passing::Optimistic { objection }, ..narrow }.fits(TrackId::Narrow));
    }
    let emergency = sound[&TrackId::Emergency];
    assert!(!Track { confirm: 1, ..emergency }.fits(TrackId::Emergency));
    assert!(!Track { delay: 1, ..emergency }.fits(TrackId::Emergency));
    assert!(!narrow.fits(TrackId::Emergency));
}
