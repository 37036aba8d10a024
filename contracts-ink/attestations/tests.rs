//! Attestations as a contract: real verifier signatures over real claims, and every way a claim can fall.
#![allow(clippy::arithmetic_side_effects)]

use crate::attestations::{Attestations, Reference, SettingsError, MAX_LABEL};
use commons::{
    attestation::{
        AttestationError, AttestationPolicy, Claim, EnclaveKeys, Platform, VerifierSignature, MAX_EVIDENCE,
    },
    interface::{AttestationEmergency as _, Attestations as _, EmergencyError},
    signing, AccountId, Digest,
};
use ink::env::{test, DefaultEnvironment};
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};

const GENESIS: Digest = [0x99; 32];
const MEASUREMENT: Digest = [7; 32];
const NOW: u64 = 10_000;
const VERIFIERS: [u8; 3] = [1, 2, 3];

fn account(byte: u8) -> AccountId {
    AccountId::from([byte; 32])
}
fn governor() -> AccountId {
    account(1)
}
fn escrow() -> AccountId {
    account(2)
}
fn stranger() -> AccountId {
    account(3)
}
fn keys(seed: u8) -> Keypair {
    MiniSecretKey::from_bytes(&[seed; 32]).expect("32 bytes").expand_to_keypair(ExpansionMode::Ed25519)
}
fn verifier(seed: u8) -> AccountId {
    AccountId::from(keys(seed).public.to_bytes())
}
fn call_as(caller: AccountId) {
    test::set_caller::<DefaultEnvironment>(caller);
}
fn at(time: u64) {
    test::set_block_timestamp::<DefaultEnvironment>(time);
}

fn claim() -> Claim {
    Claim {
        order: [4; 32],
        keys: EnclaveKeys { suite: 1, encryption: [5; 32], signing: [6; 32] },
        platform: Platform::Simulated,
        measurement: MEASUREMENT,
        tcb_date: NOW - 100,
        debug: false,
        evidence: [8; 32],
        issued: NOW - 50,
        expires: NOW + 1_000,
    }
}

fn policy() -> AttestationPolicy {
    AttestationPolicy {
        quorum: 2,
        platforms: vec![Platform::IntelTdx, Platform::Simulated],
        measurements: vec![MEASUREMENT],
        min_tcb_date: NOW - 500,
        admit_debug: false,
        max_age: 200,
    }
}

fn reference() -> Reference {
    Reference { platform: Platform::Simulated, min_tcb_date: NOW - 400, label: "cohort 1.0".into() }
}

fn sign(seed: u8, claim: &Claim) -> VerifierSignature {
    let message = signing::attestation(&GENESIS, &escrow(), claim);
    let signature = keys(seed).sign_simple(b"substrate", &message).to_bytes();
    VerifierSignature { verifier: verifier(seed), signature }
}

fn signatures(claim: &Claim) -> Vec<VerifierSignature> {
    vec![sign(1, claim), sign(2, claim)]
}

/// Three verifiers, one measurement, the escrow named; at `NOW`, called by the escrow.
fn contract() -> Attestations {
    call_as(governor());
    at(NOW);
    let mut contract = Attestations::new(GENESIS);
    for seed in VERIFIERS {
        contract.add_verifier(verifier(seed)).expect("added");
    }
    contract.add_reference(MEASUREMENT, reference()).expect("added");
    contract.set_escrow(escrow()).expect("set");
    call_as(escrow());
    contract.reserve(claim().order).expect("reserved");
    contract
}

fn appraise(
    contract: &Attestations,
    claim: &Claim,
    policy: &AttestationPolicy,
) -> Result<(), AttestationError> {
    contract.appraise(escrow(), claim.clone(), policy.clone(), signatures(claim))
}

fn stands(contract: &Attestations) -> Result<(), AttestationError> {
    contract.stands(claim(), vec![verifier(1), verifier(2)], policy())
}

fn governed(contract: &mut Attestations, act: impl FnOnce(&mut Attestations)) {
    call_as(governor());
    act(contract);
    call_as(escrow());
}

