//! Random histories: the rules against the model, after every step.
//!
//! `KEYSTRAND_SEED` and `KEYSTRAND_STEPS` choose others; a failure prints the seed that repeats it.

use super::{
    history::Log,
    dao::{account, call, policy, sign, Dao, DAY, DEPOSIT, HOUR, MINT, VOICE},
    model::{self, months_later, Mandate, Model, Three, Track},
};
use commons::{
    attestation::MAX_VERIFIERS,
    delegation::{Delegation, Moment},
    signing::{self, blake2_256},
    terms::Permission,
    voting::{
        self, Action, Ballot, GovernorChange, Parts, PolicyChange, SignedBallot, State, TrackId, World,
    },
};

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

/// The least time between two blocks of a chain, ms: pallet-timestamp's minimum period on the contracts node.
const BLOCK: u64 = 5;
const ACCOUNTS: u64 = 9;
const STEPS_OF_A_HISTORY: u64 = 250;

fn track_id(track: Track) -> TrackId {
    match track {
        Track::Narrow => TrackId::Narrow,
        Track::Widen => TrackId::Widen,
        Track::Treasury => TrackId::Treasury,
        Track::Members => TrackId::Members,
    }
}

fn same(state: State) -> model::State {
    match state {
        State::Pending => model::State::Pending,
        State::Active => model::State::Active,
        State::Confirming => model::State::Confirming,
        State::Defeated => model::State::Defeated,
        State::Queued => model::State::Queued,
        State::Executed => model::State::Executed,
        State::Cancelled => model::State::Cancelled,
        State::Expired => model::State::Expired,
    }
}

/// How often each kind of step was accepted: a suite in which nothing happens proves nothing.
#[derive(Debug, Default)]
struct Accepted {
    proposed: u64,
    voted: u64,
    signed: u64,
    overridden: u64,
    struck: u64,
    extended: u64,
    queued: u64,
    executed: u64,
    cancelled: u64,
    defeated: u64,
    expired: u64,
    overtaken: u64,
    forfeited: u64,
    mandates_ended: u64,
}

pub struct History {
    random: Random,
    dao: Dao,
    model: Model,
    accepted: Accepted,
    /// Set where the history is to be performed on a chain.
    pub log: Option<Log>,
}

impl History {
    fn new(seed: u64) -> History {
        let mut random = Random(seed);
        let voices: Vec<u128> =
            (0..6).map(|_| u128::from(random.next() >> (8 + random.below(4))).max(1)).collect();
        let dao = Dao::of(&voices);
        let mut model = Model::default();
        model.versions = vec![1, 1];
        for (index, voice) in voices.iter().enumerate() {
            model.change_voice(1, index as u8 + 1, *voice as i128);
        }
        let mut history = History { random, dao, model, accepted: Accepted::default(), log: None };
        let second = super::dao::Collection {
            version: 1,
            policy: policy(Permission::GeneralResearch),
            closed: false,
            queued: None,
        };
        history.dao.collections.insert(2, second);
        history
    }

    /// One that is written down for a chain.
    pub fn told(seed: u64, timed: bool) -> History {
        let mut history = History::new(seed);
        let voices: Vec<u128> =
            (1..=6).map(|member| history.model.voice(member, history.dao.block)).collect();
        history.log = Some(Log::new(&voices, timed, history.dao.now));
        history
    }

    /// On a chain every call is a block of its own.
    fn begin(&mut self) {
        if self.log.is_some() {
            self.dao.pass(BLOCK);
        }
    }

    /// Writes a call down, with the tallies and states of the latest proposals and one account's sides.
    fn tell(&mut self, name: &str, details: String, accepted: bool) {
        if self.log.is_none() {
            return;
        }
        let (block, now) = (self.dao.block, self.dao.now);
        let count = self.model.proposals.len();
        let proposals: Vec<String> = (count.saturating_sub(4)..count)
            .map(|index| {
                let (favour, against, abstain) = self.model.tally(index);
                let state = self.model.state(index, block, now);
                format!("[{},\"{state:?}\",\"{favour}\",\"{against}\",\"{abstain}\"]", index + 1)
            })
            .collect();
        let (who, index) = (block as u8 % ACCOUNTS as u8 + 1, count.saturating_sub(1 + block as usize % 3));
        let sides = match self.model.proposals.get(index) {
            Some(proposal) if proposal.block < block => {
                let sides = self.model.sides_in(index, who);
                let (voice, free, bound) = (sides.voice, sides.free, sides.narrow_only);
                format!("[{},{who},\"{voice}\",\"{free}\",\"{bound}\"]", index + 1)
            }
            _ => "null".into(),
        };
        let expected = format!("{{\"proposals\":[{}],\"sides\":{sides}}}", proposals.join(","));
        let log = self.log.as_mut().expect("asked above");
        log.tell(name, &details, now, accepted, &expected);
    }

