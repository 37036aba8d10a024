//! Identity: accredited issuers, grants and suspensions, in the words of GA4GH visas.
//!
//! An issuer signs a grant off-chain; nothing is on-chain until its holder presents it. A grant counts only while
//! it is presented, inside its dates, and its issuer is accredited for its kind and not withheld, all judged now.
//!
//! # Invariants
//! - A revoked or dropped hash never returns, whether it was presented before or not.
//! - Only a grant's holder presents it; only its issuer revokes it; only its holder drops it.
//! - Emergency acts (suspend, withhold) overlay what members decided and can only take away.
//! - Every question is answered from a fixed number of cells: at most `MAX_GRANTS` grants share a holder, kind
//!   and scope.
//!
//! # Errors
//! `IdentityError` and `EmergencyError`; a refused call changes nothing.
//!
//! # Messages
//! | who | messages |
//! |---|---|
//! | governor | accredit, discredit, suspend, lift, withhold_issuer, restore_issuer, hand_over, set_code |
//! | holder | present, drop |
//! | issuer | revoke |
//! | views | holds, holders, standing, suspended, issuer, presented, is_ended, grant_hash, settings |
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod identity {
    use commons::{
        credential::{Ask, CredentialKind, Grant, Standing},
        interface::{EmergencyError, Identity as Standings, IdentityEmergency},
        signing, Digest, Signature,
    };
    use ink::{prelude::vec::Vec, storage::Mapping};

    /// Most grants of one holder, kind and scope that are kept at once, so that a renewal can overlap.
    pub const MAX_GRANTS: usize = 4;

    /// Bits that name a kind.
    const ALL_KINDS: u16 = 0xff;

    /// What members and guardians decided of an issuer.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Issuer {
        /// One bit a `CredentialKind` it may grant.
        pub kinds: u16,
        /// None of its grants counts.
        pub withheld: bool,
    }

    /// A presented grant, as its cell keeps it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Presented {
        pub hash: Digest,
        pub issuer: AccountId,
        /// Block time, ms.
        pub valid_from: Timestamp,
        /// Block time, ms; no longer valid at this time.
        pub valid_until: Timestamp,
    }

    /// Where a presented grant is kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Place {
        pub issuer: AccountId,
        pub holder: AccountId,
        pub kind: CredentialKind,
        pub scope: Digest,
    }

    /// Who governs, and what signatures are bound to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Settings {
        pub genesis: Digest,
        pub governor: AccountId,
    }

    /// Why the contract refuses.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum IdentityError {
        /// The caller is not the governor.
        NotGovernor,
        /// A bit that names no kind, or no bit at all.
        UnknownKinds,
        /// The account is no accredited issuer.
        UnknownIssuer,
        /// The caller is not the grant's holder.
        NotHolder,
        /// The caller is suspended.
        Suspended,
        /// The issuer may not grant this kind now.
        NotAccredited,
        /// The grant has expired, or ends before it begins.
        Expired,
        /// The issuer revoked it or the holder dropped it.
        Ended,
        /// It is presented already.
        AlreadyPresented,
        /// No signature of the issuer over this grant.
        BadSignature,
        /// Four grants of this kind and scope are live; drop one first.
        TooManyGrants,
        /// The caller ended this hash before.
        AlreadyEnded,
        /// The code cannot be set.
        CodeRejected,
    }

    /// An issuer may grant these kinds, and no others.
    #[ink(event)]
    pub struct IssuerAccredited {
        #[ink(topic)]
        pub issuer: AccountId,
        pub kinds: u16,
    }

    /// An issuer may grant nothing any more, and none of its grants counts.
    #[ink(event)]
    pub struct IssuerDiscredited {
        #[ink(topic)]
        pub issuer: AccountId,
    }

    /// Guardians let no grant of the issuer count, or let them count again.
    #[ink(event)]
    pub struct IssuerWithheld {
        #[ink(topic)]
        pub issuer: AccountId,
        pub withheld: bool,
    }

    /// A holder put a grant on-chain.
    #[ink(event)]
    pub struct GrantPresented {
        #[ink(topic)]
        pub holder: AccountId,
        #[ink(topic)]
        pub issuer: AccountId,
        #[ink(topic)]
        pub grant: Digest,
        pub kind: CredentialKind,
        pub scope: Digest,
        pub valid_from: Timestamp,
        pub valid_until: Timestamp,
    }

    /// An issuer took a grant back; it need not have been presented.
    #[ink(event)]
    pub struct GrantRevoked {
        #[ink(topic)]
        pub issuer: AccountId,
        #[ink(topic)]
        pub grant: Digest,
    }

    /// A holder gave a grant up.
    #[ink(event)]
    pub struct GrantDropped {
        #[ink(topic)]
        pub holder: AccountId,
        #[ink(topic)]
        pub grant: Digest,
    }

    /// An account may not create, propose or present.
    #[ink(event)]
    pub struct AccountSuspended {
        #[ink(topic)]
        pub account: AccountId,
    }

    /// A suspension ended.
    #[ink(event)]
    pub struct SuspensionLifted {
        #[ink(topic)]
        pub account: AccountId,
    }

    /// Another account governs.
    #[ink(event)]
    pub struct HandedOver {
        #[ink(topic)]
        pub governor: AccountId,
    }

    #[ink(storage)]
    pub struct Identity {
        settings: Settings,
        issuers: Mapping<AccountId, Issuer>,
        suspended: Mapping<AccountId, ()>,
        /// At most `MAX_GRANTS` of a holder, kind and scope.
        grants: Mapping<(AccountId, CredentialKind, Digest), Vec<Presented>>,
        /// Where the grant of a hash is kept.
        places: Mapping<Digest, Place>,
        /// Hashes that an account ended, as issuer or holder. Keyed by the account too, since the issuer of a
        /// hash that was never presented is unknown: only its own issuer's entry counts against a grant.
        ended: Mapping<(AccountId, Digest), ()>,
    }

    impl Identity {
        /// The deployer governs until `hand_over`. `genesis` is the hash of the chain's first block.
        #[ink(constructor)]
        pub fn new(genesis: Digest) -> Self {
            Self {
                settings: Settings { genesis, governor: Self::env().caller() },
                issuers: Mapping::default(),
                suspended: Mapping::default(),
                grants: Mapping::default(),
                places: Mapping::default(),
                ended: Mapping::default(),
            }
        }

        /// Lets an issuer grant exactly these kinds (one bit each). Governor only.
        #[ink(message)]
        pub fn accredit(&mut self, issuer: AccountId, kinds: u16) -> Result<(), IdentityError> {
            self.only_governor()?;
            if kinds == 0 || kinds & !ALL_KINDS != 0 {
                return Err(IdentityError::UnknownKinds);
            }
            let mut known = self.issuers.get(issuer).unwrap_or_default();
            known.kinds = kinds;
            self.issuers.insert(issuer, &known);
            self.env().emit_event(IssuerAccredited { issuer, kinds });
            Ok(())
        }

        /// Takes an issuer's accreditation; none of its grants counts from now on. Governor only.
        #[ink(message)]
        pub fn discredit(&mut self, issuer: AccountId) -> Result<(), IdentityError> {
            self.only_governor()?;
            let mut known = self.issuers.get(issuer).unwrap_or_default();
            if known.kinds == 0 {
                return Err(IdentityError::UnknownIssuer);
            }
            known.kinds = 0;
            self.keep_issuer(issuer, known);
            self.env().emit_event(IssuerDiscredited { issuer });
            Ok(())
        }

        /// Puts the caller's grant on-chain. The issuer's signature (sr25519, wallet wrapping accepted) is over
        /// `signing::grant`. Answers the grant's hash.
        #[ink(message)]
        pub fn present(
            &mut self,
            grant: Grant,
            issuer_signature: Signature,
        ) -> Result<Digest, IdentityError> {
            if self.env().caller() != grant.holder {
                return Err(IdentityError::NotHolder);
            }
            if self.suspended.contains(grant.holder) {
                return Err(IdentityError::Suspended);
            }
            if !self.counts(&grant.issuer, grant.kind) {
                return Err(IdentityError::NotAccredited);
            }
            let now = self.env().block_timestamp();
            if grant.valid_until <= now || grant.valid_until <= grant.valid_from {
                return Err(IdentityError::Expired);
            }
            let message = signing::grant(&self.settings.genesis, &self.env().account_id(), &grant);
            let hash = signing::blake2_256(&message);
            if self.ended.contains((grant.issuer, hash)) || self.ended.contains((grant.holder, hash)) {
                return Err(IdentityError::Ended);
            }
            if self.places.contains(hash) {
                return Err(IdentityError::AlreadyPresented);
            }
            if !signing::verifies_from_wallet(&issuer_signature, &message, &grant.issuer) {
                return Err(IdentityError::BadSignature);
            }
            let Grant { issuer, holder, kind, scope, valid_from, valid_until, .. } = grant;
            let mut kept = self.grants.get((holder, kind, scope)).unwrap_or_default();
            if kept.len() >= MAX_GRANTS {
                // A grant that has expired never counts again: its room is free. One whose issuer is not
                // accredited now may count later, so it keeps its room.
                let expired = kept.iter().position(|old| old.valid_until <= now);
                let old = kept.swap_remove(expired.ok_or(IdentityError::TooManyGrants)?);
                self.places.remove(old.hash);
            }
            kept.push(Presented { hash, issuer, valid_from, valid_until });
            self.grants.insert((holder, kind, scope), &kept);
            self.places.insert(hash, &Place { issuer, holder, kind, scope });
            self.env().emit_event(GrantPresented {
                holder,
                issuer,
                grant: hash,
                kind,
                scope,
                valid_from,
                valid_until,
            });
            Ok(hash)
        }

        /// Takes back the caller's grant of this hash, for ever, whether or not it was presented.
        #[ink(message)]
        pub fn revoke(&mut self, grant: Digest) -> Result<(), IdentityError> {
            let issuer = self.env().caller();
            self.end(issuer, grant)?;
            if let Some(place) = self.places.get(grant).filter(|place| place.issuer == issuer) {
                self.take_away(grant, &place);
            }
            self.env().emit_event(GrantRevoked { issuer, grant });
            Ok(())
        }

        /// Gives up the caller's grant of this hash, for ever, whether or not it was presented.
        #[ink(message)]
        pub fn drop(&mut self, grant: Digest) -> Result<(), IdentityError> {
            let holder = self.env().caller();
            self.end(holder, grant)?;
            if let Some(place) = self.places.get(grant).filter(|place| place.holder == holder) {
                self.take_away(grant, &place);
            }
            self.env().emit_event(GrantDropped { holder, grant });
            Ok(())
        }

        /// Makes another account governor. Governor only.
        #[ink(message)]
        pub fn hand_over(&mut self, governor: AccountId) -> Result<(), IdentityError> {
            self.only_governor()?;
            self.settings.governor = governor;
            self.env().emit_event(HandedOver { governor });
            Ok(())
        }

        /// Replaces the contract's code. Governor only.
        #[ink(message)]
        pub fn set_code(&mut self, code: Hash) -> Result<(), IdentityError> {
            self.only_governor()?;
            self.env().set_code_hash(&code).map_err(|_| IdentityError::CodeRejected)
        }

        /// The hash that names a grant here: blake2_256 of what its issuer signs.
        #[ink(message)]
        pub fn grant_hash(&self, grant: Grant) -> Digest {
            signing::blake2_256(&signing::grant(&self.settings.genesis, &self.env().account_id(), &grant))
        }

        /// What was decided of an issuer; no kinds for an unknown one.
        #[ink(message)]
        pub fn issuer(&self, issuer: AccountId) -> Issuer {
            self.issuers.get(issuer).unwrap_or_default()
        }

        /// The grants of a holder, kind and scope that are on-chain, whether they count now or not.
        #[ink(message)]
        pub fn presented(&self, holder: AccountId, kind: CredentialKind, scope: Digest) -> Vec<Presented> {
            self.grants.get((holder, kind, scope)).unwrap_or_default()
        }

        /// Whether this account, as issuer or holder, ended the grant of this hash.
        #[ink(message)]
        pub fn is_ended(&self, by: AccountId, grant: Digest) -> bool {
            self.ended.contains((by, grant))
        }

        /// The governor, and what signatures are bound to.
        #[ink(message)]
        pub fn settings(&self) -> Settings {
            self.settings
        }

        fn only_governor(&self) -> Result<(), IdentityError> {
            if self.env().caller() == self.settings.governor {
                Ok(())
            } else {
                Err(IdentityError::NotGovernor)
            }
        }

        fn is_governor(&self) -> Result<(), EmergencyError> {
            self.only_governor().map_err(|_| EmergencyError::NotGovernor)
        }

        /// Whether the issuer's grants of this kind count now.
        fn counts(&self, issuer: &AccountId, kind: CredentialKind) -> bool {
            let issuer = self.issuers.get(issuer).unwrap_or_default();
            issuer.kinds & kind.bit() != 0 && !issuer.withheld
        }

        fn keep_issuer(&mut self, account: AccountId, issuer: Issuer) {
            if issuer == Issuer::default() {
                self.issuers.remove(account);
            } else {
                self.issuers.insert(account, &issuer);
            }
        }

        fn end(&mut self, by: AccountId, grant: Digest) -> Result<(), IdentityError> {
            if self.ended.contains((by, grant)) {
                return Err(IdentityError::AlreadyEnded);
            }
            self.ended.insert((by, grant), &());
            Ok(())
        }

        fn take_away(&mut self, hash: Digest, place: &Place) {
            let cell = (place.holder, place.kind, place.scope);
            let mut kept = self.grants.get(cell).unwrap_or_default();
            kept.retain(|grant| grant.hash != hash);
            if kept.is_empty() {
                self.grants.remove(cell);
            } else {
                self.grants.insert(cell, &kept);
            }
            self.places.remove(hash);
        }

        fn live(&self, account: AccountId, kind: CredentialKind, scope: Digest, now: Timestamp) -> bool {
            let kept = self.grants.get((account, kind, scope)).unwrap_or_default();
            kept.iter().any(|grant| {
                grant.valid_from <= now && now < grant.valid_until && self.counts(&grant.issuer, kind)
            })
        }
    }

    impl Standings for Identity {
        #[ink(message)]
        fn holds(&self, account: AccountId, kind: CredentialKind, scope: Digest, now: Timestamp) -> bool {
            self.live(account, kind, scope, now)
        }

        #[ink(message)]
        fn holders(&self, accounts: Vec<AccountId>, kind: CredentialKind, scope: Digest) -> Vec<bool> {
            let now = self.env().block_timestamp();
            accounts.into_iter().map(|account| self.live(account, kind, scope, now)).collect()
        }

        #[ink(message)]
        fn standing(&self, account: AccountId, asks: Vec<Ask>) -> Standing {
            let now = self.env().block_timestamp();
            Standing {
                suspended: self.suspended.contains(account),
                holds: asks.into_iter().map(|ask| self.live(account, ask.kind, ask.scope, now)).collect(),
            }
        }
    }

    impl IdentityEmergency for Identity {
        #[ink(message)]
        fn suspend(&mut self, account: AccountId) -> Result<(), EmergencyError> {
            self.is_governor()?;
            if self.suspended.contains(account) {
                return Err(EmergencyError::AlreadyInForce);
            }
            self.suspended.insert(account, &());
            self.env().emit_event(AccountSuspended { account });
            Ok(())
        }

        #[ink(message)]
        fn lift(&mut self, account: AccountId) -> Result<(), EmergencyError> {
            self.is_governor()?;
            if !self.suspended.contains(account) {
                return Err(EmergencyError::NotInForce);
            }
            self.suspended.remove(account);
            self.env().emit_event(SuspensionLifted { account });
            Ok(())
        }

        #[ink(message)]
        fn withhold_issuer(&mut self, issuer: AccountId) -> Result<(), EmergencyError> {
            self.is_governor()?;
            let mut known = self.issuers.get(issuer).unwrap_or_default();
            if known.withheld {
                return Err(EmergencyError::AlreadyInForce);
            }
            known.withheld = true;
            self.keep_issuer(issuer, known);
            self.env().emit_event(IssuerWithheld { issuer, withheld: true });
            Ok(())
        }

        #[ink(message)]
        fn restore_issuer(&mut self, issuer: AccountId) -> Result<(), EmergencyError> {
            self.is_governor()?;
            let mut known = self.issuers.get(issuer).unwrap_or_default();
            if !known.withheld {
                return Err(EmergencyError::NotInForce);
            }
            known.withheld = false;
            self.keep_issuer(issuer, known);
            self.env().emit_event(IssuerWithheld { issuer, withheld: false });
            Ok(())
        }

        #[ink(message)]
        fn suspended(&self, account: AccountId) -> bool {
            self.suspended.contains(account)
        }
    }
}

#[cfg(test)]
mod tests;
