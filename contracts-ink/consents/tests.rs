//! Consents as a contract: real signatures, storage, events. The rules are tested in `commons`; `register`,
//! `amend` and `permits` call other contracts and are tested on the chain.
#![allow(clippy::arithmetic_side_effects)]

use crate::consents::Consents;
use commons::{
    consent::{nobody, Consent, ConsentError, ConsentState, Registry, TermsField, NEVER},
    interface::{AskError, Consents as _},
    signing,
    terms::{Kind, Modifiers, Permission, Purpose, Terms},
    AccountId, DatasetId, Digest, Signature,
};
use ink::env::{test, DefaultEnvironment};
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};

const GENESIS: Digest = [0x99; 32];
const ROOT: Digest = [1; 32];
const COMMITMENT: Digest = [2; 32];
const PRICE: u128 = 5;

fn account(byte: u8) -> AccountId {
    AccountId::from([byte; 32])
}
fn contributor() -> AccountId {
    account(1)
}
fn stranger() -> AccountId {
    account(2)
}

fn keeper(seed: u8) -> Keypair {
    MiniSecretKey::from_bytes(&[seed; 32]).expect("32 bytes").expand_to_keypair(ExpansionMode::Ed25519)
}

fn account_of(pair: &Keypair) -> AccountId {
    AccountId::from(pair.public.to_bytes())
}

fn sign(pair: &Keypair, message: &[u8]) -> Signature {
    pair.sign_simple(b"substrate", message).to_bytes()
}

fn call_as(caller: AccountId) {
    test::set_caller::<DefaultEnvironment>(caller);
}

/// Topics and data of what was emitted since `from`.
fn emitted(from: usize) -> Vec<(Vec<Vec<u8>>, Vec<u8>)> {
    test::recorded_events().skip(from).map(|event| (event.topics, event.data)).collect()
}

fn events() -> usize {
    test::recorded_events().count()
}

fn terms() -> Terms {
    Terms {
        permission: Permission::GeneralResearch,
        diseases: vec![],
        modifiers: Modifiers(0),
        region: None,
        months: None,
        user: None,
        project: None,
        institution: None,
        publish_from: None,
    }
}

fn dataset(number: u8) -> DatasetId {
    [number; 32]
}

/// A contract in which `contributor` registered datasets 1 to `count` of its own.
fn contract(count: u8) -> Consents {
    let mut consents = Consents::new(GENESIS, account(8), account(9));
    for number in 1..=count {
        let consent = Consent {
            contributor: contributor(),
            collection: 1,
            state: ConsentState::Given,
            version: 1,
            custodian: account(3),
            payee: account(4),
            root: ROOT,
            size: 10,
            key_commitment: COMMITMENT,
            price: PRICE,
            terms: TermsField::new(&terms()).expect("short"),
            root_version: 1,
            expires_at: NEVER,
            laboratory: nobody(),
        };
        consents.store(&dataset(number), &consent);
        consents.append(&contributor(), &dataset(number));
    }
    call_as(contributor());
    consents
}

