//! Who is owed what. Nothing here moves money; `payout` does.
//!
//! A line's price is divided in basis points into the contributor's, the custodian's and the treasury's part;
//! shares are floored and what is left over (dust) goes to the treasury, so that every sum is exact.

use super::{
    event::LineCredit,
    state::{flag, Head, Line, LineState},
};
use crate::{policy::Split, AccountId, Balance};

/// The whole, in basis points.
pub const WHOLE: u16 = 10_000;
/// Above this share the payees win a ruling, below it the buyer.
pub const HALF: u16 = 5_000;

/// What a line can owe, and to whom; each has one bit in `Line::withdrawn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Payee,
    Custodian,
    Treasury,
    Buyer,
    Contributor,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Payee, Role::Custodian, Role::Treasury, Role::Buyer, Role::Contributor];

    pub fn bit(self) -> u8 {
        match self {
            Role::Payee => 1,
            Role::Custodian => 1 << 1,
            Role::Treasury => 1 << 2,
            Role::Buyer => 1 << 3,
            Role::Contributor => 1 << 4,
        }
    }

    pub fn account(self, head: &Head, line: &Line) -> AccountId {
        match self {
            Role::Payee => line.payee,
            Role::Custodian => head.custodian,
            Role::Treasury => head.treasury,
            Role::Buyer => head.buyer,
            Role::Contributor => line.contributor,
        }
    }
}

/// `share` basis points of an amount, floored. Never overflows for a share up to 10 000: the quotient and the
/// rest are multiplied apart.
pub fn portion(amount: Balance, share: u16) -> Balance {
    let (whole, share) = (Balance::from(WHOLE), Balance::from(share));
    let quotient = amount.checked_div(whole).unwrap_or(0);
    let rest = amount.checked_rem(whole).unwrap_or(0);
    let of_rest = rest.saturating_mul(share).checked_div(whole).unwrap_or(0);
    quotient.saturating_mul(share).saturating_add(of_rest)
}

/// Whether the parts sum to the whole.
pub fn is_whole(split: &Split) -> bool {
    let sum = u32::from(split.contributor)
        .saturating_add(u32::from(split.custodian))
        .saturating_add(u32::from(split.treasury));
    sum == u32::from(WHOLE)
}

/// An amount in three parts that sum to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub contributor: Balance,
    pub custodian: Balance,
    pub treasury: Balance,
}

impl Parts {
    /// Saturating subtraction is exact: floored parts of a whole split never exceed the amount.
    pub fn of(amount: Balance, split: &Split) -> Self {
        let contributor = portion(amount, split.contributor);
        let custodian = portion(amount, split.custodian);
        let treasury = amount.saturating_sub(contributor).saturating_sub(custodian);
        Self { contributor, custodian, treasury }
    }

    /// Whether each part that the split names could open an account of its own. A price of zero moves no money.
    pub fn reach(&self, least: Balance, split: &Split, price: Balance) -> bool {
        let named = [
            (split.contributor, self.contributor),
            (split.custodian, self.custodian),
            (split.treasury, self.treasury),
        ];
        price == 0 || named.iter().all(|(share, part)| *share == 0 || *part >= least)
    }
}

/// What an ended line owes by role, whether withdrawn or not; all zero before its end.
///
/// The sum is the price plus the bonds posted for the line. Saturating additions are exact: every amount here
/// is part of money that the chain holds.
pub fn dues(head: &Head, line: &Line) -> [Balance; 5] {
    if !line.state.is_ended() {
        return [0; 5];
    }
    let mut parts = Parts::default();
    if line.state == LineState::Paid {
        if line.has(flag::CUSTODIAN_PART_ONLY) {
            parts = Parts::of(line.price, &head.split);
            parts.custodian = portion(parts.custodian, line.share);
        } else {
            parts = Parts::of(portion(line.price, line.share), &head.split);
        }
    }
    let paid = parts.contributor.saturating_add(parts.custodian).saturating_add(parts.treasury);
    let mut buyer = line.price.saturating_sub(paid);
    let (mut custodian, mut contributor) = (parts.custodian, 0);

    let mut to_answerer = 0;
    if line.has(flag::BUYER_BOND) {
        let bond = if line.has(flag::BONDS_TO_ANSWERER) { &mut to_answerer } else { &mut buyer };
        *bond = bond.saturating_add(head.bond);
    }
    if line.is_answered() {
        let bond = if line.has(flag::BONDS_TO_BUYER) { &mut buyer } else { &mut to_answerer };
        *bond = bond.saturating_add(head.bond);
    }
    if line.has(flag::CONTRIBUTOR_BOND) {
        contributor = to_answerer;
    } else {
        custodian = custodian.saturating_add(to_answerer);
    }
    [parts.contributor, custodian, parts.treasury, buyer, contributor]
}

/// The event's view of an ended line.
pub fn line_credit(head: &Head, index: u8, line: &Line) -> LineCredit {
    let [payee, custodian, treasury, buyer, contributor] = dues(head, line);
    LineCredit {
        line: index,
        ending: line.ending,
        share: line.share,
        payee,
        custodian,
        treasury,
        buyer,
        contributor,
    }
}

/// What the line still owes in a role.
pub fn open_due(dues: &[Balance; 5], line: &Line, role: Role) -> Balance {
    if line.withdrawn & role.bit() != 0 {
        return 0;
    }
    dues.get(role as usize).copied().unwrap_or(0)
}
