//! release and deliver. Release comes first because the bytes of a call are public even when it fails: a packet
//! must not be seen before its payment can no longer be taken back.

use super::{
    clock::{before, in_window, not_paused},
    error::EscrowError,
    event::Event,
    judge::{
        drop_lines, enough, enter, indexed, judge, known, line_at, must, refund_all, tell_credits,
        tell_dropped, Undecided,
    },
    state::{flag, Ending, Line, LineState, State},
    world::World,
};
use crate::{signing::blake2_256, Digest, OrderId};
use alloc::vec::Vec;

/// Length of a key packet of suite 1: a crypt4gh header packet that carries one data key.
pub const PACKET_LENGTH: usize = 108;

/// The custodian's commitment to a line's packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct PacketHash {
    pub line: u8,
    /// blake2_256 of the packet's bytes.
    pub hash: Digest,
}

/// A line's key packet, sealed to the order's enclave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Packet {
    pub line: u8,
    pub bytes: Vec<u8>,
}

/// Locks every line that is permitted now and has a packet hash; the others are refunded. A hash for a line that
/// is dropped in the same moment is ignored, since the custodian could not know.
pub fn release(world: &mut impl World, order: OrderId, packets: &[PacketHash]) -> Result<State, EscrowError> {
    not_paused(world)?;
    let mut head = known(world, &order)?;
    if world.caller() != head.custodian {
        return Err(EscrowError::NotCustodian);
    }
    must(head.state == State::Qualified, &head)?;
    before(world, head.deadline)?;
    let mut lines = world.lines(&order);
    let judged = judge(world, &head, &lines, Undecided::NeedsClearance)?;
    if let Some(denied) = judged.denied {
        return Ok(refund_all(world, order, head, lines, Ending::Aborted, Some(denied)));
    }
    let evidence = world.evidence(&order);
    world.stands(&evidence.claim(order), evidence.verifiers(), &judged.view.attestation)?;

    let unchanged = lines.clone();
    drop_lines(&mut lines, &judged.dropped);
    let mut named = [false; 256];
    for packet in packets {
        let line = line_at(&mut lines, packet.line)?;
        let seen =
            named.get_mut(usize::from(packet.line)).ok_or(EscrowError::UnknownLine { line: packet.line })?;
        if *seen {
            return Err(EscrowError::DuplicateLine { line: packet.line });
        }
        *seen = true;
        if line.state == LineState::Open {
            line.state = LineState::Locked;
            line.packet = packet.hash;
        }
    }
    for line in lines.iter_mut().filter(|line| line.state == LineState::Open) {
        line.refund(Ending::NotReleased);
    }
    let locked: Vec<u8> =
        indexed(&lines).filter(|(_, line)| line.state == LineState::Locked).map(|(index, _)| index).collect();
    enough(u8::try_from(locked.len()).unwrap_or(u8::MAX), judged.view.min_cohort)?;

    enter(world, &mut head, State::Releasing);
    head.min_cohort = judged.view.min_cohort;
    head.deadline = in_window(world, head.windows.release);
    world.set_head(&order, &head);
    world.set_lines(&order, &lines);
    tell_dropped(world, order, &lines, &judged.dropped);
    tell_left_out(world, order, &lines, Ending::NotReleased);
    tell_credits(world, order, &head, &unchanged, &lines);
    world.tell(Event::Released {
        order,
        buyer: head.buyer,
        collection: head.collection,
        deadline: world.ledger().block_time(head.deadline),
        lines: locked,
    });
    Ok(head.state)
}

/// Publishes the packets, once, inside the release window. A locked line whose packet is left out is refunded;
/// fewer packets than `min_cohort` are refused, since no enclave may compute on them: the window then refunds.
pub fn deliver(world: &mut impl World, order: OrderId, packets: Vec<Packet>) -> Result<State, EscrowError> {
    let mut head = known(world, &order)?;
    if world.caller() != head.custodian {
        return Err(EscrowError::NotCustodian);
    }
    must(head.state == State::Releasing, &head)?;
    before(world, head.deadline)?;
    let mut lines = world.lines(&order);
    let unchanged = lines.clone();
    for packet in &packets {
        let line = line_at(&mut lines, packet.line)?;
        match line.state {
            LineState::Locked => {}
            LineState::Delivered => return Err(EscrowError::DuplicateLine { line: packet.line }),
            state => return Err(EscrowError::WrongLineState { dataset: line.dataset, state }),
        }
        if packet.bytes.len() != PACKET_LENGTH || blake2_256(&packet.bytes) != line.packet {
            return Err(EscrowError::PacketMismatch { dataset: line.dataset });
        }
        line.state = LineState::Delivered;
        line.flags |= flag::DELIVERED;
    }
    enough(u8::try_from(packets.len()).unwrap_or(u8::MAX), head.min_cohort)?;
    for line in lines.iter_mut().filter(|line| line.state == LineState::Locked) {
        line.refund(Ending::NotDelivered);
    }
    enter(world, &mut head, State::Delivered);
    head.deadline = in_window(world, head.windows.dispute);
    world.set_head(&order, &head);
    world.set_lines(&order, &lines);
    tell_left_out(world, order, &lines, Ending::NotDelivered);
    tell_credits(world, order, &head, &unchanged, &lines);
    world.tell(Event::Delivered {
        order,
        buyer: head.buyer,
        collection: head.collection,
        deadline: world.ledger().block_time(head.deadline),
        packets,
    });
    Ok(head.state)
}

/// Tells of the lines that the custodian left out in this message (the only one that gives this ending).
fn tell_left_out(world: &mut impl World, order: OrderId, lines: &[Line], ending: Ending) {
    for (index, line) in indexed(lines).filter(|(_, line)| line.ending == ending) {
        world.tell(Event::LineDropped { order, dataset: line.dataset, line: index, ending, reason: None });
    }
}
