//! Ontology proofs: every pair is proved, every mutation refused.

use keystrand_commons::ontology::{prove, proves, root, Pair, Proof};
use proptest::prelude::*;

/// `count` pairs in rising order.
fn pairs(count: u32) -> Vec<Pair> {
    (0..count).map(|number| Pair { child: 100 + number / 3, ancestor: number % 3 }).collect()
}

#[test]
fn every_pair_of_every_tree_up_to_40_leaves_is_proved() {
    for count in 1..=40 {
        let pairs = pairs(count);
        let root = root(&pairs).expect("rising pairs");
        for (index, pair) in (0..).zip(&pairs) {
            let proof = prove(&pairs, index).expect("inside");
            assert!(proves(&root, *pair, &proof), "{index} of {count}");
        }
        assert_eq!(prove(&pairs, count), None);
    }
}

#[test]
fn a_tree_needs_rising_unique_pairs() {
    let pair = |child, ancestor| Pair { child, ancestor };
    assert_eq!(root(&[]), None);
    assert_eq!(root(&[pair(2, 1), pair(1, 1)]), None);
    assert_eq!(root(&[pair(1, 2), pair(1, 1)]), None);
    assert_eq!(root(&[pair(1, 1), pair(1, 1)]), None);
    assert!(root(&[pair(1, 1), pair(1, 2), pair(2, 1)]).is_some());
}

/// Every proof that differs from this one in one place.
fn mutations(proof: &Proof) -> Vec<Proof> {
    let mut mutated = Vec::new();
    let mut add = |change: &dyn Fn(&mut Proof)| {
        let mut other = proof.clone();
        change(&mut other);
        mutated.push(other);
    };
    for index in 0..proof.count + 2 {
        add(&|other| other.index = index);
    }
    for bit in 0..32 {
        add(&|other| other.index ^= 1 << bit);
        add(&|other| other.count ^= 1 << bit);
    }
    for level in 0..proof.siblings.len() {
        for byte in 0..32 {
            add(&|other| other.siblings[level][byte] ^= 1);
        }
        add(&|other| {
            other.siblings.remove(level);
        });
        add(&|other| other.siblings.insert(level, [7; 32]));
        add(&|other| other.siblings.insert(level, other.siblings[level]));
        for other_level in 0..level {
            add(&|other| other.siblings.swap(level, other_level));
        }
    }
    add(&|other| other.siblings.push([0; 32]));
    add(&|other| other.siblings.extend([[0; 32]; 40]));
    mutated.retain(|other| other != proof);
    mutated
}

#[test]
fn every_mutation_of_a_proof_is_refused() {
    for count in [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 21] {
        let pairs = pairs(count);
        let root = root(&pairs).expect("rising pairs");
        for (index, pair) in (0..).zip(&pairs) {
            for mutated in mutations(&prove(&pairs, index).expect("inside")) {
                assert!(!proves(&root, *pair, &mutated), "{index} of {count}: {mutated:?}");
            }
        }
    }
}

#[test]
fn a_proof_is_for_its_pair_and_its_root_only() {
    let pairs = pairs(11);
    let root = root(&pairs).expect("rising pairs");
    let proof = prove(&pairs, 4).expect("inside");
    for other in &pairs {
        assert_eq!(proves(&root, *other, &proof), *other == pairs[4]);
    }
    let Pair { child, ancestor } = pairs[4];
    assert!(!proves(&root, Pair { child: ancestor, ancestor: child }, &proof));
    for byte in 0..32 {
        let mut other = root;
        other[byte] ^= 0x80;
        assert!(!proves(&other, pairs[4], &proof));
    }
}

/// A node's two halves are 64 bytes and a leaf's pair 8, under domains of their own: no node passes for a
/// leaf. Here: the top of a tree of two, offered as the only leaf of a tree of one.
#[test]
fn a_node_is_no_leaf() {
    let two = pairs(2);
    let root = root(&two).expect("rising pairs");
    for pair in &two {
        assert!(!proves(&root, *pair, &Proof { index: 0, count: 1, siblings: vec![] }));
    }
}

/// The root that the TypeScript tool must compute for these pairs.
#[test]
fn the_root_of_five_known_pairs() {
    let root = root(&pairs(5)).expect("rising pairs");
    let hex: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, ROOT_OF_FIVE);
}
/// Computed apart, with Python's hashlib.
const ROOT_OF_FIVE: &str = "2b1e27dacf939b7225df5762e30a8a5059e2d7db8c29ad79e033db261f2d963f";

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_trees_prove_their_pairs_and_no_other(
        set in prop::collection::btree_set((0u32..50, 0u32..50), 1..60), at in any::<prop::sample::Index>(),
        stranger in (0u32..50, 0u32..50),
    ) {
        let pairs: Vec<Pair> = set.iter().map(|(child, ancestor)| Pair { child: *child, ancestor: *ancestor }).collect();
        let root = root(&pairs).expect("a set rises");
        let index = at.index(pairs.len());
        let proof = prove(&pairs, u32::try_from(index).expect("a few")).expect("inside");
        prop_assert!(proves(&root, pairs[index], &proof));
        let stranger = Pair { child: stranger.0, ancestor: stranger.1 };
        prop_assert_eq!(proves(&root, stranger, &proof), stranger == pairs[index]);
    }
}
