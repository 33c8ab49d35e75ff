//! Every way in which a passkey must not be taken, from an authenticator in software.

use super::software::{Authenticator, BATCH, Certified, MODEL, Maker};
use super::*;

const SITE: &str = "tanba.test";
const ORIGIN: &str = "https://tanba.test";
/// 2026-11-27.
const NOW: u64 = 1_795_737_600;
const MIDDLE: Certified = Certified { unit: "Middle", authority: true, model: None, to_year: 49 };

fn maker() -> Maker {
    Maker::new("a maker")
}

fn site(attestation: Attestation) -> RelyingParty {
    RelyingParty { id: SITE.to_owned(), origins: [ORIGIN.to_owned()].into(), attestation }
}

/// A site that takes the maker's hardware only.
fn strict() -> RelyingParty {
    site(Attestation::Hardware(HardwareOnly::new([maker().anchor()], [MODEL]).unwrap()))
}

fn hardware() -> Authenticator {
    maker().authenticator("a key", SITE, ORIGIN)
}

#[test]
fn hardware_of_a_trusted_maker_is_registered_and_signs() {
    let rp = strict();
    let mut keys = [
        hardware(),
        maker().authenticator("another", SITE, ORIGIN).ed25519("another"),
        maker().authenticator_under("a third", SITE, ORIGIN, MIDDLE),
    ];
    for key in &mut keys {
        let mut passkey = rp.register(b"challenge 1", &key.create(b"challenge 1"), NOW).unwrap();
        assert_eq!((passkey.model, passkey.counter, passkey.synced), (MODEL, 1, false));
        for n in 0..3_u32 {
            passkey.counter = rp.assert(&n.to_be_bytes(), &passkey, &key.sign(&n.to_be_bytes())).unwrap();
        }
        assert_eq!(passkey.counter, 4);
    }
}

#[test]
fn an_authenticator_that_does_not_count_is_taken_until_it_counts() {
    let rp = strict();
    let mut key = hardware();
    (key.counter, key.step) = (0, 0);
    let passkey = rp.register(b"c", &key.create(b"c"), NOW).unwrap();
    assert_eq!(rp.assert(b"d", &passkey, &key.sign(b"d")), Ok(0));
}

#[test]
fn control_j1_software_and_synced_authenticators_are_refused_by_the_attestation_policy() {
    let rp = strict();
    let refused = |key: &mut Authenticator| rp.register(b"c", &key.create(b"c"), NOW).unwrap_err();
    assert_eq!(refused(&mut Authenticator::in_software("s", SITE, ORIGIN)), PasskeyError::Unattested);
    let mut own_word = hardware();
    assert_eq!(rp.register(b"c", &own_word.create_self_attested(b"c"), NOW), Err(PasskeyError::Unattested));
    for flags in [0x0d, 0x1d] {
        let mut synced = hardware();
        synced.flags = flags;
        assert_eq!(refused(&mut synced), PasskeyError::Synced, "{flags:#x}");
    }
    let mut stranger = Maker::new("another maker").authenticator("k", SITE, ORIGIN);
    assert_eq!(refused(&mut stranger), PasskeyError::UntrustedMaker("no anchor"));
    // The same name with another key.
    let mut forged = Maker::calling_itself("a maker", "a forger").authenticator("k", SITE, ORIGIN);
    assert_eq!(refused(&mut forged), PasskeyError::UntrustedMaker("a signature does not hold"));

    let other = site(Attestation::Hardware(HardwareOnly::new([maker().anchor()], [Aaguid([9; 16])]).unwrap()));
    assert_eq!(other.register(b"c", &hardware().create(b"c"), NOW), Err(PasskeyError::UnknownModel));
    let nobody = site(Attestation::Hardware(HardwareOnly::new([], [MODEL]).unwrap()));
    assert!(matches!(nobody.register(b"c", &hardware().create(b"c"), NOW), Err(PasskeyError::UntrustedMaker(_))));

    // A demonstration takes them all.
    let mild = site(Attestation::Any);
    let mut software = Authenticator::in_software("s", SITE, ORIGIN);
    software.flags = 0x1d;
    let passkey = mild.register(b"c", &software.create(b"c"), NOW).unwrap();
    assert!(passkey.synced && mild.assert(b"d", &passkey, &software.sign(b"d")).is_ok());
    // What it took is of no use where hardware is asked for.
    assert_eq!(rp.assert(b"e", &passkey, &software.sign(b"e")), Err(PasskeyError::Synced));
}