    fn anyone(&mut self) -> u8 {
        self.random.below(ACCOUNTS) as u8 + 1
    }

    fn parts(&mut self) -> (Parts, Three<u128>) {
        let favour = match self.random.below(5) {
            0..=2 => 10_000,
            3 => 0,
            _ => self.random.below(10_001) as u16,
        };
        let against = if self.random.one_in(2) {
            10_000 - favour
        } else {
            self.random.below(u64::from(10_000 - favour) + 1) as u16
        };
        let abstain = 10_000 - favour - against;
        (Parts { favour, against, abstain }, (favour.into(), against.into(), abstain.into()))
    }

    pub fn step(&mut self) {
        match self.random.below(100) {
            0..=14 => self.pass(),
            15..=18 => self.change_voice(),
            19..=26 => self.delegate(),
            27..=34 => self.propose(),
            35..=76 => self.vote(),
            77..=80 => self.recuse(),
            81..=86 => self.queue(),
            87..=92 => self.execute(),
            93 => self.cancel(),
            94 => self.settle_deposit(),
            95..=97 => self.expire(),
            _ => self.change_orders(),
        }
        self.compare();
    }

    /// Time passes, most often little, now and then months without a transaction.
    fn pass(&mut self) {
        if self.log.as_ref().is_some_and(|log| !log.timed) {
            return self.dao.pass(1);
        }
        let scale = if self.random.one_in(40) {
            90 * DAY
        } else {
            self.random.pick(&[1, 1_000, HOUR, HOUR, HOUR, DAY, DAY, 3 * DAY])
        };
        let later = self.random.below(scale) + 1;
        let to_a_turn = self.random.one_in(2).then(|| self.turn_ahead()).flatten();
        match to_a_turn {
            // The call that comes next is then made at exactly this time.
            Some(time) if self.log.is_some() => {
                self.dao.pass_until(time.saturating_sub(BLOCK).max(self.dao.now));
            }
            Some(time) => self.dao.pass_until(time),
            None => self.dao.pass(later),
        }
    }

    /// Around the close or the delay of some proposal, where the rules change.
    fn turn_ahead(&mut self) -> Option<u64> {
        let id = self.some_proposal()?;
        let (head, now) = (self.dao.head(id), self.dao.now);
        let time = if let Some((from, until)) = head.executable(now) {
            self.random.pick(&[from - 1, from, until, until + 1])
        } else {
            let closes = head.timeline.closes;
            let late = closes - head.terms.decision / 10;
            let near = late + self.random.below(head.terms.decision / 10);
            self.random.pick(&[
                late - 1,
                late,
                near,
                near,
                closes - 1,
                closes,
                closes + DAY - 1,
                closes + DAY,
            ])
        };
        (time >= now).then_some(time)
    }

    /// One in such a state, most of the time, if there is one among the latest.
    fn proposal_in(&mut self, states: &[State]) -> Option<u32> {
        let count = World::proposals(&self.dao);
        let fitting: Vec<u32> =
            (1..=count).rev().take(12).filter(|id| states.contains(&self.dao.state(*id))).collect();
        if fitting.is_empty() || self.random.one_in(6) {
            return self.some_proposal();
        }
        Some(self.random.pick(&fitting))
    }

    fn some_proposal(&mut self) -> Option<u32> {
        let count = u64::from(World::proposals(&self.dao));
        // Mostly the latest ones: they are alive.
        let window = if self.random.one_in(5) { count } else { count.min(4) };
        (count > 0).then(|| (count - self.random.below(window)) as u32)
    }

