//! `compare` against an exhaustive search for purposes that one set of terms admits and another does not.

use crate::{
    matching_properties::{a_buyer, a_purpose, some_terms},
    notation::{bit, buyer, disease, plain, purpose, scope, terms, Buyer},
};
use keystrand_commons::{
    attestation::{AttestationPolicy, Platform},
    credential::{Ask, CredentialKind},
    decision::{Decision, Whose},
    direction::{admits_within, compare, compare_terms},
    matching::{evaluate, UNSCOPED},
    policy::{Committee, Direction, Policy, Split, Windows},
    terms::{Modifiers, Permission, Purpose, Terms},
    AccountId,
};
use proptest::prelude::*;

/// What terms admit of a universe of purposes and buyers, one bit each.
#[derive(PartialEq, Eq)]
struct Admitted(Vec<u64>);

impl Admitted {
    fn of(terms: &Terms, universe: &[(Purpose, Buyer)]) -> Self {
        let mut words = vec![0u64; universe.len().div_ceil(64)];
        for (index, (purpose, buyer)) in universe.iter().enumerate() {
            let decision = evaluate(terms, purpose, buyer, Whose::Policy, 1);
            if !matches!(decision, Decision::Deny(_)) {
                words[index / 64] |= 1 << (index % 64);
            }
        }
        Self(words)
    }

    fn within(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, theirs)| mine & !theirs == 0)
    }
}

/// What the search says of two different sets of terms with the same duties.
fn searched(before: &Admitted, after: &Admitted) -> Direction {
    match (after.within(before), before.within(after)) {
        (true, false) => Direction::Narrower,
        (false, true) => Direction::Wider,
        _ => Direction::Mixed,
    }
}

