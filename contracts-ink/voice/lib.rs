//! Voice: who may decide how much in the DAO, and who decides for whom.
//!
//! Voice is weight that cannot be transferred: the governor mints and burns it. An owner may put parts of it
//! into the hands of at most four delegates, for all tracks or for one, under a mandate: the delegate may be
//! bound to narrowing, and every mandate ends at a month boundary at most 24 months ahead, by itself.
//!
//! # Invariants
//! - The sum of all accounts' voice is the total, at every block, and never above `MAX_VOICE`.
//! - At any moment and on any track, what an account's delegates hold of it and what it keeps sum to its
//!   voice; what all delegates hold is what all owners have put into their hands.
//! - Delegation is not transitive: delegated voice cannot be delegated again.
//! - History is only ever appended to, except within the current block, which cannot be read yet. Each
//!   question costs a binary search in the account's own rows; a change writes a bounded number of rows.
//!
//! # Errors
//! Every refusal is a `VoiceError`; a refused call changes nothing.
//!
//! # Messages
//! | who | messages |
//! |---|---|
//! | governor | mint, burn, hand_over, set_code |
//! | owner | delegate |
//! | views, of past blocks | voice_at, delegated_at |
//! | views, of now | voice_of, total, lists_of, governor |
//!
//! What governs may only be read of past blocks: the views of now are for people, not for ballots.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
// ink! writes every mapping's storage key into its type.
#![allow(clippy::type_complexity)]

#[cfg(test)]
mod tests;

#[ink::contract]
mod voice {
    use commons::{
        delegation::{
            change_voice, holding, set_list, snapshot, DelegateRow, Delegation, DelegationList, Holding,
            Moment, OwnerRow, Register, Snapshot, TotalRow, VoiceError,
        },
        interface,
        voting::TrackId,
    };
    use ink::{prelude::vec::Vec, storage::Mapping};

    #[ink(storage)]
    pub struct Voice {
        governor: AccountId,
        total_count: u32,
        totals: Mapping<u32, TotalRow>,
        owner_counts: Mapping<AccountId, u32>,
        owners: Mapping<(AccountId, u32), OwnerRow>,
        delegate_counts: Mapping<(AccountId, Option<TrackId>), u32>,
        delegates: Mapping<(AccountId, Option<TrackId>, u32), DelegateRow>,
    }

    /// New voice was given.
    #[ink(event)]
    pub struct Minted {
        #[ink(topic)]
        pub account: AccountId,
        pub amount: Balance,
        /// The account's voice after it.
        pub voice: Balance,
        /// All voice after it.
        pub total: Balance,
    }

    /// Voice was taken.
    #[ink(event)]
    pub struct Burned {
        #[ink(topic)]
        pub account: AccountId,
        pub amount: Balance,
        /// The account's voice after it.
        pub voice: Balance,
        /// All voice after it.
        pub total: Balance,
    }

    /// An owner set, or cleared (an empty list), its delegates for all tracks or for one.
    #[ink(event)]
    pub struct DelegationSet {
        #[ink(topic)]
        pub owner: AccountId,
        #[ink(topic)]
        pub track: Option<TrackId>,
        pub delegations: Vec<Delegation>,
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

    impl Voice {
        /// Gives the founding members their voice; the deployer is governor until it hands over. Panics if
        /// there is no founder, one stands twice or has no voice: such a DAO could never decide anything, or
        /// not what its deployment record says.
        #[ink(constructor)]
        pub fn new(founders: Vec<(AccountId, Balance)>) -> Self {
            assert!(!founders.is_empty(), "no founding member");
            let mut voice = Self {
                governor: Self::env().caller(),
                total_count: 0,
                totals: Mapping::new(),
                owner_counts: Mapping::new(),
                owners: Mapping::new(),
                delegate_counts: Mapping::new(),
                delegates: Mapping::new(),
            };
            for (account, amount) in founders {
                assert!(voice.owner_rows(&account) == 0, "a founding member stands twice");
                assert!(voice.give(account, amount).is_ok(), "a founding member's voice is out of range");
            }
            voice
        }

        /// Sets the caller's delegates for all tracks (`None`) or for one track, whose own list is then used
        /// instead of the general one, also after its mandates have ended. An empty list clears it.
        #[ink(message)]
        pub fn delegate(
            &mut self,
            track: Option<TrackId>,
            delegations: Vec<Delegation>,
        ) -> Result<(), VoiceError> {
            let (owner, now) = (self.env().caller(), self.now());
            set_list(self, &owner, track, delegations.clone(), now)?;
            self.env().emit_event(DelegationSet { owner, track, delegations });
            Ok(())
        }

        /// The account's voice now, kept and delegated away.
        #[ink(message)]
        pub fn voice_of(&self, account: AccountId) -> Balance {
            holding(self, &account, self.env().block_number()).voice
        }

        /// All voice now.
        #[ink(message)]
        pub fn total(&self) -> Balance {
            let newest = self.total_count.checked_sub(1).and_then(|index| self.totals.get(index));
            newest.map(|row| row.total).unwrap_or(0)
        }

