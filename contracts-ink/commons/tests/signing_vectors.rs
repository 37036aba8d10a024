//! The bytes of every signed message, compared with the fixture that the TypeScript side is tested against.
//!
//! Fields of 32 bytes are one byte repeated; the fixture's note says which byte stands for which field.

use keystrand_commons::{
    attestation::{Claim, EnclaveKeys, Platform},
    credential::{country_scope, CredentialKind, Grant},
    signing,
    voting::{Ballot, Parts},
    AccountId,
};

const FIXTURE: &str = include_str!("../../../test/fixtures/signing-vectors.json");

fn filled(byte: u8) -> [u8; 32] {
    [byte; 32]
}

fn account(byte: u8) -> AccountId {
    AccountId::from(filled(byte))
}

/// The hex of a vector; the fixture has one vector a line.
fn vector(name: &str) -> &'static str {
    let key = format!("\"{name}\": \"0x");
    let start = FIXTURE.find(&key).unwrap_or_else(|| panic!("no vector {name}")).saturating_add(key.len());
    let rest = &FIXTURE[start..];
    &rest[..rest.find('"').expect("the vector's end")]
}

fn check(name: &str, message: &[u8]) {
    let hex: String = message.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, vector(name), "{name}");
}

#[test]
fn every_message_equals_its_vector() {
    let (genesis, contract, order) = (filled(0x01), account(0x02), filled(0x03));
    let keys = EnclaveKeys { suite: 1, encryption: filled(0x04), signing: filled(0x05) };
    let (dataset, root, commitment) = (filled(0x06), filled(0x07), filled(0x08));
    let (person, nonce) = (account(0x09), filled(0x0a));
    let grant = Grant {
        issuer: account(0x0b),
        holder: account(0x0c),
        kind: CredentialKind::Jurisdiction,
        scope: country_scope(*b"FR"),
        valid_from: 1_700_000_000_000,
        valid_until: 1_800_000_000_000,
        salt: filled(0x0d),
    };
    let claim = Claim {
        order,
        keys,
        platform: Platform::Simulated,
        measurement: filled(0x0f),
        tcb_date: 1_690_000_000_000,
        debug: true,
        evidence: filled(0x10),
        issued: 1_700_000_000_001,
        expires: 1_700_000_600_001,
    };
    let lines = [
        signing::ReceiptLine { dataset, root, key_commitment: commitment, packet: filled(0x12), good: true },
        signing::ReceiptLine {
            dataset: filled(0x13),
            root: filled(0x14),
            key_commitment: filled(0x15),
            packet: filled(0x16),
            good: false,
        },
    ];

    check("dataset_id", &signing::dataset_id(&genesis, &contract, &person, &nonce));
    check("order_id", &signing::order_id(&genesis, &contract, &person, &nonce));
    check("key_commitment", &signing::key_commitment(&root, &filled(0x0e)));
    check(
        "custodian_receipt",
        &signing::custodian_receipt(&genesis, &contract, &dataset, &root, &commitment, &person),
    );
    check("laboratory", &signing::laboratory(&genesis, &contract, &dataset, &person));
    let granted = signing::grant(&genesis, &contract, &grant);
    check("grant", &granted);
    check("grant_hash", &signing::blake2_256(&granted));
    check("enclave", &signing::enclave(&genesis, &contract, &order, &keys));
    check("report_data_message", &signing::report_data(&genesis, &contract, &order, &keys));
    check("attestation", &signing::attestation(&genesis, &contract, &claim));
    check(
        "review",
        &signing::review(&genesis, &contract, &order, 3, true, &filled(0x11), 1_760_000_000_000),
    );
    check("receipt", &signing::receipt(&genesis, &contract, &order, 1, &lines, &filled(0x17)));
    check(
        "settlement",
        &signing::settlement(&genesis, &contract, &order, &[0, 2, 63], 5_000, 1_750_000_000_000),
    );
    check(
        "concession",
        &signing::concession(&genesis, &contract, &order, &[0, 2, 63], 5_000, 1_750_000_000_000),
    );

    let (content, deadline) = (filled(0x18), 1_770_000_000_000);
    let parts = Parts { favour: 6_000, against: 3_000, abstain: 1_000 };
    let ballot = Ballot { own: Some(parts), delegated: None };
    let reason = signing::blake2_256(b"because");
    check("ballot", &signing::ballot(&genesis, &contract, 7, &content, &ballot, 2, deadline, &reason));
    check("veto", &signing::veto(&genesis, &contract, 7, &content, deadline));
    check("emergency", &signing::emergency(&genesis, &contract, &filled(0x19), 3, deadline));
    check("proposal_content", &signing::proposal_content(&person, 1, &[1, 2, 3], &[4, 5]));
}
