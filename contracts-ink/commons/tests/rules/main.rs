//! The rules of policies and consents, tested without a chain.
//!
//! Tests may compute freely; the lint against overflow is for contracts.
#![allow(clippy::arithmetic_side_effects)]

mod consent_model;
mod consents;
mod direction;
mod judgement;
mod matching_properties;
mod notation;
mod ontology;
mod policy_limits;
mod truth_table;
mod wellformed;
