//! # Policies
//!
//! Collections of datasets, the DAO's access policy of each, and the disease ancestry by which terms are
//! judged. Only the governor changes policies; anyone may prove a pair of diseases.
//!
//! ## Invariants
//! - A collection's versions rise by one with every change, from 1; `hash` is that of the present policy.
//! - Every stored policy was well formed and within the limits when it was set, and in a collection for one
//!   disease its terms lie within that disease.
//! - A closed collection never opens again, admits nothing and takes no dataset.
//! - A collection has one queued change at most. It ends by itself, and with the change it announced.
//! - A pair is kept only under a root that it was proved against. Roots are never removed or replaced, so a
//!   consent given under an older root is judged by that root for ever.
//! - `judge` makes one call to `identity`, and reads the ancestors of a disease once a root, whatever the
//!   number of terms.
//!
//! ## Errors
//! A refused message changes nothing and emits nothing. `AdministrationError` names what the governor did
//! wrong, `ProofError` why a pair is not kept, `AskError` why a question has no answer.
//!
//! ## Messages
//! - anyone: `judge`, `view`, `root_version`, `intake` (trait `Policies`); `prove`; the views `direction`,
//!   `policy`, `collection`, `collections`, `root`, `ancestors`, `limits`, `governor`
//! - governor: `open`, `set_policy`, `close`, `set_root`, `queue`, `clear` (trait `PolicyAdministration`);
//!   `set_limits`, `hand_over`, `set_code`
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod policies {
    use commons::{
        credential::Standing,
        direction::compare,
        interface::{self, AskError, Judgement, RootedTerms},
        judgement::{KnownFacts, Question},
        ontology::{proves, Pair, Proof},
        policy::{
            AdministrationError, Direction, Limits, Policy, PolicyView, ProofError, QueuedChange,
            MAX_ANCESTORS,
        },
        terms::Purpose,
        CollectionId, Digest,
    };
    use ink::{
        codegen::TraitCallBuilder,
        contract_ref,
        prelude::vec::Vec,
        storage::{Lazy, Mapping},
    };

    /// Number that stands for every collection where a new ontology root is announced.
    const EVERY_COLLECTION: CollectionId = 0;

    /// What is kept of a collection beside its policy.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Collection {
        /// Version of the present policy, from 1; closing counts as a change.
        pub version: u32,
        /// Hash of the present policy.
        pub hash: Digest,
        /// MONDO number of the one disease that the collection is for.
        pub disease: Option<u32>,
        pub closed: bool,
    }

    #[ink(storage)]
    pub struct Policies {
        governor: AccountId,
        identity: AccountId,
        /// Collections opened so far; their numbers are 1..=collections.
        collections: CollectionId,
        /// Version of the present ontology root; 0 before the first.
        root_version: u32,
        limits: Lazy<Limits>,
        collection: Mapping<CollectionId, Collection>,
        policy: Mapping<CollectionId, Policy>,
        /// Announced changes; of a new root under `EVERY_COLLECTION`.
        queued: Mapping<CollectionId, QueuedChange>,
        roots: Mapping<u32, Digest>,
        /// (root version, disease) -> proved ancestors, in the order of their proofs.
        ancestors: Mapping<(u32, u32), Vec<u32>>,
    }

    /// A collection was opened with its first policy.
    #[ink(event)]
    pub struct CollectionOpened {
        #[ink(topic)]
        pub collection: CollectionId,
        /// MONDO number of the one disease that the collection is for.
        pub disease: Option<u32>,
        /// Hash of the policy.
        pub hash: Digest,
        pub policy: Policy,
    }

    /// A policy became current.
    #[ink(event)]
    pub struct PolicySet {
        #[ink(topic)]
        pub collection: CollectionId,
        pub version: u32,
        /// Hash of the policy.
        pub hash: Digest,
        /// What the change did to the purposes that the collection admits.
        pub direction: Direction,
        pub policy: Policy,
    }

    /// A collection was closed for good.
    #[ink(event)]
    pub struct CollectionClosed {
        #[ink(topic)]
        pub collection: CollectionId,
        pub version: u32,
    }

    /// A change was announced; collection 0 stands for all (a new ontology root).
    #[ink(event)]
    pub struct ChangeQueued {
        #[ink(topic)]
        pub collection: CollectionId,
        pub change: QueuedChange,
    }

    /// An announced change was taken back before it took effect.
    #[ink(event)]
    pub struct ChangeCleared {
        #[ink(topic)]
        pub collection: CollectionId,
        pub proposal: u32,
    }

    /// An ontology root became current.
    #[ink(event)]
    pub struct RootSet {
        pub version: u32,
        pub root: Digest,
    }

    /// A disease was proved to descend from another, under one root.
    #[ink(event)]
    pub struct PairProved {
        pub root_version: u32,
        #[ink(topic)]
        pub child: u32,
        pub ancestor: u32,
    }

    /// The limits of policies were set; policies in force stay as they are.
    #[ink(event)]
    pub struct LimitsSet {
        pub limits: Limits,
    }

    /// Another account became governor.
    #[ink(event)]
    pub struct HandedOver {
        pub from: AccountId,
        pub to: AccountId,
    }

    /// The contract's code was replaced.
    #[ink(event)]
    pub struct CodeSet {
        pub code: Hash,
    }

    impl Policies {
        /// The deployer is governor until it hands over. Panics if the limits contradict themselves, so
        /// that no contract exists in which nothing could be opened.
        #[ink(constructor)]
        pub fn new(identity: AccountId, limits: Limits) -> Self {
            assert!(limits.are_consistent(), "limits contradict themselves");
            let mut stored = Lazy::new();
            stored.set(&limits);
            let governor = Self::env().caller();
            Self::env().emit_event(LimitsSet { limits });
            Self {
                governor,
                identity,
                collections: 0,
                root_version: 0,
                limits: stored,
                collection: Mapping::new(),
                policy: Mapping::new(),
                queued: Mapping::new(),
                roots: Mapping::new(),
                ancestors: Mapping::new(),
            }
        }

        /// Keeps the pair under the root of this version, if the proof leads to it. Anyone; the caller pays
        /// for the four bytes.
        #[ink(message)]
        pub fn prove(
            &mut self,
            root_version: u32,
            child: u32,
            ancestor: u32,
            proof: Proof,
        ) -> Result<(), ProofError> {
            let root = self.roots.get(root_version).ok_or(ProofError::UnknownRoot)?;
            let mut known = self.ancestors(root_version, child);
            if known.contains(&ancestor) {
                return Err(ProofError::AlreadyProved);
            }
            if known.len() >= MAX_ANCESTORS {
                return Err(ProofError::TooManyAncestors);
            }
            if !proves(&root, Pair { child, ancestor }, &proof) {
                return Err(ProofError::BadProof);
            }
            known.push(ancestor);
            self.ancestors.insert((root_version, child), &known);
            self.env().emit_event(PairProved { root_version, child, ancestor });
            Ok(())
        }

        /// The diseases that this one was proved to descend from under the root of this version.
        #[ink(message)]
        pub fn ancestors(&self, root_version: u32, child: u32) -> Vec<u32> {
            self.ancestors.get((root_version, child)).unwrap_or_default()
        }

        /// The ontology root of this version.
        #[ink(message)]
        pub fn root(&self, version: u32) -> Option<Digest> {
            self.roots.get(version)
        }

        /// The collection's present policy.
        #[ink(message)]
        pub fn policy(&self, collection: CollectionId) -> Option<Policy> {
            self.policy.get(collection)
        }

        /// Version, hash, disease and state of the collection.
        #[ink(message)]
        pub fn collection(&self, collection: CollectionId) -> Option<Collection> {
            self.collection.get(collection)
        }

        /// Collections opened so far; their numbers are 1 and up to this.
        #[ink(message)]
        pub fn collections(&self) -> CollectionId {
            self.collections
        }

        /// Bounds within which a policy may choose.
        #[ink(message)]
        pub fn limits(&self) -> Limits {
            self.limits.get_or_default()
        }

        /// Sets the bounds of policies to come. Governor.
        #[ink(message)]
        pub fn set_limits(&mut self, limits: Limits) -> Result<(), AdministrationError> {
            self.only_governor()?;
            if !limits.are_consistent() {
                return Err(AdministrationError::BadLimits);
            }
            self.limits.set(&limits);
            self.env().emit_event(LimitsSet { limits });
            Ok(())
        }

        /// The account that governs.
        #[ink(message)]
        pub fn governor(&self) -> AccountId {
            self.governor
        }

        /// Makes another account governor. Governor.
        #[ink(message)]
        pub fn hand_over(&mut self, governor: AccountId) -> Result<(), AdministrationError> {
            self.only_governor()?;
            let from = core::mem::replace(&mut self.governor, governor);
            self.env().emit_event(HandedOver { from, to: governor });
            Ok(())
        }

        /// Replaces the contract's code, keeping its storage. Governor.
        #[ink(message)]
        pub fn set_code(&mut self, code: Hash) -> Result<(), AdministrationError> {
            self.only_governor()?;
            self.env().set_code_hash(&code).map_err(|_| AdministrationError::BadCode)?;
            self.env().emit_event(CodeSet { code });
            Ok(())
        }

        fn only_governor(&self) -> Result<(), AdministrationError> {
            if self.env().caller() == self.governor {
                Ok(())
            } else {
                Err(AdministrationError::NotGovernor)
            }
        }

        /// The collection, if it is open.
        fn opened(&self, collection: CollectionId) -> Result<Collection, AdministrationError> {
            let found = self.collection.get(collection).ok_or(AdministrationError::UnknownCollection)?;
            if found.closed {
                return Err(AdministrationError::CollectionClosed);
            }
            Ok(found)
        }

        /// Ancestry alone, for the questions that ask for no credential.
        fn ancestry(&self) -> KnownFacts<impl Fn(u32, u32) -> Vec<u32> + '_> {
            let nobody = Standing { suspended: false, holds: Vec::new() };
            KnownFacts::new(&[], &nobody, |version, disease| self.ancestors(version, disease))
        }

        fn check(&self, policy: &Policy, disease: Option<u32>) -> Result<(), AdministrationError> {
            policy
                .check(&self.limits(), self.env().block_timestamp())
                .and_then(|()| policy.check_disease(disease, &self.ancestry(), self.root_version))
                .map_err(AdministrationError::Malformed)
        }

        /// Well-formed change of an open collection: its direction, and the collection as it is.
        fn change(
            &self,
            collection: CollectionId,
            policy: &Policy,
        ) -> Result<(Direction, Collection), AdministrationError> {
            let present = self.opened(collection)?;
            self.check(policy, present.disease)?;
            let before = self.policy.get(collection).ok_or(AdministrationError::UnknownCollection)?;
            Ok((compare(&before, policy, &self.ancestry(), self.root_version), present))
        }

        /// An announced change that has not ended.
        fn announced(&self, key: CollectionId) -> Option<QueuedChange> {
            self.queued.get(key).filter(|change| self.env().block_timestamp() <= change.until)
        }

        fn next(version: u32) -> u32 {
            // A change a block for 800 years would be needed to reach the end; refusing every later change
            // for ever would be worse than staying at it.
            version.saturating_add(1)
        }

        fn view_of(&self, collection: CollectionId, found: &Collection, policy: Policy) -> PolicyView {
            PolicyView {
                version: found.version,
                hash: found.hash,
                attestation: policy.attestation,
                min_cohort: policy.min_cohort,
                laboratory: policy.laboratory,
                split: policy.split,
                windows: policy.windows,
                bond: policy.bond,
                arbitrator: policy.arbitrator,
                treasury: policy.treasury,
                committee: policy.committee,
                // A new root first: it widens, and what widens is what holds new orders.
                queued: self.announced(EVERY_COLLECTION).or_else(|| self.announced(collection)),
            }
        }

        /// One call to `identity`: suspension, and every credential asked for.
        fn standing(
            &self,
            buyer: AccountId,
            asks: Vec<commons::credential::Ask>,
        ) -> Result<Standing, AskError> {
            let identity: contract_ref!(interface::Identity) = self.identity.into();
            interface::Identity::standing(identity.call(), buyer, asks)
                .try_invoke()
                .ok()
                .and_then(Result::ok)
                .ok_or(AskError::Unreachable)
        }
    }

    impl interface::Policies for Policies {
        #[ink(message)]
        fn judge(
            &self,
            collection: CollectionId,
            purpose: Purpose,
            buyer: AccountId,
            terms: Vec<RootedTerms>,
        ) -> Result<Judgement, AskError> {
            let found = self.collection.get(collection).ok_or(AskError::UnknownCollection)?;
            let policy = self.policy.get(collection).ok_or(AskError::UnknownCollection)?;
            let question = Question {
                policy: &policy,
                closed: found.closed,
                root_version: self.root_version,
                purpose: &purpose,
                terms: &terms,
            };
            let asks = question.asks()?;
            let standing = self.standing(buyer, asks.clone())?;
            let facts =
                KnownFacts::new(&asks, &standing, |version, disease| self.ancestors(version, disease));
            let decision = question.policy_decision(&facts, standing.suspended);
            let terms = question.term_decisions(&facts);
            Ok(Judgement { view: self.view_of(collection, &found, policy), policy: decision, terms })
        }

        #[ink(message)]
        fn view(&self, collection: CollectionId) -> Result<PolicyView, AskError> {
            let found = self.collection.get(collection).ok_or(AskError::UnknownCollection)?;
            let policy = self.policy.get(collection).ok_or(AskError::UnknownCollection)?;
            Ok(self.view_of(collection, &found, policy))
        }

        #[ink(message)]
        fn root_version(&self) -> u32 {
            self.root_version
        }

        #[ink(message)]
        fn intake(&self, collection: CollectionId) -> Result<u32, AskError> {
            let found = self.collection.get(collection).ok_or(AskError::UnknownCollection)?;
            if found.closed {
                return Err(AskError::CollectionClosed);
            }
            Ok(self.root_version)
        }
    }

    impl interface::PolicyAdministration for Policies {
        #[ink(message)]
        fn direction(
            &self,
            collection: CollectionId,
            policy: Policy,
        ) -> Result<(Direction, u32), AdministrationError> {
            let (direction, present) = self.change(collection, &policy)?;
            Ok((direction, present.version))
        }

        #[ink(message)]
        fn open(
            &mut self,
            policy: Policy,
            disease: Option<u32>,
        ) -> Result<CollectionId, AdministrationError> {
            self.only_governor()?;
            self.check(&policy, disease)?;
            let collection = Self::next(self.collections);
            let hash = policy.hash();
            self.collections = collection;
            self.collection.insert(collection, &Collection { version: 1, hash, disease, closed: false });
            self.policy.insert(collection, &policy);
            self.env().emit_event(CollectionOpened { collection, disease, hash, policy });
            Ok(collection)
        }

        #[ink(message)]
        fn set_policy(
            &mut self,
            collection: CollectionId,
            expected: u32,
            policy: Policy,
        ) -> Result<u32, AdministrationError> {
            self.only_governor()?;
            let (direction, present) = self.change(collection, &policy)?;
            if present.version != expected {
                return Err(AdministrationError::StaleVersion);
            }
            if direction == Direction::Same {
                return Err(AdministrationError::NoChange);
            }
            let version = Self::next(present.version);
            let hash = policy.hash();
            self.collection.insert(collection, &Collection { version, hash, ..present });
            self.policy.insert(collection, &policy);
            self.queued.remove(collection);
            self.env().emit_event(PolicySet { collection, version, hash, direction, policy });
            Ok(version)
        }

        #[ink(message)]
        fn close(&mut self, collection: CollectionId) -> Result<(), AdministrationError> {
            self.only_governor()?;
            let present = self.opened(collection)?;
            let version = Self::next(present.version);
            self.collection.insert(collection, &Collection { version, closed: true, ..present });
            self.queued.remove(collection);
            self.env().emit_event(CollectionClosed { collection, version });
            Ok(())
        }

        #[ink(message)]
        fn set_root(&mut self, expected: u32, root: Digest) -> Result<u32, AdministrationError> {
            self.only_governor()?;
            if self.root_version != expected {
                return Err(AdministrationError::StaleVersion);
            }
            if self.roots.get(expected) == Some(root) {
                return Err(AdministrationError::NoChange);
            }
            let version = Self::next(expected);
            self.root_version = version;
            self.roots.insert(version, &root);
            self.queued.remove(EVERY_COLLECTION);
            self.env().emit_event(RootSet { version, root });
            Ok(version)
        }

        #[ink(message)]
        fn queue(
            &mut self,
            collection: CollectionId,
            change: QueuedChange,
        ) -> Result<(), AdministrationError> {
            self.only_governor()?;
            let (version, direction) = if collection == EVERY_COLLECTION {
                // Whatever it holds, a new root may bring pairs that admit more.
                (self.root_version, Direction::Wider)
            } else {
                (self.opened(collection)?.version, change.direction)
            };
            if change.version != Self::next(version) {
                return Err(AdministrationError::StaleVersion);
            }
            if change.from >= change.until || change.until < self.env().block_timestamp() {
                return Err(AdministrationError::BadPeriod);
            }
            if self.announced(collection).is_some_and(|other| other.proposal != change.proposal) {
                return Err(AdministrationError::AlreadyQueued);
            }
            let change = QueuedChange { direction, ..change };
            self.queued.insert(collection, &change);
            self.env().emit_event(ChangeQueued { collection, change });
            Ok(())
        }

        #[ink(message)]
        fn clear(&mut self, collection: CollectionId, proposal: u32) -> Result<(), AdministrationError> {
            self.only_governor()?;
            if self.queued.get(collection).is_some_and(|change| change.proposal == proposal) {
                self.queued.remove(collection);
                self.env().emit_event(ChangeCleared { collection, proposal });
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