#[test]
fn control_j1_certificates_that_do_not_lead_to_an_anchor_are_refused() {
    let rp = strict();
    let refused = |mut key: Authenticator| rp.register(b"c", &key.create(b"c"), NOW);
    for (spec, what) in [
        (Certified { authority: true, ..BATCH }, "an authority"),
        (Certified { unit: "Something else", ..BATCH }, "another unit"),
        (Certified { model: Some(Aaguid([1; 16])), ..BATCH }, "another model"),
        (Certified { to_year: 25, ..BATCH }, "ended"),
    ] {
        let made = refused(maker().authenticator_with("k", SITE, ORIGIN, spec));
        assert!(matches!(made, Err(PasskeyError::UntrustedMaker(_))), "{what}: {made:?}");
    }
    assert!(refused(maker().authenticator_with("k", SITE, ORIGIN, Certified { model: None, ..BATCH })).is_ok());
    for (spec, what) in [
        (Certified { authority: false, ..MIDDLE }, "no authority"),
        (Certified { to_year: 25, ..MIDDLE }, "ended"),
        (Certified { unit: "Another name", ..MIDDLE }, "another name"),
    ] {
        let made = refused(maker().authenticator_under("k", SITE, ORIGIN, spec));
        assert!(matches!(made, Err(PasskeyError::UntrustedMaker(_))), "{what}: {made:?}");
    }
    // An intermediate, and a batch's own certificate, may be the anchor.
    for place in [0, 1] {
        let key = maker().authenticator_under("k", SITE, ORIGIN, MIDDLE);
        let anchor = key.certificates()[place].clone();
        let rp = site(Attestation::Hardware(HardwareOnly::new([anchor.as_slice()], [MODEL]).unwrap()));
        let mut key = key.sending(place + 1);
        assert!(rp.register(b"c", &key.create(b"c"), NOW).is_ok(), "{place}");
    }
    // Before its time, and a century later.
    assert!(rp.register(b"c", &hardware().create(b"c"), 1_000_000_000).is_err());
    assert!(rp.register(b"c", &hardware().create(b"c"), NOW * 2).is_err());
}

#[test]
fn control_j1_replay_wrong_origin_wrong_site_unverified_and_counter_rollback_are_refused() {
    let rp = strict();
    let mut key = hardware();
    let passkey = rp.register(b"first", &key.create(b"first"), NOW).unwrap();
    // Another challenge, at registration and after; a registration for an assertion.
    assert_eq!(rp.register(b"second", &hardware().create(b"first"), NOW), Err(PasskeyError::WrongChallenge));
    let signed = key.sign(b"one");
    assert_eq!(rp.assert(b"two", &passkey, &signed), Err(PasskeyError::WrongChallenge));
    let mut swapped = signed.clone();
    swapped.client_data = hardware().create(b"one").client_data;
    assert_eq!(rp.assert(b"one", &passkey, &swapped), Err(PasskeyError::WrongCeremony));

    type Change = (fn(&mut Authenticator), PasskeyError);
    let changes: [Change; 8] = [
        (|key| key.origin = "https://tanba.test.evil.test".to_owned(), PasskeyError::WrongOrigin),
        (|key| key.origin = "http://tanba.test".to_owned(), PasskeyError::WrongOrigin),
        (
            |key| key.origin = r#"https://tanba.test","topOrigin":"https://evil.test"#.to_owned(),
            PasskeyError::WrongOrigin,
        ),
        (|key| key.site = "evil.test".to_owned(), PasskeyError::WrongRelyingParty),
        (|key| key.flags = 0x01, PasskeyError::NotVerified),
        (|key| key.flags = 0x04, PasskeyError::NotVerified),
        (|key| key.flags = 0x15, PasskeyError::Unreadable("authenticator data")),
        (|key| key.flags = 0x07, PasskeyError::Unreadable("authenticator data")),
    ];
    for (i, (change, expected)) in changes.into_iter().enumerate() {
        let (mut fresh, mut old) = (hardware(), hardware());
        old.counter = 100;
        change(&mut fresh);
        change(&mut old);
        assert_eq!(rp.register(b"c", &fresh.create(b"c"), NOW), Err(expected), "{i}");
        assert_eq!(rp.assert(b"c", &passkey, &old.sign(b"c")), Err(expected), "{i}");
    }
    let framed = String::from_utf8(key.sign(b"c").client_data).unwrap().replace("false", "true");
    let mut answer = key.sign(b"c");
    answer.client_data = framed.into_bytes();
    assert_eq!(rp.assert(b"c", &passkey, &answer), Err(PasskeyError::WrongOrigin));

    // Another key under this credential's id, and another credential.
    let mut other = maker().authenticator("other", SITE, ORIGIN);
    other.counter = 100;
    assert_eq!(rp.assert(b"c", &passkey, &other.sign(b"c")), Err(PasskeyError::WrongCredential));
    other.credential.clone_from(&key.credential);
    assert_eq!(rp.assert(b"c", &passkey, &other.sign(b"c")), Err(PasskeyError::BadSignature));

    let used = Passkey { counter: key.counter + 1, ..passkey.clone() };
    assert_eq!(rp.assert(b"c", &used, &key.sign(b"c")), Err(PasskeyError::CounterWentBack));
    key.step = 0;
    key.counter = 0;
    assert_eq!(rp.assert(b"c", &used, &key.sign(b"c")), Err(PasskeyError::CounterWentBack));
}

