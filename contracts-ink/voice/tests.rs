//! Each test is named after the rule it proves.

// A wrap in a test is a failure of the test.
#![allow(clippy::arithmetic_side_effects)]

use crate::voice::Voice;
use commons::{
    delegation::{start_of_month, Delegation, Entrusted, Holding, Moment, Pool, VoiceError, MAX_VOICE},
    interface::Voice as _,
    voting::TrackId,
    AccountId,
};
use ink::env::{test, DefaultEnvironment};

const GOVERNOR: u8 = 0x60;

fn account(byte: u8) -> AccountId {
    AccountId::from([byte; 32])
}

fn act_as(byte: u8) {
    test::set_caller::<DefaultEnvironment>(account(byte));
}

/// Goes to a block, and to the first moment of a month.
fn go_to(block: u32, month: u16) {
    test::set_block_number::<DefaultEnvironment>(block);
    test::set_block_timestamp::<DefaultEnvironment>(start_of_month(month));
}

fn moment(block: u32, month: u16) -> Moment {
    Moment { block, time: start_of_month(month) }
}

/// Members 1, 2 and 3 with 100, 50 and 7; block 1 of month 600.
fn deployed() -> Voice {
    go_to(1, 600);
    act_as(GOVERNOR);
    Voice::new(vec![(account(1), 100), (account(2), 50), (account(3), 7)])
}

fn to(delegate: u8, share: u16, narrow_only: bool, ends: u16) -> Delegation {
    Delegation { delegate: account(delegate), share, narrow_only, ends }
}

#[ink::test]
fn founders_hold_their_voice_from_the_first_block() {
    let voice = deployed();
    go_to(2, 600);
    assert_eq!(voice.voice_at(account(1), 1), Ok(Holding { voice: 100, total: 157 }));
    assert_eq!(voice.voice_at(account(1), 0), Ok(Holding { voice: 0, total: 0 }));
    assert_eq!(voice.voice_at(account(9), 1), Ok(Holding { voice: 0, total: 157 }));
}

#[ink::test]
#[should_panic(expected = "a founding member stands twice")]
fn a_founder_cannot_stand_twice() {
    act_as(GOVERNOR);
    Voice::new(vec![(account(1), 1), (account(1), 1)]);
}

#[ink::test]
#[should_panic(expected = "no founding member")]
fn a_dao_needs_a_founder() {
    act_as(GOVERNOR);
    Voice::new(vec![]);
}

#[ink::test]
#[should_panic(expected = "out of range")]
fn a_founder_needs_voice() {
    act_as(GOVERNOR);
    Voice::new(vec![(account(1), 0)]);
}

#[ink::test]
fn only_the_governor_changes_voice_and_after_the_hand_over_only_the_new_one() {
    let mut voice = deployed();
    for stranger in [1, 9] {
        act_as(stranger);
        assert_eq!(voice.mint(account(stranger), 1), Err(VoiceError::NotGovernor));
        assert_eq!(voice.burn(account(2), 1), Err(VoiceError::NotGovernor));
        assert_eq!(voice.hand_over(account(stranger)), Err(VoiceError::NotGovernor));
        assert_eq!(voice.set_code([1; 32].into()), Err(VoiceError::NotGovernor));
    }
    act_as(GOVERNOR);
    assert_eq!(voice.hand_over(account(0x61)), Ok(()));
    assert_eq!(voice.mint(account(1), 1), Err(VoiceError::NotGovernor));
    assert_eq!(voice.hand_over(account(GOVERNOR)), Err(VoiceError::NotGovernor));
    act_as(0x61);
    assert_eq!(voice.mint(account(1), 1), Ok(()));
    assert_eq!((voice.voice_of(account(1)), voice.total()), (101, 158));
}

#[ink::test]
fn voice_cannot_be_read_for_the_current_block_nor_for_one_to_come() {
    let voice = deployed();
    for block in [1, 2] {
        assert_eq!(voice.voice_at(account(1), block), Err(VoiceError::NotYet));
        assert_eq!(
            voice.delegated_at(account(1), TrackId::Widen, moment(block, 600)),
            Err(VoiceError::NotYet)
        );
    }
}

