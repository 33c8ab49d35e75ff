//! The native template file: what was written is read, anything else is an error.

use crate::comparing::finger;
use proptest::prelude::*;
use tanba_finger::{Minutia, MinutiaKind, Recipe, Template, TemplateBytesError, crc32};

#[test]
fn a_template_survives_its_file() {
    for n in [0, 1, 40] {
        let template = finger(n as u64, n);
        let once = Template::from_bytes(&template.to_bytes()).unwrap();
        for (m, k) in template.minutiae.iter().zip(&once.minutiae) {
            assert!((m.x - k.x).abs() <= 1.0 / 32.0 && (m.y - k.y).abs() <= 1.0 / 32.0, "{m:?} {k:?}");
            assert!(
                (m.direction - k.direction).abs() < 1e-4 && m.kind == k.kind && m.quality == k.quality,
                "{m:?} {k:?}"
            );
        }
        // What was rounded once stays as it is.
        assert_eq!(Template::from_bytes(&once.to_bytes()), Ok(once));
    }
}

#[test]
fn a_minutia_at_the_last_place_that_a_file_can_hold_is_written_again() {
    let last = f32::from(u16::MAX) / 16.0;
    let minutia = Minutia { x: last, y: last, direction: 0.0, kind: MinutiaKind::Ending, quality: 50 };
    let template = Template {
        recipe: Recipe::Unknown,
        width: 4096,
        height: 4096,
        quality: 50,
        minutiae: vec![minutia],
        ridges: None,
    };
    assert_eq!(Template::from_bytes(&template.to_bytes()), Ok(template));
}

#[test]
fn the_file_of_version_1_is_still_read() {
    // A template of 300 x 400 pixels, quality 77, with one minutia at (10.5, 20.25), direction 1.5, a bifurcation of quality 88.
    let file =
        b"TANBAfmt\x01\x00\x2c\x01\x90\x01\x4d\x00\x01\x00\x00\x00\x28\x41\x00\x00\xa2\x41\x00\x00\xc0\x3f\x02\x58";
    let mut bytes = file.to_vec();
    bytes.extend_from_slice(&CHECKSUM);
    let template = Template::from_bytes(&bytes).unwrap();
    assert_eq!((template.width, template.height, template.quality), (300, 400, 77));
    let m = template.minutiae[0];
    assert_eq!((m.x, m.y, m.direction, m.quality), (10.5, 20.25, 1.5, 88));
    assert_eq!(m.kind, MinutiaKind::Bifurcation);
    assert_eq!(template.recipe, Recipe::Unknown);
    // Written again it is of version 3, and the same template.
    assert_eq!(Template::from_bytes(&template.to_bytes()).unwrap().minutiae[0].x, 10.5);
    assert_eq!(template.to_bytes()[8..10], [3, 0]);
}

/// A file with its last four bytes made right.
fn checked(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 4;
    let checksum = crc32(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&checksum);
    bytes
}

#[test]
fn the_file_of_version_2_is_still_read_and_without_ridges_anyone_may_have_made_it() {
    let template = finger(4, 20);
    let mut bytes = template.to_bytes();
    // The recipe is all that came with version 3.
    bytes.remove(18);
    bytes[8] = 2;
    let read = Template::from_bytes(&checked(bytes)).unwrap();
    assert_eq!(read, Template::from_bytes(&template.to_bytes()).unwrap());
}

#[test]
fn a_template_says_what_made_it_and_an_extractor_of_the_future_is_no_damage() {
    for recipe in Recipe::ALL {
        let template = Template { recipe, ..finger(5, 12) };
        assert_eq!(Template::from_bytes(&template.to_bytes()).unwrap().recipe, recipe);
    }
    let mut bytes = finger(5, 12).to_bytes();
    bytes[18] = 77;
    let newer = Template::from_bytes(&checked(bytes));
    assert_eq!(newer, Err(TemplateBytesError::Recipe(77)));
    assert!(newer.unwrap_err().to_string().contains("use a newer program"));
}

#[test]
fn what_is_written_can_always_be_read() {
    let mut odd = finger(2, 6);
    odd.quality = 255;
    odd.minutiae[1].x = f32::NAN;
    odd.minutiae[3].direction = 7.0;
    odd.minutiae[5].quality = 200;
    let read = Template::from_bytes(&odd.to_bytes()).unwrap();
    assert_eq!((read.quality, read.minutiae.len(), read.minutiae[3].quality), (100, 4, 100));
}

/// CRC-32 of the file above, computed with zlib.
const CHECKSUM: [u8; 4] = [0x07, 0x8A, 0xDD, 0x68];

#[test]
fn a_file_of_another_kind_or_version_is_told_apart_from_a_damaged_one() {
    assert_eq!(Template::from_bytes(b"FMR\0 20\0"), Err(TemplateBytesError::NotATemplate));
    let bytes = finger(1, 5).to_bytes();
    let mut newer = bytes.clone();
    newer[8] = 4;
    assert_eq!(Template::from_bytes(&newer), Err(TemplateBytesError::Version(4)));
    let mut flipped = bytes.clone();
    flipped[30] ^= 1;
    assert_eq!(Template::from_bytes(&flipped), Err(TemplateBytesError::Damaged));
    assert!(matches!(Template::from_bytes(&bytes[..bytes.len() - 1]), Err(TemplateBytesError::Length { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..400), mark in any::<bool>()) {
        if mark && bytes.len() >= 10 {
            bytes[..10].copy_from_slice(b"TANBAfmt\x03\x00");
        }
        prop_assert!(Template::from_bytes(&bytes).is_err());
    }

    #[test]
    fn a_damaged_file_is_never_taken_for_another_template(at in 0usize..200, bit in 0u32..8) {
        let mut bytes = finger(9, 12).to_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(Template::from_bytes(&bytes).is_err());
    }
}
