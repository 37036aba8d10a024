//! What policies refuse and keep, message by message. `judge`'s answers are tested in `commons` and, with
//! `identity` behind it, on the chain: there are no calls between contracts here.
#![allow(clippy::arithmetic_side_effects)]

use crate::policies::{Collection, Policies};
use commons::{
    attestation::{AttestationPolicy, Platform},
    interface::{AskError, Policies as _, PolicyAdministration as _, RootedTerms},
    ontology::{self, Pair, Proof},
    policy::{
        AdministrationError, Committee, Direction, Limits, Policy, PolicyFault, ProofError, QueuedChange,
        Split, Windows, MAX_ANCESTORS,
    },
    terms::{Kind, Modifiers, Permission, Purpose, PurposeError, Terms, TermsError},
    AccountId,
};
use ink::env::{test, DefaultEnvironment};

const NOW: u64 = 1_000;

fn account(byte: u8) -> AccountId {
    AccountId::from([byte; 32])
}
fn governor() -> AccountId {
    account(1)
}
fn stranger() -> AccountId {
    account(2)
}
fn heir() -> AccountId {
    account(3)
}

fn call_as(caller: AccountId) {
    test::set_caller::<DefaultEnvironment>(caller);
}

fn at(time: u64) {
    test::set_block_timestamp::<DefaultEnvironment>(time);
}

fn events() -> usize {
    test::recorded_events().count()
}

fn windows(each: u64) -> Windows {
    Windows { fulfil: each, release: each, dispute: each, answer: each, arbitration: each }
}

fn limits() -> Limits {
    Limits {
        shortest: windows(10),
        longest: windows(100),
        max_bond: 10,
        max_custodian: 2_000,
        max_treasury: 500,
    }
}

fn terms(permission: Permission, diseases: &[u32]) -> Terms {
    Terms {
        permission,
        diseases: diseases.to_vec(),
        modifiers: Modifiers(0),
        region: None,
        months: None,
        user: None,
        project: None,
        institution: None,
        publish_from: None,
    }
}

fn policy(permission: Permission, diseases: &[u32]) -> Policy {
    Policy {
        terms: terms(permission, diseases),
        required: vec![],
        attestation: AttestationPolicy {
            quorum: 1,
            platforms: vec![Platform::Simulated],
            measurements: vec![[1; 32]],
            min_tcb_date: 0,
            admit_debug: false,
            max_age: 1,
        },
        min_cohort: 1,
        laboratory: false,
        split: Split { contributor: 8_000, custodian: 1_500, treasury: 500 },
        windows: windows(50),
        bond: 10,
        arbitrator: account(9),
        treasury: account(9),
        committee: Committee { members: vec![account(9)], quorum: 1 },
    }
}

fn general() -> Policy {
    policy(Permission::GeneralResearch, &[])
}
fn health() -> Policy {
    policy(Permission::HealthMedicalBiomedical, &[])
}
fn no_restriction() -> Policy {
    policy(Permission::NoRestriction, &[])
}
fn malformed() -> Policy {
    let mut policy = general();
    policy.terms.months = Some(0);
    policy
}

const MALFORMED: AdministrationError =
    AdministrationError::Malformed(PolicyFault::Terms(TermsError::NoMonths));

/// Collection 1 is open under `general`, collection 2 is closed, 3 does not exist. The governor is `governor`.
fn contract() -> Policies {
    at(NOW);
    call_as(governor());
    let mut policies = Policies::new(account(8), limits());
    assert_eq!(policies.open(general(), None), Ok(1));
    assert_eq!(policies.open(general(), None), Ok(2));
    assert_eq!(policies.close(2), Ok(()));
    policies
}

fn change(proposal: u32, version: u32) -> QueuedChange {
    QueuedChange {
        proposal,
        version,
        hash: [7; 32],
        direction: Direction::Narrower,
        from: NOW,
        until: NOW + 100,
    }
}

