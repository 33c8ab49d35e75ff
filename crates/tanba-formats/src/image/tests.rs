//! Every kind of file, made here with an encoder or byte by byte, against the same picture.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const W: usize = 72;
const H: usize = 66;

/// A picture with all gray values, told apart in both directions.
fn picture() -> Vec<u8> {
    (0..W * H).map(|i| ((i % W) * 3 + (i / W) * 7) as u8).collect()
}

fn codes(got: &Decoded<Gray8>) -> Vec<&'static str> {
    got.diagnostics.iter().map(|d| d.code).collect()
}

fn at(ppi: f64) -> ReadOptions {
    ReadOptions { ppi: Ppi::new(ppi) }
}

fn reads_as(bytes: &[u8], want: &[u8], tolerance: u8, expected_codes: &[&str]) {
    let got = read(bytes, &ReadOptions::default()).unwrap();
    assert_eq!((got.value.width(), got.value.height()), (W, H));
    assert_eq!(codes(&got), expected_codes);
    for (i, (g, w)) in got.value.pixels().iter().zip(want).enumerate() {
        assert!(g.abs_diff(*w) <= tolerance, "pixel {i}: {g}, not {w}");
    }
}

/// Keeps only the high bits of each gray value, spread over 0..=255 again.
fn coarse(bits: u32) -> Vec<u8> {
    let max = (1_u32 << bits) - 1;
    picture().iter().map(|v| (u32::from(v >> (8 - bits)) * 255 / max) as u8).collect()
}

fn pack(values: &[u8], bits: usize, align: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for row in values.chunks_exact(W) {
        let stride = (W * bits).div_ceil(8).next_multiple_of(align);
        let start = out.len();
        out.resize(start + stride, 0);
        for (x, v) in row.iter().enumerate() {
            out[start + x * bits / 8] |= (v >> (8 - bits)) << (8 - bits - x * bits % 8);
        }
    }
    out
}

mod png_files {
    use super::*;
    use ::png::{BitDepth, ColorType, Encoder, PixelDimensions, Unit};

    fn png(
        colour: ColorType,
        depth: BitDepth,
        per_metre: Option<(u32, u32)>,
        palette: Option<Vec<u8>>,
        data: &[u8],
    ) -> Vec<u8> {
        let mut out = Vec::new();
        let mut e = Encoder::new(&mut out, W as u32, H as u32);
        e.set_color(colour);
        e.set_depth(depth);
        e.set_pixel_dims(per_metre.map(|(xppu, yppu)| PixelDimensions { xppu, yppu, unit: Unit::Meter }));
        if let Some(p) = palette {
            e.set_palette(p);
        }
        let mut w = e.write_header().unwrap();
        w.write_image_data(data).unwrap();
        w.finish().unwrap();
        out
    }

    #[test]
    fn our_own_png_comes_back_exactly_with_its_resolution() {
        for ppi in [500.0, 400.0, 505.0] {
            let image = Gray8::new(W, H, Ppi::new(ppi).unwrap(), picture()).unwrap();
            let got = read(&encode_png(&image), &ReadOptions::default()).unwrap();
            assert_eq!(got.value.pixels(), image.pixels());
            assert!((got.value.ppi().get() - ppi).abs() < 0.02, "{:?}", got.value.ppi());
            assert!(got.diagnostics.is_empty());
        }
        let rgb = picture().iter().flat_map(|v| [*v; 3]).collect::<Vec<_>>();
        reads_as(&encode_png_rgb(W as u32, H as u32, &rgb).unwrap(), &picture(), 0, &["resolution-missing"]);
        assert!(encode_png_rgb(W as u32, H as u32, &rgb[1..]).is_err());
    }

    #[test]
    fn every_depth_and_colour_type_is_read() {
        let p = picture();
        for (depth, bits) in [(BitDepth::Two, 2), (BitDepth::Four, 4)] {
            let file = png(ColorType::Grayscale, depth, None, None, &pack(&p, bits, 1));
            reads_as(&file, &coarse(bits as u32), 1, &["resolution-missing"]);
        }
        let file = png(ColorType::Grayscale, BitDepth::One, None, None, &pack(&p, 1, 1));
        reads_as(&file, &coarse(1), 0, &["resolution-missing", "bilevel"]);
        let deep: Vec<u8> = p.iter().flat_map(|v| [*v, 0x40]).collect();
        let file = png(ColorType::Grayscale, BitDepth::Sixteen, None, None, &deep);
        reads_as(&file, &p, 1, &["resolution-missing", "depth-reduced"]);
        let palette: Vec<u8> = (0..=255).flat_map(|v| [255 - v; 3]).collect();
        let inverse: Vec<u8> = p.iter().map(|v| 255 - v).collect();
        let file = png(ColorType::Indexed, BitDepth::Eight, None, Some(palette), &p);
        reads_as(&file, &inverse, 0, &["resolution-missing"]);
        let rgba: Vec<u8> = p.iter().flat_map(|v| [*v, *v, *v, 255]).collect();
        reads_as(&png(ColorType::Rgba, BitDepth::Eight, None, None, &rgba), &p, 0, &["resolution-missing"]);
    }

