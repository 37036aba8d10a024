//! The attacks of governance.md, each under its name. (Guardians vetoing their own removal: `guardians`.)

use super::dao::*;
use commons::{
    delegation::{month_of, start_of_month},
    policy::{AdministrationError, Direction},
    signing::{self, blake2_256},
    terms::Permission,
    voting::{
        self, Action, Ballot, Call, GovernorChange, GovernorError, Parts, Passing, PolicyChange,
        SignedBallot, State, TrackId, World,
    },
    AccountId, Digest,
};

fn ends() -> u16 {
    month_of(START) + 12
}

#[test]
fn attack_flash_minted_voice() {
    let mut dao = Dao::of(&[98, 1, 1]);
    // Minted in the very block of the proposal: not enough to propose, which reads the block before it.
    dao.mint(50, 100);
    assert_eq!(dao.propose(50, TrackId::Widen, widening()), Err(GovernorError::BelowThreshold));
    dao.mint(50, -100);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    // Minted after it: no part in it, neither in a ballot nor in the denominator.
    dao.pass(1);
    dao.mint(50, 1_000_000);
    dao.mint(2, 1_000_000);
    dao.pass(1);
    assert!(dao.vote(50, id, Parts::AGAINST).is_err());
    dao.vote(2, id, Parts::AGAINST).unwrap();
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    assert_eq!((dao.tally(id), dao.head(id).total), ((98, 1, 0), Some(100)));
    // And what is burned after it still counts: a member cannot be silenced during a vote.
    dao.mint(3, -1);
    dao.pass(1);
    dao.vote(3, id, Parts::AGAINST).unwrap();
    assert_eq!(dao.tally(id), (98, 2, 0));
}

#[test]
fn attack_double_counting_through_override_redelegation_or_mint_after_the_snapshot() {
    let mut dao = Dao::of(&[100, 40, 40]);
    dao.delegate(1, None, vec![to(2, 10_000, false, ends())]).unwrap();
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    dao.vote(2, id, Parts::FAVOUR).unwrap();
    assert_eq!(dao.tally(id), (140, 0, 0));
    // The owner re-delegates to an accomplice, who votes too.
    dao.delegate(1, None, vec![to(3, 10_000, false, ends())]).unwrap();
    dao.mint(1, 500);
    dao.pass(1);
    dao.vote(3, id, Parts::FAVOUR).unwrap();
    assert_eq!(dao.tally(id), (180, 0, 0));
    // The owner votes as well, and all vote again.
    for voter in [1, 2, 3, 2, 1] {
        dao.vote(voter, id, Parts::FAVOUR).unwrap();
        assert_eq!(dao.tally(id), (180, 0, 0), "all voice, once");
    }
}