/// message, caller, collection (1 open, 2 closed, 3 unknown, 0 every), outcome: written by hand.
const REVERTS: &str = "
open          stranger  -  NotGovernor
open          deployer  -  NotGovernor
open          governor  -  Ok
open-bad      governor  -  Malformed
set_policy    stranger  1  NotGovernor
set_policy    stranger  3  NotGovernor
set_policy    deployer  1  NotGovernor
set_policy    governor  1  Ok
set_policy    governor  2  CollectionClosed
set_policy    governor  3  UnknownCollection
set_policy    governor  0  UnknownCollection
set-bad       governor  1  Malformed
set-stale     governor  1  StaleVersion
set-future    governor  1  StaleVersion
set-same      governor  1  NoChange
close         stranger  1  NotGovernor
close         deployer  1  NotGovernor
close         governor  1  Ok
close         governor  2  CollectionClosed
close         governor  3  UnknownCollection
set_root      stranger  -  NotGovernor
set_root      deployer  -  NotGovernor
set_root      governor  -  Ok
root-stale    governor  -  StaleVersion
queue         stranger  1  NotGovernor
queue         deployer  1  NotGovernor
queue         governor  1  Ok
queue         governor  2  CollectionClosed
queue         governor  3  UnknownCollection
queue         governor  0  StaleVersion
queue-root    governor  0  Ok
queue-root    stranger  0  NotGovernor
queue-ended   governor  1  BadPeriod
queue-empty   governor  1  BadPeriod
queue-stale   governor  1  StaleVersion
clear         stranger  1  NotGovernor
clear         deployer  1  NotGovernor
clear         governor  1  Ok
clear         governor  3  Ok
set_limits    stranger  -  NotGovernor
set_limits    deployer  -  NotGovernor
set_limits    governor  -  Ok
limits-bad    governor  -  BadLimits
hand_over     stranger  -  NotGovernor
hand_over     deployer  -  NotGovernor
hand_over     governor  -  Ok
set_code      stranger  -  NotGovernor
set_code      deployer  -  NotGovernor
direction     stranger  1  Ok
direction     stranger  2  CollectionClosed
direction     stranger  3  UnknownCollection
direction-bad stranger  1  Malformed
";

fn attempt(policies: &mut Policies, message: &str, collection: u32) -> Result<(), AdministrationError> {
    let ok = |_| ();
    match message {
        "open" => policies.open(health(), None).map(ok),
        "open-bad" => policies.open(malformed(), None).map(ok),
        "set_policy" => policies.set_policy(collection, 1, health()).map(ok),
        "set-bad" => policies.set_policy(collection, 1, malformed()).map(ok),
        "set-stale" => policies.set_policy(collection, 0, health()).map(ok),
        "set-future" => policies.set_policy(collection, 2, health()).map(ok),
        "set-same" => policies.set_policy(collection, 1, general()).map(ok),
        "close" => policies.close(collection),
        "set_root" => policies.set_root(0, [5; 32]).map(ok),
        "root-stale" => policies.set_root(1, [5; 32]).map(ok),
        "queue" => policies.queue(collection, change(1, 2)),
        "queue-root" => policies.queue(collection, change(1, 1)),
        "queue-ended" => policies.queue(collection, QueuedChange { from: 1, until: NOW - 1, ..change(1, 2) }),
        "queue-empty" => policies.queue(collection, QueuedChange { from: NOW + 100, ..change(1, 2) }),
        "queue-stale" => policies.queue(collection, change(1, 1)),
        "clear" => policies.clear(collection, 1),
        "set_limits" => policies.set_limits(limits()),
        "limits-bad" => policies.set_limits(Limits::default()),
        "hand_over" => policies.hand_over(heir()),
        "set_code" => policies.set_code(ink::primitives::Hash::from([1; 32])),
        "direction" => policies.direction(collection, health()).map(|_| ()),
        "direction-bad" => policies.direction(collection, malformed()).map(|_| ()),
        other => panic!("no message {other}"),
    }
}

#[test]
fn every_message_refuses_the_callers_and_states_that_the_table_says() {
    let rows = REVERTS.lines().filter(|line| !line.is_empty());
    assert_eq!(rows.clone().count(), 52);
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
    let [message, caller, collection, outcome] = words[..] else { panic!("four words: {line}") };
    let mut policies = contract();
    // The deployer was governor until it handed over.
    let who = match caller {
        "governor" => governor(),
        "stranger" => stranger(),
        "deployer" => {
            policies.hand_over(heir()).expect("deployer governs");
            governor()
        }
        other => panic!("nobody is {other}"),
    };
    call_as(who);
    let before = (policies.collection(1), policies.collection(2), policies.collections(), events());
    let found = attempt(&mut policies, message, collection.parse().unwrap_or(0));
    let name = match found {
        Ok(()) => "Ok".to_string(),
        Err(error) => {
            let after = (policies.collection(1), policies.collection(2), policies.collections(), events());
            assert_eq!(before, after, "{line}");
            format!("{error:?}").split('(').next().unwrap_or_default().to_string()
        }
    };
    assert_eq!(name, outcome, "{line}");
}

