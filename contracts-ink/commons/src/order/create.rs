//! quote and create: one assessment, with and without sending.

use super::{
    clock::{in_window, not_paused},
    error::EscrowError,
    event::{CreatedLine, Event},
    judge::enough,
    money::{is_whole, Parts},
    state::{Ending, Evidence, Head, Line, LineState, State},
    world::World,
};
use crate::{
    decision::Decision,
    interface::{AskError, Permits},
    policy::Direction,
    signing,
    terms::{Purpose, MAX_PURPOSE_DISEASES},
    AccountId, Balance, CollectionId, DatasetId, Digest, OrderId, Timestamp, MAX_LINES,
};
use alloc::vec::Vec;

/// A dataset that the buyer wants, with the consent version that they saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct RequestedLine {
    pub dataset: DatasetId,
    pub consent_version: u32,
}

/// What a buyer asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Request {
    pub collection: CollectionId,
    pub custodian: AccountId,
    /// 1 to 64, no dataset twice.
    pub lines: Vec<RequestedLine>,
    pub purpose: Purpose,
    /// The policy that the buyer saw.
    pub policy_version: u32,
    pub policy_hash: Digest,
    /// The buyer's crypt4gh public key (X25519): the output is sealed to it.
    pub reader_key: [u8; 32],
    /// Shared by the orders of one cohort.
    pub job: Digest,
    /// Random; gives the order its id (`signing::order_id`).
    pub nonce: Digest,
}

/// What the rules say of one line, and what it would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct LineVerdict {
    pub dataset: DatasetId,
    /// Policy and consent together: the rule, and whose it is.
    pub decision: Decision,
    /// The consent's present version; 0 for an unknown dataset.
    pub consent_version: u32,
    pub price: Balance,
    pub contributor: Balance,
    pub custodian: Balance,
    pub treasury: Balance,
}

/// What create would answer now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Quote {
    pub order: OrderId,
    /// What must be paid: the sum of the prices of the lines that are not denied.
    pub total: Balance,
    /// Funded, or UnderReview where people must decide.
    pub state: State,
    pub policy_version: u32,
    pub policy_hash: Digest,
    pub min_cohort: u8,
    /// Lines that are not denied.
    pub live: u8,
    /// Why create would refuse; `None` if it would not.
    pub refusal: Option<EscrowError>,
    pub lines: Vec<LineVerdict>,
    /// Block time, ms: end of the window for release if it were created now.
    pub deadline: Timestamp,
}

/// What `create` would say to this buyer, line by line, without sending anything.
pub fn quote(world: &impl World, buyer: AccountId, request: &Request) -> Result<Quote, EscrowError> {
    assess(world, buyer, request).map(|(quote, _)| quote)
}

/// Opens an order; the payment is exactly the sum of its lines' prices.
pub fn create(world: &mut impl World, request: Request) -> Result<OrderId, EscrowError> {
    let buyer = world.caller();
    let (quote, permits) = assess(world, buyer, &request)?;
    if let Some(refusal) = quote.refusal {
        return Err(refusal);
    }
    if world.paid() != quote.total {
        return Err(EscrowError::WrongPayment { expected: quote.total });
    }
    let order = quote.order;
    let view = permits.view;
    let head = Head {
        buyer,
        custodian: request.custodian,
        collection: request.collection,
        state: quote.state,
        policy_version: view.version,
        policy_hash: view.hash,
        cleared_version: 0,
        min_cohort: view.min_cohort,
        created_at: world.now(),
        deadline: in_window(world, view.windows.fulfil),
        ended_at: 0,
        split: view.split,
        windows: view.windows,
        bond: view.bond,
        arbitrator: view.arbitrator,
        treasury: view.treasury,
        reader_key: request.reader_key,
        job: request.job,
        purpose: request.purpose,
    };
    let lines: Vec<Line> = request
        .lines
        .iter()
        .zip(permits.lines)
        .map(|(asked, facts)| Line {
            dataset: asked.dataset,
            consent_version: facts.version,
            price: facts.price,
            payee: facts.payee,
            contributor: facts.contributor,
            root: facts.root,
            key_commitment: facts.key_commitment,
            packet: [0; 32],
            state: LineState::Open,
            ending: Ending::None,
            flags: 0,
            share: 0,
            withdrawn: 0,
        })
        .collect();

    let mut ledger = world.ledger();
    ledger.held = ledger.held.saturating_add(quote.total);
    world.set_ledger(ledger);
    let mut activity = world.activity(head.collection, buyer);
    activity.stored = activity.stored.saturating_add(1);
    world.set_activity(head.collection, buyer, activity);
    world.set_head(&order, &head);
    world.set_lines(&order, &lines);
    world.set_evidence(&order, &Evidence::none());
    world.reserve_evidence(&order)?;
    world.tell(Event::Created {
        order,
        buyer,
        collection: head.collection,
        custodian: head.custodian,
        state: head.state,
        policy_version: head.policy_version,
        job: head.job,
        reader_key: head.reader_key,
        deadline: quote.deadline,
        total: quote.total,
        purpose: head.purpose,
        lines: lines
            .iter()
            .map(|line| CreatedLine {
                dataset: line.dataset,
                consent_version: line.consent_version,
                price: line.price,
                payee: line.payee,
            })
            .collect(),
    });
    Ok(order)
}

