//! A world of plain maps behind the order rules, with calls that are undone when they are refused.

use keystrand_commons::{
    attestation::{AttestationError, AttestationPolicy, Claim, EnclaveKeys, Platform, VerifierSignature},
    decision::{Decision, Reason, Rule, Whose},
    interface::{AskError, LineFacts, Permits},
    order::{
        Activity, EscrowError, Event, Evidence, Head, Ledger, Line, Request, RequestedLine, Signed, World,
    },
    policy::{Committee, PolicyView, Split, Windows},
    signing,
    terms::{Kind, Purpose},
    AccountId, Balance, CollectionId, DatasetId, Digest, OrderId, Signature, Timestamp,
};
use std::collections::{hash_map::DefaultHasher, BTreeMap, BTreeSet};
use std::{
    cell::RefCell,
    hash::{Hash, Hasher},
};

/// Accounts of the tests, by role; contributors and payees are numbered by dataset.
pub const BUYER: u8 = 1;
pub const CUSTODIAN: u8 = 2;
pub const ARBITRATOR: u8 = 3;
pub const TREASURY: u8 = 4;
pub const STRANGER: u8 = 5;
pub const MEMBERS: [u8; 3] = [6, 7, 8];
pub const ENCLAVE: u8 = 9;
pub const VERIFIERS: [u8; 3] = [10, 11, 12];
pub const ESCROW: u8 = 20;
pub const COLLECTION: CollectionId = 1;
pub const GENESIS: Digest = [0xee; 32];
pub const EXISTENTIAL_DEPOSIT: Balance = 10;
pub const START: Timestamp = 1_700_000_000_000;
pub const RICHES: Balance = 1 << 90;

pub fn account(number: u8) -> AccountId {
    AccountId::from([number; 32])
}
pub fn contributor(dataset: u8) -> u8 {
    100 + dataset
}
pub fn payee(dataset: u8) -> u8 {
    150 + dataset
}
pub fn dataset(number: u8) -> DatasetId {
    [number; 32]
}

pub const DENIED: Reason = Reason { rule: Rule::Withdrawn, whose: Whose::Consent };
pub const POLICY_DENIED: Reason = Reason { rule: Rule::Permission, whose: Whose::Policy };
pub const UNDECIDED: Reason = Reason { rule: Rule::SpecialPopulation, whose: Whose::Consent };

/// What the other contracts know of a dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Consent {
    pub decision: Decision,
    pub version: u32,
    pub price: Balance,
    pub custodian: u8,
}

/// The chain and the other contracts.
#[derive(Clone, Debug, PartialEq)]
pub struct Maps {
    pub caller: AccountId,
    pub paid: Balance,
    pub now: Timestamp,
    pub view: PolicyView,
    pub policy: Decision,
    pub consents: BTreeMap<DatasetId, Consent>,
    /// What the attestations contract answers to any claim.
    pub attestation: Result<(), AttestationError>,
    /// Evidence used by the orders that reserved a cell for it.
    pub used: BTreeMap<OrderId, BTreeSet<Digest>>,
    pub balances: BTreeMap<[u8; 32], Balance>,
    /// Accounts that cannot receive.
    pub refuses: BTreeSet<[u8; 32]>,
    pub events: Vec<Event>,
    pub ledger: Ledger,
    pub heads: BTreeMap<OrderId, Head>,
    pub lines: BTreeMap<OrderId, Vec<Line>>,
    pub evidence: BTreeMap<OrderId, Evidence>,
    pub erased: BTreeSet<OrderId>,
    pub activity: BTreeMap<(CollectionId, [u8; 32]), Activity>,
}

/// Signatures here are a keyed hash of exactly the message: cheap, and wrong for any other signer or byte.
pub fn sign(signer: u8, message: &[u8]) -> Signature {
    let mut hasher = DefaultHasher::new();
    (account(signer).as_ref() as &[u8; 32]).hash(&mut hasher);
    message.hash(&mut hasher);
    let mut signature = [0; 64];
    signature[..8].copy_from_slice(&hasher.finish().to_le_bytes());
    signature
}

pub fn signed(signer: u8, message: &[u8]) -> Signed {
    Signed { signer: account(signer), signature: sign(signer, message) }
}

