//! Lossless JPEG of every kind that the writer has, and with three components, comes back; with loss it is refused or told.

use proptest::collection::vec;
use proptest::prelude::*;

use super::lossless_write::Coding;
use super::segments::{jfif, marker, segment};
use crate::image::entropy::{BitWriter, Codes};
use crate::image::luminance::{luma, scale};
use crate::image::{ImageError, ImageFormat, ReadOptions, WriteOptions, outline, read, write};
use crate::{Gray8, Ppi};

const W: usize = 72;
const H: usize = 66;

fn picture() -> Vec<u8> {
    (0..W * H).map(|i| ((i % W) * 3 + (i / W) * 7) as u8).collect()
}

fn gray(pixels: Vec<u8>) -> Gray8 {
    Gray8::new(W, H, Ppi::NOMINAL, pixels).unwrap()
}

fn lossless(pixels: Vec<u8>) -> Vec<u8> {
    write(&gray(pixels), ImageFormat::JpegLossless, &WriteOptions::default()).unwrap()
}

fn lossy(pixels: Vec<u8>, quality: u8) -> Vec<u8> {
    write(&gray(pixels), ImageFormat::Jpeg, &WriteOptions { quality, ..WriteOptions::default() }).unwrap()
}

/// Three planes in one scan, each sample told from the one on its left.
fn interleaved(planes: [&[u8]; 3]) -> Vec<u8> {
    let before = |plane: &[u8], i: usize| match (i % W, i) {
        (_, 0) => 128,
        (0, _) => plane[i - W],
        _ => plane[i - 1],
    };
    let differences: Vec<i32> =
        (0..W * H).flat_map(|i| planes.map(|p| i32::from(p[i]) - i32::from(before(p, i)))).collect();
    let size = |d: i32| (32 - d.unsigned_abs().leading_zeros()) as u8;
    let mut counts = [0; 256];
    differences.iter().for_each(|d| counts[usize::from(size(*d))] += 1);
    let codes = Codes::for_counts(&counts);
    let mut file = [&[0xff, marker::START][..], &jfif(500.0)].concat();
    let [h, w] = [H as u8, W as u8];
    file.extend(segment(marker::LOSSLESS_FRAME, &[8, 0, h, 0, w, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]));
    file.extend(segment(marker::CODES, &[&[1][..], &codes.segment()].concat()));
    file.extend(segment(marker::SCAN, &[3, 1, 0x10, 2, 0x10, 3, 0x10, 1, 0, 0]));
    let mut bits = BitWriter::default();
    for d in differences {
        bits.symbol(&codes, size(d));
        bits.number((d - i32::from(d < 0)) as u32, u32::from(size(d)));
    }
    file.extend(bits.finish());
    file.extend([0xff, marker::END]);
    file
}

#[test]
fn our_own_lossless_jpeg_comes_back_exactly_with_its_resolution() {
    for pixels in [picture(), vec![200; W * H]] {
        let got = read(&lossless(pixels.clone()), &ReadOptions::default()).unwrap();
        assert_eq!((got.value.pixels(), got.value.ppi(), got.diagnostics.len()), (&pixels[..], Ppi::NOMINAL, 0));
    }
}

#[test]
fn three_components_become_their_luminance() {
    let (r, g, b) = (picture(), vec![90; W * H], picture().into_iter().rev().collect::<Vec<_>>());
    let got = read(&interleaved([&r, &g, &b]), &ReadOptions::default()).unwrap();
    let want: Vec<u8> = (0..W * H).map(|i| luma([r[i], g[i], b[i]])).collect();
    assert_eq!(got.value.pixels(), want);
    assert_eq!(got.diagnostics[0].code, "colour-converted");
}

#[test]
fn a_cut_lossless_jpeg_is_told_wherever_it_is_cut() {
    let file = lossless(picture());
    // What follows the last sample is padding and the end marker.
    for cut in (4..file.len() - 4).step_by(5) {
        let got = read(&file[..cut], &ReadOptions { lossy_jpeg: true, ..ReadOptions::default() });
        assert!(matches!(got, Err(ImageError::Truncated { .. } | ImageError::Malformed { .. })), "{cut}: {got:?}");
    }
}

