//! Random histories of orders: the rules and the independent model must agree after every step, and money must
//! be whole. Steps and seed: `ORDER_STEPS`, `ORDER_SEED`; both are printed.

use crate::{
    chance::Chance,
    invariants,
    model::{Answer, Data, Key, Model, Outcome, Piece, Policy, Stage, Worth},
    stage::{packet, packet_hash, receipt},
    world::*,
};
use keystrand_commons::{
    attestation::AttestationError,
    decision::Decision,
    order::{
        self,
        agreement::Parts,
        money::{dues, open_due, Role},
        Agreement, EscrowError, LineShare, LineState, Packet, PacketHash, Receipt, Request, RequestedLine,
        Signed, State,
    },
    policy::{Committee, Direction, QueuedChange, Split, Windows},
    signing, AccountId, OrderId,
};
use std::collections::BTreeMap;

const DEFAULT_STEPS: u64 = 100_000;
/// Steps after which everything is brought to its end and a new history begins.
const HISTORY: u64 = 400;
const BUYERS: [u8; 2] = [BUYER, 13];
const CUSTODIANS: [u8; 2] = [CUSTODIAN, 14];
const DATASETS: u8 = 8;
const HOUR: u64 = 3_600_000;
const REASON: [u8; 32] = [9; 32];

/// Who can be named in anything: parties, some of them in two roles.
fn people() -> Vec<u8> {
    let mut people = vec![BUYER, 13, CUSTODIAN, 14, ARBITRATOR, TREASURY, STRANGER, 6, 7, 8];
    people.extend((0..DATASETS).flat_map(|number| [payee(number), contributor(number)]));
    people
}

/// One history: the same world twice, and the two escrows in it.
struct History {
    rules: Maps,
    model: Model,
    chance: Chance,
    nonce: u8,
    evidence: u8,
    /// Cell sizes at create.
    sizes: BTreeMap<OrderId, [usize; 3]>,
    trace: Vec<String>,
    /// How often each message was accepted.
    accepted: BTreeMap<&'static str, u64>,
}

