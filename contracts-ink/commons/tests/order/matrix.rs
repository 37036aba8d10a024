//! The revert matrix: every message in every state by every caller, against the hand-written `matrix.txt`.

use crate::{stage::*, world::*};
use keystrand_commons::{
    attestation::AttestationError,
    decision::Decision,
    order::{self, agreement::Parts, Agreement, EscrowError, LineShare, Packet, PacketHash, Signed, State},
    policy::{Direction, QueuedChange},
    signing, OrderId, Timestamp,
};
use std::collections::BTreeSet;

const TABLE: &str = include_str!("matrix.txt");
const REASON: [u8; 32] = [9; 32];
/// Past the longest chain of windows.
const LATE: u64 = 100_000;
const MONTH: u64 = 30 * 24 * 3_600_000;

const MESSAGES: [&str; 20] = [
    "clear",
    "refuse",
    "cancel",
    "attest",
    "invalidate",
    "release",
    "deliver",
    "expire",
    "abort",
    "accept",
    "reject",
    "finalize",
    "dispute",
    "answer",
    "concede",
    "rule",
    "arbitration_timeout",
    "settle_mutually",
    "withdraw",
    "forget",
];

struct Row {
    message: &'static str,
    condition: &'static str,
    callers: Vec<u8>,
    answers: Vec<&'static str>,
}

fn rows() -> Vec<Row> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            let mut words = line.split_whitespace();
            let mut word = || words.next().unwrap_or_else(|| panic!("a row is too short: {line}"));
            let (message, condition, callers) = (word(), word(), word());
            let callers = if callers == "ALL" { "BKCAD*" } else { callers };
            Row {
                message,
                condition,
                callers: callers.chars().map(caller).collect(),
                answers: words.collect(),
            }
        })
        .collect()
}

fn caller(letter: char) -> u8 {
    match letter {
        'B' => BUYER,
        'K' => CUSTODIAN,
        'C' => contributor(0),
        'A' => ARBITRATOR,
        'D' => MEMBERS[0],
        '*' => STRANGER,
        other => panic!("no caller {other}"),
    }
}

/// Brings the condition about.
fn arrange(world: &mut Maps, order: OrderId, message: &str, condition: &str) {
    let consent = |world: &mut Maps, number: u8, decision| {
        world.consents.get_mut(&dataset(number)).expect("a dataset").decision = decision
    };
    match condition {
        "denied" => world.policy = Decision::Deny(POLICY_DENIED),
        "line_denied" => consent(world, 1, Decision::Deny(DENIED)),
        "undecided" => consent(world, 1, Decision::Abstain(UNDECIDED)),
        "all_undecided" => LINES.iter().for_each(|line| consent(world, *line, Decision::Abstain(UNDECIDED))),
        "too_few" => LINES[..2].iter().for_each(|line| consent(world, *line, Decision::Deny(DENIED))),
        "fallen" => world.attestation = Err(AttestationError::MeasurementRevoked),
        "new_policy" => world.view.version = 2,
        "queued" => {
            world.view.queued = Some(QueuedChange {
                proposal: 1,
                version: 2,
                hash: [2; 32],
                direction: Direction::Wider,
                from: world.now,
                until: world.now + 1,
            })
        }
        "interested" => world.view.committee.members = vec![account(MEMBERS[0]), account(payee(2))],
        "unwilling" => {
            world.refuses.insert([CUSTODIAN; 32]);
        }
        "answered" if message == "answer" || message == "rule" || message == "accept" => answer(world, order),
        "too_high" | "none" | "twice" | "other_line" if message == "rule" => answer(world, order),
        "answered_late" => answer(world, order),
        "paid_out" | "month_later" => {
            for number in 0..=u8::MAX {
                let _ = world.call(STRANGER, 0, |world| order::withdraw(world, order, account(number)));
            }
        }
        _ => {}
    }
    match condition {
        "late" | "answered_late" => world.now += LATE,
        "month_later" => world.now += MONTH,
        _ => {}
    }
}

fn answer(world: &mut Maps, order: OrderId) {
    if world.heads[&order].state == State::Disputed {
        reply(world, order);
    }
}

