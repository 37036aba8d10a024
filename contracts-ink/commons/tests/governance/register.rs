//! Voice's rows in plain maps.

use commons::{
    delegation::{DelegateRow, OwnerRow, Register, TotalRow},
    voting::TrackId,
    AccountId,
};
use std::{cell::Cell, collections::BTreeMap};

#[derive(Clone, Default)]
pub struct Rows {
    owners: BTreeMap<AccountId, Vec<OwnerRow>>,
    delegates: BTreeMap<(AccountId, Option<TrackId>), Vec<DelegateRow>>,
    totals: Vec<TotalRow>,
    /// Rows read, counted.
    pub reads: Cell<usize>,
}

/// Puts a row over the one of its number, or after the last.
fn put<T: Clone>(rows: &mut Vec<T>, index: u32, row: &T) {
    let index = index as usize;
    assert!(index <= rows.len(), "rows are appended one by one");
    rows.truncate(index);
    rows.push(row.clone());
}

impl Rows {
    /// Most rows of one account, for the cost of a look-up.
    pub fn longest_history(&self) -> usize {
        let owners = self.owners.values().map(Vec::len);
        owners.chain(self.delegates.values().map(Vec::len)).max().unwrap_or(0)
    }

    /// Widest delegate's row: sums of months.
    pub fn widest_row(&self) -> usize {
        self.delegates.values().flatten().map(|row| row.sums.len()).max().unwrap_or(0)
    }
}

impl Register for Rows {
    fn owner_rows(&self, owner: &AccountId) -> u32 {
        self.owners.get(owner).map_or(0, Vec::len) as u32
    }
    fn owner_row(&self, owner: &AccountId, index: u32) -> Option<OwnerRow> {
        self.reads.set(self.reads.get() + 1);
        self.owners.get(owner)?.get(index as usize).cloned()
    }
    fn put_owner_row(&mut self, owner: &AccountId, index: u32, row: &OwnerRow) {
        put(self.owners.entry(*owner).or_default(), index, row);
    }
    fn delegate_rows(&self, delegate: &AccountId, track: Option<TrackId>) -> u32 {
        self.delegates.get(&(*delegate, track)).map_or(0, Vec::len) as u32
    }
    fn delegate_row(&self, delegate: &AccountId, track: Option<TrackId>, index: u32) -> Option<DelegateRow> {
        self.reads.set(self.reads.get() + 1);
        self.delegates.get(&(*delegate, track))?.get(index as usize).cloned()
    }
    fn put_delegate_row(
        &mut self,
        delegate: &AccountId,
        track: Option<TrackId>,
        index: u32,
        row: &DelegateRow,
    ) {
        put(self.delegates.entry((*delegate, track)).or_default(), index, row);
    }
    fn total_rows(&self) -> u32 {
        self.totals.len() as u32
    }
    fn total_row(&self, index: u32) -> Option<TotalRow> {
        self.reads.set(self.reads.get() + 1);
        self.totals.get(index as usize).copied()
    }
    fn put_total_row(&mut self, index: u32, row: &TotalRow) {
        put(&mut self.totals, index, row);
    }
}
