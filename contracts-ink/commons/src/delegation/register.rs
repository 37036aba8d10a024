//! Rows, their changes, and snapshots.

use super::*;

/// An owner's voice and lists from a block on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct OwnerRow {
    pub block: u32,
    pub voice: Balance,
    /// Lists that are not empty, at most one a scope.
    pub lists: Vec<DelegationList>,
}

/// What is delegated under mandates that end with the start of one month. Negative only in a track's
/// correction, where it takes a general list back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct MonthSum {
    pub ends: u16,
    pub free: i128,
    pub narrow_only: i128,
}

/// What is delegated to an account from a block on: at most one sum for each of the 24 months ahead, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct DelegateRow {
    pub block: u32,
    pub sums: Vec<MonthSum>,
}

/// All voice from a block on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct TotalRow {
    pub block: u32,
    pub total: Balance,
}

/// Where the rows are kept. Rows of one history are numbered from 0; putting row `n` makes `n + 1` rows.
pub trait Register {
    fn owner_rows(&self, owner: &AccountId) -> u32;
    fn owner_row(&self, owner: &AccountId, index: u32) -> Option<OwnerRow>;
    fn put_owner_row(&mut self, owner: &AccountId, index: u32, row: &OwnerRow);
    fn delegate_rows(&self, delegate: &AccountId, track: Option<TrackId>) -> u32;
    fn delegate_row(&self, delegate: &AccountId, track: Option<TrackId>, index: u32) -> Option<DelegateRow>;
    fn put_delegate_row(
        &mut self,
        delegate: &AccountId,
        track: Option<TrackId>,
        index: u32,
        row: &DelegateRow,
    );
    fn total_rows(&self) -> u32;
    fn total_row(&self, index: u32) -> Option<TotalRow>;
    fn put_total_row(&mut self, index: u32, row: &TotalRow);
}

/// `WHOLE` as an amount.
const WHOLE_BALANCE: Balance = 10_000;

/// `share` basis points of `voice`, floored.
pub fn share_of(voice: Balance, share: u16) -> Balance {
    // voice <= 2^96 and share <= 2^14: the product fits; saturation is never reached.
    voice.saturating_mul(Balance::from(share)) / WHOLE_BALANCE
}

/// Adds to (positive) or takes from (negative) an account's voice, and moves its delegates' rows with it.
pub fn change_voice<R: Register>(
    register: &mut R,
    owner: &AccountId,
    change: i128,
    now: Moment,
) -> Result<(), VoiceError> {
    if change == 0 {
        return Err(VoiceError::AmountOutOfRange);
    }
    let before = latest_owner_row(register, owner);
    let total = last(register.total_rows(), |index| register.total_row(index)).unwrap_or_default().total;
    let moved = |amount: Balance| {
        let magnitude = change.unsigned_abs();
        if change > 0 {
            amount.checked_add(magnitude)
        } else {
            amount.checked_sub(magnitude)
        }
    };
    let voice = moved(before.voice).ok_or(VoiceError::TooLittleVoice)?;
    let total = moved(total).filter(|total| *total <= MAX_VOICE).ok_or(VoiceError::AmountOutOfRange)?;
    let (index, _) = next_index(register.total_rows(), |index| register.total_row(index), now.block);
    register.put_total_row(index, &TotalRow { block: now.block, total });
    let after = OwnerRow { block: now.block, voice, lists: before.lists.clone() };
    replace_owner_row(register, owner, &before, &after, now);
    Ok(())
}

/// Replaces one list of an owner; an empty list clears it. Mandates must end 1 to 24 months ahead.
pub fn set_list<R: Register>(
    register: &mut R,
    owner: &AccountId,
    track: Option<TrackId>,
    delegations: Vec<Delegation>,
    now: Moment,
) -> Result<(), VoiceError> {
    check_list(owner, &delegations, month_of(now.time))?;
    let before = latest_owner_row(register, owner);
    let mut lists: Vec<_> = before.lists.iter().filter(|list| list.track != track).cloned().collect();
    if !delegations.is_empty() {
        lists.push(DelegationList { track, delegations });
    }
    let after = OwnerRow { block: now.block, voice: before.voice, lists };
    replace_owner_row(register, owner, &before, &after, now);
    Ok(())
}

