//! The escrow's events. Each has the same name and fields as the rules' `order::Event`; topics are what an
//! indexer or a party filters by.

use commons::{
    attestation::EnclaveKeys,
    decision::Reason,
    order::{
        event::{CreatedLine, Event, LineCredit},
        Ending, Packet, State,
    },
    terms::Purpose,
    AccountId, Balance, CollectionId, DatasetId, Digest, OrderId, Timestamp,
};
use ink::prelude::vec::Vec;

/// Declares an ink! event for each variant of `order::Event`, and `emit`, which turns one into the other, so
/// that a variant without its event does not compile.
macro_rules! events {
    ($( $(#[$docs:meta])* $name:ident { $( $(#[$attribute:meta])* $field:ident: $type:ty ),* $(,)? } )*) => {
        $(
            $(#[$docs])*
            #[ink::event]
            pub struct $name {
                $( $(#[$attribute])* pub $field: $type ),*
            }
        )*

        /// Emits the ink! event of this rule's event.
        pub fn emit(env: ink::EnvAccess<'_, ink::env::DefaultEnvironment>, event: Event) {
            match event {
                $( Event::$name { $( $field ),* } => env.emit_event($name { $( $field ),* }), )*
            }
        }
    };
}

events! {
    /// An order was opened and paid.
    Created {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        #[ink(topic)]
        collection: CollectionId,
        custodian: AccountId,
        /// Funded or UnderReview.
        state: State,
        policy_version: u32,
        job: Digest,
        /// The buyer's crypt4gh public key.
        reader_key: [u8; 32],
        /// End of the window for release, block time, ms.
        deadline: Timestamp,
        total: Balance,
        purpose: Purpose,
        lines: Vec<CreatedLine>,
    }
    /// A line was refunded while its order goes on.
    LineDropped {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        dataset: DatasetId,
        line: u8,
        ending: Ending,
        /// The rule that denied it, and whose; `None` where the custodian left it out.
        reason: Option<Reason>,
    }
    /// The data access committee let an order go on.
    Cleared {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        #[ink(topic)]
        collection: CollectionId,
        policy_version: u32,
        /// Hash of the committee's reasons.
        reason: Digest,
    }
    /// The data access committee refused an order; `Refunded` follows.
    Refused {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        #[ink(topic)]
        collection: CollectionId,
        policy_version: u32,
        /// Hash of the committee's reasons.
        reason: Digest,
    }
    /// The buyer cancelled; `Refunded` follows.
    Cancelled {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        #[ink(topic)]
        collection: CollectionId,
    }
    /// An attested enclave is the order's.
    Qualified {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        /// Whose turn it is.
        #[ink(topic)]
        custodian: AccountId,
        keys: EnclaveKeys,
        measurement: Digest,
        evidence: Digest,
    }
    /// The attestation fell; the order waits for another enclave.
    Invalidated {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        #[ink(topic)]
        collection: CollectionId,
    }
    /// The custodian committed to packets; the named lines are locked.
    Released {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        #[ink(topic)]
        collection: CollectionId,
        /// End of the window for deliver, block time, ms.
        deadline: Timestamp,
        lines: Vec<u8>,
    }
    /// The packets, sealed to the order's enclave.
    Delivered {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        #[ink(topic)]
        collection: CollectionId,
        /// End of the window for disputes, block time, ms.
        deadline: Timestamp,
        packets: Vec<Packet>,
    }
    /// The order ended: accepted, or nobody disputed in time.
    Settled {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        #[ink(topic)]
        collection: CollectionId,
        /// Root digest of the sealed output, where a receipt settled it.
        output: Option<Digest>,
    }
    /// Lines are disputed.
    Disputed {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        #[ink(topic)]
        collection: CollectionId,
        /// End of the window for answers, block time, ms.
        deadline: Timestamp,
        lines: Vec<u8>,
        /// By the enclave's receipt, without a bond.
        by_receipt: bool,
    }
    /// Disputed lines were answered with a bond each.
    Answered {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        by: AccountId,
        lines: Vec<u8>,
    }
    /// The arbitrator ruled; `Credited` has the shares.
    Ruled {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        arbitrator: AccountId,
    }
    /// Buyer and payees agreed on lines.
    Agreed {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        lines: Vec<u8>,
        /// The payees' share, basis points.
        share: u16,
    }
    /// The order ended by ruling, concession, time or agreement.
    Resolved {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        #[ink(topic)]
        collection: CollectionId,
    }
    /// The order ended and every line that was left is the buyer's.
    Refunded {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
        #[ink(topic)]
        collection: CollectionId,
        ending: Ending,
        /// The rule of the policy that denied, where one did.
        reason: Option<Reason>,
    }
    /// Lines ended: who may withdraw what.
    Credited {
        #[ink(topic)]
        order: OrderId,
        credits: Vec<LineCredit>,
    }
    /// Money left.
    Withdrawn {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        to: AccountId,
        amount: Balance,
    }
    /// An ended order's cells were cleared.
    Forgotten {
        #[ink(topic)]
        order: OrderId,
        #[ink(topic)]
        buyer: AccountId,
    }
    /// create, attest and release are blocked; block time, ms.
    Paused { from: Timestamp, until: Timestamp }
    /// The pause was ended early; block time, ms.
    Resumed { at: Timestamp }
}

/// Another account governs.
#[ink::event]
pub struct HandedOver {
    #[ink(topic)]
    pub governor: AccountId,
}
