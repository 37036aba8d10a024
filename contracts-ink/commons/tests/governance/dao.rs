//! A DAO in memory: the governor's world, with voice, policies, escrow and identity beside it.

use super::register::Rows;
use commons::{
    attestation::{AttestationPolicy, Platform},
    credential::CredentialKind,
    delegation::{
        change_voice, holding, set_list, snapshot, Delegation, Holding, Moment, Snapshot, VoiceError,
    },
    direction::compare,
    matching::Facts,
    policy::{AdministrationError, Committee, Direction, Policy, QueuedChange, Split, Windows},
    signing::blake2_256,
    terms::{Modifiers, Permission, Terms},
    voting::{
        self, Action, Ballot, Call, Details, EmergencyAct, Event, GovernorChange, GovernorError, Guardians,
        Parts, Passing, PolicyChange, Proposal, Seat, Settings, State, Tally, Track, TrackId, World,
    },
    AccountId, Balance, CollectionId, Digest, Signature, Timestamp,
};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

pub const MINUTE: u64 = 60_000;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;
pub const DEPOSIT: Balance = 1_000;
/// 2026-11-15, in the middle of a month.
pub const START: Timestamp = 1_794_700_800_000;

pub const GOVERNOR: u8 = 200;
pub const VOICE: u8 = 201;
pub const POLICIES: u8 = 202;
pub const ESCROW: u8 = 203;
pub const IDENTITY: u8 = 204;
/// A contract whose calls succeed.
pub const WILLING: u8 = 210;
/// A contract whose calls trap or revert.
pub const FAILING: u8 = 211;
/// A contract that calls the governor back; the chain denies it and it reverts.
pub const REENTRANT: u8 = 212;

pub fn account(byte: u8) -> AccountId {
    AccountId::from([byte; 32])
}

/// The numbers of governance.md.
pub fn tracks() -> BTreeMap<TrackId, Track> {
    let track = |passing, decision, confirm, delay, threshold| Track {
        passing,
        decision,
        confirm,
        delay,
        grace: 3 * DAY,
        threshold,
        deposit: DEPOSIT,
    };
    let ratio = |approval, support_from, support_to| Passing::Ratio { approval, support_from, support_to };
    BTreeMap::from([
        (TrackId::Narrow, track(Passing::Optimistic { objection: 2_000 }, 2 * DAY, 0, 0, 200)),
        (TrackId::Widen, track(ratio(6_667, 2_000, 2_000), 7 * DAY, DAY, 7 * DAY, 100)),
        (TrackId::Treasury, track(ratio(5_000, 2_000, 500), 7 * DAY, DAY, 2 * DAY, 100)),
        (TrackId::Members, track(ratio(6_000, 1_000, 1_000), 7 * DAY, DAY, 2 * DAY, 100)),
        (TrackId::Parameters, track(ratio(6_667, 2_000, 2_000), 7 * DAY, DAY, 4 * DAY, 100)),
        (TrackId::Code, track(ratio(7_500, 3_000, 3_000), 14 * DAY, 2 * DAY, 14 * DAY, 100)),
        (TrackId::Emergency, track(ratio(6_000, 1_000, 1_000), 14 * DAY, 0, 0, 0)),
    ])
}

pub struct Collection {
    pub version: u32,
    pub policy: Policy,
    pub closed: bool,
    pub queued: Option<QueuedChange>,
}

impl Clone for Collection {
    fn clone(&self) -> Self {
        Self { policy: self.policy.clone(), ..*self }
    }
}

#[derive(Clone)]
pub struct Dao {
    pub caller: AccountId,
    pub paid: Balance,
    pub block: u32,
    pub now: Timestamp,
    pub balance: Balance,
    pub rows: Rows,
    pub code: BTreeMap<AccountId, Digest>,
    pub own_code: Option<Digest>,
    pub payments: Vec<(AccountId, Balance)>,
    pub refuses_payment: BTreeSet<AccountId>,
    pub calls: Vec<Call>,
    pub events: Vec<Event>,
    pub collections: BTreeMap<CollectionId, Collection>,
    pub root: (u32, Digest, Option<QueuedChange>),
    /// `policies` does not answer `clear`.
    pub clear_fails: bool,
    pub live: BTreeMap<(CollectionId, AccountId), u32>,
    pub suspended: BTreeSet<AccountId>,
    pub in_force: Vec<EmergencyAct>,
    pub end_fails: bool,
    /// States of the latest proposal at each call to another contract.
    pub seen_by_callees: Vec<State>,
    /// Reads and writes of the governor's storage, counted.
    pub accesses: Cell<usize>,