impl Maps {
    /// A collection of `datasets` datasets of price 1000, each approved, and a policy with round windows.
    pub fn new(datasets: u8) -> Self {
        let view = PolicyView {
            version: 1,
            hash: [1; 32],
            attestation: AttestationPolicy {
                quorum: 2,
                platforms: vec![Platform::Simulated],
                measurements: vec![[7; 32]],
                min_tcb_date: 0,
                admit_debug: false,
                max_age: 1000,
            },
            min_cohort: 2,
            laboratory: false,
            split: Split { contributor: 7_000, custodian: 2_000, treasury: 1_000 },
            windows: Windows { fulfil: 1_000, release: 100, dispute: 500, answer: 200, arbitration: 300 },
            bond: 50,
            arbitrator: account(ARBITRATOR),
            treasury: account(TREASURY),
            committee: Committee { members: MEMBERS.map(account).to_vec(), quorum: 2 },
            queued: None,
        };
        let consents = (0..datasets)
            .map(|number| {
                let consent =
                    Consent { decision: Decision::Approve, version: 1, price: 1_000, custodian: CUSTODIAN };
                (dataset(number), consent)
            })
            .collect();
        let balances = (0..=u8::MAX)
            .filter(|number| {
                *number < 21
                    || (contributor(0)..contributor(12)).contains(number)
                    || (payee(0)..payee(12)).contains(number)
            })
            .map(|number| ([number; 32], if number == ESCROW { EXISTENTIAL_DEPOSIT } else { RICHES }))
            .collect();
        Self {
            caller: account(STRANGER),
            paid: 0,
            now: START,
            view,
            policy: Decision::Approve,
            consents,
            attestation: Ok(()),
            used: BTreeMap::new(),
            balances,
            refuses: BTreeSet::new(),
            events: Vec::new(),
            ledger: Ledger::default(),
            heads: BTreeMap::new(),
            lines: BTreeMap::new(),
            evidence: BTreeMap::new(),
            erased: BTreeSet::new(),
            activity: BTreeMap::new(),
        }
    }

    /// Calls a message as the chain does: the value moves first, and a refusal undoes everything.
    pub fn call<T>(
        &mut self,
        caller: u8,
        paid: Balance,
        message: impl FnOnce(&mut Maps) -> Result<T, EscrowError>,
    ) -> Result<T, EscrowError> {
        let before = self.clone();
        self.caller = account(caller);
        self.paid = paid;
        self.events.clear();
        self.transfer(account(caller), account(ESCROW), paid);
        let result = message(self);
        if result.is_err() {
            *self = before;
        }
        result
    }

    fn transfer(&mut self, from: AccountId, to: AccountId, amount: Balance) {
        *self.balances.get_mut(from.as_ref() as &[u8; 32]).expect("known account") -= amount;
        *self.balances.get_mut(to.as_ref() as &[u8; 32]).expect("known account") += amount;
    }

    pub fn balance(&self, number: u8) -> Balance {
        self.balances[&[number; 32]]
    }

    pub fn purpose() -> Purpose {
        Purpose {
            kind: Kind::Health,
            diseases: Vec::new(),
            genetic_study: true,
            non_profit: true,
            commercial_use: false,
            region: *b"DE",
            months: 12,
            publish_at: None,
            project: [0; 32],
            populations: 0,
        }
    }

    /// A request that sees the world as it is.
    pub fn request(&self, nonce: u8, datasets: &[u8]) -> Request {
        Request {
            collection: COLLECTION,
            custodian: account(CUSTODIAN),
            lines: datasets
                .iter()
                .map(|number| RequestedLine {
                    dataset: dataset(*number),
                    consent_version: self
                        .consents
                        .get(&dataset(*number))
                        .map_or(0, |consent| consent.version),
                })
                .collect(),
            purpose: Self::purpose(),
            policy_version: self.view.version,
            policy_hash: self.view.hash,
            reader_key: [3; 32],
            job: [4; 32],
            nonce: [nonce; 32],
        }
    }

    pub fn claim(order: OrderId, evidence: u8, now: Timestamp) -> Claim {
        Claim {
            order,
            keys: EnclaveKeys { suite: 1, encryption: [8; 32], signing: [ENCLAVE; 32] },
            platform: Platform::Simulated,
            measurement: [7; 32],
            tcb_date: now,
            debug: false,
            evidence: [evidence; 32],
            issued: now,
            expires: now + 10_000,
        }
    }

    /// Two verifiers' results. The attestations contract checks them, not the escrow.
    pub fn results() -> Vec<VerifierSignature> {
        VERIFIERS[..2]
            .iter()
            .map(|verifier| VerifierSignature { verifier: account(*verifier), signature: [0; 64] })
            .collect()
    }
}

/// Hashing unoptimised would be half of the random histories' time, so ids are kept.
pub fn order_id(buyer: u8, nonce: u8) -> OrderId {
    thread_local!(static KNOWN: RefCell<BTreeMap<(u8, u8), OrderId>> = const { RefCell::new(BTreeMap::new()) });
    let compute = || signing::order_id(&GENESIS, &account(ESCROW), &account(buyer), &[nonce; 32]);
    KNOWN.with_borrow_mut(|known| *known.entry((buyer, nonce)).or_insert_with(compute))
}

