//! What `policies` answers, with the number of its reads.

use crate::{
    direction::a_policy,
    notation::{buyer, decision, descends, disease, purpose, scope, terms, Buyer},
};
use keystrand_commons::{
    credential::{Ask, CredentialKind, Standing},
    decision::{Decision, Whose},
    interface::{AskError, RootedTerms, MAX_LOOKUPS},
    judgement::{KnownFacts, Question},
    matching::{Facts, UNSCOPED},
    policy::Policy,
    terms::{Purpose, PurposeError, Terms},
    Digest, MAX_LINES,
};
use std::cell::RefCell;

fn rooted(cell: &str) -> RootedTerms {
    let (terms, root_version) = terms(cell);
    RootedTerms { terms, root_version }
}

fn question<'a>(policy: &'a Policy, purpose: &'a Purpose, terms: &'a [RootedTerms]) -> Question<'a> {
    Question { policy, closed: false, root_version: 1, purpose, terms }
}

fn proved_ancestors(root_version: u32, child: u32) -> Vec<u32> {
    (1..=7).filter(|ancestor| descends(child, *ancestor, root_version)).collect()
}

/// Facts as the contract has them: what identity says of this buyer to the question's asks.
fn facts(question: &Question, buyer: &Buyer) -> KnownFacts<fn(u32, u32) -> Vec<u32>> {
    let asks = question.asks().expect("a question");
    let holds = asks.iter().map(|ask| buyer.holds(ask.kind, &ask.scope)).collect();
    KnownFacts::new(&asks, &Standing { suspended: false, holds }, proved_ancestors)
}

const RESEARCHER: Ask = Ask { kind: CredentialKind::BonaFideResearcher, scope: UNSCOPED };

fn researcher(cell: &str) -> Buyer {
    let mut credentials = buyer(cell);
    credentials.0.push(RESEARCHER);
    credentials
}

#[test]
fn the_policy_answers_closed_then_suspended_then_terms_then_required_credentials() {
    let policy = a_policy();
    let (health, general) = (purpose("health"), purpose("general"));
    let answer = |purpose: &Purpose, closed, suspended, buyer: &Buyer| {
        let question = Question { closed, ..question(&policy, purpose, &[]) };
        question.policy_decision(&facts(&question, buyer), suspended)
    };
    let expect = |cell| decision_of_policy(cell);
    let nobody = buyer("");
    assert_eq!(answer(&health, false, false, &researcher("")), Decision::Approve);
    assert_eq!(answer(&health, false, false, &nobody), expect("RequiredCredential"));
    assert_eq!(answer(&general, false, false, &nobody), expect("Permission"));
    assert_eq!(answer(&general, false, true, &nobody), expect("Suspended"));
    assert_eq!(answer(&health, false, true, &researcher("")), expect("Suspended"));
    assert_eq!(answer(&general, true, true, &nobody), expect("CollectionClosed"));
    let paediatric = purpose("health paediatric");
    assert_eq!(answer(&paediatric, false, false, &nobody), expect("RequiredCredential"));
    let waits = decision("Abstain SpecialPopulation", Whose::Policy);
    assert_eq!(answer(&paediatric, false, false, &researcher("")), waits);
}

fn decision_of_policy(rule: &str) -> Decision {
    use keystrand_commons::decision::{Reason, Rule};
    let rule = match rule {
        "RequiredCredential" => Rule::RequiredCredential,
        "Suspended" => Rule::Suspended,
        "CollectionClosed" => Rule::CollectionClosed,
        "Permission" => Rule::Permission,
        other => panic!("no rule {other}"),
    };
    Decision::Deny(Reason { rule, whose: Whose::Policy })
}

#[test]
fn each_of_the_terms_is_answered_in_its_place_and_under_its_root() {
    let policy = a_policy();
    let purpose = purpose("disease[rare]");
    let terms = ["GRU", "DS[cancer]", "DS[cancer] root=2", "POA", "GRU IRB"].map(rooted);
    let question = question(&policy, &purpose, &terms);
    let found = question.term_decisions(&facts(&question, &buyer("")));
    let expected = ["Approve", "Deny Disease", "Approve", "Deny Unlisted", "Deny EthicsApproval"];
    assert_eq!(found, expected.map(|cell| decision(cell, Whose::Consent)));
}

#[test]
fn the_policy_is_judged_under_the_present_root() {
    let mut policy = a_policy();
    policy.terms = terms("DS[cancer]").0;
    let purpose = purpose("disease[rare]");
    for (root_version, expected) in [(1, "Deny Disease"), (2, "Approve")] {
        let question = Question { root_version, ..question(&policy, &purpose, &[]) };
        let found = question.policy_decision(&facts(&question, &researcher("")), false);
        assert_eq!(found, decision(expected, Whose::Policy), "root {root_version}");
    }
}

