//! Whether a policy is well formed, and within the limits that the governor set.

use crate::{
    attestation::{AttestationPolicy, MAX_MEASUREMENTS, MAX_VERIFIERS},
    matching::{diseases_within, Facts},
    policy::{Committee, Limits, Policy, PolicyFault, Split, Windows, MAX_COMMITTEE, MAX_REQUIRED},
    terms::Permission,
    Timestamp, MAX_LINES,
};

/// Basis points of the whole.
pub const WHOLE: u16 = 10_000;

impl Policy {
    /// Refuses a policy that is not well formed, is outside the limits, or would shut the collection in
    /// disguise: without a platform, a measurement or a reachable trusted computing base nobody could
    /// qualify, and closing a collection is a decision of its own.
    pub fn check(&self, limits: &Limits, now: Timestamp) -> Result<(), PolicyFault> {
        self.terms.check().map_err(PolicyFault::Terms)?;
        let repeated = self
            .required
            .iter()
            .enumerate()
            .any(|(index, ask)| self.required.iter().take(index).any(|earlier| earlier == ask));
        if self.required.len() > MAX_REQUIRED || repeated {
            return Err(PolicyFault::Required);
        }
        self.attestation.check(now)?;
        if self.min_cohort == 0 || usize::from(self.min_cohort) > MAX_LINES {
            return Err(PolicyFault::MinCohort);
        }
        if !self.split.is_whole()
            || self.split.custodian > limits.max_custodian
            || self.split.treasury > limits.max_treasury
        {
            return Err(PolicyFault::Split);
        }
        if !self.windows.lie_between(&limits.shortest, &limits.longest) {
            return Err(PolicyFault::Windows);
        }
        if self.bond > limits.max_bond {
            return Err(PolicyFault::Bond);
        }
        self.committee.check()
    }

    /// In a collection for one disease, the terms must be disease specific and within that disease.
    pub fn check_disease<F: Facts + ?Sized>(
        &self,
        disease: Option<u32>,
        facts: &F,
        root_version: u32,
    ) -> Result<(), PolicyFault> {
        let within = disease.is_none_or(|disease| {
            self.terms.permission == Permission::DiseaseSpecific
                && diseases_within(&self.terms.diseases, &[disease], facts, root_version)
        });
        within.then_some(()).ok_or(PolicyFault::OutsideDisease)
    }
}

impl AttestationPolicy {
    fn check(&self, now: Timestamp) -> Result<(), PolicyFault> {
        if self.quorum == 0 || usize::from(self.quorum) > MAX_VERIFIERS {
            return Err(PolicyFault::Quorum);
        }
        let platforms_rise = self
            .platforms
            .windows(2)
            .all(|pair| matches!(pair, [first, second] if (*first as u8) < (*second as u8)));
        if self.platforms.is_empty() || !platforms_rise {
            return Err(PolicyFault::Platforms);
        }
        let measurements = &self.measurements;
        if measurements.is_empty()
            || measurements.len() > MAX_MEASUREMENTS
            || !crate::wellformed::rises(measurements)
        {
            return Err(PolicyFault::Measurements);
        }
        if self.min_tcb_date > now {
            return Err(PolicyFault::TcbDate);
        }
        if self.max_age == 0 {
            return Err(PolicyFault::MaxAge);
        }
        Ok(())
    }
}

impl Committee {
    fn check(&self) -> Result<(), PolicyFault> {
        let reachable = self.quorum > 0 && usize::from(self.quorum) <= self.members.len();
        if !reachable || self.members.len() > MAX_COMMITTEE || !crate::wellformed::rises(&self.members) {
            return Err(PolicyFault::Committee);
        }
        Ok(())
    }
}

impl Split {
    /// The shares sum to the whole.
    pub fn is_whole(&self) -> bool {
        // Three u16 never reach u32's end.
        let sum = [self.contributor, self.custodian, self.treasury].map(u32::from).iter().sum::<u32>();
        sum == u32::from(WHOLE)
    }
}

impl Windows {
    fn each(&self) -> [u64; 5] {
        [self.fulfil, self.release, self.dispute, self.answer, self.arbitration]
    }

    fn lie_between(&self, shortest: &Windows, longest: &Windows) -> bool {
        let bounds = shortest.each().into_iter().zip(longest.each());
        self.each().into_iter().zip(bounds).all(|(window, (least, most))| least <= window && window <= most)
    }
}

impl Limits {
    /// Some policy can satisfy the limits, and no window can be empty.
    pub fn are_consistent(&self) -> bool {
        let shares = self.max_custodian <= WHOLE && self.max_treasury <= WHOLE;
        shares
            && self.shortest.each().into_iter().all(|window| window > 0)
            && self.shortest.lie_between(&self.shortest, &self.longest)
    }
}
