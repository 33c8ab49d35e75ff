//! Two roles sign a pack, and nothing else will do.

use crate::{DAY, sheet};
use ed25519_dalek::{Signer, SigningKey};
use std::fmt::Write as _;
use tanba_law::{
    ActivationError, KeyFile, Library, Mode, Pack, SignatureError, SignatureFile, SignerRole, activate, signed_message,
};

const KZ_2016: &str = include_str!("../../packs/kz-2016-as-enacted.yaml");

/// The 2016 pack as if a lawyer had verified everything: test data, not law.
fn settled() -> Pack {
    let text = KZ_2016.replace("status: draft", "status: final").replace("confidence: C}", "confidence: B}");
    Pack::from_yaml(&text, Library::embedded().indices()).unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn keys() -> String {
    let row = |name: &str, role: &str, whose: &str, seed: u8| {
        let public = hex(key(seed).verifying_key().as_bytes());
        format!(
            "  - {{name: {name}, role: {role}, {whose}public: \"{public}\", valid_from: 2026-01-01, valid_to: 2027-01-01}}\n"
        )
    };
    let lawyer = row("lawyer", "legal", "jurisdiction: KZ, ", 1);
    let foreign = row("foreign-lawyer", "legal", "jurisdiction: RU, ", 3);
    let both = row("lawyer", "technical", "", 1);
    let engineer = row("engineer", "technical", "", 2);
    format!("format: tanba-law-keys/1\nkeys:\n{lawyer}{foreign}{both}{engineer}")
}

/// A file of signatures by (role, key name, seed of the key, day).
fn signatures(pack: &Pack, rows: &[(SignerRole, &str, u8, &str)]) -> String {
    let rows: String = rows
        .iter()
        .map(|(role, name, seed, on)| {
            let message = signed_message(pack.id(), pack.hash(), *role, on.parse().unwrap());
            let signature = hex(&key(*seed).sign(message.as_bytes()).to_bytes());
            format!("  - {{role: {}, key: {name}, on: {on}, signature: \"{signature}\"}}\n", role.name())
        })
        .collect();
    format!("format: tanba-law-signatures/1\npack: {}\nhash: \"{}\"\nsignatures:\n{rows}", pack.id(), pack.hash())
}

const LEGAL: (SignerRole, &str, u8, &str) = (SignerRole::Legal, "lawyer", 1, "2026-05-01");
const TECHNICAL: (SignerRole, &str, u8, &str) = (SignerRole::Technical, "engineer", 2, "2026-05-03");

fn verify(pack: &Pack, file: &str) -> Result<tanba_law::Approval, SignatureError> {
    pack.verify(&SignatureFile::from_yaml(file).unwrap(), &KeyFile::from_yaml(&keys()).unwrap())
}

#[test]
fn control_a4_both_roles_open_production_and_one_does_not() {
    let pack = settled();
    let good = signatures(&pack, &[LEGAL, TECHNICAL]);
    let approval = verify(&pack, &good).unwrap();
    assert_eq!((approval.legal.as_str(), approval.technical.as_str()), ("lawyer", "engineer"));
    assert_eq!(approval.on.to_string(), "2026-05-03");
    assert_eq!(verify(&pack, &signatures(&pack, &[LEGAL])), Err(SignatureError::Missing(SignerRole::Technical)));
    assert_eq!(verify(&pack, &signatures(&pack, &[TECHNICAL])), Err(SignatureError::Missing(SignerRole::Legal)));
    assert_eq!(verify(&pack, &signatures(&pack, &[LEGAL, LEGAL])), Err(SignatureError::Missing(SignerRole::Technical)));

    assert!(matches!(activate(&pack, Mode::Production), Err(ActivationError::Unsigned { .. })));
    let keys = KeyFile::from_yaml(&keys()).unwrap();
    let signed = pack.approved(&SignatureFile::from_yaml(&good).unwrap(), &keys).unwrap();
    let active = activate(&signed, Mode::Production).unwrap();
    let (subject, _) =
        tanba_law::Subject::from_json(r#"{"status":"citizen","born":"1990-01-01","trigger":"passport"}"#).unwrap();
    let decision = active.check(&subject, DAY).unwrap();
    assert!(!decision.demonstration && decision.diagnostics.is_empty(), "{:?}", decision.diagnostics);
}

#[test]
fn control_a4_a_wrong_key_a_swapped_hash_and_a_changed_word_are_refused() {
    let pack = settled();
    let good = signatures(&pack, &[LEGAL, TECHNICAL]);
    // Signed with another key than the one named.
    let wrong = signatures(&pack, &[(LEGAL.0, LEGAL.1, 9, LEGAL.3), TECHNICAL]);
    assert!(matches!(verify(&pack, &wrong), Err(SignatureError::Wrong { role: SignerRole::Legal, .. })));
    // A key that nobody trusts, or that may not sign in this role, for this law, on this day.
    let unknown = signatures(&pack, &[(LEGAL.0, "nobody", 1, LEGAL.3), TECHNICAL]);
    assert!(matches!(verify(&pack, &unknown), Err(SignatureError::UnknownKey { .. })));
    let engineer_as_lawyer = signatures(&pack, &[(SignerRole::Legal, "engineer", 2, LEGAL.3), TECHNICAL]);
    assert!(matches!(verify(&pack, &engineer_as_lawyer), Err(SignatureError::UnknownKey { .. })));
    let foreign = signatures(&pack, &[(LEGAL.0, "foreign-lawyer", 3, LEGAL.3), TECHNICAL]);
    assert!(matches!(verify(&pack, &foreign), Err(SignatureError::NotEntitled { .. })));
    for day in ["2025-12-31", "2027-01-01"] {
        let late = signatures(&pack, &[(LEGAL.0, LEGAL.1, LEGAL.2, day), TECHNICAL]);
        assert!(matches!(verify(&pack, &late), Err(SignatureError::NotEntitled { .. })), "{day}");
    }
    let alone = signatures(&pack, &[LEGAL, (SignerRole::Technical, "lawyer", 1, TECHNICAL.3)]);
    assert_eq!(verify(&pack, &alone), Err(SignatureError::SameKey("lawyer".to_owned())));
    // The day, the roles, the hash, the pack, a word of the pack.
    let swapped_day = good.replace("on: 2026-05-01", "on: 2026-05-02");
    assert!(matches!(verify(&pack, &swapped_day), Err(SignatureError::Wrong { .. })));
    let other_hash = good.replace(&pack.hash().to_string(), &"0".repeat(64));
    assert!(matches!(verify(&pack, &other_hash), Err(SignatureError::OtherContent { .. })));
    let other_pack = good.replace("pack: kz-2016-as-enacted", "pack: kz-2024-in-force");
    assert!(matches!(verify(&pack, &other_pack), Err(SignatureError::OtherPack { .. })));
    let text = KZ_2016.replace("status: draft", "status: final").replace("confidence: C}", "confidence: B}");
    let reworded = Pack::from_yaml(&text.replace("units: 5", "units: 6"), Library::embedded().indices()).unwrap();
    let forged = good.replace(&pack.hash().to_string(), &reworded.hash().to_string());
    assert!(matches!(verify(&reworded, &good), Err(SignatureError::OtherContent { .. })));
    assert!(matches!(verify(&reworded, &forged), Err(SignatureError::Wrong { .. })), "the hash is under the signature");
    let cut = good.replacen("signature: \"", "signature: \"zz", 1);
    assert!(matches!(verify(&pack, &cut), Err(SignatureError::Malformed { what: "signature", .. })));
}

#[test]
fn control_a3_a_draft_cannot_be_signed_and_is_refused_in_production() {
    let draft = crate::pack("kz-2016-as-enacted");
    assert_eq!(
        verify(draft, &signatures(draft, &[LEGAL, TECHNICAL])),
        Err(SignatureError::Draft(draft.id().to_owned()))
    );
    assert!(matches!(activate(draft, Mode::Production), Err(ActivationError::Draft { .. })));
    assert!(activate(draft, Mode::Demonstration(sheet())).is_ok());
}

#[test]
fn files_of_keys_and_signatures_are_read_strictly() {
    for text in ["", "format: tanba-law-keys/2\nkeys: []", "format: tanba-law-keys/1\nkeys: [{name: a}]", "[["] {
        assert!(KeyFile::from_yaml(text).is_err(), "{text}");
        assert!(SignatureFile::from_yaml(text).is_err(), "{text}");
    }
}
