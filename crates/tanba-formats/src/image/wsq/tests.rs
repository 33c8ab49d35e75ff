//! A plain encoder written from the specification's forward equations, against the reader; and damage.

use proptest::collection::vec;
use proptest::prelude::*;

use super::nine_seven::NineSeven;
use super::segments::Stream;
use super::subbands::{Rect, Subbands};
use super::synthesis::{Filters, Synthesis};
use super::*;
use crate::image::{ImageFormat, ReadOptions, read};
use crate::{Gray8, Ppi};

/// Analysis filters, right halves from the middle.
struct Wavelet {
    low: &'static [f64],
    high: &'static [f64],
    even: bool,
}

/// The FBI's (part 3 of the specification): nine and seven taps.
const FBI: Wavelet = Wavelet { low: &LOW, high: &HIGH, even: false };
/// Two filters of even length that undo each other: Cohen, Daubechies and Feauveau's with six and two taps.
const EVEN: Wavelet = Wavelet {
    low: &[std::f64::consts::FRAC_1_SQRT_2, 0.088388347648318, -0.088388347648318],
    high: &[-std::f64::consts::FRAC_1_SQRT_2],
    even: true,
};
const LOW: [f64; 5] = [0.852698679009403, 0.377402855612654, -0.110624404418423, -0.023849465019380, 0.037828455506995];
const HIGH: [f64; 4] = [0.788485616405664, -0.418092273222212, -0.040689417609558, 0.064538882628938];
const SHIFT: f64 = 128.0;

/// A segment with its marker and length.
fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
}

/// A decimal exponent and a whole number of 16 bits.
fn decimal(v: f64) -> [u8; 3] {
    let exponent = (0_u8..).take_while(|e| v * 10_f64.powi(i32::from(*e)) < 65_535.0).take(10).last().unwrap_or(0);
    let [a, b] = ((v * 10_f64.powi(i32::from(exponent))).round() as u16).to_be_bytes();
    [exponent, a, b]
}

fn filters(wavelet: &Wavelet) -> Vec<u8> {
    let taps = |half: &[f64]| (2 * half.len() - usize::from(!wavelet.even)) as u8;
    let mut body = vec![taps(wavelet.low), taps(wavelet.high)];
    for tap in wavelet.low.iter().chain(wavelet.high) {
        body.extend([u8::from(*tap < 0.0), 9]);
        body.extend(((tap.abs() * 1e9).round() as u32).to_be_bytes());
    }
    segment(0xa4, &body)
}

/// Splits a line into low and high values.
fn analyse(wavelet: &Wavelet, line: &[f64], turned: bool) -> Vec<f64> {
    let n = line.len() as isize;
    let at = |i: isize| {
        if n == 1 {
            return line[0];
        }
        let (period, last) = if wavelet.even { (2 * n, 2 * n - 1) } else { (2 * (n - 1), 2 * (n - 1)) };
        let folded = i.rem_euclid(period);
        line[folded.min(last - folded) as usize]
    };
    // Around a place, or around the gap after it with the right half turned over.
    let under = |half: &[f64], middle: isize, right: f64| -> f64 {
        if wavelet.even {
            return (0..).zip(half).map(|(t, h)| h * (at(middle - t) + right * at(middle + 1 + t))).sum();
        }
        (1..).zip(&half[1..]).fold(half[0] * at(middle), |sum, (j, h)| sum + h * (at(middle - j) + at(middle + j)))
    };
    let low = (0..(n + 1) / 2).map(|k| under(wavelet.low, 2 * k, 1.0));
    let high = (0..n / 2).map(|k| under(wavelet.high, 2 * k + isize::from(!wavelet.even), -1.0));
    if turned { high.chain(low).collect() } else { low.chain(high).collect() }
}

/// Code words of eight bits for everything: the simplest table there is.
struct Bits(Vec<u8>);

impl Bits {
    fn byte(&mut self, v: u8) {
        self.0.push(v);
        if v == 0xff {
            self.0.push(0);
        }
    }

    /// The symbols 1 to 254 have the codes 0 to 253.
    fn symbol(&mut self, v: u8, number: &[u8]) {
        self.byte(v - 1);
        for b in number {
            self.byte(*b);
        }
    }