    count: u32,
    proposals: BTreeMap<u32, Proposal>,
    details: BTreeMap<u32, Details>,
    pub seats: BTreeMap<(u32, AccountId), Seat>,
    latest: BTreeMap<AccountId, u32>,
    narrowed: BTreeMap<CollectionId, Timestamp>,
    queued: BTreeMap<CollectionId, u32>,
    pub tracks: BTreeMap<TrackId, Track>,
    settings: Settings,
    guardians: Guardians,
    routes: BTreeMap<(AccountId, [u8; 4]), TrackId>,
    held: Balance,
    acts: BTreeMap<u32, EmergencyAct>,
    act_count: u32,
    rests: Vec<(EmergencyAct, Timestamp)>,
}

pub const MINT: [u8; 4] = [1, 0, 0, 0];
pub const SET_LIMITS: [u8; 4] = [2, 0, 0, 0];
pub const SET_CODE: [u8; 4] = [3, 0, 0, 0];
pub const SET_POLICY: [u8; 4] = [9, 9, 9, 9];

impl Dao {
    /// Members 1.. with these voices, guardians 101, 102 and 103 of whom two must sign, one collection that
    /// admits health research, ten million in the treasury. Block 10.
    pub fn of(voices: &[Balance]) -> Dao {
        let settings =
            Settings { narrow_interval: 7 * DAY, guardian_term: 365 * DAY, emergency_rest: 14 * DAY };
        let mut rows = Rows::default();
        for (index, voice) in voices.iter().enumerate() {
            let member = account(u8::try_from(index).unwrap() + 1);
            let at = Moment { block: 1, time: START - DAY };
            change_voice(&mut rows, &member, i128::try_from(*voice).unwrap(), at).unwrap();
        }
        let contracts = [VOICE, POLICIES, ESCROW, IDENTITY, WILLING, FAILING, REENTRANT];
        Dao {
            caller: account(1),
            paid: 0,
            block: 10,
            now: START,
            balance: 10_000_000,
            rows,
            code: contracts.map(|contract| (account(contract), [contract; 32])).into(),
            own_code: None,
            payments: Vec::new(),
            refuses_payment: BTreeSet::new(),
            calls: Vec::new(),
            events: Vec::new(),
            collections: BTreeMap::from([(
                1,
                Collection {
                    version: 1,
                    policy: policy(Permission::HealthMedicalBiomedical),
                    closed: false,
                    queued: None,
                },
            )]),
            root: (0, Digest::default(), None),
            clear_fails: false,
            live: BTreeMap::new(),
            suspended: BTreeSet::new(),
            in_force: Vec::new(),
            end_fails: false,
            seen_by_callees: Vec::new(),
            accesses: Cell::new(0),
            count: 0,
            proposals: BTreeMap::new(),
            details: BTreeMap::new(),
            seats: BTreeMap::new(),
            latest: BTreeMap::new(),
            narrowed: BTreeMap::new(),
            queued: BTreeMap::new(),
            tracks: tracks(),
            settings,
            guardians: Guardians {
                members: [101, 102, 103].map(account).to_vec(),
                quorum: 2,
                until: START + settings.guardian_term,
            },
            routes: BTreeMap::from([
                ((account(VOICE), MINT), TrackId::Members),
                ((account(POLICIES), SET_LIMITS), TrackId::Parameters),
            ]),
            held: 0,
            acts: BTreeMap::new(),
            act_count: 0,
            rests: Vec::new(),
        }
    }

