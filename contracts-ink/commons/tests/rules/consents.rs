//! The rules of consents against the reference model: every step by anybody, in every state.

use crate::{
    consent_model::{Answer, Details, Entry, Key, Life, Model, Step, BAD_TERMS, COLLECTIONS},
    notation::terms,
};
use keystrand_commons::{
    consent::{
        amend, answer, erase, laboratories, nobody, register, set_custodian, set_payee, standing, withdraw,
        withdraw_all, Consent, ConsentError, ConsentState, Dataset, Inquiry, LaboratorySignature,
        Registration, Registry, TermsField,
    },
    decision::{Decision, Reason, Rule, Whose},
    interface::AskError,
    signing::{blake2_256, custodian_receipt, dataset_id, laboratory},
    terms::{Terms, TermsError},
    AccountId, CollectionId, DatasetId, Digest, Signature, Timestamp,
};
use scale::{Decode, Encode};
use std::{collections::BTreeMap, sync::OnceLock};

const GENESIS: Digest = [0x99; 32];

/// The contract's state in memory. A signature is the message's hash and the signer, which nobody forges
/// here; real ones are verified in the contract's own tests and on the chain.
struct Memory {
    caller: AccountId,
    now: Timestamp,
    root: u32,
    closed: [bool; COLLECTIONS as usize],
    answering: bool,
    consents: BTreeMap<DatasetId, Consent>,
    owned: BTreeMap<(AccountId, u32), DatasetId>,
}

fn contract() -> AccountId {
    AccountId::from([0x98; 32])
}

fn sign(message: &[u8], signer: &AccountId) -> Signature {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&blake2_256(message));
    signature[32..].copy_from_slice(signer.as_ref());
    signature
}

impl Registry for Memory {
    fn caller(&self) -> AccountId {
        self.caller
    }
    fn now(&self) -> Timestamp {
        self.now
    }
    fn genesis(&self) -> Digest {
        GENESIS
    }
    fn contract(&self) -> AccountId {
        contract()
    }
    fn consent(&self, dataset: &DatasetId) -> Option<Consent> {
        self.consents.get(dataset).cloned()
    }
    fn store(&mut self, dataset: &DatasetId, consent: &Consent) {
        self.consents.insert(*dataset, consent.clone());
    }
    fn dataset_at(&self, contributor: &AccountId, number: u32) -> Option<DatasetId> {
        self.owned.get(&(*contributor, number)).copied()
    }
    fn append(&mut self, contributor: &AccountId, dataset: &DatasetId) {
        let number = (0..).find(|number| !self.owned.contains_key(&(*contributor, *number))).expect("room");
        self.owned.insert((*contributor, number), *dataset);
    }
    fn intake(&self, collection: CollectionId) -> Result<u32, AskError> {
        if !self.answering {
            return Err(AskError::Unreachable);
        }
        match usize::try_from(collection).ok().and_then(|number| self.closed.get(number.wrapping_sub(1))) {
            None => Err(AskError::UnknownCollection),
            Some(true) => Err(AskError::CollectionClosed),
            Some(false) => Ok(self.root),
        }
    }
    fn root_version(&self) -> Result<u32, AskError> {
        if self.answering {
            Ok(self.root)
        } else {
            Err(AskError::Unreachable)
        }
    }
    fn signed(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool {
        signature == &sign(message, signer)
    }
}

fn account(kind: u8, number: u8) -> AccountId {
    AccountId::from([kind + number; 32])
}
fn contributor(number: u8) -> AccountId {
    account(0x10, number)
}
fn custodian(number: u8) -> AccountId {
    account(0x20, number)
}
fn payee(number: u8) -> AccountId {
    account(0x30, number)
}
fn lab(number: u8) -> AccountId {
    account(0x40, number)
}
fn content(number: u8) -> (Digest, Digest) {
    ([0x50 + number; 32], [0x60 + number; 32])
}
/// Ids are asked for a million times; hashing them anew would be most of the run.
fn id((who, nonce): Key) -> DatasetId {
    static IDS: OnceLock<BTreeMap<Key, DatasetId>> = OnceLock::new();
    let ids = IDS.get_or_init(|| {
        let keys = (0..3).flat_map(|who| (0..5).map(move |nonce| (who, nonce)));
        keys.map(|key| (key, dataset_id(&GENESIS, &contract(), &contributor(key.0), &[key.1; 32]))).collect()
    });
    ids[&(who, nonce)]
}

fn terms_numbered(number: u8) -> Terms {
    static TERMS: OnceLock<[Terms; 4]> = OnceLock::new();
    let all = TERMS.get_or_init(|| {
        let mut malformed = terms("GRU TS=1").0;
        malformed.months = Some(0);
        [terms("GRU").0, terms("DS[breast heart] GS=DE US=a").0, terms("HMB NPU TS=12 MOR=5").0, malformed]
    });
    all[usize::from(number)].clone()
}

impl Memory {
    fn new() -> Self {
        Self {
            caller: contributor(0),
            now: 1_000,
            root: 1,
            closed: [false; 2],
            answering: true,
            consents: BTreeMap::new(),
            owned: BTreeMap::new(),
        }
    }