    fn change_voice(&mut self) {
        self.begin();
        let (who, block) = (self.anyone(), self.dao.block);
        let held = self.model.voice(who, block);
        let amount = if self.random.one_in(2) && held > 0 {
            -((u128::from(self.random.next()) % held) as i128 + i128::from(self.random.one_in(9)))
        } else {
            i128::from(self.random.next() >> (8 + self.random.below(50)))
        };
        if amount != 0 {
            self.dao.mint(who, amount);
            self.model.change_voice(block, who, amount);
            self.tell("voice", format!("\"who\":{who},\"amount\":\"{amount}\","), true);
        }
    }

    fn delegate(&mut self) {
        self.begin();
        let owner = self.anyone();
        let track = if self.random.one_in(2) { None } else { Some(self.random.pick(&model::TRACKS)) };
        let now = model::month_of(self.dao.now);
        let count = self.random.below(5);
        let (mut mandates, mut list): (Vec<Mandate>, Vec<Delegation>) = (Vec::new(), Vec::new());
        let mut told: Vec<String> = Vec::new();
        let mut left = 10_000;
        for _ in 0..count {
            let delegate = self.anyone();
            if left == 0 || delegate == owner || mandates.iter().any(|mandate| mandate.delegate == delegate) {
                continue;
            }
            let share = if self.random.one_in(3) { left } else { self.random.below(left) + 1 };
            left -= share;
            let later = self.random.below(24) + 1;
            let narrow_only = self.random.one_in(2);
            let ends = months_later(now, later);
            told.push(format!("[{delegate},{share},{narrow_only},{later}]"));
            mandates.push(Mandate { delegate, share: share.into(), narrow_only, ends });
            list.push(super::dao::to(
                delegate,
                share as u16,
                narrow_only,
                ((ends.0 - 1970) * 12 + ends.1 - 1) as u16,
            ));
        }
        self.dao.delegate(owner, track.map(track_id), list).unwrap();
        self.model.set_list(self.dao.block, owner, track, mandates);
        let track = track.map_or("null".into(), |track| format!("\"{track:?}\""));
        let details = format!("\"by\":{owner},\"track\":{track},\"list\":[{}],", told.join(","));
        self.tell("delegate", details, true);
    }

    fn propose(&mut self) {
        self.begin();
        let policies = [Track::Narrow, Track::Narrow, Track::Widen];
        let track = if self.random.one_in(3) {
            self.random.pick(&model::TRACKS)
        } else {
            self.random.pick(&policies)
        };
        let proposer = self.anyone();
        let collection = if self.random.one_in(5) { 2 } else { 1 };
        let mut changed = self.dao.collections[&collection].policy.clone();
        if changed.attestation.quorum >= MAX_VERIFIERS as u8 {
            return;
        }
        let (mut widening, mut about) = (false, None);
        let mut quorum = 0;
        let actions = match track {
            Track::Narrow | Track::Widen => {
                about = Some(collection);
                // A higher quorum narrows, a lower one does not; on the stronger track both may stand.
                widening = track == Track::Widen && changed.attestation.quorum > 1 && !self.random.one_in(4);
                changed.attestation.quorum = match (widening, changed.attestation.quorum) {
                    (true, quorum) => quorum - 1,
                    (false, quorum) => quorum + 1,
                };
                quorum = changed.attestation.quorum;
                vec![Action::Policy(PolicyChange::Set { collection, policy: changed })]
            }
            Track::Treasury => {
                vec![Action::Governor(GovernorChange::Payment { to: account(77), amount: 1 })]
            }
            Track::Members => vec![call(VOICE, MINT)],
        };
        let (block, now) = (self.dao.block, self.dao.now);
        let (voice, total) = (self.model.voice(proposer, block - 1), self.model.total(block - 1));
        let asked = if track == Track::Narrow { 200 } else { 100 };
        let recently = track == Track::Narrow
            && self.model.proposals.iter().enumerate().any(|(id, earlier)| {
                earlier.track == Track::Narrow
                    && earlier.collection == about
                    && now < earlier.time + 7 * DAY
                    && self.model.state(id, block, now) != model::State::Cancelled
            });
        let expected = voice > 0
            && voice * 10_000 >= asked * total
            && !recently
            && !self.model.has_live(proposer, block, now);
        let answer = self.dao.propose(proposer, track_id(track), actions);
        assert_eq!(answer.is_ok(), expected, "propose: {answer:?}");
        if expected {
            self.model.propose(proposer, track, widening, about, (block, now));
            self.accepted.proposed += 1;
        }
        let details = format!(
            "\"by\":{proposer},\"track\":\"{track:?}\",\"collection\":{collection},\"quorum\":{quorum},"
        );
        self.tell("propose", details, expected);
    }