    /// A message, with everything undone if it is refused.
    pub fn send<T>(
        &mut self,
        caller: u8,
        message: impl FnOnce(&mut Dao) -> Result<T, GovernorError>,
    ) -> Result<T, GovernorError> {
        let before = self.clone();
        self.caller = account(caller);
        let answer = message(self);
        if answer.is_err() {
            *self = before;
        }
        self.paid = 0;
        assert!(self.held <= self.balance, "deposits are always there");
        answer
    }

    /// The next block, `later` after this one.
    pub fn pass(&mut self, later: u64) {
        self.block += 1;
        self.now += later;
    }

    /// A block at this time.
    pub fn pass_until(&mut self, time: Timestamp) {
        assert!(time >= self.now);
        self.block += 1;
        self.now = time;
    }

    pub fn propose(&mut self, by: u8, track: TrackId, actions: Vec<Action>) -> Result<u32, GovernorError> {
        let deposit = self.tracks[&track].deposit;
        self.send(by, |dao| {
            dao.paid = deposit;
            dao.balance += deposit;
            voting::propose(dao, track, actions, vec![1; 36])
        })
    }

    pub fn vote(&mut self, by: u8, id: u32, parts: Parts) -> Result<(), GovernorError> {
        self.cast(by, id, Ballot { own: Some(parts), delegated: Some(parts) })
    }

    pub fn cast(&mut self, by: u8, id: u32, ballot: Ballot) -> Result<(), GovernorError> {
        self.send(by, |dao| voting::vote(dao, id, ballot, Vec::new()))
    }

    pub fn recuse(&mut self, id: u32, whom: u8) -> Result<(), GovernorError> {
        self.send(99, |dao| voting::recuse(dao, id, account(whom)))
    }

    pub fn queue(&mut self, id: u32) -> Result<(), GovernorError> {
        self.send(99, |dao| voting::queue(dao, id))
    }

    pub fn execute(&mut self, id: u32) -> Result<(), GovernorError> {
        self.send(99, |dao| voting::execute(dao, id))
    }

    pub fn delegate(
        &mut self,
        owner: u8,
        track: Option<TrackId>,
        list: Vec<Delegation>,
    ) -> Result<(), VoiceError> {
        let now = Moment { block: self.block, time: self.now };
        set_list(&mut self.rows, &account(owner), track, list, now)
    }

    pub fn mint(&mut self, to: u8, amount: i128) {
        let now = Moment { block: self.block, time: self.now };
        change_voice(&mut self.rows, &account(to), amount, now).unwrap();
    }

    pub fn state(&self, id: u32) -> State {
        self.proposals[&id].state(self.block, self.now)
    }

    pub fn tally(&self, id: u32) -> (Balance, Balance, Balance) {
        let Tally { favour, against, abstain } = self.proposals[&id].tally;
        (favour, against, abstain)
    }

    pub fn head(&self, id: u32) -> Proposal {
        self.proposals[&id]
    }

    /// Members vote it through, its result holds, and it is queued where the track has a delay.
    pub fn decide(&mut self, id: u32, voters: &[u8]) {
        self.pass(1);
        for voter in voters {
            self.vote(*voter, id, Parts::FAVOUR).unwrap();
        }
        let terms = self.head(id).terms;
        let begins = if terms.falls() { self.now } else { self.head(id).timeline.closes };
        self.pass_until(begins + terms.confirm);
        if terms.delay > 0 {
            self.queue(id).unwrap();
        }
    }

    /// A whole passage: proposed by member 1, decided by these voters, executed at its time.
    pub fn pass_proposal(
        &mut self,
        track: TrackId,
        actions: Vec<Action>,
        voters: &[u8],
    ) -> Result<u32, GovernorError> {
        let id = self.propose(1, track, actions)?;
        self.decide(id, voters);
        let (from, _) = self.head(id).executable(self.now).unwrap();
        self.pass_until(from.max(self.now));
        self.execute(id)?;
        Ok(id)
    }
}

/// A signature that only `signer` over `message` has: stands for sr25519, which is tested where it is real.
pub fn sign(signer: u8, message: &[u8]) -> Signature {
    let signer = [signer; 32];
    let first = blake2_256(&[&signer[..], message].concat());
    let second = blake2_256(&first);
    [first, second].concat().try_into().unwrap()
}