#[test]
fn a_malformed_purpose_and_too_many_terms_have_no_answer() {
    let policy = a_policy();
    let mut purpose = purpose("health");
    let terms = vec![rooted("GRU"); MAX_LINES + 1];
    assert_eq!(question(&policy, &purpose, &terms).asks(), Err(AskError::TooMany));
    assert_eq!(question(&policy, &purpose, &terms[1..]).asks(), Ok(vec![RESEARCHER]));
    purpose.months = 0;
    assert_eq!(question(&policy, &purpose, &[]).asks(), Err(AskError::Purpose(PurposeError::NoMonths)));
}

#[test]
fn every_credential_is_asked_for_once() {
    let mut policy = a_policy();
    policy.terms = terms("HMB NPU IRB US=a").0;
    let purpose = purpose("health nonprofit");
    let terms = vec![rooted("HMB NPU IRB US=a PS=b"); MAX_LINES];
    let asks = question(&policy, &purpose, &terms).asks().expect("a question");
    // Researcher, two affiliations, ethics approval, grants a and b.
    assert_eq!(asks.len(), 6);
}

/// `count` sets of terms, each for the holder of a grant of its own.
fn each_for_its_own_user(count: usize) -> Vec<RootedTerms> {
    let numbered = |number: usize| -> Digest {
        let mut digest = [0xff; 32];
        digest[..8].copy_from_slice(&u64::try_from(number).expect("small").to_le_bytes());
        digest
    };
    (0..count)
        .map(|number| {
            let terms = Terms { user: Some(numbered(number)), ..terms("HMB").0 };
            RootedTerms { terms, root_version: 1 }
        })
        .collect()
}

#[test]
fn a_question_that_needs_more_lookups_than_an_order_can_pay_for_is_refused() {
    let policy = a_policy();
    let health = purpose("health");
    // With the researcher's credential: one below the bound, at it, and above.
    for (users, expected) in [(MAX_LOOKUPS - 2, true), (MAX_LOOKUPS - 1, true), (MAX_LOOKUPS, false)] {
        let terms = each_for_its_own_user(users);
        assert_eq!(question(&policy, &health, &terms).asks().is_ok(), expected, "{users}");
    }
    // Each root of disease specific terms needs the ancestors of each disease of the purpose.
    let research = purpose("disease[breast lung]");
    let under_roots = |count: u32| -> Vec<RootedTerms> {
        (1..=count).map(|root_version| RootedTerms { root_version, ..rooted("DS[cancer]") }).collect()
    };
    assert!(question(&policy, &research, &under_roots(31)).asks().is_ok());
    assert_eq!(question(&policy, &research, &under_roots(32)).asks(), Err(AskError::TooMany));
    let mut general = under_roots(64);
    general.iter_mut().for_each(|rooted| rooted.terms = terms("GRU").0);
    assert!(question(&policy, &research, &general).asks().is_ok());
    let mut specific = a_policy();
    specific.terms = terms("DS[cancer]").0;
    let own_root = Question { root_version: 99, ..question(&specific, &research, &[]) };
    assert!(own_root.asks().is_ok());
    let with_policy = under_roots(31);
    let both = Question { root_version: 99, ..question(&specific, &research, &with_policy) };
    assert_eq!(both.asks(), Err(AskError::TooMany));
}

#[test]
fn ancestors_are_read_once_a_disease_and_root_however_many_terms_ask() {
    let mut policy = a_policy();
    policy.terms = terms("DS[disease]").0;
    let purpose = purpose("disease[breast lung]");
    let mut terms = vec![rooted("DS[ductal heart rare]"); MAX_LINES / 2];
    terms.extend(vec![rooted("DS[cancer] root=2"); MAX_LINES / 2]);
    let question = question(&policy, &purpose, &terms);
    let read = RefCell::new(Vec::new());
    let standing = Standing { suspended: false, holds: vec![] };
    let facts = KnownFacts::new(&[], &standing, |root_version, child| {
        read.borrow_mut().push((root_version, child));
        proved_ancestors(root_version, child)
    });
    question.policy_decision(&facts, false);
    question.term_decisions(&facts);
    let mut read = read.into_inner();
    read.sort_unstable();
    let (breast, lung) = (disease("breast"), disease("lung"));
    assert_eq!(read, [(1, breast), (1, lung), (2, breast), (2, lung)]);
}

#[test]
fn what_identity_did_not_answer_is_not_held() {
    let asks = [RESEARCHER, Ask { kind: CredentialKind::EthicsApproval, scope: scope("a") }];
    let standing = Standing { suspended: false, holds: vec![true] };
    let facts = KnownFacts::new(&asks, &standing, proved_ancestors);
    assert!(facts.holds(CredentialKind::BonaFideResearcher, &UNSCOPED));
    assert!(!facts.holds(CredentialKind::BonaFideResearcher, &scope("a")));
    assert!(!facts.holds(CredentialKind::EthicsApproval, &scope("a")));
    assert!(!facts.holds(CredentialKind::Jurisdiction, &UNSCOPED));
}
