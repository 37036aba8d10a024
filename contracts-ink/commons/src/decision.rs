//! The answer of a rule: what was decided, by which rule, and whose rule it was.

/// Who set the rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Whose {
    /// The DAO's policy of the collection.
    Policy,
    /// The contributor's consent for the dataset.
    Consent,
}

/// The rule that decided; the DUO code of its term, where it has one, stands in the comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Rule {
    /// The permission does not admit the purpose's kind.
    Permission,
    /// DUO:0000007: a disease of the purpose descends from none of the terms.
    Disease,
    /// The table of kind x permission has no cell for this.
    Unlisted,
    /// DUO:0000015 NMDS.
    NoMethods,
    /// DUO:0000016 GSO.
    GeneticStudiesOnly,
    /// DUO:0000018 NPUNCU.
    NonProfitNonCommercial,
    /// DUO:0000045 NPU.
    NonProfitOrganisation,
    /// DUO:0000046 NCU.
    NonCommercialUse,
    /// DUO:0000044 NPOA.
    NoAncestry,
    /// DUO:0000043 CC: clinical care needs it.
    ClinicalCare,
    /// DUO:0000021 IRB: no live ethics approval for the project.
    EthicsApproval,
    /// DUO:0000022 GS: region of processing, or no live jurisdiction credential for it.
    Region,
    /// DUO:0000025 TS.
    TimeLimit,
    /// DUO:0000026 US.
    User,
    /// DUO:0000027 PS.
    Project,
    /// DUO:0000028 IS.
    Institution,
    /// DUO:0000024 MOR.
    Moratorium,
    /// A special population: people decide (Abstain).
    SpecialPopulation,
    /// A credential that the policy requires is not held.
    RequiredCredential,
    /// The buyer is suspended.
    Suspended,
    /// The collection is closed.
    CollectionClosed,
    /// The consent was withdrawn or erased.
    Withdrawn,
    /// The consent has expired.
    Expired,
    /// No such dataset.
    UnknownDataset,
    /// The dataset is of another collection.
    OtherCollection,
    /// The dataset's key is with another custodian.
    OtherCustodian,
    /// The policy requires an accredited laboratory's signature and the dataset has none.
    Laboratory,
    /// No such collection.
    UnknownCollection,
}

/// A rule with its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Reason {
    pub rule: Rule,
    pub whose: Whose,
}

/// What a set of terms says to a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Decision {
    Approve,
    /// The collection's data access committee must decide.
    Abstain(Reason),
    Deny(Reason),
}

impl Decision {
    /// The stricter of two: Deny before Abstain before Approve; of equals, `self`.
    pub fn and(self, other: Decision) -> Decision {
        match (self, other) {
            (Decision::Deny(_), _) => self,
            (_, Decision::Deny(_)) => other,
            (Decision::Abstain(_), _) => self,
            _ => other,
        }
    }
}
