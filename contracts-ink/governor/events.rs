//! What the governor tells. Topics are what a user filters by.

use commons::{
    delegation::Moment,
    policy::Direction,
    voting::{Action, Ballot, EmergencyAct, EmergencyEnd, Event, Guardians, Settings, Tally, Track, TrackId},
    AccountId, Balance, CollectionId, Digest, Timestamp,
};
use ink::prelude::vec::Vec;

/// A proposal was made.
#[ink::event]
pub struct Proposed {
    #[ink(topic)]
    pub proposal: u32,
    #[ink(topic)]
    pub proposer: AccountId,
    #[ink(topic)]
    pub track: TrackId,
    /// The track's numbers that it keeps.
    pub terms: Track,
    /// Where both sides of every ballot are read.
    pub at: Moment,
    /// Hash over proposer, track, actions and description: what signed ballots name.
    pub content: Digest,
    /// The collection of a policy change; 0 = all of them.
    pub collection: Option<CollectionId>,
    /// The direction of a policy change, as `policies` computed it.
    pub direction: Option<Direction>,
    pub closes: Timestamp,
    pub deposit: Balance,
    /// CID of the description.
    pub description: Vec<u8>,
    pub actions: Vec<Action>,
}

/// A ballot was cast, the voter's first or one in place of it.
#[ink::event]
pub struct BallotCast {
    #[ink(topic)]
    pub proposal: u32,
    #[ink(topic)]
    pub voter: AccountId,
    pub ballot: Ballot,
    /// The ballot's number, from 0.
    pub nonce: u32,
    /// It was handed in with the voter's signature.
    pub by_signature: bool,
    /// What the voter's own voice contributes now.
    pub own: Tally,
    /// What the voice delegated to the voter contributes now.
    pub delegated: Tally,
    /// The proposal's tally after it.
    pub tally: Tally,
    /// The voter's words, as they gave them.
    pub reason: Vec<u8>,
}

/// An owner's voice was taken back from a delegate, by the owner's ballot or recusal.
#[ink::event]
pub struct Overridden {
    #[ink(topic)]
    pub proposal: u32,
    #[ink(topic)]
    pub delegate: AccountId,
    #[ink(topic)]
    pub owner: AccountId,
    pub amount: Balance,
    pub narrow_only: bool,
}

/// An account with a live order in the collection was struck from the proposal.
#[ink::event]
pub struct Recused {
    #[ink(topic)]
    pub proposal: u32,
    #[ink(topic)]
    pub account: AccountId,
    /// The proposal's tally after it.
    pub tally: Tally,
}

/// A late swing extended the vote.
#[ink::event]
pub struct Extended {
    #[ink(topic)]
    pub proposal: u32,
    pub closes: Timestamp,
}