    fn is_conflicted(&self, id: u32, who: u8) -> bool {
        let collection = self.model.proposals[id as usize - 1].collection;
        collection
            .is_some_and(|collection| self.dao.live.get(&(collection, account(who))).is_some_and(|n| *n > 0))
    }

    fn vote(&mut self) {
        self.begin();
        let Some(id) = self.proposal_in(&[State::Active, State::Confirming]) else { return };
        let (voter, index) = (self.anyone(), id as usize - 1);
        let (own, delegated) = (self.parts(), self.parts());
        let which = self.random.below(3);
        let ballot =
            Ballot { own: (which != 0).then_some(own.0), delegated: (which != 1).then_some(delegated.0) };
        let (block, now) = (self.dao.block, self.dao.now);
        let sides = self.model.sides_in(index, voter);
        let has_voice = (which != 0 && sides.voice > 0) || (which != 1 && sides.free + sides.narrow_only > 0);
        let possible = self.model.is_open(index, block, now)
            && !self.is_conflicted(id, voter)
            && !self.model.is_struck(index, voter)
            && has_voice;
        let by_signature = self.random.one_in(3);
        let conflicted = self.is_conflicted(id, voter);
        let mut told = "null".to_string();
        let answer = if by_signature {
            let next = self.model.ballots(index, voter);
            let nonce = if self.random.one_in(4) { self.random.below(4) as u32 } else { next };
            let deadline = if self.random.one_in(8) { now - 1 } else { now + HOUR };
            told = format!("[{nonce},{}]", deadline < now);
            let signed = self.sign(id, voter, ballot, nonce, deadline);
            let answer = self.dao.send(99, |dao| voting::vote_by_signature(dao, id, signed, vec![]));
            let expected = possible && nonce == next && deadline >= now;
            assert_eq!(answer.is_ok(), expected, "vote_by_signature: {answer:?}");
            self.accepted.signed += u64::from(expected);
            answer
        } else {
            let answer = self.dao.cast(voter, id, ballot);
            assert_eq!(answer.is_ok(), possible, "vote: {answer:?}");
            answer
        };
        if answer.is_ok() {
            let overrides = which != 0 && !sides.entrusted.is_empty() && sides.voice > 0;
            self.accepted.overridden += u64::from(overrides);
            self.accepted.voted += 1;
            let own = (which != 0).then_some(own.1);
            let delegated = (which != 1).then_some(delegated.1);
            self.model.cast(index, voter, own, delegated, now);
        }
        let side = |parts: Option<Parts>| {
            parts.map_or("null".into(), |Parts { favour, against, abstain }| {
                format!("[{favour},{against},{abstain}]")
            })
        };
        let details = format!(
            "\"id\":{id},\"by\":{voter},\"own\":{},\"delegated\":{},\"conflicted\":{conflicted},\"signed\":{told},",
            side(ballot.own),
            side(ballot.delegated)
        );
        self.tell("vote", details, answer.is_ok());
    }

    fn sign(&self, id: u32, voter: u8, ballot: Ballot, nonce: u32, deadline: u64) -> SignedBallot {
        let (genesis, governor) = (self.dao.genesis(), self.dao.governor());
        let (content, reason) = (self.dao.head(id).content, blake2_256(&[]));
        let message = signing::ballot(&genesis, &governor, id, &content, &ballot, nonce, deadline, &reason);
        SignedBallot { voter: account(voter), ballot, nonce, deadline, signature: sign(voter, &message) }
    }

    fn change_orders(&mut self) {
        let (collection, who) = (self.random.below(2) as u32 + 1, self.anyone());
        let count = u32::from(self.random.one_in(3));
        self.dao.live.insert((collection, account(who)), count);
    }

