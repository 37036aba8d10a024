//! settle_mutually: buyer and payees agree on a share, without an arbitrator.

use super::{
    dispute::close_decided,
    error::EscrowError,
    event::Event,
    judge::{distinct, known, line_at, must},
    money::WHOLE,
    state::{flag, Ending, LineState, State},
    world::{Signed, World},
};
use crate::{signing, AccountId, OrderId, Timestamp};
use alloc::vec::Vec;

/// Whose parts shrink to the agreed share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum Parts {
    /// Every part: buyer, custodian and the payee of each touched line sign `signing::settlement`. The treasury's
    /// part follows the share, since a treasury is a contract and cannot sign.
    All,
    /// The custodian's part alone; the contributor's and the treasury's are paid whole. Buyer and custodian sign
    /// `signing::concession`.
    Custodian,
}

/// What was agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Agreement {
    pub lines: Vec<u8>,
    pub parts: Parts,
    /// The payees' share, basis points.
    pub share: u16,
    /// Block time, ms, up to which the signatures are good.
    pub deadline: Timestamp,
}

/// Anyone, with every signature that the agreement needs; untouched lines go on. Bonds go home.
pub fn settle_mutually(
    world: &mut impl World,
    order: OrderId,
    agreement: Agreement,
    signatures: &[Signed],
) -> Result<State, EscrowError> {
    let head = known(world, &order)?;
    must(matches!(head.state, State::Delivered | State::Disputed), &head)?;
    if world.now() > agreement.deadline {
        return Err(EscrowError::SignatureExpired { since: agreement.deadline });
    }
    if agreement.share > WHOLE {
        return Err(EscrowError::BadShare);
    }
    distinct(&agreement.lines)?;
    let mut lines = world.lines(&order);
    let unchanged = lines.clone();
    let mut needed: Vec<AccountId> = Vec::from([head.buyer, head.custodian]);
    for index in &agreement.lines {
        let line = line_at(&mut lines, *index)?;
        if !matches!(line.state, LineState::Delivered | LineState::Disputed) {
            return Err(EscrowError::WrongLineState { dataset: line.dataset, state: line.state });
        }
        line.end(Ending::Agreed, agreement.share);
        match agreement.parts {
            Parts::All => needed.push(line.payee),
            Parts::Custodian => {
                // The other parts are paid whole even where the custodian gives up all of its own.
                line.state = LineState::Paid;
                line.flags |= flag::CUSTODIAN_PART_ONLY;
            }
        }
    }
    let layout = match agreement.parts {
        Parts::All => signing::settlement,
        Parts::Custodian => signing::concession,
    };
    let message = layout(
        &world.genesis(),
        &world.escrow(),
        &order,
        &agreement.lines,
        agreement.share,
        agreement.deadline,
    );
    needed.sort_unstable();
    needed.dedup();
    for signer in needed {
        let signed = signatures.iter().find(|signed| signed.signer == signer);
        match signed {
            Some(signed) if world.verifies_from_wallet(&signed.signature, &message, &signer) => {}
            _ => return Err(EscrowError::BadSignature { signer }),
        }
    }
    world.tell(Event::Agreed { order, buyer: head.buyer, lines: agreement.lines, share: agreement.share });
    Ok(close_decided(world, order, head, &unchanged, lines))
}
