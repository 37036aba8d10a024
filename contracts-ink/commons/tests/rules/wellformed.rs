//! Terms and purposes that are not well formed are refused, each by its own name.

use crate::{
    matching_properties::{a_purpose, some_terms},
    notation::{purpose, scope, terms},
};
use keystrand_commons::{
    consent::TermsField,
    decision::{Decision, Whose},
    matching::{evaluate, Facts},
    terms::{Modifiers, Purpose, PurposeError, Terms, TermsError, MAX_TERMS_BYTES, MAX_TERM_DISEASES},
    Digest,
};
use proptest::prelude::*;
use scale::Encode;

fn refused(cell: &str, change: fn(&mut Terms)) -> Result<(), TermsError> {
    let (mut terms, _) = terms(cell);
    assert_eq!(terms.check(), Ok(()), "{cell} before the change");
    change(&mut terms);
    terms.check()
}

#[test]
fn malformed_terms_are_refused_by_name() {
    assert_eq!(refused("DS[heart]", |t| t.diseases.clear()), Err(TermsError::DiseasesMissing));
    assert_eq!(refused("GRU", |t| t.diseases.push(1)), Err(TermsError::DiseasesUnexpected));
    assert_eq!(refused("DS[heart]", |t| t.diseases = (1..=9).collect()), Err(TermsError::TooManyDiseases));
    assert_eq!(refused("DS[heart]", |t| t.diseases = (1..=8).collect()), Ok(()));
    assert_eq!(refused("DS[heart]", |t| t.diseases = vec![2, 1]), Err(TermsError::DiseasesUnsorted));
    assert_eq!(refused("DS[heart]", |t| t.diseases = vec![1, 1]), Err(TermsError::DiseasesUnsorted));
    assert_eq!(refused("GRU", |t| t.modifiers = Modifiers(1 << 12)), Err(TermsError::UnknownModifier));
    assert_eq!(refused("GRU", |t| t.modifiers = Modifiers(0x8001)), Err(TermsError::UnknownModifier));
    assert_eq!(refused("GRU", |t| t.region = Some(*b"de")), Err(TermsError::BadRegion));
    assert_eq!(refused("GRU", |t| t.region = Some(*b"D1")), Err(TermsError::BadRegion));
    assert_eq!(refused("GRU", |t| t.months = Some(0)), Err(TermsError::NoMonths));
    assert_eq!(refused("GRU TS=1", |t| t.months = Some(1)), Ok(()));
}

#[test]
fn terms_that_admit_nothing_are_refused() {
    assert_eq!(terms("POA NPOA NMDS").0.check(), Err(TermsError::AdmitsNothing));
    assert_eq!(terms("POA NPOA").0.check(), Ok(()));
    assert_eq!(terms("POA NMDS").0.check(), Ok(()));
    assert_eq!(terms("POA NPOA NMDS CC").0.check(), Ok(()));
    assert_eq!(terms("DS[heart] NPOA NMDS").0.check(), Ok(()));
}

/// A buyer who holds every credential but the commercial affiliation.
struct Everything;
impl Facts for Everything {
    fn descends(&self, _: u32, _: u32, _: u32) -> bool {
        false
    }
    fn holds(&self, kind: keystrand_commons::credential::CredentialKind, _: &Digest) -> bool {
        kind != keystrand_commons::credential::CredentialKind::AffiliationCommercial
    }
}

/// A purpose of this kind that satisfies every condition of the terms.
fn obedient(terms: &Terms, kind: &str) -> Purpose {
    let mut purpose = purpose(kind);
    if !purpose.diseases.is_empty() && !terms.diseases.is_empty() {
        purpose.diseases = vec![terms.diseases[0]];
    }
    purpose.genetic_study = true;
    purpose.non_profit = true;
    purpose.region = terms.region.unwrap_or(*b"DE");
    purpose.months = 1;
    purpose
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn terms_admit_nothing_exactly_if_no_obedient_purpose_is_admitted(terms in some_terms()) {
        let kinds = ["disease[heart]", "health", "ancestry", "general", "methods", "care"];
        let admits = kinds.iter().any(|kind| {
            evaluate(&terms, &obedient(&terms, kind), &Everything, Whose::Consent, 1) == Decision::Approve
        });
        prop_assert_eq!(terms.check(), if admits { Ok(()) } else { Err(TermsError::AdmitsNothing) });
    }

    #[test]
    fn terms_come_back_from_their_field_unchanged(terms in some_terms()) {
        let field = TermsField::new(&terms).expect("fits");
        prop_assert_eq!(field.terms(), Some(terms));
        prop_assert_eq!(field.encode().len(), MAX_TERMS_BYTES);
    }

    #[test]
    fn generated_purposes_are_well_formed(purpose in a_purpose()) {
        prop_assert_eq!(purpose.check(), Ok(()));
    }
}

#[test]
fn the_longest_terms_fit_their_field() {
    let (mut longest, _) = terms("DS[heart] GS=DE TS=600 MOR=1");
    longest.diseases = (1..=u32::try_from(MAX_TERM_DISEASES).expect("8")).map(|n| n * 100_000_000).collect();
    longest.user = Some(scope("a"));
    longest.project = Some(scope("b"));
    longest.institution = Some(scope("c"));
    assert_eq!(longest.check(), Ok(()));
    assert!(longest.encoded_size() <= MAX_TERMS_BYTES, "{}", longest.encoded_size());
    assert_eq!(TermsField::new(&longest).map(|field| field.terms()), Ok(Some(longest)));
}

#[test]
fn terms_longer_than_their_field_are_refused() {
    let (mut terms, _) = terms("DS[heart]");
    terms.diseases = (0..40).collect();
    assert_eq!(TermsField::new(&terms), Err(TermsError::TooLong));
}

fn refused_purpose(cell: &str, change: fn(&mut Purpose)) -> Result<(), PurposeError> {
    let mut purpose = purpose(cell);
    assert_eq!(purpose.check(), Ok(()), "{cell} before the change");
    change(&mut purpose);
    purpose.check()
}

#[test]
fn malformed_purposes_are_refused_by_name() {
    let disease = "disease[heart]";
    assert_eq!(refused_purpose(disease, |p| p.diseases.clear()), Err(PurposeError::DiseasesMissing));
    assert_eq!(refused_purpose("health", |p| p.diseases.push(1)), Err(PurposeError::DiseasesUnexpected));
    assert_eq!(
        refused_purpose(disease, |p| p.diseases = (1..=5).collect()),
        Err(PurposeError::TooManyDiseases)
    );
    assert_eq!(refused_purpose(disease, |p| p.diseases = (1..=4).collect()), Ok(()));
    assert_eq!(refused_purpose(disease, |p| p.diseases = vec![2, 1]), Err(PurposeError::DiseasesUnsorted));
    assert_eq!(refused_purpose(disease, |p| p.diseases = vec![2, 2]), Err(PurposeError::DiseasesUnsorted));
    assert_eq!(refused_purpose("health", |p| p.populations = 16), Err(PurposeError::UnknownPopulation));
    assert_eq!(refused_purpose("health", |p| p.populations = 15), Ok(()));
    assert_eq!(refused_purpose("health", |p| p.region = *b"d3"), Err(PurposeError::BadRegion));
    assert_eq!(refused_purpose("health", |p| p.months = 0), Err(PurposeError::NoMonths));
}
