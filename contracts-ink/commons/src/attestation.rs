//! Attestation in the words of RFC 9334 (RATS).

use crate::{AccountId, Digest, OrderId, Timestamp};
use alloc::vec::Vec;

/// Most reference measurements or platforms in one policy.
pub const MAX_MEASUREMENTS: usize = 8;
/// Most verifiers whose results one order can carry.
pub const MAX_VERIFIERS: usize = 8;

/// Most evidence that one order can use: as often can its enclave fall and be replaced.
pub const MAX_EVIDENCE: usize = 8;

/// Where an enclave runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Platform {
    IntelTdx,
    IntelSgx,
    AwsNitro,
    /// The same documents under a development root; a policy must admit it by name.
    Simulated,
}

/// What a policy asks of an enclave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct AttestationPolicy {
    /// Distinct allowed verifiers that must sign.
    pub quorum: u8,
    /// Sorted, unique.
    pub platforms: Vec<Platform>,
    /// blake2_256 of the platform's measurement registers; sorted, unique.
    pub measurements: Vec<Digest>,
    /// Oldest acceptable date of the trusted computing base.
    pub min_tcb_date: Timestamp,
    pub admit_debug: bool,
    /// Longest time between a claim's issue and its use, ms.
    pub max_age: u64,
}

/// The keys that an enclave made for one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct EnclaveKeys {
    /// Key agreement suite of packets: 1 = X25519 with crypt4gh packets.
    pub suite: u8,
    /// X25519 public key that packets are sealed to.
    pub encryption: [u8; 32],
    /// sr25519 public key that signs the receipt.
    pub signing: [u8; 32],
}

/// The attestation result that each verifier signs (`signing::attestation`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Claim {
    pub order: OrderId,
    pub keys: EnclaveKeys,
    pub platform: Platform,
    pub measurement: Digest,
    pub tcb_date: Timestamp,
    pub debug: bool,
    /// blake2_256 of the evidence document.
    pub evidence: Digest,
    pub issued: Timestamp,
    pub expires: Timestamp,
}

/// One verifier's signature over a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct VerifierSignature {
    pub verifier: AccountId,
    pub signature: crate::Signature,
}

/// Why a claim is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum AttestationError {
    /// Fewer distinct allowed verifiers than the quorum signed.
    TooFewVerifiers,
    /// One verifier signed twice.
    DuplicateVerifier,
    /// A signer is no allowed verifier.
    UnknownVerifier,
    /// A signature does not verify over the rebuilt claim.
    BadSignature,
    /// The platform is not admitted by the policy.
    PlatformNotAdmitted,
    /// The measurement is not admitted by the policy.
    MeasurementNotAdmitted,
    /// The measurement is unknown to, or revoked by, the attestations contract.
    MeasurementRevoked,
    /// The trusted computing base is too old.
    TcbTooOld,
    /// Debug evidence, and the policy does not admit it.
    DebugNotAdmitted,
    /// The claim was issued in the future, is too old or has expired.
    NotFresh,
    /// This evidence was used before.
    EvidenceUsed,
    /// The caller is not the escrow.
    NotEscrow,
    /// The escrow reserved no cell for this order's evidence, or has dismissed it.
    NotReserved,
    /// The order used as much evidence as its cell holds.
    EvidenceExhausted,
}