    fn step(&mut self, step: &Step) -> Result<Answer, ConsentError> {
        match step.clone() {
            Step::Register {
                who,
                nonce,
                collection,
                content: file,
                size,
                custodian: keeper,
                honest_receipt,
                payee: paid,
                price,
                terms,
                ends,
                laboratory: vouches,
            } => {
                self.caller = contributor(who);
                let dataset = id((who, nonce));
                let (root, key_commitment) = content(file);
                let registration = Registration {
                    nonce: [nonce; 32],
                    collection: CollectionId::from(collection),
                    root,
                    size,
                    key_commitment,
                    custodian: custodian(keeper),
                    custodian_receipt: receipt(&dataset, file, keeper, honest_receipt),
                    payee: payee(paid),
                    price,
                    terms: terms_numbered(terms),
                    expires_at: ends,
                    laboratory: vouches.map(|(number, honest)| {
                        // A dishonest word is for somebody else's dataset.
                        let other = contributor(who + 1);
                        let owner = if honest { &self.caller } else { &other };
                        let message = laboratory(&GENESIS, &contract(), &dataset, owner);
                        LaboratorySignature {
                            laboratory: lab(number),
                            signature: sign(&message, &lab(number)),
                        }
                    }),
                };
                let registered = register(self, registration)?;
                assert_eq!((registered.dataset, registered.root_version), (dataset, self.root));
                Ok(Answer::Version(1))
            }
            Step::Amend { who, key, terms, price, ends } => {
                self.caller = contributor(who);
                let amended = amend(self, &id(key), &terms_numbered(terms), price, ends)?;
                assert_eq!(amended.root_version, self.root);
                Ok(Answer::Version(amended.version))
            }
            Step::Withdraw { who, key } => {
                self.caller = contributor(who);
                withdraw(self, &id(key)).map(Answer::Version)
            }
            Step::WithdrawAll { who, from, limit } => {
                self.caller = contributor(who);
                let all = withdraw_all(self, from, limit);
                let key_of = |dataset: DatasetId| {
                    let mut own = (0..5).map(|nonce| (who, nonce));
                    own.find(|key| id(*key) == dataset).expect("own")
                };
                let withdrawn = all.withdrawn.into_iter().map(|(dataset, v)| (key_of(dataset), v)).collect();
                Ok(Answer::All { withdrawn, next: all.next })
            }
            Step::Erase { who, key } => {
                self.caller = contributor(who);
                let stood = self.consents.get(&id(key)).map(|consent| consent.state == ConsentState::Given);
                let erased = erase(self, &id(key))?;
                assert_eq!(Some(erased.withdrew), stood);
                Ok(Answer::Version(erased.version))
            }
            Step::SetCustodian { who, key, custodian: keeper, honest_receipt } => {
                self.caller = contributor(who);
                let dataset = id(key);
                let file = (0..4).find(|number| {
                    self.consents.get(&dataset).is_some_and(|consent| consent.root == content(*number).0)
                });
                let signature = receipt(&dataset, file.unwrap_or(0), keeper, honest_receipt);
                set_custodian(self, &dataset, custodian(keeper), &signature).map(Answer::Version)
            }
            Step::SetPayee { who, key, payee: paid } => {
                self.caller = contributor(who);
                set_payee(self, &id(key), payee(paid)).map(Answer::Version)
            }
            Step::Pass(time) => {
                self.now += time;
                Ok(Answer::Silent)
            }
            Step::NewRoot => {
                self.root += 1;
                Ok(Answer::Silent)
            }
            Step::Close(collection) => {
                self.closed[usize::from(collection) - 1] = true;
                Ok(Answer::Silent)
            }
            Step::Answering(answering) => {
                self.answering = answering;
                Ok(Answer::Silent)
            }
        }
    }
}

/// The custodian's word; a dishonest one is for another key.
fn receipt(dataset: &DatasetId, file: u8, keeper: u8, honest: bool) -> Signature {
    let (root, key_commitment) = content(file);
    let promised = if honest { key_commitment } else { [0; 32] };
    let message = custodian_receipt(&GENESIS, &contract(), dataset, &root, &promised, &custodian(keeper));
    sign(&message, &custodian(keeper))
}

/// The model's entry as the contract would tell it.
fn told(entry: &Entry) -> Dataset {
    let state = match entry.life {
        Life::Given => ConsentState::Given,
        Life::Withdrawn => ConsentState::Withdrawn,
        Life::Erased => ConsentState::Erased,
    };
    let bare = Dataset {
        contributor: contributor(entry.key.0),
        collection: CollectionId::from(entry.collection),
        state,
        version: entry.version,
        custodian: nobody(),
        payee: nobody(),
        root: [0; 32],
        size: 0,
        key_commitment: [0; 32],
        price: 0,
        terms: None,
        root_version: 0,
        expires_at: None,
        laboratory: None,
    };
    let Some(details) = &entry.details else { return bare };
    let Details { content: file, size, custodian: keeper, payee: paid, price, terms, root, ends, laboratory } =
        details.clone();
    let (root_digest, key_commitment) = content(file);
    Dataset {
        custodian: custodian(keeper),
        payee: payee(paid),
        root: root_digest,
        size,
        key_commitment,
        price,
        terms: Some(terms_numbered(terms)),
        root_version: root,
        expires_at: ends,
        laboratory: laboratory.map(lab),
        ..bare
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, good enough to choose steps.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
    fn small(&mut self, sides: u8) -> u8 {
        u8::try_from(self.roll(u64::from(sides))).expect("below sides")
    }
    /// True once in so many rolls.
    fn once_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    fn key(&mut self) -> Key {
        (self.small(3), self.small(5))
    }
    /// Mostly the owner.
    fn caller_for(&mut self, key: Key) -> u8 {
        if self.once_in(5) {
            self.small(3)
        } else {
            key.0
        }
    }
    fn terms(&mut self) -> u8 {
        if self.once_in(12) {
            BAD_TERMS
        } else {
            self.small(3)
        }
    }
    fn ends(&mut self, now: u64) -> Option<u64> {
        // At, before and after now, and at none.
        (!self.once_in(2)).then(|| now + self.roll(60) - 3.min(now))
    }

    fn step(&mut self, now: u64) -> Step {
        let key = self.key();
        let who = self.caller_for(key);
        match self.roll(40) {
            0..=12 => Step::Register {
                who: key.0,
                nonce: key.1,
                collection: if self.once_in(15) { 7 } else { 1 + self.small(COLLECTIONS) },
                content: self.small(4),
                size: if self.once_in(20) { 0 } else { 1 + self.roll(1_000) },
                custodian: self.small(3),
                honest_receipt: !self.once_in(12),
                payee: self.small(3),
                price: u128::from(self.roll(100)),
                terms: self.terms(),
                ends: self.ends(now),
                laboratory: self.once_in(2).then(|| (self.small(3), !self.once_in(10))),
            },
            13..=18 => Step::Amend {
                who,
                key,
                terms: self.terms(),
                price: u128::from(self.roll(100)),
                ends: self.ends(now),
            },
            19..=21 => Step::Withdraw { who, key },
            22 => {
                let limit = if self.once_in(4) { u32::MAX } else { u32::from(self.small(4)) };
                let from = if self.once_in(6) { u32::MAX } else { u32::from(self.small(5)) };
                Step::WithdrawAll { who, from, limit }
            }
            23..=24 => Step::Erase { who, key },
            25..=28 => {
                Step::SetCustodian { who, key, custodian: self.small(3), honest_receipt: !self.once_in(4) }
            }
            29..=31 => Step::SetPayee { who, key, payee: self.small(3) },
            32..=35 => Step::Pass(self.roll(20)),
            36 => Step::NewRoot,
            37 if self.once_in(8) => Step::Close(1 + self.small(COLLECTIONS)),
            37 => Step::Pass(1),
            _ => Step::Answering(!self.once_in(3)),
        }
    }
}

/// Everything that both worlds can say is equal, and every cell has the width of the first.
fn compare_states(memory: &Memory, model: &Model) {
    assert_eq!(memory.consents.len(), model.entries.len());
    let mut width = None;
    for entry in &model.entries {
        let consent = &memory.consents[&id(entry.key)];
        assert_eq!(Dataset::from(consent.clone()), told(entry));
        let size = consent.encoded_size();
        assert_eq!(*width.get_or_insert(size), size, "cells have one width");
    }
    for who in 0..3 {
        let own = model.entries.iter().filter(|entry| entry.key.0 == who);
        let listed = (0..).map_while(|number| memory.dataset_at(&contributor(who), number));
        assert!(own.map(|entry| id(entry.key)).eq(listed));
    }
}

/// One question to all datasets, in the way that the contract asks it.
fn compare_answers(memory: &Memory, model: &Model, dice: &mut Dice) {
    let keys: Vec<Key> = (0..6).map(|_| dice.key()).collect();
    let collection = 1 + dice.small(COLLECTIONS);
    let keeper = dice.once_in(2).then(|| dice.small(3));
    let accredited: Option<Vec<u8>> = dice.once_in(2).then(|| (0..3).filter(|_| dice.once_in(2)).collect());
    let inquiry = Inquiry {
        collection: CollectionId::from(collection),
        custodian: keeper.map(custodian),
        now: memory.now,
    };
    let consents: Vec<Option<Consent>> = keys.iter().map(|key| memory.consent(&id(*key))).collect();
    // Policies answer each of the terms in its place: let the answer tell which terms were asked.
    let asked = standing(&consents, &inquiry);
    let judged: Vec<Decision> = asked
        .iter()
        .map(|rooted| if rooted.terms == terms_numbered(0) { waits() } else { Decision::Approve })
        .collect();
    let labs = accredited.as_ref().map(|numbers| {
        let signers = laboratories(&consents, &inquiry);
        signers
            .into_iter()
            .filter(|signer| numbers.iter().any(|number| lab(*number) == *signer))
            .collect::<Vec<_>>()
    });
    let lines = answer(&consents, &inquiry, &judged, labs.as_deref());
    assert_eq!(lines.len(), keys.len());
    let mut passed = 0;
    for (key, line) in keys.iter().zip(&lines) {
        let screened = model.refusal(*key, collection, keeper, None);
        let refusal = model.refusal(*key, collection, keeper, accredited.as_deref());
        let entry = model.entries.iter().find(|entry| entry.key == *key);
        let details = entry.and_then(|entry| entry.details.as_ref());
        if screened.is_none() {
            let details = details.expect("passed the screen");
            assert_eq!(asked[passed].terms, terms_numbered(details.terms));
            assert_eq!(asked[passed].root_version, details.root);
            passed += 1;
        }
        match (refusal, line.decision) {
            (Some(name), Decision::Deny(reason)) => {
                assert_eq!(format!("{:?}", reason.rule), name);
                let expected = if name == "Laboratory" { Whose::Policy } else { Whose::Consent };
                assert_eq!(reason.whose, expected);
            }
            (None, decision) => {
                let first = details.is_some_and(|details| details.terms == 0);
                assert_eq!(decision, if first { waits() } else { Decision::Approve });
            }
            (refusal, decision) => panic!("{key:?}: {decision:?}, the model says {refusal:?}"),
        }
        assert_eq!(line.version, entry.map_or(0, |entry| entry.version));
        assert_eq!(line.price, details.map_or(0, |details| details.price));
        assert_eq!(line.payee, details.map_or(nobody(), |details| payee(details.payee)));
        assert_eq!(line.contributor, entry.map_or(nobody(), |entry| contributor(entry.key.0)));
        let (root, key_commitment) = details.map_or(([0; 32], [0; 32]), |details| content(details.content));
        assert_eq!((line.root, line.key_commitment), (root, key_commitment));
    }
    assert_eq!(passed, asked.len());
}

fn waits() -> Decision {
    Decision::Abstain(Reason { rule: Rule::SpecialPopulation, whose: Whose::Consent })
}

/// Runs of 200 steps from an empty world; a failure prints the seed and the step.
fn run(seed: u64, steps: u64) -> BTreeMap<String, u64> {
    let mut dice = Dice(seed);
    let mut outcomes = BTreeMap::new();
    let (mut memory, mut model) = (Memory::new(), Model::new());
    for number in 0..steps {
        if number % 200 == 0 {
            (memory, model) = (Memory::new(), Model::new());
        }
        let step = dice.step(model.now);
        let before = memory.consents.clone();
        let found = memory.step(&step).map_err(|error| format!("{error:?}"));
        let expected = model.step(&step).map_err(str::to_owned);
        assert_eq!(found, expected, "seed {seed}, step {number}: {step:?}");
        if found.is_err() {
            assert!(before == memory.consents, "a refusal changed something: seed {seed}, step {number}");
        }
        compare_states(&memory, &model);
        compare_answers(&memory, &model, &mut dice);
        let name = format!("{step:?}");
        let message = name.split([' ', '(']).next().unwrap_or_default();
        let outcome = found.err().unwrap_or_else(|| "Ok".to_owned());
        *outcomes.entry(format!("{message}: {outcome}")).or_default() += 1;
    }
    outcomes
}

fn number_from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// `CONSENT_STEPS` and `SEED` choose a longer or another run.
#[test]
fn a_hundred_thousand_steps_end_as_the_model_says() {
    let seed = number_from_environment("SEED", 20_211_123);
    let outcomes = run(seed, number_from_environment("CONSENT_STEPS", 100_000));
    // Each message met every outcome that it can have, so that the run says something.
    let expected = [
        "Register: Ok",
        "Register: DatasetExists",
        "Register: Empty",
        "Register: Terms(NoMonths)",
        "Register: BadExpiry",
        "Register: BadReceipt",
        "Register: BadLaboratorySignature",
        "Register: Policies(Unreachable)",
        "Register: Policies(UnknownCollection)",
        "Register: Policies(CollectionClosed)",
        "Amend: Ok",
        "Amend: UnknownDataset",
        "Amend: NotContributor",
        "Amend: Withdrawn",
        "Amend: Erased",
        "Amend: Terms(NoMonths)",
        "Amend: BadExpiry",
        "Amend: Policies(Unreachable)",
        "Withdraw: Ok",
        "Withdraw: UnknownDataset",
        "Withdraw: NotContributor",
        "Withdraw: Withdrawn",
        "Withdraw: Erased",
        "WithdrawAll: Ok",
        "Erase: Ok",
        "Erase: UnknownDataset",
        "Erase: NotContributor",
        "Erase: Erased",
        "SetCustodian: Ok",
        "SetCustodian: UnknownDataset",
        "SetCustodian: NotContributor",
        "SetCustodian: Withdrawn",
        "SetCustodian: Erased",
        "SetCustodian: BadReceipt",
        "SetPayee: Ok",
        "SetPayee: UnknownDataset",
        "SetPayee: NotContributor",
        "SetPayee: Withdrawn",
        "SetPayee: Erased",
    ];
    for outcome in expected {
        assert!(outcomes.contains_key(outcome), "seed {seed} never met {outcome}: {outcomes:#?}");
    }
}

#[test]
fn a_withdrawal_needs_no_answer_from_any_other_contract() {
    let (mut memory, key) = one_dataset();
    memory.answering = false;
    memory.closed = [true; 2];
    assert_eq!(memory.step(&Step::Withdraw { who: 0, key }), Ok(Answer::Version(2)));
    assert_eq!(memory.step(&Step::Erase { who: 0, key }), Ok(Answer::Version(3)));
}

#[test]
fn a_withdrawal_is_never_refused_for_its_version() {
    let (mut memory, key) = one_dataset();
    memory.consents.get_mut(&id(key)).expect("registered").version = u32::MAX;
    assert_eq!(memory.step(&Step::Withdraw { who: 0, key }), Ok(Answer::Version(u32::MAX)));
    assert_eq!(memory.consents[&id(key)].state, ConsentState::Withdrawn);
}

#[test]
fn a_new_root_does_not_move_a_consent_until_its_contributor_amends_it() {
    let (mut memory, key) = one_dataset();
    let root = |memory: &Memory| memory.consents[&id(key)].root_version;
    memory.step(&Step::NewRoot).expect("time");
    memory.step(&Step::SetPayee { who: 0, key, payee: 1 }).expect("own");
    memory.step(&Step::SetCustodian { who: 0, key, custodian: 2, honest_receipt: true }).expect("own");
    assert_eq!(root(&memory), 1);
    memory.step(&Step::Amend { who: 0, key, terms: 0, price: 1, ends: None }).expect("own");
    assert_eq!(root(&memory), 2);
}

#[test]
fn an_expired_consent_may_be_given_again_and_a_withdrawn_one_not() {
    let (mut memory, key) = one_dataset();
    let amended = |ends| Step::Amend { who: 0, key, terms: 0, price: 1, ends };
    memory.step(&amended(Some(1_001))).expect("own");
    memory.step(&Step::Pass(1)).expect("time");
    let inquiry = Inquiry { collection: 1, custodian: None, now: memory.now };
    let screened =
        |memory: &Memory| keystrand_commons::consent::screen(memory.consents.get(&id(key)), &inquiry);
    assert_eq!(screened(&memory), Some(Rule::Expired));
    memory.step(&amended(None)).expect("expired is not withdrawn");
    assert_eq!(screened(&memory), None);
    memory.step(&Step::Withdraw { who: 0, key }).expect("own");
    assert_eq!(memory.step(&amended(None)), Err(ConsentError::Withdrawn));
}

#[test]
fn what_policies_did_not_answer_is_denied() {
    let (memory, key) = one_dataset();
    let inquiry = Inquiry { collection: 1, custodian: None, now: memory.now };
    let consents = [memory.consent(&id(key))];
    let lines = answer(&consents, &inquiry, &[], None);
    assert!(matches!(lines[0].decision, Decision::Deny(_)));
}

#[test]
fn a_cell_whose_bytes_are_no_terms_admits_nothing_and_moves_no_other_answer() {
    let (memory, key) = one_dataset();
    let good = memory.consent(&id(key)).expect("registered");
    let broken =
        Consent { terms: TermsField::decode(&mut &[0xff; 160][..]).expect("any bytes"), ..good.clone() };
    assert_eq!(broken.terms.terms(), None);
    let inquiry = Inquiry { collection: 1, custodian: None, now: memory.now };
    let asked = standing(&[Some(broken), Some(good)], &inquiry);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].terms.check(), Err(TermsError::AdmitsNothing));
    assert_eq!(asked[1].terms, terms_numbered(1));
}

fn one_dataset() -> (Memory, Key) {
    let mut memory = Memory::new();
    let key = (0, 0);
    let registered = memory.step(&Step::Register {
        who: 0,
        nonce: 0,
        collection: 1,
        content: 0,
        size: 1,
        custodian: 0,
        honest_receipt: true,
        payee: 0,
        price: 5,
        terms: 1,
        ends: None,
        laboratory: None,
    });
    assert_eq!(registered, Ok(Answer::Version(1)));
    (memory, key)
}
