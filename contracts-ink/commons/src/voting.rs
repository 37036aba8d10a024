//! Proposals, ballots and tallies: the rules of the governor.
//!
//! Each public function with a `World` is one message of the governor contract. It reads and writes through
//! the world, which the contract implements with the chain and the tests with plain maps. A function that
//! answers an error may have written before it did: the caller must then undo everything, as the chain does
//! with a reverted call.
//!
//! | file | holds |
//! |---|---|
//! | `track` | thresholds and periods of a class of proposals |
//! | `action` | what a proposal can do, and on which track |
//! | `ballot` | casting, overriding, striking: the tally's arithmetic |
//! | `timeline` | closes, curves, Confirming, late swing |
//! | `proposal` | a proposal and its states |
//! | `propose` | propose |
//! | `vote` | vote, vote_by_signature, recuse |
//! | `enact` | queue, execute, cancel, expire, settle_deposit |
//! | `emergency` | veto, act, settle_act |

mod action;
mod ballot;
mod emergency;
mod enact;
mod error;
mod proposal;
mod propose;
mod timeline;
mod track;
mod vote;
mod world;

pub use action::{
    guardians_are_sound, Action, Call, EmergencyAct, GovernorChange, PolicyChange, MAX_ACTIONS,
    MAX_ACTIONS_LENGTH, MAX_DESCRIPTION, MAX_GUARDIANS,
};
pub use ballot::{cast, strike, Ballot, BallotError, CastPool, Effect, Parts, Seat, Seats, Tally};
pub use emergency::{act, settle_act, veto};
pub use enact::{cancel, execute, expire, queue, settle_deposit, spendable};
pub use error::GovernorError;
pub use proposal::{Details, Guardians, Proposal, Settings, Stage, State, Subject};
pub use propose::propose;
pub use timeline::{reaches, Cause, Count, Standing, Timeline};
pub use track::{Passing, Track, TrackId};
pub use vote::{recuse, vote, vote_by_signature, SignedBallot};
pub use world::{EmergencyEnd, Event, World};
