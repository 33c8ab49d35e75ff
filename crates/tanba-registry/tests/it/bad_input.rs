//! What arrives broken, hostile or twice.

use std::collections::BTreeMap;

use tanba_formats::{Gray8, Ppi};
use tanba_registry::{Capture, EncounterId, OpenEncounter, RegistryError};

use crate::house::{FINGERS, House, adult, house, print};

async fn offer(house: &House, id: EncounterId, image: Vec<u8>) -> RegistryError {
    let capture = Capture { finger: FINGERS[0], image, ppi: None };
    house.registry.capture(&house.operator, id, capture).await.expect_err("this is no print")
}

#[tokio::test]
async fn broken_and_foreign_images_are_refused_and_leave_nothing() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    let good = print(&aida, FINGERS[0], 1);
    let mut corrupt = good.clone();
    for byte in corrupt.iter_mut().skip(200).step_by(7) {
        *byte ^= 0x5a;
    }
    let plain = |value: u8| {
        tanba_formats::image::encode_png(&Gray8::new(300, 300, Ppi::NOMINAL, vec![value; 300 * 300]).unwrap())
    };
    let steps = (0..300 * 300).map(|i| u8::try_from((i % 300) * 255 / 300).unwrap()).collect();
    let gradient = tanba_formats::image::encode_png(&Gray8::new(300, 300, Ppi::NOMINAL, steps).unwrap());
    for (name, image) in [
        ("empty", Vec::new()),
        ("truncated", good[..good.len() / 2].to_vec()),
        ("corrupt", corrupt),
        ("text", b"this is not an image at all, but a sentence".to_vec()),
        ("white", plain(255)),
        ("black", plain(0)),
        ("gradient", gradient),
    ] {
        let error = offer(&house, encounter.id, image).await;
        assert!(matches!(error, RegistryError::Image(_) | RegistryError::Extract(_)), "{name}: {error:?}");
    }
    // Nothing of them counted as an attempt.
    let capture = Capture { finger: FINGERS[0], image: good, ppi: None };
    assert_eq!(house.registry.capture(&house.operator, encounter.id, capture).await.unwrap().attempt, 1);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn an_image_that_claims_to_be_huge_is_refused_before_it_is_unpacked() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    // A PGM header of ten billion pixels, with none of them.
    let error = offer(&house, encounter.id, b"P5 100000 100000 255\n".to_vec()).await;
    assert!(matches!(error, RegistryError::Image(_)), "{error:?}");
}

#[tokio::test]
async fn wrong_numbers_are_refused_without_repeating_them() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let mut digits = aida.iin.as_str().to_owned();
    let last = digits.pop().unwrap();
    digits.push(if last == '9' { '0' } else { char::from(last as u8 + 1) });
    for iin in ["", "12", "abcdefghijkl", "990101300000000", &digits] {
        let new = OpenEncounter {
            client_key: "k".to_owned(),
            trigger: "identity_card".to_owned(),
            iin: Some(iin.to_owned()),
            typed: BTreeMap::new(),
        };
        let error = house.registry.open_encounter(&house.operator, &new).await.expect_err("a wrong number");
        assert!(matches!(error, RegistryError::Invalid { field: "iin", .. }), "{error:?}");
        assert!(iin.len() < 3 || !error.to_string().contains(iin), "the error repeats the number");
    }
}

#[tokio::test]
async fn a_demonstration_takes_no_number_of_a_living_person() {
    let house = house(&[]).await;
    // A well-formed number of the 20th century, its check digit computed here.
    let head = [9, 0, 0, 1, 0, 1, 3, 0, 0, 1, 2];
    let sum: u32 = head.iter().zip(1..).map(|(d, w)| d * w).sum();
    assert_ne!(sum % 11, 10, "this head has a check digit by the first weights");
    let iin: String = head.iter().chain([&(sum % 11)]).map(|d| char::from_digit(*d, 10).unwrap()).collect();
    let new = OpenEncounter {
        client_key: "k".to_owned(),
        trigger: "identity_card".to_owned(),
        iin: Some(iin),
        typed: BTreeMap::new(),
    };
    let error = house.registry.open_encounter(&house.operator, &new).await.expect_err("a living person's number");
    assert!(error.to_string().contains("synthetic"), "{error}");
}

#[tokio::test]
async fn an_unknown_document_kind_and_an_unknown_document_are_told_apart_from_a_failure() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let odd = house.registry.apply_for_document(&house.operator, done.encounter.id, "library_card").await;
    assert!(matches!(odd, Err(RegistryError::Invalid { field: "kind", .. })));
    let nobody = house.registry.view_document(&house.operator, tanba_registry::DocumentId::from_u128(7)).await;
    assert!(matches!(nobody, Err(RegistryError::NotFound { what: "document" })));
}

#[tokio::test]
async fn the_same_encounter_twice_is_one_and_another_under_its_key_is_refused() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let first = house.open(&aida, "identity_card", "k1").await.unwrap();
    let second = house.open(&aida, "identity_card", "k1").await.unwrap();
    assert_eq!(first.id, second.id);
    assert!(matches!(house.open(&other, "identity_card", "k1").await, Err(RegistryError::Conflict { .. })));
    let (a, b) = tokio::join!(house.open(&other, "identity_card", "k2"), house.open(&other, "identity_card", "k2"));
    assert_eq!(a.unwrap().id, b.unwrap().id, "even when both arrive at once");
}

#[tokio::test]
async fn typed_identity_is_provisional_and_unknown_fields_are_refused() {
    let house = house(&[]).await;
    let typed = |pairs: &[(&str, &str)]| OpenEncounter {
        client_key: "k1".to_owned(),
        trigger: "identity_card".to_owned(),
        iin: None,
        typed: pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
    };
    let without = house.registry.open_encounter(&house.operator, &typed(&[("status", "citizen")])).await;
    assert!(matches!(without, Err(RegistryError::Invalid { field: "typed", .. })));
    let odd = [("born", "1990-01-02"), ("status", "citizen"), ("shoe_size", "41")];
    assert!(matches!(
        house.registry.open_encounter(&house.operator, &typed(&odd)).await,
        Err(RegistryError::Invalid { field: "typed", .. })
    ));
    let view =
        house.registry.open_encounter(&house.operator, &typed(&[("born", "1990-01-02"), ("status", "citizen")])).await;
    assert!(view.unwrap().provisional);
    for born in ["1990-13-40", "tomorrow", "2190-01-01"] {
        let wrong = OpenEncounter { client_key: "k3".to_owned(), ..typed(&[("born", born), ("status", "citizen")]) };
        assert!(house.registry.open_encounter(&house.operator, &wrong).await.is_err(), "{born}");
    }
}
