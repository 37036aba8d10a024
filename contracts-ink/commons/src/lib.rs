//! Shared types and pure rules of the Keystrand contracts.
//!
//! Everything here is free of storage and of cross-contract calls, so that rules can be tested by the
//! million; contracts bring the state. Words follow the glossary: terms, purpose, consent, policy,
//! credential, order, line.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod attestation;
pub mod consent;
pub mod credential;
pub mod decision;
pub mod delegation;
pub mod direction;
pub mod interface;
pub mod judgement;
pub mod limits;
pub mod matching;
pub mod ontology;
pub mod order;
pub mod policy;
pub mod signing;
pub mod terms;
pub mod voting;
pub mod wellformed;

/// Account of the default environment (32 bytes).
pub type AccountId = ink::primitives::AccountId;
/// Balance in the chain's smallest unit.
pub type Balance = u128;
/// Milliseconds since the Unix epoch, as `block_timestamp` gives them.
pub type Timestamp = u64;
/// Any 32-byte digest or identifier.
pub type Digest = [u8; 32];
/// A dataset's id: `signing::dataset_id`.
pub type DatasetId = Digest;
/// An order's id: `signing::order_id`.
pub type OrderId = Digest;
/// A collection's number, given by `policies` from 1 upwards.
pub type CollectionId = u32;
/// An sr25519 signature.
pub type Signature = [u8; 64];

/// Lines of one order, and datasets of one question to `consents`: at most.
pub const MAX_LINES: usize = 64;
