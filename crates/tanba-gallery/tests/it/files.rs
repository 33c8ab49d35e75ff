//! The gallery file: read back as it was, and nothing else is taken for one.

use crate::people::*;
use proptest::prelude::*;
use tanba_finger::crc32;
use tanba_formats::Finger;
use tanba_gallery::{FILE_MARK, Gallery, GalleryFileError, Outcome, SearchControl};

#[test]
fn a_gallery_survives_its_file() {
    let before = gallery(12);
    let bytes = before.to_bytes();
    let after = Gallery::from_bytes(&bytes).unwrap();
    assert_eq!((after.version(), after.people(), after.impressions()), (12, 12, 24));
    assert_eq!(after.to_bytes(), bytes);
    let probe = probe_of(5, &[Finger::RightIndex]);
    let search = |g: &Gallery| g.search(&probe, &options(&[CIVIL]), &SearchControl::default()).unwrap();
    assert!(matches!(search(&after).outcome(), Outcome::Hits([_])));
    assert_eq!(search(&after), search(&before));
}

#[test]
fn an_empty_gallery_has_a_file_too() {
    let bytes = Gallery::new().to_bytes();
    assert_eq!(Gallery::from_bytes(&bytes).unwrap().people(), 0);
    assert!(bytes.starts_with(FILE_MARK));
}

#[test]
fn other_files_are_told_apart() {
    let read = |b: &[u8]| Gallery::from_bytes(b).err();
    assert_eq!(read(b"SQLite format 3\0"), Some(GalleryFileError::NotAGallery));
    let bytes = gallery(2).to_bytes();
    assert_eq!(read(&bytes[..bytes.len() - 9]), Some(GalleryFileError::Damaged));
    let mut newer = bytes.clone();
    newer[FILE_MARK.len()] = 2;
    assert_eq!(read(&newer), Some(GalleryFileError::Format(2)));
    // A count of more entries than there are, with a right checksum.
    let mut lying = bytes[..bytes.len() - 4].to_vec();
    lying[FILE_MARK.len() + 10..FILE_MARK.len() + 18].copy_from_slice(&u64::MAX.to_le_bytes());
    let checksum = crc32(&lying);
    lying.extend_from_slice(&checksum.to_le_bytes());
    assert_eq!(read(&lying), Some(GalleryFileError::Damaged));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_bytes_panic_even_with_a_right_checksum(noise in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..2000, keep in any::<bool>()) {
        let good = gallery(1).to_bytes();
        let mut bytes = if keep { good[..good.len() - 4].to_vec() } else { [FILE_MARK.as_slice(), &[1, 0]].concat() };
        if keep {
            // Overwrite somewhere behind the format number.
            let at = FILE_MARK.len() + 2 + at % (bytes.len() - FILE_MARK.len() - 2);
            let n = noise.len().min(bytes.len() - at).min(6);
            bytes[at..at + n].copy_from_slice(&noise[..n]);
        } else {
            bytes.extend_from_slice(&noise);
        }
        let checksum = crc32(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        if let Ok(gallery) = Gallery::from_bytes(&bytes) {
            prop_assert_eq!(gallery.to_bytes(), bytes);
        }
    }
}
