//! Governor: proposals, votes, the timelock, the treasury and the guardians of the DAO.
//!
//! Members decide on tracks with their own thresholds and periods. A decision is executed after a delay that
//! the escrow's buyers see coming. Guardians can cancel and can act in an emergency; the members have the
//! last word on both.
//!
//! This file is the door: it brings the chain to the rules of `commons::voting`, where they are tested by the
//! million; each message here is one function there.
//!
//! # Invariants
//! - At most all voice of the snapshot is in a tally, and every unit of it once: an owner's ballot takes from
//!   the delegates exactly what it adds.
//! - A proposal is judged by the numbers and the voice of the moment it was made, whatever changes later.
//! - The direction of a policy change is computed by `policies`, never given; nothing but a typed change
//!   reaches a policy.
//! - Nothing is executed twice, before its time, after its grace, or in part.
//! - Proposers' deposits are no part of the treasury: `balance >= held`.
//! - Only this contract changes itself, by a passed proposal; no account has any other right here.
//! - The cost of a ballot does not depend on how many voters, delegations or proposals there are.
//!
//! # Errors
//! Every refusal is a `GovernorError`; a refused call changes nothing.
//!
//! # Messages
//! | who | messages |
//! |---|---|
//! | member with voice | propose (payable), vote |
//! | anyone | vote_by_signature, recuse, queue, execute, expire, settle_deposit, settle_act |
//! | proposer of a narrowing | cancel |
//! | guardians, by signature | veto, act |
//! | views | state, proposal, details, seat, proposals, track, settings, guardians, route, queued, narrowed, treasury, emergency, acts, neighbours |
#![cfg_attr(not(feature = "std"), no_std, no_main)]
// ink! writes every mapping's storage key into its type.
#![allow(clippy::type_complexity)]

mod calls;
mod events;
#[cfg(test)]
mod tests;

#[ink::contract]
mod governor {
    use crate::{calls, events};
    use commons::{
        delegation::{Holding, Moment, Snapshot},
        interface::{
            self, AttestationEmergency, EmergencyError, EscrowEmergency, IdentityEmergency,
            PolicyAdministration,
        },
        order::world::Signed,
        policy::{AdministrationError, Direction, Policy, QueuedChange},
        signing,
        voting::{
            self, Action, Ballot, Call, Details, EmergencyAct, EmergencyEnd, Event, GovernorError, Guardians,
            PolicyChange, Proposal, Seat, Settings, State, Track, TrackId, World,
        },
        CollectionId, Digest, Signature,
    };
    use ink::{
        codegen::{Env, TraitCallBuilder},
        contract_ref,
        prelude::vec::Vec,
        storage::{Lazy, Mapping},
    };

    /// Weight and proof for taking an announcement back: ample for the call, and bounded, so that it cannot
    /// use up what the caller needs to end a proposal.
    const WITHDRAW_REF_TIME: u64 = 20_000_000_000;
    const WITHDRAW_PROOF_SIZE: u64 = 200_000;

