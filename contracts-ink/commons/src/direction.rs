//! What a policy change does to the purposes that a collection admits, decided from the rules of `matching`.
//!
//! Terms admit a purpose when its kind is admitted and every other condition holds. The conditions other
//! than the kind ask for different things (a kind of study, an organisation, a place, a date, a scope), so
//! one set of terms admits nothing new over another exactly if, for each kind that it admits, the other
//! admits that kind too and each condition of the other is implied by one of its own.
//!
//! Narrower may only remove: purposes, measurements, platforms; or raise: verifiers, required credentials,
//! the oldest trusted computing base. Wider is the reverse for terms alone. Every other difference, and
//! every difference whose effect on purposes cannot be told (a duty, a split, a window, a bond, a person),
//! is Mixed. Both tests are sufficient for what they claim, so an error can only ever say Mixed too often.

use crate::{
    matching::{diseases_within, Facts},
    policy::{Direction, Policy},
    terms::{modifier, Kind, Permission, Terms},
    wellformed::KINDS,
};

/// Bits that bind a buyer by acceptance and refuse nothing: RS, PUB, COL, RTN.
const DUTIES: u16 =
    modifier::RESEARCH_TYPE | modifier::PUBLICATION | modifier::COLLABORATION | modifier::RETURN_OF_RESULTS;

/// Compares two policies of one collection under the ontology root by which the collection is judged.
pub fn compare<F: Facts + ?Sized>(
    before: &Policy,
    after: &Policy,
    facts: &F,
    root_version: u32,
) -> Direction {
    if before == after {
        return Direction::Same;
    }
    let terms = compare_terms(&before.terms, &after.terms, facts, root_version);
    match (terms, compare_requirements(before, after)) {
        (Direction::Same, requirements) => requirements,
        (terms, Direction::Same) => terms,
        (Direction::Narrower, Direction::Narrower) => Direction::Narrower,
        _ => Direction::Mixed,
    }
}

/// Compares two sets of terms. Terms that differ and yet admit the same are Mixed.
pub fn compare_terms<F: Facts + ?Sized>(
    before: &Terms,
    after: &Terms,
    facts: &F,
    root_version: u32,
) -> Direction {
    if before == after {
        return Direction::Same;
    }
    if before.modifiers.0 & DUTIES != after.modifiers.0 & DUTIES {
        return Direction::Mixed;
    }
    let adds_nothing = admits_within(after, before, facts, root_version);
    let removes_nothing = admits_within(before, after, facts, root_version);
    match (adds_nothing, removes_nothing) {
        (true, false) => Direction::Narrower,
        (false, true) => Direction::Wider,
        _ => Direction::Mixed,
    }
}

/// Whether everything that `inner` admits is admitted by `outer`, whatever the credentials.
pub fn admits_within<F: Facts + ?Sized>(inner: &Terms, outer: &Terms, facts: &F, root_version: u32) -> bool {
    let mut kinds = KINDS.into_iter().filter(|kind| inner.may_admit(*kind)).peekable();
    if kinds.peek().is_none() {
        return true;
    }
    conditions_imply(inner, outer) && kinds.all(|kind| kind_within(kind, inner, outer, facts, root_version))
}

fn kind_within<F: Facts + ?Sized>(
    kind: Kind,
    inner: &Terms,
    outer: &Terms,
    facts: &F,
    root_version: u32,
) -> bool {
    if !outer.may_admit(kind) {
        return false;
    }
    if kind != Kind::Disease || outer.permission != Permission::DiseaseSpecific {
        return true;
    }
    // Only disease specific terms bound the diseases; any other permission here admits all of them.
    inner.permission == Permission::DiseaseSpecific
        && diseases_within(&inner.diseases, &outer.diseases, facts, root_version)
}

/// Whether each condition of `outer` other than the kind follows from one of `inner`.
fn conditions_imply(inner: &Terms, outer: &Terms) -> bool {
    let implies = |outer_asks: bool, inner_asks: bool| !outer_asks || inner_asks;
    let bit = |bits| implies(outer.modifiers.has(bits), inner.modifiers.has(bits));
    let inner_scopes = inner.approved_scopes();
    bit(modifier::GENETIC_STUDIES_ONLY)
        && bit(modifier::ETHICS_APPROVAL)
        && implies(outer.needs_non_profit(), inner.needs_non_profit())
        && implies(outer.needs_non_commercial(), inner.needs_non_commercial())
        && (outer.region.is_none() || outer.region == inner.region)
        && outer.months.is_none_or(|most| inner.months.is_some_and(|months| months <= most))
        && outer.publish_from.is_none_or(|first| inner.publish_from.is_some_and(|from| from >= first))
        // US, PS and IS ask for one kind of grant, so a scope may move between them.
        && outer.approved_scopes().iter().all(|scope| inner_scopes.contains(scope))
}

/// Everything but the terms: Same, Narrower or Mixed.
fn compare_requirements(before: &Policy, after: &Policy) -> Direction {
    // Named in full, so that a new field cannot be forgotten here.
    let Policy {
        terms: _,
        required,
        attestation,
        min_cohort,
        laboratory,
        split,
        windows,
        bond,
        arbitrator,
        treasury,
        committee,
    } = before;
    let unchanged = min_cohort == &after.min_cohort
        && laboratory == &after.laboratory
        && split == &after.split
        && windows == &after.windows
        && bond == &after.bond
        && arbitrator == &after.arbitrator
        && treasury == &after.treasury
        && committee == &after.committee
        && attestation.admit_debug == after.attestation.admit_debug
        && attestation.max_age == after.attestation.max_age;
    if !unchanged {
        return Direction::Mixed;
    }
    if required == &after.required && attestation == &after.attestation {
        return Direction::Same;
    }
    let narrows = within(required, &after.required)
        && within(&after.attestation.platforms, &attestation.platforms)
        && within(&after.attestation.measurements, &attestation.measurements)
        && after.attestation.quorum >= attestation.quorum
        && after.attestation.min_tcb_date >= attestation.min_tcb_date;
    // The same credentials in another order: a difference that removes nothing.
    let reordered = after.required.len() == required.len() && after.attestation == *attestation;
    if narrows && !reordered {
        Direction::Narrower
    } else {
        Direction::Mixed
    }
}

fn within<T: PartialEq>(items: &[T], others: &[T]) -> bool {
    items.iter().all(|item| others.contains(item))
}
