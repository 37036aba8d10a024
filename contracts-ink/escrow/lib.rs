//! Escrow: orders, and the money of orders.
//!
//! A buyer pays for access to 1 to 64 datasets of one collection and one custodian, for one purpose. The money
//! moves to the payees only after contracts have judged permission, an attested enclave is named and the
//! custodian has delivered; until then it can go back.
//!
//! This file is the door: it brings the chain to the rules. The rules themselves, state machine and money, are
//! in `commons::order`, where they are tested by the million; each message here is one function there.
//!
//! # Invariants
//! - The contract's balance is at least `held()`: live principal, bonds and everything owed, after every message.
//! - Money leaves only through `withdraw`; what is paid is marked before it is sent.
//! - Whatever an order pins at create never changes; permission is judged anew at create, attest and release.
//! - An order is three cells of fixed size, and one more in attestations, all made by create: no later message
//!   grows storage or takes a deposit.
//! - The pause can stop create, attest and release, and nothing else.
//! - This code cannot be replaced.
//!
//! # Errors
//! Every refusal is an `EscrowError` that names the rule and, where a line is the cause, its dataset; a refused
//! call changes nothing.
//!
//! # Messages
//! | who | messages |
//! |---|---|
//! | buyer | create, cancel, attest, accept, dispute, forget |
//! | custodian | release, deliver, answer |
//! | contributor | answer |
//! | committee, by signature | clear, refuse |
//! | arbitrator | rule |
//! | anyone | attest with the buyer's signature, invalidate, expire, abort, accept and reject with the enclave's receipt, finalize, concede, arbitration_timeout, settle_mutually with signatures, withdraw for a payee, forget after 30 days |
//! | governor | pause, resume, hand_over |
//! | views | quote, order, lines, credit, live_orders, exists, held, pause_state, settings |
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod events;

#[ink::contract]
mod escrow {
    use crate::events;
    use commons::{
        attestation::{AttestationPolicy, Claim, VerifierSignature},
        interface::{
            AskError, Attestations, Consents, EmergencyError, Escrow as Orders, EscrowEmergency, Permits,
            Policies,
        },
        order::{
            self, Activity, Agreement, EscrowError, Event, Evidence, Head, Ledger, Line, LineShare, Packet,
            PacketHash, Quote, Receipt, Request, Signed, State, World,
        },
        policy::PolicyView,
        signing,
        terms::Purpose,
        CollectionId, DatasetId, Digest, OrderId, Signature,
    };
    use ink::{
        codegen::{Env, TraitCallBuilder},
        prelude::vec::Vec,
        storage::Mapping,
    };