impl History {
    fn new(seed: u64) -> Self {
        let rules = Maps::new(DATASETS);
        let data = (0..DATASETS)
            .map(|number| {
                let data = Data {
                    answer: Answer::Approve,
                    version: 1,
                    price: 1_000,
                    custodian: CUSTODIAN,
                    payee: payee(number),
                    contributor: contributor(number),
                };
                (number, data)
            })
            .collect();
        let model = Model {
            now: START,
            pauses: Vec::new(),
            policy_answer: Answer::Approve,
            policy: Policy {
                version: 1,
                min_cohort: 2,
                split: [7_000, 2_000, 1_000],
                windows: [1_000, 100, 500, 200, 300],
                bond: 50,
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
            balance: EXISTENTIAL_DEPOSIT,
            least: EXISTENTIAL_DEPOSIT,
        };
        Self {
            rules,
            model,
            chance: Chance::new(seed),
            nonce: 0,
            evidence: 0,
            sizes: BTreeMap::new(),
            trace: Vec::new(),
            accepted: BTreeMap::new(),
        }
    }

    fn step(&mut self) {
        if self.chance.percent(22) {
            self.change_world();
        } else if self.model.deals.len() < 3 || self.chance.percent(8) {
            self.create();
        } else {
            self.message();
        }
        self.compare();
    }

    /// Both answers must be of one kind; the rules' own words are in the trace.
    fn agree<T: std::fmt::Debug>(
        &mut self,
        name: &'static str,
        rules: Result<T, EscrowError>,
        model: Outcome,
    ) {
        self.trace.push(format!("{name}: rules {rules:?}, model {model:?}"));
        if rules.is_ok() {
            *self.accepted.entry(name).or_default() += 1;
        }
        assert_eq!(rules.is_ok(), model.is_ok(), "{}", self.story());
    }

    fn story(&self) -> String {
        let last = self.trace.len().saturating_sub(40);
        self.trace[last..].join("\n")
    }

    fn change_world(&mut self) {
        let dataset_number = self.chance.byte_below(DATASETS);
        match self.chance.below(16) {
            0..=5 => {
                // Most windows are hundreds of milliseconds; a pause is days.
                let most = if self.chance.percent(8) { 200 * HOUR } else { 400 };
                let time = 1 + self.chance.below(most);
                self.rules.now += time;
                self.model.now += time;
                self.trace.push(format!("{time} ms pass"));
            }
            6 | 7 => {
                let answer = self.answer();
                self.rules.consents.get_mut(&dataset(dataset_number)).expect("known").decision =
                    decision(answer, DENIED);
                self.model.data.get_mut(&dataset_number).expect("known").answer = answer;
                self.trace.push(format!("consent {dataset_number}: {answer:?}"));
            }
            8 => {
                let price = self.chance.pick(&[0, 1, 99, 100, 1_000, 12_345, 999_999_999_999]);
                let custodian = self.chance.pick(&[CUSTODIAN, CUSTODIAN, 14]);
                let consent = self.rules.consents.get_mut(&dataset(dataset_number)).expect("known");
                (consent.price, consent.custodian) = (price, custodian);
                consent.version += 1;
                let data = self.model.data.get_mut(&dataset_number).expect("known");
                (data.price, data.custodian) = (price, custodian);
                data.version += 1;
                self.trace.push(format!("amended {dataset_number}: {price}, {custodian}"));
            }
            9 => {
                let answer = if self.chance.percent(70) { Answer::Approve } else { self.answer() };
                self.rules.policy = decision(answer, POLICY_DENIED);
                self.model.policy_answer = answer;
                self.trace.push(format!("policy: {answer:?}"));
            }
            10 => self.change_policy(),
            11 => {
                let queued = self.chance.pick(&[None, None, None, Some(true), Some(false)]);
                self.rules.view.queued = queued.map(|widens| QueuedChange {
                    proposal: 1,
                    version: 2,
                    hash: [2; 32],
                    direction: if widens { Direction::Mixed } else { Direction::Narrower },
                    from: 0,
                    until: u64::MAX,
                });
                self.model.queued = queued;
                self.trace.push(format!("queued: {queued:?}"));
            }
            12 => {
                let stands = self.chance.percent(75);
                self.rules.attestation = if stands { Ok(()) } else { Err(AttestationError::TooFewVerifiers) };
                self.model.attestation_stands = stands;
                self.trace.push(format!("attestation stands: {stands}"));
            }
            13 => {
                let rules = order::pause(&mut self.rules).map_err(|_| EscrowError::NotGovernor);
                let model = self.model.pause();
                self.agree("pause", rules, model);
            }
            14 => {
                let rules = order::resume(&mut self.rules).map_err(|_| EscrowError::NotGovernor);
                let model = self.model.resume();
                self.agree("resume", rules, model);
            }
            _ => {
                let who = self.chance.pick(&people());
                let unwilling = self.chance.percent(30);
                if unwilling {
                    self.rules.refuses.insert([who; 32]);
                    self.model.unwilling.insert(who);
                } else {
                    self.rules.refuses.clear();
                    self.model.unwilling.clear();
                    // Anyone can send the escrow money that is nobody's.
                    *self.rules.balances.get_mut(&[ESCROW; 32]).expect("known") += 7;
                    self.model.balance += 7;
                }
            }
        }
    }

    fn answer(&mut self) -> Answer {
        self.chance.pick(&[Answer::Approve, Answer::Approve, Answer::Approve, Answer::Abstain, Answer::Deny])
    }

    fn change_policy(&mut self) {
        let splits =
            [(7_000, 2_000, 1_000), (10_000, 0, 0), (3_333, 3_333, 3_334), (0, 9_999, 1), (9_500, 500, 0)];
        let (contributor, custodian, treasury) = self.chance.pick(&splits);
        let windows = self.chance.pick(&[[1_000, 100, 500, 200, 300], [300, 300, 300, 300, 300]]);
        let min_cohort = self.chance.byte_below(4);
        let bond = self.chance.pick(&[0, 50, 777]);
        // A custodian or a buyer may be treasury or arbitrator at once.
        let treasurer = self.chance.pick(&[TREASURY, TREASURY, CUSTODIAN, BUYER]);
        let arbitrator = self.chance.pick(&[ARBITRATOR, ARBITRATOR, CUSTODIAN]);
        let quorum = self.chance.pick(&[2, 2, 2, 1, 0]);
        let mut committee = MEMBERS.to_vec();
        committee.push(payee(0));
        let view = &mut self.rules.view;
        view.version += 1;
        view.min_cohort = min_cohort;
        view.split = Split { contributor, custodian, treasury };
        let [fulfil, release, dispute, answer, arbitration] = windows;
        view.windows = Windows { fulfil, release, dispute, answer, arbitration };
        view.bond = bond;
        view.treasury = account(treasurer);
        view.arbitrator = account(arbitrator);
        view.committee =
            Committee { members: committee.iter().map(|member| account(*member)).collect(), quorum };
        self.model.policy = Policy {
            version: self.model.policy.version + 1,
            min_cohort: usize::from(min_cohort),
            split: [contributor.into(), custodian.into(), treasury.into()],
            windows,
            bond,
            arbitrator,
            treasury: treasurer,
            committee,
            quorum: quorum.into(),
        };
        self.trace.push(format!("policy version {}: {:?}", self.model.policy.version, self.model.policy));
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
            // A dataset twice, or one that nobody registered, now and then.
            let strange = self.chance.percent(2);
            if strange {
                datasets.push(self.chance.pick(&[next, DATASETS + 1]));
            } else if !datasets.contains(&next) && self.model.data[&next].custodian == custodian {
                datasets.push(next);
            }
        }
        let mut request: Request = self.rules.request(self.nonce, &datasets);
        request.custodian = account(custodian);
        if self.chance.percent(3) {
            request.policy_version -= 1;
        }
        if let (true, Some(line)) = (self.chance.percent(3), request.lines.first_mut()) {
            let RequestedLine { consent_version, .. } = line;
            *consent_version += 1;
        }
        let total: u128 =
            datasets.iter().filter_map(|number| self.model.data.get(number)).map(|data| data.price).sum();
        let paid = if self.chance.percent(96) { total } else { total + 1 };
        let seen: Vec<u32> = request.lines.iter().map(|line| line.consent_version).collect();
        let saw_policy = request.policy_version;
        let quoted = order::quote(&self.rules, account(buyer), &request);
        let rules = self.rules.call(buyer, paid, |world| order::create(world, request));
        // A quote says what create then does: the same refusal, or the price.
        match (&quoted, &rules) {
            (Ok(quote), Err(EscrowError::WrongPayment { expected })) => assert_eq!(quote.total, *expected),
            (Ok(quote), Err(refusal)) => assert_eq!(quote.refusal, Some(*refusal), "{}", self.story()),
            (Ok(quote), Ok(order)) => {
                assert_eq!((quote.refusal, quote.order, quote.total), (None, *order, paid));
                assert_eq!(quote.state, self.rules.heads[order].state);
            }
            (Err(refusal), rules) => assert_eq!(rules, &Err(*refusal)),
        }
        if let Ok(order) = rules {
            let sizes = invariants::sizes(&self.rules)[&order];
            self.sizes.insert(order, sizes);
        }
        let model = self.model.create(key, custodian, &datasets, saw_policy, &seen, paid);
        self.agree("create", rules, model);
    }

