//! Laws of the matching rules, over random terms, purposes and buyers.

use crate::notation::{plain, scope, Buyer, DISEASES, OTHER_PROJECT, PROJECT};
use keystrand_commons::{
    credential::{country_scope, Ask, CredentialKind},
    decision::{Decision, Reason, Rule, Whose},
    matching::{asks, evaluate, Facts, UNSCOPED},
    terms::{modifier, population, Kind, Modifiers, Permission, Purpose, Terms},
    wellformed::KINDS,
    Digest,
};
use proptest::{collection::btree_set, prelude::*, sample::select};

fn some_diseases(most: usize) -> impl Strategy<Value = Vec<u32>> {
    let last = u32::try_from(DISEASES.len()).expect("a few");
    btree_set(1..=last, 1..=most).prop_map(|set| set.into_iter().collect())
}

fn a_scope() -> impl Strategy<Value = Digest> {
    select(vec![scope("a"), scope("b"), scope("c")])
}

fn a_country() -> impl Strategy<Value = [u8; 2]> {
    select(vec![*b"DE", *b"FR"])
}

pub fn some_terms() -> impl Strategy<Value = Terms> {
    use Permission::{
        DiseaseSpecific, GeneralResearch, HealthMedicalBiomedical, NoRestriction, PopulationOrigins,
    };
    let permission = select(vec![
        NoRestriction,
        GeneralResearch,
        HealthMedicalBiomedical,
        DiseaseSpecific,
        PopulationOrigins,
    ]);
    // Sparse, so that a good part of the cases is approved.
    let bits = prop::collection::vec(0u32..12, 0..4)
        .prop_map(|bits| bits.into_iter().fold(0u16, |all, bit| all | 1 << bit));
    let rarely = |strategy| prop::option::weighted(0.2, strategy);
    let scopes = (rarely(a_scope()), rarely(a_scope()), rarely(a_scope()));
    let rest = (
        prop::option::weighted(0.2, a_country()),
        prop::option::weighted(0.2, 1u16..4),
        prop::option::weighted(0.2, 0u64..4),
    );
    (permission, some_diseases(3), bits, scopes, rest).prop_map(
        |(permission, diseases, bits, (user, project, institution), (region, months, publish_from))| {
            let named = if permission == DiseaseSpecific { diseases } else { vec![] };
            Terms {
                modifiers: Modifiers(bits),
                region,
                months,
                user,
                project,
                institution,
                publish_from,
                ..plain(permission, named)
            }
        },
    )
}

pub fn a_purpose() -> impl Strategy<Value = Purpose> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let populations = prop_oneof![4 => Just(0u8), 1 => 1u8..=population::ALL];
    let rest = (a_country(), 1u16..5, prop::option::of(0u64..5), populations);
    (select(KINDS.to_vec()), some_diseases(2), flags, rest).prop_map(
        |(kind, diseases, (genetic_study, non_profit, commercial_use), rest)| {
            let (region, months, publish_at, populations) = rest;
            Purpose {
                kind,
                diseases: if kind == Kind::Disease { diseases } else { vec![] },
                genetic_study,
                non_profit,
                commercial_use,
                region,
                months,
                publish_at,
                project: PROJECT,
                populations,
            }
        },
    )
}

pub fn a_buyer() -> impl Strategy<Value = Buyer> {
    let ask = |kind, scope| Ask { kind, scope };
    let all = vec![
        ask(CredentialKind::AffiliationNonProfit, UNSCOPED),
        ask(CredentialKind::AffiliationCommercial, UNSCOPED),
        ask(CredentialKind::EthicsApproval, PROJECT),
        ask(CredentialKind::EthicsApproval, OTHER_PROJECT),
        ask(CredentialKind::Jurisdiction, country_scope(*b"DE")),
        ask(CredentialKind::Jurisdiction, country_scope(*b"FR")),
        ask(CredentialKind::ControlledAccessGrant, scope("a")),
        ask(CredentialKind::ControlledAccessGrant, scope("b")),
        ask(CredentialKind::ControlledAccessGrant, scope("c")),
        ask(CredentialKind::BonaFideResearcher, UNSCOPED),
    ];
    prop::sample::subsequence(all, 0..=10).prop_map(Buyer)
}

fn strictness(decision: &Decision) -> u8 {
    match decision {
        Decision::Approve => 0,
        Decision::Abstain(_) => 1,
        Decision::Deny(_) => 2,
    }
}

