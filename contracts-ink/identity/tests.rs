//! Identity as a contract: real signatures, every caller of every message, and every way a grant can fall.
#![allow(clippy::arithmetic_side_effects)]

use crate::identity::{Identity, IdentityError, Issuer, MAX_GRANTS};
use commons::{
    credential::{Ask, CredentialKind, Grant},
    interface::{EmergencyError, Identity as _, IdentityEmergency as _},
    signing, AccountId, Digest, Signature,
};
use ink::env::{test, DefaultEnvironment};
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};

const GENESIS: Digest = [0x99; 32];
const KIND: CredentialKind = CredentialKind::BonaFideResearcher;
const SCOPE: Digest = [0; 32];
const NOW: u64 = 1_000;

fn account(byte: u8) -> AccountId {
    AccountId::from([byte; 32])
}
fn governor() -> AccountId {
    account(1)
}
fn holder() -> AccountId {
    account(2)
}
fn stranger() -> AccountId {
    account(3)
}
fn keys(seed: u8) -> Keypair {
    MiniSecretKey::from_bytes(&[seed; 32]).expect("32 bytes").expand_to_keypair(ExpansionMode::Ed25519)
}
fn issuer() -> AccountId {
    AccountId::from(keys(1).public.to_bytes())
}
fn call_as(caller: AccountId) {
    test::set_caller::<DefaultEnvironment>(caller);
}
fn at(time: u64) {
    test::set_block_timestamp::<DefaultEnvironment>(time);
}
fn contract_account() -> AccountId {
    test::callee::<DefaultEnvironment>()
}

fn grant(salt: u8) -> Grant {
    Grant {
        issuer: issuer(),
        holder: holder(),
        kind: KIND,
        scope: SCOPE,
        valid_from: NOW - 10,
        valid_until: NOW + 100,
        salt: [salt; 32],
    }
}

fn message(grant: &Grant) -> Vec<u8> {
    signing::grant(&GENESIS, &contract_account(), grant)
}

fn sign(seed: u8, message: &[u8]) -> Signature {
    keys(seed).sign_simple(b"substrate", message).to_bytes()
}

fn signed(grant: &Grant) -> Signature {
    sign(1, &message(grant))
}

/// A contract whose issuer is accredited, at `NOW`, called by the holder.
fn contract() -> Identity {
    call_as(governor());
    at(NOW);
    let mut contract = Identity::new(GENESIS);
    contract.accredit(issuer(), KIND.bit()).expect("accredited");
    call_as(holder());
    contract
}

fn presented() -> (Identity, Digest) {
    let mut contract = contract();
    let grant = grant(1);
    let hash = contract.present(grant.clone(), signed(&grant)).expect("presented");
    (contract, hash)
}

fn holds(contract: &Identity) -> bool {
    contract.holds(holder(), KIND, SCOPE, NOW)
}

#[ink::test]
fn a_presented_grant_counts_for_exactly_its_holder_kind_and_scope() {
    let (contract, hash) = presented();
    assert_eq!(hash, contract.grant_hash(grant(1)));
    assert!(holds(&contract));
    assert!(!contract.holds(stranger(), KIND, SCOPE, NOW));
    assert!(!contract.holds(holder(), CredentialKind::EthicsApproval, SCOPE, NOW));
    assert!(!contract.holds(holder(), KIND, [1; 32], NOW));
    let standing = contract.standing(
        holder(),
        vec![Ask { kind: KIND, scope: SCOPE }, Ask { kind: CredentialKind::Jurisdiction, scope: SCOPE }],
    );
    assert_eq!((standing.suspended, standing.holds), (false, vec![true, false]));
    assert_eq!(contract.holders(vec![stranger(), holder()], KIND, SCOPE), vec![false, true]);
}

#[ink::test]
fn a_grant_counts_from_its_first_to_before_its_last_moment() {
    let (contract, _) = presented();
    let grant = grant(1);
    assert!(!contract.holds(holder(), KIND, SCOPE, grant.valid_from - 1));
    assert!(contract.holds(holder(), KIND, SCOPE, grant.valid_from));
    assert!(contract.holds(holder(), KIND, SCOPE, grant.valid_until - 1));
    assert!(!contract.holds(holder(), KIND, SCOPE, grant.valid_until));
}

#[ink::test]
fn a_wallets_wrapping_of_the_issuers_signature_is_accepted() {
    let mut contract = contract();
    let grant = grant(1);
    let wrapped = [b"<Bytes>".as_slice(), &message(&grant), b"</Bytes>"].concat();
    assert!(contract.present(grant, sign(1, &wrapped)).is_ok());
}