    fn levels(&mut self, levels: &[i32]) {
        let mut rest = levels;
        while let Some(&level) = rest.first() {
            let zeros = rest.iter().take(60_000).take_while(|l| **l == 0).count();
            rest = &rest[zeros.max(1)..];
            match (zeros, level) {
                (1..=100, _) => self.symbol(zeros as u8, &[]),
                (101..=255, _) => self.symbol(105, &[zeros as u8]),
                (256.., _) => self.symbol(106, &(zeros as u16).to_be_bytes()),
                (0, -73..=74) => self.symbol((180 + level) as u8, &[]),
                (0, 1..=255) => self.symbol(101, &[level as u8]),
                (0, -255..=-1) => self.symbol(102, &[-level as u8]),
                (0, 256..) => self.symbol(103, &(level as u16).to_be_bytes()),
                (0, _) => self.symbol(104, &(-level as u16).to_be_bytes()),
            }
        }
    }
}

/// A WSQ file with bins of one width in all bands but those that `sends` denies.
fn encode_bands(
    wavelet: &Wavelet,
    width: usize,
    height: usize,
    pixels: &[u8],
    bin: f64,
    ppi: Option<u32>,
    sends: fn(usize) -> bool,
) -> Vec<u8> {
    let mut plane: Vec<f64> = pixels.iter().map(|v| f64::from(*v) - SHIFT).collect();
    let subbands = Subbands::of(width, height);
    for join in subbands.joins.iter().rev() {
        let Rect { x, y, width: w, height: h } = join.rect;
        for row in y..y + h {
            let line = analyse(wavelet, &plane[row * width + x..][..w], join.turned_x);
            plane[row * width + x..][..w].copy_from_slice(&line);
        }
        for column in x..x + w {
            let line: Vec<f64> = (y..y + h).map(|row| plane[row * width + column]).collect();
            for (row, v) in (y..).zip(if h > 0 { analyse(wavelet, &line, join.turned_y) } else { vec![] }) {
                plane[row * width + column] = v;
            }
        }
    }
    let mut file = vec![0xff, 0xa0];
    if let Some(ppi) = ppi {
        let text = format!("NIST_COM 3\nPIX_WIDTH {width}\nPPI {ppi}\nLOSSY 1");
        file.extend(segment(0xa8, text.as_bytes()));
    }
    file.extend(filters(wavelet));
    let mut table = decimal(0.44).to_vec();
    for band in 0..64 {
        let bin = if band < 60 && sends(band) { bin } else { 0.0 };
        table.extend(decimal(bin));
        table.extend(decimal(bin * 1.2));
    }
    file.extend(segment(0xa5, &table));
    let mut frame = vec![0, 255];
    frame.extend((height as u16).to_be_bytes());
    frame.extend((width as u16).to_be_bytes());
    frame.extend(decimal(SHIFT));
    frame.extend(decimal(1.0));
    frame.extend([2, 0, 0]);
    file.extend(segment(0xa2, &frame));
    let mut codes = vec![3];
    codes.extend([0, 0, 0, 0, 0, 0, 0, 254, 0, 0, 0, 0, 0, 0, 0, 0]);
    codes.extend(1..=254);
    file.extend(segment(0xa6, &codes));
    for block in [0..19, 19..52, 52..60] {
        let mut levels = Vec::new();
        for band in subbands.bands[block.clone()].iter().zip(block).filter(|(_, i)| sends(*i)).map(|(b, _)| b) {
            for row in band.y..band.y + band.height {
                levels.extend(plane[row * width + band.x..][..band.width].iter().map(|v| {
                    let beyond = v.abs() - bin * 0.6;
                    if beyond <= 0.0 { 0 } else { ((beyond / bin).floor() as i32 + 1) * v.signum() as i32 }
                }));
            }
        }
        file.extend(segment(0xa3, &[3]));
        let mut bits = Bits(Vec::new());
        bits.levels(&levels);
        file.extend(bits.0);
    }
    file.extend([0xff, 0xa1]);
    file
}

pub(crate) fn encode(width: usize, height: usize, pixels: &[u8], bin: f64, ppi: Option<u32>) -> Vec<u8> {
    encode_bands(&FBI, width, height, pixels, bin, ppi, |_| true)
}

/// Ridges of a changing direction on a slope of gray.
pub(crate) fn ridges(width: usize, height: usize) -> Vec<u8> {
    (0..width * height)
        .map(|i| {
            let (x, y) = ((i % width) as f64, (i / width) as f64);
            let phase = (x + 0.01 * y * y) / 1.5 + (y / 17.0).sin();
            (120.0 + 90.0 * phase.sin() + x / 8.0).clamp(0.0, 255.0) as u8
        })
        .collect()
}