fn decide(terms: &Terms, purpose: &Purpose, buyer: &Buyer) -> Decision {
    evaluate(terms, purpose, buyer, Whose::Consent, 1)
}

/// The terms with one more restriction; `None` where it is there already.
fn restricted(terms: &Terms, choice: u8) -> Option<Terms> {
    let mut more = terms.clone();
    match choice {
        bit @ 0..=11 if 1 << bit != modifier::CLINICAL_CARE => more.modifiers.0 |= 1 << bit,
        12 => more.region = more.region.or(Some(*b"FR")),
        13 => more.months = Some(more.months.map_or(2, |months| months.min(2))),
        14 => more.user = more.user.or(Some(scope("a"))),
        15 => more.project = more.project.or(Some(scope("b"))),
        16 => more.institution = more.institution.or(Some(scope("c"))),
        17 => more.publish_from = Some(more.publish_from.map_or(2, |from| from.max(2))),
        _ => {}
    }
    (&more != terms).then_some(more)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_restricting_modifier_never_makes_an_answer_milder(
        terms in some_terms(), purpose in a_purpose(), buyer in a_buyer(), choice in 0u8..18,
    ) {
        if let Some(more) = restricted(&terms, choice) {
            let (before, after) = (decide(&terms, &purpose, &buyer), decide(&more, &purpose, &buyer));
            prop_assert!(strictness(&after) >= strictness(&before), "{before:?} became {after:?}");
        }
    }

    #[test]
    fn clinical_care_admits_nothing_but_clinical_care(
        terms in some_terms(), purpose in a_purpose(), buyer in a_buyer(),
    ) {
        let mut allowed = terms.clone();
        allowed.modifiers.0 |= modifier::CLINICAL_CARE;
        let (before, after) = (decide(&terms, &purpose, &buyer), decide(&allowed, &purpose, &buyer));
        if purpose.kind == Kind::ClinicalCare {
            prop_assert!(strictness(&after) <= strictness(&before));
        } else {
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn one_disease_more_in_a_purpose_never_makes_an_answer_milder(
        terms in some_terms(), purpose in a_purpose(), buyer in a_buyer(), added in 1u32..=7,
    ) {
        let diseases = if purpose.kind == Kind::Disease { purpose.diseases.clone() } else { vec![3] };
        let purpose = Purpose { kind: Kind::Disease, diseases, ..purpose };
        let mut more = purpose.clone();
        more.diseases.push(added);
        more.diseases.sort_unstable();
        more.diseases.dedup();
        let (before, after) = (decide(&terms, &purpose, &buyer), decide(&terms, &more, &buyer));
        prop_assert!(strictness(&after) >= strictness(&before));
    }

    #[test]
    fn only_what_is_asked_for_decides(terms in some_terms(), purpose in a_purpose(), buyer in a_buyer()) {
        let asked = asks(&terms, &purpose);
        for (index, ask) in asked.iter().enumerate() {
            prop_assert!(!asked[..index].contains(ask), "asked twice: {ask:?}");
        }
        let told = Buyer(asked.into_iter().filter(|ask| buyer.holds(ask.kind, &ask.scope)).collect());
        prop_assert_eq!(decide(&terms, &purpose, &told), decide(&terms, &purpose, &buyer));
    }

    #[test]
    fn special_populations_alone_make_people_decide(
        terms in some_terms(), purpose in a_purpose(), buyer in a_buyer(),
    ) {
        let usual = Purpose { populations: 0, ..purpose.clone() };
        let expected = match decide(&terms, &usual, &buyer) {
            Decision::Approve if purpose.populations != 0 => {
                Decision::Abstain(Reason { rule: Rule::SpecialPopulation, whose: Whose::Consent })
            }
            decision => decision,
        };
        prop_assert_eq!(decide(&terms, &purpose, &buyer), expected);
    }

    #[test]
    fn the_strictest_of_policy_and_consent_wins(
        policy in some_terms(), consent in some_terms(), purpose in a_purpose(), buyer in a_buyer(),
    ) {
        let policy = evaluate(&policy, &purpose, &buyer, Whose::Policy, 1);
        let consent = evaluate(&consent, &purpose, &buyer, Whose::Consent, 1);
        let strictest = strictness(&policy).max(strictness(&consent));
        for both in [policy.and(consent), consent.and(policy)] {
            prop_assert_eq!(strictness(&both), strictest);
            prop_assert!(both == policy || both == consent);
        }
    }
}