/// message, caller, the dataset's state, outcome: written by hand.
const REVERTS: &str = "
withdraw        contributor  given      2
withdraw        contributor  withdrawn  Withdrawn
withdraw        contributor  erased     Erased
withdraw        contributor  unknown    UnknownDataset
withdraw        stranger     given      NotContributor
withdraw        stranger     withdrawn  NotContributor
withdraw        stranger     erased     NotContributor
withdraw        stranger     unknown    UnknownDataset
withdraw        policies     given      NotContributor
withdraw        custodian    given      NotContributor
withdraw        payee        given      NotContributor
erase           contributor  given      2
erase           contributor  withdrawn  3
erase           contributor  erased     Erased
erase           contributor  unknown    UnknownDataset
erase           stranger     given      NotContributor
erase           stranger     withdrawn  NotContributor
erase           stranger     erased     NotContributor
erase           stranger     unknown    UnknownDataset
erase           policies     given      NotContributor
erase           custodian    given      NotContributor
erase           payee        given      NotContributor
set_payee       contributor  given      2
set_payee       contributor  withdrawn  Withdrawn
set_payee       contributor  erased     Erased
set_payee       contributor  unknown    UnknownDataset
set_payee       stranger     given      NotContributor
set_payee       stranger     withdrawn  NotContributor
set_payee       stranger     erased     NotContributor
set_payee       stranger     unknown    UnknownDataset
set_payee       payee        given      NotContributor
set_payee       policies     given      NotContributor
set_custodian   contributor  given      2
set_custodian   contributor  withdrawn  Withdrawn
set_custodian   contributor  erased     Erased
set_custodian   contributor  unknown    UnknownDataset
set_custodian   stranger     given      NotContributor
set_custodian   stranger     withdrawn  NotContributor
set_custodian   stranger     erased     NotContributor
set_custodian   stranger     unknown    UnknownDataset
set_custodian   custodian    given      NotContributor
set_custodian   policies     given      NotContributor
bad-receipt     contributor  given      BadReceipt
bad-receipt     contributor  withdrawn  Withdrawn
bad-receipt     contributor  erased     Erased
bad-receipt     contributor  unknown    UnknownDataset
bad-receipt     stranger     given      NotContributor
amend           contributor  withdrawn  Withdrawn
amend           contributor  erased     Erased
amend           contributor  unknown    UnknownDataset
amend           stranger     given      NotContributor
amend           stranger     withdrawn  NotContributor
amend           stranger     erased     NotContributor
amend           stranger     unknown    UnknownDataset
amend           policies     given      NotContributor
amend-terms     contributor  given      Terms(NoMonths)
amend-expiry    contributor  given      BadExpiry
";

#[test]
fn every_message_refuses_the_callers_and_states_that_the_table_says() {
    let rows = REVERTS.lines().filter(|line| !line.is_empty());
    assert_eq!(rows.clone().count(), 57);
    for line in rows {
        // An environment of its own: storage outlives a contract's value.
        test::run_test::<DefaultEnvironment, _>(|_| {
            check_row(line);
            Ok(())
        })
        .expect("environment");
    }
}

fn check_row(line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [message, caller, state, outcome] = words[..] else { panic!("four words: {line}") };
    let mut consents = contract(1);
    test::set_block_timestamp::<DefaultEnvironment>(100);
    let target = dataset(if state == "unknown" { 7 } else { 1 });
    if matches!(state, "withdrawn") {
        consents.withdraw(target).expect("own");
    }
    if matches!(state, "erased") {
        consents.erase(target).expect("own");
    }
    call_as(match caller {
        "contributor" => contributor(),
        "stranger" => stranger(),
        "custodian" => account(3),
        "payee" => account(4),
        "policies" => account(8),
        other => panic!("nobody is {other}"),
    });
    let (before, told) = (consents.dataset(target), events());
    let next = keeper(1);
    let receipt = receipt_of(&consents, &next, &target, &COMMITMENT);
    let found = match message {
        "withdraw" => consents.withdraw(target),
        "erase" => consents.erase(target),
        "set_payee" => consents.set_payee(target, stranger()),
        "set_custodian" => consents.set_custodian(target, account_of(&next), receipt),
        "bad-receipt" => consents.set_custodian(target, account_of(&next), [0; 64]),
        "amend" => consents.amend(target, terms(), PRICE, None),
        "amend-terms" => consents.amend(target, Terms { months: Some(0), ..terms() }, PRICE, None),
        "amend-expiry" => consents.amend(target, terms(), PRICE, Some(100)),
        other => panic!("no message {other}"),
    };
    let name = match found {
        Ok(version) => version.to_string(),
        Err(error) => {
            assert_eq!((before, told), (consents.dataset(target), events()), "{line}");
            format!("{error:?}")
        }
    };
    assert_eq!(name, outcome, "{line}");
}

fn receipt_of(consents: &Consents, pair: &Keypair, dataset: &DatasetId, commitment: &Digest) -> Signature {
    let message = signing::custodian_receipt(
        &GENESIS,
        &consents.contract(),
        dataset,
        &ROOT,
        commitment,
        &account_of(pair),
    );
    sign(pair, &message)
}