    /// A message that fits the order's state more often than not, from a party more often than not.
    fn message(&mut self) {
        let keys: Vec<Key> = self.model.deals.keys().copied().collect();
        let key = self.chance.pick(&keys);
        let stage = self.model.deals[&key].stage;
        let fitting: &[&'static str] = match stage {
            Stage::UnderReview => &["clear", "clear", "clear", "refuse", "cancel", "expire", "abort"],
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
            "timeout",
            "settle",
            "withdraw",
            "forget",
        ];
        let name = if self.chance.percent(80) { self.chance.pick(fitting) } else { self.chance.pick(&all) };
        self.send(name, key);
    }

    fn send(&mut self, name: &'static str, key: Key) {
        let order = order_id(key.0, key.1);
        let deal = self.model.deals[&key].clone();
        let count = deal.items.len() as u8;
        let lines: Vec<u8> = (0..count).collect();
        let by_party = |history: &mut Self, party: u8| {
            if history.chance.percent(85) {
                party
            } else {
                history.chance.pick(&people())
            }
        };
        let of_piece = |piece: Piece| -> Vec<u8> {
            lines.iter().copied().filter(|line| deal.items[usize::from(*line)].piece == piece).collect()
        };
        match name {
            "clear" | "refuse" => {
                let signers = match self.chance.below(6) {
                    0 => vec![6],
                    1 => vec![6, 6],
                    2 => vec![6, payee(0)],
                    3 => vec![6, STRANGER],
                    _ => vec![7, 8],
                };
                let until = if self.chance.percent(90) { self.model.now } else { self.model.now - 1 };
                let (worth, version) = self.words(self.model.policy.version);
                let clear = name == "clear";
                let message =
                    signing::review(&GENESIS, &account(ESCROW), &order, version, clear, &REASON, until);
                let signatures: Vec<Signed> =
                    signers.iter().map(|signer| signed(*signer, &message)).collect();
                let (rules, model) = if clear {
                    let rules = self
                        .rules
                        .call(STRANGER, 0, |world| order::clear(world, order, REASON, until, &signatures));
                    (rules, self.model.clear(key, &signers, until, worth))
                } else {
                    let rules = self
                        .rules
                        .call(STRANGER, 0, |world| order::refuse(world, order, REASON, until, &signatures));
                    (rules, self.model.refuse(key, &signers, until, worth))
                };
                self.agree(name, rules, model);
            }
            "cancel" => {
                let by = by_party(self, deal.buyer);
                let rules = self.rules.call(by, 0, |world| order::cancel(world, order));
                let model = self.model.cancel(key, by);
                self.agree(name, rules, model);
            }
            "attest" => {
                let by = by_party(self, deal.buyer);
                if self.chance.percent(90) {
                    self.evidence = self.evidence.wrapping_add(1);
                }
                let evidence = self.evidence;
                let claim = Maps::claim(order, evidence, self.rules.now);
                let named = self.chance.pick(&[None, Some(Worth::Good), Some(Worth::Bad)]);
                let naming = named.map(|worth| {
                    let mut keys = claim.keys;
                    if worth == Worth::Bad {
                        keys.signing[5] ^= 1;
                    }
                    sign(deal.buyer, &signing::enclave(&GENESIS, &account(ESCROW), &order, &keys))
                });
                let rules =
                    self.rules.call(by, 0, |world| order::attest(world, claim, Maps::results(), naming));
                let model = self.model.attest(key, by, named, evidence);
                self.agree(name, rules, model);
            }
            "invalidate" => {
                let rules = self.rules.call(STRANGER, 0, |world| order::invalidate(world, order));
                let model = self.model.invalidate(key);
                self.agree(name, rules, model);
            }
            "release" => {
                let by = by_party(self, deal.custodian);
                let named = self.lines(&lines, 92, count);
                let hashes: Vec<PacketHash> = named.iter().map(|line| packet_hash(*line)).collect();
                let rules = self.rules.call(by, 0, |world| order::release(world, order, &hashes));
                let model = self.model.release(key, by, &named);
                self.agree(name, rules, model);
            }
            "deliver" => {
                let by = by_party(self, deal.custodian);
                let named = self.lines(&of_piece(Piece::Locked), 92, count);
                let mut packets: Vec<Packet> = named.iter().map(|line| packet(*line)).collect();
                let mut worth = Worth::Good;
                if let (true, Some(first)) = (self.chance.percent(8), packets.first_mut()) {
                    worth = Worth::Bad;
                    first.bytes[3] ^= 0x10;
                }
                let rules = self.rules.call(by, 0, |world| order::deliver(world, order, packets));
                let model = self.model.deliver(key, by, &named, worth);
                self.agree(name, rules, model);
            }
            "expire" => {
                let rules = self.rules.call(STRANGER, 0, |world| order::expire(world, order));
                let model = self.model.expire(key);
                self.agree(name, rules, model);
            }
            "abort" => {
                let rules = self.rules.call(STRANGER, 0, |world| order::abort(world, order));
                let model = self.model.abort(key);
                self.agree(name, rules, model);
            }
            "accept" => {
                let by = by_party(self, deal.buyer);
                let worth = self.chance.pick(&[None, None, Some(Worth::Good), Some(Worth::Bad)]);
                let receipt = worth.map(|worth| self.receipt(order, &[], worth));
                let rules = self.rules.call(by, 0, |world| order::accept(world, order, receipt));
                let model = self.model.accept(key, by, worth);
                self.agree(name, rules, model);
            }
            "reject" => {
                let bad = self.lines(&of_piece(Piece::Delivered), 40, count);
                let worth = if self.chance.percent(90) { Worth::Good } else { Worth::Bad };
                let receipt = self.receipt(order, &bad, worth);
                let rules = self.rules.call(STRANGER, 0, |world| order::reject(world, order, &bad, receipt));
                let model = self.model.reject(key, &bad, worth);
                self.agree(name, rules, model);
            }
            "finalize" => {
                let rules = self.rules.call(STRANGER, 0, |world| order::finalize(world, order));
                let model = self.model.finalize(key);
                self.agree(name, rules, model);
            }
            "dispute" => {
                let by = by_party(self, deal.buyer);
                let named = self.lines(&of_piece(Piece::Delivered), 60, count);
                let paid = self.bonds(deal.policy.bond, named.len());
                let rules = self.rules.call(by, paid, |world| order::dispute(world, order, named.clone()));
                let model = self.model.dispute(key, by, &named, paid);
                self.agree(name, rules, model);
            }
            "answer" => {
                let named = self.lines(&of_piece(Piece::Disputed), 60, count);
                let one = named.first().map_or(0, |line| usize::from(*line).min(deal.items.len() - 1));
                let party = self.chance.pick(&[deal.custodian, deal.items[one].contributor]);
                let by = by_party(self, party);
                let paid = self.bonds(deal.policy.bond, named.len());
                let rules = self.rules.call(by, paid, |world| order::answer(world, order, named.clone()));
                let model = self.model.answer(key, by, &named, paid);
                self.agree(name, rules, model);
            }
            "concede" => {
                let rules = self.rules.call(STRANGER, 0, |world| order::concede(world, order));
                let model = self.model.concede(key);
                self.agree(name, rules, model);
            }
            "rule" => {
                let by = by_party(self, deal.policy.arbitrator);
                let mut named = of_piece(Piece::Disputed);
                if self.chance.percent(50) {
                    named.retain(|line| deal.items[usize::from(*line)].answered_by.is_some());
                }
                let named = self.lines(&named, 97, count);
                let shares: Vec<(u8, u16)> = named
                    .iter()
                    .map(|line| {
                        (*line, self.chance.pick(&[0, 1, 4_999, 5_000, 5_001, 7_777, 10_000, 10_001]))
                    })
                    .collect();
                let ruled: Vec<LineShare> =
                    shares.iter().map(|(line, share)| LineShare { line: *line, share: *share }).collect();
                let rules = self.rules.call(by, 0, |world| order::rule(world, order, &ruled));
                let model = self.model.rule(key, by, &shares);
                self.agree(name, rules, model);
            }
            "timeout" => {
                let rules = self.rules.call(STRANGER, 0, |world| order::arbitration_timeout(world, order));
                let model = self.model.arbitration_timeout(key);
                self.agree(name, rules, model);
            }
            "settle" => {
                let mut open = of_piece(Piece::Delivered);
                open.extend(of_piece(Piece::Disputed));
                let named = self.lines(&open, 60, count);
                let custodian_only = self.chance.percent(40);
                let share = self.chance.pick(&[0, 1, 3_333, 5_000, 9_999, 10_000, 10_001]);
                let until = if self.chance.percent(92) { self.model.now } else { self.model.now - 1 };
                let mut signers = vec![deal.buyer, deal.custodian];
                signers.extend(deal.items.iter().map(|item| item.payee));
                if self.chance.percent(20) {
                    let missing = self.chance.below(signers.len() as u64) as usize;
                    signers.remove(missing);
                }
                let layout = if custodian_only { signing::concession } else { signing::settlement };
                let message = layout(&GENESIS, &account(ESCROW), &order, &named, share, until);
                let signatures: Vec<Signed> =
                    signers.iter().map(|signer| signed(*signer, &message)).collect();
                let parts = if custodian_only { Parts::Custodian } else { Parts::All };
                let agreement = Agreement { lines: named.clone(), parts, share, deadline: until };
                let rules = self
                    .rules
                    .call(STRANGER, 0, |world| order::settle_mutually(world, order, agreement, &signatures));
                let model = self.model.settle_mutually(key, &named, custodian_only, share, until, &signers);
                self.agree(name, rules, model);
            }
            "withdraw" => {
                let owed: Vec<u8> =
                    people().into_iter().filter(|who| self.model.owed(key, *who) > 0).collect();
                let to = if owed.is_empty() || self.chance.percent(10) {
                    self.chance.pick(&people())
                } else {
                    self.chance.pick(&owed)
                };
                let before = self.rules.balance(to);
                let owed = self.model.owed(key, to);
                let rules = self.rules.call(STRANGER, 0, |world| order::withdraw(world, order, account(to)));
                if let Ok(amount) = rules {
                    assert_eq!((amount, self.rules.balance(to)), (owed, before + owed));
                }
                let model = self.model.withdraw(key, to);
                self.agree(name, rules, model);
            }
            "forget" => {
                let by = by_party(self, deal.buyer);
                let rules = self.rules.call(by, 0, |world| order::forget(world, order));
                let model = self.model.forget(key, by);
                self.agree(name, rules, model);
            }
            other => panic!("no message {other}"),
        }
    }

