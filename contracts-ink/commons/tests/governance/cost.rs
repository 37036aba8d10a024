//! What a ballot costs: reads and writes, counted.

use super::dao::*;
use commons::{
    delegation::{month_of, Moment},
    voting::{Parts, TrackId, World},
};

#[test]
fn a_ballot_costs_the_same_with_one_voter_and_with_many_voters_delegations_and_proposals() {
    let cost = |dao: &mut Dao, voter, id| {
        dao.accesses.set(0);
        dao.vote(voter, id, Parts::FAVOUR).unwrap();
        dao.accesses.get()
    };
    let ends = month_of(START) + 6;
    let quiet = {
        let mut dao = Dao::of(&[1_000; 6]);
        dao.delegate(1, None, (2..6).map(|delegate| to(delegate, 2_500, false, ends)).collect()).unwrap();
        let id = dao.propose(1, TrackId::Treasury, payment(9, 1)).unwrap();
        dao.pass(1);
        cost(&mut dao, 1, id)
    };
    let busy = {
        let mut dao = Dao::of(&[1_000; 90]);
        for owner in 1..=80 {
            let list = (0..4).map(|next| to((owner + next) % 90 + 1, 2_500, next % 2 == 0, ends)).collect();
            dao.delegate(owner, None, list).unwrap();
        }
        let mut id = 0;
        for proposer in 1..=90 {
            id = dao.propose(proposer, TrackId::Treasury, payment(9, 1)).unwrap();
        }
        dao.pass(1);
        for voter in 2..=90 {
            dao.vote(voter, id, Parts::AGAINST).unwrap();
        }
        cost(&mut dao, 1, id)
    };
    assert_eq!(quiet, busy);
    assert!(busy <= 2 * (4 + 1) + 4, "its own seat, four delegates' and the proposal: {busy}");
}

#[test]
fn a_look_up_grows_with_the_logarithm_of_the_accounts_own_history() {
    let reads_after = |changes: u32| {
        let mut dao = Dao::of(&[1_000, 1_000]);
        for _ in 0..changes {
            dao.pass(1);
            dao.mint(1, 1);
            let ends = month_of(dao.now) + 6;
            dao.delegate(1, None, vec![to(2, 5_000, false, ends)]).unwrap();
        }
        dao.pass(1);
        let mut most = 0;
        for block in (10..dao.block).step_by(7) {
            dao.rows.reads.set(0);
            dao.snapshot(&account(2), TrackId::Widen, Moment { block, time: START }).unwrap();
            most = most.max(dao.rows.reads.get());
        }
        most
    };
    let (few, many) = (reads_after(64), reads_after(4_096));
    assert!(many <= few + 2 * 6 + 2, "64 times the history, six steps more a search: {few} {many}");
}

#[test]
fn a_delegates_row_never_has_more_than_24_sums() {
    let mut dao = Dao::of(&[1_000; 40]);
    for round in 0..200u16 {
        let month = month_of(dao.now);
        for owner in 1..=30 {
            let ends = month + 1 + (u16::from(owner) + round) % 24;
            dao.delegate(owner, None, vec![to(40, 10_000, owner % 3 == 0, ends)]).unwrap();
        }
        dao.pass(9 * DAY);
    }
    assert!(dao.rows.widest_row() <= 24);
    assert!(dao.rows.longest_history() <= 201);
}