#[ink::test]
fn two_of_three_verifiers_are_enough_and_one_is_not() {
    let contract = contract();
    let claim = claim();
    assert_eq!(appraise(&contract, &claim, &policy()), Ok(()));
    let too_few = vec![sign(3, &claim)];
    assert_eq!(
        contract.appraise(escrow(), claim.clone(), policy(), too_few),
        Err(AttestationError::TooFewVerifiers)
    );
    let without_quorum = AttestationPolicy { quorum: 0, ..policy() };
    assert_eq!(
        contract.appraise(escrow(), claim, without_quorum, vec![]),
        Err(AttestationError::TooFewVerifiers),
        "a policy without a quorum still needs one"
    );
}

#[ink::test]
fn duplicate_unknown_and_forged_verifiers_are_refused() {
    let contract = contract();
    let claim = claim();
    let ask = |signatures| contract.appraise(escrow(), claim.clone(), policy(), signatures);
    assert_eq!(ask(vec![sign(1, &claim), sign(1, &claim)]), Err(AttestationError::DuplicateVerifier));
    assert_eq!(ask(vec![sign(1, &claim), sign(9, &claim)]), Err(AttestationError::UnknownVerifier));
    let mut forged = sign(2, &claim);
    forged.signature[0] ^= 1;
    assert_eq!(ask(vec![sign(1, &claim), forged]), Err(AttestationError::BadSignature));
}

#[ink::test]
fn a_result_is_bound_to_every_field_of_the_claim_the_contract_and_the_chain() {
    let contract = contract();
    let signed = signatures(&claim());
    let changes: [fn(&mut Claim); 8] = [
        |claim| claim.order[0] ^= 1,
        |claim| claim.keys.encryption[0] ^= 1,
        |claim| claim.keys.signing[0] ^= 1,
        |claim| claim.keys.suite = 2,
        |claim| claim.tcb_date += 1,
        |claim| claim.evidence[0] ^= 1,
        |claim| claim.issued += 1,
        |claim| claim.expires += 1,
    ];
    for change in changes {
        let mut other = claim();
        change(&mut other);
        let answer = contract.appraise(escrow(), other, policy(), signed.clone());
        assert_eq!(answer, Err(AttestationError::BadSignature));
    }
    let elsewhere = contract.appraise(stranger(), claim(), policy(), signed.clone());
    assert_eq!(elsewhere, Err(AttestationError::BadSignature));
    call_as(governor());
    // The mappings of one off-chain environment are shared; only what the root cell keeps is new.
    let other_chain = Attestations::new([0; 32]);
    let replayed = other_chain.appraise(escrow(), claim(), policy(), signed);
    assert_eq!(replayed, Err(AttestationError::BadSignature));
}

#[ink::test]
fn what_the_policy_does_not_admit_is_refused() {
    let contract = contract();
    let refused = |policy: AttestationPolicy| appraise(&contract, &claim(), &policy).expect_err("refused");
    assert_eq!(
        refused(AttestationPolicy { platforms: vec![Platform::IntelTdx], ..policy() }),
        AttestationError::PlatformNotAdmitted
    );
    assert_eq!(
        refused(AttestationPolicy { measurements: vec![[0; 32]], ..policy() }),
        AttestationError::MeasurementNotAdmitted
    );
    assert_eq!(
        refused(AttestationPolicy { min_tcb_date: NOW - 99, ..policy() }),
        AttestationError::TcbTooOld
    );
    assert_eq!(refused(AttestationPolicy { max_age: 49, ..policy() }), AttestationError::NotFresh);
    let debug = Claim { debug: true, ..claim() };
    assert_eq!(appraise(&contract, &debug, &policy()), Err(AttestationError::DebugNotAdmitted));
    assert_eq!(appraise(&contract, &debug, &AttestationPolicy { admit_debug: true, ..policy() }), Ok(()));
}

#[ink::test]
fn a_claim_from_the_future_or_past_its_end_is_not_fresh() {
    let contract = contract();
    let future = Claim { issued: NOW + 1, ..claim() };
    assert_eq!(appraise(&contract, &future, &policy()), Err(AttestationError::NotFresh));
    let over = Claim { expires: NOW, ..claim() };
    assert_eq!(appraise(&contract, &over, &policy()), Err(AttestationError::NotFresh));
    let just = Claim { issued: NOW, expires: NOW + 1, ..claim() };
    assert_eq!(appraise(&contract, &just, &policy()), Ok(()));
}