    /// Some of the lines; now and then one twice or one that does not exist.
    fn lines(&mut self, from: &[u8], percent: u64, count: u8) -> Vec<u8> {
        let mut lines = self.chance.some(from, percent);
        if self.chance.percent(4) {
            lines.push(self.chance.byte_below(count + 1));
        }
        lines
    }

    fn bonds(&mut self, bond: u128, lines: usize) -> u128 {
        let exact = bond * lines as u128;
        if self.chance.percent(95) {
            exact
        } else {
            exact + 1
        }
    }

    fn words(&mut self, version: u32) -> (Worth, u32) {
        if self.chance.percent(92) {
            (Worth::Good, version)
        } else {
            (Worth::Bad, version + 1)
        }
    }

    fn receipt(&mut self, order: OrderId, bad: &[u8], worth: Worth) -> Receipt {
        let mut receipt = receipt(&self.rules.lines[&order], order, bad);
        if worth == Worth::Bad {
            receipt.output[0] ^= 1;
        }
        receipt
    }

    fn compare(&self) {
        invariants::hold(&self.rules);
        let wealth: u128 = self.rules.balances.values().sum();
        let donated =
            self.model.balance + self.rules.balances.values().sum::<u128>() - self.rules.balance(ESCROW);
        assert_eq!(wealth, donated, "no unit appears or vanishes\n{}", self.story());
        assert_eq!(self.rules.ledger.held, self.model.held(), "{}", self.story());
        assert_eq!(self.rules.heads.len(), self.model.deals.len(), "{}", self.story());
        let sizes = invariants::sizes(&self.rules);
        let mut live: BTreeMap<u8, u32> = BTreeMap::new();
        for (key, deal) in &self.model.deals {
            let order = order_id(key.0, key.1);
            assert_eq!(sizes[&order], self.sizes[&order], "cells keep their size\n{}", self.story());
            let head = &self.rules.heads[&order];
            assert_eq!(stage(head.state), deal.stage, "{}", self.story());
            for (line, item) in self.rules.lines[&order].iter().zip(&deal.items) {
                assert_eq!(piece(line.state), item.piece, "{}", self.story());
            }
            self.compare_credits(*key, order);
            *live.entry(deal.buyer).or_default() += u32::from(deal.is_live());
        }
        for buyer in BUYERS {
            let counted =
                self.rules.activity.get(&(COLLECTION, [buyer; 32])).map_or(0, |activity| activity.live);
            assert_eq!(counted, live.get(&buyer).copied().unwrap_or(0), "{}", self.story());
        }
    }