    /// The contracts that the governor governs.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Neighbours {
        pub voice: AccountId,
        pub policies: AccountId,
        pub escrow: AccountId,
        pub identity: AccountId,
        pub attestations: AccountId,
    }

    /// A message of a contract and the track that decides it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub struct Route {
        pub callee: AccountId,
        pub selector: [u8; 4],
        pub track: TrackId,
    }

    #[ink(storage)]
    pub struct Governor {
        genesis: Digest,
        neighbours: Neighbours,
        proposals: u32,
        acts: u32,
        held: Balance,
        settings: Lazy<Settings>,
        guardians: Lazy<Guardians>,
        tracks: Mapping<TrackId, Track>,
        routes: Mapping<(AccountId, [u8; 4]), TrackId>,
        proposal: Mapping<u32, Proposal>,
        details: Mapping<u32, Details>,
        seats: Mapping<(u32, AccountId), Seat>,
        latest: Mapping<AccountId, u32>,
        narrowed: Mapping<CollectionId, Timestamp>,
        queued: Mapping<CollectionId, u32>,
        act: Mapping<u32, EmergencyAct>,
        rests: Mapping<EmergencyAct, Timestamp>,
    }

    impl Governor {
        /// `genesis` is the chain's genesis hash, which signed ballots name. `tracks` are the seven tracks'
        /// numbers in the order of `TrackId`. Guardians (sorted, unique; none is possible) begin their term.
        /// `routes` say which calls to other contracts are decided on which track; all others on `Code`.
        /// Panics if a value could not govern.
        #[ink(constructor)]
        pub fn new(
            genesis: Digest,
            neighbours: Neighbours,
            tracks: Vec<Track>,
            settings: Settings,
            guardians: Vec<AccountId>,
            guardian_quorum: u8,
            routes: Vec<Route>,
        ) -> Self {
            assert!(tracks.len() == TrackId::ALL.len(), "seven tracks are needed");
            assert!(settings.is_sound(), "the settings cannot govern");
            assert!(voting::guardians_are_sound(&guardians, guardian_quorum), "the guardians cannot act");
            let mut governor = Self {
                genesis,
                neighbours,
                proposals: 0,
                acts: 0,
                held: 0,
                settings: Lazy::new(),
                guardians: Lazy::new(),
                tracks: Mapping::new(),
                routes: Mapping::new(),
                proposal: Mapping::new(),
                details: Mapping::new(),
                seats: Mapping::new(),
                latest: Mapping::new(),
                narrowed: Mapping::new(),
                queued: Mapping::new(),
                act: Mapping::new(),
                rests: Mapping::new(),
            };
            governor.put_settings(&settings);
            governor.tell(Event::SettingsSet(settings));
            for (id, track) in TrackId::ALL.into_iter().zip(tracks) {
                assert!(track.fits(id), "a track's numbers cannot govern");
                governor.put_track(id, &track);
                governor.tell(Event::TrackSet { id, track });
            }
            let until = Self::env().block_timestamp().saturating_add(settings.guardian_term);
            let guardians = Guardians { members: guardians, quorum: guardian_quorum, until };
            governor.put_guardians(&guardians);
            governor.tell(Event::GuardiansSet(guardians));
            for Route { callee, selector, track } in routes {
                assert!(
                    !matches!(track, TrackId::Narrow | TrackId::Widen | TrackId::Emergency),
                    "this track decides no calls"
                );
                governor.put_route(&callee, selector, Some(track));
                governor.tell(Event::RouteSet { callee, selector, track: Some(track) });
            }
            governor
        }

        /// Makes a proposal; the value is the track's deposit. `description` is the bytes of a CID.
        #[ink(message, payable)]
        pub fn propose(
            &mut self,
            track: TrackId,
            actions: Vec<Action>,
            description: Vec<u8>,
        ) -> Result<u32, GovernorError> {
            voting::propose(self, track, actions, description)
        }

        /// Casts the caller's ballot, or replaces it. `reason` is carried in the event only.
        #[ink(message)]
        pub fn vote(&mut self, proposal: u32, ballot: Ballot, reason: Vec<u8>) -> Result<(), GovernorError> {
            voting::vote(self, proposal, ballot, reason)
        }

        /// Casts a ballot that its voter signed; anyone pays the fee.
        #[ink(message)]
        pub fn vote_by_signature(
            &mut self,
            proposal: u32,
            signed: voting::SignedBallot,
            reason: Vec<u8>,
        ) -> Result<(), GovernorError> {
            voting::vote_by_signature(self, proposal, signed, reason)
        }

        /// Strikes an account that has a live order in the collection of a policy change.
        #[ink(message)]
        pub fn recuse(&mut self, proposal: u32, account: AccountId) -> Result<(), GovernorError> {
            voting::recuse(self, proposal, account)
        }

        /// Starts the delay of a proposal whose result has held, and announces what it will change.
        #[ink(message)]
        pub fn queue(&mut self, proposal: u32) -> Result<(), GovernorError> {
            voting::queue(self, proposal)
        }

        /// Does what was decided: all actions, or none and an error.
        #[ink(message)]
        pub fn execute(&mut self, proposal: u32) -> Result<(), GovernorError> {
            voting::execute(self, proposal)
        }

        /// The proposer takes a narrowing back.
        #[ink(message)]
        pub fn cancel(&mut self, proposal: u32) -> Result<(), GovernorError> {
            voting::cancel(self, proposal)
        }

        /// Ends a proposal that can no longer be executed, and takes back what it had announced.
        #[ink(message)]
        pub fn expire(&mut self, proposal: u32) -> Result<(), GovernorError> {
            voting::expire(self, proposal)
        }

        /// Returns the deposit of a proposal that is over, or keeps it if it was clearly rejected.
        #[ink(message)]
        pub fn settle_deposit(&mut self, proposal: u32) -> Result<(), GovernorError> {
            voting::settle_deposit(self, proposal)
        }

        /// Guardians cancel a proposal, with a quorum of their signatures over `signing::veto`.
        #[ink(message)]
        pub fn veto(
            &mut self,
            proposal: u32,
            deadline: Timestamp,
            signatures: Vec<Signed>,
        ) -> Result<(), GovernorError> {
            voting::veto(self, proposal, deadline, signatures)
        }

        /// Guardians act at once, with a quorum of their signatures over `signing::emergency`. Answers the
        /// number of the members' vote on it.
        #[ink(message)]
        pub fn act(
            &mut self,
            act: EmergencyAct,
            deadline: Timestamp,
            signatures: Vec<Signed>,
        ) -> Result<u32, GovernorError> {
            voting::act(self, act, deadline, signatures)
        }

        /// Ends an emergency as the members' votes say: confirmed, overturned, or lapsed.
        #[ink(message)]
        pub fn settle_act(&mut self, proposal: u32) -> Result<EmergencyEnd, GovernorError> {
            voting::settle_act(self, proposal)
        }

        /// The proposal's state now.
        #[ink(message)]
        pub fn state(&self, proposal: u32) -> Result<State, GovernorError> {
            let known = World::proposal(self, proposal).ok_or(GovernorError::UnknownProposal)?;
            Ok(known.state(self.block(), self.now()))
        }

        /// The proposal's head: track numbers, snapshot, tally, course.
        #[ink(message)]
        pub fn proposal(&self, proposal: u32) -> Option<Proposal> {
            self.proposal.get(proposal)
        }

        /// The proposal's actions, description and pinned code.
        #[ink(message)]
        pub fn details(&self, proposal: u32) -> Option<Details> {
            self.details.get(proposal)
        }

        /// What the proposal knows of an account: its ballot, its next number, whether it is struck.
        #[ink(message)]
        pub fn seat(&self, proposal: u32, account: AccountId) -> Seat {
            World::seat(self, proposal, &account)
        }

        /// Where the vote stands, whatever became of the proposal since: also since and until when.
        #[ink(message)]
        pub fn standing(&self, proposal: u32) -> Result<voting::Standing, GovernorError> {
            let known = World::proposal(self, proposal).ok_or(GovernorError::UnknownProposal)?;
            Ok(known.standing(self.now()))
        }

        /// Proposals made so far; their numbers are 1 and up to this.
        #[ink(message)]
        pub fn proposals(&self) -> u32 {
            self.proposals
        }

        /// The account's latest proposal.
        #[ink(message)]
        pub fn latest(&self, proposer: AccountId) -> Option<u32> {
            self.latest.get(proposer)
        }

        /// A track's numbers, for proposals to come.
        #[ink(message)]
        pub fn track(&self, track: TrackId) -> Track {
            World::track(self, track)
        }

        /// Periods that belong to no track.
        #[ink(message)]
        pub fn settings(&self) -> Settings {
            World::settings(self)
        }

        /// The guardians, their quorum and the end of their term.
        #[ink(message)]
        pub fn guardians(&self) -> Guardians {
            World::guardians(self)
        }

        /// The track that decides a call to another contract.
        #[ink(message)]
        pub fn route(&self, callee: AccountId, selector: [u8; 4]) -> TrackId {
            World::route(self, &callee, selector).unwrap_or(TrackId::Code)
        }

        /// The proposal whose change of the collection was queued last and not cleared.
        #[ink(message)]
        pub fn queued(&self, collection: CollectionId) -> Option<u32> {
            self.queued.get(collection)
        }

        /// When the collection was last proposed to be narrowed.
        #[ink(message)]
        pub fn narrowed(&self, collection: CollectionId) -> Option<Timestamp> {
            self.narrowed.get(collection)
        }

        /// What proposals can spend: the balance without proposers' deposits.
        #[ink(message)]
        pub fn treasury(&self) -> Balance {
            voting::spendable(self)
        }

        /// Deposits of proposers that are held.
        #[ink(message)]
        pub fn held(&self) -> Balance {
            self.held
        }

        /// The emergency act that a proposal is the members' vote on.
        #[ink(message)]
        pub fn emergency(&self, proposal: u32) -> Option<EmergencyAct> {
            self.act.get(proposal)
        }

        /// Emergency acts so far: the number that the next one's signatures must carry.
        #[ink(message)]
        pub fn acts(&self) -> u32 {
            self.acts
        }

        /// The contracts that the governor governs.
        #[ink(message)]
        pub fn neighbours(&self) -> Neighbours {
            self.neighbours
        }

        /// The chain's genesis hash that signatures must name.
        #[ink(message)]
        pub fn genesis(&self) -> Digest {
            self.genesis
        }
    }

    /// An answer of another contract; `Unreachable` if it gave none.
    fn answered<T, E, L>(answer: Result<Result<T, L>, E>) -> Result<T, GovernorError> {
        answer.ok().and_then(Result::ok).ok_or(GovernorError::Unreachable)
    }

    impl World for Governor {
        fn caller(&self) -> AccountId {
            self.env().caller()
        }
        fn paid(&self) -> Balance {
            self.env().transferred_value()
        }
        fn block(&self) -> u32 {
            self.env().block_number()
        }
        fn now(&self) -> Timestamp {
            self.env().block_timestamp()
        }
        fn genesis(&self) -> Digest {
            self.genesis
        }
        fn governor(&self) -> AccountId {
            self.env().account_id()
        }
        fn policies(&self) -> AccountId {
            self.neighbours.policies
        }
        fn balance(&self) -> Balance {
            self.env().balance()
        }
        fn code_hash(&self, account: &AccountId) -> Option<Digest> {
            self.env().code_hash(account).ok().map(Into::into)
        }
        fn verifies(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool {
            signing::verifies_from_wallet(signature, message, signer)
        }
        fn pay(&mut self, to: &AccountId, amount: Balance) -> bool {
            self.env().transfer(*to, amount).is_ok()
        }
        fn set_code(&mut self, code: &Digest) -> bool {
            self.env().set_code_hash(&Hash::from(*code)).is_ok()
        }
        fn tell(&mut self, event: Event) {
            events::emit(self.env(), event)
        }

        fn proposals(&self) -> u32 {
            self.proposals
        }
        fn put_proposals(&mut self, count: u32) {
            self.proposals = count;
        }
        fn proposal(&self, id: u32) -> Option<Proposal> {
            self.proposal.get(id)
        }
        fn put_proposal(&mut self, id: u32, proposal: &Proposal) {
            self.proposal.insert(id, proposal);
        }
        fn details(&self, id: u32) -> Option<Details> {
            self.details.get(id)
        }
        fn put_details(&mut self, id: u32, details: &Details) {
            self.details.insert(id, details);
        }
        fn seat(&self, id: u32, account: &AccountId) -> Seat {
            self.seats.get((id, *account)).unwrap_or_default()
        }
        fn put_seat(&mut self, id: u32, account: &AccountId, seat: &Seat) {
            self.seats.insert((id, *account), seat);
        }
        fn latest(&self, proposer: &AccountId) -> Option<u32> {
            self.latest.get(proposer)
        }
        fn put_latest(&mut self, proposer: &AccountId, id: u32) {
            self.latest.insert(proposer, &id);
        }
        fn narrowed(&self, collection: CollectionId) -> Option<Timestamp> {
            self.narrowed.get(collection)
        }
        fn put_narrowed(&mut self, collection: CollectionId, at: Option<Timestamp>) {
            match at {
                Some(at) => {
                    self.narrowed.insert(collection, &at);
                }
                None => self.narrowed.remove(collection),
            }
        }
        fn queued(&self, collection: CollectionId) -> Option<u32> {
            self.queued.get(collection)
        }
        fn put_queued(&mut self, collection: CollectionId, id: Option<u32>) {
            match id {
                Some(id) => {
                    self.queued.insert(collection, &id);
                }
                None => self.queued.remove(collection),
            }
        }
        fn track(&self, id: TrackId) -> Track {
            self.tracks.get(id).expect("the constructor set every track")
        }
        fn put_track(&mut self, id: TrackId, track: &Track) {
            self.tracks.insert(id, track);
        }
        fn settings(&self) -> Settings {
            self.settings.get().expect("the constructor set the settings")
        }
        fn put_settings(&mut self, settings: &Settings) {
            self.settings.set(settings);
        }
        fn guardians(&self) -> Guardians {
            self.guardians.get_or_default()
        }
        fn put_guardians(&mut self, guardians: &Guardians) {
            self.guardians.set(guardians);
        }
        fn route(&self, callee: &AccountId, selector: [u8; 4]) -> Option<TrackId> {
            self.routes.get((*callee, selector))
        }
        fn put_route(&mut self, callee: &AccountId, selector: [u8; 4], track: Option<TrackId>) {
            match track {
                Some(track) => {
                    self.routes.insert((*callee, selector), &track);
                }
                None => self.routes.remove((*callee, selector)),
            }
        }
        fn held(&self) -> Balance {
            self.held
        }
        fn put_held(&mut self, held: Balance) {
            self.held = held;
        }
        fn act(&self, id: u32) -> Option<EmergencyAct> {
            self.act.get(id)
        }
        fn put_act(&mut self, id: u32, act: &EmergencyAct) {
            self.act.insert(id, act);
        }
        fn acts(&self) -> u32 {
            self.acts
        }
        fn put_acts(&mut self, count: u32) {
            self.acts = count;
        }
        fn rests(&self, act: &EmergencyAct) -> Timestamp {
            self.rests.get(act).unwrap_or(0)
        }
        fn put_rests(&mut self, act: &EmergencyAct, until: Timestamp) {
            self.rests.insert(act, &until);
        }

        fn holding(&self, account: &AccountId, block: u32) -> Result<Holding, GovernorError> {
            let voice: contract_ref!(interface::Voice) = self.neighbours.voice.into();
            answered(interface::Voice::voice_at(voice.call(), *account, block).try_invoke())?
                .map_err(|_| GovernorError::Unreachable)
        }
        fn snapshot(
            &self,
            account: &AccountId,
            track: TrackId,
            at: Moment,
        ) -> Result<Snapshot, GovernorError> {
            let voice: contract_ref!(interface::Voice) = self.neighbours.voice.into();
            answered(interface::Voice::delegated_at(voice.call(), *account, track, at).try_invoke())?
                .map_err(|_| GovernorError::Unreachable)
        }
        fn live_orders(&self, collection: CollectionId, account: &AccountId) -> Result<u32, GovernorError> {
            let escrow: contract_ref!(interface::Escrow) = self.neighbours.escrow.into();
            answered(interface::Escrow::live_orders(escrow.call(), collection, *account).try_invoke())
        }
        fn suspended(&self, account: &AccountId) -> Result<bool, GovernorError> {
            let identity: contract_ref!(IdentityEmergency) = self.neighbours.identity.into();
            answered(IdentityEmergency::suspended(identity.call(), *account).try_invoke())
        }
        fn direction(
            &self,
            collection: CollectionId,
            policy: &Policy,
        ) -> Result<(Direction, u32), GovernorError> {
            let policies: contract_ref!(PolicyAdministration) = self.neighbours.policies.into();
            answered(
                PolicyAdministration::direction(policies.call(), collection, policy.clone()).try_invoke(),
            )?
            .map_err(GovernorError::Policies)
        }
        fn version(&self, collection: CollectionId) -> Result<u32, GovernorError> {
            let policies: contract_ref!(interface::Policies) = self.neighbours.policies.into();
            if collection == 0 {
                return answered(interface::Policies::root_version(policies.call()).try_invoke());
            }
            answered(interface::Policies::view(policies.call(), collection).try_invoke())?
                .map(|view| view.version)
                .map_err(|_| GovernorError::Policies(AdministrationError::UnknownCollection))
        }
        fn is_typed(&self, selector: [u8; 4]) -> bool {
            [
                ink::selector_bytes!("PolicyAdministration::open"),
                ink::selector_bytes!("PolicyAdministration::set_policy"),
                ink::selector_bytes!("PolicyAdministration::close"),
                ink::selector_bytes!("PolicyAdministration::set_root"),
                ink::selector_bytes!("PolicyAdministration::queue"),
                ink::selector_bytes!("PolicyAdministration::clear"),
            ]
            .contains(&selector)
        }
        fn change_policy(&mut self, change: &PolicyChange, expected: u32) -> Result<(), AdministrationError> {
            use PolicyAdministration as Ask;
            // A contract that does not answer refuses.
            let refused = || AdministrationError::NotGovernor;
            let mut policies: contract_ref!(PolicyAdministration) = self.neighbours.policies.into();
            let call = policies.call_mut();
            match change {
                PolicyChange::Open { policy, disease } => {
                    answered(Ask::open(call, policy.clone(), *disease).try_invoke())
                        .map_err(|_| refused())?
                        .map(|_| ())
                }
                PolicyChange::Set { collection, policy } => {
                    answered(Ask::set_policy(call, *collection, expected, policy.clone()).try_invoke())
                        .map_err(|_| refused())?
                        .map(|_| ())
                }
                PolicyChange::Close { collection } => {
                    answered(Ask::close(call, *collection).try_invoke()).map_err(|_| refused())?
                }
                PolicyChange::Root { root } => answered(Ask::set_root(call, expected, *root).try_invoke())
                    .map_err(|_| refused())?
                    .map(|_| ()),
            }
        }
        fn announce(&mut self, collection: CollectionId, change: &QueuedChange) -> Result<(), GovernorError> {
            let mut policies: contract_ref!(PolicyAdministration) = self.neighbours.policies.into();
            answered(PolicyAdministration::queue(policies.call_mut(), collection, *change).try_invoke())?
                .map_err(GovernorError::Policies)
        }
        fn withdraw_announcement(&mut self, collection: CollectionId, proposal: u32) -> bool {
            let mut policies: contract_ref!(PolicyAdministration) = self.neighbours.policies.into();
            let clear = PolicyAdministration::clear(policies.call_mut(), collection, proposal)
                .ref_time_limit(WITHDRAW_REF_TIME)
                .proof_size_limit(WITHDRAW_PROOF_SIZE);
            matches!(answered(clear.try_invoke()), Ok(Ok(())))
        }
        fn call(&mut self, call: &Call) -> bool {
            calls::succeeds(call)
        }
        fn begin_act(&mut self, act: &EmergencyAct) -> Result<(), GovernorError> {
            let Neighbours { escrow, identity, attestations, .. } = self.neighbours;
            let mut identity: contract_ref!(IdentityEmergency) = identity.into();
            let mut attestations: contract_ref!(AttestationEmergency) = attestations.into();
            let mut escrow: contract_ref!(EscrowEmergency) = escrow.into();
            let answer = match act {
                EmergencyAct::WithholdMeasurement(measurement) => answered(
                    AttestationEmergency::withhold_measurement(attestations.call_mut(), *measurement)
                        .try_invoke(),
                ),
                EmergencyAct::WithholdVerifier(verifier) => answered(
                    AttestationEmergency::withhold_verifier(attestations.call_mut(), *verifier).try_invoke(),
                ),
                EmergencyAct::WithholdIssuer(issuer) => {
                    answered(IdentityEmergency::withhold_issuer(identity.call_mut(), *issuer).try_invoke())
                }
                EmergencyAct::Suspend(account) => {
                    answered(IdentityEmergency::suspend(identity.call_mut(), *account).try_invoke())
                }
                EmergencyAct::Pause => answered(EscrowEmergency::pause(escrow.call_mut()).try_invoke()),
            };
            answer?.map_err(|_| GovernorError::ActRefused)
        }
        fn end_act(&mut self, act: &EmergencyAct) -> Result<(), GovernorError> {
            let Neighbours { escrow, identity, attestations, .. } = self.neighbours;
            let mut identity: contract_ref!(IdentityEmergency) = identity.into();
            let mut attestations: contract_ref!(AttestationEmergency) = attestations.into();
            let mut escrow: contract_ref!(EscrowEmergency) = escrow.into();
            let answer = match act {
                EmergencyAct::WithholdMeasurement(measurement) => answered(
                    AttestationEmergency::restore_measurement(attestations.call_mut(), *measurement)
                        .try_invoke(),
                ),
                EmergencyAct::WithholdVerifier(verifier) => answered(
                    AttestationEmergency::restore_verifier(attestations.call_mut(), *verifier).try_invoke(),
                ),
                EmergencyAct::WithholdIssuer(issuer) => {
                    answered(IdentityEmergency::restore_issuer(identity.call_mut(), *issuer).try_invoke())
                }
                EmergencyAct::Suspend(account) => {
                    answered(IdentityEmergency::lift(identity.call_mut(), *account).try_invoke())
                }
                EmergencyAct::Pause => answered(EscrowEmergency::resume(escrow.call_mut()).try_invoke()),
            };
            match answer? {
                Ok(()) | Err(EmergencyError::NotInForce) => Ok(()),
                Err(_) => Err(GovernorError::ActRefused),
            }
        }
    }
}
