//! Governance: the rules of `voting` and `delegation` on a world of plain maps that undoes refused calls as
//! the chain does.

// A wrap in a test is a failure of the test.
#![allow(clippy::arithmetic_side_effects)]

extern crate keystrand_commons as commons;

mod attacks;
mod ballots;
mod cost;
mod dao;
mod guardians;
mod history;
mod lifecycle;
mod model;
mod refusals;
mod register;
mod suite;
mod timelines;
