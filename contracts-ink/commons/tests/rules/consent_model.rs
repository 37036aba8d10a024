//! A reference model of consents, written from the design and not from the code: it imports nothing of ours.
//! People, collections and terms are small numbers; a refusal is a word.

/// Who registered it, with which nonce.
pub type Key = (u8, u8);

#[derive(Clone, Debug)]
pub enum Step {
    Register {
        who: u8,
        nonce: u8,
        collection: u8,
        content: u8,
        size: u64,
        custodian: u8,
        honest_receipt: bool,
        payee: u8,
        price: u128,
        terms: u8,
        ends: Option<u64>,
        /// The laboratory, and whether it signed for this very dataset.
        laboratory: Option<(u8, bool)>,
    },
    Amend {
        who: u8,
        key: Key,
        terms: u8,
        price: u128,
        ends: Option<u64>,
    },
    Withdraw {
        who: u8,
        key: Key,
    },
    WithdrawAll {
        who: u8,
        from: u32,
        limit: u32,
    },
    Erase {
        who: u8,
        key: Key,
    },
    SetCustodian {
        who: u8,
        key: Key,
        custodian: u8,
        honest_receipt: bool,
    },
    SetPayee {
        who: u8,
        key: Key,
        payee: u8,
    },
    /// Time passes.
    Pass(u64),
    /// The DAO sets a new ontology root.
    NewRoot,
    /// The DAO closes a collection.
    Close(u8),
    /// The contract of policies answers, or does not.
    Answering(bool),
}

/// Terms with this number are not well formed.
pub const BAD_TERMS: u8 = 3;
/// Collections 1 and 2 exist.
pub const COLLECTIONS: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Given,
    Withdrawn,
    Erased,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: Key,
    pub life: Life,
    pub version: u32,
    pub collection: u8,
    /// What is left after erasure: nothing.
    pub details: Option<Details>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub content: u8,
    pub size: u64,
    pub custodian: u8,
    pub payee: u8,
    pub price: u128,
    pub terms: u8,
    pub root: u32,
    pub ends: Option<u64>,
    pub laboratory: Option<u8>,
}

/// What a step answers: the new version, or which of `withdraw_all`'s ended and where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Version(u32),
    All {
        withdrawn: Vec<(Key, u32)>,
        next: Option<u32>,
    },
    /// The world changed, no consent did.
    Silent,
}

pub struct Model {
    pub now: u64,
    pub root: u32,
    pub closed: [bool; COLLECTIONS as usize],
    pub answering: bool,
    /// In the order of registration.
    pub entries: Vec<Entry>,
}

impl Model {
    pub fn new() -> Self {
        Self { now: 1_000, root: 1, closed: [false; 2], answering: true, entries: vec![] }
    }

