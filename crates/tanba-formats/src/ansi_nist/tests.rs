//! Transactions put together field by field, whole, wrong and damaged.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::image::{self, ImageError, wsq_for_tests};
use crate::{Finger, Gray8, Ppi};

const W: usize = 80;
const H: usize = 72;

/// A tagged record with the length that makes it right.
fn tagged(kind: u8, fields: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (number, value) in fields {
        body.push(GS);
        body.extend(format!("{kind}.{number:03}:").bytes());
        body.extend(*value);
    }
    body.push(FS);
    let head = format!("{kind}.001:");
    let length = (1..8)
        .map(|digits| head.len() + digits + body.len())
        .find(|l| l.to_string().len() + head.len() + body.len() == *l);
    [format!("{head}{}", length.unwrap()).as_bytes(), &body].concat()
}

fn header(contents: &str) -> Vec<u8> {
    let contents = contents.replace(' ', "\x1e").replace(',', "\x1f");
    tagged(1, &[(2, b"0500"), (3, contents.as_bytes()), (4, b"TEST"), (11, b"19.69"), (12, b"19.69")])
}

/// A record of Types 3 to 6, which do not say which: a right index finger, scanned at the native resolution.
fn binary(compression: u8, data: &[u8]) -> Vec<u8> {
    let mut record = (18 + data.len() as u32).to_be_bytes().to_vec();
    record.extend([7, 3, 2, 255, 255, 255, 255, 255, 1]);
    record.extend((W as u16).to_be_bytes());
    record.extend((H as u16).to_be_bytes());
    record.push(compression);
    record.extend(data);
    record
}

/// A slap of Type-14 in which two fingers were found and two are missing.
fn slap(compression: &str, data: &[u8]) -> Vec<u8> {
    tagged(
        14,
        &[
            (2, b"8"),
            (3, b"0"),
            (6, b"80"),
            (7, b"72"),
            (8, b"2"),
            (9, b"197"),
            (10, b"197"),
            (11, compression.as_bytes()),
            (12, b"8"),
            (13, b"13"),
            (18, b"4\x1fXX\x1e5\x1fUP"),
            (21, b"2\x1f1\x1f30\x1f5\x1f60\x1e3\x1f31\x1f70\x1f4\x1f61"),
            (25, b"2\x1f3\x1f1\x1f5\x1f30\x1f5\x1f16\x1f60"),
            (999, data),
        ],
    )
}

fn pixels() -> Vec<u8> {
    wsq_for_tests::ridges(W, H)
}

fn whole() -> Vec<u8> {
    let wsq = wsq_for_tests::encode(W, H, &pixels(), 1.0, None);
    let text = tagged(2, &[(2, b"00"), (5, b"Y")]);
    [header("1,3 2,00 4,07 14,08"), text, binary(1, &wsq), slap("NONE", &pixels())].concat()
}

