//! Attestations: which verifiers count, which code may see data, and which evidence was used.
//!
//! A verifier appraises an enclave's evidence off-chain and signs a result (RFC 9334). This contract answers
//! whether enough distinct verifiers of now signed a claim that a policy admits, and whether it still stands.
//!
//! # Invariants
//! - A claim counts only with as many distinct, allowed, not withheld verifiers as the policy's quorum, and at
//!   least one; a measurement only if it has a reference value and is not withheld.
//! - Evidence is used once, by the escrow alone, in a cell of fixed size that its order reserved: attest takes
//!   no deposit.
//! - The escrow's address is set once.
//! - Emergency acts (withhold) overlay what members decided and can only take away.
//!
//! # Errors
//! `AttestationError` for claims, `SettingsError` and `EmergencyError` for the governor; a refused call changes
//! nothing.
//!
//! # Messages
//! | who | messages |
//! |---|---|
//! | governor | add_verifier, remove_verifier, add_reference, remove_reference, set_escrow, withhold_*, restore_*, hand_over, set_code |
//! | escrow | reserve, consume, dismiss |
//! | views | appraise, stands, verifier, reference, is_used, settings |
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod attestations {
    use commons::{
        attestation::{
            AttestationError, AttestationPolicy, Claim, Platform, VerifierSignature, MAX_EVIDENCE,
        },
        interface::{AttestationEmergency, Attestations as Appraisals, EmergencyError},
        signing, Digest, OrderId,
    };
    use ink::{
        prelude::{string::String, vec::Vec},
        storage::Mapping,
    };

    /// Longest label of a reference value, bytes.
    pub const MAX_LABEL: usize = 64;

    /// Code that may see data, as members approved it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Reference {
        pub platform: Platform,
        /// Oldest acceptable date of the trusted computing base, ms.
        pub min_tcb_date: Timestamp,
        /// What a person calls it, such as the release of the enclave's code.
        pub label: String,
    }

    /// Who governs, and what signatures are bound to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Settings {
        pub genesis: Digest,
        pub governor: AccountId,
        /// The only contract that may use evidence; `None` until it is set.
        pub escrow: Option<AccountId>,
    }

    /// What members and guardians decided of a verifier.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Verifier {
        pub allowed: bool,
        pub withheld: bool,
    }

    /// The evidence that one order used. Its size never changes.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Used {
        pub count: u8,
        pub evidence: [Digest; MAX_EVIDENCE],
    }

    impl Used {
        fn contains(&self, evidence: &Digest) -> bool {
            self.evidence.iter().take(usize::from(self.count)).any(|used| used == evidence)
        }
    }

    /// Why the governor's change is refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum SettingsError {
        /// The caller is not the governor.
        NotGovernor,
        /// The verifier is allowed already.
        AlreadyAllowed,
        /// The account is no allowed verifier.
        UnknownVerifier,
        /// The measurement has no reference value.
        UnknownReference,
        /// The label is longer than 64 bytes.
        LabelTooLong,
        /// The escrow is set already.
        EscrowSet,
        /// The code cannot be set.
        CodeRejected,
    }

    /// A verifier's results count.
    #[ink(event)]
    pub struct VerifierAdded {
        #[ink(topic)]
        pub verifier: AccountId,
    }

    /// A verifier's results count no more, those already used included.
    #[ink(event)]
    pub struct VerifierRemoved {
        #[ink(topic)]
        pub verifier: AccountId,
    }

    /// Guardians let a verifier's results not count, or count again.
    #[ink(event)]
    pub struct VerifierWithheld {
        #[ink(topic)]
        pub verifier: AccountId,
        pub withheld: bool,
    }

    /// Code may see data, where a policy admits its measurement.
    #[ink(event)]
    pub struct ReferenceSet {
        #[ink(topic)]
        pub measurement: Digest,
        pub platform: Platform,
        pub min_tcb_date: Timestamp,
        pub label: String,
    }

    /// Code may see data no more.
    #[ink(event)]
    pub struct ReferenceRemoved {
        #[ink(topic)]
        pub measurement: Digest,
    }

    /// Guardians let a measurement not count, or count again.
    #[ink(event)]
    pub struct MeasurementWithheld {
        #[ink(topic)]
        pub measurement: Digest,
        pub withheld: bool,
    }

    /// The escrow used evidence for an order.
    #[ink(event)]
    pub struct EvidenceConsumed {
        #[ink(topic)]
        pub order: OrderId,
        #[ink(topic)]
        pub evidence: Digest,
        #[ink(topic)]
        pub measurement: Digest,
    }

    /// The escrow that may use evidence was set, for good.
    #[ink(event)]
    pub struct EscrowNamed {
        #[ink(topic)]
        pub escrow: AccountId,
    }

    /// Another account governs.
    #[ink(event)]
    pub struct HandedOver {
        #[ink(topic)]
        pub governor: AccountId,
    }

    #[ink(storage)]
    pub struct Attestations {
        settings: Settings,
        verifiers: Mapping<AccountId, Verifier>,
        references: Mapping<Digest, Reference>,
        withheld: Mapping<Digest, ()>,
        /// By the escrow that used it, and the order.
        used: Mapping<(AccountId, OrderId), Used>,
    }

    impl Attestations {
        /// The deployer governs until `hand_over`. `genesis` is the hash of the chain's first block.
        #[ink(constructor)]
        pub fn new(genesis: Digest) -> Self {
            Self {
                settings: Settings { genesis, governor: Self::env().caller(), escrow: None },
                verifiers: Mapping::default(),
                references: Mapping::default(),
                withheld: Mapping::default(),
                used: Mapping::default(),
            }
        }

        /// Lets a verifier's results count. Governor only.
        #[ink(message)]
        pub fn add_verifier(&mut self, verifier: AccountId) -> Result<(), SettingsError> {
            self.only_governor()?;
            let mut known = self.verifiers.get(verifier).unwrap_or_default();
            if known.allowed {
                return Err(SettingsError::AlreadyAllowed);
            }
            known.allowed = true;
            self.keep_verifier(verifier, known);
            self.env().emit_event(VerifierAdded { verifier });
            Ok(())
        }

        /// Lets a verifier's results count no more, at once. Governor only.
        #[ink(message)]
        pub fn remove_verifier(&mut self, verifier: AccountId) -> Result<(), SettingsError> {
            self.only_governor()?;
            let mut known = self.verifiers.get(verifier).unwrap_or_default();
            if !known.allowed {
                return Err(SettingsError::UnknownVerifier);
            }
            known.allowed = false;
            self.keep_verifier(verifier, known);
            self.env().emit_event(VerifierRemoved { verifier });
            Ok(())
        }

        /// Sets or changes a measurement's reference value. Governor only.
        #[ink(message)]
        pub fn add_reference(
            &mut self,
            measurement: Digest,
            reference: Reference,
        ) -> Result<(), SettingsError> {
            self.only_governor()?;
            if reference.label.len() > MAX_LABEL {
                return Err(SettingsError::LabelTooLong);
            }
            self.references.insert(measurement, &reference);
            let Reference { platform, min_tcb_date, label } = reference;
            self.env().emit_event(ReferenceSet { measurement, platform, min_tcb_date, label });
            Ok(())
        }

        /// Lets a measurement count no more, at once. Governor only.
        #[ink(message)]
        pub fn remove_reference(&mut self, measurement: Digest) -> Result<(), SettingsError> {
            self.only_governor()?;
            if !self.references.contains(measurement) {
                return Err(SettingsError::UnknownReference);
            }
            self.references.remove(measurement);
            self.env().emit_event(ReferenceRemoved { measurement });
            Ok(())
        }

        /// Names the escrow, once. Governor only.
        #[ink(message)]
        pub fn set_escrow(&mut self, escrow: AccountId) -> Result<(), SettingsError> {
            self.only_governor()?;
            if self.settings.escrow.is_some() {
                return Err(SettingsError::EscrowSet);
            }
            self.settings.escrow = Some(escrow);
            self.env().emit_event(EscrowNamed { escrow });
            Ok(())
        }

        /// Makes another account governor. Governor only.
        #[ink(message)]
        pub fn hand_over(&mut self, governor: AccountId) -> Result<(), SettingsError> {
            self.only_governor()?;
            self.settings.governor = governor;
            self.env().emit_event(HandedOver { governor });
            Ok(())
        }

        /// Replaces the contract's code. Governor only.
        #[ink(message)]
        pub fn set_code(&mut self, code: Hash) -> Result<(), SettingsError> {
            self.only_governor()?;
            self.env().set_code_hash(&code).map_err(|_| SettingsError::CodeRejected)
        }

        /// What was decided of a verifier.
        #[ink(message)]
        pub fn verifier(&self, verifier: AccountId) -> Verifier {
            self.verifiers.get(verifier).unwrap_or_default()
        }

        /// A measurement's reference value, and whether guardians withhold it.
        #[ink(message)]
        pub fn reference(&self, measurement: Digest) -> Option<(Reference, bool)> {
            let reference = self.references.get(measurement)?;
            Some((reference, self.withheld.contains(measurement)))
        }

        /// Whether the escrow used this evidence for this order.
        #[ink(message)]
        pub fn is_used(&self, order: OrderId, evidence: Digest) -> bool {
            let used = self.settings.escrow.and_then(|escrow| self.used.get((escrow, order)));
            used.is_some_and(|used| used.contains(&evidence))
        }

        /// The governor, the escrow, and what signatures are bound to.
        #[ink(message)]
        pub fn settings(&self) -> Settings {
            self.settings
        }

        fn only_governor(&self) -> Result<(), SettingsError> {
            if self.env().caller() == self.settings.governor {
                Ok(())
            } else {
                Err(SettingsError::NotGovernor)
            }
        }

        fn only_escrow(&self) -> Result<AccountId, AttestationError> {
            let caller = self.env().caller();
            if self.settings.escrow == Some(caller) {
                Ok(caller)
            } else {
                Err(AttestationError::NotEscrow)
            }
        }

        fn is_governor(&self) -> Result<(), EmergencyError> {
            self.only_governor().map_err(|_| EmergencyError::NotGovernor)
        }

        fn keep_verifier(&mut self, account: AccountId, verifier: Verifier) {
            if verifier == Verifier::default() {
                self.verifiers.remove(account);
            } else {
                self.verifiers.insert(account, &verifier);
            }
        }

        fn counts(&self, verifier: &AccountId) -> bool {
            let known = self.verifiers.get(verifier).unwrap_or_default();
            known.allowed && !known.withheld
        }

        /// Everything about a claim that can change while it waits: platform, code, its base, debug, expiry.
        fn admits(&self, claim: &Claim, policy: &AttestationPolicy) -> Result<(), AttestationError> {
            if !policy.platforms.contains(&claim.platform) {
                return Err(AttestationError::PlatformNotAdmitted);
            }
            if !policy.measurements.contains(&claim.measurement) {
                return Err(AttestationError::MeasurementNotAdmitted);
            }
            let reference = self
                .references
                .get(claim.measurement)
                .filter(|reference| reference.platform == claim.platform)
                .filter(|_| !self.withheld.contains(claim.measurement))
                .ok_or(AttestationError::MeasurementRevoked)?;
            if claim.tcb_date < policy.min_tcb_date.max(reference.min_tcb_date) {
                return Err(AttestationError::TcbTooOld);
            }
            if claim.debug && !policy.admit_debug {
                return Err(AttestationError::DebugNotAdmitted);
            }
            if claim.expires <= self.env().block_timestamp() {
                return Err(AttestationError::NotFresh);
            }
            Ok(())
        }

        fn check(
            &self,
            escrow: AccountId,
            claim: &Claim,
            policy: &AttestationPolicy,
            signatures: &[VerifierSignature],
        ) -> Result<(), AttestationError> {
            self.admits(claim, policy)?;
            let now = self.env().block_timestamp();
            if claim.issued > now || now.saturating_sub(claim.issued) > policy.max_age {
                return Err(AttestationError::NotFresh);
            }
            if self.used.get((escrow, claim.order)).is_some_and(|used| used.contains(&claim.evidence)) {
                return Err(AttestationError::EvidenceUsed);
            }
            if signatures.len() < usize::from(policy.quorum.max(1)) {
                return Err(AttestationError::TooFewVerifiers);
            }
            let message = signing::attestation(&self.settings.genesis, &escrow, claim);
            for (position, signed) in signatures.iter().enumerate() {
                if signatures.iter().take(position).any(|earlier| earlier.verifier == signed.verifier) {
                    return Err(AttestationError::DuplicateVerifier);
                }
                if !self.counts(&signed.verifier) {
                    return Err(AttestationError::UnknownVerifier);
                }
                if !signing::verifies(&signed.signature, &message, &signed.verifier) {
                    return Err(AttestationError::BadSignature);
                }
            }
            Ok(())
        }
    }

    impl Appraisals for Attestations {
        #[ink(message)]
        fn appraise(
            &self,
            escrow: AccountId,
            claim: Claim,
            policy: AttestationPolicy,
            signatures: Vec<VerifierSignature>,
        ) -> Result<(), AttestationError> {
            self.check(escrow, &claim, &policy, &signatures)
        }

        #[ink(message)]
        fn reserve(&mut self, order: OrderId) -> Result<(), AttestationError> {
            let escrow = self.only_escrow()?;
            self.used.insert((escrow, order), &Used::default());
            Ok(())
        }

        #[ink(message)]
        fn dismiss(&mut self, order: OrderId) -> Result<(), AttestationError> {
            let escrow = self.only_escrow()?;
            self.used.remove((escrow, order));
            Ok(())
        }

        #[ink(message)]
        fn consume(
            &mut self,
            claim: Claim,
            policy: AttestationPolicy,
            signatures: Vec<VerifierSignature>,
        ) -> Result<(), AttestationError> {
            let escrow = self.only_escrow()?;
            self.check(escrow, &claim, &policy, &signatures)?;
            let mut used = self.used.get((escrow, claim.order)).ok_or(AttestationError::NotReserved)?;
            let slot = used.evidence.get_mut(usize::from(used.count));
            *slot.ok_or(AttestationError::EvidenceExhausted)? = claim.evidence;
            // The slot exists, so the count is below eight.
            used.count = used.count.saturating_add(1);
            self.used.insert((escrow, claim.order), &used);
            self.env().emit_event(EvidenceConsumed {
                order: claim.order,
                evidence: claim.evidence,
                measurement: claim.measurement,
            });
            Ok(())
        }

        #[ink(message)]
        fn stands(
            &self,
            claim: Claim,
            verifiers: Vec<AccountId>,
            policy: AttestationPolicy,
        ) -> Result<(), AttestationError> {
            self.admits(&claim, &policy)?;
            // The escrow keeps distinct verifiers only; those that still count must make the quorum of now.
            let counting = verifiers.iter().filter(|verifier| self.counts(verifier)).count();
            if counting < usize::from(policy.quorum.max(1)) {
                return Err(AttestationError::TooFewVerifiers);
            }
            Ok(())
        }
    }

    impl AttestationEmergency for Attestations {
        #[ink(message)]
        fn withhold_measurement(&mut self, measurement: Digest) -> Result<(), EmergencyError> {
            self.is_governor()?;
            if self.withheld.contains(measurement) {
                return Err(EmergencyError::AlreadyInForce);
            }
            self.withheld.insert(measurement, &());
            self.env().emit_event(MeasurementWithheld { measurement, withheld: true });
            Ok(())
        }

        #[ink(message)]
        fn restore_measurement(&mut self, measurement: Digest) -> Result<(), EmergencyError> {
            self.is_governor()?;
            if !self.withheld.contains(measurement) {
                return Err(EmergencyError::NotInForce);
            }
            self.withheld.remove(measurement);
            self.env().emit_event(MeasurementWithheld { measurement, withheld: false });
            Ok(())
        }

        #[ink(message)]
        fn withhold_verifier(&mut self, verifier: AccountId) -> Result<(), EmergencyError> {
            self.is_governor()?;
            let mut known = self.verifiers.get(verifier).unwrap_or_default();
            if known.withheld {
                return Err(EmergencyError::AlreadyInForce);
            }
            known.withheld = true;
            self.keep_verifier(verifier, known);
            self.env().emit_event(VerifierWithheld { verifier, withheld: true });
            Ok(())
        }

        #[ink(message)]
        fn restore_verifier(&mut self, verifier: AccountId) -> Result<(), EmergencyError> {
            self.is_governor()?;
            let mut known = self.verifiers.get(verifier).unwrap_or_default();
            if !known.withheld {
                return Err(EmergencyError::NotInForce);
            }
            known.withheld = false;
            self.keep_verifier(verifier, known);
            self.env().emit_event(VerifierWithheld { verifier, withheld: false });
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