/// Every pair of the terms is compared and searched; the two must agree exactly.
fn prove(all: &[Terms], universe: &[(Purpose, Buyer)]) {
    let admitted: Vec<Admitted> = all.iter().map(|terms| Admitted::of(terms, universe)).collect();
    let facts = Buyer::default();
    let mut seen = [0usize; 4];
    for (before, before_admits) in all.iter().zip(&admitted) {
        for (after, after_admits) in all.iter().zip(&admitted) {
            let found = compare_terms(before, after, &facts, 1);
            let expected =
                if before == after { Direction::Same } else { searched(before_admits, after_admits) };
            assert!(found == expected, "{before:?}\n{after:?}\n{found:?}, searched {expected:?}");
            seen[found as usize] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "every direction occurs: {seen:?}");
}

#[test]
fn compare_agrees_with_exhaustive_search_over_permissions_and_modifiers() {
    let permissions = [
        plain(Permission::NoRestriction, vec![]),
        plain(Permission::GeneralResearch, vec![]),
        plain(Permission::HealthMedicalBiomedical, vec![]),
        plain(Permission::PopulationOrigins, vec![]),
        terms("DS[cancer]").0,
        terms("DS[breast]").0,
        terms("DS[heart]").0,
        terms("DS[breast heart]").0,
        terms("DS[cancer heart]").0,
    ];
    let bits = ["NMDS", "GSO", "NPUNCU", "NPU", "NCU", "NPOA", "CC", "IRB"].map(bit);
    let mut all = Vec::new();
    for base in &permissions {
        for set in 0..1u16 << bits.len() {
            let chosen = bits.iter().enumerate().filter(|(index, _)| set >> index & 1 == 1);
            let modifiers = Modifiers(chosen.fold(0, |all, (_, bit)| all | bit));
            all.push(Terms { modifiers, ..base.clone() });
        }
    }
    let kinds = [
        "health",
        "ancestry",
        "general",
        "methods",
        "care",
        "disease[disease]",
        "disease[cancer]",
        "disease[breast]",
        "disease[lung]",
        "disease[ductal]",
        "disease[heart]",
        "disease[breast lung]",
        "disease[breast heart]",
        "disease[lung heart]",
        "disease[cancer heart]",
        "disease[cancer disease]",
    ];
    let mut universe = Vec::new();
    for kind in kinds {
        for flags in 0..16u8 {
            let set = |bit: u8| flags >> bit & 1 == 1;
            let purpose = Purpose {
                genetic_study: set(0),
                non_profit: set(1),
                commercial_use: set(2),
                ..purpose(kind)
            };
            universe.push((purpose, buyer(if set(3) { "np irb" } else { "np" })));
        }
    }
    prove(&all, &universe);
}

#[test]
fn compare_agrees_with_exhaustive_search_over_places_dates_and_scopes() {
    let scopes = [None, Some(scope("a")), Some(scope("b"))];
    let mut all = Vec::new();
    for base in [terms("GRU").0, terms("DS[cancer]").0] {
        for region in [None, Some(*b"DE"), Some(*b"FR")] {
            for months in [None, Some(6), Some(12)] {
                for publish_from in [None, Some(10), Some(20)] {
                    for user in scopes {
                        for project in scopes {
                            for institution in [None, Some(scope("a"))] {
                                all.push(Terms {
                                    region,
                                    months,
                                    user,
                                    project,
                                    institution,
                                    publish_from,
                                    ..base.clone()
                                });
                            }
                        }
                    }
                }
            }
        }
    }
    let mut universe = Vec::new();
    for kind in ["general", "disease[lung]", "methods"] {
        for place in ["DE", "FR", "US"] {
            for months in ["6m", "12m", "24m"] {
                for publish in ["", "publish=5", "publish=15", "publish=25"] {
                    for held in [
                        "",
                        "in-DE in-FR",
                        "in-DE in-FR grant-a",
                        "in-DE in-FR grant-b",
                        "in-DE in-FR grant-a grant-b",
                    ] {
                        universe.push((purpose(&format!("{kind} {place} {months} {publish}")), buyer(held)));
                    }
                }
            }
        }
    }
    prove(&all, &universe);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_purpose_is_newly_admitted_unless_compare_says_so(
        before in some_terms(), after in some_terms(), purpose in a_purpose(), buyer in a_buyer(),
    ) {
        let admits = |terms| !matches!(evaluate(terms, &purpose, &buyer, Whose::Policy, 1), Decision::Deny(_));
        if admits(&after) && !admits(&before) {
            prop_assert!(!admits_within(&after, &before, &buyer, 1));
            let found = compare_terms(&before, &after, &buyer, 1);
            prop_assert!(matches!(found, Direction::Wider | Direction::Mixed), "{found:?}");
        }
    }

    #[test]
    fn compare_read_backwards_is_the_reverse(before in some_terms(), after in some_terms()) {
        let facts = Buyer::default();
        let reverse = match compare_terms(&after, &before, &facts, 1) {
            Direction::Narrower => Direction::Wider,
            Direction::Wider => Direction::Narrower,
            direction => direction,
        };
        prop_assert_eq!(compare_terms(&before, &after, &facts, 1), reverse);
    }
}

pub fn a_policy() -> Policy {
    let account = |byte| AccountId::from([byte; 32]);
    Policy {
        terms: terms("HMB").0,
        required: vec![Ask { kind: CredentialKind::BonaFideResearcher, scope: UNSCOPED }],
        attestation: AttestationPolicy {
            quorum: 2,
            platforms: vec![Platform::IntelTdx, Platform::AwsNitro],
            measurements: vec![[1; 32], [2; 32]],
            min_tcb_date: 1_000,
            admit_debug: false,
            max_age: 60_000,
        },
        min_cohort: 2,
        laboratory: false,
        split: Split { contributor: 8_000, custodian: 1_500, treasury: 500 },
        windows: Windows { fulfil: 50, release: 50, dispute: 50, answer: 50, arbitration: 50 },
        bond: 10,
        arbitrator: account(1),
        treasury: account(2),
        committee: Committee { members: vec![account(3), account(4)], quorum: 1 },
    }
}

fn direction_of(change: impl Fn(&mut Policy)) -> Direction {
    let before = a_policy();
    let mut after = before.clone();
    change(&mut after);
    compare(&before, &after, &Buyer::default(), 1)
}

#[test]
fn a_policy_narrows_only_by_what_it_takes_away_or_asks_for() {
    let narrows = |change: fn(&mut Policy)| assert_eq!(direction_of(change), Direction::Narrower);
    narrows(|policy| policy.terms = terms("HMB NCU").0);
    narrows(|policy| policy.terms = terms("DS[cancer]").0);
    narrows(|policy| policy.required.push(Ask { kind: CredentialKind::AcceptedTerms, scope: UNSCOPED }));
    narrows(|policy| policy.attestation.quorum = 3);
    narrows(|policy| policy.attestation.min_tcb_date = 1_001);
    narrows(|policy| policy.attestation.platforms = vec![Platform::AwsNitro]);
    narrows(|policy| policy.attestation.measurements = vec![[2; 32]]);
    narrows(|policy| {
        policy.terms = terms("DS[breast] GSO").0;
        policy.attestation.quorum = 3;
        policy.attestation.measurements = vec![[1; 32]];
    });
}

#[test]
fn a_policy_widens_only_by_its_terms() {
    assert_eq!(direction_of(|policy| policy.terms = terms("GRU").0), Direction::Wider);
    assert_eq!(direction_of(|policy| policy.terms = terms("HMB CC").0), Direction::Wider);
}

#[test]
fn every_other_difference_of_policies_is_mixed() {
    let mixed = |change: fn(&mut Policy)| assert_eq!(direction_of(change), Direction::Mixed);
    mixed(|policy| policy.terms = terms("GRU NCU").0);
    mixed(|policy| policy.terms = terms("HMB PUB").0);
    mixed(|policy| policy.required.clear());
    mixed(|policy| policy.required = vec![Ask { kind: CredentialKind::AcceptedTerms, scope: UNSCOPED }]);
    mixed(|policy| policy.attestation.quorum = 1);
    mixed(|policy| policy.attestation.min_tcb_date = 999);
    mixed(|policy| policy.attestation.platforms.push(Platform::Simulated));
    mixed(|policy| policy.attestation.platforms = vec![Platform::IntelSgx]);
    mixed(|policy| policy.attestation.measurements.push([3; 32]));
    mixed(|policy| policy.attestation.measurements = vec![[3; 32]]);
    mixed(|policy| policy.attestation.admit_debug = true);
    mixed(|policy| policy.attestation.max_age = 59_999);
    mixed(|policy| policy.min_cohort = 3);
    mixed(|policy| policy.laboratory = true);
    mixed(|policy| policy.split = Split { contributor: 8_500, custodian: 1_000, treasury: 500 });
    mixed(|policy| policy.windows.fulfil = 51);
    mixed(|policy| policy.bond = 11);
    mixed(|policy| policy.arbitrator = AccountId::from([9; 32]));
    mixed(|policy| policy.treasury = AccountId::from([9; 32]));
    mixed(|policy| policy.committee.quorum = 2);
    mixed(|policy| policy.committee.members.truncate(1));
    // A narrowing with anything else is no narrowing, and a widening with anything else no pure widening.
    mixed(|policy| {
        policy.terms = terms("HMB NCU").0;
        policy.bond = 11;
    });
    mixed(|policy| {
        policy.terms = terms("HMB NCU").0;
        policy.attestation.quorum = 1;
    });
    mixed(|policy| {
        policy.terms = terms("GRU").0;
        policy.attestation.quorum = 3;
    });
    mixed(|policy| {
        policy.attestation.quorum = 3;
        policy.attestation.platforms.push(Platform::Simulated);
    });
}

#[test]
fn a_requirement_in_another_order_is_mixed_and_nothing_at_all_is_the_same() {
    let second = Ask { kind: CredentialKind::AcceptedTerms, scope: UNSCOPED };
    let mut before = a_policy();
    before.required.push(second);
    let mut after = before.clone();
    after.required.reverse();
    assert_eq!(compare(&before, &after, &Buyer::default(), 1), Direction::Mixed);
    assert_eq!(compare(&before, &before, &Buyer::default(), 1), Direction::Same);
}

#[test]
fn a_disease_is_narrower_only_under_a_root_that_says_so() {
    let (before, after) = (terms("DS[cancer]").0, terms("DS[rare]").0);
    assert_eq!(compare_terms(&before, &after, &Buyer::default(), 1), Direction::Mixed);
    assert_eq!(compare_terms(&before, &after, &Buyer::default(), 2), Direction::Narrower);
    assert_ne!(disease("rare"), disease("cancer"));
}

#[test]
fn a_change_of_duties_is_no_narrowing_whatever_else_it_takes_away() {
    let mixed = |before, after| {
        let found = compare_terms(&terms(before).0, &terms(after).0, &Buyer::default(), 1);
        assert_eq!(found, Direction::Mixed, "{before} to {after}");
    };
    mixed("HMB", "HMB NCU PUB");
    mixed("HMB RTN", "HMB NCU");
    mixed("HMB PUB", "GRU");
    mixed("HMB COL", "HMB NCU RS");
}

#[test]
fn terms_written_otherwise_that_admit_the_same_are_mixed() {
    let found = compare_terms(&terms("GRU NPU NCU").0, &terms("GRU NPUNCU").0, &Buyer::default(), 1);
    assert_eq!(found, Direction::Mixed);
}
