//! A second governor, written from governance.md and importing nothing of the first. It keeps the whole
//! history and computes every snapshot, tally, denominator and state from it, each time from the beginning.
//! It is as simple and as slow as it can be.

/// Accounts are small numbers; times are ms since 1970.
pub type Who = u8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    Narrow,
    Widen,
    Treasury,
    Members,
}

pub const TRACKS: [Track; 4] = [Track::Narrow, Track::Widen, Track::Treasury, Track::Members];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Pending,
    Active,
    Confirming,
    Defeated,
    Queued,
    Executed,
    Cancelled,
    Expired,
}

/// for, against, abstain: basis points of a ballot, or amounts of a tally.
pub type Three<T> = (T, T, T);

/// A track's numbers as the table of governance.md has them.
struct Numbers {
    /// None: optimistic, stopped by one fifth of all voice.
    approval: Option<u128>,
    support: (u128, u128),
    decision: u64,
    confirm: u64,
    delay: u64,
}

const DAY: u64 = 86_400_000;
const GRACE: u64 = 3 * DAY;

fn numbers(track: Track) -> Numbers {
    let of = |approval, support, decision, confirm, delay| Numbers {
        approval,
        support,
        decision: decision * DAY,
        confirm: confirm * DAY,
        delay: delay * DAY,
    };
    match track {
        Track::Narrow => of(None, (0, 0), 2, 0, 0),
        Track::Widen => of(Some(6_667), (2_000, 2_000), 7, 1, 7),
        Track::Treasury => of(Some(5_000), (2_000, 500), 7, 1, 2),
        Track::Members => of(Some(6_000), (1_000, 1_000), 7, 1, 2),
    }
}

#[derive(Clone, Copy)]
pub struct Mandate {
    pub delegate: Who,
    pub share: u128,
    pub narrow_only: bool,
    /// Year and month (1 to 12) at whose start it ends.
    pub ends: (u64, u64),
}

struct VoiceChange {
    block: u32,
    account: Who,
    amount: i128,
}

struct ListChange {
    block: u32,
    owner: Who,
    track: Option<Track>,
    list: Vec<Mandate>,
}

#[derive(Clone, Copy)]
enum Happening {
    Own(Who, Three<u128>),
    Delegated(Who, Three<u128>),
    Struck(Who),
}

/// One message that changed a tally: its time, whether it was a recusal, and what it did.
struct Change {
    at: u64,
    recusal: bool,
    happenings: Vec<Happening>,
}

pub struct Proposal {
    pub proposer: Who,
    pub track: Track,
    pub widening: bool,
    pub collection: Option<u32>,
    /// The collection's version when it was proposed.
    pub version: u32,
    pub block: u32,
    pub time: u64,
    changes: Vec<Change>,
    queued: Option<u64>,
    ended: Option<State>,
    pub deposit_held: bool,
}

#[derive(Default)]
pub struct Model {
    voices: Vec<VoiceChange>,
    lists: Vec<ListChange>,
    pub proposals: Vec<Proposal>,
    /// Version of each collection, from 1.
    pub versions: Vec<u32>,
}

/// Both sides of an account at a snapshot.
pub struct Sides {
    pub voice: u128,
    pub entrusted: Vec<(Who, u128, bool)>,
    pub free: u128,
    pub narrow_only: u128,
}

/// Year and month of a time, by counting years and months up from 1970.
pub fn month_of(time: u64) -> (u64, u64) {
    let mut days = time / DAY;
    let mut year = 1970;
    loop {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (index, length) in lengths.into_iter().enumerate() {
            if days < length {
                return (year, index as u64 + 1);
            }
            days -= length;
        }
        year += 1;
    }
}

/// The month `later` months after another.
pub fn months_later((year, month): (u64, u64), later: u64) -> (u64, u64) {
    let months = year * 12 + month - 1 + later;
    (months / 12, months % 12 + 1)
}

impl Model {
    pub fn change_voice(&mut self, block: u32, account: Who, amount: i128) {
        self.voices.push(VoiceChange { block, account, amount });
    }

    pub fn set_list(&mut self, block: u32, owner: Who, track: Option<Track>, list: Vec<Mandate>) {
        self.lists.push(ListChange { block, owner, track, list });
    }

    pub fn voice(&self, account: Who, block: u32) -> u128 {
        let changes = self.voices.iter().filter(|change| change.account == account && change.block <= block);
        u128::try_from(changes.map(|change| change.amount).sum::<i128>()).unwrap()
    }

    pub fn total(&self, block: u32) -> u128 {
        let changes = self.voices.iter().filter(|change| change.block <= block);
        u128::try_from(changes.map(|change| change.amount).sum::<i128>()).unwrap()
    }

