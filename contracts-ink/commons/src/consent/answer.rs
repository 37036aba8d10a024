//! What consents answer to an order: `permits`, without the calls to other contracts.

use super::{nobody, Consent, ConsentState};
use crate::{
    decision::{Decision, Reason, Rule, Whose},
    interface::{LineFacts, RootedTerms},
    terms::{modifier, Modifiers, Permission, Terms},
    AccountId, CollectionId, Timestamp,
};
use alloc::vec::Vec;

/// What an order asks of each of its datasets, beside their terms.
#[derive(Clone, Copy, Debug)]
pub struct Inquiry {
    pub collection: CollectionId,
    /// The custodian that the order names; `None` where nobody asks.
    pub custodian: Option<AccountId>,
    pub now: Timestamp,
}

/// Why a consent denies before its terms are looked at.
pub fn screen(consent: Option<&Consent>, inquiry: &Inquiry) -> Option<Rule> {
    let Some(consent) = consent else {
        return Some(Rule::UnknownDataset);
    };
    if consent.collection != inquiry.collection {
        return Some(Rule::OtherCollection);
    }
    if consent.state != ConsentState::Given {
        return Some(Rule::Withdrawn);
    }
    if consent.expires_at <= inquiry.now {
        return Some(Rule::Expired);
    }
    let elsewhere = inquiry.custodian.is_some_and(|custodian| custodian != consent.custodian);
    elsewhere.then_some(Rule::OtherCustodian)
}

/// Terms of the consents that pass the screen, in their order: what `policies` is asked about.
pub fn standing(consents: &[Option<Consent>], inquiry: &Inquiry) -> Vec<RootedTerms> {
    passing(consents, inquiry)
        .map(|consent| RootedTerms {
            terms: consent.terms.terms().unwrap_or_else(nothing),
            root_version: consent.root_version,
        })
        .collect()
}

/// Terms that admit nothing: what a cell whose bytes are no terms counts for. No message writes such a cell;
/// leaving it out would move every later answer to another dataset.
fn nothing() -> Terms {
    Terms {
        permission: Permission::PopulationOrigins,
        diseases: Vec::new(),
        modifiers: Modifiers(modifier::NO_ANCESTRY | modifier::NO_METHODS),
        region: None,
        months: None,
        user: None,
        project: None,
        institution: None,
        publish_from: None,
    }
}

/// Laboratories that signed for the consents that pass the screen, each once.
pub fn laboratories(consents: &[Option<Consent>], inquiry: &Inquiry) -> Vec<AccountId> {
    let mut laboratories = Vec::new();
    for consent in passing(consents, inquiry) {
        if consent.laboratory != nobody() && !laboratories.contains(&consent.laboratory) {
            laboratories.push(consent.laboratory);
        }
    }
    laboratories
}

/// Each dataset's answer. `judged` are the decisions on `standing`, in its order; `accredited` are the
/// laboratories that count now, or `None` where the policy asks for no laboratory. A decision that is
/// missing from `judged` is a denial.
pub fn answer(
    consents: &[Option<Consent>],
    inquiry: &Inquiry,
    judged: &[Decision],
    accredited: Option<&[AccountId]>,
) -> Vec<LineFacts> {
    let mut judged = judged.iter();
    consents
        .iter()
        .map(|consent| {
            let decision = match screen(consent.as_ref(), inquiry) {
                Some(rule) => Decision::Deny(Reason { rule, whose: Whose::Consent }),
                None => {
                    let unheard = Decision::Deny(Reason { rule: Rule::Unlisted, whose: Whose::Consent });
                    let own = judged.next().copied().unwrap_or(unheard);
                    own.and(laboratory_decision(consent.as_ref(), accredited))
                }
            };
            line_facts(consent.as_ref(), decision)
        })
        .collect()
}

fn passing<'a>(consents: &'a [Option<Consent>], inquiry: &'a Inquiry) -> impl Iterator<Item = &'a Consent> {
    consents.iter().flatten().filter(move |consent| screen(Some(consent), inquiry).is_none())
}

fn laboratory_decision(consent: Option<&Consent>, accredited: Option<&[AccountId]>) -> Decision {
    let signed_for = match (consent, accredited) {
        (_, None) => true,
        (Some(consent), Some(accredited)) => accredited.contains(&consent.laboratory),
        (None, Some(_)) => false,
    };
    if signed_for {
        Decision::Approve
    } else {
        Decision::Deny(Reason { rule: Rule::Laboratory, whose: Whose::Policy })
    }
}

fn line_facts(consent: Option<&Consent>, decision: Decision) -> LineFacts {
    match consent {
        None => LineFacts {
            decision,
            version: 0,
            price: 0,
            payee: nobody(),
            contributor: nobody(),
            root: [0; 32],
            key_commitment: [0; 32],
        },
        Some(consent) => LineFacts {
            decision,
            version: consent.version,
            price: consent.price,
            payee: consent.payee,
            contributor: consent.contributor,
            root: consent.root,
            key_commitment: consent.key_commitment,
        },
    }
}
