//! Disease ancestry: a Merkle tree over the (child, ancestor) pairs of MONDO, so that one root on-chain
//! stands for some 400 000 pairs and each is proved once, when somebody needs it.
//!
//! Shape (RFC 9162, section 2.1, with blake2_256 in place of SHA-256 and other domains):
//! - leaves are the pairs in rising order of (child, ancestor), each once;
//! - leaf = blake2_256("keystrand/ontology-leaf" | child | ancestor);
//! - node = blake2_256("keystrand/ontology-node" | left | right), where left holds the largest power of two
//!   of leaves that is smaller than all of them;
//! - root = blake2_256("keystrand/ontology-root" | count | top node).
//!
//! The count is part of the root, so a proof has one shape only and no other index leads to the same root.

use crate::{
    signing::{blake2_256, Message},
    Digest,
};
use alloc::vec::Vec;

/// The way from one pair to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Proof {
    /// Position of the pair among the leaves, from 0.
    pub index: u32,
    /// Number of leaves.
    pub count: u32,
    /// From the leaf's neighbour up.
    pub siblings: Vec<Digest>,
}

/// A disease and one that it descends from, by their MONDO numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Pair {
    pub child: u32,
    pub ancestor: u32,
}

fn leaf(pair: Pair) -> Digest {
    blake2_256(&Message::new("keystrand/ontology-leaf").u32(pair.child).u32(pair.ancestor).build())
}

fn node(left: &Digest, right: &Digest) -> Digest {
    blake2_256(&Message::new("keystrand/ontology-node").bytes(left).bytes(right).build())
}

fn root_of(count: u32, top: &Digest) -> Digest {
    blake2_256(&Message::new("keystrand/ontology-root").u32(count).bytes(top).build())
}

/// Whether the proof leads from the pair to the root (RFC 9162, section 2.1.3.2).
pub fn proves(root: &Digest, pair: Pair, proof: &Proof) -> bool {
    if proof.index >= proof.count {
        return false;
    }
    // The leaf's position, and the last one's, at the level that the walk has reached.
    let mut position = proof.index;
    let mut last = proof.count.saturating_sub(1);
    let mut hash = leaf(pair);
    for sibling in &proof.siblings {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            hash = node(sibling, &hash);
            // A lone last node has no neighbour until its position is odd: it rises unchanged.
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    last == 0 && &root_of(proof.count, &hash) == root
}

/// Root over pairs in rising order; `None` if there is none, or they do not rise. Not for use on-chain: work
/// and memory grow with the pairs.
pub fn root(pairs: &[Pair]) -> Option<Digest> {
    let count = u32::try_from(pairs.len()).ok()?;
    let rising = crate::wellformed::rises(pairs);
    let top = rising.then(|| subtree(pairs)).flatten()?;
    Some(root_of(count, &top))
}

/// The proof of the pair at `index`. Not for use on-chain.
pub fn prove(pairs: &[Pair], index: u32) -> Option<Proof> {
    let count = u32::try_from(pairs.len()).ok()?;
    let mut siblings = Vec::new();
    let mut rest = pairs;
    let mut position = usize::try_from(index).ok().filter(|position| *position < pairs.len())?;
    while rest.len() > 1 {
        let (left, right) = rest.split_at(split(rest.len()));
        if position < left.len() {
            siblings.push(subtree(right)?);
            rest = left;
        } else {
            siblings.push(subtree(left)?);
            position = position.saturating_sub(left.len());
            rest = right;
        }
    }
    siblings.reverse();
    Some(Proof { index, count, siblings })
}

fn subtree(pairs: &[Pair]) -> Option<Digest> {
    match pairs {
        [] => None,
        [pair] => Some(leaf(*pair)),
        _ => {
            let (left, right) = pairs.split_at(split(pairs.len()));
            Some(node(&subtree(left)?, &subtree(right)?))
        }
    }
}

/// Largest power of two smaller than `length`, which is at least 2.
fn split(length: usize) -> usize {
    length.div_ceil(2).next_power_of_two()
}