    fn list(&self, owner: Who, scope: Option<Track>, block: u32) -> &[Mandate] {
        let mut sets = self.lists.iter().rev();
        sets.find(|set| set.owner == owner && set.track == scope && set.block <= block)
            .map_or(&[], |set| &set.list)
    }

    fn entrusted(&self, owner: Who, track: Track, block: u32, time: u64) -> Vec<(Who, u128, bool)> {
        let own = self.list(owner, Some(track), block);
        let list = if own.is_empty() { self.list(owner, None, block) } else { own };
        let voice = self.voice(owner, block);
        list.iter()
            .filter(|mandate| mandate.ends > month_of(time))
            .map(|mandate| (mandate.delegate, voice * mandate.share / 10_000, mandate.narrow_only))
            .filter(|(_, amount, _)| *amount > 0)
            .collect()
    }

    fn owners(&self) -> Vec<Who> {
        let mut owners: Vec<Who> = self.lists.iter().map(|set| set.owner).collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    pub fn sides(&self, account: Who, track: Track, block: u32, time: u64) -> Sides {
        let mut sides = Sides {
            voice: self.voice(account, block),
            entrusted: self.entrusted(account, track, block, time),
            free: 0,
            narrow_only: 0,
        };
        for owner in self.owners() {
            for (delegate, amount, narrow_only) in self.entrusted(owner, track, block, time) {
                if delegate == account {
                    *(if narrow_only { &mut sides.narrow_only } else { &mut sides.free }) += amount;
                }
            }
        }
        sides
    }

    pub fn sides_in(&self, id: usize, account: Who) -> Sides {
        let proposal = &self.proposals[id];
        self.sides(account, proposal.track, proposal.block, proposal.time)
    }

    pub fn has_any_voice(&self, id: usize, account: Who) -> bool {
        let sides = self.sides_in(id, account);
        sides.voice + sides.free + sides.narrow_only > 0
    }

    pub fn propose(
        &mut self,
        proposer: Who,
        track: Track,
        widening: bool,
        collection: Option<u32>,
        (block, time): (u32, u64),
    ) {
        let version = collection.map_or(0, |collection| self.versions[collection as usize - 1]);
        self.proposals.push(Proposal {
            proposer,
            track,
            widening,
            collection,
            version,
            block,
            time,
            changes: Vec::new(),
            queued: None,
            ended: None,
            deposit_held: true,
        });
    }

    pub fn cast(
        &mut self,
        id: usize,
        voter: Who,
        own: Option<Three<u128>>,
        delegated: Option<Three<u128>>,
        at: u64,
    ) {
        let sides = self.sides_in(id, voter);
        let mut happenings = Vec::new();
        if let Some(parts) = own.filter(|_| sides.voice > 0) {
            happenings.push(Happening::Own(voter, parts));
        }
        if let Some(parts) = delegated.filter(|_| sides.free + sides.narrow_only > 0) {
            happenings.push(Happening::Delegated(voter, parts));
        }
        self.proposals[id].changes.push(Change { at, recusal: false, happenings });
    }

    pub fn strike(&mut self, id: usize, account: Who, at: u64) {
        let happenings = vec![Happening::Struck(account)];
        self.proposals[id].changes.push(Change { at, recusal: true, happenings });
    }

    pub fn is_struck(&self, id: usize, account: Who) -> bool {
        let changes = self.proposals[id].changes.iter().flat_map(|change| &change.happenings);
        changes.into_iter().any(|happening| matches!(happening, Happening::Struck(who) if *who == account))
    }

    /// Ballots that an account has cast.
    pub fn ballots(&self, id: usize, account: Who) -> u32 {
        let by = |change: &&Change| {
            change.happenings.iter().any(|happening| match happening {
                Happening::Own(who, _) | Happening::Delegated(who, _) => *who == account,
                Happening::Struck(_) => false,
            })
        };
        self.proposals[id].changes.iter().filter(by).count() as u32
    }

    /// The tally after the first `count` changes, from nothing.
    fn tally_after(&self, id: usize, count: usize) -> Three<u128> {
        let proposal = &self.proposals[id];
        let mut own: [Option<Three<u128>>; 256] = [None; 256];
        let mut delegated: [Option<Three<u128>>; 256] = [None; 256];
        let mut struck = [false; 256];
        for happening in proposal.changes[..count].iter().flat_map(|change| &change.happenings) {
            match *happening {
                Happening::Own(who, parts) => own[usize::from(who)] = Some(parts),
                Happening::Delegated(who, parts) => delegated[usize::from(who)] = Some(parts),
                Happening::Struck(who) => struck[usize::from(who)] = true,
            }
        }
        let mut tally = (0, 0, 0);
        let mut add = |amount: u128, parts: Three<u128>, bound: bool| {
            let (favour, against) = (amount * parts.0 / 10_000, amount * parts.1 / 10_000);
            tally.1 += against;
            if bound {
                tally.2 += amount - against;
            } else {
                tally.0 += favour;
                tally.2 += amount - against - favour;
            }
        };
        for who in 0..=255u8 {
            let index = usize::from(who);
            if let Some(parts) = own[index].filter(|_| !struck[index]) {
                add(self.voice(who, proposal.block), parts, false);
            }
        }
        // What is left in the delegates' hands: of owners who neither voted nor were struck.
        let mut pools = [(0u128, 0u128); 256];
        for owner in self.owners() {
            if own[usize::from(owner)].is_some() || struck[usize::from(owner)] {
                continue;
            }
            for (delegate, amount, narrow_only) in
                self.entrusted(owner, proposal.track, proposal.block, proposal.time)
            {
                let pool = &mut pools[usize::from(delegate)];
                *(if narrow_only { &mut pool.1 } else { &mut pool.0 }) += amount;
            }
        }
        for index in 0..256 {
            if let Some(parts) = delegated[index].filter(|_| !struck[index]) {
                add(pools[index].0, parts, false);
                add(pools[index].1, parts, proposal.widening);
            }
        }
        tally
    }

    pub fn tally(&self, id: usize) -> Three<u128> {
        self.tally_after(id, self.proposals[id].changes.len())
    }

    /// Whether a tally passes when the decision period has run for `elapsed`.
    fn passes(&self, id: usize, changes: usize, elapsed: u64) -> bool {
        let proposal = &self.proposals[id];
        let numbers = numbers(proposal.track);
        let total = self.total(proposal.block);
        let (favour, against, _) = self.tally_after(id, changes);
        let Some(approval) = numbers.approval else { return changes == 0 || against * 5 < total };
        let (from, to) = numbers.support;
        let progress = (u128::from(elapsed) * 10_000 / u128::from(numbers.decision)).min(10_000);
        let support = from - (from - to) * progress / 10_000;
        favour > against
            && favour * 10_000 >= approval * (favour + against)
            && favour * 10_000 >= support * total
    }

    /// The first moment from `begin` to `close` in which the tally passes, for a support that falls.
    fn first_moment(&self, id: usize, changes: usize, begin: u64, close: u64) -> Option<u64> {
        let proposal = &self.proposals[id];
        let numbers = numbers(proposal.track);
        let (from, to) = numbers.support;
        if !self.passes(id, changes, numbers.decision) {
            return None;
        }
        if from == to {
            return Some(close);
        }
        // The support that the tally has, and the progress at which no more is asked.
        let has = self.tally_after(id, changes).0 * 10_000 / self.total(proposal.block);
        let progress = if has >= from { 0 } else { ((from - has) * 10_000).div_ceil(from - to) };
        let elapsed = (progress * u128::from(numbers.decision)).div_ceil(10_000) as u64;
        Some((proposal.time + elapsed).max(begin).min(close))
    }

    /// Replays the whole course: (close, since when it confirms, when it failed for good).
    fn course(&self, id: usize) -> (u64, Option<u64>, Option<u64>) {
        let proposal = &self.proposals[id];
        let numbers = numbers(proposal.track);
        let tenth = numbers.decision / 10;
        let falls = numbers.support.0 > numbers.support.1;
        let mut close = proposal.time + numbers.decision;
        let mut extended = false;
        let mut since = self.first_moment(id, 0, proposal.time, close);
        let mut failed = None;
        for (index, change) in proposal.changes.iter().enumerate() {
            let at = change.at;
            let elapsed = at - proposal.time;
            let before = self.passes(id, index, numbers.decision);
            let after = self.passes(id, index + 1, numbers.decision);
            let passes_now = self.passes(id, index + 1, elapsed);
            let was_confirming = since.is_some_and(|since| since <= at);
            let turned = change.recusal || before != after;
            if turned && at + tenth >= close && !extended {
                extended = true;
                close = close.max(at) + tenth;
                since =
                    if falls && passes_now { Some(at) } else { self.first_moment(id, index + 1, at, close) };
            } else if was_confirming && passes_now {
                // It goes on.
            } else if falls && passes_now {
                since = Some(at);
            } else if at >= close {
                failed = Some(at);
            } else {
                since = self.first_moment(id, index + 1, at, close);
            }
        }
        (close, since, failed)
    }

    /// When the result had held for its period, if it had by now.
    fn confirmed(&self, id: usize, now: u64) -> Option<u64> {
        let (_, since, failed) = self.course(id);
        let at = since? + numbers(self.proposals[id].track).confirm;
        (failed.is_none() && at <= now).then_some(at)
    }

    pub fn state(&self, id: usize, block: u32, now: u64) -> State {
        let proposal = &self.proposals[id];
        let numbers = numbers(proposal.track);
        if let Some(state) = proposal.ended {
            return state;
        }
        if let Some(at) = proposal.queued {
            return if now <= at + numbers.delay + GRACE { State::Queued } else { State::Expired };
        }
        if let Some(at) = self.confirmed(id, now) {
            let waiting = if numbers.delay == 0 { State::Queued } else { State::Confirming };
            return if now <= at + GRACE { waiting } else { State::Expired };
        }
        if block <= proposal.block {
            return State::Pending;
        }
        let (close, since, failed) = self.course(id);
        match since {
            _ if failed.is_some() => State::Defeated,
            Some(since) if since <= now => State::Confirming,
            Some(_) => State::Active,
            None if now < close => State::Active,
            None => State::Defeated,
        }
    }

    /// Whether ballots count.
    pub fn is_open(&self, id: usize, block: u32, now: u64) -> bool {
        let state = self.state(id, block, now);
        matches!(state, State::Active | State::Confirming) && self.confirmed(id, now).is_none()
    }

    pub fn is_live(&self, id: usize, block: u32, now: u64) -> bool {
        let state = self.state(id, block, now);
        matches!(state, State::Pending | State::Active | State::Confirming | State::Queued)
    }

    pub fn has_live(&self, proposer: Who, block: u32, now: u64) -> bool {
        let last = self.proposals.iter().rposition(|proposal| proposal.proposer == proposer);
        last.is_some_and(|id| self.is_live(id, block, now))
    }

    /// Queues, if that is possible; answers whether it was.
    pub fn queue(&mut self, id: usize, block: u32, now: u64) -> bool {
        let waits = self.state(id, block, now) == State::Confirming && self.confirmed(id, now).is_some();
        let collection = self.proposals[id].collection;
        let taken = collection.is_some_and(|collection| {
            (0..self.proposals.len()).any(|other| {
                let its = &self.proposals[other];
                other != id
                    && its.collection == Some(collection)
                    && its.queued.is_some()
                    && self.state(other, block, now) == State::Queued
            })
        });
        // The collection has moved on since: `policies` refuses the announcement.
        let stale = collection
            .is_some_and(|collection| self.versions[collection as usize - 1] != self.proposals[id].version);
        if waits && !taken && !stale {
            self.proposals[id].queued = Some(now);
        }
        waits && !taken && !stale
    }

    /// Executes, if that is possible; answers whether it was.
    pub fn execute(&mut self, id: usize, block: u32, now: u64) -> bool {
        let proposal = &self.proposals[id];
        let due = proposal.queued.map_or(0, |at| at + numbers(proposal.track).delay);
        let fits = proposal
            .collection
            .is_none_or(|collection| self.versions[collection as usize - 1] == proposal.version);
        if self.state(id, block, now) != State::Queued || now < due || !fits {
            return false;
        }
        if let Some(collection) = proposal.collection {
            self.versions[collection as usize - 1] += 1;
        }
        self.proposals[id].ended = Some(State::Executed);
        true
    }

    pub fn cancel(&mut self, id: usize, by: Who, block: u32, now: u64) -> bool {
        let proposal = &self.proposals[id];
        let may = proposal.track == Track::Narrow && proposal.proposer == by && self.is_live(id, block, now);
        if may {
            self.proposals[id].ended = Some(State::Cancelled);
        }
        may
    }

    /// Whether another change of its collection came first.
    pub fn is_overtaken(&self, id: usize) -> bool {
        let proposal = &self.proposals[id];
        proposal
            .collection
            .is_some_and(|collection| self.versions[collection as usize - 1] != proposal.version)
    }

    /// Ends what can no longer be executed, for its time or for another change of its collection.
    pub fn expire(&mut self, id: usize, block: u32, now: u64) -> bool {
        let proposal = &self.proposals[id];
        let state = self.state(id, block, now);
        let overtaken = self.is_live(id, block, now) && self.is_overtaken(id);
        let late = state == State::Expired && proposal.ended.is_none();
        if overtaken || late {
            self.proposals[id].ended = Some(State::Expired);
        }
        overtaken || late
    }

    /// Settles the deposit: whether it could be, and whether it went home.
    pub fn settle_deposit(&mut self, id: usize, block: u32, now: u64) -> Option<bool> {
        let proposal = &self.proposals[id];
        if self.is_live(id, block, now) || !proposal.deposit_held {
            return None;
        }
        let (favour, against, _) = self.tally(id);
        let total = self.total(proposal.block);
        let voted = !proposal.changes.is_empty();
        let rejected =
            voted && (against * 2 > total || (against * 20 > total && against * 5 >= (favour + against) * 4));
        self.proposals[id].deposit_held = false;
        Some(!rejected)
    }
}
