//! The door itself: what is constructed, and what is refused before another contract is asked. Rules are
//! tested in `commons`, everything between contracts on the chain.

// A wrap in a test is a failure of the test.
#![allow(clippy::arithmetic_side_effects)]

use crate::governor::{Governor, Neighbours, Route};
use commons::{
    order::world::Signed,
    voting::{
        Action, Ballot, EmergencyAct, GovernorChange, GovernorError, Parts, Passing, Settings, Track, TrackId,
    },
    AccountId,
};
use ink::env::{test, DefaultEnvironment};

const DAY: u64 = 86_400_000;

fn account(byte: u8) -> AccountId {
    AccountId::from([byte; 32])
}

fn tracks() -> Vec<Track> {
    let of = |passing, confirm, delay| Track {
        passing,
        decision: 7 * DAY,
        confirm,
        delay,
        grace: 3 * DAY,
        threshold: 100,
        deposit: 1_000,
    };
    let ratio = Passing::Ratio { approval: 6_667, support_from: 2_000, support_to: 2_000 };
    let decided = of(ratio, DAY, DAY);
    let narrow = of(Passing::Optimistic { objection: 2_000 }, 0, 0);
    vec![narrow, decided, decided, decided, decided, decided, of(ratio, 0, 0)]
}

fn settings() -> Settings {
    Settings { narrow_interval: 7 * DAY, guardian_term: 365 * DAY, emergency_rest: 14 * DAY }
}

fn neighbours() -> Neighbours {
    let [voice, policies, escrow, identity, attestations] = [1, 2, 3, 4, 5].map(account);
    Neighbours { voice, policies, escrow, identity, attestations }
}

fn governor_with(tracks: Vec<Track>, guardians: &[u8], quorum: u8, routes: Vec<Route>) -> Governor {
    test::set_block_timestamp::<DefaultEnvironment>(DAY);
    let guardians = guardians.iter().copied().map(account).collect();
    Governor::new([7; 32], neighbours(), tracks, settings(), guardians, quorum, routes)
}

fn governor() -> Governor {
    let minting = Route { callee: account(1), selector: [1, 2, 3, 4], track: TrackId::Members };
    governor_with(tracks(), &[0x11, 0x12, 0x13], 2, vec![minting])
}

#[ink::test]
fn what_the_constructor_is_told_is_what_governs_and_is_told_in_events() {
    let governor = governor();
    for (id, track) in TrackId::ALL.into_iter().zip(tracks()) {
        assert_eq!(governor.track(id), track);
    }
    assert_eq!(governor.settings(), settings());
    let guardians = governor.guardians();
    assert_eq!((guardians.members.len(), guardians.quorum, guardians.until), (3, 2, 366 * DAY));
    assert_eq!(governor.route(account(1), [1, 2, 3, 4]), TrackId::Members);
    assert_eq!(governor.route(account(1), [1, 2, 3, 5]), TrackId::Code, "what has no track");
    assert_eq!(governor.route(account(2), [1, 2, 3, 4]), TrackId::Code);
    assert_eq!((governor.proposals(), governor.acts(), governor.held()), (0, 0, 0));
    assert_eq!((governor.genesis(), governor.neighbours()), ([7; 32], neighbours()));
    // Settings, seven tracks, guardians, one route.
    assert_eq!(test::recorded_events().count(), 10);
}

#[ink::test]
#[should_panic(expected = "seven tracks are needed")]
fn every_track_has_numbers() {
    governor_with(tracks()[..6].to_vec(), &[], 0, vec![]);
}

#[ink::test]
#[should_panic(expected = "a track's numbers cannot govern")]
fn no_track_but_narrow_is_optimistic() {
    let mut tracks = tracks();
    tracks[1] = tracks[0];
    governor_with(tracks, &[], 0, vec![]);
}

#[ink::test]
#[should_panic(expected = "the guardians cannot act")]
fn guardians_can_reach_their_quorum() {
    governor_with(tracks(), &[0x11], 2, vec![]);
}

#[ink::test]
#[should_panic(expected = "the guardians cannot act")]
fn guardians_are_distinct() {
    governor_with(tracks(), &[0x11, 0x11], 1, vec![]);
}

#[ink::test]
#[should_panic(expected = "this track decides no calls")]
fn no_call_is_decided_where_only_policies_are() {
    let route = Route { callee: account(1), selector: [0; 4], track: TrackId::Widen };
    governor_with(tracks(), &[], 0, vec![route]);
}

#[ink::test]
fn a_malformed_proposal_is_refused_before_anyone_is_asked() {
    let mut governor = governor();
    let payment = Action::Governor(GovernorChange::Payment { to: account(9), amount: 1 });
    let propose = |governor: &mut Governor, actions: Vec<Action>, description: Vec<u8>| {
        governor.propose(TrackId::Treasury, actions, description)
    };
    assert_eq!(propose(&mut governor, vec![], vec![1]), Err(GovernorError::ActionsOutOfRange));
    let described = Err(GovernorError::DescriptionOutOfRange);
    assert_eq!(propose(&mut governor, vec![payment.clone()], vec![]), described);
    assert_eq!(propose(&mut governor, vec![payment.clone()], vec![1]), Err(GovernorError::WrongDeposit));
    test::set_value_transferred::<DefaultEnvironment>(999);
    assert_eq!(propose(&mut governor, vec![payment], vec![1]), Err(GovernorError::WrongDeposit));
    assert_eq!(governor.proposals(), 0);
}

#[ink::test]
fn nothing_is_known_of_a_proposal_that_was_never_made() {
    let mut governor = governor();
    let unknown = GovernorError::UnknownProposal;
    let ballot = Ballot { own: Some(Parts::FAVOUR), delegated: None };
    assert_eq!(governor.vote(1, ballot, vec![]), Err(unknown));
    assert_eq!(governor.recuse(1, account(1)), Err(unknown));
    assert_eq!(governor.queue(1), Err(unknown));
    assert_eq!(governor.execute(1), Err(unknown));
    assert_eq!(governor.cancel(1), Err(unknown));
    assert_eq!(governor.expire(1), Err(unknown));
    assert_eq!(governor.settle_deposit(1), Err(unknown));
    assert_eq!(governor.settle_act(1), Err(unknown));
    assert_eq!(governor.veto(1, 2 * DAY, vec![]), Err(unknown));
    assert_eq!(governor.state(1), Err(unknown));
    assert_eq!((governor.proposal(1), governor.details(1)), (None, None));
}

#[ink::test]
fn a_signature_that_is_none_moves_no_guardian() {
    let mut governor = governor();
    let forged = |byte| Signed { signer: account(byte), signature: [0; 64] };
    let act = |governor: &mut Governor, signatures| governor.act(EmergencyAct::Pause, 2 * DAY, signatures);
    assert_eq!(act(&mut governor, vec![]), Err(GovernorError::TooFewGuardians));
    assert_eq!(act(&mut governor, vec![forged(0x11)]), Err(GovernorError::TooFewGuardians));
    let strangers = vec![forged(0x11), forged(0x99)];
    assert_eq!(act(&mut governor, strangers), Err(GovernorError::NotGuardian));
    let both = vec![forged(0x11), forged(0x12)];
    assert_eq!(act(&mut governor, both), Err(GovernorError::BadSignature));
    assert_eq!(governor.act(EmergencyAct::Pause, DAY - 1, vec![]), Err(GovernorError::SignatureExpired));
    assert_eq!(governor.acts(), 0);
}