    /// Nobody is owed more or less than the model's claims say.
    fn compare_credits(&self, key: Key, order: OrderId) {
        let head = &self.rules.heads[&order];
        let mut owed: BTreeMap<u8, u128> = BTreeMap::new();
        for line in &self.rules.lines[&order] {
            let dues = dues(head, line);
            for role in Role::ALL {
                let who = role.account(head, line).0;
                *owed.entry(who[0]).or_default() += open_due(&dues, line, role);
            }
        }
        let mut claimed: BTreeMap<u8, u128> = owed.keys().map(|who| (*who, 0)).collect();
        for (who, amount) in self.model.deals[&key].items.iter().flat_map(|item| &item.claims) {
            *claimed.entry(*who).or_default() += amount;
        }
        assert_eq!(owed, claimed, "{}", self.story());
        let who = head.custodian;
        assert_eq!(order::credit(&self.rules, &order, who), claimed[&who.0[0]], "{}", self.story());
    }

    /// Time alone, with anyone sending, ends every order; then everybody is paid and nothing is left.
    fn end_by_time_alone(&mut self) {
        self.rules.refuses.clear();
        self.model.unwilling.clear();
        for _ in 0..4 {
            let time = 100 * HOUR;
            self.rules.now += time;
            self.model.now += time;
            let keys: Vec<Key> = self.model.deals.keys().copied().collect();
            for key in &keys {
                for name in ["expire", "finalize", "concede", "timeout"] {
                    self.send(name, *key);
                    self.compare();
                }
            }
        }
        assert!(
            self.model.deals.values().all(|deal| deal.is_over()),
            "an order cannot end\n{}",
            self.story()
        );
        for key in self.model.deals.keys().copied().collect::<Vec<_>>() {
            let order = order_id(key.0, key.1);
            for who in people() {
                if self.model.owed(key, who) > 0 {
                    let rules =
                        self.rules.call(STRANGER, 0, |world| order::withdraw(world, order, account(who)));
                    let model = self.model.withdraw(key, who);
                    self.agree("withdraw", rules, model);
                }
            }
            let rules = self.rules.call(key.0, 0, |world| order::forget(world, order));
            let model = self.model.forget(key, key.0);
            self.agree("forget", rules, model);
            self.compare();
        }
        assert_eq!(self.rules.ledger.held, 0);
        assert!(self.rules.heads.is_empty() && self.rules.lines.is_empty() && self.rules.evidence.is_empty());
        assert!(self.rules.activity.is_empty() && self.rules.used.is_empty(), "no cell outlives its orders");
    }
}

