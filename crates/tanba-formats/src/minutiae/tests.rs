//! Every edition against bytes written out by hand, and against damage.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn sample(edition: Edition) -> FingerMinutiaeRecord {
    let turn = edition.units_per_turn();
    FingerMinutiaeRecord {
        edition,
        product: edition.is_ansi().then_some(CbeffProduct { owner: 0x0123, kind: 0x4567 }),
        capture_device: CaptureDevice { certifications: 0x80, id: 2 },
        views: vec![FingerView {
            position: Finger::RightIndex,
            view_number: 1,
            impression: ImpressionType::LiveScanRolled,
            quality: Some(80),
            width: 300,
            height: 400,
            x_per_cm: 197,
            y_per_cm: 197,
            minutiae: vec![
                RecordMinutia { kind: RecordMinutiaKind::Ending, x: 10, y: 299, angle: (turn / 4) as u8, quality: 90 },
                RecordMinutia {
                    kind: RecordMinutiaKind::Bifurcation,
                    x: 299,
                    y: 1,
                    angle: (turn - 1) as u8,
                    quality: 0,
                },
            ],
            extended: vec![
                ExtendedBlock::RidgeCounts { method: 0, counts: vec![RidgeCount { a: 0, b: 1, count: 9 }] },
                ExtendedBlock::CoresAndDeltas {
                    cores: vec![Core { x: 150, y: 120, angle: Some((turn / 2) as u8) }],
                    deltas: vec![Delta { x: 30, y: 300, angles: None }],
                },
                ExtendedBlock::Other { kind: 0x0101, data: vec![7, 7] },
            ],
        }],
    }
}

/// Each edition's sample, every field where the standard puts it, written out by hand.
const ISO_2005: &[u8] = b"FMR\0 20\0\0\0\0\x47\x80\x02\x01\x2c\x01\x90\0\xc5\0\xc5\x01\0\
    \x02\x11\x50\x02\
    \x40\x0a\x01\x2b\x40\x5a\
    \x81\x2b\0\x01\xff\0\
    \0\x1d\0\x01\0\x08\0\0\x01\x09\
    \0\x02\0\x0f\x01\x40\x96\0\x78\x80\x01\0\x1e\x01\x2c\
    \x01\x01\0\x06\x07\x07";
const ISO_2011: &[u8] = b"FMR\x00030\0\0\0\0\x63\0\x01\x01\
    \0\0\0\x54\x07\xdb\x0a\x0b\x0c\x0d\x0e\x03\xe7\x01\0\x0b\0\x02\x01\x50\x01\x03\0\0\x01\x01\x02\x03\
    \x02\x01\0\xc5\0\xc5\x01\x01\x2c\x01\x90\x60\x02\
    \x40\x0a\x01\x2b\x40\x5a\
    \x81\x2b\0\x01\xff\xfe\
    \0\x1d\0\x01\0\x08\0\0\x01\x09\
    \0\x02\0\x0f\x01\x40\x96\0\x78\x80\x01\0\x1e\x01\x2c\
    \x01\x01\0\x06\x07\x07";
const ANSI_2004: &[u8] = b"FMR\0 20\0\0\x49\x01\x23\x45\x67\x80\x02\x01\x2c\x01\x90\0\xc5\0\xc5\x01\0\
    \x02\x11\x50\x02\
    \x40\x0a\x01\x2b\x2d\x5a\
    \x81\x2b\0\x01\xb3\0\
    \0\x1d\0\x01\0\x08\0\0\x01\x09\
    \0\x02\0\x0f\x41\0\x96\0\x78\x5a\x01\0\x1e\x01\x2c\
    \x01\x01\0\x06\x07\x07";
const ANSI_2009: &[u8] = b"FMR\x00030\0\0\0\0\x51\x01\x23\x45\x67\x80\0\x02\x01\0\
    \x02\x01\x01\x50\x01\x03\0\0\x01\x2c\x01\x90\0\xc5\0\xc5\x02\
    \x40\x0a\x01\x2b\x2d\x5a\
    \x81\x2b\0\x01\xb3\xfe\
    \0\x1d\0\x01\0\x08\0\0\x01\x09\
    \0\x02\0\x0f\x41\0\x96\0\x78\x5a\x01\0\x1e\x01\x2c\
    \x01\x01\0\x06\x07\x07";

fn am1() -> Vec<u8> {
    let mut bytes = ANSI_2009.to_vec();
    bytes[6] = b'5';
    bytes
}

fn all() -> Vec<(Edition, Vec<u8>)> {
    vec![
        (Edition::Iso2005, ISO_2005.to_vec()),
        (Edition::Iso2011, ISO_2011.to_vec()),
        (Edition::Ansi2004, ANSI_2004.to_vec()),
        (Edition::Ansi2009, ANSI_2009.to_vec()),
        (Edition::Ansi2009Am1, am1()),
    ]
}

