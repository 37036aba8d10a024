//! Each row of the hand-written table, and that the table leaves nothing out.

use crate::notation::{buyer, decision, purpose, terms, Buyer, RULES};
use keystrand_commons::{
    decision::{Decision, Rule, Whose},
    matching::{asks, evaluate, Facts},
    terms::{Kind, Permission},
    wellformed::KINDS,
};
use std::collections::BTreeSet;

const TABLE: &str = include_str!("matching.csv");

fn rows() -> impl Iterator<Item = (&'static str, [&'static str; 5])> {
    TABLE.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        (line, cells.try_into().unwrap_or_else(|_| panic!("five cells: {line}")))
    })
}

#[test]
fn every_row_is_decided_as_written() {
    for (line, [terms_cell, purpose_cell, buyer_cell, decided, _]) in rows() {
        let (terms, root_version) = terms(terms_cell);
        for whose in [Whose::Consent, Whose::Policy] {
            let found = evaluate(&terms, &purpose(purpose_cell), &buyer(buyer_cell), whose, root_version);
            assert_eq!(found, decision(decided, whose), "{line}");
        }
    }
}

#[test]
fn credentials_that_are_not_asked_for_decide_nothing() {
    for (line, [terms_cell, purpose_cell, buyer_cell, ..]) in rows() {
        let (terms, root_version) = terms(terms_cell);
        let purpose = purpose(purpose_cell);
        let all = buyer(buyer_cell);
        let asked = asks(&terms, &purpose);
        let told = Buyer(asked.into_iter().filter(|ask| all.holds(ask.kind, &ask.scope)).collect());
        let decide = |buyer: &Buyer| evaluate(&terms, &purpose, buyer, Whose::Consent, root_version);
        assert_eq!(decide(&told), decide(&all), "{line}");
    }
}

#[test]
fn the_table_has_at_least_200_rows_and_none_twice() {
    let questions: BTreeSet<_> = rows().map(|(_, [a, b, c, ..])| (a, b, c)).collect();
    assert!(questions.len() >= 200, "{} rows", questions.len());
    assert_eq!(questions.len(), rows().count());
}

#[test]
fn the_table_covers_every_cell_of_kind_by_permission() {
    use Permission::{
        DiseaseSpecific, GeneralResearch, HealthMedicalBiomedical, NoRestriction, PopulationOrigins,
    };
    let permissions =
        [NoRestriction, GeneralResearch, HealthMedicalBiomedical, DiseaseSpecific, PopulationOrigins];
    let bare = |terms_cell: &str| !terms_cell.contains(' ') || terms_cell.ends_with(']');
    for kind in KINDS {
        for permission in permissions {
            let covered = rows().any(|(_, [terms_cell, purpose_cell, ..])| {
                bare(terms_cell)
                    && terms(terms_cell).0.permission == permission
                    && purpose(purpose_cell).kind == kind
            });
            assert!(covered, "{kind:?} x {permission:?}");
        }
    }
}

#[test]
fn the_table_has_a_row_decided_by_every_rule() {
    let decided: Vec<Decision> = rows().map(|(_, cells)| decision(cells[3], Whose::Consent)).collect();
    for rule in RULES {
        let found = decided.iter().any(|d| matches!(d, Decision::Deny(reason) if reason.rule == rule));
        assert!(found, "{rule:?}");
    }
    let waits =
        |d: &Decision| matches!(d, Decision::Abstain(reason) if reason.rule == Rule::SpecialPopulation);
    assert!(decided.iter().any(waits));
    for number in 1..=10 {
        assert!(rows().any(|(_, cells)| cells[4] == number.to_string()), "rule {number}");
    }
}

#[test]
fn no_disease_at_all_is_within_no_terms() {
    let (terms, _) = terms("DS[disease]");
    let mut purpose = purpose("disease[heart]");
    assert_eq!(purpose.kind, Kind::Disease);
    purpose.diseases.clear();
    let found = evaluate(&terms, &purpose, &buyer(""), Whose::Consent, 1);
    assert_eq!(found, decision("Deny Disease", Whose::Consent));
}

#[test]
fn a_credential_is_asked_for_only_where_it_can_decide() {
    let count =
        |terms_cell: &str, purpose_cell: &str| asks(&terms(terms_cell).0, &purpose(purpose_cell)).len();
    assert_eq!(count("GRU", "health nonprofit"), 0);
    assert_eq!(count("GRU NPU", "health"), 0);
    assert_eq!(count("GRU NCU", "health nonprofit"), 0);
    assert_eq!(count("GRU NPU", "health nonprofit"), 2);
    assert_eq!(count("GRU NPUNCU", "health nonprofit"), 2);
    assert_eq!(count("GRU IRB", "health"), 1);
    assert_eq!(count("GRU GS=FR", "health FR"), 1);
    assert_eq!(count("GRU GS=FR", "health DE"), 0);
    assert_eq!(count("GRU US=a PS=b IS=c", "health"), 3);
    assert_eq!(count("GRU US=a PS=a IS=a", "health"), 1);
}