fn check_list(owner: &AccountId, delegations: &[Delegation], month: u16) -> Result<(), VoiceError> {
    if delegations.len() > MAX_DELEGATES {
        return Err(VoiceError::TooManyDelegates);
    }
    let mut shares = 0u16;
    for (position, delegation) in delegations.iter().enumerate() {
        if delegation.delegate == *owner {
            return Err(VoiceError::SelfDelegation);
        }
        if delegations.iter().take(position).any(|earlier| earlier.delegate == delegation.delegate) {
            return Err(VoiceError::DuplicateDelegate);
        }
        // At most four additions of a u16: saturation would exceed the whole and be refused as it should.
        shares = shares.saturating_add(delegation.share);
        if delegation.share == 0 || shares > WHOLE {
            return Err(VoiceError::SharesOutOfRange);
        }
        if delegation.ends <= month || delegation.ends > month.saturating_add(MAX_MANDATE_MONTHS) {
            return Err(VoiceError::MandateOutOfRange);
        }
    }
    Ok(())
}

/// An account's voice and all voice at the end of `block`.
pub fn holding<R: Register>(register: &R, account: &AccountId, block: u32) -> Holding {
    let row = at(register.owner_rows(account), |index| register.owner_row(account, index), block);
    let total = at(register.total_rows(), |index| register.total_row(index), block);
    Holding { voice: row.unwrap_or_default().voice, total: total.unwrap_or_default().total }
}

/// Both sides of an account's ballot on `track`: histories at the moment's block, mandates at its time.
pub fn snapshot<R: Register>(register: &R, account: &AccountId, track: TrackId, moment: Moment) -> Snapshot {
    let row = at(register.owner_rows(account), |index| register.owner_row(account, index), moment.block)
        .unwrap_or_default();
    let total =
        at(register.total_rows(), |index| register.total_row(index), moment.block).unwrap_or_default().total;
    let month = month_of(moment.time);
    let entrusted = list_for(&row, track)
        .iter()
        .filter(|delegation| delegation.ends > month)
        .map(|delegation| Entrusted {
            delegate: delegation.delegate,
            amount: share_of(row.voice, delegation.share),
            narrow_only: delegation.narrow_only,
        })
        .filter(|entrusted| entrusted.amount > 0)
        .collect();
    let mut pool = (0i128, 0i128);
    for scope in [None, Some(track)] {
        let history = at(
            register.delegate_rows(account, scope),
            |index| register.delegate_row(account, scope, index),
            moment.block,
        );
        let (free, narrow_only) = sum_of(&history.unwrap_or_default(), month);
        // Each sum is at most 2^96 in magnitude.
        pool = (pool.0.saturating_add(free), pool.1.saturating_add(narrow_only));
    }
    // General sums and a track's correction together are never negative: the property suite holds it.
    let pool = Pool {
        free: Balance::try_from(pool.0).unwrap_or(0),
        narrow_only: Balance::try_from(pool.1).unwrap_or(0),
    };
    Snapshot { voice: row.voice, total, entrusted, pool }
}

/// A delegate's row summed over the mandates that are still in force in `month`: (free, narrow only).
pub fn sum_of(row: &DelegateRow, month: u16) -> (i128, i128) {
    row.sums.iter().filter(|sum| sum.ends > month).fold((0, 0), |(free, narrow_only), sum| {
        (free.saturating_add(sum.free), narrow_only.saturating_add(sum.narrow_only))
    })
}

/// The list that binds an owner's voice on a track: its own where there is one (even when all its mandates
/// have ended: voice then returns to the owner, not to a general delegate), the general one otherwise.
fn list_for(row: &OwnerRow, track: TrackId) -> &[Delegation] {
    let of =
        |scope| row.lists.iter().find(|list| list.track == scope).map(|list| list.delegations.as_slice());
    of(Some(track)).or_else(|| of(None)).unwrap_or(&[])
}

/// One amount in a delegate's hands.
struct Part {
    delegate: AccountId,
    track: Option<TrackId>,
    ends: u16,
    narrow_only: bool,
    amount: i128,
}