#[test]
fn control_j1_a_byte_changed_anywhere_is_refused() {
    let rp = strict();
    let mut key = maker().authenticator_under("k", SITE, ORIGIN, MIDDLE);
    let made = key.create(b"c");
    let passkey = rp.register(b"c", &made, NOW).unwrap();
    let signed = key.sign(b"d");
    assert!(rp.assert(b"d", &passkey, &signed).is_ok());
    let flips = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let flip = |(at, bit): (usize, u8)| {
            let mut copy = bytes.to_vec();
            copy[at] ^= bit;
            copy
        };
        (0..bytes.len()).flat_map(|at| [1, 0x10, 0x80].map(|bit| (at, bit))).map(flip).collect()
    };
    let mut tried = 0;
    for client_data in flips(&made.client_data) {
        assert!(rp.register(b"c", &Registered { client_data, ..made.clone() }, NOW).is_err());
        tried += 1;
    }
    for attestation in flips(&made.attestation) {
        assert!(rp.register(b"c", &Registered { attestation, ..made.clone() }, NOW).is_err());
        tried += 1;
    }
    for client_data in flips(&signed.client_data) {
        assert!(rp.assert(b"d", &passkey, &Asserted { client_data, ..signed.clone() }).is_err());
        tried += 1;
    }
    for authenticator_data in flips(&signed.authenticator_data) {
        assert!(rp.assert(b"d", &passkey, &Asserted { authenticator_data, ..signed.clone() }).is_err());
        tried += 1;
    }
    for signature in flips(&signed.signature) {
        assert!(rp.assert(b"d", &passkey, &Asserted { signature, ..signed.clone() }).is_err());
        tried += 1;
    }
    assert!(tried > 3000, "{tried}");
    // Cut off anywhere, and with something behind.
    for cut in 0..made.attestation.len() {
        let attestation = made.attestation[..cut].to_vec();
        assert!(rp.register(b"c", &Registered { attestation, ..made.clone() }, NOW).is_err());
    }
    let attestation = [made.attestation.as_slice(), &[0]].concat();
    assert!(rp.register(b"c", &Registered { attestation, ..made.clone() }, NOW).is_err());
}

#[test]
fn models_are_written_one_way() {
    let model =
        Aaguid([0xee, 0x88, 0x28, 0x79, 0x72, 0x1c, 0x49, 0x13, 0x97, 0x75, 0x3d, 0xfc, 0xce, 0x97, 0x07, 0x2a]);
    assert_eq!(model.to_string(), "ee882879-721c-4913-9775-3dfcce97072a");
    assert_eq!("EE882879-721c-4913-9775-3dfcce97072a".parse(), Ok(model));
    for bad in ["", "ee882879721c491397753dfcce97072a", "ee882879-721c-4913-9775-3dfcce97072", "é".repeat(16).as_str()]
    {
        assert!(bad.parse::<Aaguid>().is_err(), "{bad:?}");
    }
    assert_eq!(HardwareOnly::new([b"no certificate".as_slice()], []).unwrap_err(), BadAnchor { number: 1 });
}

#[test]
fn a_challenge_changes_with_each_of_its_parts() {
    let all = [
        challenge("act", &[0; 32], b"one"),
        challenge("act", &[0; 32], b"two"),
        challenge("act", &[1; 32], b"one"),
        challenge("acto", &[0; 32], b"ne"),
    ];
    for (i, a) in all.iter().enumerate() {
        assert!(all[i + 1..].iter().all(|b| a != b));
    }
}