#[ink::test]
fn only_the_holder_presents() {
    let mut contract = contract();
    for caller in [governor(), issuer(), stranger()] {
        call_as(caller);
        assert_eq!(contract.present(grant(1), signed(&grant(1))), Err(IdentityError::NotHolder));
    }
}

#[ink::test]
fn another_signer_message_contract_or_chain_is_refused() {
    let mut contract = contract();
    let grant = grant(1);
    let mut longer = grant.clone();
    longer.valid_until += 1;
    let elsewhere = signing::grant(&GENESIS, &stranger(), &grant);
    let other_chain = signing::grant(&[0; 32], &contract_account(), &grant);
    for signature in
        [sign(2, &message(&grant)), signed(&longer), sign(1, &elsewhere), sign(1, &other_chain), [0; 64]]
    {
        assert_eq!(contract.present(grant.clone(), signature), Err(IdentityError::BadSignature));
    }
}

#[ink::test]
fn a_revoked_hash_never_returns_whether_it_was_presented_before_or_not() {
    let (mut contract, hash) = presented();
    call_as(issuer());
    assert_eq!(contract.revoke(hash), Ok(()));
    assert!(!holds(&contract));
    assert_eq!(contract.revoke(hash), Err(IdentityError::AlreadyEnded));
    call_as(holder());
    assert_eq!(contract.present(grant(1), signed(&grant(1))), Err(IdentityError::Ended));

    let before = contract.grant_hash(grant(2));
    call_as(issuer());
    assert_eq!(contract.revoke(before), Ok(()));
    call_as(holder());
    assert_eq!(contract.present(grant(2), signed(&grant(2))), Err(IdentityError::Ended));
}

#[ink::test]
fn a_dropped_hash_never_returns() {
    let (mut contract, hash) = presented();
    assert_eq!(contract.drop(hash), Ok(()));
    assert!(!holds(&contract));
    assert_eq!(contract.present(grant(1), signed(&grant(1))), Err(IdentityError::Ended));
    assert_eq!(contract.drop(hash), Err(IdentityError::AlreadyEnded));
}

#[ink::test]
fn nobody_else_ends_a_grant() {
    let (mut contract, hash) = presented();
    for caller in [governor(), stranger()] {
        call_as(caller);
        // Anyone may mark a hash as ended by themselves; it counts only against grants of their own.
        assert_eq!(contract.revoke(hash), Ok(()));
        assert_eq!(contract.drop(hash), Err(IdentityError::AlreadyEnded));
        assert!(holds(&contract));
    }
}

#[ink::test]
fn nobody_else_ends_a_grant_before_it_is_presented() {
    let mut contract = contract();
    let hash = contract.grant_hash(grant(1));
    call_as(stranger());
    assert_eq!(contract.revoke(hash), Ok(()));
    call_as(holder());
    assert!(contract.present(grant(1), signed(&grant(1))).is_ok());
}

#[ink::test]
fn a_grant_falls_and_returns_with_its_issuers_accreditation() {
    let (mut contract, _) = presented();
    call_as(governor());
    assert_eq!(contract.discredit(issuer()), Ok(()));
    assert!(!holds(&contract));
    assert_eq!(contract.discredit(issuer()), Err(IdentityError::UnknownIssuer));
    assert_eq!(contract.accredit(issuer(), CredentialKind::Jurisdiction.bit()), Ok(()));
    assert!(!holds(&contract), "accredited for another kind only");
    assert_eq!(contract.accredit(issuer(), KIND.bit() | 1 << 7), Ok(()));
    assert!(holds(&contract));
    call_as(holder());
    call_as(governor());
    contract.discredit(issuer()).expect("discredited");
    call_as(holder());
    assert_eq!(contract.present(grant(2), signed(&grant(2))), Err(IdentityError::NotAccredited));
}

#[ink::test]
fn a_withheld_issuers_grants_do_not_count_and_withholding_never_accredits() {
    let (mut contract, _) = presented();
    call_as(governor());
    assert_eq!(contract.restore_issuer(issuer()), Err(EmergencyError::NotInForce));
    assert_eq!(contract.withhold_issuer(issuer()), Ok(()));
    assert_eq!(contract.withhold_issuer(issuer()), Err(EmergencyError::AlreadyInForce));
    assert!(!holds(&contract));
    contract.discredit(issuer()).expect("members discredit it meanwhile");
    assert_eq!(contract.restore_issuer(issuer()), Ok(()));
    assert!(!holds(&contract), "the end of an emergency gives nothing that members took");
    assert_eq!(contract.issuer(issuer()), Issuer::default());
}

