//! The order rules on plain maps: what each message does, in every state, and that money is conserved.

mod invariants;
mod matrix;
mod stage;
mod world;