/// Sends the message and answers the state that follows, or the refusal, as one word.
fn send(world: &mut Maps, order: OrderId, message: &str, condition: &str, from: u8) -> String {
    let now = world.now;
    let state = |result: Result<State, EscrowError>| word(&result);
    match message {
        "clear" | "refuse" => {
            let until = if condition == "stale" { now - 1 } else { now };
            let clear = message == "clear";
            let signatures = review(world, order, clear, until, condition);
            state(if clear {
                world.call(from, 0, |world| order::clear(world, order, REASON, until, &signatures))
            } else {
                world.call(from, 0, |world| order::refuse(world, order, REASON, until, &signatures))
            })
        }
        "cancel" => state(world.call(from, 0, |world| order::cancel(world, order))),
        "attest" => {
            let mut claim = Maps::claim(order, 2, now);
            if condition == "bad_suite" {
                claim.keys.suite = 2;
            }
            let mut named = claim.keys;
            if condition == "other_keys" {
                named.encryption = [0; 32];
            }
            let naming = sign(BUYER, &signing::enclave(&GENESIS, &account(ESCROW), &order, &named));
            let naming = matches!(condition, "named" | "other_keys").then_some(naming);
            let mut results = Maps::results();
            if condition == "nine_signed" {
                results = results.into_iter().cycle().take(9).collect();
            }
            state(world.call(from, 0, |world| order::attest(world, claim, results, naming)))
        }
        "invalidate" => state(world.call(from, 0, |world| order::invalidate(world, order))),
        "release" => {
            let hashes: Vec<PacketHash> = named(condition).into_iter().map(packet_hash).collect();
            state(world.call(from, 0, |world| order::release(world, order, &hashes)))
        }
        "deliver" => {
            let mut packets: Vec<Packet> = named(condition).into_iter().map(packet).collect();
            match condition {
                "one_byte" => packets[1].bytes[50] ^= 1,
                "truncated" => {
                    packets[1].bytes.pop();
                }
                _ => {}
            }
            state(world.call(from, 0, |world| order::deliver(world, order, packets)))
        }
        "expire" => state(world.call(from, 0, |world| order::expire(world, order))),
        "abort" => state(world.call(from, 0, |world| order::abort(world, order))),
        "accept" => {
            let receipt = match condition {
                "receipt" => Some(receipt(&world.lines[&order], order, &[])),
                "bad_receipt" => Some(receipt(&world.lines[&order], order, &[0])),
                _ => None,
            };
            state(world.call(from, 0, |world| order::accept(world, order, receipt)))
        }
        "reject" => {
            let (bad, said): (Vec<u8>, Vec<u8>) = match condition {
                "receipt" => (vec![], vec![]),
                "other_words" => (vec![0], vec![1]),
                "no_line" => (vec![3], vec![3]),
                _ => (vec![0], vec![0]),
            };
            let receipt = receipt(&world.lines[&order], order, &said);
            state(world.call(from, 0, |world| order::reject(world, order, &bad, receipt)))
        }
        "finalize" => state(world.call(from, 0, |world| order::finalize(world, order))),
        "dispute" | "answer" => {
            let lines = match condition {
                "twice" => vec![0, 0],
                "none" => vec![],
                "no_line" => vec![3],
                "other_line" => vec![1],
                _ => vec![0],
            };
            let paid = match condition {
                "no_bond" => 0,
                "too_much" => 2 * BOND,
                _ => BOND * lines.len() as u128,
            };
            state(world.call(from, paid, |world| {
                if message == "dispute" {
                    order::dispute(world, order, lines)
                } else {
                    order::answer(world, order, lines)
                }
            }))
        }
        "concede" => state(world.call(from, 0, |world| order::concede(world, order))),
        "rule" => {
            let share = |line, share| LineShare { line, share };
            let shares = match condition {
                "too_high" => vec![share(0, 10_001)],
                "none" => vec![],
                "twice" => vec![share(0, 1), share(0, 1)],
                "other_line" => vec![share(1, 1)],
                _ => vec![share(0, 6_000)],
            };
            state(world.call(from, 0, |world| order::rule(world, order, &shares)))
        }
        "arbitration_timeout" => state(world.call(from, 0, |world| order::arbitration_timeout(world, order))),
        "settle_mutually" => {
            let (agreement, signatures) = agree(order, now, condition);
            state(world.call(from, 0, |world| order::settle_mutually(world, order, agreement, &signatures)))
        }
        "withdraw" => {
            let to = match condition {
                "to_buyer" => BUYER,
                "to_payee_1" => payee(1),
                "to_stranger" => STRANGER,
                _ => CUSTODIAN,
            };
            match world.call(from, 0, |world| order::withdraw(world, order, account(to))) {
                Ok(_) => "paid".into(),
                Err(error) => name(&error),
            }
        }
        "forget" => match world.call(from, 0, |world| order::forget(world, order)) {
            Ok(()) => "forgotten".into(),
            Err(error) => name(&error),
        },
        other => panic!("no message {other}"),
    }
}