#[ink::test]
fn a_collection_has_its_policy_its_hash_and_versions_that_rise_by_one() {
    let mut policies = contract();
    assert_eq!(policies.collections(), 2);
    let first = Collection { version: 1, hash: general().hash(), disease: None, closed: false };
    assert_eq!(policies.collection(1), Some(first));
    assert_eq!(policies.policy(1), Some(general()));
    assert_eq!(policies.set_policy(1, 1, health()), Ok(2));
    let second = Collection { version: 2, hash: health().hash(), disease: None, closed: false };
    assert_eq!(policies.collection(1), Some(second));
    assert_eq!(policies.policy(1), Some(health()));
    assert_eq!(policies.set_policy(1, 1, no_restriction()), Err(AdministrationError::StaleVersion));
    assert_eq!(policies.set_policy(1, 2, no_restriction()), Ok(3));
    assert_eq!(policies.close(1), Ok(()));
    let closed = Collection { version: 4, hash: no_restriction().hash(), disease: None, closed: true };
    assert_eq!(policies.collection(1), Some(closed));
    assert_eq!(policies.collection(2).map(|other| other.version), Some(2));
}

#[ink::test]
fn direction_is_told_with_the_version_that_it_was_compared_with() {
    let policies = contract();
    assert_eq!(policies.direction(1, general()), Ok((Direction::Same, 1)));
    assert_eq!(policies.direction(1, health()), Ok((Direction::Narrower, 1)));
    assert_eq!(policies.direction(1, no_restriction()), Ok((Direction::Wider, 1)));
    let mut other = health();
    other.bond = 9;
    assert_eq!(policies.direction(1, other), Ok((Direction::Mixed, 1)));
    assert_eq!(policies.direction(1, malformed()), Err(MALFORMED));
}

#[ink::test]
fn a_view_has_what_escrow_pins() {
    let policies = contract();
    let view = policies.view(1).expect("open");
    assert_eq!((view.version, view.hash, view.queued), (1, general().hash(), None));
    assert_eq!((view.split, view.windows, view.bond), (general().split, general().windows, 10));
    assert_eq!(policies.view(2).map(|view| view.version), Ok(2));
    assert_eq!(policies.view(3), Err(AskError::UnknownCollection));
    assert_eq!(policies.view(0), Err(AskError::UnknownCollection));
}

#[ink::test]
fn an_announced_change_is_seen_until_it_ends_by_itself() {
    let mut policies = contract();
    policies.queue(1, change(4, 2)).expect("next version");
    let queued = |policies: &Policies| policies.view(1).expect("open").queued;
    assert_eq!(queued(&policies), Some(change(4, 2)));
    at(NOW + 100);
    assert_eq!(queued(&policies), Some(change(4, 2)));
    at(NOW + 101);
    assert_eq!(queued(&policies), None);
    let later = QueuedChange { proposal: 5, until: NOW + 500, ..change(5, 2) };
    assert_eq!(policies.queue(1, later), Ok(()));
    assert_eq!(queued(&policies), Some(later));
}

#[ink::test]
fn an_announcement_may_end_now_and_not_before() {
    let mut policies = contract();
    let ending = |until| QueuedChange { from: until - 1, until, ..change(4, 2) };
    assert_eq!(policies.queue(1, ending(NOW - 1)), Err(AdministrationError::BadPeriod));
    assert_eq!(policies.queue(1, ending(NOW)), Ok(()));
    assert_eq!(
        policies.queue(1, QueuedChange { from: NOW, until: NOW, ..change(4, 2) }),
        Err(AdministrationError::BadPeriod)
    );
}

#[ink::test]
fn a_collection_has_one_announced_change() {
    let mut policies = contract();
    policies.queue(1, change(4, 2)).expect("next version");
    assert_eq!(policies.queue(1, change(5, 2)), Err(AdministrationError::AlreadyQueued));
    let again = QueuedChange { until: NOW + 200, ..change(4, 2) };
    assert_eq!(policies.queue(1, again), Ok(()));
    assert_eq!(policies.clear(1, 5), Ok(()));
    assert_eq!(policies.view(1).expect("open").queued, Some(again));
    let before = events();
    assert_eq!(policies.clear(1, 4), Ok(()));
    assert_eq!(policies.view(1).expect("open").queued, None);
    assert_eq!(events(), before + 1);
    assert_eq!(policies.clear(1, 4), Ok(()));
    assert_eq!(events(), before + 1, "nothing was taken back");
}