pub fn policy(permission: Permission) -> Policy {
    let windows = Windows { fulfil: DAY, release: HOUR, dispute: DAY, answer: DAY, arbitration: DAY };
    Policy {
        terms: Terms {
            permission,
            diseases: Vec::new(),
            modifiers: Modifiers(0),
            region: None,
            months: None,
            user: None,
            project: None,
            institution: None,
            publish_from: None,
        },
        required: Vec::new(),
        attestation: AttestationPolicy {
            quorum: 2,
            platforms: vec![Platform::IntelTdx],
            measurements: vec![[1; 32]],
            min_tcb_date: 0,
            admit_debug: false,
            max_age: DAY,
        },
        min_cohort: 1,
        laboratory: false,
        split: Split { contributor: 9_000, custodian: 500, treasury: 500 },
        windows,
        bond: 1,
        arbitrator: account(150),
        treasury: account(GOVERNOR),
        committee: Committee { members: vec![account(151)], quorum: 1 },
    }
}

pub fn set(permission: Permission) -> Vec<Action> {
    vec![Action::Policy(PolicyChange::Set { collection: 1, policy: policy(permission) })]
}

/// From health research to health research with one more verifier.
pub fn narrowing() -> Vec<Action> {
    let mut policy = policy(Permission::HealthMedicalBiomedical);
    policy.attestation.quorum = 3;
    vec![Action::Policy(PolicyChange::Set { collection: 1, policy })]
}

/// From health research to general research.
pub fn widening() -> Vec<Action> {
    set(Permission::GeneralResearch)
}

pub fn payment(to: u8, amount: Balance) -> Vec<Action> {
    vec![Action::Governor(GovernorChange::Payment { to: account(to), amount })]
}

pub fn call(callee: u8, selector: [u8; 4]) -> Action {
    Action::Call(Call {
        callee: account(callee),
        selector,
        input: vec![7],
        value: 0,
        ref_time: 0,
        proof_size: 0,
        deposit: None,
    })
}

pub fn to(delegate: u8, share: u16, narrow_only: bool, ends: u16) -> Delegation {
    Delegation { delegate: account(delegate), share, narrow_only, ends }
}

/// No ontology, no credential.
struct NoFacts;
impl Facts for NoFacts {
    fn descends(&self, _: u32, _: u32, _: u32) -> bool {
        false
    }
    fn holds(&self, _: CredentialKind, _: &Digest) -> bool {
        false
    }
}

impl Dao {
    fn open_collection(&self, collection: CollectionId) -> Result<&Collection, AdministrationError> {
        let found = self.collections.get(&collection).ok_or(AdministrationError::UnknownCollection)?;
        if found.closed {
            return Err(AdministrationError::CollectionClosed);
        }
        Ok(found)
    }
}