fn decision(answer: Answer, denied: keystrand_commons::decision::Reason) -> Decision {
    match answer {
        Answer::Approve => Decision::Approve,
        Answer::Abstain => Decision::Abstain(UNDECIDED),
        Answer::Deny => Decision::Deny(denied),
    }
}

fn stage(state: State) -> Stage {
    match state {
        State::UnderReview => Stage::UnderReview,
        State::Funded => Stage::Funded,
        State::Qualified => Stage::Qualified,
        State::Releasing => Stage::Releasing,
        State::Delivered => Stage::Delivered,
        State::Disputed => Stage::Disputed,
        State::Settled => Stage::Settled,
        State::Resolved => Stage::Resolved,
        State::Refunded => Stage::Refunded,
    }
}

fn piece(state: LineState) -> Piece {
    match state {
        LineState::Open => Piece::Open,
        LineState::Locked => Piece::Locked,
        LineState::Delivered => Piece::Delivered,
        LineState::Disputed => Piece::Disputed,
        LineState::Paid | LineState::Refunded => Piece::Ended,
    }
}

#[test]
fn rules_and_model_agree_and_money_is_conserved_over_random_histories() {
    let number =
        |name, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (steps, seed) = (number("ORDER_STEPS", DEFAULT_STEPS), number("ORDER_SEED", 20_261_123));
    println!("ORDER_STEPS={steps} ORDER_SEED={seed}");
    let mut accepted: BTreeMap<&'static str, u64> = BTreeMap::new();
    for number in 0..steps.div_ceil(HISTORY) {
        let mut history = History::new(seed.wrapping_add(number));
        for _ in 0..HISTORY {
            history.step();
        }
        history.end_by_time_alone();
        for (name, count) in history.accepted {
            *accepted.entry(name).or_default() += count;
        }
    }
    println!("accepted: {accepted:?}");
    // A message that random histories never get through would prove nothing.
    assert_eq!(accepted.len(), 23, "some message was never accepted");
    assert!(steps < DEFAULT_STEPS || accepted.values().all(|count| *count >= 20), "too rare: {accepted:?}");
}

/// The accounts used here are distinct 32-byte keys.
#[test]
fn people_are_distinct() {
    let keys: std::collections::BTreeSet<AccountId> = people().into_iter().map(account).collect();
    assert_eq!(keys.len(), people().len());
    assert!(CUSTODIANS.iter().chain(&BUYERS).all(|who| people().contains(who)));
}