#[test]
fn fine_bins_give_the_picture_back_whatever_its_size() {
    // Odd and even sizes at every level of splitting.
    for (width, height) in [(64, 64), (97, 128), (128, 101), (113, 127), (200, 67), (65, 511)] {
        let picture = ridges(width, height);
        // The highest quarter is never sent: what is lost of these ridges is less than a gray value or two.
        let file = encode(width, height, &picture, 0.1, Some(500));
        let got = read(&file, &ReadOptions::default()).unwrap();
        assert_eq!((got.value.width(), got.value.height()), (width, height));
        assert!(got.diagnostics.is_empty());
        let smooth = read(&encode(width, height, got.value.pixels(), 0.1, Some(500)), &ReadOptions::default()).unwrap();
        // Once without those bands, the picture comes back but for rounding to whole grays.
        for (i, (a, b)) in got.value.pixels().iter().zip(smooth.value.pixels()).enumerate() {
            assert!(a.abs_diff(*b) <= 1, "{width} x {height}, pixel {i}: {a} {b}");
        }
        let error: f64 = got.value.pixels().iter().zip(&picture).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
        let rms = (error / picture.len() as f64).sqrt();
        assert!(rms < 2.0, "{width} x {height}: {rms}");
    }
}

#[test]
fn filters_of_even_length_give_the_picture_back_too() {
    for (width, height) in [(64, 64), (97, 128), (113, 127), (65, 511)] {
        let code = |pixels: &[u8]| encode_bands(&EVEN, width, height, pixels, 0.1, Some(500), |_| true);
        // As above: once without the highest bands, nothing more is lost.
        let once = read(&code(&ridges(width, height)), &ReadOptions::default()).unwrap().value;
        let twice = read(&code(once.pixels()), &ReadOptions::default()).unwrap().value;
        for (i, (a, b)) in once.pixels().iter().zip(twice.pixels()).enumerate() {
            assert!(a.abs_diff(*b) <= 1, "{width} x {height}, pixel {i}: {a} {b}");
        }
    }
}

#[test]
fn the_resolution_is_that_of_the_comment_or_missing() {
    let picture = ridges(120, 100);
    let read = |ppi| read(&encode(120, 100, &picture, 1.0, ppi), &ReadOptions::default()).unwrap();
    assert_eq!(read(Some(508)).value.ppi().get(), 508.0);
    let without = read(None);
    assert_eq!(without.value.ppi().get(), 500.0);
    assert_eq!(without.diagnostics[0].code, "resolution-missing");
}

#[test]
fn bands_that_were_not_sent_are_empty() {
    let picture = ridges(120, 100);
    let file = encode_bands(&FBI, 120, 100, &picture, 1.0, Some(500), |band| band < 4);
    let got = read(&file, &ReadOptions::default()).unwrap().value;
    // What is left is the slope of gray without ridges.
    let (low, high) = got.pixels().iter().fold((255, 0), |(l, h), v| (v.min(&l).to_owned(), v.max(&h).to_owned()));
    assert!(high - low < 70 && low > 80, "{low} {high}");
}

#[test]
fn a_cut_file_is_told_and_never_half_a_picture() {
    let file = encode(80, 72, &ridges(80, 72), 2.0, Some(500));
    // The end marker alone may be missing nowhere: a file without it may have lost more.
    for n in 3..file.len() {
        let got = read(&file[..n], &ReadOptions::default());
        let cut = matches!(got, Err(ImageError::Truncated { .. } | ImageError::Malformed { .. }));
        assert!(cut, "{n}: {:?}", got.map(|g| g.diagnostics));
    }
}

#[test]
fn an_early_end_marker_is_told() {
    let mut file = encode(80, 72, &ridges(80, 72), 2.0, Some(500));
    let block = file.windows(2).rposition(|w| w == [0xff, 0xa3]).unwrap();
    file.truncate(block);
    file.extend([0xff, 0xa1]);
    assert_eq!(read(&file, &ReadOptions::default()), Err(ImageError::Truncated { format: ImageFormat::Wsq }));
}

#[test]
fn restart_markers_are_stepped_over() {
    let (w, h) = (80, 72);
    let file = encode(w, h, &ridges(w, h), 2.0, Some(500));
    let block = file.windows(2).position(|m| m == [0xff, 0xa3]).unwrap() + 5;
    // After two code words of eight bits each that stand for themselves.
    let mut restarted = file.clone();
    restarted.splice(block..block, [0xff, 0xb0]);
    assert_eq!(read(&restarted, &ReadOptions::default()), read(&file, &ReadOptions::default()));
}