    /// Where the other contracts are, and what never changes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Settings {
        /// Hash of the chain's first block: part of every signed message.
        pub genesis: Digest,
        pub governor: AccountId,
        pub consents: AccountId,
        pub policies: AccountId,
        pub attestations: AccountId,
    }

    /// An order as a reader sees it; its deadlines in block time, ms, as they stand if no further pause comes.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub struct OrderView {
        pub head: Head,
        /// End of the state's window; 0 once the order has ended.
        pub deadline: Timestamp,
        /// End of arbitration, of a disputed order; 0 otherwise.
        pub arbitration_deadline: Timestamp,
        /// The attested enclave, from Qualified on.
        pub evidence: Option<Evidence>,
        /// How many lines the order has.
        pub lines: u8,
    }

    #[ink(storage)]
    pub struct Escrow {
        settings: Settings,
        ledger: Ledger,
        heads: Mapping<OrderId, Head>,
        lines: Mapping<OrderId, Vec<Line>>,
        evidence: Mapping<OrderId, Evidence>,
        /// Ids of forgotten orders: signatures that name them may still be good.
        erased: Mapping<OrderId, ()>,
        activity: Mapping<(CollectionId, AccountId), Activity>,
    }

    impl Escrow {
        /// The deployer governs until `hand_over`.
        #[ink(constructor)]
        pub fn new(
            genesis: Digest,
            consents: AccountId,
            policies: AccountId,
            attestations: AccountId,
        ) -> Self {
            Self {
                settings: Settings {
                    genesis,
                    governor: Self::env().caller(),
                    consents,
                    policies,
                    attestations,
                },
                ledger: Ledger::default(),
                heads: Mapping::default(),
                lines: Mapping::default(),
                evidence: Mapping::default(),
                erased: Mapping::default(),
                activity: Mapping::default(),
            }
        }

        /// What `create` would answer this buyer now, line by line, with prices; sends nothing. It runs the code
        /// of create.
        #[ink(message)]
        pub fn quote(&self, buyer: AccountId, request: Request) -> Result<Quote, EscrowError> {
            order::quote(self, buyer, &request)
        }

        /// Opens an order. Pay exactly the sum of the lines' prices. Answers the order's id.
        #[ink(message, payable)]
        pub fn create(&mut self, request: Request) -> Result<OrderId, EscrowError> {
            order::create(self, request)
        }

        /// Lets an order under review go on: k signatures of committee members who have no part in it.
        #[ink(message)]
        pub fn clear(
            &mut self,
            order: OrderId,
            reason: Digest,
            until: Timestamp,
            signatures: Vec<Signed>,
        ) -> Result<State, EscrowError> {
            order::clear(self, order, reason, until, &signatures)
        }

        /// Refunds an order under review: k signatures of committee members who have no part in it.
        #[ink(message)]
        pub fn refuse(
            &mut self,
            order: OrderId,
            reason: Digest,
            until: Timestamp,
            signatures: Vec<Signed>,
        ) -> Result<State, EscrowError> {
            order::refuse(self, order, reason, until, &signatures)
        }

        /// Refunds the buyer's order before an enclave is attested, or while a change is queued.
        #[ink(message)]
        pub fn cancel(&mut self, order: OrderId) -> Result<State, EscrowError> {
            order::cancel(self, order)
        }

        /// Names the order's attested enclave. Sent by the buyer, or by anyone with the buyer's signature over
        /// the enclave's keys. Lines that the rules of now deny are refunded; a policy that denies refunds all.
        #[ink(message)]
        pub fn attest(
            &mut self,
            claim: Claim,
            signatures: Vec<VerifierSignature>,
            buyer_signature: Option<Signature>,
        ) -> Result<State, EscrowError> {
            order::attest(self, claim, signatures, buyer_signature)
        }

        /// Sends a qualified order back to Funded when its attestation no longer stands.
        #[ink(message)]
        pub fn invalidate(&mut self, order: OrderId) -> Result<State, EscrowError> {
            order::invalidate(self, order)
        }

        /// The custodian commits to the packets of every line that is permitted now.
        #[ink(message)]
        pub fn release(&mut self, order: OrderId, packets: Vec<PacketHash>) -> Result<State, EscrowError> {
            order::release(self, order, &packets)
        }

        /// The custodian publishes the packets; their bytes stand in the event.
        #[ink(message)]
        pub fn deliver(&mut self, order: OrderId, packets: Vec<Packet>) -> Result<State, EscrowError> {
            order::deliver(self, order, packets)
        }

        /// Refunds an order whose deadline, or release window, is over.
        #[ink(message)]
        pub fn expire(&mut self, order: OrderId) -> Result<State, EscrowError> {
            order::expire(self, order)
        }

        /// Refunds an order that the policy denies now, or that has too few permitted lines left.
        #[ink(message)]
        pub fn abort(&mut self, order: OrderId) -> Result<State, EscrowError> {
            order::abort(self, order)
        }

        /// Settles a delivered or disputed order: the buyer, or anyone with the enclave's receipt that all is good.
        #[ink(message)]
        pub fn accept(&mut self, order: OrderId, receipt: Option<Receipt>) -> Result<State, EscrowError> {
            order::accept(self, order, receipt)
        }

        /// Disputes the lines that the enclave's receipt calls bad, and pays the others.
        #[ink(message)]
        pub fn reject(
            &mut self,
            order: OrderId,
            bad: Vec<u8>,
            receipt: Receipt,
        ) -> Result<State, EscrowError> {
            order::reject(self, order, &bad, receipt)
        }

        /// Settles a delivered order whose dispute window is over.
        #[ink(message)]
        pub fn finalize(&mut self, order: OrderId) -> Result<State, EscrowError> {
            order::finalize(self, order)
        }

        /// Disputes lines, with a bond for each; the others are paid. Once an order.
        #[ink(message, payable)]
        pub fn dispute(&mut self, order: OrderId, lines: Vec<u8>) -> Result<State, EscrowError> {
            order::dispute(self, order, lines)
        }

        /// Answers disputed lines, with an equal bond for each: the custodian, or the lines' contributor.
        #[ink(message, payable)]
        pub fn answer(&mut self, order: OrderId, lines: Vec<u8>) -> Result<State, EscrowError> {
            order::answer(self, order, lines)
        }

        /// Refunds disputed lines that nobody answered in time.
        #[ink(message)]
        pub fn concede(&mut self, order: OrderId) -> Result<State, EscrowError> {
            order::concede(self, order)
        }

        /// The arbitrator's payees' share of each answered line, basis points.
        #[ink(message)]
        pub fn rule(&mut self, order: OrderId, shares: Vec<LineShare>) -> Result<State, EscrowError> {
            order::rule(self, order, &shares)
        }

        /// Ends a dispute that the arbitrator left open.
        #[ink(message)]
        pub fn arbitration_timeout(&mut self, order: OrderId) -> Result<State, EscrowError> {
            order::arbitration_timeout(self, order)
        }

        /// Ends lines as buyer and payees have agreed and signed.
        #[ink(message)]
        pub fn settle_mutually(
            &mut self,
            order: OrderId,
            agreement: Agreement,
            signatures: Vec<Signed>,
        ) -> Result<State, EscrowError> {
            order::settle_mutually(self, order, agreement, &signatures)
        }

        /// Pays an account what the order owes it now. Anyone may send it. Answers the amount.
        #[ink(message)]
        pub fn withdraw(&mut self, order: OrderId, to: AccountId) -> Result<Balance, EscrowError> {
            order::withdraw(self, order, to)
        }

        /// Clears an ended order that owes nobody: the buyer at once, anyone 30 days after its end.
        #[ink(message)]
        pub fn forget(&mut self, order: OrderId) -> Result<(), EscrowError> {
            order::forget(self, order)
        }

        /// Makes another account governor. Governor only.
        #[ink(message)]
        pub fn hand_over(&mut self, governor: AccountId) -> Result<(), EscrowError> {
            if !self.is_governor() {
                return Err(EscrowError::NotGovernor);
            }
            self.settings.governor = governor;
            self.env().emit_event(events::HandedOver { governor });
            Ok(())
        }

        /// An order's head, deadlines and enclave.
        #[ink(message)]
        pub fn order(&self, order: OrderId) -> Option<OrderView> {
            let head = self.heads.get(order)?;
            let lines = u8::try_from(World::lines(self, &order).len()).unwrap_or(u8::MAX);
            let evidence = World::evidence(self, &order);
            let block_time = |deadline| self.ledger.block_time(deadline);
            Some(OrderView {
                deadline: if head.state.is_ended() { 0 } else { block_time(head.deadline) },
                arbitration_deadline: if head.state == State::Disputed {
                    block_time(order::dispute::arbitration_deadline(&head))
                } else {
                    0
                },
                evidence: (evidence.count > 0).then_some(evidence),
                lines,
                head,
            })
        }

        /// An order's lines; empty for an unknown order.
        #[ink(message)]
        pub fn lines(&self, order: OrderId) -> Vec<Line> {
            World::lines(self, &order)
        }

        /// What the order owes the account now.
        #[ink(message)]
        pub fn credit(&self, order: OrderId, account: AccountId) -> Balance {
            order::credit(self, &order, account)
        }

        /// Principal, bonds and everything owed: the balance is never less.
        #[ink(message)]
        pub fn held(&self) -> Balance {
            self.ledger.held
        }

        /// The newest pause, block time, ms: from, until; both 0 before the first.
        #[ink(message)]
        pub fn pause_state(&self) -> (Timestamp, Timestamp) {
            (self.ledger.paused_from, self.ledger.paused_until)
        }

        /// The governor and the other contracts.
        #[ink(message)]
        pub fn settings(&self) -> Settings {
            self.settings
        }

        fn is_governor(&self) -> bool {
            self.env().caller() == self.settings.governor
        }
    }

    impl Orders for Escrow {
        #[ink(message)]
        fn live_orders(&self, collection: CollectionId, account: AccountId) -> u32 {
            World::activity(self, collection, account).live
        }

        #[ink(message)]
        fn exists(&self, order: OrderId) -> bool {
            self.heads.contains(order)
        }
    }

    impl EscrowEmergency for Escrow {
        #[ink(message)]
        fn pause(&mut self) -> Result<(), EmergencyError> {
            if !self.is_governor() {
                return Err(EmergencyError::NotGovernor);
            }
            order::pause(self)
        }

        #[ink(message)]
        fn resume(&mut self) -> Result<(), EmergencyError> {
            if !self.is_governor() {
                return Err(EmergencyError::NotGovernor);
            }
            order::resume(self)
        }
    }

    /// A contract of ours that does not answer is a reason to refuse, never to trap: the caller learns why.
    const UNREACHABLE: EscrowError = EscrowError::Ask(AskError::Unreachable);

    impl World for Escrow {
        fn caller(&self) -> AccountId {
            self.env().caller()
        }
        fn paid(&self) -> Balance {
            self.env().transferred_value()
        }
        fn now(&self) -> Timestamp {
            self.env().block_timestamp()
        }
        fn genesis(&self) -> Digest {
            self.settings.genesis
        }
        fn escrow(&self) -> AccountId {
            self.env().account_id()
        }
        fn existential_deposit(&self) -> Balance {
            self.env().minimum_balance()
        }
        fn verifies(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool {
            signing::verifies(signature, message, signer)
        }
        fn verifies_from_wallet(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool {
            signing::verifies_from_wallet(signature, message, signer)
        }
        fn pay(&mut self, to: AccountId, amount: Balance) -> bool {
            self.env().transfer(to, amount).is_ok()
        }
        fn tell(&mut self, event: Event) {
            events::emit(self.env(), event)
        }

        fn permits(
            &self,
            collection: CollectionId,
            custodian: Option<AccountId>,
            datasets: Vec<DatasetId>,
            purpose: &Purpose,
            buyer: AccountId,
        ) -> Result<Permits, EscrowError> {
            let consents: ink::contract_ref!(Consents) = self.settings.consents.into();
            match consents
                .call()
                .permits(collection, custodian, datasets, purpose.clone(), buyer)
                .try_invoke()
            {
                Ok(Ok(answer)) => Ok(answer?),
                _ => Err(UNREACHABLE),
            }
        }
        fn policy(&self, collection: CollectionId) -> Result<PolicyView, EscrowError> {
            let policies: ink::contract_ref!(Policies) = self.settings.policies.into();
            match policies.call().view(collection).try_invoke() {
                Ok(Ok(answer)) => Ok(answer?),
                _ => Err(UNREACHABLE),
            }
        }
        fn reserve_evidence(&mut self, order: &OrderId) -> Result<(), EscrowError> {
            let mut attestations: ink::contract_ref!(Attestations) = self.settings.attestations.into();
            match attestations.call_mut().reserve(*order).try_invoke() {
                Ok(Ok(answer)) => answer.map_err(EscrowError::Attestation),
                _ => Err(UNREACHABLE),
            }
        }
        fn dismiss_evidence(&mut self, order: &OrderId) -> Result<(), EscrowError> {
            let mut attestations: ink::contract_ref!(Attestations) = self.settings.attestations.into();
            match attestations.call_mut().dismiss(*order).try_invoke() {
                Ok(Ok(answer)) => answer.map_err(EscrowError::Attestation),
                _ => Err(UNREACHABLE),
            }
        }
        fn consume(
            &mut self,
            claim: &Claim,
            policy: &AttestationPolicy,
            signatures: Vec<VerifierSignature>,
        ) -> Result<(), EscrowError> {
            let mut attestations: ink::contract_ref!(Attestations) = self.settings.attestations.into();
            match attestations.call_mut().consume(claim.clone(), policy.clone(), signatures).try_invoke() {
                Ok(Ok(answer)) => answer.map_err(EscrowError::Attestation),
                _ => Err(UNREACHABLE),
            }
        }
        fn stands(
            &self,
            claim: &Claim,
            verifiers: Vec<AccountId>,
            policy: &AttestationPolicy,
        ) -> Result<(), EscrowError> {
            let attestations: ink::contract_ref!(Attestations) = self.settings.attestations.into();
            match attestations.call().stands(claim.clone(), verifiers, policy.clone()).try_invoke() {
                Ok(Ok(answer)) => answer.map_err(EscrowError::Attestation),
                _ => Err(UNREACHABLE),
            }
        }

        fn ledger(&self) -> Ledger {
            self.ledger
        }
        fn set_ledger(&mut self, ledger: Ledger) {
            self.ledger = ledger;
        }
        fn head(&self, order: &OrderId) -> Option<Head> {
            self.heads.get(order)
        }
        fn set_head(&mut self, order: &OrderId, head: &Head) {
            self.heads.insert(order, head);
        }
        fn lines(&self, order: &OrderId) -> Vec<Line> {
            self.lines.get(order).unwrap_or_default()
        }
        fn set_lines(&mut self, order: &OrderId, lines: &Vec<Line>) {
            self.lines.insert(order, lines);
        }
        fn evidence(&self, order: &OrderId) -> Evidence {
            self.evidence.get(order).unwrap_or_else(Evidence::none)
        }
        fn set_evidence(&mut self, order: &OrderId, evidence: &Evidence) {
            self.evidence.insert(order, evidence);
        }
        fn erase(&mut self, order: &OrderId) {
            self.heads.remove(order);
            self.lines.remove(order);
            self.evidence.remove(order);
            self.erased.insert(order, &());
        }
        fn was_erased(&self, order: &OrderId) -> bool {
            self.erased.contains(order)
        }
        fn activity(&self, collection: CollectionId, account: AccountId) -> Activity {
            self.activity.get((collection, account)).unwrap_or_default()
        }
        fn set_activity(&mut self, collection: CollectionId, account: AccountId, activity: Activity) {
            if activity.stored == 0 {
                self.activity.remove((collection, account));
            } else {
                self.activity.insert((collection, account), &activity);
            }
        }
    }
}

#[cfg(test)]
mod tests;
