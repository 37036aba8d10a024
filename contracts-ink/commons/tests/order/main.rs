//! The order rules on plain maps: what each message does, in every state, and that money is conserved.

// A wrap in a test is a failure of the test.
#![allow(clippy::arithmetic_side_effects)]

mod chance;
mod clock;
mod creation;
mod history;
mod invariants;
mod matrix;
mod model;
mod money;
mod races;
mod stage;
mod stateful;
mod world;
