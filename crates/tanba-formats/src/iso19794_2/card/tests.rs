//! Card formats against bytes written out by hand, and against a record that goes to a card and comes back.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::iso19794_2;

fn minutia(kind: RecordMinutiaKind, x: u16, y: u16, angle: u8) -> CardMinutia {
    CardMinutia { kind, x, y, angle }
}

fn template(format: CardFormat, minutiae: Vec<CardMinutia>) -> CardTemplate {
    CardTemplate { format, order: MinutiaOrder::default(), minutiae, features: Vec::new(), others: Vec::new() }
}

fn two(format: CardFormat) -> CardTemplate {
    use RecordMinutiaKind::{Bifurcation, Ending};
    let (a, b) = match format {
        CardFormat::Normal => (minutia(Ending, 0x0102, 0x3fff, 0xff), minutia(Bifurcation, 0x3fff, 0, 0x40)),
        CardFormat::Compact => (minutia(Ending, 1, 255, 0x3f), minutia(Bifurcation, 255, 0, 0x10)),
    };
    template(format, vec![a, b])
}

const NORMAL: &[u8] = b"\x41\x02\x3f\xff\xff\xbf\xff\0\0\x40";
const COMPACT: &[u8] = b"\x01\xff\x7f\xff\0\x90";

#[test]
fn fields_lie_where_the_standard_puts_them() {
    for (format, bytes) in [(CardFormat::Normal, NORMAL), (CardFormat::Compact, COMPACT)] {
        let want = two(format);
        assert_eq!(want.write().unwrap(), bytes);
        let in_template = [&[0x7f, 0x2e, bytes.len() as u8 + 2, 0x81, bytes.len() as u8][..], bytes].concat();
        assert_eq!(want.write_template().unwrap(), in_template);
        for bytes in [bytes, &in_template] {
            let got = read(bytes, format, MinutiaOrder::default()).unwrap();
            assert_eq!(got, Decoded { value: want.clone(), diagnostics: vec![] });
        }
    }
}

#[test]
fn other_features_and_a_makers_own_data_are_kept() {
    let mut want = two(CardFormat::Compact);
    want.features =
        vec![DataObject { tag: 0x91, value: vec![0, 0, 1, 9] }, DataObject { tag: 0x94, value: vec![5; 200] }];
    want.others = vec![DataObject { tag: 0x82, value: vec![1, 2, 3] }];
    let bytes = want.write_template().unwrap();
    assert_eq!(bytes[..6], [0x7f, 0x2e, 0x81, 0xe1, 0xa1, 0x81]);
    let got = read(&bytes, CardFormat::Compact, MinutiaOrder::default()).unwrap();
    assert_eq!(got, Decoded { value: want.clone(), diagnostics: vec![] });
    let outline = got.value.outline().to_string();
    assert!(outline.contains("cell quality: 200 bytes") && outline.contains("data object 82: 3 bytes"), "{outline}");
}

#[test]
fn a_reserved_type_and_a_minutia_cut_off_are_told() {
    let got = read(b"\x01\x02\xff\x09\x09", CardFormat::Compact, MinutiaOrder::default()).unwrap();
    assert_eq!(got.value.minutiae, [minutia(RecordMinutiaKind::Other, 1, 2, 0x3f)]);
    let codes: Vec<_> = got.diagnostics.iter().map(|d| (d.code, d.offset)).collect();
    assert_eq!(codes, [("trailing-data", Some(3)), ("minutia-type-reserved", Some(0))]);
    assert_eq!(read(b"\x01\x02", CardFormat::Compact, MinutiaOrder::default()), Err(ReadError::Truncated { at: 2 }));
    assert_eq!(read(b"", CardFormat::Normal, MinutiaOrder::default()), Err(ReadError::Truncated { at: 0 }));
}