#[ink::test]
fn reference_values_bind_platform_base_and_removal() {
    let mut contract = contract();
    let old = Claim { tcb_date: NOW - 401, ..claim() };
    assert_eq!(appraise(&contract, &old, &policy()), Err(AttestationError::TcbTooOld));
    governed(&mut contract, |it| {
        let other = Reference { platform: Platform::IntelTdx, ..reference() };
        it.add_reference(MEASUREMENT, other).expect("changed");
    });
    assert_eq!(appraise(&contract, &claim(), &policy()), Err(AttestationError::MeasurementRevoked));
    governed(&mut contract, |it| it.remove_reference(MEASUREMENT).expect("removed"));
    assert_eq!(appraise(&contract, &claim(), &policy()), Err(AttestationError::MeasurementRevoked));
    governed(&mut contract, |it| {
        assert_eq!(it.remove_reference(MEASUREMENT), Err(SettingsError::UnknownReference));
        let long = Reference { label: "x".repeat(MAX_LABEL + 1), ..reference() };
        assert_eq!(it.add_reference(MEASUREMENT, long), Err(SettingsError::LabelTooLong));
    });
}

#[ink::test]
fn evidence_is_used_once_and_only_by_the_escrow() {
    let mut contract = contract();
    let claim = claim();
    for caller in [governor(), stranger()] {
        call_as(caller);
        let burnt = contract.consume(claim.clone(), policy(), signatures(&claim));
        assert_eq!(burnt, Err(AttestationError::NotEscrow), "nobody burns evidence in front of its order");
    }
    call_as(escrow());
    assert_eq!(contract.consume(claim.clone(), policy(), signatures(&claim)), Ok(()));
    assert!(contract.is_used(claim.order, claim.evidence));
    assert_eq!(
        contract.consume(claim.clone(), policy(), signatures(&claim)),
        Err(AttestationError::EvidenceUsed)
    );
    assert_eq!(appraise(&contract, &claim, &policy()), Err(AttestationError::EvidenceUsed));
    let another = Claim { evidence: [9; 32], ..claim };
    assert_eq!(contract.consume(another.clone(), policy(), signatures(&another)), Ok(()));
}

#[ink::test]
fn an_order_uses_eight_pieces_of_evidence_in_the_cell_that_it_reserved() {
    let mut contract = contract();
    let consume = |contract: &mut Attestations, evidence: u8, order: u8| {
        let claim = Claim { evidence: [evidence; 32], order: [order; 32], ..claim() };
        contract.consume(claim.clone(), policy(), signatures(&claim))
    };
    assert_eq!(consume(&mut contract, 1, 9), Err(AttestationError::NotReserved));
    for evidence in 0..MAX_EVIDENCE as u8 {
        assert_eq!(consume(&mut contract, evidence, 4), Ok(()));
    }
    assert_eq!(consume(&mut contract, 100, 4), Err(AttestationError::EvidenceExhausted));
    assert_eq!(consume(&mut contract, 7, 4), Err(AttestationError::EvidenceUsed));
    for caller in [governor(), stranger()] {
        call_as(caller);
        assert_eq!(contract.dismiss([4; 32]), Err(AttestationError::NotEscrow));
        assert_eq!(contract.reserve([4; 32]), Err(AttestationError::NotEscrow));
    }
    call_as(escrow());
    assert_eq!(contract.dismiss([4; 32]), Ok(()));
    assert_eq!(consume(&mut contract, 100, 4), Err(AttestationError::NotReserved));
}

#[ink::test]
fn before_the_escrow_is_named_nobody_consumes() {
    call_as(governor());
    let mut contract = Attestations::new(GENESIS);
    assert_eq!(contract.consume(claim(), policy(), signatures(&claim())), Err(AttestationError::NotEscrow));
}

#[ink::test]
fn a_claim_stands_until_verifier_measurement_policy_or_time_falls() {
    let mut contract = contract();
    assert_eq!(stands(&contract), Ok(()));
    at(NOW + 999);
    assert_eq!(stands(&contract), Ok(()), "age is asked once; expiry always");
    at(NOW + 1_000);
    assert_eq!(stands(&contract), Err(AttestationError::NotFresh));
    at(NOW);
    governed(&mut contract, |it| it.remove_verifier(verifier(2)).expect("removed"));
    assert_eq!(stands(&contract), Err(AttestationError::TooFewVerifiers));
    let three = vec![verifier(1), verifier(2), verifier(3)];
    assert_eq!(contract.stands(claim(), three.clone(), policy()), Ok(()), "a quorum is left");
    let higher = AttestationPolicy { quorum: 3, ..policy() };
    assert_eq!(contract.stands(claim(), three.clone(), higher), Err(AttestationError::TooFewVerifiers));
    governed(&mut contract, |it| it.withhold_measurement(MEASUREMENT).expect("withheld"));
    assert_eq!(contract.stands(claim(), three, policy()), Err(AttestationError::MeasurementRevoked));
}