#[ink::test]
fn a_suspended_account_cannot_present_and_keeps_what_it_has() {
    let (mut contract, _) = presented();
    call_as(governor());
    assert_eq!(contract.suspend(holder()), Ok(()));
    assert_eq!(contract.suspend(holder()), Err(EmergencyError::AlreadyInForce));
    assert!(contract.suspended(holder()) && contract.standing(holder(), vec![]).suspended);
    call_as(holder());
    assert_eq!(contract.present(grant(2), signed(&grant(2))), Err(IdentityError::Suspended));
    assert!(holds(&contract));
    call_as(governor());
    assert_eq!(contract.lift(holder()), Ok(()));
    assert_eq!(contract.lift(holder()), Err(EmergencyError::NotInForce));
    call_as(holder());
    assert!(contract.present(grant(2), signed(&grant(2))).is_ok());
}

#[ink::test]
fn dates_that_are_over_or_upside_down_are_refused() {
    let mut contract = contract();
    let mut over = grant(1);
    over.valid_until = NOW;
    assert_eq!(contract.present(over.clone(), signed(&over)), Err(IdentityError::Expired));
    let mut upside_down = grant(1);
    (upside_down.valid_from, upside_down.valid_until) = (NOW + 50, NOW + 50);
    assert_eq!(contract.present(upside_down.clone(), signed(&upside_down)), Err(IdentityError::Expired));
    let mut later = grant(1);
    later.valid_from = NOW + 50;
    assert!(contract.present(later.clone(), signed(&later)).is_ok());
    assert!(!holds(&contract) && contract.holds(holder(), KIND, SCOPE, NOW + 50));
}

#[ink::test]
fn four_live_grants_share_a_kind_and_scope_and_an_expired_one_makes_room() {
    let mut contract = contract();
    for salt in 0..MAX_GRANTS as u8 {
        let mut grant = grant(salt);
        grant.valid_until += u64::from(salt);
        assert!(contract.present(grant.clone(), signed(&grant)).is_ok());
    }
    let next = Grant { valid_until: NOW + 1_000, ..grant(9) };
    assert_eq!(contract.present(next.clone(), signed(&next)), Err(IdentityError::TooManyGrants));
    at(NOW + 100);
    assert!(contract.present(next.clone(), signed(&next)).is_ok());
    assert_eq!(contract.presented(holder(), KIND, SCOPE).len(), MAX_GRANTS);
    assert_eq!(contract.present(next.clone(), signed(&next)), Err(IdentityError::AlreadyPresented));
}

#[ink::test]
fn every_act_of_the_governor_is_refused_to_everybody_else_and_moves_with_the_hand_over() {
    let mut contract = contract();
    let acts: [fn(&mut Identity) -> bool; 8] = [
        |it| it.accredit(account(9), 1) == Err(IdentityError::NotGovernor),
        |it| it.discredit(issuer()) == Err(IdentityError::NotGovernor),
        |it| it.hand_over(stranger()) == Err(IdentityError::NotGovernor),
        |it| it.set_code([0; 32].into()) == Err(IdentityError::NotGovernor),
        |it| it.suspend(holder()) == Err(EmergencyError::NotGovernor),
        |it| it.lift(holder()) == Err(EmergencyError::NotGovernor),
        |it| it.withhold_issuer(issuer()) == Err(EmergencyError::NotGovernor),
        |it| it.restore_issuer(issuer()) == Err(EmergencyError::NotGovernor),
    ];
    for caller in [holder(), issuer(), stranger()] {
        call_as(caller);
        assert!(acts.iter().all(|refused| refused(&mut contract)));
    }
    call_as(governor());
    contract.hand_over(stranger()).expect("handed over");
    assert!(acts.iter().all(|refused| refused(&mut contract)), "the old governor holds nothing");
    call_as(stranger());
    assert_eq!(contract.discredit(issuer()), Ok(()));
}

#[ink::test]
fn an_accreditation_names_known_kinds_only() {
    let mut contract = contract();
    call_as(governor());
    assert_eq!(contract.accredit(issuer(), 0), Err(IdentityError::UnknownKinds));
    assert_eq!(contract.accredit(issuer(), 1 << 8), Err(IdentityError::UnknownKinds));
    assert_eq!(contract.accredit(issuer(), 0xff), Ok(()));
}
