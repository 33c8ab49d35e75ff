//! Every edition against bytes written out by hand, against damage, and with every coding that can be made here.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::image::{ImageError, encode_png, wsq_for_tests};
use crate::minutiae::{CaptureTime, CertificationRecord, QualityRecord};
use crate::{Gray8, Ppi};

fn sample(edition: Edition) -> FingerImageRecord {
    let quality = QualityRecord { value: 80, vendor: 0x0103, algorithm: 0 };
    let later = edition == Edition::Iso2011;
    let capture = Capture {
        taken: CaptureTime { year: 2011, month: 10, day: 11, hour: 12, minute: 13, second: 14, millisecond: 999 },
        technology: 13,
        vendor: 11,
        device: 2,
        qualities: vec![quality],
        certifications: vec![CertificationRecord { authority: 0x0102, scheme: 3 }],
    };
    let plain = Capture { qualities: vec![quality], ..Capture::default() };
    FingerImageRecord {
        edition,
        product: (edition == Edition::Ansi2004).then_some(CbeffProduct { owner: 0x0123, kind: 0x4567 }),
        capture_device: if later { 0 } else { 2 },
        acquisition_level: if later { 0 } else { 31 },
        images: vec![FingerImage {
            position: Position(13),
            number: 1,
            impression: Impression(0),
            capture: if later { capture } else { plain },
            scale_units: ScaleUnits::PerInch,
            capture_resolution: (1000, 1000),
            resolution: (500, 500),
            depth: 8,
            compression: Compression::Png,
            width: 3,
            height: 2,
            data: b"\x89PNGxy".to_vec(),
            blocks: if later { blocks() } else { Vec::new() },
        }],
    }
}

fn blocks() -> Vec<ImageBlock> {
    vec![
        ImageBlock::Segmentation(Segmentation {
            vendor: 1,
            algorithm: 2,
            quality: 99,
            quality_vendor: 3,
            quality_algorithm: 4,
            segments: vec![Segment {
                position: Position(2),
                quality: 70,
                corners: vec![(0, 1), (258, 3)],
                orientation: 9,
            }],
        }),
        ImageBlock::Annotations(vec![Annotation { position: Position(3), code: 1 }]),
        ImageBlock::Comment { code: 3, text: b"hi".to_vec() },
        ImageBlock::Other { code: 0x0100, data: vec![7] },
    ]
}

/// Each edition's sample, every field where the standard puts it, written out by hand.
const ISO_2005: &[u8] = b"FIR\x00010\0\0\0\0\0\0\x34\0\x02\0\x1f\x01\x01\x03\xe8\x03\xe8\x01\xf4\x01\xf4\x08\x05\0\0\
    \0\0\0\x14\x0d\x01\x01\x50\0\0\x03\0\x02\0\x89PNGxy";
const ANSI_2004: &[u8] =
    b"FIR\x00010\0\0\0\0\0\0\x38\x01\x23\x45\x67\0\x02\0\x1f\x01\x01\x03\xe8\x03\xe8\x01\xf4\x01\xf4\x08\x05\0\0\
    \0\0\0\x14\x0d\x01\x01\x50\0\0\x03\0\x02\0\x89PNGxy";
const ISO_2011: &[u8] = b"FIR\x00020\0\0\0\0\x74\0\x01\x01\x01\
    \0\0\0\x64\x07\xdb\x0a\x0b\x0c\x0d\x0e\x03\xe7\x0d\0\x0b\0\x02\x01\x50\x01\x03\0\0\x01\x01\x02\x03\
    \x0d\x01\x01\x03\xe8\x03\xe8\x01\xf4\x01\xf4\x08\x06\0\0\x03\0\x02\0\0\0\x06\x89PNGxy\
    \0\x01\0\x1a\0\x01\0\x02\x63\0\x03\0\x04\x01\x02\x46\x02\0\0\0\x01\x01\x02\0\x03\x09\
    \0\x02\0\x07\x01\x03\x01\
    \0\x03\0\x06hi\
    \x01\0\0\x05\x07";

