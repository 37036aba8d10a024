//! What a set of terms says to a purpose: the ten rules, over facts that the caller brings.
//!
//! | kind \ permission | NRES | GRU | HMB | DS | POA |
//! |---|---|---|---|---|---|
//! | disease | yes | yes | yes | within its diseases | unlisted |
//! | health | yes | yes | yes | no | no |
//! | ancestry | yes | yes | no | no | yes |
//! | general | yes | yes | no | no | no |
//! | methods | yes | yes | yes | yes | yes |
//! | clinical care | yes | under CC | under CC | under CC | under CC |
//!
//! The table is rules 1 to 5 and the permission's half of 6 and 7. NRES decides the permission only, so
//! every modifier binds under every permission. Modifiers are never subsumed by their class in the
//! ontology: there NPU and NCU are subclasses of NPUNCU, although NPUNCU is their conjunction.

use crate::{
    credential::{country_scope, Ask, CredentialKind},
    decision::{Decision, Reason, Rule, Whose},
    terms::{modifier, Kind, Permission, Purpose, Terms},
    Digest,
};
use alloc::vec::Vec;

/// What the rules need to know of the world.
pub trait Facts {
    /// Whether the ontology of this root version has the pair (child, ancestor). Equality is not asked.
    fn descends(&self, child: u32, ancestor: u32, root_version: u32) -> bool;
    /// Whether the buyer holds a live credential of this kind and scope now.
    fn holds(&self, kind: CredentialKind, scope: &Digest) -> bool;
}

/// Scope of a credential that is bound to nothing.
pub const UNSCOPED: Digest = [0; 32];

/// Decides one set of terms, judged under an ontology root. The first rule that denies is named; people
/// (Abstain) are asked only about what every rule admits.
pub fn evaluate<F: Facts + ?Sized>(
    terms: &Terms,
    purpose: &Purpose,
    facts: &F,
    whose: Whose,
    root_version: u32,
) -> Decision {
    let refusal = permission_refusal(terms, purpose, facts, root_version)
        .or_else(|| kind_refusal(terms, purpose))
        .or_else(|| organisation_refusal(terms, purpose, facts))
        .or_else(|| approval_refusal(terms, purpose, facts))
        .or_else(|| time_refusal(terms, purpose));
    match refusal {
        Some(rule) => Decision::Deny(Reason { rule, whose }),
        // Rule 10.
        None if purpose.populations != 0 => {
            Decision::Abstain(Reason { rule: Rule::SpecialPopulation, whose })
        }
        None => Decision::Approve,
    }
}

/// The credentials that `evaluate` may ask for with these terms and this purpose, without repetition.
pub fn asks(terms: &Terms, purpose: &Purpose) -> Vec<Ask> {
    let mut asks = Vec::new();
    let mut ask = |kind, scope| asks.push(Ask { kind, scope });
    if terms.needs_non_profit() && purpose.non_profit {
        ask(CredentialKind::AffiliationNonProfit, UNSCOPED);
        ask(CredentialKind::AffiliationCommercial, UNSCOPED);
    }
    if terms.modifiers.has(modifier::ETHICS_APPROVAL) {
        ask(CredentialKind::EthicsApproval, purpose.project);
    }
    if let Some(region) = terms.region {
        if region == purpose.region {
            ask(CredentialKind::Jurisdiction, country_scope(region));
        }
    }
    for scope in terms.approved_scopes() {
        ask(CredentialKind::ControlledAccessGrant, scope);
    }
    asks
}

impl Terms {
    /// NPU or NPUNCU: the organisation must be non-profit.
    pub fn needs_non_profit(&self) -> bool {
        self.modifiers.has(modifier::NON_PROFIT_ORGANISATION)
            || self.modifiers.has(modifier::NON_PROFIT_NON_COMMERCIAL)
    }

    /// NCU or NPUNCU: the use must be non-commercial.
    pub fn needs_non_commercial(&self) -> bool {
        self.modifiers.has(modifier::NON_COMMERCIAL_USE)
            || self.modifiers.has(modifier::NON_PROFIT_NON_COMMERCIAL)
    }