#[test]
fn what_follows_a_template_is_no_minutia() {
    let mut bytes = two(CardFormat::Compact).write_template().unwrap();
    bytes.extend([0x90, 0x00]);
    let got = read(&bytes, CardFormat::Compact, MinutiaOrder::default()).unwrap();
    assert_eq!(got.value, two(CardFormat::Compact));
    assert_eq!((got.diagnostics[0].code, got.diagnostics[0].offset), ("trailing-data", Some(bytes.len() - 2)));
    // Minutiae that begin with the tag are minutiae.
    let got = read(b"\x7f\x2e\x03\x01\x02\x43", CardFormat::Compact, MinutiaOrder::default()).unwrap();
    assert_eq!(got.value.minutiae.len(), 2);
}

#[test]
fn orders_are_bytes_and_sort() {
    let codes = [0x05, 0x06, 0x09, 0x0a, 0x0d, 0x0e, 0x11, 0x12, 0x25, 0x29];
    for code in codes {
        assert_eq!(MinutiaOrder::from_code(code).code(), code);
    }
    assert_eq!(MinutiaOrder::from_code(0), MinutiaOrder::default());
    let e = |x, y, angle| minutia(RecordMinutiaKind::Ending, x, y, angle);
    // The centre of mass lies at 5, 5.
    let all = [e(5, 6, 3), e(0, 9, 1), e(10, 0, 2)];
    let sorted = |code| {
        let mut minutiae = all.to_vec();
        MinutiaOrder::from_code(code).sort(&mut minutiae);
        minutiae.iter().map(|m| m.x).collect::<Vec<_>>()
    };
    assert_eq!(sorted(0x00), [5, 0, 10]);
    assert_eq!(sorted(0x05), [0, 5, 10]);
    assert_eq!(sorted(0x06), [10, 5, 0]);
    assert_eq!(sorted(0x09), [10, 5, 0]);
    assert_eq!(sorted(0x0d), [0, 10, 5]);
    assert_eq!(sorted(0x11), [5, 0, 10]);
}

#[test]
fn extended_coordinates_begin_anew_after_255() {
    let order = MinutiaOrder::from_code(0x29);
    let e = |x, y| minutia(RecordMinutiaKind::Ending, x, y, 0);
    let mut want = template(CardFormat::Compact, vec![e(9, 200), e(8, 260), e(7, 515), e(6, 515)]);
    want.order = order;
    let bytes = want.write().unwrap();
    assert_eq!(bytes.chunks(3).map(|c| c[1]).collect::<Vec<_>>(), [200, 4, 3, 3]);
    assert_eq!(read(&bytes, CardFormat::Compact, order).unwrap().value, want);
    // A step of more than 255 could not be told; nor could a coordinate without the extension, or along the other axis.
    want.minutiae.push(e(0, 515 + 256));
    assert!(want.write().is_err());
    assert!(template(CardFormat::Compact, vec![e(9, 256)]).write().is_err());
    want.minutiae = vec![e(256, 0)];
    assert!(want.write().is_err());
}

#[test]
fn a_card_states_what_it_takes() {
    let stated = CardParameters { least: 12, most: 40, order: MinutiaOrder::from_code(0x09), features: 3 };
    let bytes = stated.write();
    assert_eq!(bytes, b"\xb1\x0a\x81\x02\x0c\x28\x82\x01\x09\x83\x01\x03");
    let header = [b"\xa1\x0f\x81\x01\x08", &bytes[..]].concat();
    let information = [b"\x7f\x60\x11", &header[..]].concat();
    let group = [b"\x7f\x61\x17\x02\x01\x01", &information[..]].concat();
    for bytes in [&bytes[2..], &bytes, &header, &information, &group] {
        assert_eq!(CardParameters::read(bytes), Some(stated), "{bytes:x?}");
    }
    assert_eq!(CardParameters::read(b"\x82\x01\x09").unwrap().most, 60);
    assert_eq!(CardParameters::read(b"\xb1\x00"), None);
}