    fn recuse(&mut self) {
        self.begin();
        let Some(id) = self.proposal_in(&[State::Active, State::Confirming]) else { return };
        let (who, index) = (self.anyone(), id as usize - 1);
        if self.random.one_in(2) {
            if let Some(collection) = self.model.proposals[index].collection {
                self.dao.live.insert((collection, account(who)), 1);
            }
        }
        let expected = self.model.is_open(index, self.dao.block, self.dao.now)
            && self.is_conflicted(id, who)
            && !self.model.is_struck(index, who)
            && self.model.has_any_voice(index, who);
        let answer = self.dao.recuse(id, who);
        assert_eq!(answer.is_ok(), expected, "recuse: {answer:?}");
        if expected {
            self.model.strike(index, who, self.dao.now);
            self.accepted.struck += 1;
        }
        let conflicted = self.is_conflicted(id, who);
        self.tell("recuse", format!("\"id\":{id},\"who\":{who},\"conflicted\":{conflicted},"), expected);
    }

    fn queue(&mut self) {
        self.begin();
        let Some(id) = self.proposal_in(&[State::Confirming]) else { return };
        let expected = self.model.queue(id as usize - 1, self.dao.block, self.dao.now);
        let answer = self.dao.queue(id);
        assert_eq!(answer.is_ok(), expected, "queue: {answer:?}");
        self.accepted.queued += u64::from(expected);
        self.tell("queue", format!("\"id\":{id},"), expected);
    }

    fn execute(&mut self) {
        self.begin();
        let Some(id) = self.proposal_in(&[State::Queued]) else { return };
        let expected = self.model.execute(id as usize - 1, self.dao.block, self.dao.now);
        let answer = self.dao.execute(id);
        assert_eq!(answer.is_ok(), expected, "execute: {answer:?}");
        self.accepted.executed += u64::from(expected);
        self.tell("execute", format!("\"id\":{id},"), expected);
        self.begin();
        let again = self.dao.execute(id);
        assert!(again.is_err(), "nothing is executed twice");
        if expected {
            self.tell("execute", format!("\"id\":{id},"), false);
        }
    }

    fn cancel(&mut self) {
        self.begin();
        let Some(id) = self.some_proposal() else { return };
        let by = if self.random.one_in(4) {
            self.anyone()
        } else {
            self.model.proposals[id as usize - 1].proposer
        };
        let expected = self.model.cancel(id as usize - 1, by, self.dao.block, self.dao.now);
        let answer = self.dao.send(by, |dao| voting::cancel(dao, id));
        assert_eq!(answer.is_ok(), expected, "cancel: {answer:?}");
        self.accepted.cancelled += u64::from(expected);
        self.tell("cancel", format!("\"id\":{id},\"by\":{by},"), expected);
    }

    fn expire(&mut self) {
        self.begin();
        let (block, now) = (self.dao.block, self.dao.now);
        let overtaken = (0..self.model.proposals.len())
            .rev()
            .find(|index| self.model.is_live(*index, block, now) && self.model.is_overtaken(*index));
        let Some(id) = overtaken.map(|index| index as u32 + 1).or_else(|| self.some_proposal()) else {
            return;
        };
        let before = self.dao.state(id);
        let expected = self.model.expire(id as usize - 1, self.dao.block, self.dao.now);
        let answer = self.dao.send(99, |dao| voting::expire(dao, id));
        // Of one that ended otherwise, only what it left announced is cleared.
        let ended = matches!(before, State::Executed | State::Cancelled | State::Defeated);
        assert!(ended || answer.is_ok() == expected, "expire: {answer:?}");
        self.accepted.overtaken += u64::from(expected && before != State::Expired);
        if !ended {
            self.tell("expire", format!("\"id\":{id},"), expected);
        }
    }

    fn settle_deposit(&mut self) {
        self.begin();
        let Some(id) = self.some_proposal() else { return };
        let expected = self.model.settle_deposit(id as usize - 1, self.dao.block, self.dao.now);
        let paid = self.dao.payments.len();
        let answer = self.dao.send(99, |dao| voting::settle_deposit(dao, id));
        assert_eq!(answer.is_ok(), expected.is_some(), "settle_deposit: {answer:?}");
        assert_eq!(self.dao.payments.len() - paid, usize::from(expected == Some(true)));
        self.accepted.forfeited += u64::from(expected == Some(false));
        self.tell("settle_deposit", format!("\"id\":{id},"), expected.is_some());
    }

