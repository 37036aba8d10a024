//! What may happen to a consent, over the state that the contract brings.

use super::{nobody, Consent, ConsentError, ConsentState, LaboratorySignature, TermsField, NEVER};
use crate::{
    interface::AskError, signing, terms::Terms, AccountId, Balance, CollectionId, DatasetId, Digest,
    Signature, Timestamp, MAX_LINES,
};
use alloc::vec::Vec;

/// State and surroundings of the contract, as the rules need them.
pub trait Registry {
    fn caller(&self) -> AccountId;
    fn now(&self) -> Timestamp;
    /// Hash of the chain's first block.
    fn genesis(&self) -> Digest;
    /// The contract's own account.
    fn contract(&self) -> AccountId;
    fn consent(&self, dataset: &DatasetId) -> Option<Consent>;
    fn store(&mut self, dataset: &DatasetId, consent: &Consent);
    /// The contributor's dataset with this number, in the order of registration from 0.
    fn dataset_at(&self, contributor: &AccountId, number: u32) -> Option<DatasetId>;
    /// Adds to the contributor's datasets.
    fn append(&mut self, contributor: &AccountId, dataset: &DatasetId);
    /// `policies.intake`.
    fn intake(&self, collection: CollectionId) -> Result<u32, AskError>;
    /// `policies.root_version`.
    fn root_version(&self) -> Result<u32, AskError>;
    fn signed(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool;
}

/// What a contributor brings to register a dataset.
pub struct Registration {
    pub nonce: Digest,
    pub collection: CollectionId,
    pub root: Digest,
    pub size: u64,
    pub key_commitment: Digest,
    pub custodian: AccountId,
    pub custodian_receipt: Signature,
    pub payee: AccountId,
    pub price: Balance,
    pub terms: Terms,
    pub expires_at: Option<Timestamp>,
    pub laboratory: Option<LaboratorySignature>,
}

/// A registered dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registered {
    pub dataset: DatasetId,
    pub root_version: u32,
}

/// Registers the caller's dataset and gives consent for it under the present ontology root.
pub fn register<R: Registry>(
    registry: &mut R,
    registration: Registration,
) -> Result<Registered, ConsentError> {
    let contributor = registry.caller();
    let contract = registry.contract();
    let genesis = registry.genesis();
    let dataset = signing::dataset_id(&genesis, &contract, &contributor, &registration.nonce);
    if registry.consent(&dataset).is_some() {
        return Err(ConsentError::DatasetExists);
    }
    if registration.size == 0 {
        return Err(ConsentError::Empty);
    }
    let terms = checked_terms(&registration.terms)?;
    let expires_at = checked_expiry(registry, registration.expires_at)?;
    let receipt = signing::custodian_receipt(
        &genesis,
        &contract,
        &dataset,
        &registration.root,
        &registration.key_commitment,
        &registration.custodian,
    );
    if !registry.signed(&registration.custodian_receipt, &receipt, &registration.custodian) {
        return Err(ConsentError::BadReceipt);
    }
    let laboratory = match &registration.laboratory {
        None => nobody(),
        Some(word) => {
            let message = signing::laboratory(&genesis, &contract, &dataset, &contributor);
            if !registry.signed(&word.signature, &message, &word.laboratory) {
                return Err(ConsentError::BadLaboratorySignature);
            }
            word.laboratory
        }
    };
    let root_version = registry.intake(registration.collection).map_err(ConsentError::Policies)?;
    let consent = Consent {
        contributor,
        collection: registration.collection,
        state: ConsentState::Given,
        version: 1,
        custodian: registration.custodian,
        payee: registration.payee,
        root: registration.root,
        size: registration.size,
        key_commitment: registration.key_commitment,
        price: registration.price,
        terms,
        root_version,
        expires_at,
        laboratory,
    };
    registry.store(&dataset, &consent);
    registry.append(&contributor, &dataset);
    Ok(Registered { dataset, root_version })
}

/// A consent's new version and the ontology root that it moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amended {
    pub version: u32,
    pub root_version: u32,
}

/// Replaces terms, price and end, and moves the consent to the present ontology root: the only way there.
/// A consent that has expired, and was not withdrawn, is given again by this.
pub fn amend<R: Registry>(
    registry: &mut R,
    dataset: &DatasetId,
    terms: &Terms,
    price: Balance,
    expires_at: Option<Timestamp>,
) -> Result<Amended, ConsentError> {
    let consent = given(registry, dataset)?;
    let terms = checked_terms(terms)?;
    let expires_at = checked_expiry(registry, expires_at)?;
    let root_version = registry.root_version().map_err(ConsentError::Policies)?;
    let version =
        store_next(registry, dataset, Consent { terms, price, expires_at, root_version, ..consent });
    Ok(Amended { version, root_version })
}

/// Withdraws the consent; answers its new version.
pub fn withdraw<R: Registry>(registry: &mut R, dataset: &DatasetId) -> Result<u32, ConsentError> {
    let consent = given(registry, dataset)?;
    Ok(store_next(registry, dataset, Consent { state: ConsentState::Withdrawn, ..consent }))
}