#[test]
fn attack_stale_quorum_after_a_parameter_change() {
    let mut dao = Dao::of(&[30, 70]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    // While it runs, the track is made easier, and harder: neither reaches it.
    for (approval, support, delay) in [(5_000, 1, 1), (10_000, 10_000, 300 * DAY)] {
        let mut changed = dao.clone();
        let track = changed.tracks.get_mut(&TrackId::Widen).unwrap();
        track.passing = Passing::Ratio { approval, support_from: support, support_to: support };
        track.delay = delay;
        changed.pass(1);
        changed.vote(1, id, Parts::FAVOUR).unwrap();
        changed.pass_until(START + 8 * DAY);
        changed.queue(id).unwrap();
        assert_eq!(changed.head(id).executable(changed.now).unwrap().0, changed.now + 7 * DAY);
    }
}

#[test]
fn attack_late_swing() {
    let mut dao = Dao::of(&[40, 60]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    dao.vote(1, id, Parts::AGAINST).unwrap();
    dao.pass_until(START + 7 * DAY - 1);
    // 60 of 100 are not two thirds; the first voter changes sides in the last millisecond.
    dao.vote(2, id, Parts::FAVOUR).unwrap();
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    dao.pass(1);
    assert_eq!(dao.state(id), State::Active, "the others have a tenth of the period to answer");
    dao.pass_until(START + 7 * DAY + 7 * DAY / 10);
    assert_eq!(dao.state(id), State::Confirming, "and a day more in which ballots count");
    dao.vote(1, id, Parts::AGAINST).unwrap();
    assert_eq!(dao.state(id), State::Defeated);
}

fn signed(dao: &Dao, id: u32, voter: u8, parts: Parts, nonce: u32) -> SignedBallot {
    let ballot = Ballot { own: Some(parts), delegated: None };
    let (deadline, content) = (dao.now + HOUR, dao.head(id).content);
    let reason = blake2_256(b"because");
    let message =
        signing::ballot(&dao.genesis(), &dao.governor(), id, &content, &ballot, nonce, deadline, &reason);
    SignedBallot { voter: account(voter), ballot, nonce, deadline, signature: sign(voter, &message) }
}

fn hand_in(dao: &mut Dao, id: u32, ballot: SignedBallot) -> Result<(), GovernorError> {
    dao.send(99, |dao| voting::vote_by_signature(dao, id, ballot, b"because".to_vec()))
}

#[test]
fn attack_replayed_signature() {
    let mut dao = Dao::of(&[60, 40]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    let first = signed(&dao, id, 1, Parts::FAVOUR, 0);
    hand_in(&mut dao, id, first).unwrap();
    assert_eq!(hand_in(&mut dao, id, first), Err(GovernorError::WrongNonce { expected: 1 }));
    // An older signature never replaces a newer vote, direct or signed.
    let held_back = signed(&dao, id, 1, Parts::FAVOUR, 1);
    dao.vote(1, id, Parts::AGAINST).unwrap();
    assert_eq!(hand_in(&mut dao, id, held_back), Err(GovernorError::WrongNonce { expected: 2 }));
    let second = signed(&dao, id, 1, Parts::ABSTAIN, 2);
    hand_in(&mut dao, id, second).unwrap();
    assert_eq!(dao.tally(id), (0, 0, 60));
    // Not on another proposal, nor after its deadline.
    let other = dao.propose(2, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    let third = signed(&dao, id, 1, Parts::FAVOUR, 0);
    assert_eq!(hand_in(&mut dao, other, third), Err(GovernorError::BadSignature));
    let fourth = signed(&dao, id, 1, Parts::FAVOUR, 3);
    dao.pass(HOUR + 1);
    assert_eq!(hand_in(&mut dao, id, fourth), Err(GovernorError::SignatureExpired));
    assert_eq!(dao.tally(id), (0, 0, 60));
}

#[test]
fn attack_cross_contract_signature() {
    let mut dao = Dao::of(&[60, 40]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    let ballot = Ballot { own: Some(Parts::FAVOUR), delegated: None };
    let (deadline, content, reason) = (dao.now + HOUR, dao.head(id).content, blake2_256(b"because"));
    let sound = (dao.genesis(), dao.governor(), id, content, ballot, 0u32, deadline, reason);
    let hand = |dao: &mut Dao,
                (genesis, governor, id_signed, content, signed_ballot, nonce, until, reason): (
        Digest,
        AccountId,
        u32,
        Digest,
        Ballot,
        u32,
        u64,
        Digest,
    )| {
        let message =
            signing::ballot(&genesis, &governor, id_signed, &content, &signed_ballot, nonce, until, &reason);
        let signature = sign(1, &message);
        let handed = SignedBallot { voter: account(1), ballot, nonce: 0, deadline, signature };
        hand_in(dao, id, handed)
    };
    let against = Ballot { own: Some(Parts::AGAINST), delegated: None };
    let both = Ballot { own: Some(Parts::FAVOUR), delegated: Some(Parts::FAVOUR) };
    for forged in [
        (Digest::default(), sound.1, sound.2, sound.3, sound.4, sound.5, sound.6, sound.7),
        (sound.0, account(ESCROW), sound.2, sound.3, sound.4, sound.5, sound.6, sound.7),
        (sound.0, sound.1, id + 1, sound.3, sound.4, sound.5, sound.6, sound.7),
        // After a reorganisation another proposal stands under the number.
        (sound.0, sound.1, sound.2, [9; 32], sound.4, sound.5, sound.6, sound.7),
        (sound.0, sound.1, sound.2, sound.3, against, sound.5, sound.6, sound.7),
        (sound.0, sound.1, sound.2, sound.3, both, sound.5, sound.6, sound.7),
        (sound.0, sound.1, sound.2, sound.3, sound.4, 1, sound.6, sound.7),
        (sound.0, sound.1, sound.2, sound.3, sound.4, sound.5, deadline + 1, sound.7),
        (sound.0, sound.1, sound.2, sound.3, sound.4, sound.5, sound.6, blake2_256(b"bribed")),
    ] {
        assert_eq!(hand(&mut dao, forged), Err(GovernorError::BadSignature));
    }
    // Nor may anyone hand it in for another voter.
    let mut stolen = signed(&dao, id, 1, Parts::FAVOUR, 0);
    stolen.voter = account(2);
    assert_eq!(hand_in(&mut dao, id, stolen), Err(GovernorError::BadSignature));
    hand(&mut dao, sound).unwrap();
    assert_eq!(dao.tally(id), (60, 0, 0));
}

#[test]
fn attack_proposal_front_running() {
    let mut dao = Dao::of(&[50, 50]);
    // Another makes the same proposal first: both stand, and only its own proposer can take one back.
    let copied = dao.propose(2, TrackId::Widen, widening()).unwrap();
    let own = dao.propose(1, TrackId::Widen, widening()).unwrap();
    assert_ne!(copied, own);
    assert_ne!(dao.head(copied).content, dao.head(own).content, "a signature is for one of them");
    // A narrowing taken first and taken back does not use up the collection's interval.
    let mut dao = Dao::of(&[50, 50]);
    let first = dao.propose(2, TrackId::Narrow, narrowing()).unwrap();
    let second = dao.propose(1, TrackId::Narrow, narrowing());
    assert_eq!(second, Err(GovernorError::NarrowedTooRecently));
    dao.send(1, |dao| voting::cancel(dao, first)).unwrap_err();
    dao.send(2, |dao| voting::cancel(dao, first)).unwrap();
    dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
}

#[test]
fn attack_execution_before_the_delay() {
    for (track, actions, delay) in [
        (TrackId::Widen, widening(), 7 * DAY),
        (TrackId::Members, vec![call(VOICE, MINT)], 2 * DAY),
        (TrackId::Parameters, vec![call(POLICIES, SET_LIMITS)], 4 * DAY),
        (TrackId::Code, vec![call(WILLING, SET_CODE)], 14 * DAY),
    ] {
        let mut dao = Dao::of(&[100]);
        let id = dao.propose(1, track, actions).unwrap();
        dao.pass(1);
        dao.vote(1, id, Parts::FAVOUR).unwrap();
        let terms = dao.head(id).terms;
        dao.pass_until(START + terms.decision + terms.confirm);
        assert_eq!(dao.execute(id), Err(GovernorError::WrongState(State::Confirming)), "not without queue");
        dao.queue(id).unwrap();
        let queued = dao.now;
        assert_eq!(dao.queue(id), Err(GovernorError::WrongState(State::Queued)), "the delay runs once");
        dao.pass_until(queued + delay - 1);
        assert_eq!(dao.execute(id), Err(GovernorError::TooEarly));
        dao.pass(1);
        dao.execute(id).unwrap();
    }
}

#[test]
fn attack_reentrancy_on_execute() {
    let mut dao = Dao::of(&[100]);
    let into_governor = dao.propose(1, TrackId::Code, vec![call(WILLING, SET_CODE), call(GOVERNOR, [0; 4])]);
    assert_eq!(into_governor, Err(GovernorError::CallsGovernor { action: 1 }));
    // Whatever a callee tries, the proposal is already executed when it is called.
    let actions = vec![call(WILLING, SET_CODE), call(WILLING, SET_CODE)];
    dao.pass_proposal(TrackId::Code, actions, &[1]).unwrap();
    assert_eq!(dao.seen_by_callees, vec![State::Executed; 2]);
    // One that calls back is denied by the chain and fails; nothing of the proposal is done.
    let actions = vec![call(WILLING, SET_CODE), call(REENTRANT, SET_CODE)];
    let answer = dao.pass_proposal(TrackId::Code, actions, &[1]);
    assert_eq!(answer, Err(GovernorError::ActionFailed { action: 1 }));
    assert_eq!(dao.calls.len(), 2);
}

#[test]
fn attack_cancelled_proposal_executed() {
    let mut dao = Dao::of(&[100]);
    let id = dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
    dao.pass(2 * DAY);
    dao.send(1, |dao| voting::cancel(dao, id)).unwrap();
    for _ in 0..10 {
        assert_eq!(dao.execute(id), Err(GovernorError::WrongState(State::Cancelled)));
        assert_eq!(dao.queue(id), Err(GovernorError::WrongState(State::Cancelled)));
        assert_eq!(dao.vote(1, id, Parts::FAVOUR), Err(GovernorError::WrongState(State::Cancelled)));
        dao.pass(DAY);
    }
    assert_eq!(dao.collections[&1].version, 1);
}

#[test]
fn attack_code_swapped_after_approval() {
    let mut dao = Dao::of(&[100]);
    let id = dao.propose(1, TrackId::Members, vec![call(VOICE, MINT)]).unwrap();
    dao.decide(id, &[1]);
    dao.pass(2 * DAY);
    let approved = dao.code.insert(account(VOICE), [0xba; 32]).unwrap();
    assert_eq!(dao.execute(id), Err(GovernorError::CodeSwapped));
    dao.code.remove(&account(VOICE));
    assert_eq!(dao.execute(id), Err(GovernorError::CodeSwapped));
    assert!(dao.calls.is_empty());
    dao.code.insert(account(VOICE), approved);
    dao.execute(id).unwrap();
    // The code of `policies` is pinned as well, though no proposal names it.
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.decide(id, &[1]);
    dao.pass(7 * DAY);
    dao.code.insert(account(POLICIES), [1; 32]);
    assert_eq!(dao.execute(id), Err(GovernorError::CodeSwapped));
}

#[test]
fn attack_queue_desynchronised_from_policies() {
    let mut dao = Dao::of(&[50, 50]);
    let first = dao.propose(1, TrackId::Widen, widening()).unwrap();
    let second = dao.propose(2, TrackId::Widen, set(Permission::NoRestriction)).unwrap();
    dao.pass(1);
    for id in [first, second] {
        dao.vote(1, id, Parts::FAVOUR).unwrap();
        dao.vote(2, id, Parts::FAVOUR).unwrap();
    }
    dao.pass_until(START + 8 * DAY);
    dao.queue(first).unwrap();
    assert_eq!(dao.queue(second), Err(GovernorError::AlreadyQueued(first)), "one a collection");
    assert_eq!(dao.state(second), State::Confirming);

    // Clearing fails when the first ends: it ends all the same, and anyone can clear again.
    let mut failing = dao.clone();
    failing.clear_fails = true;
    failing.pass(DAY);
    let deadline = failing.now;
    let content = failing.head(first).content;
    let message = signing::veto(&failing.genesis(), &failing.governor(), first, &content, deadline);
    let signatures = [101, 102]
        .map(|signer| commons::order::world::Signed {
            signer: account(signer),
            signature: sign(signer, &message),
        })
        .to_vec();
    failing.send(99, |dao| voting::veto(dao, first, deadline, signatures)).unwrap();
    assert_eq!(failing.state(first), State::Cancelled);
    assert_eq!(failing.collections[&1].queued.unwrap().proposal, first);
    let taken = Err(GovernorError::Policies(AdministrationError::AlreadyQueued));
    assert_eq!(failing.queue(second), taken, "policies has the last word");
    failing.clear_fails = false;
    failing.send(99, |dao| voting::expire(dao, first)).unwrap();
    assert_eq!(failing.collections[&1].queued, None);
    failing.queue(second).unwrap();
    let answer = failing.send(99, |dao| voting::expire(dao, first));
    assert_eq!(answer, Err(GovernorError::NothingToClear), "nobody clears what another announced");
    assert_eq!(failing.collections[&1].queued.unwrap().proposal, second);

    // A narrowing is executed while a widening is queued: the widening no longer fits and is not done.
    let narrowing = dao.propose(1, TrackId::Narrow, narrowing());
    assert_eq!(narrowing, Err(GovernorError::LiveProposal(first)));
    dao.mint(3, 50);
    dao.pass(1);
    let narrowing = dao.propose(3, TrackId::Narrow, self::narrowing()).unwrap();
    dao.pass(2 * DAY);
    dao.execute(narrowing).unwrap();
    dao.pass_until(dao.head(first).executable(dao.now).unwrap().0);
    assert_eq!(dao.execute(first), Err(GovernorError::StaleChange));
    assert_eq!(dao.collections[&1].policy.attestation.quorum, 3);
    // It is in nobody's way: anyone ends it, its proposer is free and the next change can be queued.
    dao.send(99, |dao| voting::expire(dao, first)).unwrap();
    assert_eq!(dao.state(first), State::Expired);
    let next = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.decide(next, &[1, 2]);
    assert_eq!(dao.collections[&1].queued.unwrap().proposal, next);
}

#[test]
fn attack_delegate_with_an_expired_mandate() {
    let mut dao = Dao::of(&[100, 10]);
    let month = month_of(START);
    dao.delegate(1, None, vec![to(2, 10_000, false, month + 24)]).unwrap();
    dao.pass_until(start_of_month(month + 24) - 1);
    let in_time = dao.propose(2, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    // The mandate ended with this millisecond; nobody has sent a transaction for 24 months.
    let after = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    dao.vote(2, in_time, Parts::FAVOUR).unwrap();
    dao.vote(2, after, Parts::FAVOUR).unwrap();
    assert_eq!((dao.tally(in_time), dao.tally(after)), ((110, 0, 0), (10, 0, 0)));
    dao.vote(1, in_time, Parts::AGAINST).unwrap();
    dao.vote(1, after, Parts::AGAINST).unwrap();
    assert_eq!((dao.tally(in_time), dao.tally(after)), ((10, 100, 0), (10, 100, 0)));
}

#[test]
fn attack_tally_bricked_by_one_failing_action() {
    let mut dao = Dao::of(&[100]);
    dao.refuses_payment.insert(account(66));
    let actions = [payment(7, 5), payment(66, 5), payment(8, 5)].concat();
    let id = dao.propose(1, TrackId::Treasury, actions).unwrap();
    dao.decide(id, &[1]);
    dao.pass(2 * DAY);
    let before = dao.balance;
    assert_eq!(dao.execute(id), Err(GovernorError::ActionFailed { action: 1 }));
    assert_eq!((dao.balance, dao.payments.len(), dao.state(id)), (before, 0, State::Queued), "all or none");
    // It holds nothing up: when its time is over its proposer is free, and has the deposit back.
    dao.pass(3 * DAY + 1);
    assert_eq!(dao.state(id), State::Expired);
    dao.propose(1, TrackId::Treasury, payment(7, 5)).unwrap();
    dao.send(99, |dao| voting::settle_deposit(dao, id)).unwrap();
    // What fails today may succeed tomorrow, inside its grace.
    let mut dao = Dao::of(&[100]);
    dao.refuses_payment.insert(account(66));
    let id = dao.propose(1, TrackId::Treasury, payment(66, 5)).unwrap();
    dao.decide(id, &[1]);
    dao.pass(2 * DAY);
    dao.execute(id).unwrap_err();
    dao.refuses_payment.clear();
    dao.execute(id).unwrap();
}

#[test]
fn attack_spam_to_the_one_live_proposal_limit() {
    let mut dao = Dao::of(&[980, 15, 4, 1]);
    let id = dao.propose(2, TrackId::Treasury, payment(9, 1)).unwrap();
    for track in [TrackId::Treasury, TrackId::Widen] {
        let actions = if track == TrackId::Widen { widening() } else { payment(9, 1) };
        assert_eq!(dao.propose(2, track, actions), Err(GovernorError::LiveProposal(id)));
    }
    // One per cent is asked, two for a narrowing; less makes no proposal at all, nor does voice of others.
    assert_eq!(dao.propose(3, TrackId::Treasury, payment(9, 1)), Err(GovernorError::BelowThreshold));
    dao.delegate(1, None, vec![to(3, 10_000, false, ends())]).unwrap();
    dao.pass(1);
    assert_eq!(dao.propose(3, TrackId::Treasury, payment(9, 1)), Err(GovernorError::BelowThreshold));
    assert_eq!(dao.propose(99, TrackId::Treasury, payment(9, 1)), Err(GovernorError::BelowThreshold));
    // Others are not in its way, and nobody can take another's place: the slot is the caller's own.
    dao.propose(1, TrackId::Treasury, payment(9, 1)).unwrap();
    // A rejected one costs the spammer the deposit, and frees the slot.
    dao.pass(1);
    dao.vote(1, id, Parts::AGAINST).unwrap();
    dao.pass(7 * DAY);
    dao.send(99, |dao| voting::settle_deposit(dao, id)).unwrap();
    assert!(dao.payments.is_empty());
    dao.propose(2, TrackId::Treasury, payment(9, 1)).unwrap();
    // And a collection is narrowed by a proposal at most once in seven days, whoever proposes.
    let mut dao = Dao::of(&[50, 50]);
    dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
    dao.pass_until(START + 7 * DAY - 1);
    assert_eq!(dao.propose(2, TrackId::Narrow, narrowing()), Err(GovernorError::NarrowedTooRecently));
    dao.propose(2, TrackId::Widen, narrowing()).unwrap();
    dao.pass(1);
    dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
}

#[test]
fn attack_mandate_circumvented_by_recusal() {
    // 1 binds its delegate 3 to narrowing, 2 does not.
    let setting = || {
        let mut dao = Dao::of(&[100, 30, 7, 500]);
        dao.delegate(1, None, vec![to(3, 10_000, true, ends())]).unwrap();
        dao.delegate(2, None, vec![to(3, 10_000, false, ends())]).unwrap();
        let id = dao.propose(4, TrackId::Widen, widening()).unwrap();
        dao.pass(1);
        (dao, id)
    };
    // The bound owner is struck: its voice leaves the abstentions, and frees none of the other's.
    let (mut dao, id) = setting();
    dao.vote(3, id, Parts::FAVOUR).unwrap();
    assert_eq!(dao.tally(id), (37, 0, 100));
    dao.live.insert((1, account(1)), 1);
    dao.recuse(id, 1).unwrap();
    assert_eq!(dao.tally(id), (37, 0, 0));
    // The free owner is struck: the bound voice stays bound.
    let (mut dao, id) = setting();
    dao.live.insert((1, account(2)), 1);
    dao.recuse(id, 2).unwrap();
    dao.vote(3, id, Parts::FAVOUR).unwrap();
    assert_eq!(dao.tally(id), (7, 0, 100));
    // The delegate is struck: it votes nobody's voice, and no one else does it for the owners.
    let (mut dao, id) = setting();
    dao.vote(3, id, Parts::FAVOUR).unwrap();
    dao.live.insert((1, account(3)), 1);
    dao.recuse(id, 3).unwrap();
    assert_eq!(dao.tally(id), (0, 0, 0));
    assert_eq!(dao.vote(3, id, Parts::FAVOUR), Err(GovernorError::Conflicted));
    dao.vote(1, id, Parts::AGAINST).unwrap();
    assert_eq!(dao.tally(id), (0, 100, 0));
}

#[test]
fn attack_quorum_lowered_by_self_recusal() {
    // 19 of 100 are not the 20 % that a widening needs, however many leave the vote.
    let mut dao = Dao::of(&[19, 81]);
    let id = dao.propose(1, TrackId::Widen, widening()).unwrap();
    dao.pass(1);
    dao.vote(1, id, Parts::FAVOUR).unwrap();
    dao.live.insert((1, account(2)), 1);
    dao.recuse(id, 2).unwrap();
    assert_eq!(dao.head(id).total, Some(100));
    dao.pass_until(START + 7 * DAY);
    assert_eq!(dao.state(id), State::Defeated);
    // Nor is an objection to a narrowing made weaker or stronger by it.
    let mut dao = Dao::of(&[19, 81]);
    let id = dao.propose(2, TrackId::Narrow, narrowing()).unwrap();
    dao.pass(1);
    dao.vote(1, id, Parts::AGAINST).unwrap();
    dao.live.insert((1, account(2)), 1);
    dao.recuse(id, 2).unwrap();
    dao.pass(2 * DAY);
    assert_eq!(dao.state(id), State::Queued);
}

#[test]
fn attack_a_widening_labelled_narrow() {
    let mut dao = Dao::of(&[100]);
    let mut mixed = policy(Permission::HealthMedicalBiomedical);
    mixed.bond += 1;
    let mixed = vec![Action::Policy(PolicyChange::Set { collection: 1, policy: mixed })];
    for actions in [
        widening(),
        set(Permission::NoRestriction),
        mixed,
        vec![Action::Policy(PolicyChange::Close { collection: 1 })],
        vec![Action::Policy(PolicyChange::Root { root: [1; 32] })],
        vec![Action::Policy(PolicyChange::Open { policy: policy(Permission::NoRestriction), disease: None })],
    ] {
        for track in TrackId::ALL.into_iter().filter(|track| *track != TrackId::Widen) {
            let answer = dao.propose(1, track, actions.clone());
            assert_eq!(answer, Err(GovernorError::WrongTrack { action: 0 }), "{track:?}");
        }
    }
    // The direction is that of the whole policy, at proposing and again at executing.
    let id = dao.propose(1, TrackId::Narrow, narrowing()).unwrap();
    assert_eq!(dao.head(id).subject.unwrap().direction, Direction::Narrower);
    dao.collections.get_mut(&1).unwrap().policy.attestation.quorum = 4;
    dao.pass(2 * DAY);
    assert_eq!(dao.execute(id), Err(GovernorError::StaleChange), "by now it would lower the quorum");
    // Nor does a raw call reach a policy, on any track.
    let raw = Action::Call(Call {
        callee: account(POLICIES),
        selector: SET_POLICY,
        input: vec![],
        value: 0,
        ref_time: 0,
        proof_size: 0,
        deposit: None,
    });
    dao.pass(10 * DAY);
    for track in TrackId::ALL {
        let answer = dao.propose(1, track, vec![raw.clone()]);
        assert_eq!(answer, Err(GovernorError::UntypedPolicyChange { action: 0 }));
    }
}

#[test]
fn attack_a_route_that_makes_a_strong_call_easy() {
    let mut dao = Dao::of(&[100]);
    // A call that nobody gave a track is decided as code is.
    for track in TrackId::ALL.into_iter().filter(|track| *track != TrackId::Code) {
        let answer = dao.propose(1, track, vec![call(WILLING, SET_CODE)]);
        assert_eq!(answer, Err(GovernorError::WrongTrack { action: 0 }));
    }
    // And so are the routes and the code track itself.
    let weaker = tracks()[&TrackId::Treasury];
    for change in [
        GovernorChange::Route { callee: account(VOICE), selector: MINT, track: Some(TrackId::Treasury) },
        GovernorChange::Track { id: TrackId::Code, track: weaker },
        GovernorChange::Code([1; 32]),
    ] {
        for track in TrackId::ALL.into_iter().filter(|track| *track != TrackId::Code) {
            let answer = dao.propose(1, track, vec![Action::Governor(change.clone())]);
            assert_eq!(answer, Err(GovernorError::WrongTrack { action: 0 }));
        }
    }
}