fn codes(got: &Decoded<Transaction<'_>>) -> Vec<&'static str> {
    got.diagnostics.iter().map(|d| d.code).collect()
}

fn kinds(got: &Decoded<Transaction<'_>>) -> Vec<u8> {
    got.value.records.iter().map(|r| r.kind).collect()
}

#[test]
fn records_fields_and_prints_are_listed() {
    let bytes = whole();
    let got = read(&bytes).unwrap();
    assert_eq!(got.diagnostics, []);
    let t = &got.value;
    assert_eq!(kinds(&got), [1, 2, 4, 14]);
    assert_eq!((t.version(), t.kind(), t.native_ppi()), (Some(500), Some("TEST"), Some(500.0)));
    assert_eq!(t.records.iter().map(Record::idc).collect::<Vec<_>>(), [None, Some(0), Some(7), Some(8)]);
    assert_eq!(t.records[1].field(5).and_then(Field::text), Some("Y"));
    let contents: Vec<_> = t.records[0].field(3).unwrap().subfields().collect();
    assert_eq!(contents[3], [b"14", b"08"]);

    let prints: Vec<_> = t.friction_ridges().collect();
    let four = &prints[0];
    assert_eq!(
        (four.finger(), four.impression.map(Impression::name)),
        (Some(Finger::RightIndex), Some("nonlive-scan rolled"))
    );
    assert_eq!((four.compression, four.ppi), (Compression::Wsq, Some((500.0, 500.0))));
    let slap = &prints[1];
    assert_eq!((slap.finger(), slap.positions[0].fingers().len()), (None, 4));
    // 197 pixels per centimetre are 500 ppi as everyone writes it.
    assert_eq!((slap.ppi, slap.width, slap.height), (Some((500.0, 500.0)), 80, 72));
    let segment =
        |finger, left, right, top, bottom| FingerSegment { position: Position(finger), left, right, top, bottom };
    assert_eq!(slap.segments, [segment(2, 1, 30, 5, 60), segment(3, 31, 70, 4, 61)]);
    assert_eq!(slap.polygons, [SegmentPolygon { position: Position(2), corners: vec![(1, 5), (30, 5), (16, 60)] }]);
    let missing = |finger, code| Amputation { position: Position(finger), code };
    assert_eq!(slap.amputations, [missing(4, AmputationCode::Amputated), missing(5, AmputationCode::UnableToPrint)]);
}

#[test]
fn images_come_out_whatever_their_coding() {
    let image = Gray8::new(W, H, Ppi::NOMINAL, pixels()).unwrap();
    let png = image::encode_png(&image);
    let wsq = wsq_for_tests::encode(W, H, &pixels(), 0.2, None);
    for (compression, data, most) in [("NONE", &pixels(), 0), ("PNG", &png, 0), ("WSQ20", &wsq, 12)] {
        let bytes = [header("1,1 14,08"), slap(compression, data)].concat();
        let got = read(&bytes).unwrap();
        let picture = got.value.friction_ridges().next().unwrap().decode().unwrap();
        assert_eq!(picture.diagnostics, [], "{compression}");
        assert_eq!(picture.value.ppi(), Ppi::NOMINAL);
        let off = picture.value.pixels().iter().zip(image.pixels()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(off <= most, "{compression}: {off}");
    }
}

#[test]
fn an_image_that_is_not_what_its_record_says_is_told_from_its_bytes() {
    let wsq = wsq_for_tests::encode(W, H, &pixels(), 1.0, None);
    let smaller = wsq_for_tests::encode(W, H - 2, &wsq_for_tests::ridges(W, H - 2), 1.0, None);
    for (compression, data, code) in [("PNG", &wsq, "compression-mismatch"), ("WSQ20", &smaller, "size-mismatch")] {
        let bytes = [header("1,1 14,08"), slap(compression, data)].concat();
        let got = read(&bytes).unwrap();
        let picture = got.value.friction_ridges().next().unwrap().decode().unwrap();
        assert_eq!(picture.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [code]);
    }
}

#[test]
fn the_record_knows_the_resolution_better_than_the_image_in_it() {
    let decode = |ppi| {
        let bytes = [header("1,1 14,08"), slap("WSQ20", &wsq_for_tests::encode(W, H, &pixels(), 1.0, ppi))].concat();
        read(&bytes).unwrap().value.friction_ridges().next().unwrap().decode().unwrap()
    };
    for (ppi, codes) in [(None, vec![]), (Some(500), vec![]), (Some(255), vec!["resolution-contradicted"])] {
        let got = decode(ppi);
        assert_eq!(got.value.ppi(), Ppi::NOMINAL);
        assert_eq!(got.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), codes);
    }
}

#[test]
fn what_cannot_be_decoded_is_named() {
    let refused = |record: Vec<u8>, kind: u8| {
        let bytes = [header(&format!("1,1 {kind},08")), record].concat();
        let got = read(&bytes).unwrap();
        got.value.friction_ridges().next().unwrap().decode().unwrap_err()
    };
    let jp2 = b"\0\0\0\x0cjP  \r\n\x87\n";
    assert!(refused(slap("JP2", jp2), 14).to_string().contains("JPEG 2000"));
    let lossless = b"\xff\xd8\xff\xdb\0\x03\0\xff\xc3\0\x0b\x08\0\x48\0\x50\x01\x01\x11\0";
    assert!(refused(slap("JPEGL", lossless), 14).to_string().contains("lossless JPEG"));
    assert!(matches!(refused(binary(0, &[0; 700]), 6), ImageError::Truncated { .. }));
    assert!(matches!(refused(binary(0, &[0; 5760]), 6), ImageError::Malformed { .. }));
    assert!(matches!(refused(binary(1, &[1; 7]), 6), ImageError::Truncated { .. }));
    assert!(matches!(refused(slap("NONE", &[1; 100]), 14), ImageError::Truncated { .. }));
    assert!(matches!(refused(slap("WSQ20", b"what"), 14), ImageError::NotAnImage));
    assert!(matches!(refused(slap("WSQ20", b""), 14), ImageError::Empty));
}

#[test]
fn wrong_lengths_and_contents_are_survived_and_told() {
    // A tagged record that says it is longer than it is, before another.
    let mut bytes = whole();
    let at = bytes.windows(6).position(|w| w == b"2.001:").unwrap() + 6;
    bytes[at] = b'9';
    let got = read(&bytes).unwrap();
    assert_eq!((kinds(&got), codes(&got)), (vec![1, 2, 4, 14], vec!["length-mismatch"]));

    // More and fewer records than counted, and another type.
    let text = tagged(2, &[(2, b"00")]);
    let more = [header("1,1 2,00"), text.clone(), slap("NONE", &pixels())].concat();
    let got = read(&more).unwrap();
    assert_eq!((kinds(&got), codes(&got)), (vec![1, 2, 14], vec!["records-uncounted"]));
    let fewer = [header("1,3 2,00 4,01 4,02"), text.clone()].concat();
    let got = read(&fewer).unwrap();
    assert_eq!((kinds(&got), codes(&got)), (vec![1, 2], vec!["record-missing"]));
    let other = [header("1,1 10,00"), text.clone()].concat();
    let got = read(&other).unwrap();
    assert_eq!((kinds(&got), codes(&got)), (vec![1, 2], vec!["record-unexpected"]));
    let after = [header("1,1 2,00"), text, b"\0\0".to_vec()].concat();
    let got = read(&after).unwrap();
    assert_eq!((kinds(&got), codes(&got)), (vec![1, 2], vec!["trailing-data"]));
}

#[test]
fn texts_before_the_image_in_fields_of_its_number_are_stepped_over() {
    let mut record = slap("NONE", &pixels());
    let at = record.windows(7).position(|w| w == b"14.999:").unwrap();
    record.splice(at..at, b"14.999:1234\x1d".iter().copied());
    let length = record.len().to_string();
    record[7..7 + length.len()].copy_from_slice(length.as_bytes());
    let bytes = [header("1,1 14,08"), record].concat();
    let got = read(&bytes).unwrap();
    assert_eq!(got.diagnostics, []);
    assert_eq!(got.value.friction_ridges().next().unwrap().decode().unwrap().value.pixels(), pixels());
}

#[test]
fn other_things_are_refused_by_name() {
    assert_eq!(read(b"\x89PNG"), Err(TransactionError::NotATransaction));
    assert_eq!(read(b""), Err(TransactionError::NotATransaction));
    assert_eq!(read(b" <?xml version='1.0'?><html/>"), Err(TransactionError::Xml(xml::XmlError::NotATransaction)));
    // Before the year 2000 numbers had two digits.
    assert!(is_transaction(b"1.01:129\x1d"));
    assert!(!is_transaction(b"1.3:9"));
}

#[test]
fn a_cut_transaction_lists_what_is_there() {
    let bytes = whole();
    let all = kinds(&read(&bytes).unwrap());
    for n in 6..bytes.len() {
        let got = read(&bytes[..n]).unwrap();
        assert!(all.starts_with(&kinds(&got)), "{n}");
        assert!(!got.diagnostics.is_empty(), "{n}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn damage_never_panics(changes in vec((any::<u16>(), any::<u8>()), 1..10), separators in vec(any::<u16>(), 0..4)) {
        let mut bytes = whole();
        let n = bytes.len();
        for (at, v) in changes {
            // Most damage goes into headers.
            bytes[usize::from(at) % if v % 2 == 0 { 400 } else { n }] = v;
        }
        for at in separators {
            bytes[usize::from(at) % n] = FS + (at % 4) as u8;
        }
        if let Ok(got) = read(&bytes) {
            for print in got.value.friction_ridges() {
                let _ = print.decode();
            }
        }
    }

    #[test]
    fn any_bytes_after_a_header_are_read(rest in vec(any::<u8>(), 0..400), contents in "1,[0-9]{1,2}( [0-9]{1,3},[0-9]{1,2}){0,6}") {
        let bytes = [header(&contents), rest].concat();
        let got = read(&bytes).unwrap();
        for print in got.value.friction_ridges() {
            let _ = print.decode();
        }
    }
}

#[test]
fn a_transaction_is_written_back_byte_for_byte_with_its_own_lengths_and_tags() {
    let bytes = whole();
    assert_eq!(write(&read(&bytes).unwrap().value).unwrap(), bytes);
    // Leading zeros of a length that is right, and numbers of two digits as before 2000.
    let zeros = b"1.001:0000043\x1d1.002:0500\x1d1.003:1\x1f0\x1d1.004:A\x1c";
    assert_eq!(write(&read(zeros).unwrap().value).unwrap(), zeros);
    let old = b"1.01:36\x1d1.02:0201\x1d1.03:1\x1f0\x1d1.04:CAR\x1c";
    assert_eq!(write(&read(old).unwrap().value).unwrap(), old);
    // A wrong one is made right.
    let wrong = b"1.001:12\x1d1.002:0500\x1d1.003:1\x1f0\x1d1.004:A\x1c";
    assert_eq!(write(&read(wrong).unwrap().value).unwrap()[..8], b"1.001:38"[..]);
}

#[test]
fn what_would_not_be_read_back_is_not_written() {
    let bytes = whole();
    let good = read(&bytes).unwrap().value;
    let with = |change: &dyn Fn(&mut Transaction<'_>)| {
        let mut changed = good.clone();
        change(&mut changed);
        write(&changed).unwrap_err()
    };
    assert_eq!(write(&Transaction { records: Vec::new() }), Err(WriteError::NoHeader));
    assert_eq!(with(&|t| t.records.push(t.records[0].clone())), WriteError::SecondHeader);
    assert_eq!(with(&|t| t.records.truncate(3)), WriteError::ContentsDiffer);
    assert_eq!(with(&|t| t.records[2].kind = 9), WriteError::ContentsDiffer);
    let mut contents = good.clone();
    contents.records.truncate(3);
    contents.update_contents();
    assert_eq!(kinds(&read(&write(&contents).unwrap()).unwrap()), [1, 2, 4]);
    let field = |record: usize, number: u16, value: &'static [u8]| {
        let error = with(&|t| {
            let Body::Tagged(fields) = &mut t.records[record].body else { return };
            fields.push(Field::new(number, value));
        });
        matches!(error, WriteError::Field { .. })
    };
    assert!(field(1, 5, b"a\x1db") && field(1, 5, b"\x1c"));
    assert!(field(1, 0, b"") && field(1, 10_000, b"") && field(1, 1, b"1"));
    assert!(field(3, 20, b"after the image"));
    let unknown = Record::new(0, Body::Opaque { idc: None, data: b"what".into() });
    let opaque = Transaction { records: vec![good.records[0].clone(), unknown] };
    assert_eq!(write(&opaque), Err(WriteError::ContentsDiffer));
}

#[test]
fn the_outline_says_what_codes_stand_for() {
    let bytes = whole();
    let outline = read(&bytes).unwrap().value.outline();
    let shown = outline.to_string();
    for line in [
        "Type-14 record: fingerprint image",
        "14.013 FGP friction ridge position: 13 (plain right four fingers)",
        "4.008 GCA compression: 1 (WSQ)",
        "4.004 FGP finger position: 2 (right index finger)",
        "finger 4 (right ring finger), reason XX (amputated)",
        "1.003 CNT records that follow",
        "14.999 DATA image: 5760 bytes",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    assert_eq!(outline.children.len(), 4);
}
