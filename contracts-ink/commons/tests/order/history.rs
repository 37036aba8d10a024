//! Histories for a chain: what the independent model expects of random calls, written as JSON lines that
//! `test/contracts/histories.test.ts` performs on the real contracts.
//!
//! `ORDER_HISTORY=FILE ORDER_SEED=N ORDER_HISTORY_STEPS=N cargo test -p keystrand-commons --test order history` writes
//! one; with `ORDER_TIME=0` no window is ever over, for a node whose clock cannot be moved.
//!
//! On a chain the other contracts are the real ones, so answers come from what can be sent to them: a consent is
//! amended to deny, a policy is replaced by one that denies. Every step is a block, a second after the last.

use crate::{
    chance::Chance,
    model::{Answer, Data, Key, Model, Outcome, Piece, Policy, Stage, Worth},
    world::*,
};
use std::{collections::BTreeMap, fmt::Write};

const TOKEN: u128 = 1_000_000_000_000;
const BUYERS: [u8; 2] = [BUYER, 13];
const DATASETS: u8 = 8;
const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const YEAR: u64 = 365 * 24 * HOUR;
/// Evidence that one order's cell holds.
const MOST_EVIDENCE: usize = 8;

struct Chain {
    model: Model,
    chance: Chance,
    timed: bool,
    nonce: u8,
    evidence: u8,
    steps: u64,
    lines: String,
    accepted: BTreeMap<&'static str, u64>,
}

impl Chain {
    fn new(seed: u64, timed: bool) -> Self {
        let data = (0..DATASETS)
            .map(|number| {
                let data = Data {
                    answer: Answer::Approve,
                    version: 1,
                    price: 10 * TOKEN,
                    custodian: CUSTODIAN,
                    payee: payee(number),
                    contributor: contributor(number),
                };
                (number, data)
            })
            .collect();
        let windows =
            if timed { [120, 40, 40, 30, 30].map(|seconds: u64| seconds * SECOND) } else { [YEAR / 2; 5] };
        let model = Model {
            now: 0,
            pauses: Vec::new(),
            policy_answer: Answer::Approve,
            policy: Policy {
                version: 1,
                min_cohort: 2,
                split: [8_000, 1_000, 1_000],
                windows,
                bond: TOKEN,
                arbitrator: ARBITRATOR,
                treasury: TREASURY,
                committee: MEMBERS.to_vec(),
                quorum: 2,
            },
            queued: None,
            data,
            attestation_stands: true,
            unwilling: Default::default(),
            deals: BTreeMap::new(),
            forgotten: Default::default(),
            evidence_used: Default::default(),
            balance: 0,
            least: 0,
        };
        let lines = format!("{{\"seed\":{seed},\"timed\":{timed},\"windows\":{windows:?}}}\n");
        Self {
            model,
            chance: Chance::new(seed),
            timed,
            nonce: 0,
            evidence: 0,
            steps: 0,
            lines,
            accepted: BTreeMap::new(),
        }
    }

    fn step(&mut self) {
        self.model.now += SECOND;
        if self.chance.percent(13) {
            self.change_world();
        } else if self.model.deals.len() < 3 || self.chance.percent(8) {
            self.create();
        } else {
            self.message();
        }
    }

