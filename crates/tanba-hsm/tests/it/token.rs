//! What the token itself keeps to.

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use tanba_hsm::{Hsm, Pin};
use tanba_seal::{Token as _, TokenError, TokenKeyName};

use crate::bench::{Bench, PIN, module};

const NAME: TokenKeyName = TokenKeyName([0x5a; 32]);
const OTHER: TokenKeyName = TokenKeyName([0xa5; 32]);

/// A session beside the one under test, in the same process and so with the same module.
fn beside(label: &str) -> (Pkcs11, Session) {
    let library = Pkcs11::new(module().unwrap()).unwrap();
    let slots = library.get_slots_with_initialized_token().unwrap();
    let slot = slots.into_iter().find(|slot| library.get_token_info(*slot).unwrap().label() == label).unwrap();
    let session = library.open_rw_session(slot).unwrap();
    match session.login(UserType::User, Some(&AuthPin::from(PIN.to_owned()))) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
        Err(error) => panic!("{error}"),
    }
    (library, session)
}

#[test]
fn control_j4_no_key_leaves_the_token() {
    let Some(bench) = Bench::of("token::control_j4_no_key_leaves_the_token") else { return };
    bench.token("keys");
    let hsm = bench.open("keys").unwrap();
    hsm.generate(&NAME, "keyd.example/1 image 1").unwrap();
    hsm.check(&NAME).unwrap();

    let (_, session) = beside("keys");
    let key = session.find_objects(&[Attribute::Id(NAME.0.to_vec())]).unwrap()[0];
    let told = [AttributeType::Extractable, AttributeType::NeverExtractable, AttributeType::Sensitive];
    let expected = [Attribute::Extractable(false), Attribute::NeverExtractable(true), Attribute::Sensitive(true)];
    assert_eq!(session.get_attributes(key, &told).unwrap(), expected);
    // Its bytes cannot be read.
    assert_eq!(session.get_attributes(key, &[AttributeType::Value]).unwrap(), []);
    // Nor wrapped under another key, with any mechanism that wraps.
    let wrapping = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::ValueLen(32.into()),
        Attribute::Wrap(true),
        Attribute::Extractable(true),
    ];
    let thief = session.generate_key(&Mechanism::AesKeyGen, &wrapping).unwrap();
    for mechanism in [Mechanism::AesKeyWrap, Mechanism::AesKeyWrapPad] {
        let refused = session.wrap_key(&mechanism, thief, key);
        assert!(matches!(refused, Err(Error::Pkcs11(RvError::KeyUnextractable, _))), "{refused:?}");
        // The same wrapping takes a key out that may leave: it is the key that was refused, not the way.
        let loose = session.generate_key(&Mechanism::AesKeyGen, &wrapping).unwrap();
        assert!(session.wrap_key(&mechanism, thief, loose).is_ok());
    }
    // It wraps nothing itself, and cannot be made to.
    assert!(session.wrap_key(&Mechanism::AesKeyWrap, key, thief).is_err());
    for change in [Attribute::Extractable(true), Attribute::Sensitive(false), Attribute::Wrap(true)] {
        assert!(session.update_attributes(key, std::slice::from_ref(&change)).is_err(), "{change:?}");
    }
    hsm.check(&NAME).unwrap();
}