#[ink::test]
fn a_withdrawal_is_told_once_with_the_dataset_as_its_only_topic() {
    let mut consents = contract(1);
    let before = events();
    assert_eq!(consents.withdraw(dataset(1)), Ok(2));
    let told = emitted(before);
    assert_eq!(told.len(), 1);
    let (topics, data) = &told[0];
    assert_eq!(topics.len(), 2, "the event's signature and the dataset");
    assert_eq!(topics[1], dataset(1));
    assert_eq!(data.get(32..), Some(&2u32.to_le_bytes()[..]));
    assert_eq!(consents.withdraw(dataset(1)), Err(ConsentError::Withdrawn));
    assert_eq!(events(), before + 1);
}

#[ink::test]
fn withdrawing_all_goes_on_where_it_stopped_and_passes_over_what_ended() {
    let mut consents = contract(5);
    consents.withdraw(dataset(2)).expect("own");
    let before = events();
    assert_eq!(consents.withdraw_all(0, 3), Some(3));
    assert_eq!(events(), before + 2);
    assert_eq!(consents.withdraw_all(3, 3), None);
    assert_eq!(events(), before + 4);
    for number in 1..=5 {
        assert_eq!(consents.dataset(dataset(number)).map(|found| found.state), Some(ConsentState::Withdrawn));
    }
    assert_eq!(consents.withdraw_all(0, u32::MAX), None);
    assert_eq!(consents.withdraw_all(u32::MAX, u32::MAX), None);
    assert_eq!(events(), before + 4);
}

#[ink::test]
fn withdrawing_all_is_for_the_callers_own_and_64_at_most() {
    let mut consents = contract(70);
    call_as(stranger());
    assert_eq!(consents.withdraw_all(0, 10), None);
    assert_eq!(consents.dataset(dataset(1)).map(|found| found.state), Some(ConsentState::Given));
    call_as(contributor());
    assert_eq!(consents.withdraw_all(0, u32::MAX), Some(64));
    assert_eq!(consents.dataset(dataset(65)).map(|found| found.state), Some(ConsentState::Given));
    assert_eq!(consents.withdraw_all(64, u32::MAX), None);
    assert_eq!(consents.dataset(dataset(70)).map(|found| found.state), Some(ConsentState::Withdrawn));
}

#[ink::test]
fn erasing_a_consent_that_stands_withdraws_it_and_leaves_a_tombstone() {
    let mut consents = contract(2);
    let before = events();
    assert_eq!(consents.erase(dataset(1)), Ok(2));
    assert_eq!(events(), before + 2, "withdrawn and erased");
    consents.withdraw(dataset(2)).expect("own");
    assert_eq!(consents.erase(dataset(2)), Ok(3));
    assert_eq!(events(), before + 4, "withdrawn, then erased");
    let left = consents.dataset(dataset(1)).expect("a tombstone");
    assert_eq!((left.state, left.contributor, left.collection), (ConsentState::Erased, contributor(), 1));
    assert_eq!((left.root, left.key_commitment, left.size, left.price), ([0; 32], [0; 32], 0, 0));
    assert_eq!((left.terms, left.laboratory, left.expires_at), (None, None, None));
    assert_eq!((left.custodian, left.payee), (nobody(), nobody()));
    assert_eq!(consents.datasets_of(contributor()), 2);
    assert_eq!(consents.dataset_at(contributor(), 0), Some(dataset(1)));
}

#[ink::test]
fn a_custodian_is_named_only_with_its_own_signature_over_this_key() {
    let mut consents = contract(1);
    let (next, other) = (keeper(1), keeper(2));
    let custodian = account_of(&next);
    let id = dataset(1);
    let mut attempt = |signature| consents.set_custodian(id, custodian, signature);
    let address = Consents::new(GENESIS, account(8), account(9)).contract();
    let message =
        |genesis: &Digest, contract: &AccountId, dataset: &DatasetId, root: &Digest, key: &Digest| {
            signing::custodian_receipt(genesis, contract, dataset, root, key, &custodian)
        };
    let refused = Err(ConsentError::BadReceipt);
    assert_eq!(attempt(sign(&other, &message(&GENESIS, &address, &id, &ROOT, &COMMITMENT))), refused);
    assert_eq!(attempt(sign(&next, &message(&[0; 32], &address, &id, &ROOT, &COMMITMENT))), refused);
    assert_eq!(attempt(sign(&next, &message(&GENESIS, &account(7), &id, &ROOT, &COMMITMENT))), refused);
    assert_eq!(attempt(sign(&next, &message(&GENESIS, &address, &dataset(2), &ROOT, &COMMITMENT))), refused);
    assert_eq!(attempt(sign(&next, &message(&GENESIS, &address, &id, &[9; 32], &COMMITMENT))), refused);
    assert_eq!(attempt(sign(&next, &message(&GENESIS, &address, &id, &ROOT, &[9; 32]))), refused);
    assert_eq!(attempt(sign(&next, &message(&GENESIS, &address, &id, &ROOT, &COMMITMENT))), Ok(2));
    assert_eq!(consents.dataset(id).map(|found| found.custodian), Some(custodian));
}