    /// Writes what was done and what the model holds of it.
    fn tell(&mut self, name: &'static str, details: &str, key: Option<Key>, outcome: Outcome) {
        self.steps += 1;
        if outcome.is_ok() {
            *self.accepted.entry(name).or_default() += 1;
        }
        let line = &mut self.lines;
        let mut write = |text: std::fmt::Arguments| line.write_fmt(text).expect("a string grows");
        write(format_args!("{{\"do\":\"{name}\",\"now\":{},\"ok\":{}", self.model.now, outcome.is_ok()));
        write(format_args!(
            "{details},\"held\":\"{}\",\"balance\":\"{}\"",
            self.model.held(),
            self.model.balance
        ));
        if let Some((buyer, nonce)) = key {
            write(format_args!(",\"order\":[{buyer},{nonce}]"));
            if let Some(deal) = self.model.deals.get(&(buyer, nonce)) {
                let pieces: Vec<String> =
                    deal.items.iter().map(|item| format!("\"{:?}\"", item.piece)).collect();
                write(format_args!(",\"state\":\"{:?}\",\"pieces\":[{}]", deal.stage, pieces.join(",")));
                let mut owed: BTreeMap<u8, u128> = BTreeMap::new();
                for (who, amount) in deal.items.iter().flat_map(|item| &item.claims) {
                    *owed.entry(*who).or_default() += amount;
                }
                let owed: Vec<String> =
                    owed.iter().map(|(who, amount)| format!("\"{who}\":\"{amount}\"")).collect();
                write(format_args!(",\"owed\":{{{}}}", owed.join(",")));
            }
        }
        write(format_args!("}}\n"));
    }

    fn change_world(&mut self) {
        let number = self.chance.byte_below(DATASETS);
        match self.chance.below(12) {
            0..=2 if self.timed => {
                // Windows are tens of seconds; a pause is days.
                let most = if self.chance.percent(6) { 200 * HOUR } else { 20 * SECOND };
                self.model.now += self.chance.below(most / SECOND) * SECOND;
                self.tell("time", "", None, Ok(()));
            }
            0..=5 => {
                let answer = self.answer();
                let price = self.chance.pick(&[0, TOKEN, 10 * TOKEN, 12_345_678_901_234]);
                let data = self.model.data.get_mut(&number).expect("known");
                (data.answer, data.price) = (answer, price);
                data.version += 1;
                let details =
                    format!(",\"dataset\":{number},\"answer\":\"{answer:?}\",\"price\":\"{price}\"");
                self.tell("amend", &details, None, Ok(()));
            }
            6 => {
                let custodian = self.chance.pick(&[CUSTODIAN, CUSTODIAN, 14]);
                let data = self.model.data.get_mut(&number).expect("known");
                data.custodian = custodian;
                data.version += 1;
                self.tell("move", &format!(",\"dataset\":{number},\"custodian\":{custodian}"), None, Ok(()));
            }
            7 => self.change_policy(),
            8 => {
                let queued = self.chance.pick(&[None, None, None, Some(true), Some(false)]);
                if queued.is_some() || self.model.queued.is_some() {
                    self.model.queued = queued;
                    let widens = queued.map_or("null".into(), |widens| widens.to_string());
                    self.tell("queue", &format!(",\"widens\":{widens}"), None, Ok(()));
                }
            }
            9 => {
                let stands = self.chance.percent(75);
                if stands != self.model.attestation_stands {
                    self.model.attestation_stands = stands;
                    self.tell("attestation", &format!(",\"stands\":{stands}"), None, Ok(()));
                }
            }
            10 => {
                let (name, outcome) = if !self.model.is_paused() && self.chance.percent(30) {
                    ("pause", self.model.pause())
                } else {
                    ("resume", self.model.resume())
                };
                self.tell(name, "", None, outcome);
            }
            _ => {
                // Anyone can send the escrow money that is nobody's.
                self.model.balance += TOKEN;
                self.tell("donate", &format!(",\"amount\":\"{TOKEN}\""), None, Ok(()));
            }
        }
    }

    fn answer(&mut self) -> Answer {
        if self.chance.percent(88) {
            Answer::Approve
        } else {
            Answer::Deny
        }
    }

