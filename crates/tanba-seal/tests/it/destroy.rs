//! A key-encryption key is destroyed by the order of two people, and a token that is away releases nothing.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aes_gcm::{Aes256Gcm, KeyInit as _, aead::Aead as _, aead::Payload};
use tanba_seal::{
    Context, KdfParams, KeyRing, SEALED_KEY_BYTES, Token, TokenError, TokenKeyName,
    keyd::{Keyd, KeydError, Order, OrderKind, found_keyd},
    log::MemoryStore,
};
use zeroize::Zeroizing;

use crate::{entropy, keyd, witness::ring};

/// A token in memory, as the trait describes one.
#[derive(Default)]
struct Drawer {
    keys: Mutex<BTreeMap<String, [u8; 32]>>,
    away: Mutex<bool>,
}

impl Drawer {
    fn cipher(&self, name: &TokenKeyName) -> Result<Aes256Gcm, TokenError> {
        if *self.away.lock().unwrap() {
            return Err(TokenError::Away { why: "pulled out".to_owned() });
        }
        let no_key = || TokenError::NoKey { label: "box".to_owned(), name: name.to_string() };
        let keys = self.keys.lock().unwrap();
        Ok(Aes256Gcm::new_from_slice(keys.get(&name.to_string()).ok_or_else(no_key)?).unwrap())
    }
}

impl Token for Drawer {
    fn label(&self) -> &str {
        "box"
    }
    fn generate(&self, name: &TokenKeyName, _: &str) -> Result<(), TokenError> {
        // Its keys are what it likes; here, turned names.
        self.keys.lock().unwrap().insert(name.to_string(), name.0.map(|byte| !byte));
        Ok(())
    }
    fn check(&self, name: &TokenKeyName) -> Result<(), TokenError> {
        self.cipher(name).map(drop)
    }
    fn seal(
        &self,
        name: &TokenKeyName,
        nonce: &mut [u8; 12],
        associated: &[u8],
        plaintext: &[u8; 32],
    ) -> Result<[u8; SEALED_KEY_BYTES], TokenError> {
        // A token with nonces of its own.
        nonce.fill(4);
        let payload = Payload { msg: plaintext, aad: associated };
        let nonce: &[u8; 12] = nonce;
        Ok(self.cipher(name)?.encrypt(nonce.into(), payload).unwrap().try_into().unwrap())
    }
    fn open(
        &self,
        name: &TokenKeyName,
        nonce: &[u8; 12],
        associated: &[u8],
        sealed: &[u8; SEALED_KEY_BYTES],
    ) -> Result<Zeroizing<Vec<u8>>, TokenError> {
        let payload = Payload { msg: sealed, aad: associated };
        let opened = self.cipher(name)?.decrypt(nonce.into(), payload);
        opened.map(Zeroizing::new).map_err(|_| TokenError::NotAuthentic)
    }
    fn destroy(&self, name: &TokenKeyName) -> Result<(), TokenError> {
        if *self.away.lock().unwrap() {
            return Err(TokenError::Away { why: "pulled out".to_owned() });
        }
        self.keys.lock().unwrap().remove(&name.to_string());
        Ok(())
    }
}

const ROW: Context<'static> = Context { domain: "image", table: "data_keys", record: "enc-1", field: "wrapped" };

/// A key process with its keys in a token, the first version of `image` retired; and what was wrapped under it.
fn in_token() -> (Arc<Drawer>, Keyd<MemoryStore>, KeyRing, Vec<u8>) {
    let token = Arc::new(Drawer::default());
    let (old_file, mut ring) = KeyRing::create_in_token(
        token.clone(),
        "a test passphrase",
        &["image"],
        keyd::KEYD,
        KdfParams::MINIMUM,
        &mut entropy(3),
    )
    .unwrap();
    let (_, wrapped) = ring.new_data_key(&ROW, &mut entropy(4)).unwrap();
    ring.rotate("image", &mut entropy(5)).unwrap();
    ring.retire_below("image", 2).unwrap();
    let mut store = MemoryStore::default();
    found_keyd(&ring, &mut store).unwrap();
    // An older copy of the key file, from before the version was retired.
    let old = KeyRing::open_in_token(token.clone(), &old_file, "a test passphrase").unwrap();
    (token, open(ring, store), old, wrapped)
}

