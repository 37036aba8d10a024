//! Proposals, ballots and tallies: the pure rules of the governor.

mod track;

pub use track::{Passing, Track, TrackId};