fn all() -> [(Edition, &'static [u8]); 3] {
    [(Edition::Iso2005, ISO_2005), (Edition::Ansi2004, ANSI_2004), (Edition::Iso2011, ISO_2011)]
}

#[test]
fn fields_lie_where_the_standards_put_them() {
    for (edition, bytes) in all() {
        let want = sample(edition);
        assert_eq!(write(&want).unwrap(), bytes, "{edition}");
        assert_eq!(read(bytes), Ok(Decoded { value: want, diagnostics: vec![] }), "{edition}");
    }
}

#[test]
fn other_records_and_files_are_refused_by_name() {
    let said = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    assert!(said(b"FAC\x00030\0").contains("a face image record"));
    assert!(said(b"IIR\x00020\0").contains("an iris image record"));
    assert!(said(b"FMR\x00 20\0").contains("read it as minutiae"));
    assert!(said(b"\xff\xd8\xff\xe0").contains("a JPEG file"));
    assert!(said(b"\x89PNG\r\n").contains("an image file"));
    assert_eq!(read(b"hello"), Err(ReadError::NotARecord));
    assert_eq!(read(b""), Err(ReadError::NotARecord));
    assert_eq!(read(b"FIR\x00025\0"), Err(ReadError::Unsupported));
}

#[test]
fn a_cut_record_is_refused_as_long_as_no_image_is_complete() {
    for (edition, bytes) in all() {
        for n in MAGIC.len()..bytes.len() {
            assert_eq!(read(&bytes[..n]), Err(ReadError::Truncated { at: n }), "{edition}");
        }
        let mut two = sample(edition);
        two.images.push(FingerImage { number: 2, ..two.images[0].clone() });
        let whole = write(&two).unwrap();
        assert_eq!(read(&whole), Ok(Decoded { value: two, diagnostics: vec![] }), "{edition}");
        // Two images of one finger: only the edition of 2011 says how many images there are.
        let first_ends = if edition == Edition::Iso2011 { bytes.len() } else { whole.len() - 20 };
        for n in first_ends..whole.len() {
            let got = read(&whole[..n]).unwrap();
            assert_eq!(got.value.images, sample(edition).images, "{edition} {n}");
            let codes: Vec<_> = got.diagnostics.iter().map(|d| d.code).collect();
            let wanted: &[_] = match edition {
                Edition::Iso2011 => &["length-mismatch", "views-missing"],
                _ if n == first_ends => &["length-mismatch"],
                _ => &["length-mismatch", "trailing-data"],
            };
            assert_eq!(codes, wanted, "{edition} {n}");
        }
    }
}

#[test]
fn missing_images_are_told_where_the_old_editions_count_fingers() {
    let mut two = sample(Edition::Iso2005);
    two.images.push(FingerImage { position: Position(14), ..two.images[0].clone() });
    let whole = write(&two).unwrap();
    assert_eq!(whole[18], 2);
    let got = read(&whole[..whole.len() - 1]).unwrap();
    assert_eq!(got.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["length-mismatch", "views-missing"]);
}

#[test]
fn codes_of_compression_are_those_of_the_edition() {
    use Compression::{Jpeg2000, Jpeg2000Lossless, Png, Reserved};
    for edition in [Edition::Iso2005, Edition::Ansi2004, Edition::Iso2011] {
        for code in 0..=255 {
            assert_eq!(Compression::from_code(code, edition).code(edition), code, "{edition}");
        }
    }
    assert_eq!(Compression::from_code(5, Edition::Iso2005), Png);
    assert_eq!(Compression::from_code(5, Edition::Iso2011), Jpeg2000Lossless);
    assert_eq!(Jpeg2000Lossless.code(Edition::Ansi2004), Jpeg2000.code(Edition::Ansi2004));
    assert_eq!(Compression::from_code(6, Edition::Iso2005), Reserved(6));
}

#[test]
fn a_record_is_written_in_any_edition() {
    let new = sample(Edition::Iso2011);
    for edition in [Edition::Iso2005, Edition::Ansi2004] {
        let old = read(&write_as(&new, edition).unwrap()).unwrap().value;
        assert_eq!(old.images[0].capture.qualities[0].value, 80);
        assert_eq!(old.capture_device, 2);
        assert_eq!((old.images[0].position, old.images[0].compression), (Position(13), Compression::Png));
        assert_eq!(old.images[0].number, new.images[0].number + 1);
        let again = read(&write_as(&old, Edition::Iso2011).unwrap()).unwrap().value;
        assert_eq!(again.images[0].number, new.images[0].number);
        assert_eq!(again.images[0].data, new.images[0].data);
        assert_eq!(again.images[0].capture.device, 2);
    }
    let mut differ = new.clone();
    differ.images.push(FingerImage { resolution: (1000, 1000), ..differ.images[0].clone() });
    assert_eq!(write_as(&differ, Edition::Iso2005), Err(WriteError::ImagesDiffer));
    assert!(write(&differ).is_ok());
    differ.images.clear();
    for (edition, _) in all() {
        assert_eq!(write_as(&differ, edition), Err(WriteError::NoImage));
    }
}

#[test]
fn what_does_not_fit_is_not_written() {
    type Change = fn(&mut FingerImage);
    let changes: [Change; 4] = [
        |i| i.blocks = vec![ImageBlock::Comment { code: 3, text: vec![0; 65_532] }],
        |i| i.blocks = vec![ImageBlock::Annotations(vec![Annotation { position: Position(1), code: 1 }; 256])],
        |i| i.capture.qualities = vec![QualityRecord::NOT_ATTEMPTED; 256],
        |i| {
            let Some(ImageBlock::Segmentation(s)) = i.blocks.first_mut() else { return };
            s.segments[0].corners = vec![(0, 0); 256];
        },
    ];
    for change in changes {
        let mut record = sample(Edition::Iso2011);
        change(&mut record.images[0]);
        assert!(matches!(write(&record), Err(WriteError::TooMuch { .. })));
    }
}

/// An image of ridges as a record holds it.
fn holding(compression: Compression, depth: u8, data: Vec<u8>) -> FingerImage {
    let mut record = sample(Edition::Iso2011);
    FingerImage { compression, depth, data, width: 96, height: 80, ..record.images.remove(0) }
}

#[test]
fn every_coding_gives_its_picture() {
    let ridges = wsq_for_tests::ridges(96, 80);
    let gray = Gray8::new(96, 80, Ppi::NOMINAL, ridges.clone()).unwrap();
    for (compression, data) in [
        (Compression::None, ridges.clone()),
        (Compression::Packed, ridges.clone()),
        (Compression::Png, encode_png(&gray)),
    ] {
        let got = holding(compression, 8, data).decode().unwrap();
        assert_eq!(got, Decoded { value: gray.clone(), diagnostics: vec![] }, "{compression:?}");
    }
    let wsq = holding(Compression::Wsq, 8, wsq_for_tests::encode(96, 80, &ridges, 4.0, None)).decode().unwrap();
    assert_eq!(wsq.diagnostics, []);
    let off = wsq.value.pixels().iter().zip(&ridges).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
    assert!(off < 8 * 96 * 80, "{off}");
}

#[test]
fn pixels_of_other_depths_are_widened_or_narrowed() {
    let ridges = wsq_for_tests::ridges(96, 80);
    for (compression, depth) in
        [1_u8, 4, 6, 8, 10, 12, 16].into_iter().flat_map(|d| [(Compression::None, d), (Compression::Packed, d)])
    {
        let most = (1_u64 << depth) - 1;
        let values: Vec<u64> = ridges.iter().map(|v| (u64::from(*v) * most + 127) / 255).collect();
        let bits = match compression {
            Compression::Packed => usize::from(depth),
            _ => {
                if depth <= 8 {
                    8
                } else {
                    16
                }
            }
        };
        let mut data = vec![0_u8; (values.len() * bits).div_ceil(8)];
        for (i, v) in values.iter().enumerate() {
            for b in 0..bits {
                let at = i * bits + b;
                data[at / 8] |= ((v >> (bits - 1 - b) & 1) as u8) << (7 - at % 8);
            }
        }
        let got = holding(compression, depth, data.clone()).decode().unwrap();
        for (got, value) in got.value.pixels().iter().zip(&values) {
            let wanted = (*value as f64 * 255.0 / most as f64).round();
            assert!((f64::from(*got) - wanted).abs() < 0.5 + 1e-9, "{compression:?} {depth}");
        }
        assert_eq!(got.diagnostics.len(), usize::from(depth > 8), "{compression:?} {depth}");
        data.pop();
        assert!(matches!(holding(compression, depth, data).decode(), Err(ImageError::Truncated { .. })));
    }
    assert!(matches!(holding(Compression::Packed, 0, vec![]).decode(), Err(ImageError::Unsupported { .. })));
    assert!(matches!(
        holding(Compression::None, 17, vec![0; 96 * 80 * 2]).decode(),
        Err(ImageError::Unsupported { .. })
    ));
}

#[test]
fn what_a_record_states_wrongly_is_told() {
    let ridges = wsq_for_tests::ridges(96, 80);
    let gray = Gray8::new(96, 80, Ppi::NOMINAL, ridges).unwrap();
    let mut image = holding(Compression::Wsq, 8, encode_png(&gray));
    image.height = 81;
    let codes: Vec<_> = image.decode().unwrap().diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, ["compression-mismatch", "size-mismatch"]);
    image.data = b"nothing".to_vec();
    assert!(image.decode().is_err());
}