    pub fn step(&mut self, step: &Step) -> Result<Answer, &'static str> {
        match step.clone() {
            Step::Register {
                who,
                nonce,
                collection,
                content,
                size,
                custodian,
                honest_receipt,
                payee,
                price,
                terms,
                ends,
                laboratory,
            } => {
                let key = (who, nonce);
                if self.entries.iter().any(|entry| entry.key == key) {
                    return Err("DatasetExists");
                }
                if size == 0 {
                    return Err("Empty");
                }
                self.check(terms, ends)?;
                if !honest_receipt {
                    return Err("BadReceipt");
                }
                if matches!(laboratory, Some((_, false))) {
                    return Err("BadLaboratorySignature");
                }
                if !self.answering {
                    return Err("Policies(Unreachable)");
                }
                match collection {
                    1..=COLLECTIONS if self.closed[usize::from(collection) - 1] => {
                        return Err("Policies(CollectionClosed)");
                    }
                    1..=COLLECTIONS => {}
                    _ => return Err("Policies(UnknownCollection)"),
                }
                let laboratory = laboratory.map(|(laboratory, _)| laboratory);
                let root = self.root;
                let details =
                    Details { content, size, custodian, payee, price, terms, root, ends, laboratory };
                let life = Life::Given;
                self.entries.push(Entry { key, life, version: 1, collection, details: Some(details) });
                Ok(Answer::Version(1))
            }
            Step::Amend { who, key, terms, price, ends } => {
                self.given(who, key)?;
                self.check(terms, ends)?;
                if !self.answering {
                    return Err("Policies(Unreachable)");
                }
                let root = self.root;
                self.change(key, |details| {
                    details.terms = terms;
                    details.price = price;
                    details.ends = ends;
                    details.root = root;
                })
            }
            Step::Withdraw { who, key } => {
                let position = self.given(who, key)?;
                Ok(Answer::Version(self.withdraw(position)))
            }
            Step::WithdrawAll { who, from, limit } => {
                let own: Vec<usize> =
                    (0..self.entries.len()).filter(|at| self.entries[*at].key.0 == who).collect();
                let end = (u64::from(from) + u64::from(limit.min(64))).min(own.len() as u64) as usize;
                let mut withdrawn = vec![];
                for position in own.iter().take(end).skip(from as usize) {
                    if self.entries[*position].life == Life::Given {
                        let version = self.withdraw(*position);
                        withdrawn.push((self.entries[*position].key, version));
                    }
                }
                let reached = u64::from(from) + u64::from(limit.min(64));
                let next = (reached < own.len() as u64).then_some(reached as u32);
                Ok(Answer::All { withdrawn, next })
            }
            Step::Erase { who, key } => {
                let position = self.own(who, key)?;
                let entry = &mut self.entries[position];
                if entry.life == Life::Erased {
                    return Err("Erased");
                }
                entry.life = Life::Erased;
                entry.details = None;
                entry.version += 1;
                Ok(Answer::Version(entry.version))
            }
            Step::SetCustodian { who, key, custodian, honest_receipt } => {
                self.given(who, key)?;
                if !honest_receipt {
                    return Err("BadReceipt");
                }
                self.change(key, |details| details.custodian = custodian)
            }
            Step::SetPayee { who, key, payee } => {
                self.given(who, key)?;
                self.change(key, |details| details.payee = payee)
            }
            Step::Pass(time) => {
                self.now += time;
                Ok(Answer::Silent)
            }
            Step::NewRoot => {
                self.root += 1;
                Ok(Answer::Silent)
            }
            Step::Close(collection) => {
                self.closed[usize::from(collection) - 1] = true;
                Ok(Answer::Silent)
            }
            Step::Answering(answering) => {
                self.answering = answering;
                Ok(Answer::Silent)
            }
        }
    }

    /// Why a dataset denies before its terms are asked, or the laboratory's fault after; `None` if neither.
    pub fn refusal(
        &self,
        key: Key,
        collection: u8,
        custodian: Option<u8>,
        accredited: Option<&[u8]>,
    ) -> Option<&'static str> {
        let Some(entry) = self.entries.iter().find(|entry| entry.key == key) else {
            return Some("UnknownDataset");
        };
        if entry.collection != collection {
            return Some("OtherCollection");
        }
        let Some(details) = entry.details.as_ref().filter(|_| entry.life == Life::Given) else {
            return Some("Withdrawn");
        };
        if details.ends.is_some_and(|end| self.now >= end) {
            return Some("Expired");
        }
        if custodian.is_some_and(|custodian| custodian != details.custodian) {
            return Some("OtherCustodian");
        }
        let accredited = accredited?;
        let vouched = details.laboratory.is_some_and(|laboratory| accredited.contains(&laboratory));
        (!vouched).then_some("Laboratory")
    }

    fn own(&self, who: u8, key: Key) -> Result<usize, &'static str> {
        let position = self.entries.iter().position(|entry| entry.key == key).ok_or("UnknownDataset")?;
        if key.0 == who {
            Ok(position)
        } else {
            Err("NotContributor")
        }
    }

    fn given(&self, who: u8, key: Key) -> Result<usize, &'static str> {
        let position = self.own(who, key)?;
        match self.entries[position].life {
            Life::Given => Ok(position),
            Life::Withdrawn => Err("Withdrawn"),
            Life::Erased => Err("Erased"),
        }
    }

    fn check(&self, terms: u8, ends: Option<u64>) -> Result<(), &'static str> {
        if terms == BAD_TERMS {
            return Err("Terms(NoMonths)");
        }
        if ends.is_some_and(|end| end <= self.now) {
            return Err("BadExpiry");
        }
        Ok(())
    }

    fn withdraw(&mut self, position: usize) -> u32 {
        let entry = &mut self.entries[position];
        entry.life = Life::Withdrawn;
        entry.version += 1;
        entry.version
    }

    fn change(&mut self, key: Key, change: impl FnOnce(&mut Details)) -> Result<Answer, &'static str> {
        let entry = self.entries.iter_mut().find(|entry| entry.key == key).expect("found before");
        change(entry.details.as_mut().expect("given"));
        entry.version += 1;
        Ok(Answer::Version(entry.version))
    }
}