    #[test]
    fn colours_become_luma_and_transparency_becomes_paper() {
        let red = [255, 0, 0].repeat(W * H);
        let file = png(ColorType::Rgb, BitDepth::Eight, None, None, &red);
        reads_as(&file, &[76; W * H], 0, &["resolution-missing", "colour-converted"]);
        let clear = [0, 0].repeat(W * H);
        let file = png(ColorType::GrayscaleAlpha, BitDepth::Eight, None, None, &clear);
        reads_as(&file, &[255; W * H], 0, &["resolution-missing", "alpha-composited"]);
    }

    fn stated(x: u32, y: u32) -> Vec<u8> {
        png(ColorType::Grayscale, BitDepth::Eight, Some((x, y)), None, &picture())
    }

    #[test]
    fn a_screen_resolution_is_no_statement_but_a_low_one_is_refused() {
        for per_metre in [2834, 2835, 3779, 3780, 39] {
            reads_as(&stated(per_metre, per_metre), &picture(), 0, &["resolution-screen-default"]);
        }
        // 200 ppi.
        let low = stated(7874, 7874);
        let error = read(&low, &ReadOptions::default()).unwrap_err();
        assert!(matches!(error, ImageError::PpiTooLow { source_of_ppi: PpiSource::File, .. }), "{error}");
        assert!(error.to_string().contains("give the true resolution"));
        let told = read(&low, &at(500.0)).unwrap();
        assert_eq!((told.value.ppi(), codes(&told)), (Ppi::NOMINAL, vec!["resolution-overridden"]));
        let error = read(&low, &at(200.0)).unwrap_err();
        assert!(matches!(error, ImageError::PpiTooLow { source_of_ppi: PpiSource::Caller, .. }), "{error}");
        // 250 ppi, rounded down by the format; and far too much.
        assert!(!matches!(read(&stated(9842, 9842), &at(500.0)), Err(ImageError::PpiTooLow { .. })));
        assert!(matches!(read(&stated(400_000, 400_000), &ReadOptions::default()), Err(ImageError::PpiTooHigh { .. })));
    }

    #[test]
    fn unequal_axes_become_square_pixels() {
        // 1000 x 500 ppi.
        let got = read(&stated(39370, 19685), &ReadOptions::default());
        assert!(matches!(got, Err(ImageError::TooSmall { .. })), "36 pixels across at 500 ppi");
        // 500 x 1000: the columns are doubled.
        let got = read(&stated(19685, 39370), &ReadOptions::default());
        assert!(matches!(got, Err(ImageError::TooSmall { .. })));
        // 500 x 515 ppi.
        let got = read(&stated(19685, 20276), &ReadOptions::default()).unwrap();
        assert_eq!((got.value.width(), got.value.height(), codes(&got)), (74, H, vec!["resolution-anisotropic"]));
        assert!((got.value.ppi().get() - 515.0).abs() < 0.1);
    }

    #[test]
    fn a_header_that_promises_too_much_is_refused_before_any_pixel() {
        let mut bomb = stated(19685, 19685);
        // IHDR width, with its checksum.
        bomb[16..20].copy_from_slice(&0x7fff_ffff_u32.to_be_bytes());
        let error = read(&bomb, &ReadOptions::default()).unwrap_err();
        assert!(matches!(error, ImageError::Malformed { .. } | ImageError::TooLarge { .. }), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damage_never_panics(change in vec((0_usize..4000, any::<u8>()), 0..4), cut in 0_usize..5000) {
            let mut file = stated(19685, 19685);
            for (i, v) in change {
                let n = file.len();
                file[i % n] = v;
            }
            file.truncate(cut);
            let _ = read(&file, &ReadOptions::default());
        }
    }
}

mod bmp_files {
    use super::*;

