//! One escrowed deal: its states, its money and every rule that moves them.
//!
//! Each public function here is one message of the escrow contract. It reads and writes through `World`, which
//! the contract implements with the chain and the tests with plain maps, so that the code that is proved by the
//! million steps is the code that holds the money. A function that answers an error may have written before
//! it did: the caller must then undo everything, as the chain does with a reverted call.
//!
//! | file | messages |
//! |---|---|
//! | `create` | quote, create |
//! | `review` | clear, refuse |
//! | `closing` | cancel, expire, abort |
//! | `attest` | attest, invalidate |
//! | `release` | release, deliver |
//! | `receipt` | accept, reject, finalize |
//! | `dispute` | dispute, answer, concede, rule, arbitration_timeout |
//! | `agreement` | settle_mutually |
//! | `payout` | withdraw, forget |
//! | `clock` | pause, resume |

pub mod agreement;
pub mod attest;
pub mod clock;
pub mod closing;
pub mod create;
pub mod dispute;
pub mod error;
pub mod event;
pub mod judge;
pub mod money;
pub mod payout;
pub mod receipt;
pub mod release;
pub mod review;
pub mod state;
pub mod world;

pub use agreement::{settle_mutually, Agreement, Parts};
pub use attest::{attest, invalidate};
pub use clock::{pause, resume};
pub use closing::{abort, cancel, expire};
pub use create::{create, quote, LineVerdict, Quote, Request, RequestedLine};
pub use dispute::{answer, arbitration_timeout, concede, dispute, rule, LineShare};
pub use error::EscrowError;
pub use event::{Event, LineCredit};
pub use payout::{credit, forget, withdraw};
pub use receipt::{accept, finalize, reject, Receipt};
pub use release::{deliver, release, Packet, PacketHash};
pub use review::{clear, refuse};
pub use state::{flag, Activity, Ending, Evidence, Head, Ledger, Line, LineState, State};
pub use world::{Signed, World};