/// A record of 2005 with `n` minutiae of increasing quality, the last one in the corner.
fn view(n: u16) -> FingerView {
    let minutiae = (0..n).map(|i| RecordMinutia {
        kind: RecordMinutiaKind::Ending,
        x: 100 + 3 * i,
        y: 200 - 2 * i,
        angle: i as u8,
        quality: (i + 1).min(100) as u8,
    });
    let mut view = two(CardFormat::Normal).to_view(Finger::LeftThumb, 197, 197);
    (view.width, view.height, view.minutiae) = (300, 400, minutiae.collect());
    view
}

#[test]
fn a_card_gets_the_best_minutiae_and_not_too_few() {
    let parameters = CardParameters { least: 12, most: 20, ..CardParameters::default() };
    let of = |view: &FingerView| CardTemplate::of_view(view, Edition::Iso2005, CardFormat::Normal, &parameters);
    // The ten of the lowest quality are left out.
    let card = of(&view(30)).unwrap();
    assert_eq!(card.minutiae.len(), 20);
    assert_eq!(card.minutiae.first().map(|m| m.angle), Some(10));
    // Without a quality for each, those far from the middle.
    let mut unjudged = view(30);
    unjudged.minutiae[29].quality = 0;
    let angles: Vec<_> = of(&unjudged).unwrap().minutiae.iter().map(|m| m.angle).collect();
    assert_eq!(angles, (5..25).collect::<Vec<u8>>());
    assert!(of(&view(11)).unwrap_err().to_string().contains("at least 12"));
    assert_eq!(of(&FingerView { x_per_cm: 0, ..view(20) }), Err(WriteError::ResolutionMissing));
}

#[test]
fn a_record_goes_to_a_card_and_comes_back_within_half_a_unit() {
    let parameters = CardParameters { least: 1, most: 255, order: MinutiaOrder::from_code(0x09), features: 0 };
    for (format, pixels, units) in [(CardFormat::Normal, 0, 0), (CardFormat::Compact, 1, 2)] {
        let from = view(40);
        let card = CardTemplate::of_view(&from, Edition::Iso2005, format, &parameters).unwrap();
        assert!(card.minutiae.is_sorted_by_key(|m| m.y));
        let read = read(&card.write_template().unwrap(), format, parameters.order).unwrap().value;
        let mut back = read.to_view(Finger::LeftThumb, 197, 197).minutiae;
        back.sort_by_key(|m| m.x);
        for (a, b) in from.minutiae.iter().zip(&back) {
            assert!(a.x.abs_diff(b.x) <= pixels && a.y.abs_diff(b.y) <= pixels, "{a:?} {b:?}");
            assert!(a.angle.abs_diff(b.angle) <= units, "{a:?} {b:?}");
        }
    }
    // Angles of INCITS 378 are of two degrees: 90 degrees are 64 units there, 16 of the compact size.
    let mut american = view(12);
    american.minutiae[0].angle = 45;
    let card = CardTemplate::of_view(&american, Edition::Ansi2004, CardFormat::Compact, &parameters).unwrap();
    assert_eq!(card.minutiae.iter().map(|m| m.angle).max(), Some(16));
    // What comes back is a view that every edition writes.
    let record = crate::minutiae::FingerMinutiaeRecord {
        edition: Edition::Iso2005,
        product: None,
        capture_device: Default::default(),
        views: vec![card.to_view(Finger::Unknown, 197, 197)],
    };
    assert_eq!(crate::minutiae::read(&iso19794_2::write(&record).unwrap()).unwrap().diagnostics, []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_or_refused_and_written_again(bytes in vec(any::<u8>(), 0..120), compact: bool, order: u8) {
        let format = if compact { CardFormat::Compact } else { CardFormat::Normal };
        for bytes in [bytes.clone(), [&[0x7f, 0x2e, bytes.len() as u8][..], &bytes].concat()] {
            let order = MinutiaOrder::from_code(order);
            if let Ok(got) = read(&bytes, format, order) {
                let again = read(&got.value.write_template().unwrap(), format, order).unwrap();
                prop_assert_eq!(again, Decoded { value: got.value, diagnostics: vec![] });
            }
        }
        let _ = CardParameters::read(&bytes);
    }
}
