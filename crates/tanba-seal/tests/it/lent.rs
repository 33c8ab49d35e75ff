//! Key-encryption keys that a ring has for a time only.

use tanba_seal::{Context, KdfParams, KeyRing, SealError};

use crate::entropy;

fn ring(seed: u64) -> KeyRing {
    let domains = ["template", "identity"];
    KeyRing::create("a test passphrase", &domains, "r.test", KdfParams::MINIMUM, &mut entropy(seed)).unwrap().1
}

fn place(domain: &str) -> Context<'_> {
    Context { domain, table: "domain_keys", record: "domain-keys/1", field: "keys" }
}

#[test]
fn a_domain_that_is_lent_opens_what_it_opened_and_is_gone_when_it_is_taken_back() {
    let (mut ring, keeper, mut random) = (ring(1), ring(2), entropy(3));
    ring.rotate("template", &mut random).unwrap();
    let row = Context { domain: "template", table: "data_keys", record: "enc-1", field: "wrapped" };
    let (key, wrapped) = ring.new_data_key(&row, &mut random).unwrap();
    let field = Context { table: "records", ..row };
    let sealed = key.seal(&field, b"ridges", &mut random).unwrap();
    let (under, _) = keeper.new_data_key(&place("template"), &mut random).unwrap();
    let lent = ring.seal_domain(&place("template"), &under, &mut random).unwrap();
    ring.remove_domain("template").unwrap();
    assert!(matches!(ring.unwrap_data_key(&row, &wrapped), Err(SealError::UnknownDomain { .. })));

    for _ in 0..2 {
        // A second time changes nothing.
        ring.borrow_domain(&place("template"), &under, &lent).unwrap();
        let again = ring.unwrap_data_key(&row, &wrapped).unwrap();
        assert_eq!(again.open(&field, &sealed).unwrap().as_slice(), b"ridges");
    }
    assert_eq!(ring.domains().filter(|domain| *domain == ("template", 2, 1)).count(), 1);
    // Neither another key nor another place opens it.
    ring.remove_domain("template").unwrap();
    let (other, _) = keeper.new_data_key(&place("template"), &mut random).unwrap();
    assert!(ring.borrow_domain(&place("template"), &other, &lent).is_err());
    let elsewhere = Context { record: "domain-keys/2", ..place("template") };
    assert!(ring.borrow_domain(&elsewhere, &under, &lent).is_err());
    assert!(ring.borrow_domain(&place("identity"), &under, &lent).is_err());
}

#[test]
fn what_was_never_a_domain_is_refused() {
    let (mut ring, keeper, mut random) = (ring(1), ring(2), entropy(3));
    ring.remove_domain("template").unwrap();
    let (under, _) = keeper.new_data_key(&place("template"), &mut random).unwrap();
    let mut minimum_above = vec![0; 4 + 32];
    minimum_above[0] = 2;
    let mut uneven = vec![0; 4 + 32 + 1];
    uneven[0] = 1;
    for plain in [vec![], vec![1, 0, 0], vec![1, 0, 0, 0], vec![0; 4 + 32], minimum_above, uneven] {
        let sealed = under.seal(&place("template"), &plain, &mut random).unwrap();
        let refused = ring.borrow_domain(&place("template"), &under, &sealed);
        assert!(matches!(refused, Err(SealError::NotAnEnvelope { .. })), "{} bytes", plain.len());
    }
    assert_eq!(ring.domains().count(), 1);
}