#[ink::test]
fn a_registration_without_the_custodians_signature_is_refused_before_policies_are_asked() {
    let mut consents = contract(0);
    let next = keeper(1);
    let nonce = [5; 32];
    let id = signing::dataset_id(&GENESIS, &consents.contract(), &contributor(), &nonce);
    let good = receipt_of(&consents, &next, &id, &COMMITMENT);
    let mut register = |size, receipt: Signature, ends, laboratory| {
        let terms = terms();
        let custodian = account_of(&next);
        consents.register(
            nonce,
            1,
            ROOT,
            size,
            COMMITMENT,
            custodian,
            receipt,
            contributor(),
            1,
            terms,
            ends,
            laboratory,
        )
    };
    test::set_block_timestamp::<DefaultEnvironment>(100);
    assert_eq!(register(1, [0; 64], None, None), Err(ConsentError::BadReceipt));
    assert_eq!(register(0, good, None, None), Err(ConsentError::Empty));
    assert_eq!(register(1, good, Some(100), None), Err(ConsentError::BadExpiry));
    let word = |contributor: &AccountId, contract: &AccountId| commons::consent::LaboratorySignature {
        laboratory: account_of(&keeper(2)),
        signature: sign(&keeper(2), &signing::laboratory(&GENESIS, contract, &id, contributor)),
    };
    let refused = Err(ConsentError::BadLaboratorySignature);
    let address = Consents::new(GENESIS, account(8), account(9)).contract();
    assert_eq!(register(1, good, None, Some(word(&stranger(), &address))), refused);
    assert_eq!(register(1, good, None, Some(word(&contributor(), &account(7)))), refused);
    assert_eq!(consents.dataset(id), None);
    assert_eq!(consents.datasets_of(contributor()), 0);
}

#[ink::test]
fn a_nonce_is_used_once_even_after_erasure() {
    let mut consents = contract(0);
    let nonce = [5; 32];
    let id = signing::dataset_id(&GENESIS, &consents.contract(), &contributor(), &nonce);
    let mut registered = contract(1);
    let consent = Registry::consent(&registered, &dataset(1)).expect("registered");
    registered.store(&id, &consent);
    consents.erase(id).expect("own");
    let receipt = receipt_of(&consents, &keeper(1), &id, &COMMITMENT);
    let again = consents.register(
        nonce,
        1,
        ROOT,
        1,
        COMMITMENT,
        account_of(&keeper(1)),
        receipt,
        contributor(),
        1,
        terms(),
        None,
        None,
    );
    assert_eq!(again, Err(ConsentError::DatasetExists));
}

#[ink::test]
fn more_datasets_than_an_order_has_lines_have_no_answer() {
    let consents = contract(1);
    let purpose = Purpose {
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
    };
    let found = consents.permits(1, None, vec![dataset(1); 65], purpose, stranger());
    assert_eq!(found.map(|_| ()), Err(AskError::TooMany));
}

#[ink::test]
fn a_contract_tells_what_it_is_bound_to() {
    let consents = contract(0);
    assert_eq!((consents.policies(), consents.identity()), (account(8), account(9)));
    assert_eq!(consents.genesis(), GENESIS);
    assert_eq!(consents.dataset(dataset(1)), None);
    assert_eq!(consents.dataset_at(contributor(), 0), None);
    assert_eq!(consents.datasets_of(contributor()), 0);
}