fn named(condition: &str) -> Vec<u8> {
    match condition {
        "one_left_out" => vec![0, 2],
        "two_left_out" => vec![2],
        "twice" => vec![0, 1, 1],
        "no_line" => vec![0, 1, 3],
        _ => LINES.to_vec(),
    }
}

fn review(world: &Maps, order: OrderId, clear: bool, until: Timestamp, condition: &str) -> Vec<Signed> {
    let said = if condition == "other_words" { !clear } else { clear };
    // The members sign the policy that they saw: version 1.
    let message = signing::review(&GENESIS, &account(ESCROW), &order, 1, said, &REASON, until);
    let signers = match condition {
        "one_short" => vec![MEMBERS[0]],
        "twice" => vec![MEMBERS[0], MEMBERS[0]],
        "outsider" => vec![MEMBERS[0], STRANGER],
        "interested" => vec![MEMBERS[0], payee(2)],
        _ => MEMBERS[..usize::from(world.view.committee.quorum)].to_vec(),
    };
    signers.into_iter().map(|signer| signed(signer, &message)).collect()
}

fn agree(order: OrderId, now: Timestamp, condition: &str) -> (Agreement, Vec<Signed>) {
    let agreement = Agreement {
        lines: match condition {
            "all_lines" => LINES.to_vec(),
            "none" => vec![],
            "twice" => vec![0, 0],
            _ => vec![0],
        },
        parts: if matches!(condition, "conceded" | "passed_off") { Parts::Custodian } else { Parts::All },
        share: if condition == "too_high" { 10_001 } else { 4_000 },
        deadline: if condition == "stale" { now - 1 } else { now },
    };
    let layout = if condition == "conceded" { signing::concession } else { signing::settlement };
    let message =
        layout(&GENESIS, &account(ESCROW), &order, &agreement.lines, agreement.share, agreement.deadline);
    let mut signers = vec![BUYER, CUSTODIAN, payee(0), payee(1), payee(2)];
    signers.retain(|signer| match condition {
        "no_payee" | "conceded" | "passed_off" => *signer < 100,
        "no_buyer" => *signer != BUYER,
        "no_custodian" => *signer != CUSTODIAN,
        _ => true,
    });
    (agreement, signers.into_iter().map(|signer| signed(signer, &message)).collect())
}

fn word(result: &Result<State, EscrowError>) -> String {
    match result {
        Ok(state) => format!("{state:?}"),
        Err(error) => name(error),
    }
}

/// A refusal's name without its fields.
fn name(error: &EscrowError) -> String {
    let debug = format!("{error:?}");
    debug.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

#[test]
fn every_message_answers_as_the_table_says_in_every_state_to_every_caller() {
    let mut wrong = Vec::new();
    let mut cells = 0;
    for row in rows() {
        assert_eq!(row.answers.len(), STATES.len(), "{} {}", row.message, row.condition);
        for (state, expected) in STATES.into_iter().zip(&row.answers) {
            for from in &row.callers {
                for paused in [false, true] {
                    let (mut world, order) = reach(state);
                    arrange(&mut world, order, row.message, row.condition);
                    let expected = if paused && matches!(row.message, "attest" | "release") {
                        "Paused"
                    } else {
                        expected
                    };
                    if paused {
                        order::pause(&mut world).expect("paused");
                    }
                    let before = world.clone();
                    let answer = send(&mut world, order, row.message, row.condition, *from);
                    if answer != expected {
                        wrong.push(format!(
                            "{} {} by {from} in {state:?} paused {paused}: {answer}, not {expected}",
                            row.message, row.condition
                        ));
                    }
                    if answer.parse_is_refusal() {
                        assert!(world == before, "a refused call changed something");
                    }
                    crate::invariants::hold(&world);
                    cells += 1;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{cells} cells");
}

trait Answer {
    fn parse_is_refusal(&self) -> bool;
}
impl Answer for String {
    fn parse_is_refusal(&self) -> bool {
        let states = STATES.map(|state| format!("{state:?}"));
        !states.contains(self) && self != "paid" && self != "forgotten"
    }
}

#[test]
fn the_table_covers_every_message_and_every_caller() {
    for message in MESSAGES {
        let callers: BTreeSet<u8> =
            rows().iter().filter(|row| row.message == message).flat_map(|row| row.callers.clone()).collect();
        assert_eq!(callers.len(), 6, "{message}");
    }
    assert!(rows().iter().all(|row| MESSAGES.contains(&row.message)));
}
