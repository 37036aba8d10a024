//! The words of `matching.csv`, and facts made of them.

use keystrand_commons::{
    credential::{country_scope, Ask, CredentialKind},
    decision::{Decision, Reason, Rule, Whose},
    matching::{Facts, UNSCOPED},
    terms::{modifier, population, Kind, Modifiers, Permission, Purpose, Terms},
    Digest,
};

pub const PROJECT: Digest = [0x50; 32];
pub const OTHER_PROJECT: Digest = [0x51; 32];

pub const DISEASES: [&str; 7] = ["disease", "cancer", "breast", "lung", "ductal", "heart", "rare"];

/// (child, ancestor) of ontology 1, by name, closed by transitivity.
const PAIRS: [(&str, &str); 9] = [
    ("cancer", "disease"),
    ("heart", "disease"),
    ("breast", "disease"),
    ("lung", "disease"),
    ("ductal", "disease"),
    ("breast", "cancer"),
    ("lung", "cancer"),
    ("ductal", "cancer"),
    ("ductal", "breast"),
];
/// What ontology 2 has beside.
const LATER_PAIRS: [(&str, &str); 2] = [("rare", "cancer"), ("rare", "disease")];

pub fn disease(name: &str) -> u32 {
    let position = DISEASES.iter().position(|known| *known == name);
    u32::try_from(position.unwrap_or_else(|| panic!("no disease {name}"))).expect("a few") + 1
}

pub fn descends(child: u32, ancestor: u32, root_version: u32) -> bool {
    let has =
        |pairs: &[(&str, &str)]| pairs.iter().any(|(a, b)| disease(a) == child && disease(b) == ancestor);
    has(&PAIRS) || (root_version >= 2 && has(&LATER_PAIRS))
}

/// A buyer with these credentials, under the two ontologies.
#[derive(Clone, Debug, Default)]
pub struct Buyer(pub Vec<Ask>);

impl Facts for Buyer {
    fn descends(&self, child: u32, ancestor: u32, root_version: u32) -> bool {
        descends(child, ancestor, root_version)
    }
    fn holds(&self, kind: CredentialKind, scope: &Digest) -> bool {
        self.0.contains(&Ask { kind, scope: *scope })
    }
}

pub fn scope(name: &str) -> Digest {
    [name.as_bytes()[0]; 32]
}

fn country(name: &str) -> [u8; 2] {
    name.as_bytes().try_into().expect("two letters")
}

