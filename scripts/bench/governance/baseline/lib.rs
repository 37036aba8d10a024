//! The smallest governor that decides anything: fixed weights, one ballot an account for or against all of it, a
//! majority of what was cast, one call. No snapshots, delegation, mandates, tracks, recusal, delay or signatures.
//! `npm run bench:governance` measures what those cost beside it.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod baseline {
    use ink::{
        env::call::{build_call, ExecutionInput, Selector},
        prelude::vec::Vec,
        storage::Mapping,
    };

    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Proposal {
        callee: AccountId,
        selector: [u8; 4],
        input: Vec<u8>,
        closes: Timestamp,
        favour: Balance,
        against: Balance,
        executed: bool,
    }

    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Refusal {
        NoVoice,
        Unknown,
        Closed,
        Voted,
        Open,
        Rejected,
        Failed,
    }

    #[ink(event)]
    pub struct Voted {
        #[ink(topic)]
        pub proposal: u32,
        #[ink(topic)]
        pub voter: AccountId,
        pub favour: bool,
    }

    #[ink(storage)]
    pub struct Baseline {
        period: Timestamp,
        voice: Mapping<AccountId, Balance>,
        count: u32,
        proposals: Mapping<u32, Proposal>,
        voted: Mapping<(u32, AccountId), ()>,
    }

    /// The arguments, encoded already.
    struct Encoded(Vec<u8>);
    impl scale::Encode for Encoded {
        fn encode_to<T: scale::Output + ?Sized>(&self, output: &mut T) {
            output.write(&self.0);
        }
    }

    impl Baseline {
        #[ink(constructor, selector = 0x00000001)]
        pub fn new(period: Timestamp, members: Vec<(AccountId, Balance)>) -> Self {
            let mut voice = Mapping::new();
            for (member, weight) in members {
                voice.insert(member, &weight);
            }
            Self { period, voice, count: 0, proposals: Mapping::new(), voted: Mapping::new() }
        }

        #[ink(message, selector = 0x00000002)]
        pub fn propose(
            &mut self,
            callee: AccountId,
            selector: [u8; 4],
            input: Vec<u8>,
        ) -> Result<u32, Refusal> {
            self.voice.get(self.env().caller()).ok_or(Refusal::NoVoice)?;
            self.count = self.count.saturating_add(1);
            let closes = self.env().block_timestamp().saturating_add(self.period);
            let proposal =
                Proposal { callee, selector, input, closes, favour: 0, against: 0, executed: false };
            self.proposals.insert(self.count, &proposal);
            Ok(self.count)
        }

        #[ink(message, selector = 0x00000003)]
        pub fn vote(&mut self, id: u32, favour: bool) -> Result<(), Refusal> {
            let voter = self.env().caller();
            let mut proposal = self.proposals.get(id).ok_or(Refusal::Unknown)?;
            if self.env().block_timestamp() >= proposal.closes {
                return Err(Refusal::Closed);
            }
            if self.voted.insert((id, voter), &()).is_some() {
                return Err(Refusal::Voted);
            }
            let weight = self.voice.get(voter).ok_or(Refusal::NoVoice)?;
            let side = if favour { &mut proposal.favour } else { &mut proposal.against };
            *side = side.saturating_add(weight);
            self.proposals.insert(id, &proposal);
            self.env().emit_event(Voted { proposal: id, voter, favour });
            Ok(())
        }

        #[ink(message, selector = 0x00000004)]
        pub fn execute(&mut self, id: u32) -> Result<(), Refusal> {
            let mut proposal = self.proposals.get(id).ok_or(Refusal::Unknown)?;
            if self.env().block_timestamp() < proposal.closes {
                return Err(Refusal::Open);
            }
            if proposal.executed || proposal.favour <= proposal.against {
                return Err(Refusal::Rejected);
            }
            proposal.executed = true;
            self.proposals.insert(id, &proposal);
            let input = core::mem::take(&mut proposal.input);
            build_call::<Environment>()
                .call(proposal.callee)
                .exec_input(ExecutionInput::new(Selector::new(proposal.selector)).push_arg(Encoded(input)))
                .returns::<Result<(), ()>>()
                .try_invoke()
                .map_err(|_| Refusal::Failed)?
                .map_err(|_| Refusal::Failed)?
                .map_err(|_| Refusal::Failed)
        }
    }
}
