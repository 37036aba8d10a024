//! Policies that are not well formed, or outside the governor's limits, are refused, each by its own name.

use crate::{
    direction::a_policy,
    notation::{disease, terms, Buyer},
};
use keystrand_commons::{
    attestation::Platform,
    credential::{Ask, CredentialKind},
    matching::UNSCOPED,
    policy::{Limits, Policy, PolicyFault, Split, Windows},
    terms::TermsError,
    AccountId,
};

const NOW: u64 = 1_000;

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

fn checked(change: impl Fn(&mut Policy)) -> Result<(), PolicyFault> {
    let mut policy = a_policy();
    change(&mut policy);
    policy.check(&limits(), NOW)
}

#[test]
fn a_policy_at_its_limits_is_accepted() {
    assert_eq!(checked(|_| ()), Ok(()));
    assert_eq!(checked(|p| p.windows = windows(10)), Ok(()));
    assert_eq!(checked(|p| p.windows = windows(100)), Ok(()));
    assert_eq!(checked(|p| p.split = Split { contributor: 7_500, custodian: 2_000, treasury: 500 }), Ok(()));
    assert_eq!(checked(|p| p.min_cohort = 64), Ok(()));
    assert_eq!(checked(|p| p.attestation.quorum = 8), Ok(()));
    assert_eq!(checked(|p| p.required.clear()), Ok(()));
    assert_eq!(checked(|p| p.attestation.measurements = (0..8).map(|n| [n; 32]).collect()), Ok(()));
    assert_eq!(checked(|p| p.committee.quorum = 2), Ok(()));
    assert_eq!(checked(|p| p.bond = 0), Ok(()));
    assert_eq!(
        checked(|p| {
            use Platform::{AwsNitro, IntelSgx, IntelTdx, Simulated};
            p.attestation.platforms = vec![IntelTdx, IntelSgx, AwsNitro, Simulated];
        }),
        Ok(())
    );
}

#[test]
fn malformed_policies_are_refused_by_name() {
    let ask = |scope| Ask { kind: CredentialKind::AcceptedTerms, scope };
    let account = |byte| AccountId::from([byte; 32]);
    let refused = |fault: PolicyFault, change: &dyn Fn(&mut Policy)| assert_eq!(checked(change), Err(fault));
    refused(PolicyFault::Terms(TermsError::AdmitsNothing), &|p| p.terms = terms("POA NPOA NMDS").0);
    refused(PolicyFault::Required, &|p| p.required = (0..9).map(|n| ask([n; 32])).collect());
    refused(PolicyFault::Required, &|p| p.required = vec![ask(UNSCOPED), ask([1; 32]), ask(UNSCOPED)]);
    refused(PolicyFault::Quorum, &|p| p.attestation.quorum = 0);
    refused(PolicyFault::Quorum, &|p| p.attestation.quorum = 9);
    refused(PolicyFault::Platforms, &|p| p.attestation.platforms.clear());
    refused(PolicyFault::Platforms, &|p| p.attestation.platforms.reverse());
    refused(PolicyFault::Platforms, &|p| p.attestation.platforms = vec![Platform::AwsNitro; 2]);
    refused(PolicyFault::Measurements, &|p| p.attestation.measurements.clear());
    refused(PolicyFault::Measurements, &|p| p.attestation.measurements.reverse());
    refused(PolicyFault::Measurements, &|p| p.attestation.measurements = vec![[1; 32]; 2]);
    refused(PolicyFault::Measurements, &|p| p.attestation.measurements = (0..9).map(|n| [n; 32]).collect());
    refused(PolicyFault::TcbDate, &|p| p.attestation.min_tcb_date = NOW + 1);
    refused(PolicyFault::MaxAge, &|p| p.attestation.max_age = 0);
    refused(PolicyFault::MinCohort, &|p| p.min_cohort = 0);
    refused(PolicyFault::MinCohort, &|p| p.min_cohort = 65);
    refused(PolicyFault::Split, &|p| p.split.contributor = 7_999);
    refused(PolicyFault::Split, &|p| p.split.contributor = 8_001);
    refused(PolicyFault::Split, &|p| p.split = Split { contributor: 7_499, custodian: 2_001, treasury: 500 });
    refused(PolicyFault::Split, &|p| p.split = Split { contributor: 8_000, custodian: 1_499, treasury: 501 });
    refused(PolicyFault::Bond, &|p| p.bond = 11);
    refused(PolicyFault::Committee, &|p| p.committee.quorum = 0);
    refused(PolicyFault::Committee, &|p| p.committee.quorum = 3);
    refused(PolicyFault::Committee, &|p| p.committee.members.clear());
    refused(PolicyFault::Committee, &|p| p.committee.members.reverse());
    refused(PolicyFault::Committee, &|p| p.committee.members = vec![account(1); 2]);
    refused(PolicyFault::Committee, &|p| p.committee.members = (0..9).map(account).collect());
}

#[test]
fn each_window_has_its_own_limits() {
    let fields: [fn(&mut Windows) -> &mut u64; 5] = [
        |w| &mut w.fulfil,
        |w| &mut w.release,
        |w| &mut w.dispute,
        |w| &mut w.answer,
        |w| &mut w.arbitration,
    ];
    for field in fields {
        assert_eq!(checked(|p| *field(&mut p.windows) = 9), Err(PolicyFault::Windows));
        assert_eq!(checked(|p| *field(&mut p.windows) = 101), Err(PolicyFault::Windows));
        let mut crossed = limits();
        *field(&mut crossed.shortest) = 101;
        assert!(!crossed.are_consistent());
        let mut empty = limits();
        *field(&mut empty.shortest) = 0;
        assert!(!empty.are_consistent());
    }
}

#[test]
fn limits_that_contradict_themselves_are_told() {
    assert!(limits().are_consistent());
    assert!(!Limits { max_custodian: 10_001, ..limits() }.are_consistent());
    assert!(!Limits { max_treasury: 10_001, ..limits() }.are_consistent());
    assert!(Limits { max_treasury: 10_000, max_custodian: 10_000, ..limits() }.are_consistent());
    assert!(!Limits::default().are_consistent());
}

#[test]
fn a_collection_for_one_disease_takes_no_policy_beyond_it() {
    let within = |cell: &str, bound: Option<&str>, root_version| {
        let policy = Policy { terms: terms(cell).0, ..a_policy() };
        policy.check_disease(bound.map(disease), &Buyer::default(), root_version)
    };
    let refused = Err(PolicyFault::OutsideDisease);
    assert_eq!(within("GRU", None, 1), Ok(()));
    assert_eq!(within("DS[cancer]", Some("cancer"), 1), Ok(()));
    assert_eq!(within("DS[breast lung]", Some("cancer"), 1), Ok(()));
    assert_eq!(within("DS[breast heart]", Some("cancer"), 1), refused);
    assert_eq!(within("DS[disease]", Some("cancer"), 1), refused);
    assert_eq!(within("HMB", Some("cancer"), 1), refused);
    assert_eq!(within("GRU", Some("cancer"), 1), refused);
    assert_eq!(within("POA", Some("cancer"), 1), refused);
    assert_eq!(within("DS[rare]", Some("cancer"), 1), refused);
    assert_eq!(within("DS[rare]", Some("cancer"), 2), Ok(()));
}

#[test]
fn the_hash_is_of_the_whole_policy() {
    let before = a_policy();
    let mut after = before.clone();
    assert_eq!(before.hash(), after.hash());
    after.committee.quorum = 2;
    assert_ne!(before.hash(), after.hash());
}