#[test]
fn control_j4_a_key_that_could_leave_or_came_from_elsewhere_is_refused() {
    let Some(bench) = Bench::of("token::control_j4_a_key_that_could_leave_or_came_from_elsewhere_is_refused") else {
        return;
    };
    bench.token("keys");
    let hsm = bench.open("keys").unwrap();
    let (_, session) = beside("keys");
    let base = |name: TokenKeyName, more: &[Attribute]| {
        let mut template = vec![
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::Id(name.0.to_vec()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
        ];
        template.extend_from_slice(more);
        template
    };
    let refused = |name: &TokenKeyName| match hsm.check(name) {
        Err(TokenError::UnsafeKey { why, .. }) => why,
        other => panic!("{other:?}"),
    };
    let size = Attribute::ValueLen(32.into());
    let loose = [size.clone(), Attribute::Sensitive(true), Attribute::Extractable(true)];
    session.generate_key(&Mechanism::AesKeyGen, &base(NAME, &loose)).unwrap();
    assert_eq!(refused(&NAME), "it can be wrapped and taken out");
    // Two keys of one name: which of them opens would be chance.
    session.generate_key(&Mechanism::AesKeyGen, &base(NAME, &loose)).unwrap();
    assert_eq!(refused(&NAME), "several keys have its name");

    let imported = [
        Attribute::Value(vec![1; 32]),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Wrap(false),
        Attribute::Derive(false),
    ];
    session.create_object(&base(OTHER, &imported)).unwrap();
    assert_eq!(refused(&OTHER), "its bytes could once be read");
}

#[test]
fn control_j4_wrong_pins_labels_and_modules_are_refused() {
    let Some(bench) = Bench::of("token::control_j4_wrong_pins_labels_and_modules_are_refused") else { return };
    bench.token("keys");
    bench.token("twin");
    bench.token("twin");
    let module = module().unwrap();
    for _ in 0..2 {
        let wrong = Hsm::open(&module, "keys", Pin::new("0000-wrong"));
        assert!(matches!(wrong, Err(TokenError::Pin { .. })), "{wrong:?}");
    }
    let away = |label: &str| match bench.open(label) {
        Err(TokenError::Away { why }) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(away("no-such-token"), "no token has the label `no-such-token`");
    let twin = bench.open("twin");
    let Err(TokenError::Unable { why }) = twin else { panic!("{twin:?}") };
    assert!(why.starts_with("2 tokens have the label `twin`"), "{why}");
    let missing = Hsm::open(&bench.folder().join("nothing.so"), "keys", Pin::new(PIN));
    assert!(matches!(missing, Err(TokenError::Away { .. })), "{missing:?}");
    let text = bench.folder().join("pin");
    std::fs::write(&text, format!("{PIN}\n")).unwrap();
    assert!(Hsm::open(&module, "keys", Pin::read(&text).unwrap()).is_ok());
    std::fs::write(&text, "\n").unwrap();
    assert!(matches!(Pin::read(&text), Err(TokenError::Pin { .. })));
    assert!(matches!(Pin::read(&bench.folder().join("none")), Err(TokenError::Pin { .. })));
}

#[test]
fn a_session_that_the_token_has_dropped_is_opened_anew() {
    let Some(bench) = Bench::of("token::a_session_that_the_token_has_dropped_is_opened_anew") else { return };
    bench.token("keys");
    let hsm = bench.open("keys").unwrap();
    hsm.generate(&NAME, "a key").unwrap();
    let mut nonce = [1; 12];
    let sealed = hsm.seal(&NAME, &mut nonce, b"here", &[7; 32]).unwrap();
    let (_, session) = beside("keys");
    session.logout().unwrap();
    assert_eq!(hsm.open(&NAME, &nonce, b"here", &sealed).unwrap().as_slice(), [7; 32]);
    // The whole module is ended under its feet.
    let (library, session) = beside("keys");
    drop(session);
    library.finalize().unwrap();
    assert_eq!(hsm.open(&NAME, &nonce, b"here", &sealed).unwrap().as_slice(), [7; 32]);
}

#[test]
fn control_j4_nothing_opens_while_the_token_is_away() {
    let Some(bench) = Bench::of("token::control_j4_nothing_opens_while_the_token_is_away") else { return };
    bench.token("keys");
    let hsm = bench.open("keys").unwrap();
    hsm.generate(&NAME, "a key").unwrap();
    let mut nonce = [1; 12];
    let sealed = hsm.seal(&NAME, &mut nonce, b"here", &[7; 32]).unwrap();
    for _ in 0..2 {
        bench.take_away();
        for _ in 0..2 {
            let away = hsm.open(&NAME, &nonce, b"here", &sealed);
            assert!(matches!(away, Err(TokenError::Away { .. })), "{away:?}");
            assert!(hsm.seal(&NAME, &mut [1; 12], b"here", &[7; 32]).is_err());
            assert!(hsm.generate(&OTHER, "a key").is_err());
            assert!(hsm.destroy(&NAME).is_err(), "destroyed without being there");
        }
        bench.bring_back();
        assert_eq!(hsm.open(&NAME, &nonce, b"here", &sealed).unwrap().as_slice(), [7; 32]);
    }
}