#[ink::test]
fn a_past_block_keeps_its_voice_through_later_mints_and_burns() {
    let mut voice = deployed();
    act_as(GOVERNOR);
    for block in 2..40 {
        go_to(block, 600);
        voice.mint(account(1), u128::from(block)).unwrap();
        voice.burn(account(1), 1).unwrap();
    }
    go_to(41, 600);
    let mut expected = 100;
    for block in 1..40u32 {
        if block > 1 {
            expected += u128::from(block) - 1;
        }
        assert_eq!(voice.voice_at(account(1), block).unwrap().voice, expected);
        assert_eq!(voice.voice_at(account(1), block).unwrap().total, expected + 57);
    }
}

#[ink::test]
fn voice_is_neither_burned_below_zero_nor_minted_above_the_limit() {
    let mut voice = deployed();
    assert_eq!(voice.burn(account(3), 8), Err(VoiceError::TooLittleVoice));
    assert_eq!(voice.mint(account(3), 0), Err(VoiceError::AmountOutOfRange));
    assert_eq!(voice.burn(account(3), 0), Err(VoiceError::AmountOutOfRange));
    assert_eq!(voice.mint(account(3), MAX_VOICE - 156), Err(VoiceError::AmountOutOfRange));
    assert_eq!(voice.mint(account(3), u128::MAX), Err(VoiceError::AmountOutOfRange));
    assert_eq!(voice.mint(account(3), MAX_VOICE - 157), Ok(()));
    assert_eq!(voice.burn(account(3), MAX_VOICE - 150), Ok(()));
    assert_eq!((voice.voice_of(account(3)), voice.total()), (0, 150));
}

#[ink::test]
fn shares_are_floored_and_the_owner_keeps_the_rest() {
    let mut voice = deployed();
    act_as(3);
    voice.delegate(None, vec![to(1, 3_333, false, 610), to(2, 3_333, true, 610)]).unwrap();
    go_to(2, 600);
    let at = moment(1, 600);
    let owner = voice.delegated_at(account(3), TrackId::Widen, at).unwrap();
    assert_eq!(owner.voice, 7);
    assert_eq!(
        owner.entrusted,
        vec![
            Entrusted { delegate: account(1), amount: 2, narrow_only: false },
            Entrusted { delegate: account(2), amount: 2, narrow_only: true },
        ]
    );
    assert_eq!(
        voice.delegated_at(account(1), TrackId::Widen, at).unwrap().pool,
        Pool { free: 2, narrow_only: 0 }
    );
    assert_eq!(
        voice.delegated_at(account(2), TrackId::Widen, at).unwrap().pool,
        Pool { free: 0, narrow_only: 2 }
    );
}

#[ink::test]
fn a_tracks_own_list_is_used_instead_and_clearing_it_brings_the_general_one_back() {
    let mut voice = deployed();
    act_as(1);
    voice.delegate(None, vec![to(2, 10_000, false, 612)]).unwrap();
    go_to(2, 600);
    voice.delegate(Some(TrackId::Code), vec![to(3, 5_000, true, 606)]).unwrap();
    go_to(3, 600);
    voice.delegate(Some(TrackId::Code), vec![]).unwrap();
    go_to(4, 600);
    let pool = |delegate, track, block| {
        let pool = voice.delegated_at(account(delegate), track, moment(block, 600)).unwrap().pool;
        (pool.free, pool.narrow_only)
    };
    assert_eq!((pool(2, TrackId::Widen, 1), pool(2, TrackId::Code, 1)), ((100, 0), (100, 0)));
    assert_eq!((pool(2, TrackId::Widen, 2), pool(2, TrackId::Code, 2)), ((100, 0), (0, 0)));
    assert_eq!((pool(3, TrackId::Widen, 2), pool(3, TrackId::Code, 2)), ((0, 0), (0, 50)));
    assert_eq!((pool(2, TrackId::Code, 3), pool(3, TrackId::Code, 3)), ((100, 0), (0, 0)));
}

#[ink::test]
fn minted_and_burned_voice_moves_with_its_delegation() {
    let mut voice = deployed();
    act_as(1);
    voice.delegate(None, vec![to(2, 5_000, false, 612)]).unwrap();
    act_as(GOVERNOR);
    go_to(2, 600);
    voice.mint(account(1), 11).unwrap();
    go_to(3, 600);
    voice.burn(account(1), 111).unwrap();
    go_to(4, 600);
    let held =
        |block| voice.delegated_at(account(2), TrackId::Members, moment(block, 600)).unwrap().pool.free;
    assert_eq!((held(1), held(2), held(3)), (50, 55, 0));
}