#[test]
fn what_is_not_read_is_refused_with_a_reason() {
    let file = encode(80, 72, &ridges(80, 72), 2.0, Some(500));
    let at = |marker: u8| file.windows(2).position(|m| m == [0xff, marker]).unwrap();
    let changed = |at: usize, v: u8| {
        let mut bytes = file.clone();
        bytes[at] = v;
        read(&bytes, &ReadOptions::default()).unwrap_err().to_string()
    };
    assert!(changed(at(0xa4) + 4, 8).contains("one filter of even"));
    assert!(changed(at(0xa4) + 4, 0).contains("too long or empty"));
    assert!(changed(at(0xa3) + 4, 2).contains("without their Huffman table"));
    assert!(changed(at(0xa6) + 4, 9).contains("above 7"));
    assert!(changed(at(0xa2) + 1, 0xa9).contains("unknown segment"));
    // 255 codes of seven bits.
    assert!(
        changed(at(0xa6) + 5 + 6, 255).contains("contradicts itself")
            || changed(at(0xa6) + 5 + 6, 255).contains("short")
    );
    // 65535 rows.
    let mut tall = file.clone();
    tall[at(0xa2) + 6..at(0xa2) + 8].fill(255);
    assert!(matches!(read(&tall, &ReadOptions::default()), Err(ImageError::TooLarge { .. })));
}

/// Ridges around a core, nine pixels from one to the next, as a finger has them at 500 ppi.
fn whorl(width: usize, height: usize) -> Vec<u8> {
    (0..width * height)
        .map(|i| {
            let (x, y) = ((i % width) as f64 - width as f64 / 2.0, (i / width) as f64 - height as f64 / 2.0);
            (128.0 + 90.0 * (x.hypot(1.2 * y) * 0.7).sin()) as u8
        })
        .collect()
}

/// The mean error of a picture after it was written at a rate, and the bits of a pixel that the file has.
fn written(width: usize, height: usize, pixels: &[u8], rate: f64) -> (f64, f64) {
    let image = Gray8::new(width, height, Ppi::NOMINAL, pixels.to_vec()).unwrap();
    let file = super::encode(&image, rate, &[]).unwrap();
    let got = read(&file, &ReadOptions::default()).unwrap();
    assert_eq!((got.value.width(), got.value.height(), got.diagnostics.len()), (width, height, 0));
    let error: f64 = got.value.pixels().iter().zip(pixels).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    ((error / pixels.len() as f64).sqrt(), file.len() as f64 * 8.0 / pixels.len() as f64)
}

#[test]
fn more_bits_give_a_closer_picture_and_the_rate_is_about_what_was_asked() {
    let picture = whorl(600, 500);
    let mut before = (f64::MAX, 0.0);
    for rate in [0.3, 0.75, 1.5, 2.25, 4.0] {
        let (error, bits) = written(600, 500, &picture, rate);
        assert!(error < before.0 && bits > before.1, "{rate}: {error} in {bits} bits");
        assert!(bits < 1.2 * rate, "{rate}: {bits}");
        before = (error, bits);
    }
    assert!(before.0 < 1.5, "{}", before.0);
}

#[test]
fn pictures_of_any_size_and_of_one_gray_value_are_written() {
    for (width, height) in [(64, 64), (97, 128), (128, 101), (113, 127), (200, 67), (65, 511)] {
        let (error, _) = written(width, height, &whorl(width, height), 4.0);
        assert!(error < 4.0, "{width} x {height}: {error}");
        assert_eq!(written(width, height, &vec![77; width * height], 0.75).0, 0.0);
    }
}

