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
    ReadOptions::with_ppi(Ppi::new(ppi))
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

    #[test]
    fn a_changed_or_missing_byte_anywhere_in_the_pixels_is_noticed() {
        let whole = stated(19685, 19685);
        let pixels = whole.windows(4).position(|w| w == b"IDAT").unwrap() + 4..whole.len() - 16;
        for at in pixels.step_by(7) {
            let mut changed = whole.clone();
            changed[at] ^= 4;
            assert!(read(&changed, &ReadOptions::default()).is_err(), "{at}");
            let cut = read(&whole[..at], &ReadOptions::default());
            assert_eq!(cut, Err(ImageError::Truncated { format: ImageFormat::Png }), "{at}");
        }
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
                "{cut}: {:?}",
                got.err()
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

#[test]
fn bits_and_faxes_of_records_are_read() {
    let want = coarse(1);
    let black: Vec<u8> = pack(&picture(), 1, 1).iter().map(|b| !b).collect();
    let told = |got: Decoded<Gray8>| (got.value.into_pixels(), got.diagnostics[0].code);
    let size = (W as u32, H as u32);
    let got = read_bits(&black, size.0, size.1, Some((500.0, 500.0))).unwrap();
    assert_eq!(told(got), (want.clone(), "bilevel"));
    let short = read_bits(&black[1..], size.0, size.1, None);
    assert_eq!(short, Err(ImageError::Truncated { format: ImageFormat::Raw }));
    let mut encoder = ::fax::encoder::Encoder::new(::fax::VecWriter::new());
    for row in want.chunks_exact(W) {
        let pels = row.iter().map(|v| if *v == 0 { ::fax::Color::Black } else { ::fax::Color::White });
        encoder.encode_line(pels, W as u16).unwrap();
    }
    let fax = encoder.finish().unwrap().finish();
    assert_eq!(told(read_fax(&fax, size.0, size.1, Some((500.0, 500.0))).unwrap()), (want, "bilevel"));
    assert!(matches!(read_fax(&fax[..fax.len() / 2], size.0, size.1, None), Err(ImageError::Truncated { .. })));
    assert!(matches!(read_fax(&fax, 60_000, 60_000, None), Err(ImageError::TooLarge { .. })));
}

mod tiff_files {
    use super::*;
    use ::tiff::encoder::{Compression, DeflateLevel, Predictor, Rational, TiffEncoder, colortype};
    use ::tiff::tags::ResolutionUnit;

    const SHORT: u16 = 3;
    const LONG: u16 = 4;
    const RATIONAL: u16 = 5;

    /// A file with one directory, made of tags and chunks (strips or tiles); offsets and counts are filled in.
    struct Built {
        big_endian: bool,
        tags: Vec<(u16, u16, Vec<u32>)>,
        chunks: Vec<Vec<u8>>,
        tiled: bool,
    }

    impl Built {
        fn gray(bits: u32, photometric: u32, data: Vec<u8>) -> Self {
            let tags = vec![
                (256, SHORT, vec![W as u32]),
                (257, SHORT, vec![H as u32]),
                (258, SHORT, vec![bits]),
                (262, SHORT, vec![photometric]),
                (282, RATIONAL, vec![500, 1]),
                (283, RATIONAL, vec![500, 1]),
            ];
            Self { big_endian: false, tags, chunks: vec![data], tiled: false }
        }

        fn tag(mut self, tag: u16, kind: u16, values: &[u32]) -> Self {
            self.tags.retain(|t| t.0 != tag);
            self.tags.push((tag, kind, values.to_vec()));
            self
        }

        fn bytes(&self) -> Vec<u8> {
            let put = |out: &mut Vec<u8>, v: u32, size: usize| {
                let bytes = if self.big_endian { v.to_be_bytes() } else { v.to_le_bytes() };
                out.extend(if self.big_endian { &bytes[4 - size..] } else { &bytes[..size] });
            };
            let mut tags = self.tags.clone();
            let mut at = 8;
            let offsets: Vec<u32> = self
                .chunks
                .iter()
                .map(|c| {
                    at += c.len() as u32;
                    at - c.len() as u32
                })
                .collect();
            let counts = self.chunks.iter().map(|c| c.len() as u32).collect();
            let (offsets_tag, counts_tag) = if self.tiled { (324, 325) } else { (273, 279) };
            tags.push((offsets_tag, LONG, offsets));
            if !tags.iter().any(|t| t.0 == counts_tag) {
                tags.push((counts_tag, LONG, counts));
            }
            tags.retain(|t| !t.2.is_empty());
            tags.sort_by_key(|t| t.0);
            let mut out = if self.big_endian { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
            put(&mut out, at, 4);
            out.extend(self.chunks.concat());
            put(&mut out, tags.len() as u32, 2);
            let mut far = at + 2 + 12 * tags.len() as u32 + 4;
            let mut values = Vec::new();
            for (tag, kind, v) in &tags {
                let size = if *kind == SHORT { 2 } else { 4 };
                let count = if *kind == RATIONAL { v.len() / 2 } else { v.len() } as u32;
                put(&mut out, u32::from(*tag), 2);
                put(&mut out, u32::from(*kind), 2);
                put(&mut out, count, 4);
                let mut own = Vec::new();
                v.iter().for_each(|v| put(&mut own, *v, size));
                if own.len() <= 4 {
                    own.resize(4, 0);
                    out.extend(own);
                } else {
                    put(&mut out, far, 4);
                    far += own.len() as u32;
                    values.extend(own);
                }
            }
            put(&mut out, 0, 4);
            out.extend(values);
            out
        }
    }

    fn inverse(p: &[u8]) -> Vec<u8> {
        p.iter().map(|v| 255 - v).collect()
    }

    /// Written by an encoder of others.
    fn encoded<C: colortype::ColorType>(
        compression: Compression,
        predictor: Predictor,
        unit: ResolutionUnit,
        x: u32,
        data: &[C::Inner],
    ) -> Vec<u8>
    where
        [C::Inner]: ::tiff::encoder::TiffValue,
    {
        let mut out = std::io::Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut out).unwrap().with_compression(compression).with_predictor(predictor);
        let mut image = encoder.new_image::<C>(W as u32, H as u32).unwrap();
        image.resolution(unit, Rational { n: x, d: 1 });
        image.rows_per_strip(7).unwrap();
        image.write_data(data).unwrap();
        out.into_inner()
    }

    #[test]
    fn files_of_another_encoder_are_read() {
        let p = picture();
        let wide: Vec<u16> = p.iter().map(|v| u16::from(*v) * 257).collect();
        let rgb: Vec<u8> = p.iter().flat_map(|v| [*v; 3]).collect();
        let rgba: Vec<u8> = p.iter().flat_map(|v| [*v, *v, *v, 255]).collect();
        for compression in [
            Compression::Uncompressed,
            Compression::Lzw,
            Compression::Packbits,
            Compression::Deflate(DeflateLevel::Fast),
        ] {
            for predictor in [Predictor::None, Predictor::Horizontal] {
                let inch = ResolutionUnit::Inch;
                reads_as(&encoded::<colortype::Gray8>(compression, predictor, inch, 500, &p), &p, 0, &[]);
                reads_as(
                    &encoded::<colortype::Gray16>(compression, predictor, inch, 500, &wide),
                    &p,
                    0,
                    &["depth-reduced"],
                );
                reads_as(&encoded::<colortype::RGB8>(compression, predictor, inch, 500, &rgb), &p, 0, &[]);
                reads_as(&encoded::<colortype::RGBA8>(compression, predictor, inch, 500, &rgba), &p, 0, &[]);
            }
        }
        let plain = |unit, x| encoded::<colortype::Gray8>(Compression::Uncompressed, Predictor::None, unit, x, &p);
        reads_as(&plain(ResolutionUnit::Centimeter, 197), &p, 0, &[]);
        reads_as(&plain(ResolutionUnit::None, 500), &p, 0, &["resolution-missing"]);
        reads_as(&plain(ResolutionUnit::Inch, 1), &p, 0, &["resolution-screen-default"]);
        reads_as(&plain(ResolutionUnit::Inch, 96), &p, 0, &["resolution-screen-default"]);
        let low = plain(ResolutionUnit::Centimeter, 79);
        assert!(matches!(read(&low, &ReadOptions::default()), Err(ImageError::PpiTooLow { .. })));
    }

    #[test]
    fn every_depth_is_read_black_or_white_first_in_both_byte_orders() {
        let p = picture();
        for bits in [1_u32, 2, 4, 8] {
            let want = coarse(bits);
            let data = pack(&p, bits as usize, 1);
            let bilevel: &[&str] = if bits == 1 { &["bilevel"] } else { &[] };
            let mut built = Built::gray(bits, 1, data.clone());
            reads_as(&built.bytes(), &want, 1, bilevel);
            built.big_endian = true;
            reads_as(&built.bytes(), &want, 1, bilevel);
            let codes: Vec<&str> = ["white-is-zero"].iter().chain(bilevel).copied().collect();
            reads_as(&Built::gray(bits, 0, data.clone()).bytes(), &inverse(&want), 1, &codes);
            let reversed = data.iter().map(|b| b.reverse_bits()).collect();
            reads_as(&Built::gray(bits, 1, reversed).tag(266, SHORT, &[2]).bytes(), &want, 1, bilevel);
        }
        // Twelve bits, as some film scanners have: each pair of samples in three bytes.
        let twelve: Vec<u8> = p
            .chunks_exact(2)
            .flat_map(|v| {
                let (a, b) = (u16::from(v[0]) << 4, u16::from(v[1]) << 4);
                [(a >> 4) as u8, (a << 4 | b >> 8) as u8, b as u8]
            })
            .collect();
        reads_as(&Built::gray(12, 1, twelve).bytes(), &p, 1, &["depth-reduced"]);
        let mut sixteen = Built::gray(16, 1, p.iter().flat_map(|v| [*v, 0]).collect());
        sixteen.big_endian = true;
        reads_as(&sixteen.bytes(), &p, 1, &["depth-reduced"]);
    }

    #[test]
    fn palettes_are_looked_up_whether_their_map_has_16_bits_or_8() {
        let p = picture();
        let map: Vec<u32> = (0..3).flat_map(|_| (0..256).map(|v| (255 - v) * 257)).collect();
        reads_as(&Built::gray(8, 3, p.clone()).tag(320, SHORT, &map).bytes(), &inverse(&p), 0, &[]);
        let narrow: Vec<u32> = (0..3).flat_map(|_| 0..256).collect();
        reads_as(&Built::gray(8, 3, p.clone()).tag(320, SHORT, &narrow).bytes(), &p, 0, &[]);
        let four: Vec<u32> = (0..3).flat_map(|_| (0..16).map(|v| v * 0x1111)).collect();
        reads_as(&Built::gray(4, 3, pack(&p, 4, 1)).tag(320, SHORT, &four).bytes(), &coarse(4), 1, &[]);
        let short = Built::gray(8, 3, p).tag(320, SHORT, &narrow[..700]).bytes();
        assert!(matches!(read(&short, &ReadOptions::default()), Err(ImageError::Malformed { .. })));
    }

    #[test]
    fn strips_tiles_planes_and_missing_byte_counts_are_read() {
        let p = picture();
        let mut strips = Built::gray(8, 1, Vec::new()).tag(278, SHORT, &[10]);
        strips.chunks = p.chunks(10 * W).map(<[u8]>::to_vec).collect();
        reads_as(&strips.bytes(), &p, 0, &[]);
        let without = Built::gray(8, 1, p.clone()).tag(279, LONG, &[]);
        reads_as(&without.bytes(), &p, 0, &[]);

        let mut tiles = Built::gray(8, 1, Vec::new()).tag(322, SHORT, &[32]).tag(323, SHORT, &[16]);
        tiles.tiled = true;
        tiles.chunks = (0..H.div_ceil(16))
            .flat_map(|j| (0..W.div_ceil(32)).map(move |i| (i * 32, j * 16)))
            .map(|(left, top)| {
                let at = |k: usize| (left + k % 32, top + k / 32);
                (0..32 * 16)
                    .map(|k| {
                        let (x, y) = at(k);
                        if x < W && y < H { p[y * W + x] } else { 7 }
                    })
                    .collect()
            })
            .collect();
        reads_as(&tiles.bytes(), &p, 0, &[]);

        let mut planes =
            Built::gray(8, 2, Vec::new()).tag(277, SHORT, &[3]).tag(258, SHORT, &[8, 8, 8]).tag(284, SHORT, &[2]);
        planes.chunks = vec![p.clone(), p.clone(), p.clone()];
        reads_as(&planes.bytes(), &p, 0, &["colour-converted"]);
    }

    #[test]
    fn fax_codings_are_read() {
        let want = coarse(1);
        let black = |row: &[u8]| {
            row.iter().map(|v| if *v == 0 { ::fax::Color::Black } else { ::fax::Color::White }).collect::<Vec<_>>()
        };
        let mut encoder = ::fax::encoder::Encoder::new(::fax::VecWriter::new());
        for row in want.chunks_exact(W) {
            encoder.encode_line(black(row).into_iter(), W as u16).unwrap();
        }
        let group4 = encoder.finish().unwrap().finish();
        let codes = &["white-is-zero", "bilevel"];
        reads_as(&Built::gray(1, 0, group4).tag(259, SHORT, &[4]).bytes(), &want, 0, codes);

        // 72 white pixels are the make-up code of 64 and the code of 8 (T.4 tables 2 and 3): 11011 10011.
        // Group 3: each row after an end of line, eleven zeros and a one; none follows the last row.
        let bits: Vec<u8> =
            "000000000001".bytes().chain("1101110011".bytes()).map(|b| b - b'0').collect::<Vec<_>>().repeat(H);
        let group3 = bits.chunks(8).map(|b| b.iter().enumerate().fold(0, |v, (i, bit)| v | bit << (7 - i))).collect();
        reads_as(&Built::gray(1, 0, group3).tag(259, SHORT, &[3]).bytes(), &[255; W * H], 0, codes);
        // Modified Huffman: each row from a byte boundary.
        let white: Vec<u8> = [0b1101_1100, 0b1100_0000].repeat(H);
        let mut all_white = Built::gray(1, 0, white).tag(259, SHORT, &[2]);
        reads_as(&all_white.bytes(), &[255; W * H], 0, codes);
        all_white.chunks[0].truncate(50);
        assert_eq!(
            read(&all_white.bytes(), &ReadOptions::default()),
            Err(ImageError::Truncated { format: ImageFormat::Tiff })
        );
    }

    #[test]
    fn jpegs_inside_are_refused_unless_asked_for() {
        // Two strips of 40 and 26 rows, smooth enough that little is lost.
        let slope: Vec<u8> = (0..W * H).map(|i| (i % W * 2 + i / W) as u8).collect();
        let jpeg = |rows: &[u8]| {
            let image = Gray8::new(W, rows.len() / W, Ppi::NOMINAL, rows.to_vec()).unwrap();
            write(&image, ImageFormat::Jpeg, &WriteOptions { quality: 100, ..WriteOptions::default() }).unwrap()
        };
        let mut built = Built::gray(8, 1, Vec::new()).tag(259, SHORT, &[7]).tag(278, SHORT, &[40]);
        built.chunks = slope.chunks(40 * W).map(jpeg).collect();
        let error = read(&built.bytes(), &ReadOptions::default()).unwrap_err();
        assert!(error.to_string().contains("a TIFF with JPEG inside"), "{error}");
        let asked = ReadOptions { lossy_jpeg: true, ..ReadOptions::default() };
        let close = |built: &Built| {
            let got = read(&built.bytes(), &asked).unwrap();
            assert_eq!(codes(&got), ["lossy-jpeg"]);
            assert!(got.value.pixels().iter().zip(&slope).all(|(a, b)| a.abs_diff(*b) <= 2));
        };
        close(&built);
        // The quantisation table, apart from the strips, in a tag that all of them share.
        let table = built.chunks[0].windows(2).position(|w| w == [0xff, 0xdb]).unwrap();
        let (start, end) = (table, table + 2 + 67);
        let shared: Vec<u8> = [&[0xff, 0xd8][..], &built.chunks[0][start..end], &[0xff, 0xd9]].concat();
        for chunk in &mut built.chunks {
            chunk.drain(start..end);
        }
        let broken = read(&built.bytes(), &asked);
        assert!(matches!(broken, Err(ImageError::Malformed { .. })), "{broken:?}");
        // As numbers of four bytes: what counts is where they lie.
        let words: Vec<u32> = shared.chunks(4).map(|c| c.iter().rev().fold(0, |v, b| v << 8 | u32::from(*b))).collect();
        close(&built.tag(347, LONG, &words));
    }

    #[test]
    fn a_turned_picture_is_put_upright() {
        let p = picture();
        let upside_down: Vec<u8> = p.iter().rev().copied().collect();
        reads_as(&Built::gray(8, 1, upside_down).tag(274, SHORT, &[3]).bytes(), &p, 0, &["orientation-applied"]);
        // Stored with rows as columns, the first column at the right: a quarter turn.
        let turned = Built::gray(8, 1, p.clone()).tag(274, SHORT, &[6]).bytes();
        let got = read(&turned, &ReadOptions::default()).unwrap().value;
        assert_eq!((got.width(), got.height()), (H, W));
        assert_eq!(got.pixels()[H - 1], p[0]);
        assert_eq!(got.pixels()[(W - 1) * H], p[H * W - 1]);
    }

    #[test]
    fn what_is_cut_or_not_read_is_told() {
        let whole = Built::gray(8, 1, picture()).bytes();
        for cut in (4..whole.len()).step_by(13) {
            let got = read(&whole[..cut], &ReadOptions::default());
            assert!(
                matches!(got, Err(ImageError::Truncated { .. } | ImageError::Malformed { .. })),
                "{cut}: {:?}",
                got.err()
            );
        }
        let unsupported =
            |b: Built| matches!(read(&b.bytes(), &ReadOptions::default()), Err(ImageError::Unsupported { .. }));
        assert!(unsupported(Built::gray(8, 1, picture()).tag(259, SHORT, &[6])));
        assert!(unsupported(Built::gray(8, 1, picture()).tag(259, SHORT, &[7])));
        assert!(unsupported(Built::gray(8, 5, picture())));
        assert!(unsupported(Built::gray(32, 1, picture())));
        assert!(unsupported(Built::gray(8, 1, picture()).tag(339, SHORT, &[3])));
        let huge = Built::gray(8, 1, picture()).tag(256, LONG, &[60_000]).tag(257, LONG, &[60_000]);
        assert!(matches!(read(&huge.bytes(), &ReadOptions::default()), Err(ImageError::TooLarge { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn damage_never_panics(compression in prop::sample::select(vec![1_u32, 2, 3, 4, 5, 8, 32773]), bits in prop::sample::select(vec![1_u32, 4, 8, 16]),
            tiled: bool, data in vec(any::<u8>(), 0..2000), change in vec((any::<u16>(), any::<u8>()), 0..6)) {
            let mut built = Built::gray(bits, 1, data).tag(259, SHORT, &[compression]);
            if tiled {
                built = built.tag(322, SHORT, &[80]).tag(323, SHORT, &[80]);
                built.tiled = true;
            }
            let mut file = built.bytes();
            // Most damage goes into the directory at the end.
            for (back, v) in change {
                let n = file.len();
                file[n - 1 - usize::from(back) % n.min(200)] = v;
            }
            let _ = read(&file, &ReadOptions::default());
        }
    }
}