#[test]
fn what_a_lossless_jpeg_cannot_be_is_refused_with_a_reason() {
    let file = lossless(picture());
    let at = |marker: u8| file.windows(2).position(|w| w == [0xff, marker]).unwrap();
    let changed = |at: usize, v: &[u8]| {
        let mut bytes = file.clone();
        bytes[at..at + v.len()].copy_from_slice(v);
        read(&bytes, &ReadOptions::default()).unwrap_err()
    };
    assert!(matches!(changed(at(0xc3) + 5, &[0xff, 0xff, 0xff, 0xff]), ImageError::TooLarge { .. }));
    assert!(changed(at(0xc3) + 4, &[1]).to_string().contains("depth"));
    assert!(changed(at(0xda) + 7, &[0]).to_string().contains("predictor"));
    assert!(changed(at(0xda) + 6, &[0x30]).to_string().contains("without their Huffman table"));
    assert!(changed(at(0xc4) + 4, &[7]).to_string().contains("above 3"));
    // As many rows as fit, and far too few bytes for them.
    assert!(matches!(changed(at(0xc3) + 5, &[0x20, 0]), ImageError::Truncated { .. }));
}

#[test]
fn a_jpeg_with_loss_is_refused_unless_it_is_asked_for_and_told_then() {
    let file = lossy(picture(), 95);
    let error = read(&file, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("a JPEG, whose compression destroys ridge detail"), "{error}");
    let got = read(&file, &ReadOptions { lossy_jpeg: true, ..ReadOptions::default() }).unwrap();
    assert_eq!(got.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["lossy-jpeg"]);
    assert_eq!(got.value.ppi(), Ppi::NOMINAL);
}

#[test]
fn jpegs_get_closer_and_larger_with_their_quality() {
    // A slope: it has few high frequencies.
    let slope: Vec<u8> = (0..W * H).map(|i| (i % W * 2 + i / W) as u8).collect();
    let mut before = (f64::MAX, 0);
    for quality in [10, 50, 90, 100] {
        let file = lossy(slope.clone(), quality);
        let got = read(&file, &ReadOptions { lossy_jpeg: true, ..ReadOptions::default() }).unwrap().value;
        let error: f64 = got.pixels().iter().zip(&slope).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
        assert!(error < before.0 && file.len() > before.1, "{quality}: {error} in {} bytes", file.len());
        before = (error, file.len());
    }
    assert!((before.0 / (W * H) as f64) < 0.5);
}

#[test]
fn the_outline_names_process_predictor_and_density() {
    let drawn = outline(&lossless(picture())).to_string();
    for said in ["lossless JPEG", "500.0 x 500.0 ppi", "72 x 66 pixels", "predictor", "8 bits"] {
        assert!(drawn.contains(said), "{said}: {drawn}");
    }
    assert!(outline(&lossy(picture(), 90)).to_string().contains("frame: baseline"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_coding_comes_back(predictor in 1_u8..=7, precision in 2_u8..=16, point in 0_u8..4, rows_between in 0_u16..9,
        seed in vec(any::<u16>(), 1..90)) {
        let point = point.min(precision - 1);
        let max = ((1_u32 << precision) - 1) as u16;
        let samples: Vec<u16> = (0..W * H).map(|i| seed[i % seed.len()] & max).collect();
        let file = Coding { predictor, precision, point, rows_between }.file((W as u16, H as u16), 500.0, &samples);
        let got = read(&file, &ReadOptions::default()).unwrap();
        let want: Vec<u8> = samples.iter().map(|v| scale(v >> point << point, u32::from(precision))).collect();
        prop_assert_eq!(got.value.pixels(), &want[..]);
    }

    #[test]
    fn damage_never_panics(is_lossless: bool, changes in vec((any::<u16>(), any::<u8>()), 1..8)) {
        let mut file = if is_lossless { lossless(picture()) } else { lossy(picture(), 80) };
        let n = file.len();
        for (at, v) in changes {
            // Most damage goes into the headers at the front.
            let at = usize::from(at) % if at % 3 == 0 { n } else { 160 };
            file[at] = v;
        }
        let _ = read(&file, &ReadOptions { lossy_jpeg: true, ..ReadOptions::default() });
        let _ = outline(&file);
    }
}