    fn change_policy(&mut self) {
        let answer = if self.chance.percent(90) { Answer::Approve } else { Answer::Deny };
        let split = self.chance.pick(&[
            [8_000, 1_000, 1_000],
            [10_000, 0, 0],
            [3_333, 3_333, 3_334],
            [9_500, 500, 0],
        ]);
        let min_cohort = 1 + self.chance.byte_below(3);
        let bond = self.chance.pick(&[0, TOKEN, 777_777_777_777]);
        // A custodian or a buyer may be treasury or arbitrator at once.
        let treasury = self.chance.pick(&[TREASURY, TREASURY, CUSTODIAN, BUYER]);
        let arbitrator = self.chance.pick(&[ARBITRATOR, ARBITRATOR, CUSTODIAN]);
        self.model.policy_answer = answer;
        // A policy that is set takes back what was announced.
        self.model.queued = None;
        let policy = &mut self.model.policy;
        policy.version += 1;
        policy.min_cohort = usize::from(min_cohort);
        (policy.split, policy.bond) = (split, bond);
        (policy.treasury, policy.arbitrator) = (treasury, arbitrator);
        let details = format!(
            ",\"answer\":\"{answer:?}\",\"split\":{split:?},\"cohort\":{min_cohort},\"bond\":\"{bond}\",\
             \"treasury\":{treasury},\"arbitrator\":{arbitrator}"
        );
        self.tell("policy", &details, None, Ok(()));
    }

    fn create(&mut self) {
        let buyer = self.chance.pick(&BUYERS);
        let fresh = self.chance.percent(95);
        if fresh {
            self.nonce = self.nonce.wrapping_add(1);
        }
        let key = (buyer, self.nonce);
        let custodian = if self.chance.percent(90) { CUSTODIAN } else { 14 };
        let mut datasets = Vec::new();
        for _ in 0..=self.chance.below(4) {
            let next = self.chance.byte_below(DATASETS);
            let strange = self.chance.percent(2);
            if strange {
                datasets.push(self.chance.pick(&[next, DATASETS + 1]));
            } else if !datasets.contains(&next) && self.model.data[&next].custodian == custodian {
                datasets.push(next);
            }
        }
        let policy = self.model.policy.version - u32::from(self.chance.percent(3));
        let mut seen: Vec<u32> = datasets
            .iter()
            .map(|number| self.model.data.get(number).map_or(0, |data| data.version))
            .collect();
        if let (true, Some(first)) = (self.chance.percent(3), seen.first_mut()) {
            *first += 1;
        }
        let total: u128 =
            datasets.iter().filter_map(|number| self.model.data.get(number)).map(|data| data.price).sum();
        let paid = if self.chance.percent(96) { total } else { total + 1 };
        let outcome = self.model.create(key, custodian, &datasets, policy, &seen, paid);
        let details = format!(
            ",\"by\":{buyer},\"custodian\":{custodian},\"datasets\":{datasets:?},\"policy\":{policy},\
             \"versions\":{seen:?},\"paid\":\"{paid}\""
        );
        self.tell("create", &details, Some(key), outcome);
    }

    fn party(&mut self, party: u8) -> u8 {
        if self.chance.percent(85) {
            party
        } else {
            self.chance.pick(&[BUYER, 13, CUSTODIAN, 14, ARBITRATOR, STRANGER, contributor(0)])
        }
    }

    /// Some of the lines; now and then one twice or one that does not exist.
    fn some(&mut self, from: &[u8], percent: u64, count: u8) -> Vec<u8> {
        let mut lines = self.chance.some(from, percent);
        if self.chance.percent(4) {
            lines.push(self.chance.byte_below(count + 1));
        }
        lines
    }

    fn worth(&mut self) -> Worth {
        if self.chance.percent(88) {
            Worth::Good
        } else {
            Worth::Bad
        }
    }

    /// A message that fits the order's state more often than not, from a party more often than not.
    fn message(&mut self) {
        let keys: Vec<Key> = self.model.deals.keys().copied().collect();
        let key = self.chance.pick(&keys);
        let fitting: &[&'static str] = match self.model.deals[&key].stage {
            Stage::Funded => &["attest", "attest", "attest", "attest", "cancel", "expire", "abort"],
            Stage::Qualified => &["release", "release", "release", "invalidate", "cancel", "expire", "abort"],
            Stage::Releasing => &["deliver", "deliver", "deliver", "expire"],
            Stage::Delivered => &["accept", "reject", "finalize", "dispute", "dispute", "settle"],
            Stage::Disputed => {
                &["answer", "answer", "concede", "rule", "rule", "timeout", "settle", "accept", "withdraw"]
            }
            _ => &["withdraw", "withdraw", "withdraw", "forget"],
        };
        let all = [
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
            "timeout",
            "settle",
            "withdraw",
            "forget",
        ];
        let name = if self.chance.percent(85) { self.chance.pick(fitting) } else { self.chance.pick(&all) };
        self.send(name, key);
    }