    fn bmp(bits: u16, compression: u32, extra: &[u8], per_metre: u32, bottom_up: bool, body: &[u8]) -> Vec<u8> {
        let mut out = b"BM".to_vec();
        let start = 54 + extra.len() as u32;
        out.extend((start + body.len() as u32).to_le_bytes());
        out.extend([0; 4]);
        out.extend(start.to_le_bytes());
        out.extend(40_u32.to_le_bytes());
        out.extend((W as i32).to_le_bytes());
        out.extend(if bottom_up { H as i32 } else { -(H as i32) }.to_le_bytes());
        out.extend(1_u16.to_le_bytes());
        out.extend(bits.to_le_bytes());
        out.extend(compression.to_le_bytes());
        out.extend((body.len() as u32).to_le_bytes());
        out.extend(per_metre.to_le_bytes());
        out.extend(per_metre.to_le_bytes());
        out.extend([0; 8]);
        out.extend(extra);
        out.extend(body);
        out
    }

    fn gray_palette(n: u32) -> Vec<u8> {
        (0..n)
            .flat_map(|i| {
                let v = (i * 255 / (n - 1)) as u8;
                [v, v, v, 0]
            })
            .collect()
    }

    fn flipped(p: &[u8]) -> Vec<u8> {
        p.chunks_exact(W).rev().flatten().copied().collect()
    }

    #[test]
    fn every_depth_is_read_in_both_row_orders() {
        let p = picture();
        for bits in [1_u32, 4, 8] {
            let body = pack(&p, bits as usize, 4);
            let more: &[&str] = if bits == 1 { &["bilevel"] } else { &[] };
            let file = bmp(bits as u16, 0, &gray_palette(1 << bits), 19685, false, &body);
            reads_as(&file, &coarse(bits), 1, more);
            let file =
                bmp(bits as u16, 0, &gray_palette(1 << bits), 19685, true, &pack(&flipped(&p), bits as usize, 4));
            reads_as(&file, &coarse(bits), 1, more);
        }
        let bgr: Vec<u8> = p.iter().flat_map(|v| [*v; 3]).collect();
        reads_as(&bmp(24, 0, &[], 0, false, &bgr), &p, 0, &["resolution-missing"]);
        let bgrx: Vec<u8> = p.iter().flat_map(|v| [*v, *v, *v, 0]).collect();
        reads_as(&bmp(32, 0, &[], 2835, false, &bgrx), &p, 0, &["resolution-screen-default"]);
        let five: Vec<u8> = p
            .iter()
            .flat_map(|v| {
                let v = u16::from(v >> 3);
                (v << 10 | v << 5 | v).to_le_bytes()
            })
            .collect();
        reads_as(&bmp(16, 0, &[], 19685, false, &five), &coarse(5), 1, &[]);
        let masks: Vec<u8> = [0xff00_0000_u32, 0x00ff_0000, 0x0000_ff00].iter().flat_map(|m| m.to_le_bytes()).collect();
        let fields: Vec<u8> = p.iter().flat_map(|v| [0, *v, *v, *v]).collect();
        reads_as(&bmp(32, 3, &masks, 19685, false, &fields), &p, 0, &[]);
    }

    #[test]
    fn run_lengths_are_read() {
        // Each row: a run of 40 of its first value, and 32 literal ones.
        let p: Vec<u8> =
            (0..H).flat_map(|y| (0..W).map(move |x| if x < 40 { y as u8 } else { (x + y) as u8 })).collect();
        let mut body = Vec::new();
        for row in p.chunks_exact(W) {
            body.extend([40, row[0], 0, 32]);
            body.extend(&row[40..]);
            body.extend([0, 0]);
        }
        body.extend([0, 1]);
        reads_as(&bmp(8, 1, &gray_palette(256), 19685, false, &body), &p, 0, &[]);
    }

    #[test]
    fn a_cut_bitmap_is_truncated_wherever_it_is_cut() {
        let file = bmp(8, 0, &gray_palette(256), 19685, false, &picture());
        for cut in 2..file.len() {
            assert_eq!(
                read(&file[..cut], &ReadOptions::default()),
                Err(ImageError::Truncated { format: ImageFormat::Bmp }),
                "{cut}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn damage_never_panics(bits in prop::sample::select(vec![1_u16, 4, 8, 16, 24, 32]), compression in 0_u32..7,
            change in vec((0_usize..80, any::<u8>()), 0..4), body in vec(any::<u8>(), 0..3000)) {
            let mut file = bmp(bits, compression, &gray_palette(256), 0, true, &body);
            for (i, v) in change {
                file[i] = v;
            }
            let _ = read(&file, &ReadOptions::default());
        }
    }
}

mod pnm_files {
    use super::*;