impl World for Dao {
    fn caller(&self) -> AccountId {
        self.caller
    }
    fn paid(&self) -> Balance {
        self.paid
    }
    fn block(&self) -> u32 {
        self.block
    }
    fn now(&self) -> Timestamp {
        self.now
    }
    fn genesis(&self) -> Digest {
        [0x47; 32]
    }
    fn governor(&self) -> AccountId {
        account(GOVERNOR)
    }
    fn policies(&self) -> AccountId {
        account(POLICIES)
    }
    fn balance(&self) -> Balance {
        self.balance
    }
    fn code_hash(&self, account: &AccountId) -> Option<Digest> {
        self.code.get(account).copied()
    }
    fn verifies(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool {
        let signer: &[u8; 32] = signer.as_ref();
        *signature == sign(signer[0], message)
    }
    fn pay(&mut self, to: &AccountId, amount: Balance) -> bool {
        if self.refuses_payment.contains(to) || amount > self.balance {
            return false;
        }
        self.balance -= amount;
        self.payments.push((*to, amount));
        true
    }
    fn set_code(&mut self, code: &Digest) -> bool {
        self.own_code = Some(*code);
        *code != Digest::default()
    }
    fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    fn proposals(&self) -> u32 {
        self.count
    }
    fn put_proposals(&mut self, count: u32) {
        self.count = count;
    }
    fn proposal(&self, id: u32) -> Option<Proposal> {
        self.accesses.set(self.accesses.get() + 1);
        self.proposals.get(&id).copied()
    }
    fn put_proposal(&mut self, id: u32, proposal: &Proposal) {
        self.accesses.set(self.accesses.get() + 1);
        self.proposals.insert(id, *proposal);
    }
    fn details(&self, id: u32) -> Option<Details> {
        self.accesses.set(self.accesses.get() + 1);
        self.details.get(&id).cloned()
    }
    fn put_details(&mut self, id: u32, details: &Details) {
        self.details.insert(id, details.clone());
    }
    fn seat(&self, id: u32, account: &AccountId) -> Seat {
        self.accesses.set(self.accesses.get() + 1);
        self.seats.get(&(id, *account)).copied().unwrap_or_default()
    }
    fn put_seat(&mut self, id: u32, account: &AccountId, seat: &Seat) {
        self.accesses.set(self.accesses.get() + 1);
        self.seats.insert((id, *account), *seat);
    }
    fn latest(&self, proposer: &AccountId) -> Option<u32> {
        self.latest.get(proposer).copied()
    }
    fn put_latest(&mut self, proposer: &AccountId, id: u32) {
        self.latest.insert(*proposer, id);
    }
    fn narrowed(&self, collection: CollectionId) -> Option<Timestamp> {
        self.narrowed.get(&collection).copied()
    }
    fn put_narrowed(&mut self, collection: CollectionId, at: Option<Timestamp>) {
        match at {
            Some(at) => self.narrowed.insert(collection, at),
            None => self.narrowed.remove(&collection),
        };
    }
    fn queued(&self, collection: CollectionId) -> Option<u32> {
        self.queued.get(&collection).copied()
    }
    fn put_queued(&mut self, collection: CollectionId, id: Option<u32>) {
        match id {
            Some(id) => self.queued.insert(collection, id),
            None => self.queued.remove(&collection),
        };
    }
    fn track(&self, id: TrackId) -> Track {
        self.tracks[&id]
    }
    fn put_track(&mut self, id: TrackId, track: &Track) {
        self.tracks.insert(id, *track);
    }
    fn settings(&self) -> Settings {
        self.settings
    }
    fn put_settings(&mut self, settings: &Settings) {
        self.settings = *settings;
    }
    fn guardians(&self) -> Guardians {
        self.guardians.clone()
    }
    fn put_guardians(&mut self, guardians: &Guardians) {
        self.guardians = guardians.clone();
    }
    fn route(&self, callee: &AccountId, selector: [u8; 4]) -> Option<TrackId> {
        self.routes.get(&(*callee, selector)).copied()
    }
    fn put_route(&mut self, callee: &AccountId, selector: [u8; 4], track: Option<TrackId>) {
        match track {
            Some(track) => self.routes.insert((*callee, selector), track),
            None => self.routes.remove(&(*callee, selector)),
        };
    }
    fn held(&self) -> Balance {
        self.held
    }
    fn put_held(&mut self, held: Balance) {
        self.held = held;
    }
    fn act(&self, id: u32) -> Option<EmergencyAct> {
        self.acts.get(&id).copied()
    }
    fn put_act(&mut self, id: u32, act: &EmergencyAct) {
        self.acts.insert(id, *act);
    }
    fn acts(&self) -> u32 {
        self.act_count
    }
    fn put_acts(&mut self, count: u32) {
        self.act_count = count;
    }
    fn rests(&self, act: &EmergencyAct) -> Timestamp {
        self.rests.iter().rev().find(|(resting, _)| resting == act).map_or(0, |(_, until)| *until)
    }
    fn put_rests(&mut self, act: &EmergencyAct, until: Timestamp) {
        self.rests.push((*act, until));
    }

    fn holding(&self, account: &AccountId, block: u32) -> Result<Holding, GovernorError> {
        assert!(block < self.block, "voice is only read of past blocks");
        Ok(holding(&self.rows, account, block))
    }
    fn snapshot(&self, account: &AccountId, track: TrackId, at: Moment) -> Result<Snapshot, GovernorError> {
        assert!(at.block < self.block, "voice is only read of past blocks");
        Ok(snapshot(&self.rows, account, track, at))
    }
    fn live_orders(&self, collection: CollectionId, account: &AccountId) -> Result<u32, GovernorError> {
        Ok(self.live.get(&(collection, *account)).copied().unwrap_or(0))
    }
    fn suspended(&self, account: &AccountId) -> Result<bool, GovernorError> {
        Ok(self.suspended.contains(account))
    }
    fn direction(
        &self,
        collection: CollectionId,
        policy: &Policy,
    ) -> Result<(Direction, u32), GovernorError> {
        let found = self.open_collection(collection).map_err(GovernorError::Policies)?;
        Ok((compare(&found.policy, policy, &NoFacts, self.root.0), found.version))
    }
    fn version(&self, collection: CollectionId) -> Result<u32, GovernorError> {
        if collection == 0 {
            return Ok(self.root.0);
        }
        let found = self.collections.get(&collection);
        found
            .map(|found| found.version)
            .ok_or(GovernorError::Policies(AdministrationError::UnknownCollection))
    }
    fn is_typed(&self, selector: [u8; 4]) -> bool {
        selector == SET_POLICY
    }
    fn change_policy(&mut self, change: &PolicyChange, expected: u32) -> Result<(), AdministrationError> {
        match change {
            PolicyChange::Open { policy, .. } => {
                let id = self.collections.keys().max().map_or(1, |id| id + 1);
                self.collections.insert(
                    id,
                    Collection { version: 1, policy: policy.clone(), closed: false, queued: None },
                );
            }
            PolicyChange::Set { collection, policy } => {
                let version = self.open_collection(*collection)?.version;
                if version != expected {
                    return Err(AdministrationError::StaleVersion);
                }
                self.collections.insert(
                    *collection,
                    Collection { version: version + 1, policy: policy.clone(), closed: false, queued: None },
                );
            }
            PolicyChange::Close { collection } => {
                self.open_collection(*collection)?;
                let found = self.collections.get_mut(collection).unwrap();
                found.version += 1;
                found.closed = true;
                found.queued = None;
            }
            PolicyChange::Root { root } => {
                if self.root.0 != expected {
                    return Err(AdministrationError::StaleVersion);
                }
                self.root = (expected + 1, *root, None);
            }
        }
        Ok(())
    }
    fn announce(&mut self, collection: CollectionId, change: &QueuedChange) -> Result<(), GovernorError> {
        let (version, now) = (World::version(self, collection)?, self.now);
        if change.version != version + 1 {
            return Err(GovernorError::Policies(AdministrationError::StaleVersion));
        }
        let cell = if collection == 0 {
            &mut self.root.2
        } else {
            &mut self.collections.get_mut(&collection).unwrap().queued
        };
        if cell.is_some_and(|other| other.proposal != change.proposal && now <= other.until) {
            return Err(GovernorError::Policies(AdministrationError::AlreadyQueued));
        }
        *cell = Some(*change);
        Ok(())
    }
    fn withdraw_announcement(&mut self, collection: CollectionId, proposal: u32) -> bool {
        if self.clear_fails {
            return false;
        }
        let cell = if collection == 0 {
            &mut self.root.2
        } else {
            &mut self.collections.get_mut(&collection).unwrap().queued
        };
        if cell.is_some_and(|queued| queued.proposal == proposal) {
            *cell = None;
        }
        true
    }
    fn call(&mut self, call: &Call) -> bool {
        let callee: &[u8; 32] = call.callee.as_ref();
        self.seen_by_callees.push(self.state(self.count));
        if [FAILING, REENTRANT].contains(&callee[0]) || call.value > self.balance {
            return false;
        }
        self.balance -= call.value;
        self.calls.push(call.clone());
        true
    }
    fn begin_act(&mut self, act: &EmergencyAct) -> Result<(), GovernorError> {
        if self.in_force.contains(act) {
            return Err(GovernorError::ActRefused);
        }
        self.in_force.push(*act);
        Ok(())
    }
    fn end_act(&mut self, act: &EmergencyAct) -> Result<(), GovernorError> {
        if self.end_fails {
            return Err(GovernorError::Unreachable);
        }
        self.in_force.retain(|other| other != act);
        Ok(())
    }
}
