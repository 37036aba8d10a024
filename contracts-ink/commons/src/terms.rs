//! What a data holder admits (`Terms`) and what a buyer says they will do (`Purpose`), in the words of the
//! GA4GH Data Use Ontology, release 2021-02-23.

use crate::{Digest, Timestamp};
use alloc::vec::Vec;

/// Most MONDO ids in one set of terms.
pub const MAX_TERM_DISEASES: usize = 8;
/// Most MONDO ids in one purpose.
pub const MAX_PURPOSE_DISEASES: usize = 4;

/// Longest encoding of one set of terms, bytes; a consent's cell has this width.
pub const MAX_TERMS_BYTES: usize = 160;

/// The one permission of a set of terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Permission {
    /// DUO:0000004 NRES, no restriction.
    NoRestriction,
    /// DUO:0000042 GRU, general research use.
    GeneralResearch,
    /// DUO:0000006 HMB, health, medical, biomedical research.
    HealthMedicalBiomedical,
    /// DUO:0000007 DS, research on the diseases named in the terms and their descendants.
    DiseaseSpecific,
    /// DUO:0000011 POA, population origins or ancestry research only.
    PopulationOrigins,
}

/// Modifiers that carry no value, one bit each (see `modifier`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Modifiers(pub u16);

/// Bits of `Modifiers`; the DUO code stands in each comment.
pub mod modifier {
    /// DUO:0000012 RS, research specific restrictions: a duty of the buyer.
    pub const RESEARCH_TYPE: u16 = 1;
    /// DUO:0000015 NMDS, no general methods research.
    pub const NO_METHODS: u16 = 1 << 1;
    /// DUO:0000016 GSO, genetic studies only.
    pub const GENETIC_STUDIES_ONLY: u16 = 1 << 2;
    /// DUO:0000018 NPUNCU, non-profit organisation and non-commercial use only.
    pub const NON_PROFIT_NON_COMMERCIAL: u16 = 1 << 3;
    /// DUO:0000045 NPU, non-profit organisation only.
    pub const NON_PROFIT_ORGANISATION: u16 = 1 << 4;
    /// DUO:0000046 NCU, non-commercial use only.
    pub const NON_COMMERCIAL_USE: u16 = 1 << 5;
    /// DUO:0000044 NPOA, no population origins or ancestry research.
    pub const NO_ANCESTRY: u16 = 1 << 6;
    /// DUO:0000043 CC, clinical care allowed: the one modifier that admits.
    pub const CLINICAL_CARE: u16 = 1 << 7;
    /// DUO:0000021 IRB, ethics approval required.
    pub const ETHICS_APPROVAL: u16 = 1 << 8;
    /// DUO:0000019 PUB, publication required: a duty of the buyer.
    pub const PUBLICATION: u16 = 1 << 9;
    /// DUO:0000020 COL, collaboration required: a duty of the buyer.
    pub const COLLABORATION: u16 = 1 << 10;
    /// DUO:0000029 RTN, return of results: a duty of the buyer.
    pub const RETURN_OF_RESULTS: u16 = 1 << 11;
    /// Every bit that has a meaning.
    pub const ALL: u16 = (1 << 12) - 1;
}

impl Modifiers {
    /// Whether every bit of `bits` is set.
    pub fn has(self, bits: u16) -> bool {
        self.0 & bits == bits
    }
}

/// One set of data use terms: a consent's or a policy's.
///
/// Encoded length is at most 160 bytes, so that 64 of them fit ink!'s 16 KiB buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Terms {
    pub permission: Permission,
    /// MONDO numbers, sorted and unique; exactly when the permission is `DiseaseSpecific` not empty.
    pub diseases: Vec<u32>,
    pub modifiers: Modifiers,
    /// DUO:0000022 GS: ISO 3166-1 alpha-2 code, upper-case ASCII.
    pub region: Option<[u8; 2]>,
    /// DUO:0000025 TS: whole months a buyer may keep the data, at least 1.
    pub months: Option<u16>,
    /// DUO:0000026 US: scope of the controlled access grant that names the approved user.
    pub user: Option<Digest>,
    /// DUO:0000027 PS: scope of the controlled access grant that names the approved project.
    pub project: Option<Digest>,
    /// DUO:0000028 IS: scope of the controlled access grant that names the approved institution.
    pub institution: Option<Digest>,
    /// DUO:0000024 MOR: no publication before this time.
    pub publish_from: Option<Timestamp>,
}

/// The primary kind of a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Kind {
    /// Research on the diseases that the purpose names.
    Disease,
    /// Health, medical or biomedical research.
    Health,
    /// Population origins or ancestry research.
    Ancestry,
    /// General research.
    General,
    /// Development of methods.
    Methods,
    /// Care of a patient.
    ClinicalCare,
}

/// Bits of `Purpose::populations`: each needs a human's judgement.
pub mod population {
    pub const CONTROLS: u8 = 1;
    pub const PAEDIATRIC: u8 = 1 << 1;
    pub const ONE_GENDER: u8 = 1 << 2;
    pub const VULNERABLE: u8 = 1 << 3;
    pub const ALL: u8 = (1 << 4) - 1;
}

/// What a buyer says they will do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Purpose {
    pub kind: Kind,
    /// MONDO numbers, sorted and unique; exactly when the kind is `Disease` not empty.
    pub diseases: Vec<u32>,
    pub genetic_study: bool,
    /// The organisation is non-profit; counts only with a live affiliation credential.
    pub non_profit: bool,
    pub commercial_use: bool,
    /// Where the data will be processed: ISO 3166-1 alpha-2, upper-case ASCII.
    pub region: [u8; 2],
    /// Whole months of retention, at least 1.
    pub months: u16,
    /// Intended date of publication, if any.
    pub publish_at: Option<Timestamp>,
    /// Salted hash of the project's identifier.
    pub project: Digest,
    /// Special populations (see `population`); 0 for none.
    pub populations: u8,
}

/// Why terms are not well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum TermsError {
    /// Disease specific terms without a disease.
    DiseasesMissing,
    /// Diseases under another permission.
    DiseasesUnexpected,
    /// More than `MAX_TERM_DISEASES`.
    TooManyDiseases,
    /// Diseases not in rising order, or one of them twice.
    DiseasesUnsorted,
    /// A bit of `Modifiers` without a meaning.
    UnknownModifier,
    /// Not two upper-case ASCII letters.
    BadRegion,
    /// A time limit of no month.
    NoMonths,
    /// No purpose at all would be admitted.
    AdmitsNothing,
    /// Encoded longer than `MAX_TERMS_BYTES`; nothing that passes the other checks is.
    TooLong,
}

/// Why a purpose is not well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum PurposeError {
    /// Disease research without a disease.
    DiseasesMissing,
    /// Diseases under another kind.
    DiseasesUnexpected,
    /// More than `MAX_PURPOSE_DISEASES`.
    TooManyDiseases,
    /// Diseases not in rising order, or one of them twice.
    DiseasesUnsorted,
    /// A bit of `populations` without a meaning.
    UnknownPopulation,
    /// Not two upper-case ASCII letters.
    BadRegion,
    /// A retention of no month.
    NoMonths,
}
