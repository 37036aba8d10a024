//! What `policies` answers to a question about a purpose, a buyer and up to 64 sets of terms.

use crate::{
    credential::{Ask, CredentialKind, Standing},
    decision::{Decision, Reason, Rule, Whose},
    interface::{AskError, RootedTerms, MAX_LOOKUPS},
    matching::{asks, evaluate, Facts},
    policy::Policy,
    terms::{Permission, Purpose},
    Digest, MAX_LINES,
};

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::cell::RefCell;

/// A question: whether this collection's policy, and each of the terms, admit the purpose.
pub struct Question<'a> {
    pub policy: &'a Policy,
    pub closed: bool,
    /// The root by which the policy is judged; each of the terms brings its own.
    pub root_version: u32,
    pub purpose: &'a Purpose,
    pub terms: &'a [RootedTerms],
}

impl Question<'_> {
    /// Refuses a malformed purpose, more terms than an order has lines, and what would need more lookups than
    /// an order can pay for; otherwise every credential that the answer depends on, each once.
    pub fn asks(&self) -> Result<Vec<Ask>, AskError> {
        if self.terms.len() > MAX_LINES {
            return Err(AskError::TooMany);
        }
        self.purpose.check().map_err(AskError::Purpose)?;
        let mut collected: BTreeMap<(u8, Digest), Ask> = BTreeMap::new();
        let own = asks(&self.policy.terms, self.purpose);
        let consents = self.terms.iter().flat_map(|rooted| asks(&rooted.terms, self.purpose));
        for ask in self.policy.required.iter().copied().chain(own).chain(consents) {
            collected.insert((ask.kind as u8, ask.scope), ask);
        }
        if collected.len().saturating_add(self.ancestor_lists()) > MAX_LOOKUPS {
            return Err(AskError::TooMany);
        }
        Ok(collected.into_values().collect())
    }

    /// Most lists of ancestors that the answer can depend on: one a disease of the purpose and root.
    fn ancestor_lists(&self) -> usize {
        let policy = (&self.policy.terms, self.root_version);
        let roots: BTreeSet<u32> = self
            .terms
            .iter()
            .map(|rooted| (&rooted.terms, rooted.root_version))
            .chain([policy])
            .filter(|(terms, _)| terms.permission == Permission::DiseaseSpecific)
            .map(|(_, root_version)| root_version)
            .collect();
        roots.len().saturating_mul(self.purpose.diseases.len())
    }

    /// The policy's answer: closed, suspended, its terms, then the credentials that it requires of all.
    pub fn policy_decision<F: Facts>(&self, facts: &F, suspended: bool) -> Decision {
        let deny = |rule| Decision::Deny(Reason { rule, whose: Whose::Policy });
        if self.closed {
            return deny(Rule::CollectionClosed);
        }
        if suspended {
            return deny(Rule::Suspended);
        }
        let lacks = self.policy.required.iter().any(|ask| !facts.holds(ask.kind, &ask.scope));
        let required = if lacks { deny(Rule::RequiredCredential) } else { Decision::Approve };
        evaluate(&self.policy.terms, self.purpose, facts, Whose::Policy, self.root_version).and(required)
    }

    /// The answer of each of the terms, in their order.
    pub fn term_decisions<F: Facts>(&self, facts: &F) -> Vec<Decision> {
        self.terms
            .iter()
            .map(|rooted| evaluate(&rooted.terms, self.purpose, facts, Whose::Consent, rooted.root_version))
            .collect()
    }
}

/// Facts of one question: what `identity` answered, and ancestors read once a disease and root.
pub struct KnownFacts<Ancestors> {
    held: BTreeMap<(u8, Digest), bool>,
    /// Proved ancestors of a disease under a root version.
    ancestors: Ancestors,
    read: RefCell<BTreeMap<(u32, u32), Vec<u32>>>,
}

impl<Ancestors: Fn(u32, u32) -> Vec<u32>> KnownFacts<Ancestors> {
    /// `standing` answers `asks` in their order; `ancestors` takes (root version, disease).
    pub fn new(asks: &[Ask], standing: &Standing, ancestors: Ancestors) -> Self {
        let held = asks
            .iter()
            .zip(&standing.holds)
            .map(|(ask, holds)| ((ask.kind as u8, ask.scope), *holds))
            .collect();
        Self { held, ancestors, read: RefCell::new(BTreeMap::new()) }
    }
}

impl<Ancestors: Fn(u32, u32) -> Vec<u32>> Facts for KnownFacts<Ancestors> {
    fn descends(&self, child: u32, ancestor: u32, root_version: u32) -> bool {
        self.read
            .borrow_mut()
            .entry((root_version, child))
            .or_insert_with(|| (self.ancestors)(root_version, child))
            .contains(&ancestor)
    }

    /// What was not asked, or not answered, is not held.
    fn holds(&self, kind: CredentialKind, scope: &Digest) -> bool {
        self.held.get(&(kind as u8, *scope)).copied().unwrap_or(false)
    }
}
