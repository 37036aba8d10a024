//! A second escrow, written from the design's table of messages and nothing else: it shares no type, constant
//! or function with the contract's rules. Where the rules keep shares, flags and a stopped clock, this keeps
//! plain claims of money and a list of pauses.

use std::collections::{BTreeMap, BTreeSet};

pub type Account = u8;
pub type Money = u128;
pub type Time = u64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Approve,
    Abstain,
    Deny,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    UnderReview,
    Funded,
    Qualified,
    Releasing,
    Delivered,
    Disputed,
    Settled,
    Resolved,
    Refunded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    Open,
    Locked,
    Delivered,
    Disputed,
    Ended,
}

/// The collection's policy of a moment, as far as money and states need it.
#[derive(Clone, Debug)]
pub struct Policy {
    pub version: u32,
    pub min_cohort: usize,
    /// Contributor, custodian, treasury; of ten thousand.
    pub split: [u128; 3],
    /// Fulfil, release, dispute, answer, arbitration.
    pub windows: [Time; 5],
    pub bond: Money,
    pub arbitrator: Account,
    pub treasury: Account,
    pub committee: Vec<Account>,
    pub quorum: usize,
}

#[derive(Clone, Debug)]
pub struct Data {
    pub answer: Answer,
    pub version: u32,
    pub price: Money,
    pub custodian: Account,
    pub payee: Account,
    pub contributor: Account,
}

#[derive(Clone, Debug)]
pub struct Item {
    pub dataset: u8,
    pub price: Money,
    pub payee: Account,
    pub contributor: Account,
    pub piece: Piece,
    pub was_delivered: bool,
    pub buyer_bond: bool,
    pub answered_by: Option<Account>,
    pub called_bad: bool,
    /// Who may still withdraw what.
    pub claims: Vec<(Account, Money)>,
}

#[derive(Clone, Debug)]
pub struct Deal {
    pub buyer: Account,
    pub custodian: Account,
    pub policy: Policy,
    pub stage: Stage,
    /// When the running window began, and how long it is.
    pub since: Time,
    pub length: Time,
    pub cleared_under: Option<u32>,
    /// min_cohort of the policy under which it was released.
    pub released_min: usize,
    pub ended: Time,
    pub items: Vec<Item>,
}

/// What a signature or packet of an action is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    Good,
    Bad,
}

#[derive(Clone, Debug)]
pub struct Model {
    pub now: Time,
    /// From, until.
    pub pauses: Vec<(Time, Time)>,
    pub policy_answer: Answer,
    pub policy: Policy,
    /// A queued change, and whether it may admit more.
    pub queued: Option<bool>,
    pub data: BTreeMap<u8, Data>,
    pub attestation_stands: bool,
    pub unwilling: BTreeSet<Account>,
    /// By buyer and nonce.
    pub deals: BTreeMap<(Account, u8), Deal>,
    pub forgotten: BTreeSet<(Account, u8)>,
    pub evidence_used: BTreeSet<((Account, u8), u8)>,
    pub balance: Money,
    pub least: Money,
}

pub type Key = (Account, u8);
/// `Err` is any refusal.
pub type Outcome = Result<(), &'static str>;

fn ensure(condition: bool, why: &'static str) -> Outcome {
    if condition {
        Ok(())
    } else {
        Err(why)
    }
}