    /// Everything that the model says, of a proposal and an account chosen at random.
    fn compare(&mut self) {
        let (block, now) = (self.dao.block, self.dao.now);
        let held = self.model.proposals.iter().filter(|proposal| proposal.deposit_held).count() as u128;
        assert_eq!(World::held(&self.dao), held * DEPOSIT);
        let Some(id) = self.some_proposal() else { return };
        let (index, who) = (id as usize - 1, self.anyone());
        let tally = self.dao.tally(id);
        assert_eq!(tally, self.model.tally(index), "tally of {id}");
        assert_eq!(same(self.dao.state(id)), self.model.state(index, block, now), "state of {id}");
        let proposal = &self.model.proposals[index];
        let (at, track) = (Moment { block: proposal.block, time: proposal.time }, proposal.track);
        let total = self.model.total(at.block);
        assert!(tally.0 + tally.1 + tally.2 <= total, "no voice from nothing");
        assert_eq!(
            self.dao.seats.get(&(id, account(who))).map_or(0, |seat| seat.nonce),
            self.model.ballots(index, who)
        );
        if at.block < block {
            self.compare_snapshot(who, track, at, total);
        }
    }

    fn compare_snapshot(&mut self, who: u8, track: Track, at: Moment, total: u128) {
        let snapshot = self.dao.snapshot(&account(who), track_id(track), at).unwrap();
        let sides = self.model.sides(who, track, at.block, at.time);
        assert_eq!((snapshot.voice, snapshot.total), (sides.voice, total));
        assert_eq!((snapshot.pool.free, snapshot.pool.narrow_only), (sides.free, sides.narrow_only));
        let entrusted: Vec<_> = snapshot
            .entrusted
            .iter()
            .map(|entrusted| (entrusted.delegate, entrusted.amount, entrusted.narrow_only))
            .collect();
        let expected: Vec<_> = sides
            .entrusted
            .iter()
            .map(|(delegate, amount, bound)| (account(*delegate), *amount, *bound))
            .collect();
        assert_eq!(entrusted, expected);
    }

    pub fn finish(&mut self) {
        let (block, now) = (self.dao.block, self.dao.now);
        for id in 1..=World::proposals(&self.dao) {
            let (index, head) = (id as usize - 1, self.dao.head(id));
            assert_eq!(self.dao.tally(id), self.model.tally(index));
            assert_eq!(same(self.dao.state(id)), self.model.state(index, block, now));
            self.accepted.extended += u64::from(head.timeline.extended);
            self.accepted.defeated += u64::from(self.dao.state(id) == State::Defeated);
            self.accepted.expired += u64::from(self.dao.state(id) == State::Expired);
            for who in 1..=ACCOUNTS as u8 {
                let with =
                    self.model.sides(who, head_track(&self.model, index), head.at.block, 0).entrusted.len();
                let at = self.model.sides_in(index, who).entrusted.len();
                self.accepted.mandates_ended += u64::from(at < with);
            }
        }
    }
}

fn head_track(model: &Model, index: usize) -> Track {
    model.proposals[index].track
}

fn sum(total: &mut Accepted, of: &Accepted) {
    total.proposed += of.proposed;
    total.voted += of.voted;
    total.signed += of.signed;
    total.overridden += of.overridden;
    total.struck += of.struck;
    total.extended += of.extended;
    total.queued += of.queued;
    total.executed += of.executed;
    total.cancelled += of.cancelled;
    total.defeated += of.defeated;
    total.expired += of.expired;
    total.overtaken += of.overtaken;
    total.forfeited += of.forfeited;
    total.mandates_ended += of.mandates_ended;
}