/// The one assessment behind quote and create. Errors are requests that have no line by line answer.
fn assess(world: &impl World, buyer: AccountId, request: &Request) -> Result<(Quote, Permits), EscrowError> {
    well_formed(request)?;
    let datasets: Vec<DatasetId> = request.lines.iter().map(|line| line.dataset).collect();
    let permits =
        world.permits(request.collection, Some(request.custodian), datasets, &request.purpose, buyer)?;
    if permits.lines.len() != request.lines.len() {
        return Err(EscrowError::Ask(AskError::Unreachable));
    }
    let order = signing::order_id(&world.genesis(), &world.escrow(), &buyer, &request.nonce);
    let deadline = world.ledger().block_time(in_window(world, permits.view.windows.fulfil));
    let mut quote = Quote {
        order,
        total: 0,
        state: State::Funded,
        policy_version: permits.view.version,
        policy_hash: permits.view.hash,
        min_cohort: permits.view.min_cohort,
        live: 0,
        refusal: None,
        lines: Vec::with_capacity(request.lines.len()),
        deadline,
    };
    for (asked, facts) in request.lines.iter().zip(&permits.lines) {
        let decision = permits.policy.and(facts.decision);
        if !matches!(decision, Decision::Deny(_)) {
            quote.live = quote.live.saturating_add(1);
            // Saturating: nobody can pay more than there is, so a sum that large is refused as payment.
            quote.total = quote.total.saturating_add(facts.price);
        }
        if matches!(decision, Decision::Abstain(_)) {
            quote.state = State::UnderReview;
        }
        let parts = Parts::of(facts.price, &permits.view.split);
        quote.lines.push(LineVerdict {
            dataset: asked.dataset,
            decision,
            consent_version: facts.version,
            price: facts.price,
            contributor: parts.contributor,
            custodian: parts.custodian,
            treasury: parts.treasury,
        });
    }
    quote.refusal = refusal(world, request, &permits, &quote).err();
    Ok((quote, permits))
}

/// The first rule that create would refuse by: of the moment, of the collection, of a line, of the whole.
fn refusal(
    world: &impl World,
    request: &Request,
    permits: &Permits,
    quote: &Quote,
) -> Result<(), EscrowError> {
    not_paused(world)?;
    if world.head(&quote.order).is_some() || world.was_erased(&quote.order) {
        return Err(EscrowError::OrderExists);
    }
    let view = &permits.view;
    if !is_whole(&view.split) {
        return Err(EscrowError::Malformed);
    }
    if let Decision::Deny(reason) = permits.policy {
        return Err(EscrowError::PolicyDenied { reason });
    }
    if view.version != request.policy_version || view.hash != request.policy_hash {
        return Err(EscrowError::PolicyChanged { version: view.version });
    }
    widening_queued(view)?;
    for ((asked, facts), verdict) in request.lines.iter().zip(&permits.lines).zip(&quote.lines) {
        let dataset = asked.dataset;
        if let Decision::Deny(reason) = verdict.decision {
            return Err(EscrowError::LineDenied { dataset, reason });
        }
        if facts.version != asked.consent_version {
            return Err(EscrowError::ConsentChanged { dataset, version: facts.version });
        }
        let parts = Parts::of(facts.price, &view.split);
        if !parts.reach(world.existential_deposit(), &view.split, facts.price) {
            return Err(EscrowError::ShareBelowExistentialDeposit { dataset });
        }
    }
    enough(quote.live, view.min_cohort)?;
    if quote.state == State::UnderReview && view.committee.quorum == 0 {
        return Err(EscrowError::NoCommittee);
    }
    Ok(())
}

/// New permission waits while a change is queued that may admit more: whoever consented or voted for the
/// present policy has not yet had the time that the delay gives them.
pub(super) fn widening_queued(view: &crate::policy::PolicyView) -> Result<(), EscrowError> {
    match view.queued {
        Some(change) if matches!(change.direction, Direction::Wider | Direction::Mixed) => {
            Err(EscrowError::WideningQueued { proposal: change.proposal, until: change.until })
        }
        _ => Ok(()),
    }
}

fn well_formed(request: &Request) -> Result<(), EscrowError> {
    if request.lines.is_empty() {
        return Err(EscrowError::NoLines);
    }
    if request.lines.len() > MAX_LINES {
        return Err(EscrowError::TooManyLines);
    }
    if request.purpose.diseases.len() > MAX_PURPOSE_DISEASES {
        return Err(EscrowError::Malformed);
    }
    if request.reader_key == [0; 32] {
        return Err(EscrowError::BadReaderKey);
    }
    let mut datasets: Vec<DatasetId> = request.lines.iter().map(|line| line.dataset).collect();
    datasets.sort_unstable();
    match datasets.windows(2).find(|pair| pair.first() == pair.last()) {
        Some([dataset, ..]) => Err(EscrowError::DuplicateDataset { dataset: *dataset }),
        _ => Ok(()),
    }
}