impl World for Maps {
    fn caller(&self) -> AccountId {
        self.caller
    }
    fn paid(&self) -> Balance {
        self.paid
    }
    fn now(&self) -> Timestamp {
        self.now
    }
    fn genesis(&self) -> Digest {
        GENESIS
    }
    fn escrow(&self) -> AccountId {
        account(ESCROW)
    }
    fn existential_deposit(&self) -> Balance {
        EXISTENTIAL_DEPOSIT
    }
    fn verifies(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool {
        let bytes: &[u8; 32] = signer.as_ref();
        *signature == sign(bytes[0], message) && *bytes == [bytes[0]; 32]
    }
    fn verifies_from_wallet(&self, signature: &Signature, message: &[u8], signer: &AccountId) -> bool {
        self.verifies(signature, message, signer)
    }
    fn pay(&mut self, to: AccountId, amount: Balance) -> bool {
        let key: &[u8; 32] = to.as_ref();
        if self.refuses.contains(key) {
            return false;
        }
        self.transfer(account(ESCROW), to, amount);
        true
    }
    fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    fn permits(
        &self,
        collection: CollectionId,
        custodian: Option<AccountId>,
        datasets: Vec<DatasetId>,
        _purpose: &Purpose,
        _buyer: AccountId,
    ) -> Result<Permits, EscrowError> {
        if collection != COLLECTION {
            return Err(EscrowError::Ask(AskError::UnknownCollection));
        }
        let facts = |id: &DatasetId| {
            let number = id[0];
            let Some(consent) = self.consents.get(id) else {
                return LineFacts {
                    decision: Decision::Deny(Reason { rule: Rule::UnknownDataset, whose: Whose::Consent }),
                    version: 0,
                    price: 0,
                    payee: account(0),
                    contributor: account(0),
                    root: [0; 32],
                    key_commitment: [0; 32],
                };
            };
            let elsewhere = custodian.is_some_and(|custodian| custodian != account(consent.custodian));
            LineFacts {
                decision: if elsewhere {
                    Decision::Deny(Reason { rule: Rule::OtherCustodian, whose: Whose::Consent })
                } else {
                    consent.decision
                },
                version: consent.version,
                price: consent.price,
                payee: account(payee(number)),
                contributor: account(contributor(number)),
                root: [number; 32],
                key_commitment: [number; 32],
            }
        };
        Ok(Permits {
            view: self.view.clone(),
            policy: self.policy,
            lines: datasets.iter().map(facts).collect(),
        })
    }
    fn policy(&self, _collection: CollectionId) -> Result<PolicyView, EscrowError> {
        Ok(self.view.clone())
    }
    fn reserve_evidence(&mut self, order: &OrderId) -> Result<(), EscrowError> {
        self.used.insert(*order, BTreeSet::new());
        Ok(())
    }
    fn dismiss_evidence(&mut self, order: &OrderId) -> Result<(), EscrowError> {
        self.used.remove(order);
        Ok(())
    }
    fn consume(
        &mut self,
        claim: &Claim,
        _policy: &AttestationPolicy,
        _signatures: Vec<VerifierSignature>,
    ) -> Result<(), EscrowError> {
        self.attestation.map_err(EscrowError::Attestation)?;
        let used = self.used.get_mut(&claim.order);
        if !used.ok_or(EscrowError::Attestation(AttestationError::NotReserved))?.insert(claim.evidence) {
            return Err(EscrowError::Attestation(AttestationError::EvidenceUsed));
        }
        Ok(())
    }
    fn stands(
        &self,
        _claim: &Claim,
        _verifiers: Vec<AccountId>,
        _policy: &AttestationPolicy,
    ) -> Result<(), EscrowError> {
        self.attestation.map_err(EscrowError::Attestation)
    }

    fn ledger(&self) -> Ledger {
        self.ledger
    }
    fn set_ledger(&mut self, ledger: Ledger) {
        self.ledger = ledger;
    }
    fn head(&self, order: &OrderId) -> Option<Head> {
        self.heads.get(order).cloned()
    }
    fn set_head(&mut self, order: &OrderId, head: &Head) {
        self.heads.insert(*order, head.clone());
    }
    fn lines(&self, order: &OrderId) -> Vec<Line> {
        self.lines.get(order).cloned().unwrap_or_default()
    }
    fn set_lines(&mut self, order: &OrderId, lines: &Vec<Line>) {
        self.lines.insert(*order, lines.clone());
    }
    fn evidence(&self, order: &OrderId) -> Evidence {
        self.evidence.get(order).cloned().unwrap_or_else(Evidence::none)
    }
    fn set_evidence(&mut self, order: &OrderId, evidence: &Evidence) {
        self.evidence.insert(*order, evidence.clone());
    }
    fn erase(&mut self, order: &OrderId) {
        self.heads.remove(order);
        self.lines.remove(order);
        self.evidence.remove(order);
        self.erased.insert(*order);
    }
    fn was_erased(&self, order: &OrderId) -> bool {
        self.erased.contains(order)
    }
    fn activity(&self, collection: CollectionId, account: AccountId) -> Activity {
        self.activity.get(&(collection, *account.as_ref())).copied().unwrap_or_default()
    }
    fn set_activity(&mut self, collection: CollectionId, account: AccountId, activity: Activity) {
        if activity.stored == 0 {
            self.activity.remove(&(collection, *account.as_ref()));
        } else {
            self.activity.insert((collection, *account.as_ref()), activity);
        }
    }
}
