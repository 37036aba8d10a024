//! What the governor's rules ask of the world: the chain in the contract, plain maps in tests.

use super::{
    Action, Ballot, Call, Details, EmergencyAct, GovernorError, Guardians, PolicyChange, Proposal, Seat,
    Settings, Tally, Track, TrackId,
};
use crate::{
    delegation::{Entrusted, Holding, Moment, Snapshot},
    policy::{AdministrationError, Direction, Policy, QueuedChange},
    AccountId, Balance, CollectionId, Digest, Signature, Timestamp,
};
use alloc::vec::Vec;

pub trait World {
    // The call.
    fn caller(&self) -> AccountId;
    /// Value sent with the call; the chain has already added it to the contract's balance.
    fn paid(&self) -> Balance;
    fn block(&self) -> u32;
    /// Block time, ms.
    fn now(&self) -> Timestamp;

    // The chain.
    fn genesis(&self) -> Digest;
    /// The governor contract's own account.
    fn governor(&self) -> AccountId;
    /// The account of `policies`.
    fn policies(&self) -> AccountId;
    /// The contract's balance, deposits included.
    fn balance(&self) -> Balance;
    /// blake2_256 of a contract's code; `None` for an account without.
    fn code_hash(&self, account: &AccountId) -> Option<Digest>;
    /// As `signing::verifies_from_wallet`.
    fn verifies(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool;
    /// Sends money; false if the chain refuses.
    fn pay(&mut self, to: &AccountId, amount: Balance) -> bool;
    /// Replaces the governor's own code; false if the chain refuses.
    fn set_code(&mut self, code: &Digest) -> bool;
    fn tell(&mut self, event: Event);

    // Storage.
    fn proposals(&self) -> u32;
    fn put_proposals(&mut self, count: u32);
    fn proposal(&self, id: u32) -> Option<Proposal>;
    fn put_proposal(&mut self, id: u32, proposal: &Proposal);
    fn details(&self, id: u32) -> Option<Details>;
    fn put_details(&mut self, id: u32, details: &Details);
    fn seat(&self, id: u32, account: &AccountId) -> Seat;
    fn put_seat(&mut self, id: u32, account: &AccountId, seat: &Seat);
    /// The account's latest proposal.
    fn latest(&self, proposer: &AccountId) -> Option<u32>;
    fn put_latest(&mut self, proposer: &AccountId, id: u32);
    /// When a collection was last proposed to be narrowed.
    fn narrowed(&self, collection: CollectionId) -> Option<Timestamp>;
    fn put_narrowed(&mut self, collection: CollectionId, at: Option<Timestamp>);
    /// The proposal that was last queued for a collection.
    fn queued(&self, collection: CollectionId) -> Option<u32>;
    fn put_queued(&mut self, collection: CollectionId, id: Option<u32>);
    fn track(&self, id: TrackId) -> Track;
    fn put_track(&mut self, id: TrackId, track: &Track);
    fn settings(&self) -> Settings;
    fn put_settings(&mut self, settings: &Settings);
    fn guardians(&self) -> Guardians;
    fn put_guardians(&mut self, guardians: &Guardians);
    fn route(&self, callee: &AccountId, selector: [u8; 4]) -> Option<TrackId>;
    fn put_route(&mut self, callee: &AccountId, selector: [u8; 4], track: Option<TrackId>);
    /// Deposits of proposers, which the treasury must not spend.
    fn held(&self) -> Balance;
    fn put_held(&mut self, held: Balance);
    /// The emergency act that this proposal is the members' vote on.
    fn act(&self, id: u32) -> Option<EmergencyAct>;
    fn put_act(&mut self, id: u32, act: &EmergencyAct);
    fn acts(&self) -> u32;
    fn put_acts(&mut self, count: u32);
    /// When the act may be done again, after it ended.
    fn rests(&self, act: &EmergencyAct) -> Timestamp;
    fn put_rests(&mut self, act: &EmergencyAct, until: Timestamp);

    // The other contracts. Each answers `Unreachable` where it does not answer.
    fn holding(&self, account: &AccountId, block: u32) -> Result<Holding, GovernorError>;
    fn snapshot(&self, account: &AccountId, track: TrackId, at: Moment) -> Result<Snapshot, GovernorError>;
    fn live_orders(&self, collection: CollectionId, account: &AccountId) -> Result<u32, GovernorError>;
    fn suspended(&self, account: &AccountId) -> Result<bool, GovernorError>;
    fn direction(&self, collection: CollectionId, policy: &Policy)
        -> Result<(Direction, u32), GovernorError>;
    /// The collection's present version; for 0, the root's.
    fn version(&self, collection: CollectionId) -> Result<u32, GovernorError>;
    /// Whether a selector of `policies` is one that only a typed change may use.
    fn is_typed(&self, selector: [u8; 4]) -> bool;
    /// Makes a policy change; `expected` is the version that it replaces.
    fn change_policy(&mut self, change: &PolicyChange, expected: u32) -> Result<(), AdministrationError>;
    fn announce(&mut self, collection: CollectionId, change: &QueuedChange) -> Result<(), GovernorError>;
    /// Takes an announcement back; a failure is answered, never fatal.
    fn withdraw_announcement(&mut self, collection: CollectionId, proposal: u32) -> bool;
    /// Makes a call; false if it traps or reverts.
    fn call(&mut self, call: &Call) -> bool;
    fn begin_act(&mut self, act: &EmergencyAct) -> Result<(), GovernorError>;
    /// Takes an act off. An act that is not in force any more is no error.
    fn end_act(&mut self, act: &EmergencyAct) -> Result<(), GovernorError>;
}

/// What happened, told right after it did.
// An event is made, told and gone: boxing the large ones would only add an allocation.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Proposed {
        id: u32,
        proposal: Proposal,
        description: Vec<u8>,
        actions: Vec<Action>,
    },
    BallotCast {
        id: u32,
        voter: AccountId,
        ballot: Ballot,
        nonce: u32,
        signed: bool,
        own: Tally,
        delegated: Tally,
        tally: Tally,
        reason: Vec<u8>,
    },
    Overridden {
        id: u32,
        owner: AccountId,
        entrusted: Entrusted,
    },
    Recused {
        id: u32,
        account: AccountId,
        tally: Tally,
    },
    Extended {
        id: u32,
        closes: Timestamp,
    },
    Queued {
        id: u32,
        from: Timestamp,
        until: Timestamp,
    },
    Executed {
        id: u32,
    },
    Cancelled {
        id: u32,
        by_guardians: bool,
    },
    Expired {
        id: u32,
    },
    DepositSettled {
        id: u32,
        proposer: AccountId,
        amount: Balance,
        returned: bool,
    },
    EmergencyBegun {
        id: u32,
        act: EmergencyAct,
        guardians: Vec<AccountId>,
        at: Moment,
        closes: Timestamp,
        content: Digest,
    },
    EmergencyEnded {
        id: u32,
        act: EmergencyAct,
        end: EmergencyEnd,
    },
    TrackSet {
        id: TrackId,
        track: Track,
    },
    SettingsSet(Settings),
    GuardiansSet(Guardians),
    RouteSet {
        callee: AccountId,
        selector: [u8; 4],
        track: Option<TrackId>,
    },
    CodeSet(Digest),
    Paid {
        to: AccountId,
        amount: Balance,
    },
}

/// How an emergency ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum EmergencyEnd {
    /// The members voted for it: it stands.
    Confirmed,
    /// The members voted against it.
    Overturned,
    /// Its time was over without a vote for it.
    Lapsed,
}