/// What one `withdraw_all` did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawnAll {
    /// The consents that were withdrawn, with their new versions.
    pub withdrawn: Vec<(DatasetId, u32)>,
    /// Where to go on; `None` when every dataset of the caller has been seen.
    pub next: Option<u32>,
}

/// Withdraws the caller's consents among `limit` datasets (at most `MAX_LINES`) from number `from` on;
/// passes over those that are withdrawn or erased.
pub fn withdraw_all<R: Registry>(registry: &mut R, from: u32, limit: u32) -> WithdrawnAll {
    let contributor = registry.caller();
    let most = u32::try_from(MAX_LINES).unwrap_or(u32::MAX);
    let end = from.saturating_add(limit.min(most));
    let mut withdrawn = Vec::new();
    for number in from..end {
        let Some(dataset) = registry.dataset_at(&contributor, number) else {
            return WithdrawnAll { withdrawn, next: None };
        };
        if let Ok(version) = withdraw(registry, &dataset) {
            withdrawn.push((dataset, version));
        }
    }
    let next = registry.dataset_at(&contributor, end).map(|_| end);
    WithdrawnAll { withdrawn, next }
}

/// What one `erase` did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    pub version: u32,
    /// The consent stood until now, so this was its withdrawal too.
    pub withdrew: bool,
}

/// Clears everything but who registered the dataset, in which collection, and its version.
pub fn erase<R: Registry>(registry: &mut R, dataset: &DatasetId) -> Result<Erased, ConsentError> {
    let consent = own(registry, dataset)?;
    let withdrew = match consent.state {
        ConsentState::Given => true,
        ConsentState::Withdrawn => false,
        ConsentState::Erased => return Err(ConsentError::Erased),
    };
    let tombstone = Consent {
        contributor: consent.contributor,
        collection: consent.collection,
        state: ConsentState::Erased,
        version: consent.version,
        custodian: nobody(),
        payee: nobody(),
        root: Digest::default(),
        size: 0,
        key_commitment: Digest::default(),
        price: 0,
        terms: TermsField::EMPTY,
        root_version: 0,
        expires_at: NEVER,
        laboratory: nobody(),
    };
    let version = store_next(registry, dataset, tombstone);
    Ok(Erased { version, withdrew })
}

/// Names a custodian that signed that it holds the key; answers the new version. Open orders stay with the
/// custodian that they pinned.
pub fn set_custodian<R: Registry>(
    registry: &mut R,
    dataset: &DatasetId,
    custodian: AccountId,
    receipt: &Signature,
) -> Result<u32, ConsentError> {
    let consent = given(registry, dataset)?;
    let message = signing::custodian_receipt(
        &registry.genesis(),
        &registry.contract(),
        dataset,
        &consent.root,
        &consent.key_commitment,
        &custodian,
    );
    if !registry.signed(receipt, &message, &custodian) {
        return Err(ConsentError::BadReceipt);
    }
    Ok(store_next(registry, dataset, Consent { custodian, ..consent }))
}

/// Names who is paid from now on; answers the new version.
pub fn set_payee<R: Registry>(
    registry: &mut R,
    dataset: &DatasetId,
    payee: AccountId,
) -> Result<u32, ConsentError> {
    let consent = given(registry, dataset)?;
    Ok(store_next(registry, dataset, Consent { payee, ..consent }))
}

/// The caller's consent, whatever its state.
fn own<R: Registry>(registry: &R, dataset: &DatasetId) -> Result<Consent, ConsentError> {
    let consent = registry.consent(dataset).ok_or(ConsentError::UnknownDataset)?;
    if consent.contributor != registry.caller() {
        return Err(ConsentError::NotContributor);
    }
    Ok(consent)
}

/// The caller's consent, if it was neither withdrawn nor erased.
fn given<R: Registry>(registry: &R, dataset: &DatasetId) -> Result<Consent, ConsentError> {
    let consent = own(registry, dataset)?;
    match consent.state {
        ConsentState::Given => Ok(consent),
        ConsentState::Withdrawn => Err(ConsentError::Withdrawn),
        ConsentState::Erased => Err(ConsentError::Erased),
    }
}

/// Stores the consent as its next version.
fn store_next<R: Registry>(registry: &mut R, dataset: &DatasetId, consent: Consent) -> u32 {
    // A withdrawal must never be refused, not even after 2^32 changes.
    let version = consent.version.saturating_add(1);
    registry.store(dataset, &Consent { version, ..consent });
    version
}

fn checked_terms(terms: &Terms) -> Result<TermsField, ConsentError> {
    terms.check().and_then(|()| TermsField::new(terms)).map_err(ConsentError::Terms)
}

fn checked_expiry<R: Registry>(
    registry: &R,
    expires_at: Option<Timestamp>,
) -> Result<Timestamp, ConsentError> {
    match expires_at {
        None => Ok(NEVER),
        Some(end) if end > registry.now() => Ok(end),
        Some(_) => Err(ConsentError::BadExpiry),
    }
}