        /// The account's lists of delegates as last set, ended mandates included.
        #[ink(message)]
        pub fn lists_of(&self, account: AccountId) -> Vec<DelegationList> {
            let newest =
                self.owner_rows(&account).checked_sub(1).and_then(|index| self.owners.get((account, index)));
            newest.map(|row| row.lists).unwrap_or_default()
        }

        /// The account that governs.
        #[ink(message)]
        pub fn governor(&self) -> AccountId {
            self.governor
        }

        /// Makes another account governor. Governor.
        #[ink(message)]
        pub fn hand_over(&mut self, governor: AccountId) -> Result<(), VoiceError> {
            self.only_governor()?;
            let from = core::mem::replace(&mut self.governor, governor);
            self.env().emit_event(HandedOver { from, to: governor });
            Ok(())
        }

        /// Replaces the contract's code, keeping its storage. Governor.
        #[ink(message)]
        pub fn set_code(&mut self, code: Hash) -> Result<(), VoiceError> {
            self.only_governor()?;
            self.env().set_code_hash(&code).map_err(|_| VoiceError::CodeRefused)?;
            self.env().emit_event(CodeSet { code });
            Ok(())
        }

        fn only_governor(&self) -> Result<(), VoiceError> {
            if self.env().caller() == self.governor {
                Ok(())
            } else {
                Err(VoiceError::NotGovernor)
            }
        }

        fn now(&self) -> Moment {
            Moment { block: self.env().block_number(), time: self.env().block_timestamp() }
        }

        /// Blocks that are over cannot change any more; the current one can.
        fn only_past(&self, block: u32) -> Result<(), VoiceError> {
            if block < self.env().block_number() {
                Ok(())
            } else {
                Err(VoiceError::NotYet)
            }
        }

        fn give(&mut self, account: AccountId, amount: Balance) -> Result<(), VoiceError> {
            let now = self.now();
            change_voice(self, &account, signed(amount)?, now)?;
            let (voice, total) = (self.voice_of(account), self.total());
            self.env().emit_event(Minted { account, amount, voice, total });
            Ok(())
        }
    }

    fn signed(amount: Balance) -> Result<i128, VoiceError> {
        i128::try_from(amount).map_err(|_| VoiceError::AmountOutOfRange)
    }

    impl interface::Voice for Voice {
        #[ink(message)]
        fn mint(&mut self, to: AccountId, amount: Balance) -> Result<(), VoiceError> {
            self.only_governor()?;
            self.give(to, amount)
        }

        #[ink(message)]
        fn burn(&mut self, from: AccountId, amount: Balance) -> Result<(), VoiceError> {
            self.only_governor()?;
            let now = self.now();
            change_voice(self, &from, signed(amount)?.saturating_neg(), now)?;
            let (voice, total) = (self.voice_of(from), self.total());
            self.env().emit_event(Burned { account: from, amount, voice, total });
            Ok(())
        }

        #[ink(message)]
        fn voice_at(&self, account: AccountId, block: u32) -> Result<Holding, VoiceError> {
            self.only_past(block)?;
            Ok(holding(self, &account, block))
        }

        #[ink(message)]
        fn delegated_at(
            &self,
            account: AccountId,
            track: TrackId,
            at: Moment,
        ) -> Result<Snapshot, VoiceError> {
            self.only_past(at.block)?;
            Ok(snapshot(self, &account, track, at))
        }
    }

    impl Register for Voice {
        fn owner_rows(&self, owner: &AccountId) -> u32 {
            self.owner_counts.get(owner).unwrap_or(0)
        }
        fn owner_row(&self, owner: &AccountId, index: u32) -> Option<OwnerRow> {
            self.owners.get((*owner, index))
        }
        fn put_owner_row(&mut self, owner: &AccountId, index: u32, row: &OwnerRow) {
            self.owners.insert((*owner, index), row);
            // One row a block at most: the count cannot outgrow the block number.
            self.owner_counts.insert(owner, &index.saturating_add(1));
        }
        fn delegate_rows(&self, delegate: &AccountId, track: Option<TrackId>) -> u32 {
            self.delegate_counts.get((*delegate, track)).unwrap_or(0)
        }
        fn delegate_row(
            &self,
            delegate: &AccountId,
            track: Option<TrackId>,
            index: u32,
        ) -> Option<DelegateRow> {
            self.delegates.get((*delegate, track, index))
        }
        fn put_delegate_row(
            &mut self,
            delegate: &AccountId,
            track: Option<TrackId>,
            index: u32,
            row: &DelegateRow,
        ) {
            self.delegates.insert((*delegate, track, index), row);
            self.delegate_counts.insert((*delegate, track), &index.saturating_add(1));
        }
        fn total_rows(&self) -> u32 {
            self.total_count
        }
        fn total_row(&self, index: u32) -> Option<TotalRow> {
            self.totals.get(index)
        }
        fn put_total_row(&mut self, index: u32, row: &TotalRow) {
            self.totals.insert(index, row);
            self.total_count = index.saturating_add(1);
        }
    }
}
