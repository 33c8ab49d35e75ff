//! What is written in any format is read again; options that a format does not take are refused.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::Ppi;
use crate::image::{ReadOptions, detect, outline, read};

/// Everything that is written without loss and read as a file.
const EXACT: [ImageFormat; 6] = [
    ImageFormat::Png,
    ImageFormat::Bmp,
    ImageFormat::Pnm,
    ImageFormat::Tiff,
    ImageFormat::JpegLossless,
    ImageFormat::Jpeg2000,
];

fn image(width: usize, height: usize, ppi: f64) -> Gray8 {
    let pixels = (0..width * height).map(|i| (i % width * 5 + i / width * 3) as u8).collect();
    Gray8::new(width, height, Ppi::new(ppi).unwrap(), pixels).unwrap()
}

/// A sum of all bytes by their places, which a changed, lost or moved byte changes.
fn digest(bytes: &[u8]) -> u32 {
    bytes.iter().fold(2_166_136_261, |sum: u32, b| (sum ^ u32::from(*b)).wrapping_mul(16_777_619))
}

#[test]
fn the_bytes_of_every_format_stay_what_they_are() {
    let image = image(90, 77, 500.0);
    let bytes = |format| write(&image, format, &WriteOptions::default()).unwrap();
    let digests = [
        ImageFormat::Bmp,
        ImageFormat::Pnm,
        ImageFormat::Tiff,
        ImageFormat::JpegLossless,
        ImageFormat::Jpeg2000,
        ImageFormat::Wsq,
        ImageFormat::Jpeg,
    ]
    .map(|format| (format, digest(&bytes(format))));
    assert_eq!(
        digests,
        [
            (ImageFormat::Bmp, 826_406_990),
            (ImageFormat::Pnm, 2_433_299_572),
            (ImageFormat::Tiff, 3_593_843_209),
            (ImageFormat::JpegLossless, 2_308_031_369),
            (ImageFormat::Jpeg2000, 1_451_899_864),
            (ImageFormat::Wsq, 3_943_290_888),
            (ImageFormat::Jpeg, 2_864_926_554),
        ]
    );
    assert_eq!(bytes(ImageFormat::Raw), image.pixels());
}

#[test]
fn what_a_format_does_not_take_is_refused() {
    let image = image(90, 77, 500.0);
    let refused = |format, options: WriteOptions| write(&image, format, &options).unwrap_err().to_string();
    let rate = |bits_per_pixel| WriteOptions { bits_per_pixel, ..WriteOptions::default() };
    for rate in [0.0, -1.0, 100.0, f64::NAN].map(rate) {
        assert!(refused(ImageFormat::Wsq, rate).contains("rate"));
    }
    for quality in [0, 101] {
        assert!(refused(ImageFormat::Jpeg, WriteOptions { quality, ..WriteOptions::default() }).contains("quality"));
    }
    let comments = vec![Comment(vec![b'x'; 70_000])];
    assert!(refused(ImageFormat::Wsq, WriteOptions { comments, ..WriteOptions::default() }).contains("comment"));
    let wide = Gray8::new(66_000, 1, Ppi::NOMINAL, vec![0; 66_000]).unwrap();
    for format in [ImageFormat::Wsq, ImageFormat::Jpeg, ImageFormat::JpegLossless, ImageFormat::Jpeg2000] {
        assert!(write(&wide, format, &WriteOptions::default()).unwrap_err().to_string().contains("sides"), "{format}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(width in 64_usize..100, height in 64_usize..90, ppi in 500_u32..1000, seed in vec(any::<u8>(), 1..50),
        format in prop::sample::select(EXACT.to_vec())) {
        let pixels: Vec<u8> = (0..width * height).map(|i| seed[i % seed.len()]).collect();
        let image = Gray8::new(width * 2, height * 2, Ppi::new(f64::from(ppi)).unwrap(), pixels.repeat(4)).unwrap();
        let bytes = write(&image, format, &WriteOptions::default()).unwrap();
        prop_assert_eq!(detect(&bytes), Ok(format));
        let got = read(&bytes, &ReadOptions::default()).unwrap();
        prop_assert_eq!(got.value.pixels(), image.pixels());
        if format != ImageFormat::Pnm {
            prop_assert!((got.value.ppi().get() - f64::from(ppi)).abs() < 0.05, "{:?}", got.value.ppi());
            prop_assert!(got.diagnostics.is_empty());
        }
    }

    #[test]
    fn outlines_of_any_bytes_end(start in prop::sample::select(vec![&b"BM"[..], b"P5\n", b"II*\0", b"MM\0*", b"II+\0",
        b"\x89PNG\r\n\x1a\n", b"\xff\xa0\xff", b"\xff\xd8\xff", b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"]), rest in vec(any::<u8>(), 0..300)) {
        let _ = outline(&[start, &rest].concat()).to_string();
    }
}