fn write_as(record: &FingerMinutiaeRecord, edition: Edition) -> Result<Vec<u8>, WriteError> {
    match edition {
        Edition::Iso2005 | Edition::Iso2011 => iso19794_2::write(record),
        Edition::Ansi2004 => ansi378::write_2004(record),
        Edition::Ansi2009 => ansi378::write_2009(record),
        Edition::Ansi2009Am1 => ansi378::write_2009_am1(record),
    }
}

#[test]
fn fields_lie_where_the_standards_put_them() {
    for (edition, bytes) in all() {
        assert_eq!(super::edition(&bytes), Ok(edition), "{edition}");
        let got = read(&bytes).unwrap();
        assert_eq!(got.diagnostics, [], "{edition}");
        let mut want = sample(edition);
        if edition == Edition::Iso2011 {
            // Certifications stand in records of their own there.
            want.capture_device.certifications = 0;
        } else {
            assert_eq!(write_as(&want, edition).unwrap(), bytes, "{edition}");
        }
        assert_eq!(got.value, want, "{edition}");
    }
}

#[test]
fn the_readers_of_one_standard_refuse_the_other_and_name_it() {
    for (edition, bytes) in all() {
        let (iso, ansi) = (iso19794_2::read(&bytes), ansi378::read(&bytes));
        assert_eq!((iso.is_ok(), ansi.is_ok()), (!edition.is_ansi(), edition.is_ansi()), "{edition}");
        assert!(matches!(iso.and(ansi), Err(ReadError::Unsupported { .. })));
    }
    assert_eq!(read(b"\x89PNG"), Err(ReadError::NotARecord));
    let mut newer = ISO_2005.to_vec();
    newer[4..8].copy_from_slice(b"050\0");
    assert!(read(&newer).unwrap_err().to_string().contains("unknown version"));
}

#[test]
fn a_2004_record_above_64_kib_has_a_length_of_six_bytes() {
    let mut record = sample(Edition::Ansi2004);
    record.views[0].extended = vec![ExtendedBlock::Other { kind: 0x0101, data: vec![1; 65_000] }];
    record.views.push(record.views[0].clone());
    let bytes = ansi378::write_2004(&record).unwrap();
    assert_eq!(bytes[8..14], [&[0, 0][..], &(bytes.len() as u32).to_be_bytes()].concat());
    assert_eq!(read(&bytes).unwrap(), Decoded { value: record, diagnostics: vec![] });
}

#[test]
fn a_record_of_the_2007_draft_is_known_by_where_its_views_end() {
    let mut draft = ANSI_2009.to_vec();
    // Certifications and device in two bytes.
    draft.splice(16..19, [0x80, 0x02]);
    draft[11] -= 1;
    let got = read(&draft).unwrap();
    assert_eq!(got, Decoded { value: sample(Edition::Ansi2009), diagnostics: vec![] });
}

#[test]
fn units_change_between_standards_and_nothing_else_does() {
    let iso = sample(Edition::Iso2005);
    for edition in [Edition::Ansi2004, Edition::Ansi2009] {
        let mut ansi = read(&write_as(&iso, edition).unwrap()).unwrap().value;
        // 64 / 256 of a turn are 45 units of two degrees; 255 / 256 are 179.3.
        assert_eq!(ansi.views[0].minutiae.iter().map(|m| m.angle).collect::<Vec<_>>(), [45, 179]);
        assert_eq!(ansi.product, Some(CbeffProduct::UNKNOWN));
        ansi.product = Some(CbeffProduct { owner: 0x0123, kind: 0x4567 });
        assert_eq!(ansi, sample(edition));
    }
    for angle in 0..=255 {
        let there = Edition::Iso2005.angle_in(Edition::Ansi2004, angle);
        let back = Edition::Ansi2004.angle_in(Edition::Iso2005, there);
        assert!(there < 180);
        let off = angle.wrapping_sub(back);
        assert!(off.min(off.wrapping_neg()) <= 1, "{angle} {back}");
    }
}

#[test]
fn cores_without_all_angles_lose_them_in_ansi_only() {
    let mut record = sample(Edition::Iso2005);
    let cores = vec![Core { x: 1, y: 2, angle: Some(9) }, Core { x: 3, y: 4, angle: None }];
    record.views[0].extended = vec![ExtendedBlock::CoresAndDeltas { cores: cores.clone(), deltas: vec![] }];
    assert_eq!(read(&iso19794_2::write(&record).unwrap()).unwrap().value, record);
    let ansi = read(&ansi378::write_2004(&record).unwrap()).unwrap().value;
    let bare: Vec<_> = cores.iter().map(|c| Core { angle: None, ..*c }).collect();
    assert_eq!(ansi.views[0].extended, [ExtendedBlock::CoresAndDeltas { cores: bare, deltas: vec![] }]);
}

