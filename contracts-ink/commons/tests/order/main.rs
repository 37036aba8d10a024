//! The order rules on plain maps: what each message does, in every state, and that money is conserved.

mod chance;
mod invariants;
mod matrix;
mod model;
mod stage;
mod stateful;
mod world;
