//! The order rules on plain maps: what each message does, in every state, and that money is conserved.

mod chance;
mod creation;
mod invariants;
mod matrix;
mod model;
mod money;
mod races;
mod stage;
mod stateful;
mod world;