/// Words of a cell; brackets keep theirs together.
fn words(cell: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut depth = 0;
    for letter in cell.trim().chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if letter == ' ' && depth == 0 {
            words.push(String::new());
        } else {
            words.last_mut().expect("one at least").push(letter);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn diseases(word: &str) -> Vec<u32> {
    let inner = word.split_once('[').and_then(|(_, rest)| rest.strip_suffix(']'));
    let mut found: Vec<u32> = inner.unwrap_or_default().split(' ').map(disease).collect();
    found.sort_unstable();
    found
}

/// Terms without any modifier.
pub fn plain(permission: Permission, diseases: Vec<u32>) -> Terms {
    Terms {
        permission,
        diseases,
        modifiers: Modifiers(0),
        region: None,
        months: None,
        user: None,
        project: None,
        institution: None,
        publish_from: None,
    }
}

/// The terms of a cell, and the version of the ontology under which they are judged.
pub fn terms(cell: &str) -> (Terms, u32) {
    let words = words(cell);
    let (first, rest) = words.split_first().expect("a permission");
    let permission = match first.as_str() {
        "NRES" => Permission::NoRestriction,
        "GRU" => Permission::GeneralResearch,
        "HMB" => Permission::HealthMedicalBiomedical,
        "POA" => Permission::PopulationOrigins,
        word if word.starts_with("DS[") => Permission::DiseaseSpecific,
        word => panic!("no permission {word}"),
    };
    let named = if permission == Permission::DiseaseSpecific { diseases(first) } else { vec![] };
    let mut terms = plain(permission, named);
    let mut root_version = 1;
    for word in rest {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match name {
            "GS" => terms.region = Some(country(value)),
            "TS" => terms.months = Some(value.parse().expect("months")),
            "US" => terms.user = Some(scope(value)),
            "PS" => terms.project = Some(scope(value)),
            "IS" => terms.institution = Some(scope(value)),
            "MOR" => terms.publish_from = Some(value.parse().expect("a day")),
            "root" => root_version = value.parse().expect("a version"),
            _ => terms.modifiers.0 |= bit(name),
        }
    }
    (terms, root_version)
}

pub fn bit(name: &str) -> u16 {
    match name {
        "RS" => modifier::RESEARCH_TYPE,
        "NMDS" => modifier::NO_METHODS,
        "GSO" => modifier::GENETIC_STUDIES_ONLY,
        "NPUNCU" => modifier::NON_PROFIT_NON_COMMERCIAL,
        "NPU" => modifier::NON_PROFIT_ORGANISATION,
        "NCU" => modifier::NON_COMMERCIAL_USE,
        "NPOA" => modifier::NO_ANCESTRY,
        "CC" => modifier::CLINICAL_CARE,
        "IRB" => modifier::ETHICS_APPROVAL,
        "PUB" => modifier::PUBLICATION,
        "COL" => modifier::COLLABORATION,
        "RTN" => modifier::RETURN_OF_RESULTS,
        word => panic!("no modifier {word}"),
    }
}

pub fn purpose(cell: &str) -> Purpose {
    let words = words(cell);
    let (first, rest) = words.split_first().expect("a kind");
    let kind = match first.as_str() {
        "health" => Kind::Health,
        "ancestry" => Kind::Ancestry,
        "general" => Kind::General,
        "methods" => Kind::Methods,
        "care" => Kind::ClinicalCare,
        word if word.starts_with("disease[") => Kind::Disease,
        word => panic!("no kind {word}"),
    };
    let mut purpose = Purpose {
        kind,
        diseases: if kind == Kind::Disease { diseases(first) } else { vec![] },
        genetic_study: false,
        non_profit: false,
        commercial_use: false,
        region: *b"DE",
        months: 12,
        publish_at: None,
        project: PROJECT,
        populations: 0,
    };
    for word in rest {
        match word.as_str() {
            "genetic" => purpose.genetic_study = true,
            "nonprofit" => purpose.non_profit = true,
            "commercial" => purpose.commercial_use = true,
            "controls" => purpose.populations |= population::CONTROLS,
            "paediatric" => purpose.populations |= population::PAEDIATRIC,
            "one-gender" => purpose.populations |= population::ONE_GENDER,
            "vulnerable" => purpose.populations |= population::VULNERABLE,
            word if word.starts_with("publish=") => {
                purpose.publish_at = Some(word["publish=".len()..].parse().expect("a day"));
            }
            word if word.ends_with('m') => {
                purpose.months = word[..word.len() - 1].parse().expect("months");
            }
            word => purpose.region = country(word),
        }
    }
    purpose
}

pub fn buyer(cell: &str) -> Buyer {
    let ask = |word: String| {
        let (kind, scope) = match word.as_str() {
            "np" => (CredentialKind::AffiliationNonProfit, UNSCOPED),
            "com" => (CredentialKind::AffiliationCommercial, UNSCOPED),
            "irb" => (CredentialKind::EthicsApproval, PROJECT),
            "irb-other" => (CredentialKind::EthicsApproval, OTHER_PROJECT),
            word if word.starts_with("in-") => {
                (CredentialKind::Jurisdiction, country_scope(country(&word[3..])))
            }
            word if word.starts_with("grant-") => (CredentialKind::ControlledAccessGrant, scope(&word[6..])),
            word => panic!("no credential {word}"),
        };
        Ask { kind, scope }
    };
    Buyer(words(cell).into_iter().map(ask).collect())
}

pub fn decision(cell: &str, whose: Whose) -> Decision {
    let (verdict, rule) = cell.split_once(' ').unwrap_or((cell, ""));
    let reason = || Reason { rule: rule_named(rule), whose };
    match verdict {
        "Approve" => Decision::Approve,
        "Deny" => Decision::Deny(reason()),
        "Abstain" => Decision::Abstain(reason()),
        word => panic!("no decision {word}"),
    }
}

/// Every rule that terms can decide by.
pub const RULES: [Rule; 17] = [
    Rule::Permission,
    Rule::Disease,
    Rule::Unlisted,
    Rule::NoMethods,
    Rule::GeneticStudiesOnly,
    Rule::NonProfitNonCommercial,
    Rule::NonProfitOrganisation,
    Rule::NonCommercialUse,
    Rule::NoAncestry,
    Rule::ClinicalCare,
    Rule::EthicsApproval,
    Rule::Region,
    Rule::TimeLimit,
    Rule::User,
    Rule::Project,
    Rule::Institution,
    Rule::Moratorium,
];

fn rule_named(name: &str) -> Rule {
    let mut rules = RULES.iter().copied().chain([Rule::SpecialPopulation]);
    rules.find(|rule| format!("{rule:?}") == name).unwrap_or_else(|| panic!("no rule {name}"))
}