    fn text(kind: char, header: &str, samples: impl Iterator<Item = u32>) -> Vec<u8> {
        let samples: Vec<String> = samples.map(|v| v.to_string()).collect();
        format!("P{kind}\n# made by hand\n{W} {H} # size\n{header}\n{}\n", samples.join(" ")).into_bytes()
    }

    fn binary(kind: char, header: &str, samples: &[u8]) -> Vec<u8> {
        [format!("P{kind} {W} {H}{header}\n").as_bytes(), samples].concat()
    }

    #[test]
    fn every_kind_is_read() {
        let p = picture();
        let missing = &["resolution-missing"];
        let bilevel = &["resolution-missing", "bilevel"];
        let deep = &["resolution-missing", "depth-reduced"];
        reads_as(&text('2', "255", p.iter().map(|v| u32::from(*v))), &p, 0, missing);
        reads_as(&text('3', "255", p.iter().flat_map(|v| [u32::from(*v); 3])), &p, 0, missing);
        reads_as(&text('1', "", p.iter().map(|v| u32::from(*v < 128))), &coarse(1), 0, bilevel);
        reads_as(&binary('5', " 255", &p), &p, 0, missing);
        reads_as(&binary('6', " 255", &p.iter().flat_map(|v| [*v; 3]).collect::<Vec<_>>()), &p, 0, missing);
        let wide: Vec<u8> = p.iter().flat_map(|v| (u16::from(*v) * 257).to_be_bytes()).collect();
        reads_as(&binary('5', " 65535", &wide), &p, 0, deep);
        let ten: Vec<u8> = p.iter().flat_map(|v| (u16::from(*v) * 4).to_be_bytes()).collect();
        reads_as(&binary('5', " 1023", &ten), &p, 1, deep);
        let inverse: Vec<u8> = pack(&p, 1, 1).iter().map(|b| !b).collect();
        reads_as(&binary('4', "", &inverse), &coarse(1), 0, bilevel);
    }

    #[test]
    fn what_is_cut_or_wrong_is_told() {
        let file = binary('5', " 255", &picture());
        for cut in 3..file.len() {
            let got = read(&file[..cut], &ReadOptions::default());
            // Cut within the size, what is left is a smaller size.
            assert!(
                matches!(
                    got,
                    Err(ImageError::Truncated { .. } | ImageError::TooSmall { .. } | ImageError::Malformed { .. })
                ),
                "{cut}: {got:?}"
            );
        }
        assert!(matches!(
            read(b"P5 99999999999999999999 5 255\n", &ReadOptions::default()),
            Err(ImageError::TooLarge { .. })
        ));
        assert!(matches!(read(b"P5 10000 10000 255\n", &ReadOptions::default()), Err(ImageError::TooLarge { .. })));
        assert!(matches!(read(b"P5 9 9 255\n", &ReadOptions::default()), Err(ImageError::TooSmall { .. })));
        assert!(matches!(read(b"P2 100 100 70000\n", &ReadOptions::default()), Err(ImageError::Malformed { .. })));
    }
}

#[test]
fn what_is_no_image_is_named() {
    let refuse = |bytes: &[u8]| read(bytes, &ReadOptions::default()).unwrap_err();
    assert_eq!(refuse(b""), ImageError::Empty);
    assert_eq!(refuse(b"hello, this is a letter"), ImageError::NotAnImage);
    assert_eq!(refuse(b"BMs are bitmaps, and this is a text about them"), ImageError::NotAnImage);
    assert_eq!(refuse(&[0; 1000]), ImageError::NotAnImage);
    assert!(refuse(b"\xff\xd8\xff\xe0").to_string().contains("JPEG"));
    assert!(refuse(b"FMR\0 20\0").to_string().contains("minutiae record"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_bytes_are_read_or_refused(start in prop::sample::select(vec![&b""[..], b"BM", b"P1 ", b"P4\n", b"P6\n", b"II*\0", b"MM\0*", b"II+\0", b"\x89PNG\r\n\x1a\n"]),
        rest in vec(any::<u8>(), 0..300)) {
        let _ = read(&[start, &rest].concat(), &ReadOptions::default());
    }
}
