//! What is true after every message, whatever it was.

use crate::world::*;
use keystrand_commons::order::{
    flag,
    money::{dues, open_due, Role},
};
use keystrand_commons::{Balance, OrderId};
use scale::Encode;
use std::collections::BTreeMap;

/// Principal, bonds and open dues of everything that is stored, counted line by line.
pub fn counted(world: &Maps) -> Balance {
    let mut sum = 0;
    for (order, head) in &world.heads {
        for line in &world.lines[order] {
            let bonds = Balance::from(line.has(flag::BUYER_BOND)) + Balance::from(line.is_answered());
            let dues = dues(head, line);
            if line.state.is_ended() {
                assert_eq!(
                    dues.iter().sum::<Balance>(),
                    line.price + bonds * head.bond,
                    "a line's money is whole"
                );
                sum += Role::ALL.iter().map(|role| open_due(&dues, line, *role)).sum::<Balance>();
            } else {
                assert_eq!(dues, [0; 5], "a line owes nothing before its end");
                sum += line.price + bonds * head.bond;
            }
        }
    }
    sum
}

/// The cells' sizes, which never change between create and forget.
pub fn sizes(world: &Maps) -> BTreeMap<OrderId, [usize; 3]> {
    world
        .heads
        .iter()
        .map(|(order, head)| {
            let (lines, evidence) = (&world.lines[order], &world.evidence[order]);
            (*order, [head.encoded_size(), lines.encoded_size(), evidence.encoded_size()])
        })
        .collect()
}

pub fn hold(world: &Maps) {
    assert_eq!(world.ledger.held, counted(world), "the ledger holds what the lines say");
    assert!(world.balance(ESCROW) >= world.ledger.held + EXISTENTIAL_DEPOSIT, "everything held can be paid");
    for (order, head) in &world.heads {
        let lines = &world.lines[order];
        let ended = lines.iter().all(|line| line.state.is_ended());
        assert_eq!(head.state.is_ended(), ended, "an order has ended exactly when all its lines have");
        assert_eq!(head.ended_at != 0, ended);
    }
    for ((collection, account), activity) in &world.activity {
        let of_account = || {
            world
                .heads
                .values()
                .filter(|head| head.collection == *collection && head.buyer.as_ref() as &[u8; 32] == account)
        };
        assert_eq!(activity.stored as usize, of_account().count());
        assert_eq!(activity.live as usize, of_account().filter(|head| head.state.is_live()).count());
    }
}