#[test]
fn blocks_that_break_their_form_are_kept_as_they_are() {
    let broken: [&[u8]; 5] = [
        // A ridge count cut off; more cores than there can be; a core cut off; a length below the header; three bytes.
        b"\0\x01\0\x07\0\0\x01",
        b"\0\x02\0\x06\x3f\0",
        b"\0\x02\0\x06\x01\0",
        b"\0\x01\0\x03",
        b"\x01\x02\x03",
    ];
    for area in broken {
        let mut bytes = ISO_2005[..24 + 4 + 12].to_vec();
        bytes.extend([0, area.len() as u8]);
        bytes.extend(area);
        let n = bytes.len() as u8;
        bytes[11] = n;
        let got = read(&bytes).unwrap();
        assert!(matches!(
            got.value.views[0].extended[..],
            [ExtendedBlock::Other { .. } | ExtendedBlock::Unstructured(_)]
        ));
        assert_eq!(iso19794_2::write(&got.value).unwrap(), bytes);
    }
}

#[test]
fn a_cut_record_is_refused_up_to_its_minutiae_and_read_with_a_diagnostic_after_them() {
    for (edition, bytes) in all() {
        let minutiae_end = bytes.len() - 31;
        for n in MAGIC.len()..bytes.len() {
            match read(&bytes[..n]) {
                Err(e) => {
                    // A representation of 2011 says how long it is: it is there or not.
                    assert!(n < minutiae_end || edition == Edition::Iso2011, "{edition} {n}: {e}");
                    assert_eq!(e, ReadError::Truncated { at: n }, "{edition}");
                }
                Ok(got) => {
                    assert!(n >= minutiae_end, "{edition} {n}");
                    assert_eq!(got.value.views[0].minutiae, sample(edition).views[0].minutiae);
                    assert!(got.diagnostics.iter().any(|d| d.code == "extended-data-missing"));
                }
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_not_written() {
    type Change = fn(&mut FingerMinutiaeRecord);
    let changes: [(Change, &str); 5] = [
        (|r| r.views[0].minutiae = vec![r.views[0].minutiae[0]; 256], "255"),
        (|r| r.views[0].minutiae[0].x = 0x4000, "16383"),
        (|r| r.views[0].view_number = 16, "15"),
        (|r| r.views[0].extended = vec![ExtendedBlock::Unstructured(vec![0; 65_536])], "65535"),
        (
            |r| {
                let core = Core { x: 0, y: 0, angle: None };
                r.views[0].extended = vec![ExtendedBlock::CoresAndDeltas { cores: vec![core; 16], deltas: vec![] }];
            },
            "15",
        ),
    ];
    for (change, most) in changes {
        for edition in [Edition::Iso2005, Edition::Ansi2004, Edition::Ansi2009] {
            let mut record = sample(edition);
            change(&mut record);
            assert!(write_as(&record, edition).unwrap_err().to_string().contains(most), "{edition} {most}");
        }
    }
    let mut differ = sample(Edition::Iso2005);
    differ.views.push(FingerView { width: 301, ..differ.views[0].clone() });
    assert_eq!(iso19794_2::write(&differ), Err(WriteError::ViewsDiffer));
    assert_eq!(ansi378::write_2004(&differ), Err(WriteError::ViewsDiffer));
    assert!(ansi378::write_2009(&differ).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_or_refused(version in 0..5_usize, bytes in vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
        let _ = read(&[&all()[version].1[..8], &bytes].concat());
    }

    #[test]
    fn a_damaged_record_is_read_or_refused_and_what_was_read_can_be_written(
        which in 0..5_usize, changes in vec((4..80_usize, any::<u8>()), 1..6), cut in 4..=200_usize,
    ) {
        let mut bytes = all()[which].1.clone();
        for (at, v) in changes {
            let n = bytes.len();
            bytes[at % n] = v;
        }
        bytes.truncate(cut);
        if let Ok(got) = read(&bytes) {
            let edition = got.value.edition;
            // A device number of sixteen bits has no place in the older editions, which 2011 is written as.
            if let Ok(again) = write_as(&got.value, edition) {
                let mut again = read(&again).unwrap().value;
                if edition == Edition::Iso2011 {
                    again.edition = edition;
                    for (a, b) in again.views.iter_mut().zip(&got.value.views) {
                        a.quality = b.quality;
                    }
                }
                prop_assert_eq!(again, got.value);
            } else {
                prop_assert_eq!(edition, Edition::Iso2011);
            }
        }
    }
}
