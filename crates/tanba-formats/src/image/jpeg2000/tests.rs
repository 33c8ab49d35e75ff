//! What is written is read, by a decoder of others; headers that ask for too much are not.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::image::{ImageFormat, ReadOptions, WriteOptions, read, write};
use crate::{Gray8, Ppi};

fn file(width: usize, height: usize, ppi: f64, pixels: Vec<u8>) -> (Gray8, Vec<u8>) {
    let image = Gray8::new(width, height, Ppi::new(ppi).unwrap(), pixels).unwrap();
    let bytes = write(&image, ImageFormat::Jpeg2000, &WriteOptions::default()).unwrap();
    (image, bytes)
}

fn gradient(width: usize, height: usize) -> Vec<u8> {
    (0..width * height).map(|i| ((i % width * 3) ^ (i / width * 7)) as u8).collect()
}

/// The same file with `new` where `old` is.
fn changed(file: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = file.windows(old.len()).position(|w| w == old).unwrap();
    [&file[..at], new, &file[at + old.len()..]].concat()
}

#[test]
fn the_resolution_is_that_of_the_header_boxes() {
    let (image, bytes) = file(80, 70, 500.0, gradient(80, 70));
    let got = read(&bytes, &ReadOptions::default()).unwrap();
    assert_eq!((got.value.pixels(), got.diagnostics.len()), (image.pixels(), 0));
    assert!((got.value.ppi().get() - 500.0).abs() < 0.01);
    // Of display only: its box has the same form.
    let display = read(&changed(&bytes, b"resc", b"resd"), &ReadOptions::default()).unwrap();
    assert_eq!(display.value, got.value);
    let without = read(&changed(&bytes, b"resc", b"free"), &ReadOptions::default()).unwrap();
    assert_eq!(without.diagnostics[0].code, "resolution-missing");
}

#[test]
fn a_bare_codestream_and_a_file_in_a_longer_record_are_read() {
    let (image, bytes) = file(97, 66, 500.0, gradient(97, 66));
    let start = bytes.windows(4).position(|w| w == [0xff, 0x4f, 0xff, 0x51]).unwrap();
    assert_eq!(read(&bytes[start..], &ReadOptions::default()).unwrap().value.pixels(), image.pixels());
    let longer = [&bytes[..], b"\x1cand more"].concat();
    assert_eq!(read(&longer, &ReadOptions::default()).unwrap().value.pixels(), image.pixels());
}

#[test]
fn headers_that_ask_for_too_much_are_refused_before_decoding() {
    let (_, bytes) = file(80, 70, 500.0, gradient(80, 70));
    let refused = |bytes: Vec<u8>| read(&bytes, &ReadOptions::default()).unwrap_err();
    let size = |w: u32, h: u32| [&[0, 0][..], &w.to_be_bytes(), &h.to_be_bytes()].concat();
    let large = changed(&bytes, &size(80, 70), &size(60_000, 60_000));
    assert!(matches!(refused(large), ImageError::TooLarge { .. }));
    let (_, flat) = file(80, 70, 500.0, vec![9; 80 * 70]);
    let empty = changed(&flat, &size(80, 70), &size(5000, 5000));
    assert!(matches!(refused(empty), ImageError::Truncated { .. }));
    // The tile's size stands behind two offsets of zero.
    let tile = |v: u32| [&[0; 8][..], &v.to_be_bytes(), &70_u32.to_be_bytes()].concat();
    assert!(refused(changed(&bytes, &tile(80), &tile(1))).to_string().contains("tiles"));
    let components = |n: u8| [0, n, 7, 1, 1, 0xff, 0x52];
    assert!(matches!(refused(changed(&bytes, &components(1), &components(0))), ImageError::Unsupported { .. }));
    let signed = changed(&bytes, &components(1), &[0, 1, 0x87, 1, 1, 0xff, 0x52]);
    assert!(matches!(refused(signed), ImageError::Unsupported { .. }));
    // Precincts of one pixel at all six levels of a larger picture.
    let (_, large) = file(600, 600, 500.0, gradient(600, 600));
    let coding = [0xff, 0x52, 0, 12, 0, 0, 0, 1, 0, 5, 4, 4, 0, 1];
    let precincts = [&[0xff, 0x52, 0, 18, 1, 0, 0, 1, 0, 5, 4, 4, 0, 1][..], &[0; 6]].concat();
    assert!(refused(changed(&large, &coding, &precincts)).to_string().contains("precincts"));
}

#[test]
fn a_cut_file_is_told_and_never_half_a_picture() {
    let (_, bytes) = file(80, 70, 500.0, gradient(80, 70));
    // The end marker has two bytes.
    for cut in (12..bytes.len() - 2).step_by(7) {
        assert!(read(&bytes[..cut], &ReadOptions::default()).is_err(), "{cut}");
    }
}

#[test]
fn the_outline_names_boxes_and_coding() {
    let drawn = crate::image::outline(&file(80, 70, 500.0, gradient(80, 70)).1).to_string();
    for said in ["JPEG 2000", "capture resolution: 500.0 x 500.0 ppi", "80 x 70 pixels", "reversible 5-3", "gray"] {
        assert!(drawn.contains(said), "{said}: {drawn}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(width in 64_usize..200, height in 64_usize..150, seed in vec(any::<u8>(), 1..60), smooth: bool) {
        let value = |i: usize| if smooth { seed[i * seed.len() / (width * height)] } else { seed[i * 31 % seed.len()] };
        let (image, bytes) = file(width, height, 500.0, (0..width * height).map(value).collect());
        let got = read(&bytes, &ReadOptions::default()).unwrap();
        prop_assert_eq!(got.value.pixels(), image.pixels());
    }

    #[test]
    fn damage_never_panics(changes in vec((any::<u16>(), any::<u8>()), 1..6)) {
        let (_, mut bytes) = file(80, 70, 500.0, gradient(80, 70));
        let n = bytes.len();
        for (at, v) in changes {
            // Most damage goes into the headers at the front.
            let at = usize::from(at) % if at % 3 == 0 { n } else { 220 };
            bytes[at] = v;
        }
        let _ = read(&bytes, &ReadOptions::default());
        let _ = crate::image::outline(&bytes);
    }
}
