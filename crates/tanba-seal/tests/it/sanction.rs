//! Signed sanctions: one text, one signature, nothing that can be changed.

use std::sync::LazyLock;

use proptest::prelude::*;
use tanba_seal::log::{LogSigner, sign_statement};
use tanba_seal::{KdfParams, KeyRing, Sanction, Subject};

fn key(name: &str, seed: u8) -> LogSigner {
    let mut next = seed;
    let mut entropy = |out: &mut [u8]| {
        for byte in out {
            next = next.wrapping_mul(5).wrapping_add(3);
            *byte = next;
        }
    };
    KeyRing::create("a test passphrase", &[], name, KdfParams::MINIMUM, &mut entropy).unwrap().1.log_signer()
}

fn sanction() -> Sanction {
    Sanction {
        register: "tanba.test/log".to_owned(),
        serial: "2026-17".to_owned(),
        office: "court.test/sanctions".to_owned(),
        level: "court".to_owned(),
        judge: "J-4".to_owned(),
        organisation: "mia".to_owned(),
        case: "case 17".to_owned(),
        subject: Some(Subject::new("123456789012", &[7; 16]).commitment().unwrap()),
        modalities: vec!["fingerprint".to_owned()],
        acts: vec!["read".to_owned(), "identify".to_owned()],
        purposes: vec!["crime_investigation".to_owned()],
        valid_from: 1_795_000_000,
        valid_to: 1_796_000_000,
        uses: 3,
        tell_at: None,
    }
}

#[test]
fn a_signed_sanction_is_read_as_it_was_given_and_names_nobody() {
    let court = key("court.test/sanctions", 1);
    let note = sanction().sign(&court).unwrap();
    let read = Sanction::open(note.as_bytes(), court.verifier()).unwrap();
    assert_eq!(read, Sanction { acts: vec!["identify".to_owned(), "read".to_owned()], ..sanction() });
    assert_eq!(Sanction::claimed(note.as_bytes()).unwrap(), read);
    assert!(!note.contains("123456789012"));
    let other = Subject::new("123456789012", &[8; 16]).commitment().unwrap();
    assert_ne!(read.subject, Some(other), "another salt, another commitment");
    assert!(!format!("{:?}", Subject::new("123456789012", &[7; 16])).contains("1234"));
}

#[test]
fn control_d1_no_byte_of_a_sanction_can_be_changed_and_no_end_cut_off() {
    let court = key("court.test/sanctions", 1);
    let note = sanction().sign(&court).unwrap().into_bytes();
    for at in 0..note.len() {
        for flip in [0x01, 0x20] {
            let mut changed = note.clone();
            changed[at] ^= flip;
            assert!(Sanction::open(&changed, court.verifier()).is_err(), "byte {at}");
        }
        assert!(Sanction::open(&note[..at], court.verifier()).is_err(), "cut at {at}");
    }
    for other in [key("court.test/sanctions", 2), key("prosecutor.test", 1)] {
        assert!(Sanction::open(&note, other.verifier()).is_err());
    }
}

#[test]
fn control_d1_a_sanction_has_one_text_whoever_signs_another() {
    let court = key("court.test/sanctions", 1);
    let note = sanction().sign(&court).unwrap();
    let text = format!("{}\n", note.split_once("\n\n").unwrap().0);
    let signed = |text: &str| {
        Sanction::open(sign_statement(&court, text).unwrap().as_bytes(), court.verifier()).map_err(|e| e.what)
    };
    assert!(signed(&text).is_ok());
    for (what, from, to) in [
        ("another version", "tanba-sanction/1", "tanba-sanction/2"),
        ("a line more", "uses 3\n", "uses 3\nuses 3\n"),
        ("an unknown line", "uses 3\n", "often 3\n"),
        ("a line less", "uses 3\n", ""),
        ("out of order", "level court\njudge J-4\n", "judge J-4\nlevel court\n"),
        ("a number in two ways", "uses 3\n", "uses 03\n"),
        ("a sign", "uses 3\n", "uses +3\n"),
        ("no use", "uses 3\n", "uses 0\n"),
        ("a list out of order", "identify read", "read identify"),
        ("twice the same act", "identify read", "identify identify read"),
        ("two blanks", "identify read", "identify  read"),
        ("another office", "office court.test/sanctions", "office court.test/other"),
        ("ends at its beginning", "valid-to 1796000000", "valid-to 1795000000"),
        ("after all dates", "valid-to 1796000000", "valid-to 253402300800"),
        ("no commitment", "subject ", "subject x"),
        ("blanks around", "judge J-4", "judge J-4 "),
    ] {
        assert!(text.contains(from), "{what}");
        assert!(signed(&text.replacen(from, to, 1)).is_err(), "{what}");
    }
    let wrong = Sanction { office: "another".to_owned(), ..sanction() };
    assert!(wrong.sign(&court).is_err(), "signed by another key than it names");
    let broken = Sanction { judge: "J\nuses 9".to_owned(), ..sanction() };
    assert!(broken.sign(&court).is_err(), "a value that would be two lines");
}

proptest! {
    #[test]
    fn whatever_values_are_signed_are_read_again(
        (judge, case) in ("[^\\p{Cc}]{1,40}", "[^\\p{Cc}]{1,40}"),
        acts in proptest::collection::btree_set("[a-z_]{1,12}", 1..5),
        (from, length, uses) in (0_u64..4_000_000_000, 1_u64..100_000_000, 1_u32..),
        tell in proptest::option::of(0_u64..4_000_000_000),
    ) {
        static COURT: LazyLock<LogSigner> = LazyLock::new(|| key("court.test/sanctions", 1));
        let court = &*COURT;
        let given = Sanction { judge, case, acts: acts.into_iter().collect(), valid_from: from, valid_to: from + length, uses,
            tell_at: tell, subject: None, ..sanction() };
        if let Ok(note) = given.sign(court) {
            prop_assert_eq!(Sanction::open(note.as_bytes(), court.verifier()).unwrap(), given);
        } else {
            prop_assert!(given.judge.trim() != given.judge || given.case.trim() != given.case);
        }
    }
}
