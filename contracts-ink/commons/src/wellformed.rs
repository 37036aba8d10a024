//! Whether terms and purposes are well formed: bounds, order and uniqueness, so that equal meanings have
//! equal encodings and nothing outgrows its cell.

use crate::terms::{
    modifier, population, Kind, Permission, Purpose, PurposeError, Terms, TermsError, MAX_PURPOSE_DISEASES,
    MAX_TERM_DISEASES,
};

/// Every kind of purpose.
pub const KINDS: [Kind; 6] =
    [Kind::Disease, Kind::Health, Kind::Ancestry, Kind::General, Kind::Methods, Kind::ClinicalCare];

impl Terms {
    /// Refuses terms that are not well formed, or that no purpose could ever satisfy. What passes is at most
    /// 150 bytes long, and so fits `MAX_TERMS_BYTES`.
    pub fn check(&self) -> Result<(), TermsError> {
        if self.permission == Permission::DiseaseSpecific {
            if self.diseases.is_empty() {
                return Err(TermsError::DiseasesMissing);
            }
        } else if !self.diseases.is_empty() {
            return Err(TermsError::DiseasesUnexpected);
        }
        if self.diseases.len() > MAX_TERM_DISEASES {
            return Err(TermsError::TooManyDiseases);
        }
        if !rises(&self.diseases) {
            return Err(TermsError::DiseasesUnsorted);
        }
        if self.modifiers.0 & !modifier::ALL != 0 {
            return Err(TermsError::UnknownModifier);
        }
        if self.region.is_some_and(|region| !is_country(region)) {
            return Err(TermsError::BadRegion);
        }
        if self.months == Some(0) {
            return Err(TermsError::NoMonths);
        }
        if !KINDS.iter().any(|kind| self.may_admit(*kind)) {
            return Err(TermsError::AdmitsNothing);
        }
        Ok(())
    }

    /// Whether some purpose of this kind is admitted, given the right credentials.
    pub(crate) fn may_admit(&self, kind: Kind) -> bool {
        self.admits_kind(kind) && self.kind_modifier(kind).is_none()
    }
}

impl Purpose {
    /// Refuses a purpose that is not well formed.
    pub fn check(&self) -> Result<(), PurposeError> {
        if self.kind == Kind::Disease {
            if self.diseases.is_empty() {
                return Err(PurposeError::DiseasesMissing);
            }
        } else if !self.diseases.is_empty() {
            return Err(PurposeError::DiseasesUnexpected);
        }
        if self.diseases.len() > MAX_PURPOSE_DISEASES {
            return Err(PurposeError::TooManyDiseases);
        }
        if !rises(&self.diseases) {
            return Err(PurposeError::DiseasesUnsorted);
        }
        if self.populations & !population::ALL != 0 {
            return Err(PurposeError::UnknownPopulation);
        }
        if !is_country(self.region) {
            return Err(PurposeError::BadRegion);
        }
        if self.months == 0 {
            return Err(PurposeError::NoMonths);
        }
        Ok(())
    }
}

/// Strictly rising: sorted, and nothing twice.
pub fn rises<T: PartialOrd>(items: &[T]) -> bool {
    items.windows(2).all(|pair| matches!(pair, [first, second] if first < second))
}

fn is_country(region: [u8; 2]) -> bool {
    region.iter().all(u8::is_ascii_uppercase)
}
