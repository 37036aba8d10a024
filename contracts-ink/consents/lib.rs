//! # Consents
//!
//! Datasets and their contributors' consents: what was given, under which terms, at which price, to whom
//! the money goes and who keeps the key. Only the contributor changes a consent; nobody, the DAO and its
//! guardians included, can pause, delay or overrule a withdrawal. The code is never replaceable.
//!
//! ## Invariants
//! - A dataset's id is `signing::dataset_id` of its contributor and nonce, and is never given twice.
//! - Given -> Withdrawn -> Erased, and Given -> Erased; nothing leads back.
//! - Every change raises the consent's version by one and emits an event that names the dataset as its only
//!   topic, with the new version.
//! - A consent names a custodian only with that custodian's signature that it holds the key.
//! - A consent is judged under the ontology root it was given with; only `amend` moves it.
//! - Storage is taken by `register` alone: cells have a fixed width, so every other message needs no deposit.
//! - `permits` makes one call to `policies`, and one to `identity` where the policy asks for laboratories.
//!
//! ## Errors
//! A refused message changes nothing and emits nothing; `ConsentError` names the rule. `permits` answers
//! each dataset with a decision, and `AskError` where the question as a whole has no answer.
//!
//! ## Messages
//! - contributor: `register`, `amend`, `withdraw`, `withdraw_all`, `erase`, `set_custodian`, `set_payee`
//! - anyone: `permits` (trait `Consents`); the views `dataset`, `datasets_of`, `dataset_at`, `policies`,
//!   `identity`, `genesis`
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod consents {
    use commons::{
        consent::{
            self, Consent, ConsentError, Dataset, Inquiry, LaboratorySignature, Registration, Registry,
        },
        credential::CredentialKind,
        interface::{self, AskError, Judgement, Permits, RootedTerms},
        matching::UNSCOPED,
        signing,
        terms::{Purpose, Terms},
        CollectionId, DatasetId, Digest, Signature, MAX_LINES,
    };
    use ink::{
        codegen::{Env, TraitCallBuilder},
        contract_ref,
        prelude::vec::Vec,
        storage::Mapping,
    };

    #[ink(storage)]
    pub struct Consents {
        genesis: Digest,
        policies: AccountId,
        identity: AccountId,
        consent: Mapping<DatasetId, Consent>,
        /// A contributor's datasets, in the order of registration from 0.
        owned: Mapping<(AccountId, u32), DatasetId>,
        /// How many datasets a contributor registered.
        owns: Mapping<AccountId, u32>,
    }

    /// A contributor registered a dataset and gave consent for it; its version is 1.
    #[ink(event)]
    pub struct ConsentGiven {
        #[ink(topic)]
        pub dataset: DatasetId,
        pub contributor: AccountId,
        pub collection: CollectionId,
        pub root: Digest,
        /// Bytes of the encrypted files.
        pub size: u64,
        pub key_commitment: Digest,
        pub custodian: AccountId,
        pub payee: AccountId,
        pub price: Balance,
        pub terms: Terms,
        /// Ontology root under which the terms are judged.
        pub root_version: u32,
        pub expires_at: Option<Timestamp>,
        /// The laboratory that signed for the contributor.
        pub laboratory: Option<AccountId>,
    }

    /// A contributor replaced terms, price and end of a consent.
    #[ink(event)]
    pub struct ConsentAmended {
        #[ink(topic)]
        pub dataset: DatasetId,
        pub version: u32,
        pub price: Balance,
        pub terms: Terms,
        /// Ontology root under which the terms are judged.
        pub root_version: u32,
        pub expires_at: Option<Timestamp>,
    }

    /// A contributor withdrew a consent. Whoever had the dataset delivered is to be told (GDPR art. 19).
    #[ink(event)]
    pub struct ConsentWithdrawn {
        #[ink(topic)]
        pub dataset: DatasetId,
        pub version: u32,
    }

    /// A contributor erased a dataset: the custodian destroys its key, the block store drops its files.
    #[ink(event)]
    pub struct DatasetErased {
        #[ink(topic)]
        pub dataset: DatasetId,
        pub version: u32,
    }

    /// Another custodian holds the dataset's key.
    #[ink(event)]
    pub struct CustodianSet {
        #[ink(topic)]
        pub dataset: DatasetId,
        pub version: u32,
        pub custodian: AccountId,
    }

    /// Another account is paid for the dataset.
    #[ink(event)]
    pub struct PayeeSet {
        #[ink(topic)]
        pub dataset: DatasetId,
        pub version: u32,
        pub payee: AccountId,
    }

    impl Consents {
        /// Bound for good to one chain (the hash of its first block, which no contract can read) and to the
        /// contracts that it asks.
        #[ink(constructor)]
        pub fn new(genesis: Digest, policies: AccountId, identity: AccountId) -> Self {
            Self {
                genesis,
                policies,
                identity,
                consent: Mapping::new(),
                owned: Mapping::new(),
                owns: Mapping::new(),
            }
        }

        /// Registers the caller's dataset and gives consent for it. The custodian's receipt is its signature
        /// over `signing::custodian_receipt`; a laboratory's is over `signing::laboratory`. `expires_at` is
        /// in ms; the price in the chain's smallest unit. Answers the dataset's id.
        #[ink(message)]
        // A parameter for each thing that the contributor signs, so that a wallet shows them one by one.
        #[allow(clippy::too_many_arguments)]
        pub fn register(
            &mut self,
            nonce: Digest,
            collection: CollectionId,
            root: Digest,
            size: u64,
            key_commitment: Digest,
            custodian: AccountId,
            custodian_receipt: Signature,
            payee: AccountId,
            price: Balance,
            terms: Terms,
            expires_at: Option<Timestamp>,
            laboratory_signature: Option<LaboratorySignature>,
        ) -> Result<DatasetId, ConsentError> {
            let laboratory = laboratory_signature.as_ref().map(|word| word.laboratory);
            let registered = consent::register(
                self,
                Registration {
                    nonce,
                    collection,
                    root,
                    size,
                    key_commitment,
                    custodian,
                    custodian_receipt,
                    payee,
                    price,
                    terms: terms.clone(),
                    expires_at,
                    laboratory: laboratory_signature,
                },
            )?;
            self.env().emit_event(ConsentGiven {
                dataset: registered.dataset,
                contributor: self.env().caller(),
                collection,
                root,
                size,
                key_commitment,
                custodian,
                payee,
                price,
                terms,
                root_version: registered.root_version,
                expires_at,
                laboratory,
            });
            Ok(registered.dataset)
        }

        /// Replaces terms, price and end, under the present ontology root. Answers the new version.
        #[ink(message)]
        pub fn amend(
            &mut self,
            dataset: DatasetId,
            terms: Terms,
            price: Balance,
            expires_at: Option<Timestamp>,
        ) -> Result<u32, ConsentError> {
            let amended = consent::amend(self, &dataset, &terms, price, expires_at)?;
            self.env().emit_event(ConsentAmended {
                dataset,
                version: amended.version,
                price,
                terms,
                root_version: amended.root_version,
                expires_at,
            });
            Ok(amended.version)
        }

        /// Withdraws the consent at once and for good. Answers the new version.
        #[ink(message)]
        pub fn withdraw(&mut self, dataset: DatasetId) -> Result<u32, ConsentError> {
            let version = consent::withdraw(self, &dataset)?;
            self.env().emit_event(ConsentWithdrawn { dataset, version });
            Ok(version)
        }

        /// Withdraws every consent among the caller's datasets `from`, `from + 1` and on, `limit` of them (at
        /// most 64). Answers the number to go on with, or nothing when all have been seen.
        #[ink(message)]
        pub fn withdraw_all(&mut self, from: u32, limit: u32) -> Option<u32> {
            let all = consent::withdraw_all(self, from, limit);
            for (dataset, version) in all.withdrawn {
                self.env().emit_event(ConsentWithdrawn { dataset, version });
            }
            all.next
        }

        /// Leaves a tombstone of the dataset. A consent that still stands is withdrawn by this. Clears state,
        /// not the chain's history. Answers the new version.
        #[ink(message)]
        pub fn erase(&mut self, dataset: DatasetId) -> Result<u32, ConsentError> {
            let erased = consent::erase(self, &dataset)?;
            let version = erased.version;
            if erased.withdrew {
                self.env().emit_event(ConsentWithdrawn { dataset, version });
            }
            self.env().emit_event(DatasetErased { dataset, version });
            Ok(version)
        }

        /// Names another custodian, with its signature that it holds the key. Answers the new version.
        #[ink(message)]
        pub fn set_custodian(
            &mut self,
            dataset: DatasetId,
            custodian: AccountId,
            custodian_receipt: Signature,
        ) -> Result<u32, ConsentError> {
            let version = consent::set_custodian(self, &dataset, custodian, &custodian_receipt)?;
            self.env().emit_event(CustodianSet { dataset, version, custodian });
            Ok(version)
        }

        /// Names another payee, for orders to come. Answers the new version.
        #[ink(message)]
        pub fn set_payee(&mut self, dataset: DatasetId, payee: AccountId) -> Result<u32, ConsentError> {
            let version = consent::set_payee(self, &dataset, payee)?;
            self.env().emit_event(PayeeSet { dataset, version, payee });
            Ok(version)
        }

        /// The dataset with its consent.
        #[ink(message)]
        pub fn dataset(&self, dataset: DatasetId) -> Option<Dataset> {
            self.consent.get(dataset).map(Dataset::from)
        }

        /// How many datasets the contributor registered, withdrawn and erased ones included.
        #[ink(message)]
        pub fn datasets_of(&self, contributor: AccountId) -> u32 {
            self.owns.get(contributor).unwrap_or(0)
        }

        /// The contributor's dataset with this number, in the order of registration from 0.
        #[ink(message)]
        pub fn dataset_at(&self, contributor: AccountId, number: u32) -> Option<DatasetId> {
            self.owned.get((contributor, number))
        }

        /// The contract that answers for policies.
        #[ink(message)]
        pub fn policies(&self) -> AccountId {
            self.policies
        }

        /// The contract that answers for laboratories.
        #[ink(message)]
        pub fn identity(&self) -> AccountId {
            self.identity
        }

        /// Hash of the first block of the chain that signatures are bound to.
        #[ink(message)]
        pub fn genesis(&self) -> Digest {
            self.genesis
        }

        fn judge(
            &self,
            collection: CollectionId,
            purpose: Purpose,
            buyer: AccountId,
            terms: Vec<RootedTerms>,
        ) -> Result<Judgement, AskError> {
            let policies: contract_ref!(interface::Policies) = self.policies.into();
            interface::Policies::judge(policies.call(), collection, purpose, buyer, terms)
                .try_invoke()
                .ok()
                .and_then(Result::ok)
                .ok_or(AskError::Unreachable)?
        }

        /// Those of the laboratories that are accredited now.
        fn accredited(&self, laboratories: Vec<AccountId>) -> Result<Vec<AccountId>, AskError> {
            if laboratories.is_empty() {
                return Ok(laboratories);
            }
            let identity: contract_ref!(interface::Identity) = self.identity.into();
            let holds = interface::Identity::holders(
                identity.call(),
                laboratories.clone(),
                CredentialKind::AccreditedLaboratory,
                UNSCOPED,
            )
            .try_invoke()
            .ok()
            .and_then(Result::ok)
            .ok_or(AskError::Unreachable)?;
            Ok(laboratories
                .into_iter()
                .zip(holds)
                .filter_map(|(account, held)| held.then_some(account))
                .collect())
        }
    }

    impl interface::Consents for Consents {
        #[ink(message)]
        fn permits(
            &self,
            collection: CollectionId,
            custodian: Option<AccountId>,
            datasets: Vec<DatasetId>,
            purpose: Purpose,
            buyer: AccountId,
        ) -> Result<Permits, AskError> {
            if datasets.len() > MAX_LINES {
                return Err(AskError::TooMany);
            }
            let inquiry = Inquiry { collection, custodian, now: self.env().block_timestamp() };
            let consents: Vec<Option<Consent>> =
                datasets.iter().map(|dataset| self.consent.get(dataset)).collect();
            let judgement = self.judge(collection, purpose, buyer, consent::standing(&consents, &inquiry))?;
            let accredited = if judgement.view.laboratory {
                Some(self.accredited(consent::laboratories(&consents, &inquiry))?)
            } else {
                None
            };
            let lines = consent::answer(&consents, &inquiry, &judgement.terms, accredited.as_deref());
            Ok(Permits { view: judgement.view, policy: judgement.policy, lines })
        }
    }

    impl Registry for Consents {
        fn caller(&self) -> AccountId {
            self.env().caller()
        }
        fn now(&self) -> Timestamp {
            self.env().block_timestamp()
        }
        fn genesis(&self) -> Digest {
            self.genesis
        }
        fn contract(&self) -> AccountId {
            self.env().account_id()
        }
        fn consent(&self, dataset: &DatasetId) -> Option<Consent> {
            self.consent.get(dataset)
        }
        fn store(&mut self, dataset: &DatasetId, consent: &Consent) {
            self.consent.insert(dataset, consent);
        }
        fn dataset_at(&self, contributor: &AccountId, number: u32) -> Option<DatasetId> {
            self.owned.get((*contributor, number))
        }
        fn append(&mut self, contributor: &AccountId, dataset: &DatasetId) {
            let number = self.owns.get(contributor).unwrap_or(0);
            self.owned.insert((*contributor, number), dataset);
            // 2^32 registrations of one account cannot be reached; a wrong count would hide datasets.
            self.owns.insert(contributor, &number.saturating_add(1));
        }
        fn intake(&self, collection: CollectionId) -> Result<u32, AskError> {
            let policies: contract_ref!(interface::Policies) = self.policies.into();
            interface::Policies::intake(policies.call(), collection)
                .try_invoke()
                .ok()
                .and_then(Result::ok)
                .ok_or(AskError::Unreachable)?
        }
        fn root_version(&self) -> Result<u32, AskError> {
            let policies: contract_ref!(interface::Policies) = self.policies.into();
            interface::Policies::root_version(policies.call())
                .try_invoke()
                .ok()
                .and_then(Result::ok)
                .ok_or(AskError::Unreachable)
        }
        fn signed(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool {
            signing::verifies(signature, message, signer)
        }
    }
}

#[cfg(test)]
mod tests;