impl Deal {
    fn is_before_release(&self) -> bool {
        matches!(self.stage, Stage::UnderReview | Stage::Funded | Stage::Qualified)
    }
    pub fn is_live(&self) -> bool {
        matches!(self.stage, Stage::Releasing | Stage::Delivered | Stage::Disputed)
    }
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Settled | Stage::Resolved | Stage::Refunded)
    }
    fn count(&self, piece: Piece) -> usize {
        self.items.iter().filter(|item| item.piece == piece).count()
    }

    /// Divides `amount` of a line between its payees; what is left of it is the treasury's.
    fn pay(&mut self, index: usize, amount: Money) {
        let [contributor, custodian, _] = self.policy.split;
        let (to_contributor, to_custodian) = (amount * contributor / 10_000, amount * custodian / 10_000);
        let to_treasury = amount - to_contributor - to_custodian;
        let item = &mut self.items[index];
        item.claims.push((item.payee, to_contributor));
        item.claims.push((self.custodian, to_custodian));
        item.claims.push((self.policy.treasury, to_treasury));
        item.claims.push((self.buyer, item.price - amount));
        item.piece = Piece::Ended;
    }
    fn pay_all(&mut self, index: usize) {
        let price = self.items[index].price;
        self.pay(index, price);
    }
    fn pay_none(&mut self, index: usize) {
        self.pay(index, 0);
    }
    fn bonds_home(&mut self, index: usize) {
        let (buyer, bond) = (self.buyer, self.policy.bond);
        let item = &mut self.items[index];
        if item.buyer_bond {
            item.claims.push((buyer, bond));
        }
        if let Some(who) = item.answered_by {
            item.claims.push((who, bond));
        }
    }
    fn bonds_to(&mut self, index: usize, winner: Account) {
        let bond = self.policy.bond;
        let item = &mut self.items[index];
        let posted = u128::from(item.buyer_bond) + u128::from(item.answered_by.is_some());
        item.claims.push((winner, posted * bond));
    }
    fn with(&self, piece: Piece) -> Vec<usize> {
        (0..self.items.len()).filter(|index| self.items[*index].piece == piece).collect()
    }
    fn refund_rest(&mut self, now: Time) {
        for index in 0..self.items.len() {
            if self.items[index].piece != Piece::Ended {
                self.pay_none(index);
            }
        }
        self.stage = Stage::Refunded;
        self.ended = now;
    }
    fn close_if_decided(&mut self, now: Time) {
        if self.items.iter().all(|item| item.piece == Piece::Ended) {
            self.stage = Stage::Resolved;
            self.ended = now;
        }
    }
    fn settle_rest(&mut self, now: Time) {
        for index in 0..self.items.len() {
            if self.items[index].piece != Piece::Ended {
                self.pay_all(index);
                self.bonds_home(index);
            }
        }
        self.stage = Stage::Settled;
        self.ended = now;
    }
    fn pay_delivered(&mut self) {
        for index in self.with(Piece::Delivered) {
            self.pay_all(index);
        }
    }
    fn concede_unanswered(&mut self) -> usize {
        let unanswered: Vec<usize> = self
            .with(Piece::Disputed)
            .into_iter()
            .filter(|index| self.items[*index].answered_by.is_none())
            .collect();
        for index in &unanswered {
            self.pay_none(*index);
            self.bonds_home(*index);
        }
        unanswered.len()
    }
}

fn distinct(lines: &[u8], count: usize) -> Outcome {
    let unique: BTreeSet<u8> = lines.iter().copied().collect();
    ensure(!lines.is_empty(), "no lines")?;
    ensure(unique.len() == lines.len(), "a line twice")?;
    ensure(lines.iter().all(|line| usize::from(*line) < count), "no such line")
}

impl Model {
    pub fn is_paused(&self) -> bool {
        self.pauses.iter().any(|(from, until)| *from <= self.now && self.now < *until)
    }

    /// Time from `since` to now that was not paused.
    fn worked(&self, since: Time) -> Time {
        let overlap = |from: Time, until: Time| until.min(self.now).saturating_sub(from.max(since));
        let paused: Time = self.pauses.iter().map(|(from, until)| overlap(*from, *until)).sum();
        self.now - since - paused
    }

    fn in_time(&self, deal: &Deal, length: Time) -> bool {
        self.worked(deal.since) < length
    }

