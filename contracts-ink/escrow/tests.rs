//! The escrow as a contract: who governs, and that every message reaches its rule. The rules are tested in
//! `commons`; what calls other contracts is tested on the chain.
#![allow(clippy::arithmetic_side_effects)]

use crate::escrow::Escrow;
use commons::{
    attestation::{Claim, EnclaveKeys, Platform},
    interface::{EmergencyError, Escrow as _, EscrowEmergency as _},
    order::{agreement::Parts, clock::PAUSE, Agreement, EscrowError, Receipt, Request},
    terms::{Kind, Purpose},
    AccountId,
};
use ink::env::{test, DefaultEnvironment};

const NOW: u64 = 1_000;
const ORDER: [u8; 32] = [7; 32];

fn account(byte: u8) -> AccountId {
    AccountId::from([byte; 32])
}
fn governor() -> AccountId {
    account(1)
}
fn stranger() -> AccountId {
    account(2)
}
fn call_as(caller: AccountId) {
    test::set_caller::<DefaultEnvironment>(caller);
}
fn at(time: u64) {
    test::set_block_timestamp::<DefaultEnvironment>(time);
}

fn contract() -> Escrow {
    call_as(governor());
    at(NOW);
    Escrow::new([0x99; 32], account(10), account(11), account(12))
}

#[ink::test]
fn only_the_governor_pauses_resumes_and_hands_over() {
    let mut contract = contract();
    call_as(stranger());
    assert_eq!(contract.pause(), Err(EmergencyError::NotGovernor));
    assert_eq!(contract.resume(), Err(EmergencyError::NotGovernor));
    assert_eq!(contract.hand_over(stranger()), Err(EscrowError::NotGovernor));
    call_as(governor());
    assert_eq!(contract.hand_over(stranger()), Ok(()));
    assert_eq!(contract.settings().governor, stranger());
    assert_eq!(contract.pause(), Err(EmergencyError::NotGovernor), "the old governor holds nothing");
    assert_eq!(contract.hand_over(governor()), Err(EscrowError::NotGovernor));
    call_as(stranger());
    assert_eq!(contract.pause(), Ok(()));
    assert_eq!(contract.pause_state(), (NOW, NOW + PAUSE));
}

#[ink::test]
fn a_pause_cannot_be_renewed_for_seven_days_after_its_end() {
    let mut contract = contract();
    assert_eq!(contract.resume(), Err(EmergencyError::NotInForce));
    assert_eq!(contract.pause(), Ok(()));
    assert_eq!(contract.pause(), Err(EmergencyError::AlreadyInForce));
    at(NOW + 50);
    assert_eq!(contract.resume(), Ok(()));
    assert_eq!(contract.resume(), Err(EmergencyError::NotInForce));
    let week = 7 * 24 * 3_600_000;
    at(NOW + 50 + week - 1);
    assert_eq!(contract.pause(), Err(EmergencyError::AlreadyInForce));
    at(NOW + 50 + week);
    assert_eq!(contract.pause(), Ok(()));
}

#[ink::test]
fn an_unknown_order_is_refused_by_every_message_and_empty_in_every_view() {
    let mut contract = contract();
    let receipt = Receipt { output: [0; 32], signature: [0; 64] };
    let agreement = Agreement { lines: vec![0], parts: Parts::All, share: 0, deadline: u64::MAX };
    let claim = Claim {
        order: ORDER,
        keys: EnclaveKeys { suite: 1, encryption: [0; 32], signing: [0; 32] },
        platform: Platform::Simulated,
        measurement: [0; 32],
        tcb_date: 0,
        debug: false,
        evidence: [0; 32],
        issued: 0,
        expires: 0,
    };
    let answers = [
        contract.clear(ORDER, [0; 32], 0, vec![]),
        contract.refuse(ORDER, [0; 32], 0, vec![]),
        contract.cancel(ORDER),
        contract.attest(claim, vec![], None),
        contract.invalidate(ORDER),
        contract.release(ORDER, vec![]),
        contract.deliver(ORDER, vec![]),
        contract.expire(ORDER),
        contract.abort(ORDER),
        contract.accept(ORDER, None),
        contract.reject(ORDER, vec![], receipt),
        contract.finalize(ORDER),
        contract.dispute(ORDER, vec![0]),
        contract.answer(ORDER, vec![0]),
        contract.concede(ORDER),
        contract.rule(ORDER, vec![]),
        contract.arbitration_timeout(ORDER),
        contract.settle_mutually(ORDER, agreement, vec![]),
    ];
    assert!(answers.iter().all(|answer| *answer == Err(EscrowError::UnknownOrder)));
    assert_eq!(contract.withdraw(ORDER, stranger()), Err(EscrowError::UnknownOrder));
    assert_eq!(contract.forget(ORDER), Err(EscrowError::UnknownOrder));
    assert_eq!(contract.order(ORDER), None);
    assert!(contract.lines(ORDER).is_empty() && !contract.exists(ORDER));
    assert_eq!((contract.credit(ORDER, stranger()), contract.held()), (0, 0));
    assert_eq!(contract.live_orders(1, stranger()), 0);
}

#[ink::test]
fn a_malformed_request_is_refused_before_any_other_contract_is_asked() {
    let mut contract = contract();
    let request = Request {
        collection: 1,
        custodian: account(3),
        lines: vec![],
        purpose: Purpose {
            kind: Kind::Health,
            diseases: vec![],
            genetic_study: false,
            non_profit: false,
            commercial_use: false,
            region: *b"DE",
            months: 1,
            publish_at: None,
            project: [0; 32],
            populations: 0,
        },
        policy_version: 1,
        policy_hash: [0; 32],
        reader_key: [1; 32],
        job: [0; 32],
        nonce: [0; 32],
    };
    assert_eq!(contract.quote(stranger(), request.clone()), Err(EscrowError::NoLines));
    assert_eq!(contract.create(request), Err(EscrowError::NoLines));
}