#[ink::test]
fn what_was_announced_ends_with_the_change_itself() {
    let mut policies = contract();
    policies.queue(1, change(4, 2)).expect("next version");
    policies.set_policy(1, 1, health()).expect("narrower");
    assert_eq!(policies.view(1).expect("open").queued, None);
    policies.queue(1, change(5, 3)).expect("next version");
    policies.close(1).expect("open");
    assert_eq!(policies.view(1).expect("closed").queued, None);
    policies.queue(0, change(6, 1)).expect("next root");
    policies.set_root(0, [5; 32]).expect("first root");
    assert_eq!(policies.view(2).expect("closed").queued, None);
}

#[ink::test]
fn an_announced_root_widens_every_collection() {
    let mut policies = contract();
    policies.queue(1, change(4, 2)).expect("next version");
    policies.queue(0, change(6, 1)).expect("next root");
    let widening = QueuedChange { direction: Direction::Wider, ..change(6, 1) };
    assert_eq!(policies.view(1).expect("open").queued, Some(widening));
    assert_eq!(policies.view(2).expect("closed").queued, Some(widening));
    assert_eq!(policies.queue(0, change(7, 1)), Err(AdministrationError::AlreadyQueued));
    policies.clear(0, 6).expect("governor");
    assert_eq!(policies.view(1).expect("open").queued, Some(change(4, 2)));
}

#[ink::test]
fn limits_bind_policies_to_come_and_leave_those_in_force() {
    let mut policies = contract();
    let strict = Limits { max_bond: 9, ..limits() };
    assert_eq!(policies.set_limits(strict), Ok(()));
    assert_eq!(policies.limits(), strict);
    let refused = Err(AdministrationError::Malformed(PolicyFault::Bond));
    assert_eq!(policies.set_policy(1, 1, health()), refused);
    assert_eq!(policies.open(health(), None), Err(AdministrationError::Malformed(PolicyFault::Bond)));
    assert_eq!(policies.view(1).map(|view| view.bond), Ok(10));
    assert_eq!(policies.set_policy(1, 1, Policy { bond: 9, ..health() }), Ok(2));
}

#[ink::test]
#[should_panic(expected = "limits contradict themselves")]
fn no_contract_exists_under_limits_that_contradict_themselves() {
    call_as(governor());
    Policies::new(account(8), Limits::default());
}

#[ink::test]
fn a_handed_over_contract_obeys_its_new_governor_only() {
    let mut policies = contract();
    assert_eq!(policies.hand_over(heir()), Ok(()));
    assert_eq!(policies.governor(), heir());
    assert_eq!(policies.close(1), Err(AdministrationError::NotGovernor));
    call_as(heir());
    assert_eq!(policies.close(1), Ok(()));
}

fn tree() -> Vec<Pair> {
    [(2, 1), (3, 1), (3, 2), (5, 1)].map(|(child, ancestor)| Pair { child, ancestor }).to_vec()
}

fn proof_of(tree: &[Pair], child: u32, ancestor: u32) -> Proof {
    let index = tree.iter().position(|pair| *pair == Pair { child, ancestor }).expect("in the tree");
    ontology::prove(tree, u32::try_from(index).expect("small")).expect("in the tree")
}

#[ink::test]
fn anyone_proves_a_pair_once_under_the_root_that_has_it() {
    let mut policies = contract();
    let root = ontology::root(&tree()).expect("rises");
    let proof = proof_of(&tree(), 3, 2);
    assert_eq!(policies.prove(1, 3, 2, proof.clone()), Err(ProofError::UnknownRoot));
    assert_eq!(policies.root_version(), 0);
    assert_eq!(policies.set_root(0, root), Ok(1));
    assert_eq!(policies.root_version(), 1);
    assert_eq!(policies.root(1), Some(root));
    call_as(stranger());
    assert_eq!(policies.prove(1, 3, 1, proof.clone()), Err(ProofError::BadProof));
    assert_eq!(policies.prove(1, 2, 3, proof.clone()), Err(ProofError::BadProof));
    assert_eq!(policies.prove(0, 3, 2, proof.clone()), Err(ProofError::UnknownRoot));
    assert_eq!(policies.prove(2, 3, 2, proof.clone()), Err(ProofError::UnknownRoot));
    assert_eq!(policies.prove(1, 3, 2, proof.clone()), Ok(()));
    assert_eq!(policies.prove(1, 3, 2, proof), Err(ProofError::AlreadyProved));
    assert_eq!(policies.ancestors(1, 3), [2]);
    assert_eq!(policies.prove(1, 3, 1, proof_of(&tree(), 3, 1)), Ok(()));
    assert_eq!(policies.ancestors(1, 3), [2, 1]);
    assert!(policies.ancestors(1, 2).is_empty());
}