    fn deal(&self, key: Key) -> Result<Deal, &'static str> {
        self.deals.get(&key).cloned().ok_or("no such order")
    }

    fn keep(&mut self, key: Key, deal: Deal) -> Outcome {
        self.deals.insert(key, deal);
        Ok(())
    }

    fn joint(&self, dataset: u8) -> Answer {
        let consent = self.data.get(&dataset).map_or(Answer::Deny, |data| data.answer);
        match (self.policy_answer, consent) {
            (Answer::Deny, _) | (_, Answer::Deny) => Answer::Deny,
            (Answer::Abstain, _) | (_, Answer::Abstain) => Answer::Abstain,
            _ => Answer::Approve,
        }
    }

    /// Whether an open line of this deal may go on now.
    fn admitted(&self, deal: &Deal, dataset: u8, undecided_too: bool) -> bool {
        match self.joint(dataset) {
            Answer::Approve => true,
            Answer::Abstain => undecided_too || deal.cleared_under == Some(self.policy.version),
            Answer::Deny => false,
        }
    }

    /// Splits the open lines into those that stay and those that fall.
    fn judge(&self, deal: &Deal, undecided_too: bool) -> (Vec<usize>, Vec<usize>) {
        deal.with(Piece::Open)
            .into_iter()
            .partition(|index| self.admitted(deal, deal.items[*index].dataset, undecided_too))
    }

    pub fn pause(&mut self) -> Outcome {
        const HOUR: Time = 3_600_000;
        let rested = self.pauses.last().is_none_or(|(_, until)| self.now >= until + 7 * 24 * HOUR);
        ensure(rested, "paused too recently")?;
        self.pauses.push((self.now, self.now + 72 * HOUR));
        Ok(())
    }

    pub fn resume(&mut self) -> Outcome {
        ensure(self.is_paused(), "not paused")?;
        let now = self.now;
        self.pauses.last_mut().expect("a pause").1 = now;
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    pub fn create(
        &mut self,
        key: Key,
        custodian: Account,
        datasets: &[u8],
        saw_policy: u32,
        saw_consents: &[u32],
        paid: Money,
    ) -> Outcome {
        ensure(!self.is_paused(), "paused")?;
        ensure(!self.deals.contains_key(&key) && !self.forgotten.contains(&key), "nonce used")?;
        ensure(!datasets.is_empty(), "no lines")?;
        let unique: BTreeSet<&u8> = datasets.iter().collect();
        ensure(unique.len() == datasets.len(), "a dataset twice")?;
        ensure(saw_policy == self.policy.version, "policy changed")?;
        ensure(self.queued != Some(true), "a widening is queued")?;
        ensure(datasets.len() >= self.policy.min_cohort.max(1), "cohort too small")?;
        let mut items = Vec::new();
        let mut under_review = false;
        for (dataset, saw) in datasets.iter().zip(saw_consents) {
            let data = self.data.get(dataset).ok_or("unknown dataset")?;
            ensure(data.custodian == custodian, "another custodian")?;
            ensure(self.joint(*dataset) != Answer::Deny, "denied")?;
            under_review |= self.joint(*dataset) == Answer::Abstain;
            ensure(*saw == data.version, "consent changed")?;
            let [contributor, custodian, _] = self.policy.split;
            let first = data.price * contributor / 10_000;
            let second = data.price * custodian / 10_000;
            let shares = [first, second, data.price - first - second];
            let reach = |(share, named): (&Money, &u128)| *named == 0 || *share >= self.least;
            ensure(data.price == 0 || shares.iter().zip(&self.policy.split).all(reach), "a share too small")?;
            items.push(Item {
                dataset: *dataset,
                price: data.price,
                payee: data.payee,
                contributor: data.contributor,
                piece: Piece::Open,
                was_delivered: false,
                buyer_bond: false,
                answered_by: None,
                called_bad: false,
                claims: Vec::new(),
            });
        }
        ensure(!under_review || self.policy.quorum > 0, "nobody could review it")?;
        ensure(paid == items.iter().map(|item| item.price).sum::<Money>(), "not the price")?;
        self.balance += paid;
        let deal = Deal {
            buyer: key.0,
            custodian,
            policy: self.policy.clone(),
            stage: if under_review { Stage::UnderReview } else { Stage::Funded },
            since: self.now,
            length: self.policy.windows[0],
            cleared_under: None,
            released_min: 0,
            ended: 0,
            items,
        };
        self.keep(key, deal)
    }

    fn reviewed(&self, deal: &Deal, signers: &[Account], until: Time, worth: Worth) -> Outcome {
        ensure(worth == Worth::Good, "not these words")?;
        ensure(self.now <= until, "stale")?;
        ensure(self.policy.quorum > 0 && signers.len() >= self.policy.quorum, "too few")?;
        let unique: BTreeSet<&Account> = signers.iter().collect();
        ensure(unique.len() == signers.len(), "a signer twice")?;
        for signer in signers {
            ensure(self.policy.committee.contains(signer), "no member")?;
            let has_part = *signer == deal.buyer
                || *signer == deal.custodian
                || deal.items.iter().any(|item| item.payee == *signer || item.contributor == *signer);
            ensure(!has_part, "has a part in it")?;
        }
        Ok(())
    }

    pub fn clear(&mut self, key: Key, signers: &[Account], until: Time, worth: Worth) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(deal.stage == Stage::UnderReview, "state")?;
        ensure(self.in_time(&deal, deal.length), "too late")?;
        self.reviewed(&deal, signers, until, worth)?;
        if self.policy_answer == Answer::Deny {
            deal.refund_rest(self.now);
            return self.keep(key, deal);
        }
        ensure(self.queued != Some(true), "a widening is queued")?;
        let (stay, fall) = self.judge(&deal, true);
        ensure(stay.len() >= self.policy.min_cohort.max(1), "cohort too small")?;
        fall.into_iter().for_each(|index| deal.pay_none(index));
        deal.cleared_under = Some(self.policy.version);
        deal.stage = Stage::Funded;
        self.keep(key, deal)
    }

    pub fn refuse(&mut self, key: Key, signers: &[Account], until: Time, worth: Worth) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(deal.stage == Stage::UnderReview, "state")?;
        self.reviewed(&deal, signers, until, worth)?;
        deal.refund_rest(self.now);
        self.keep(key, deal)
    }

    pub fn cancel(&mut self, key: Key, by: Account) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(by == deal.buyer, "not the buyer")?;
        let open = matches!(deal.stage, Stage::UnderReview | Stage::Funded);
        ensure(open || (deal.stage == Stage::Qualified && self.queued.is_some()), "state")?;
        deal.refund_rest(self.now);
        self.keep(key, deal)
    }

    pub fn attest(&mut self, key: Key, by: Account, named: Option<Worth>, evidence: u8) -> Outcome {
        ensure(!self.is_paused(), "paused")?;
        let mut deal = self.deal(key)?;
        ensure(deal.stage == Stage::Funded, "state")?;
        ensure(self.in_time(&deal, deal.length), "too late")?;
        ensure(by == deal.buyer || named == Some(Worth::Good), "the buyer never named it")?;
        if self.policy_answer == Answer::Deny {
            deal.refund_rest(self.now);
            return self.keep(key, deal);
        }
        let (stay, fall) = self.judge(&deal, false);
        ensure(stay.len() >= self.policy.min_cohort.max(1), "cohort too small")?;
        ensure(self.attestation_stands, "attestation")?;
        ensure(self.evidence_used.insert((key, evidence)), "evidence used")?;
        fall.into_iter().for_each(|index| deal.pay_none(index));
        deal.stage = Stage::Qualified;
        self.keep(key, deal)
    }

    pub fn invalidate(&mut self, key: Key) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(deal.stage == Stage::Qualified, "state")?;
        ensure(!self.attestation_stands, "it stands")?;
        deal.stage = Stage::Funded;
        self.keep(key, deal)
    }

    pub fn release(&mut self, key: Key, by: Account, lines: &[u8]) -> Outcome {
        ensure(!self.is_paused(), "paused")?;
        let mut deal = self.deal(key)?;
        ensure(by == deal.custodian, "not the custodian")?;
        ensure(deal.stage == Stage::Qualified, "state")?;
        ensure(self.in_time(&deal, deal.length), "too late")?;
        if self.policy_answer == Answer::Deny {
            deal.refund_rest(self.now);
            return self.keep(key, deal);
        }
        ensure(self.attestation_stands, "attestation")?;
        if !lines.is_empty() {
            distinct(lines, deal.items.len())?;
        }
        let (stay, _) = self.judge(&deal, false);
        let named = |index: &usize| lines.iter().any(|line| usize::from(*line) == *index);
        let locked: Vec<usize> = stay.into_iter().filter(named).collect();
        ensure(locked.len() >= self.policy.min_cohort.max(1), "cohort too small")?;
        for index in deal.with(Piece::Open) {
            if locked.contains(&index) {
                deal.items[index].piece = Piece::Locked;
            } else {
                deal.pay_none(index);
            }
        }
        deal.released_min = self.policy.min_cohort.max(1);
        deal.stage = Stage::Releasing;
        deal.since = self.now;
        deal.length = deal.policy.windows[1];
        self.keep(key, deal)
    }

    pub fn deliver(&mut self, key: Key, by: Account, lines: &[u8], worth: Worth) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(by == deal.custodian, "not the custodian")?;
        ensure(deal.stage == Stage::Releasing, "state")?;
        ensure(self.in_time(&deal, deal.length), "too late")?;
        distinct(lines, deal.items.len())?;
        ensure(worth == Worth::Good, "not what was promised")?;
        ensure(lines.iter().all(|line| deal.items[usize::from(*line)].piece == Piece::Locked), "not locked")?;
        ensure(lines.len() >= deal.released_min, "cohort too small")?;
        for index in deal.with(Piece::Locked) {
            if lines.iter().any(|line| usize::from(*line) == index) {
                deal.items[index].piece = Piece::Delivered;
                deal.items[index].was_delivered = true;
            } else {
                deal.pay_none(index);
            }
        }
        deal.stage = Stage::Delivered;
        deal.since = self.now;
        deal.length = deal.policy.windows[2];
        self.keep(key, deal)
    }

    pub fn expire(&mut self, key: Key) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(deal.is_before_release() || deal.stage == Stage::Releasing, "state")?;
        ensure(!self.in_time(&deal, deal.length), "in time")?;
        deal.refund_rest(self.now);
        self.keep(key, deal)
    }

    pub fn abort(&mut self, key: Key) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(deal.is_before_release(), "state")?;
        let (stay, _) = self.judge(&deal, deal.stage == Stage::UnderReview);
        let too_few = stay.len() < self.policy.min_cohort.max(1);
        ensure(self.policy_answer == Answer::Deny || too_few, "no cause")?;
        deal.refund_rest(self.now);
        self.keep(key, deal)
    }

    pub fn accept(&mut self, key: Key, by: Account, receipt: Option<Worth>) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(matches!(deal.stage, Stage::Delivered | Stage::Disputed), "state")?;
        ensure(receipt.map_or(by == deal.buyer, |worth| worth == Worth::Good), "neither buyer nor enclave")?;
        deal.settle_rest(self.now);
        self.keep(key, deal)
    }

    pub fn reject(&mut self, key: Key, bad: &[u8], worth: Worth) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(deal.stage == Stage::Delivered, "state")?;
        ensure(self.in_time(&deal, deal.length), "too late")?;
        if !bad.is_empty() {
            distinct(bad, deal.items.len())?;
        }
        ensure(bad.iter().all(|line| deal.items[usize::from(*line)].was_delivered), "never delivered")?;
        ensure(worth == Worth::Good, "not the enclave's words")?;
        for line in bad {
            let item = &mut deal.items[usize::from(*line)];
            if item.piece == Piece::Delivered {
                item.piece = Piece::Disputed;
                item.called_bad = true;
            }
        }
        if deal.count(Piece::Disputed) == 0 {
            deal.settle_rest(self.now);
        } else {
            deal.pay_delivered();
            deal.stage = Stage::Disputed;
            deal.since = self.now;
            deal.length = deal.policy.windows[3];
        }
        self.keep(key, deal)
    }

    pub fn finalize(&mut self, key: Key) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(deal.stage == Stage::Delivered, "state")?;
        ensure(!self.in_time(&deal, deal.length), "in time")?;
        deal.settle_rest(self.now);
        self.keep(key, deal)
    }

    pub fn dispute(&mut self, key: Key, by: Account, lines: &[u8], paid: Money) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(by == deal.buyer, "not the buyer")?;
        ensure(deal.stage == Stage::Delivered, "state")?;
        ensure(self.in_time(&deal, deal.length), "too late")?;
        distinct(lines, deal.items.len())?;
        ensure(paid == deal.policy.bond * lines.len() as u128, "not the bond")?;
        for line in lines {
            let item = &mut deal.items[usize::from(*line)];
            ensure(item.piece == Piece::Delivered, "line state")?;
            item.piece = Piece::Disputed;
            item.buyer_bond = true;
        }
        deal.pay_delivered();
        deal.stage = Stage::Disputed;
        deal.since = self.now;
        deal.length = deal.policy.windows[3];
        self.balance += paid;
        self.keep(key, deal)
    }

    pub fn answer(&mut self, key: Key, by: Account, lines: &[u8], paid: Money) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(deal.stage == Stage::Disputed, "state")?;
        ensure(self.in_time(&deal, deal.length), "too late")?;
        distinct(lines, deal.items.len())?;
        ensure(paid == deal.policy.bond * lines.len() as u128, "not the bond")?;
        for line in lines {
            let item = &mut deal.items[usize::from(*line)];
            ensure(item.piece == Piece::Disputed && item.answered_by.is_none(), "line state")?;
            ensure(by == deal.custodian || by == item.contributor, "no party")?;
            item.answered_by = Some(by);
        }
        self.balance += paid;
        self.keep(key, deal)
    }

    pub fn concede(&mut self, key: Key) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(deal.stage == Stage::Disputed, "state")?;
        ensure(!self.in_time(&deal, deal.length), "in time")?;
        ensure(deal.concede_unanswered() > 0, "all answered")?;
        deal.close_if_decided(self.now);
        self.keep(key, deal)
    }

    pub fn rule(&mut self, key: Key, by: Account, shares: &[(u8, u16)]) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(by == deal.policy.arbitrator, "not the arbitrator")?;
        ensure(deal.stage == Stage::Disputed, "state")?;
        ensure(self.in_time(&deal, deal.length + deal.policy.windows[4]), "too late")?;
        if !self.in_time(&deal, deal.length) {
            deal.concede_unanswered();
        }
        let lines: Vec<u8> = shares.iter().map(|(line, _)| *line).collect();
        let open: BTreeSet<usize> = deal.with(Piece::Disputed).into_iter().collect();
        if !lines.is_empty() {
            distinct(&lines, deal.items.len())?;
        }
        let named: BTreeSet<usize> = lines.iter().map(|line| usize::from(*line)).collect();
        ensure(open == named, "not every disputed line exactly once")?;
        for (line, share) in shares {
            let index = usize::from(*line);
            ensure(*share <= 10_000, "more than all")?;
            let answerer = deal.items[index].answered_by.ok_or("not answered")?;
            let amount = deal.items[index].price * u128::from(*share) / 10_000;
            deal.pay(index, amount);
            match share.cmp(&5_000) {
                std::cmp::Ordering::Greater => deal.bonds_to(index, answerer),
                std::cmp::Ordering::Less => deal.bonds_to(index, deal.buyer),
                std::cmp::Ordering::Equal => deal.bonds_home(index),
            }
        }
        deal.close_if_decided(self.now);
        self.keep(key, deal)
    }

    pub fn arbitration_timeout(&mut self, key: Key) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(deal.stage == Stage::Disputed, "state")?;
        ensure(!self.in_time(&deal, deal.length + deal.policy.windows[4]), "in time")?;
        deal.concede_unanswered();
        for index in deal.with(Piece::Disputed) {
            if deal.items[index].called_bad {
                deal.pay_none(index);
            } else {
                deal.pay_all(index);
            }
            deal.bonds_home(index);
        }
        deal.close_if_decided(self.now);
        self.keep(key, deal)
    }

    /// `custodian_only` is the concession, in which the custodian alone gives up some of its own part.
    pub fn settle_mutually(
        &mut self,
        key: Key,
        lines: &[u8],
        custodian_only: bool,
        share: u16,
        until: Time,
        signers: &[Account],
    ) -> Outcome {
        let mut deal = self.deal(key)?;
        ensure(matches!(deal.stage, Stage::Delivered | Stage::Disputed), "state")?;
        ensure(self.now <= until, "stale")?;
        ensure(share <= 10_000, "more than all")?;
        distinct(lines, deal.items.len())?;
        ensure(signers.contains(&deal.buyer) && signers.contains(&deal.custodian), "a signature is missing")?;
        for line in lines {
            let index = usize::from(*line);
            let item = &deal.items[index];
            ensure(matches!(item.piece, Piece::Delivered | Piece::Disputed), "line state")?;
            ensure(custodian_only || signers.contains(&item.payee), "a signature is missing")?;
            let price = item.price;
            if custodian_only {
                let part = price * deal.policy.split[1] / 10_000;
                let given_up = part - part * u128::from(share) / 10_000;
                deal.pay(index, price);
                let buyer = deal.buyer;
                let claims = &mut deal.items[index].claims;
                claims[1].1 -= given_up;
                claims.push((buyer, given_up));
            } else {
                deal.pay(index, price * u128::from(share) / 10_000);
            }
            deal.bonds_home(index);
        }
        deal.close_if_decided(self.now);
        self.keep(key, deal)
    }

    pub fn owed(&self, key: Key, to: Account) -> Money {
        let claims =
            self.deals.get(&key).into_iter().flat_map(|deal| &deal.items).flat_map(|item| &item.claims);
        claims.filter(|(account, _)| *account == to).map(|(_, amount)| amount).sum()
    }

    pub fn withdraw(&mut self, key: Key, to: Account) -> Outcome {
        let mut deal = self.deal(key)?;
        let amount = self.owed(key, to);
        ensure(amount > 0, "nothing owed")?;
        ensure(!self.unwilling.contains(&to), "the transfer fails")?;
        for item in &mut deal.items {
            item.claims.retain(|(account, _)| *account != to);
        }
        self.balance -= amount;
        self.keep(key, deal)
    }

    pub fn forget(&mut self, key: Key, by: Account) -> Outcome {
        let deal = self.deal(key)?;
        ensure(deal.is_over(), "state")?;
        ensure(by == deal.buyer || self.now >= deal.ended + 30 * 24 * 3_600_000, "too early")?;
        let claims = deal.items.iter().flat_map(|item| &item.claims);
        ensure(claims.map(|(_, amount)| amount).sum::<Money>() == 0, "it owes")?;
        self.deals.remove(&key);
        self.forgotten.insert(key);
        Ok(())
    }

    /// Everything the escrow must be able to pay: prices and bonds that wait, and claims.
    pub fn held(&self) -> Money {
        let mut sum = 0;
        for deal in self.deals.values() {
            for item in &deal.items {
                sum += item.claims.iter().map(|(_, amount)| amount).sum::<Money>();
                if item.piece != Piece::Ended {
                    let bonds = u128::from(item.buyer_bond) + u128::from(item.answered_by.is_some());
                    sum += item.price + bonds * deal.policy.bond;
                }
            }
        }
        sum
    }
}