#[ink::test]
fn emergencies_only_take_away() {
    let mut contract = contract();
    call_as(governor());
    assert_eq!(contract.restore_verifier(verifier(1)), Err(EmergencyError::NotInForce));
    assert_eq!(contract.withhold_verifier(verifier(1)), Ok(()));
    assert_eq!(contract.withhold_verifier(verifier(1)), Err(EmergencyError::AlreadyInForce));
    assert_eq!(appraise(&contract, &claim(), &policy()), Err(AttestationError::UnknownVerifier));
    contract.remove_verifier(verifier(1)).expect("members remove it meanwhile");
    assert_eq!(contract.restore_verifier(verifier(1)), Ok(()));
    assert_eq!(
        appraise(&contract, &claim(), &policy()),
        Err(AttestationError::UnknownVerifier),
        "the end of an emergency gives nothing that members took"
    );
    contract.add_verifier(verifier(1)).expect("added");
    assert_eq!(appraise(&contract, &claim(), &policy()), Ok(()));
    assert_eq!(contract.withhold_measurement(MEASUREMENT), Ok(()));
    assert_eq!(contract.withhold_measurement(MEASUREMENT), Err(EmergencyError::AlreadyInForce));
    assert_eq!(appraise(&contract, &claim(), &policy()), Err(AttestationError::MeasurementRevoked));
    assert_eq!(contract.reference(MEASUREMENT), Some((reference(), true)));
    assert_eq!(contract.restore_measurement(MEASUREMENT), Ok(()));
    assert_eq!(contract.restore_measurement(MEASUREMENT), Err(EmergencyError::NotInForce));
    assert_eq!(appraise(&contract, &claim(), &policy()), Ok(()));
}

#[ink::test]
fn every_act_of_the_governor_is_refused_to_everybody_else_and_moves_with_the_hand_over() {
    let mut contract = contract();
    let acts: [fn(&mut Attestations) -> bool; 11] = [
        |it| it.add_verifier(account(9)) == Err(SettingsError::NotGovernor),
        |it| it.remove_verifier(verifier(1)) == Err(SettingsError::NotGovernor),
        |it| it.add_reference([1; 32], reference()) == Err(SettingsError::NotGovernor),
        |it| it.remove_reference(MEASUREMENT) == Err(SettingsError::NotGovernor),
        |it| it.set_escrow(stranger()) == Err(SettingsError::NotGovernor),
        |it| it.hand_over(stranger()) == Err(SettingsError::NotGovernor),
        |it| it.set_code([0; 32].into()) == Err(SettingsError::NotGovernor),
        |it| it.withhold_measurement(MEASUREMENT) == Err(EmergencyError::NotGovernor),
        |it| it.restore_measurement(MEASUREMENT) == Err(EmergencyError::NotGovernor),
        |it| it.withhold_verifier(verifier(1)) == Err(EmergencyError::NotGovernor),
        |it| it.restore_verifier(verifier(1)) == Err(EmergencyError::NotGovernor),
    ];
    for caller in [escrow(), stranger(), verifier(1)] {
        call_as(caller);
        assert!(acts.iter().all(|refused| refused(&mut contract)));
    }
    call_as(governor());
    contract.hand_over(stranger()).expect("handed over");
    assert!(acts.iter().all(|refused| refused(&mut contract)), "the old governor holds nothing");
    call_as(stranger());
    assert_eq!(contract.add_verifier(verifier(1)), Err(SettingsError::AlreadyAllowed));
    assert_eq!(contract.remove_verifier(verifier(1)), Ok(()));
    assert_eq!(contract.remove_verifier(verifier(1)), Err(SettingsError::UnknownVerifier));
    assert_eq!(contract.set_escrow(stranger()), Err(SettingsError::EscrowSet));
}