#[test]
fn rules_and_model_agree_after_every_step_of_random_histories() {
    let seed = from_environment("KEYSTRAND_SEED", 20_261_123);
    let steps = from_environment("KEYSTRAND_STEPS", 100_000);
    println!("KEYSTRAND_SEED={seed} KEYSTRAND_STEPS={steps}");
    let mut accepted = Accepted::default();
    for number in 0..steps.div_ceil(STEPS_OF_A_HISTORY) {
        let mut history = History::new(seed.wrapping_add(number));
        for step in 0..STEPS_OF_A_HISTORY {
            // Shown only if an assertion of this step fails.
            println!("history {number} step {step}");
            history.step();
        }
        history.finish();
        sum(&mut accepted, &history.accepted);
    }
    println!("{accepted:?}");
    let Accepted {
        proposed,
        voted,
        signed,
        overridden,
        struck,
        extended,
        queued,
        executed,
        cancelled,
        defeated,
        expired,
        overtaken,
        forfeited,
        mandates_ended,
    } = accepted;
    for (name, count) in [
        ("proposed", proposed),
        ("voted", voted),
        ("signed", signed),
        ("overridden", overridden),
        ("struck", struck),
        ("extended", extended),
        ("queued", queued),
        ("executed", executed),
        ("cancelled", cancelled),
        ("defeated", defeated),
        ("expired", expired),
        ("overtaken", overtaken),
        ("forfeited", forfeited),
        ("mandates ended", mandates_ended),
    ] {
        assert!(count * 10_000 >= steps, "too few {name}: {count}");
    }
}

/// Every account casts both its sides once: whatever the delegations and the order, the tally is the same,
/// and holds the snapshot's voice exactly.
#[test]
fn delegates_and_owners_together_are_the_snapshots_voice_in_any_order_of_ballots() {
    let seed = from_environment("KEYSTRAND_SEED", 7);
    println!("KEYSTRAND_SEED={seed}");
    for number in 0..300 {
        let mut history = History::new(seed.wrapping_add(number));
        for _ in 0..40 {
            history.delegate();
            history.change_voice();
            if history.random.one_in(3) {
                history.pass();
            }
        }
        history.dao.pass(1);
        let proposer =
            (1..=ACCOUNTS as u8).max_by_key(|who| history.model.voice(*who, history.dao.block - 1));
        let actions = super::dao::widening();
        let Ok(id) = history.dao.propose(proposer.unwrap(), TrackId::Widen, actions) else { continue };
        history.dao.pass(1);
        let head = history.dao.head(id);
        let ballots: Vec<(u8, Ballot)> = (1..=ACCOUNTS as u8)
            .map(|who| {
                let (own, delegated) = (history.parts().0, history.parts().0);
                (who, Ballot { own: Some(own), delegated: Some(delegated) })
            })
            .collect();
        let total = history.model.total(head.at.block);

        // Delegates alone: exactly what was put into their hands. Owners after them: all of it.
        let mut delegates_first = history.dao.clone();
        let mut entrusted = 0;
        for (who, ballot) in &ballots {
            let snapshot = history.dao.snapshot(&account(*who), TrackId::Widen, head.at).unwrap();
            entrusted += snapshot.entrusted.iter().map(|entrusted| entrusted.amount).sum::<u128>();
            // Refused where nothing is delegated: then there is nothing to count.
            let answer = delegates_first.cast(*who, id, Ballot { own: None, ..*ballot });
            assert_eq!(answer.is_ok(), snapshot.pool.free + snapshot.pool.narrow_only > 0);
        }
        assert_eq!(delegates_first.head(id).tally.sum(), entrusted);
        for (who, ballot) in &ballots {
            let voice = history.model.voice(*who, head.at.block);
            let answer = delegates_first.cast(*who, id, Ballot { delegated: None, ..*ballot });
            assert_eq!(answer.is_ok(), voice > 0);
        }
        let expected = delegates_first.tally(id);
        assert_eq!(expected.0 + expected.1 + expected.2, total);

        for _ in 0..4 {
            let mut shuffled = ballots.clone();
            for index in (1..shuffled.len()).rev() {
                shuffled.swap(index, history.random.below(index as u64 + 1) as usize);
            }
            let mut dao = history.dao.clone();
            for (who, ballot) in &shuffled {
                if let Err(refusal) = dao.cast(*who, id, *ballot) {
                    let none = history.dao.snapshot(&account(*who), TrackId::Widen, head.at).unwrap();
                    assert_eq!((none.voice, none.pool.sum()), (0, 0), "{refusal:?}");
                }
            }
            assert_eq!(dao.tally(id), expected);
        }
    }
}