    fn send(&mut self, name: &'static str, key: Key) {
        let deal = self.model.deals[&key].clone();
        let count = deal.items.len() as u8;
        let all: Vec<u8> = (0..count).collect();
        let of_piece = |piece: Piece| -> Vec<u8> {
            all.iter().copied().filter(|line| deal.items[usize::from(*line)].piece == piece).collect()
        };
        let (details, outcome) = match name {
            "cancel" => {
                let by = self.party(deal.buyer);
                (format!(",\"by\":{by}"), self.model.cancel(key, by))
            }
            "attest" => {
                let by = self.party(deal.buyer);
                let used = self.model.evidence_used.iter().filter(|(order, _)| *order == key).count();
                // A cell that is full is a rule of attestations, not of the escrow.
                let fresh = self.chance.percent(90);
                if fresh && used < MOST_EVIDENCE {
                    self.evidence = self.evidence.wrapping_add(1);
                }
                let evidence = self.evidence;
                let named = self.chance.pick(&[None, Some(Worth::Good), Some(Worth::Bad)]);
                let told = named.map_or("null".into(), |worth| format!("\"{worth:?}\""));
                let details = format!(",\"by\":{by},\"evidence\":{evidence},\"named\":{told}");
                (details, self.model.attest(key, by, named, evidence))
            }
            "invalidate" => (String::new(), self.model.invalidate(key)),
            "release" => {
                let by = self.party(deal.custodian);
                let named = self.some(&all, 92, count);
                (format!(",\"by\":{by},\"lines\":{named:?}"), self.model.release(key, by, &named))
            }
            "deliver" => {
                let by = self.party(deal.custodian);
                let named = self.some(&of_piece(Piece::Locked), 92, count);
                let worth = if named.is_empty() { Worth::Good } else { self.worth() };
                let details = format!(",\"by\":{by},\"lines\":{named:?},\"worth\":\"{worth:?}\"");
                (details, self.model.deliver(key, by, &named, worth))
            }
            "expire" => (String::new(), self.model.expire(key)),
            "abort" => (String::new(), self.model.abort(key)),
            "accept" => {
                let by = self.party(deal.buyer);
                let receipt = self.chance.pick(&[None, None, Some(Worth::Good), Some(Worth::Bad)]);
                let told = receipt.map_or("null".into(), |worth| format!("\"{worth:?}\""));
                (format!(",\"by\":{by},\"receipt\":{told}"), self.model.accept(key, by, receipt))
            }
            "reject" => {
                let bad = self.some(&of_piece(Piece::Delivered), 40, count);
                let worth = self.worth();
                (format!(",\"lines\":{bad:?},\"worth\":\"{worth:?}\""), self.model.reject(key, &bad, worth))
            }
            "finalize" => (String::new(), self.model.finalize(key)),
            "dispute" => {
                let by = self.party(deal.buyer);
                let named = self.some(&of_piece(Piece::Delivered), 60, count);
                let paid = deal.policy.bond * named.len() as u128 + u128::from(self.chance.percent(5));
                let details = format!(",\"by\":{by},\"lines\":{named:?},\"paid\":\"{paid}\"");
                (details, self.model.dispute(key, by, &named, paid))
            }
            "answer" => {
                let named = self.some(&of_piece(Piece::Disputed), 60, count);
                let one = named.first().map_or(0, |line| usize::from(*line).min(deal.items.len() - 1));
                let party = self.chance.pick(&[deal.custodian, deal.items[one].contributor]);
                let by = self.party(party);
                let paid = deal.policy.bond * named.len() as u128 + u128::from(self.chance.percent(5));
                let details = format!(",\"by\":{by},\"lines\":{named:?},\"paid\":\"{paid}\"");
                (details, self.model.answer(key, by, &named, paid))
            }
            "concede" => (String::new(), self.model.concede(key)),
            "rule" => {
                let by = self.party(deal.policy.arbitrator);
                let mut named = of_piece(Piece::Disputed);
                if self.chance.percent(50) {
                    named.retain(|line| deal.items[usize::from(*line)].answered_by.is_some());
                }
                let named = self.some(&named, 97, count);
                let shares: Vec<(u8, u16)> = named
                    .iter()
                    .map(|line| {
                        (*line, self.chance.pick(&[0, 1, 4_999, 5_000, 5_001, 7_777, 10_000, 10_001]))
                    })
                    .collect();
                let told: Vec<[u16; 2]> =
                    shares.iter().map(|(line, share)| [u16::from(*line), *share]).collect();
                (format!(",\"by\":{by},\"shares\":{told:?}"), self.model.rule(key, by, &shares))
            }
            "timeout" => (String::new(), self.model.arbitration_timeout(key)),
            "settle" => {
                let mut open = of_piece(Piece::Delivered);
                open.extend(of_piece(Piece::Disputed));
                let named = self.some(&open, 60, count);
                let concession = self.chance.percent(40);
                let share = self.chance.pick(&[0, 1, 3_333, 5_000, 9_999, 10_000, 10_001]);
                let in_time = self.chance.percent(92);
                let until = if in_time { self.model.now } else { self.model.now - 1 };
                let mut signers = vec![deal.buyer, deal.custodian];
                signers.extend(deal.items.iter().map(|item| item.payee));
                if self.chance.percent(20) {
                    let missing = self.chance.below(signers.len() as u64) as usize;
                    signers.remove(missing);
                }
                let details = format!(
                    ",\"lines\":{named:?},\"concession\":{concession},\"share\":{share},\
                     \"inTime\":{in_time},\"signers\":{signers:?}"
                );
                (details, self.model.settle_mutually(key, &named, concession, share, until, &signers))
            }
            "withdraw" => {
                let everyone: Vec<u8> = BUYERS
                    .into_iter()
                    .chain([CUSTODIAN, 14, TREASURY, STRANGER])
                    .chain((0..DATASETS).flat_map(|number| [payee(number), contributor(number)]))
                    .collect();
                let owed: Vec<u8> =
                    everyone.iter().copied().filter(|who| self.model.owed(key, *who) > 0).collect();
                let to = if owed.is_empty() || self.chance.percent(10) {
                    self.chance.pick(&everyone)
                } else {
                    self.chance.pick(&owed)
                };
                (format!(",\"to\":{to}"), self.model.withdraw(key, to))
            }
            "forget" => {
                let by = self.party(deal.buyer);
                (format!(",\"by\":{by}"), self.model.forget(key, by))
            }
            other => panic!("no message {other}"),
        };
        self.tell(name, &details, Some(key), outcome);
    }
}

#[test]
fn a_history_for_the_chain_gets_every_message_through() {
    let number =
        |name, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let steps = number("ORDER_HISTORY_STEPS", 3_000);
    let (seed, timed) = (number("ORDER_SEED", 1), number("ORDER_TIME", 1) == 1);
    let mut chain = Chain::new(seed, timed);
    while chain.steps < steps {
        chain.step();
    }
    println!("seed {seed}, {steps} steps: {:?}", chain.accepted);
    if timed && seed == 1 && steps >= 3_000 {
        assert_eq!(chain.accepted.len(), 28, "some call is never accepted: {:?}", chain.accepted);
    }
    if let Ok(file) = std::env::var("ORDER_HISTORY") {
        std::fs::write(file, chain.lines).expect("the file can be written");
    }
}