#[test]
fn the_encoder_of_the_tests_finds_the_same_subbands() {
    // Bins as fine as the rate makes them, but for the highest bands: both encoders differ by rounding only.
    let picture = ridges(120, 100);
    let plain = read(&encode(120, 100, &picture, 0.1, Some(500)), &ReadOptions::default()).unwrap().value;
    let image = Gray8::new(120, 100, Ppi::NOMINAL, picture).unwrap();
    let ours = read(&super::encode(&image, 6.0, &[]).unwrap(), &ReadOptions::default()).unwrap().value;
    let most = plain.pixels().iter().zip(ours.pixels()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(most <= Some(3), "{most:?}");
}

#[test]
fn comments_are_kept_and_that_of_nist_says_what_the_picture_is() {
    let image = Gray8::new(120, 100, Ppi::NOMINAL, ridges(120, 100)).unwrap();
    let given = [
        Comment(b"made by hand\xff\0".to_vec()),
        Comment(b"NIST_COM 4\nPIX_WIDTH 999\nFING_CLASS WHORL\nPPI 300".to_vec()),
    ];
    let file = super::encode(&image, 2.25, &given).unwrap();
    let found = comments(&file).unwrap();
    assert_eq!(found.len(), 2);
    let value = |name| found[0].value(name);
    assert_eq!((value("PIX_WIDTH"), value("PPI"), value("FING_CLASS")), (Some("120"), Some("500"), Some("WHORL")));
    assert_eq!((value("WSQ_BITRATE"), value("NIST_COM")), (Some("2.250000"), Some("10")));
    assert_eq!(found[0].lines().count(), 10);
    assert_eq!(found[1], given[0]);
    // Written again with what was read, the file is the same.
    assert_eq!(super::encode(&image, 2.25, &found).unwrap(), file);
    assert!(comments(b"\xff\xa0\xff\xa8\0\x09no").is_err());
    assert_eq!(comments(b"P5 1 1 255 x"), Err(ImageError::NotAnImage));
}

#[test]
fn the_outline_names_the_segments() {
    let image = Gray8::new(120, 100, Ppi::NOMINAL, ridges(120, 100)).unwrap();
    let mut file = super::encode(&image, 0.75, &[Comment(b"by hand".to_vec())]).unwrap();
    let drawn = outline(&file).into_iter().fold(String::new(), |all, o| all + &o.to_string());
    for said in ["PPI: 500", "comment: by hand", "9 taps", "120 x 100 pixels", "subbands sent", "software number: 0"] {
        assert!(drawn.contains(said), "{said}: {drawn}");
    }
    file.truncate(200);
    assert_eq!(outline(&file).last().unwrap().label, "damaged");
}

#[test]
fn bands_fill_the_plane_once() {
    for (width, height) in [(64, 64), (97, 128), (113, 127), (35, 33)] {
        let subbands = Subbands::of(width, height);
        assert_eq!(subbands.bands.len(), 64);
        let mut covered = vec![0; width * height];
        for b in &subbands.bands {
            for y in b.y..b.y + b.height {
                for x in b.x..b.x + b.width {
                    covered[y * width + x] += 1;
                }
            }
        }
        assert!(covered.iter().all(|n| *n == 1), "{width} x {height}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn short_filters_are_joined_as_any_others(width in 32_usize..140, height in 32_usize..140, seed in vec(-200.0..200.0_f32, 1..60)) {
        let half = |taps: &[f64]| taps.iter().map(|t| *t as f32).collect::<Vec<_>>();
        let filters = Filters { low: half(&LOW), high: half(&HIGH), even: false };
        let subbands = Subbands::of(width, height);
        let plane: Vec<f32> = (0..width * height).map(|i| seed[i * 7 % seed.len()]).collect();
        let (mut short, mut any) = (plane.clone(), plane);
        NineSeven::of(&filters).unwrap().join_all(&mut short, width, &subbands, |_| true);
        Synthesis::new(&filters).join_all(&mut any, width, &subbands, |_| true);
        for (a, b) in short.iter().zip(&any) {
            prop_assert!((a - b).abs() < 0.01 + a.abs() * 1e-4, "{a} {b}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_picture_is_written_and_read(width in 64_usize..130, height in 64_usize..130, rate in 0.1..6.0_f64,
        seed in vec(any::<u8>(), 1..40)) {
        let pixels: Vec<u8> = (0..width * height).map(|i| seed[i % seed.len()]).collect();
        written(width, height, &pixels, rate);
    }

    #[test]
    fn damage_never_panics(changes in vec((any::<u16>(), any::<u8>()), 1..8), cut in 0..6000_usize) {
        let mut file = encode(72, 66, &ridges(72, 66), 8.0, Some(500));
        let n = file.len();
        for (at, v) in changes {
            // Most damage goes into the tables at the front.
            let at = usize::from(at) % if at % 3 == 0 { n } else { 1200.min(n) };
            file[at] = v;
        }
        file.truncate(cut.max(n / 2));
        let _ = read(&file, &ReadOptions::default());
    }

    #[test]
    fn any_segments_are_read_or_refused(bytes in vec(any::<u8>(), 0..600)) {
        let _ = read(&[&[0xff, 0xa0, 0xff], &bytes[..]].concat(), &ReadOptions::default());
        let mut stream = Stream::new(&bytes);
        let gate = Gate::new(ImageFormat::Wsq, None);
        while let Ok(Step::Block(_)) = stream.next(&gate) {}
    }
}