    /// Scopes of the grants that US, PS and IS name, each once.
    pub fn approved_scopes(&self) -> Vec<Digest> {
        let mut scopes = Vec::new();
        for scope in [self.user, self.project, self.institution].into_iter().flatten() {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        scopes
    }

    /// The table of kind x permission, for every kind but disease: whether the cell admits.
    pub(crate) fn admits_kind(&self, kind: Kind) -> bool {
        use Permission::{
            DiseaseSpecific, GeneralResearch, HealthMedicalBiomedical, NoRestriction, PopulationOrigins,
        };
        match (kind, self.permission) {
            // Rule 1.
            (_, NoRestriction) => true,
            // Rule 2; whether the diseases lie within the terms' is asked apart.
            (Kind::Disease, GeneralResearch | HealthMedicalBiomedical | DiseaseSpecific) => true,
            (Kind::Disease, PopulationOrigins) => false,
            // Rule 3.
            (Kind::Health, GeneralResearch | HealthMedicalBiomedical) => true,
            (Kind::Health, DiseaseSpecific | PopulationOrigins) => false,
            // Rule 4.
            (Kind::Ancestry, GeneralResearch | PopulationOrigins) => true,
            (Kind::Ancestry, HealthMedicalBiomedical | DiseaseSpecific) => false,
            // Rule 5.
            (Kind::General, GeneralResearch) => true,
            (Kind::General, HealthMedicalBiomedical | DiseaseSpecific | PopulationOrigins) => false,
            // Rule 6.
            (Kind::Methods, _) => true,
            // Rule 7.
            (Kind::ClinicalCare, _) => self.modifiers.has(modifier::CLINICAL_CARE),
        }
    }

    /// NPOA or NMDS: the modifier that refuses this kind under every permission.
    pub(crate) fn kind_modifier(&self, kind: Kind) -> Option<Rule> {
        match kind {
            Kind::Ancestry if self.modifiers.has(modifier::NO_ANCESTRY) => Some(Rule::NoAncestry),
            Kind::Methods if self.modifiers.has(modifier::NO_METHODS) => Some(Rule::NoMethods),
            _ => None,
        }
    }
}

/// Rules 1 to 5, 6 and 7 as far as the permission decides.
fn permission_refusal<F: Facts + ?Sized>(
    terms: &Terms,
    purpose: &Purpose,
    facts: &F,
    root_version: u32,
) -> Option<Rule> {
    if !terms.admits_kind(purpose.kind) {
        return Some(match (purpose.kind, terms.permission) {
            (Kind::Disease, _) => Rule::Unlisted,
            (Kind::ClinicalCare, _) => Rule::ClinicalCare,
            _ => Rule::Permission,
        });
    }
    let diseases_bind = purpose.kind == Kind::Disease && terms.permission == Permission::DiseaseSpecific;
    if diseases_bind && !diseases_within(&purpose.diseases, &terms.diseases, facts, root_version) {
        return Some(Rule::Disease);
    }
    None
}

/// Every disease equals or descends from one of the bounds. No disease at all is within nothing.
pub fn diseases_within<F: Facts + ?Sized>(
    diseases: &[u32],
    bounds: &[u32],
    facts: &F,
    root_version: u32,
) -> bool {
    !diseases.is_empty()
        && diseases.iter().all(|disease| {
            bounds.contains(disease)
                || bounds.iter().any(|bound| facts.descends(*disease, *bound, root_version))
        })
}

/// NPOA, NMDS (rules 4 and 6) and GSO (rule 7).
fn kind_refusal(terms: &Terms, purpose: &Purpose) -> Option<Rule> {
    terms.kind_modifier(purpose.kind).or_else(|| {
        let not_genetic = terms.modifiers.has(modifier::GENETIC_STUDIES_ONLY) && !purpose.genetic_study;
        not_genetic.then_some(Rule::GeneticStudiesOnly)
    })
}

/// Rule 8. Of several that refuse, the one that says most: NPUNCU, then NPU, then NCU.
fn organisation_refusal<F: Facts + ?Sized>(terms: &Terms, purpose: &Purpose, facts: &F) -> Option<Rule> {
    let modifiers = terms.modifiers;
    let commercial_organisation = terms.needs_non_profit() && !is_non_profit(purpose, facts);
    let commercial_use = purpose.commercial_use;
    if modifiers.has(modifier::NON_PROFIT_NON_COMMERCIAL) && (commercial_organisation || commercial_use) {
        return Some(Rule::NonProfitNonCommercial);
    }
    if modifiers.has(modifier::NON_PROFIT_ORGANISATION) && commercial_organisation {
        return Some(Rule::NonProfitOrganisation);
    }
    if modifiers.has(modifier::NON_COMMERCIAL_USE) && commercial_use {
        return Some(Rule::NonCommercialUse);
    }
    None
}

/// Non-profit counts only with a live non-profit affiliation and no live commercial one.
fn is_non_profit<F: Facts + ?Sized>(purpose: &Purpose, facts: &F) -> bool {
    purpose.non_profit
        && facts.holds(CredentialKind::AffiliationNonProfit, &UNSCOPED)
        && !facts.holds(CredentialKind::AffiliationCommercial, &UNSCOPED)
}

/// Rule 9 as far as it asks for credentials: IRB, GS, US, PS, IS.
fn approval_refusal<F: Facts + ?Sized>(terms: &Terms, purpose: &Purpose, facts: &F) -> Option<Rule> {
    if terms.modifiers.has(modifier::ETHICS_APPROVAL)
        && !facts.holds(CredentialKind::EthicsApproval, &purpose.project)
    {
        return Some(Rule::EthicsApproval);
    }
    if let Some(region) = terms.region {
        if region != purpose.region || !facts.holds(CredentialKind::Jurisdiction, &country_scope(region)) {
            return Some(Rule::Region);
        }
    }
    [(terms.user, Rule::User), (terms.project, Rule::Project), (terms.institution, Rule::Institution)]
        .into_iter()
        .find_map(|(scope, rule)| {
            let missing = !facts.holds(CredentialKind::ControlledAccessGrant, &scope?);
            missing.then_some(rule)
        })
}

/// Rule 9 as far as it asks for dates: TS and MOR.
fn time_refusal(terms: &Terms, purpose: &Purpose) -> Option<Rule> {
    if terms.months.is_some_and(|months| purpose.months > months) {
        return Some(Rule::TimeLimit);
    }
    match (terms.publish_from, purpose.publish_at) {
        (Some(from), Some(at)) if at < from => Some(Rule::Moratorium),
        _ => None,
    }
}
