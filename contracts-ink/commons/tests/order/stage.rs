//! Orders brought to each state by the messages that lead there.

use crate::world::*;
use keystrand_commons::{
    order::{self, EscrowError, LineShare, Packet, PacketHash, Receipt, State},
    order::{flag, Line},
    signing::{self, ReceiptLine},
    Digest, OrderId,
};

/// Datasets of the order that `reach` makes.
pub const LINES: [u8; 3] = [0, 1, 2];
pub const BOND: u128 = 50;

pub const STATES: [State; 9] = [
    State::UnderReview,
    State::Funded,
    State::Qualified,
    State::Releasing,
    State::Delivered,
    State::Disputed,
    State::Settled,
    State::Resolved,
    State::Refunded,
];

/// The packet of a line, as an enclave's custodian would seal it.
pub fn packet(line: u8) -> Packet {
    Packet { line, bytes: vec![line; 108] }
}

pub fn packet_hash(line: u8) -> PacketHash {
    thread_local!(static KNOWN: [Digest; 8] =
        std::array::from_fn(|line| signing::blake2_256(&packet(line as u8).bytes)));
    let hash = KNOWN.with(|known| known.get(usize::from(line)).copied());
    PacketHash { line, hash: hash.unwrap_or_else(|| signing::blake2_256(&packet(line).bytes)) }
}

pub fn create(world: &mut Maps, nonce: u8, datasets: &[u8]) -> Result<OrderId, EscrowError> {
    let request = world.request(nonce, datasets);
    let total = order::quote(world, account(BUYER), &request)?.total;
    world.call(BUYER, total, |world| order::create(world, request))
}

pub fn attest(world: &mut Maps, order: OrderId, evidence: u8) -> Result<State, EscrowError> {
    let claim = Maps::claim(order, evidence, world.now);
    world.call(BUYER, 0, |world| order::attest(world, claim, Maps::results(), None))
}

pub fn release(world: &mut Maps, order: OrderId, lines: &[u8]) -> Result<State, EscrowError> {
    let hashes: Vec<PacketHash> = lines.iter().map(|line| packet_hash(*line)).collect();
    world.call(CUSTODIAN, 0, |world| order::release(world, order, &hashes))
}

pub fn deliver(world: &mut Maps, order: OrderId, lines: &[u8]) -> Result<State, EscrowError> {
    let packets: Vec<Packet> = lines.iter().map(|line| packet(*line)).collect();
    world.call(CUSTODIAN, 0, |world| order::deliver(world, order, packets))
}

/// The enclave's receipt over what was delivered.
pub fn receipt(lines: &[Line], order: OrderId, bad: &[u8]) -> Receipt {
    let output: Digest = [0xaa; 32];
    let covered: Vec<ReceiptLine> = (0u8..)
        .zip(lines)
        .filter(|(_, line)| line.has(flag::DELIVERED))
        .map(|(index, line)| ReceiptLine {
            dataset: line.dataset,
            root: line.root,
            key_commitment: line.key_commitment,
            packet: line.packet,
            good: !bad.contains(&index),
        })
        .collect();
    let message = signing::receipt(&GENESIS, &account(ESCROW), &order, 1, &covered, &output);
    Receipt { output, signature: sign(ENCLAVE, &message) }
}

/// A fresh world with one order of three lines in this state.
pub fn reach(state: State) -> (Maps, OrderId) {
    let mut world = Maps::new(4);
    if state == State::UnderReview {
        world.consents.get_mut(&dataset(0)).expect("a dataset").decision =
            keystrand_commons::decision::Decision::Abstain(UNDECIDED);
    }
    let order = create(&mut world, 1, &LINES).expect("created");
    let steps: &[fn(&mut Maps, OrderId)] = match state {
        State::UnderReview | State::Funded => &[],
        State::Qualified => &[qualify],
        State::Releasing => &[qualify, lock],
        State::Delivered => &[qualify, lock, hand_out],
        State::Disputed => &[qualify, lock, hand_out, quarrel],
        State::Settled => &[qualify, lock, hand_out, accept],
        State::Resolved => &[qualify, lock, hand_out, quarrel, reply, decide],
        State::Refunded => &[cancel],
    };
    for step in steps {
        step(&mut world, order);
    }
    assert_eq!(world.heads[&order].state, state);
    (world, order)
}

fn qualify(world: &mut Maps, order: OrderId) {
    attest(world, order, 1).expect("attested");
}
fn lock(world: &mut Maps, order: OrderId) {
    release(world, order, &LINES).expect("released");
}
fn hand_out(world: &mut Maps, order: OrderId) {
    deliver(world, order, &LINES).expect("delivered");
}
fn quarrel(world: &mut Maps, order: OrderId) {
    world.call(BUYER, BOND, |world| order::dispute(world, order, vec![0])).expect("disputed");
}
pub fn reply(world: &mut Maps, order: OrderId) {
    world.call(CUSTODIAN, BOND, |world| order::answer(world, order, vec![0])).expect("answered");
}
fn decide(world: &mut Maps, order: OrderId) {
    let shares = [LineShare { line: 0, share: 6_000 }];
    world.call(ARBITRATOR, 0, |world| order::rule(world, order, &shares)).expect("ruled");
}
fn accept(world: &mut Maps, order: OrderId) {
    world.call(BUYER, 0, |world| order::accept(world, order, None)).expect("accepted");
}
fn cancel(world: &mut Maps, order: OrderId) {
    world.call(BUYER, 0, |world| order::cancel(world, order)).expect("cancelled");
}