fn open(ring_: KeyRing, store: MemoryStore) -> Keyd<MemoryStore> {
    let supervisor = ring(keyd::SUPERVISOR).log_signer().verifier().clone();
    Keyd::open(ring_, keyd::policy(), supervisor, keyd::rules(), store).unwrap()
}

fn order(serial: u64, version: u32) -> Vec<u8> {
    let kind = OrderKind::Destroy { domain: "image".to_owned(), version };
    Order { to: keyd::KEYD.to_owned(), serial, kind }.sign(&ring(keyd::SUPERVISOR).log_signer())
}

#[test]
fn control_h6_a_key_is_destroyed_by_two_people_and_the_log_says_so() {
    let (token, keyd, old, wrapped) = in_token();
    let (supervisor, custodian) = (ring(keyd::SUPERVISOR).log_signer(), ring("custodian.example").log_signer());
    let refused = |answer: Result<_, KeydError>| answer.map(|_: tanba_seal::keyd::Standing| ()).unwrap_err().code();
    let mut keyd = keyd;
    let both = |serial, version| Order::countersign(&order(serial, version), &custodian).unwrap();
    assert_eq!(refused(keyd.obey(&both(1, 1), keyd::NOW)), "bad_order", "no custodian was named");
    let keyd = keyd.with_custodian(custodian.verifier().clone()).unwrap();
    assert!(keyd::keyd().with_custodian(supervisor.verifier().clone()).is_err(), "the supervisor is no second person");
    let mut keyd = keyd;

    assert_eq!(refused(keyd.obey(&order(1, 1), keyd::NOW)), "bad_order", "one signature");
    let twice = Order::countersign(&order(1, 1), &supervisor).unwrap();
    assert_eq!(refused(keyd.obey(&twice, keyd::NOW)), "bad_order", "one person twice");
    let stranger = Order::countersign(&order(1, 1), &ring("stranger.example").log_signer()).unwrap();
    assert_eq!(refused(keyd.obey(&stranger, keyd::NOW)), "bad_order", "a stranger");
    assert_eq!(refused(keyd.obey(&both(1, 2), keyd::NOW)), "key", "a version in use");
    *token.away.lock().unwrap() = true;
    assert_eq!(refused(keyd.obey(&both(1, 1), keyd::NOW)), "token", "the token is away");
    *token.away.lock().unwrap() = false;
    assert_eq!((keyd.standing().events, token.keys.lock().unwrap().len()), (0, 2), "nothing happened so far");
    assert!(old.unwrap_data_key(&ROW, &wrapped).is_ok());

    let standing = keyd.obey(&both(1, 1), keyd::NOW).unwrap();
    assert_eq!((standing.events, standing.last_order), (1, 1));
    assert_eq!(token.keys.lock().unwrap().len(), 1);
    assert!(old.unwrap_data_key(&ROW, &wrapped).is_err(), "an older copy of the key file opens it no more");
    let entry = tanba_seal::log::read_entry(keyd.store(), 1, 0).unwrap();
    let entry: serde_json::Value = serde_json::from_slice(&entry).unwrap();
    assert_eq!(
        (&entry["event"], &entry["domain"], &entry["version"]),
        (&"destroyed".into(), &"image".into(), &1.into())
    );
    assert_eq!(entry["key"].as_str().unwrap().len(), 64);
    assert_eq!(refused(keyd.obey(&both(1, 1), keyd::NOW)), "bad_order", "an order is obeyed once");
    assert_eq!(
        keyd.obey(&both(2, 1), keyd::NOW).unwrap().events,
        2,
        "a crash between the two is mended by a new order"
    );
}

#[test]
fn control_j4_a_key_process_makes_no_key_while_its_token_is_away() {
    let (token, keyd, ..) = in_token();
    assert!(keyd.new_key(&ROW, &mut entropy(8)).is_ok());
    *token.away.lock().unwrap() = true;
    let refused = keyd.new_key(&ROW, &mut entropy(8)).unwrap_err();
    assert_eq!((refused.code(), refused.status()), ("token", 503));
}