#[ink::test]
fn a_mandate_ends_at_its_month_boundary_through_24_months_of_silence() {
    let mut voice = deployed();
    act_as(1);
    voice.delegate(None, vec![to(2, 10_000, false, 624), to(3, 0x0, false, 0)]).unwrap_err();
    voice.delegate(None, vec![to(2, 6_000, false, 624), to(3, 4_000, true, 601)]).unwrap();
    test::set_block_number::<DefaultEnvironment>(2);
    let pools = |time| {
        let at = Moment { block: 1, time };
        let free = voice.delegated_at(account(2), TrackId::Widen, at).unwrap().pool.free;
        let narrow_only = voice.delegated_at(account(3), TrackId::Widen, at).unwrap().pool.narrow_only;
        let entrusted: u128 = voice
            .delegated_at(account(1), TrackId::Widen, at)
            .unwrap()
            .entrusted
            .iter()
            .map(|entrusted| entrusted.amount)
            .sum();
        assert_eq!(entrusted, free + narrow_only);
        (free, narrow_only)
    };
    assert_eq!(pools(start_of_month(601) - 1), (60, 40));
    assert_eq!(pools(start_of_month(601)), (60, 0));
    assert_eq!(pools(start_of_month(624) - 1), (60, 0));
    assert_eq!(pools(start_of_month(624)), (0, 0));
}

#[ink::test]
fn a_change_after_a_mandate_ended_takes_nothing_away_twice() {
    let mut voice = deployed();
    act_as(1);
    voice.delegate(None, vec![to(3, 10_000, false, 601)]).unwrap();
    act_as(2);
    voice.delegate(None, vec![to(3, 10_000, false, 603)]).unwrap();
    go_to(2, 602);
    act_as(1);
    voice.delegate(None, vec![]).unwrap();
    act_as(GOVERNOR);
    voice.burn(account(1), 100).unwrap();
    go_to(3, 602);
    assert_eq!(
        voice.delegated_at(account(3), TrackId::Widen, moment(2, 602)).unwrap().pool,
        Pool { free: 50, narrow_only: 0 }
    );
}

#[ink::test]
fn delegation_is_not_transitive() {
    let mut voice = deployed();
    act_as(1);
    voice.delegate(None, vec![to(2, 10_000, false, 612)]).unwrap();
    act_as(2);
    voice.delegate(None, vec![to(3, 10_000, false, 612)]).unwrap();
    go_to(2, 600);
    let at = moment(1, 600);
    assert_eq!(voice.delegated_at(account(3), TrackId::Widen, at).unwrap().pool.free, 50);
    assert_eq!(voice.delegated_at(account(2), TrackId::Widen, at).unwrap().pool.free, 100);
}

#[ink::test]
fn lists_that_break_a_rule_are_refused_and_change_nothing() {
    let mut voice = deployed();
    act_as(1);
    let refused = [
        ((4..9).map(|delegate| to(delegate, 1, false, 601)).collect(), VoiceError::TooManyDelegates),
        (vec![to(2, 1, false, 601), to(2, 1, true, 602)], VoiceError::DuplicateDelegate),
        (vec![to(1, 1, false, 601)], VoiceError::SelfDelegation),
        (vec![to(2, 0, false, 601)], VoiceError::SharesOutOfRange),
        (vec![to(2, 5_001, false, 601), to(3, 5_000, false, 601)], VoiceError::SharesOutOfRange),
        (vec![to(2, u16::MAX, false, 601), to(3, 2, false, 601)], VoiceError::SharesOutOfRange),
        (vec![to(2, 1, false, 600)], VoiceError::MandateOutOfRange),
        (vec![to(2, 1, false, 625)], VoiceError::MandateOutOfRange),
    ];
    for (list, error) in refused {
        assert_eq!(voice.delegate(None, list), Err(error));
        assert!(voice.lists_of(account(1)).is_empty());
    }
    voice.delegate(None, (4..8).map(|delegate| to(delegate, 2_500, false, 624)).collect()).unwrap();
    assert_eq!(voice.lists_of(account(1)).len(), 1);
}