#[ink::test]
fn pairs_stay_with_their_root_and_old_roots_can_still_be_proved_against() {
    let mut policies = contract();
    let later: Vec<Pair> = tree().into_iter().chain([Pair { child: 7, ancestor: 1 }]).collect();
    policies.set_root(0, ontology::root(&tree()).expect("rises")).expect("first");
    policies.prove(1, 3, 2, proof_of(&tree(), 3, 2)).expect("in the tree");
    assert_eq!(
        policies.set_root(1, ontology::root(&tree()).expect("rises")),
        Err(AdministrationError::NoChange)
    );
    assert_eq!(policies.set_root(1, ontology::root(&later).expect("rises")), Ok(2));
    assert!(policies.ancestors(2, 3).is_empty());
    assert_eq!(policies.prove(2, 3, 2, proof_of(&tree(), 3, 2)), Err(ProofError::BadProof));
    assert_eq!(policies.prove(2, 7, 1, proof_of(&later, 7, 1)), Ok(()));
    assert_eq!(policies.prove(1, 5, 1, proof_of(&tree(), 5, 1)), Ok(()));
    assert_eq!(policies.prove(1, 7, 1, proof_of(&later, 7, 1)), Err(ProofError::BadProof));
}

#[ink::test]
fn one_cell_holds_so_many_ancestors_and_no_more() {
    let mut policies = contract();
    let many: Vec<Pair> = (0..=u32::try_from(MAX_ANCESTORS).expect("small"))
        .map(|ancestor| Pair { child: 9, ancestor })
        .collect();
    policies.set_root(0, ontology::root(&many).expect("rises")).expect("first");
    let (last, rest) = many.split_last().expect("many");
    for (index, pair) in (0..).zip(rest) {
        let proof = ontology::prove(&many, index).expect("inside");
        assert_eq!(policies.prove(1, 9, pair.ancestor, proof), Ok(()));
    }
    let proof = proof_of(&many, 9, last.ancestor);
    assert_eq!(policies.prove(1, 9, last.ancestor, proof), Err(ProofError::TooManyAncestors));
}

#[ink::test]
fn a_collection_for_one_disease_asks_the_ontology() {
    let mut policies = contract();
    policies.set_root(0, ontology::root(&tree()).expect("rises")).expect("first");
    let outside = AdministrationError::Malformed(PolicyFault::OutsideDisease);
    assert_eq!(policies.open(general(), Some(2)), Err(outside));
    assert_eq!(policies.open(policy(Permission::DiseaseSpecific, &[3]), Some(2)), Err(outside));
    assert_eq!(policies.open(policy(Permission::DiseaseSpecific, &[2]), Some(2)), Ok(3));
    assert_eq!(policies.set_policy(3, 1, policy(Permission::DiseaseSpecific, &[3])), Err(outside));
    policies.prove(1, 3, 2, proof_of(&tree(), 3, 2)).expect("in the tree");
    assert_eq!(
        policies.direction(3, policy(Permission::DiseaseSpecific, &[3])),
        Ok((Direction::Narrower, 1))
    );
    assert_eq!(policies.set_policy(3, 1, policy(Permission::DiseaseSpecific, &[3])), Ok(2));
    assert_eq!(policies.set_policy(3, 2, general()), Err(outside));
    assert_eq!(policies.collection(3).and_then(|found| found.disease), Some(2));
}

#[ink::test]
fn intake_tells_the_root_of_consents_to_come_and_refuses_a_closed_collection() {
    let mut policies = contract();
    assert_eq!(policies.intake(1), Ok(0));
    policies.set_root(0, [5; 32]).expect("first");
    assert_eq!(policies.intake(1), Ok(1));
    assert_eq!(policies.intake(2), Err(AskError::CollectionClosed));
    assert_eq!(policies.intake(3), Err(AskError::UnknownCollection));
}

#[ink::test]
fn a_question_that_has_no_answer_asks_nobody() {
    let policies = contract();
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
    let judge = |collection, purpose: &Purpose, terms| {
        policies.judge(collection, purpose.clone(), stranger(), terms).map(|_| ())
    };
    assert_eq!(judge(3, &purpose, vec![]), Err(AskError::UnknownCollection));
    let rooted = RootedTerms { terms: terms(Permission::GeneralResearch, &[]), root_version: 0 };
    assert_eq!(judge(1, &purpose, vec![rooted; 65]), Err(AskError::TooMany));
    let malformed = Purpose { months: 0, ..purpose };
    assert_eq!(judge(1, &malformed, vec![]), Err(AskError::Purpose(PurposeError::NoMonths)));
}