/// A decided proposal's delay began.
#[ink::event]
pub struct Queued {
    #[ink(topic)]
    pub proposal: u32,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// Everything that the proposal decided was done.
#[ink::event]
pub struct Executed {
    #[ink(topic)]
    pub proposal: u32,
}

/// A proposal was cancelled, by its proposer or the guardians.
#[ink::event]
pub struct Cancelled {
    #[ink(topic)]
    pub proposal: u32,
    pub by_guardians: bool,
}

/// A decided proposal was not done in time.
#[ink::event]
pub struct Expired {
    #[ink(topic)]
    pub proposal: u32,
}

/// A proposer's deposit was returned, or kept by the treasury.
#[ink::event]
pub struct DepositSettled {
    #[ink(topic)]
    pub proposal: u32,
    #[ink(topic)]
    pub proposer: AccountId,
    pub amount: Balance,
    pub returned: bool,
}

/// Guardians acted; the members' vote on it is open.
#[ink::event]
pub struct EmergencyBegun {
    #[ink(topic)]
    pub proposal: u32,
    pub act: EmergencyAct,
    /// Those who signed.
    pub guardians: Vec<AccountId>,
    /// Where both sides of every ballot are read.
    pub at: Moment,
    /// When it lapses without a vote for it.
    pub closes: Timestamp,
    /// What signed ballots name.
    pub content: Digest,
}

/// An emergency act was confirmed, overturned or lapsed.
#[ink::event]
pub struct EmergencyEnded {
    #[ink(topic)]
    pub proposal: u32,
    pub act: EmergencyAct,
    pub end: EmergencyEnd,
}

/// A track's numbers were set, for proposals to come.
#[ink::event]
pub struct TrackSet {
    #[ink(topic)]
    pub track: TrackId,
    pub terms: Track,
}

/// Periods that belong to no track were set.
#[ink::event]
pub struct SettingsSet {
    pub settings: Settings,
}

/// Guardians were set; their term began.
#[ink::event]
pub struct GuardiansSet {
    pub guardians: Guardians,
}

/// A message of a contract was given its track; `None` = `Code`.
#[ink::event]
pub struct RouteSet {
    #[ink(topic)]
    pub callee: AccountId,
    pub selector: [u8; 4],
    pub track: Option<TrackId>,
}

/// The governor's code was replaced.
#[ink::event]
pub struct CodeSet {
    pub code: Digest,
}

/// The treasury paid.
#[ink::event]
pub struct Paid {
    #[ink(topic)]
    pub to: AccountId,
    pub amount: Balance,
}

/// Emits what the rules tell.
pub fn emit(env: ink::EnvAccess<'_, ink::env::DefaultEnvironment>, event: Event) {
    match event {
        Event::Proposed { id, proposal, description, actions } => env.emit_event(Proposed {
            proposal: id,
            proposer: proposal.proposer,
            track: proposal.track,
            terms: proposal.terms,
            at: proposal.at,
            content: proposal.content,
            collection: proposal.subject.and_then(|subject| subject.collection),
            direction: proposal.subject.map(|subject| subject.direction),
            closes: proposal.timeline.closes,
            deposit: proposal.deposit,
            description,
            actions,
        }),
        Event::BallotCast { id, voter, ballot, nonce, signed, own, delegated, tally, reason } => env
            .emit_event(BallotCast {
                proposal: id,
                voter,
                ballot,
                nonce,
                by_signature: signed,
                own,
                delegated,
                tally,
                reason,
            }),
        Event::Overridden { id, owner, entrusted } => env.emit_event(Overridden {
            proposal: id,
            delegate: entrusted.delegate,
            owner,
            amount: entrusted.amount,
            narrow_only: entrusted.narrow_only,
        }),
        Event::Recused { id, account, tally } => env.emit_event(Recused { proposal: id, account, tally }),
        Event::Extended { id, closes } => env.emit_event(Extended { proposal: id, closes }),
        Event::Queued { id, from, until } => env.emit_event(Queued { proposal: id, from, until }),
        Event::Executed { id } => env.emit_event(Executed { proposal: id }),
        Event::Cancelled { id, by_guardians } => env.emit_event(Cancelled { proposal: id, by_guardians }),
        Event::Expired { id } => env.emit_event(Expired { proposal: id }),
        Event::DepositSettled { id, proposer, amount, returned } => {
            env.emit_event(DepositSettled { proposal: id, proposer, amount, returned })
        }
        Event::EmergencyBegun { id, act, guardians, at, closes, content } => {
            env.emit_event(EmergencyBegun { proposal: id, act, guardians, at, closes, content })
        }
        Event::EmergencyEnded { id, act, end } => env.emit_event(EmergencyEnded { proposal: id, act, end }),
        Event::TrackSet { id, track } => env.emit_event(TrackSet { track: id, terms: track }),
        Event::SettingsSet(settings) => env.emit_event(SettingsSet { settings }),
        Event::GuardiansSet(guardians) => env.emit_event(GuardiansSet { guardians }),
        Event::RouteSet { callee, selector, track } => env.emit_event(RouteSet { callee, selector, track }),
        Event::CodeSet(code) => env.emit_event(CodeSet { code }),
        Event::Paid { to, amount } => env.emit_event(Paid { to, amount }),
    }
}