/// Every part that an owner's row puts into delegates' rows, with the sign given.
fn parts_of(row: &OwnerRow, month: u16, negative: bool, parts: &mut Vec<Part>) {
    let general = row.lists.iter().find(|list| list.track.is_none());
    let mut add = |list: &DelegationList, track: Option<TrackId>, negative: bool| {
        for delegation in list.delegations.iter().filter(|delegation| delegation.ends > month) {
            let amount = i128::try_from(share_of(row.voice, delegation.share)).unwrap_or(i128::MAX);
            parts.push(Part {
                delegate: delegation.delegate,
                track,
                ends: delegation.ends,
                narrow_only: delegation.narrow_only,
                amount: if negative { amount.saturating_neg() } else { amount },
            });
        }
    };
    for list in &row.lists {
        add(list, list.track, negative);
        if let (Some(_), Some(general)) = (list.track, general) {
            add(general, list.track, !negative);
        }
    }
}

fn replace_owner_row<R: Register>(
    register: &mut R,
    owner: &AccountId,
    before: &OwnerRow,
    after: &OwnerRow,
    now: Moment,
) {
    let (index, _) =
        next_index(register.owner_rows(owner), |index| register.owner_row(owner, index), now.block);
    register.put_owner_row(owner, index, after);
    let month = month_of(now.time);
    let mut parts = Vec::new();
    parts_of(before, month, true, &mut parts);
    parts_of(after, month, false, &mut parts);
    while let Some(first) = parts.first() {
        let (delegate, track) = (first.delegate, first.track);
        let (of_this, others) =
            parts.into_iter().partition(|part| part.delegate == delegate && part.track == track);
        parts = others;
        move_delegate_row(register, &delegate, track, of_this, now.block, month);
    }
}

/// Writes a delegate's next row with the parts applied, without the months that are over.
fn move_delegate_row<R: Register>(
    register: &mut R,
    delegate: &AccountId,
    track: Option<TrackId>,
    parts: Vec<Part>,
    block: u32,
    month: u16,
) {
    let (index, latest) = next_index(
        register.delegate_rows(delegate, track),
        |index| register.delegate_row(delegate, track, index),
        block,
    );
    let mut sums: Vec<MonthSum> = latest.unwrap_or_default().sums;
    let before = sums.clone();
    sums.retain(|sum| sum.ends > month);
    for part in parts {
        let position = match sums.binary_search_by_key(&part.ends, |sum| sum.ends) {
            Ok(position) => position,
            Err(position) => {
                sums.insert(position, MonthSum { ends: part.ends, free: 0, narrow_only: 0 });
                position
            }
        };
        if let Some(sum) = sums.get_mut(position) {
            let side = if part.narrow_only { &mut sum.narrow_only } else { &mut sum.free };
            *side = side.saturating_add(part.amount);
        }
    }
    sums.retain(|sum| sum.free != 0 || sum.narrow_only != 0);
    if sums != before {
        register.put_delegate_row(delegate, track, index, &DelegateRow { block, sums });
    }
}

trait Row {
    fn block(&self) -> u32;
}
impl Row for OwnerRow {
    fn block(&self) -> u32 {
        self.block
    }
}
impl Row for DelegateRow {
    fn block(&self) -> u32 {
        self.block
    }
}
impl Row for TotalRow {
    fn block(&self) -> u32 {
        self.block
    }
}

fn latest_owner_row<R: Register>(register: &R, owner: &AccountId) -> OwnerRow {
    last(register.owner_rows(owner), |index| register.owner_row(owner, index)).unwrap_or_default()
}

fn last<T>(count: u32, read: impl Fn(u32) -> Option<T>) -> Option<T> {
    count.checked_sub(1).and_then(read)
}

/// Where the next row goes: over the latest if that is of this block, after it otherwise. With the latest.
fn next_index<T: Row>(count: u32, read: impl Fn(u32) -> Option<T>, block: u32) -> (u32, Option<T>) {
    match last(count, read) {
        Some(row) if row.block() == block => (count.saturating_sub(1), Some(row)),
        row => (count, row),
    }
}

/// The last row at or before `block`. The newest is tried first: most questions are about the present.
fn at<T: Row>(count: u32, read: impl Fn(u32) -> Option<T>, block: u32) -> Option<T> {
    let newest = last(count, &read)?;
    if newest.block() <= block {
        return Some(newest);
    }
    // Invariant: the rows before `low` are at or before `block`, the rows from `high` on are after it.
    let (mut low, mut high, mut found) = (0u32, count.saturating_sub(1), None);
    while low < high {
        let middle = low.midpoint(high);
        let row = read(middle)?;
        if row.block() <= block {
            low = middle.saturating_add(1);
            found = Some(row);
        } else {
            high = middle;
        }
    }
    found
}