#[test]
fn resolutions_are_per_inch_or_per_centimetre() {
    let mut image = sample(Edition::Iso2011).images.remove(0);
    assert_eq!(image.ppi(), Some((500.0, 500.0)));
    (image.scale_units, image.resolution) = (ScaleUnits::PerCentimetre, (197, 394));
    assert_eq!(image.ppi(), Some((500.0, 1000.0)));
    image.resolution.1 = 0;
    assert_eq!(image.ppi(), None);
    (image.scale_units, image.resolution) = (ScaleUnits::Reserved(3), (500, 500));
    assert_eq!(image.ppi(), None);
}

#[test]
fn an_outline_names_what_the_standards_name() {
    let outline = sample(Edition::Iso2011).outline().to_string();
    for said in [
        "finger image record: ISO/IEC 19794-4:2011",
        "position: plain right four fingers (13)",
        "capture date and time: 2011-10-11T12:13:14.999Z",
        "quality: 80 (vendor 0x0103, algorithm 0x0000)",
        "certification: scheme 3 of authority 0x0102",
        "image resolution: 500 x 500 pixels per inch",
        "compression: PNG",
        "right index finger: 0, 1; 258, 3",
        "right middle finger: amputated",
        "comment: hi",
    ] {
        assert!(outline.contains(said), "{said}\n{outline}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_or_refused(version in 0..3_usize, bytes in vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
        let _ = read(&[&all()[version].1[..8], &bytes].concat());
    }

    #[test]
    fn a_damaged_record_is_read_or_refused_and_what_was_read_can_be_written(
        which in 0..3_usize, changes in vec((4..140_usize, any::<u8>()), 1..6), cut in 4..=200_usize,
    ) {
        let mut bytes = all()[which].1.to_vec();
        for (at, v) in changes {
            let n = bytes.len();
            bytes[at % n] = v;
        }
        bytes.truncate(cut);
        if let Ok(got) = read(&bytes) {
            let again = read(&write(&got.value).expect("what was read fits")).unwrap().value;
            // Bytes that fit the header of the other standard as well.
            prop_assume!(again.edition == got.value.edition);
            prop_assert_eq!(again.images.len(), got.value.images.len());
            prop_assert_eq!(again, got.value.clone());
            let _ = got.value.outline();
            for image in &got.value.images {
                let _ = image.decode();
            }
        }
    }

    #[test]
    fn every_record_is_read_as_it_was_written(record in records()) {
        let got = read(&write(&record).unwrap()).unwrap();
        prop_assume!(got.value.edition == record.edition);
        prop_assert_eq!(got.value, record);
    }
}

fn records() -> impl Strategy<Value = FingerImageRecord> {
    let image = (any::<(u8, u8, u8, u8)>(), any::<(u16, u16)>(), vec(any::<u8>(), 0..40));
    (0..3_usize, vec(image, 1..4)).prop_map(|(edition, images)| {
        let mut record = sample(all()[edition].0);
        let first = record.images.remove(0);
        for ((position, number, impression, quality), (width, height), data) in images {
            let mut image = FingerImage { number, width, height, data, ..first.clone() };
            (image.position, image.impression) = (Position(position), Impression(impression));
            image.capture.qualities[0].value = quality;
            if quality == 254 {
                image.capture.qualities.clear();
            }
            record.images.push(image);
        }
        record
    })
}
