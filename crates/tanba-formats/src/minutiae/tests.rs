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
            capture: capture(edition),
            ridge_ending_type: 0,
        }],
    }
}

fn capture(edition: Edition) -> Capture {
    let quality = QualityRecord { value: 80, vendor: 0x0103, algorithm: 0 };
    match edition {
        Edition::Iso2005 | Edition::Ansi2004 => Capture::default(),
        Edition::Ansi2009 | Edition::Ansi2009Am1 => Capture { qualities: vec![quality], ..Capture::default() },
        Edition::Iso2011 => Capture {
            taken: CaptureTime { year: 2011, month: 10, day: 11, hour: 12, minute: 13, second: 14, millisecond: 999 },
            technology: 1,
            vendor: 11,
            device: 0,
            qualities: vec![quality],
            certifications: vec![CertificationRecord { authority: 0x0102, scheme: 3 }],
        },
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
        }
        assert_eq!(write(&want, edition).unwrap(), bytes, "{edition}");
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
        let mut ansi = read(&write(&iso, edition).unwrap()).unwrap().value;
        // 64 / 256 of a turn are 45 units of two degrees; 255 / 256 are 179.3.
        assert_eq!(ansi.views[0].minutiae.iter().map(|m| m.angle).collect::<Vec<_>>(), [45, 179]);
        assert_eq!(ansi.product, Some(CbeffProduct::UNKNOWN));
        assert_eq!(ansi.views[0].capture, capture(edition));
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
    let changes: [(Change, &str); 4] = [
        (|r| r.views[0].minutiae = vec![r.views[0].minutiae[0]; 256], "255"),
        (|r| r.views[0].minutiae[0].x = 0x4000, "16383"),
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
        for (edition, _) in all() {
            let mut record = sample(edition);
            change(&mut record);
            assert!(write(&record, edition).unwrap_err().to_string().contains(most), "{edition} {most}");
        }
    }
    for (edition, _) in all() {
        let mut record = sample(edition);
        record.views[0].view_number = 16;
        let old = matches!(edition, Edition::Iso2005 | Edition::Ansi2004);
        assert_eq!(write(&record, edition).is_err(), old, "the view number has four bits in {edition}");
    }
    let mut skeleton = sample(Edition::Iso2011);
    skeleton.views[0].ridge_ending_type = 16;
    assert!(iso19794_2::write_2011(&skeleton).is_err());
    skeleton.views[0].ridge_ending_type = 1;
    skeleton.views[0].capture.qualities = vec![QualityRecord { value: 80, ..QualityRecord::NOT_ATTEMPTED }; 256];
    assert!(iso19794_2::write_2011(&skeleton).is_err());
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
            let again = write(&got.value, edition).expect("what was read fits");
            // A record of 2009 can be made that has the lengths of 2011 too.
            let again = read(&again).unwrap().value;
            if again.edition == edition {
                prop_assert_eq!(again, got.value);
            }
        }
    }

    #[test]
    fn a_record_of_any_edition_survives_every_other(record in records(), to in 0..5_usize) {
        let to = all()[to].0;
        let written = match write(&record, to) {
            Ok(written) => written,
            // Sizes of views, and device numbers and impressions of more bits than the older editions have.
            Err(e) => {
                prop_assert!(matches!(to, Edition::Iso2005 | Edition::Ansi2004), "{} {}", to, e);
                return Ok(());
            }
        };
        let got = read(&written).unwrap();
        prop_assume!(got.value.edition == to);
        prop_assert_eq!(write(&got.value, to).unwrap(), written);
        for (a, b) in record.views.iter().zip(&got.value.views) {
            prop_assert_eq!((a.position, a.view_number, a.impression), (b.position, b.view_number, b.impression));
            prop_assert_eq!((a.width, a.height, a.x_per_cm, a.y_per_cm), (b.width, b.height, b.x_per_cm, b.y_per_cm));
            prop_assert_eq!(a.quality.or(Some(0)), b.quality.or(Some(0)));
            for (m, n) in a.minutiae.iter().zip(&b.minutiae) {
                prop_assert_eq!((m.kind, m.x, m.y, m.quality), (n.kind, n.x, n.y, n.quality));
                let degrees = |edition: Edition, angle: u8| f64::from(angle) * 360.0 / f64::from(edition.units_per_turn());
                let off = (degrees(record.edition, m.angle) - degrees(to, n.angle)).abs();
                prop_assert!(off.min(360.0 - off) <= 1.0 + 1e-9);
            }
            let known = |blocks: &[ExtendedBlock]| blocks.iter().filter(|b| matches!(b, ExtendedBlock::RidgeCounts { .. })).count();
            prop_assert_eq!(known(&a.extended), known(&b.extended));
        }
    }
}

fn views(edition: Edition) -> impl Strategy<Value = FingerView> {
    let turn = edition.units_per_turn();
    let angle = (0..turn).prop_map(|a| a as u8);
    let kind = prop_oneof![
        Just(RecordMinutiaKind::Other),
        Just(RecordMinutiaKind::Ending),
        Just(RecordMinutiaKind::Bifurcation)
    ];
    let minutia = (kind, 0..300_u16, 0..400_u16, angle.clone(), 0..=100_u8)
        .prop_map(|(kind, x, y, angle, quality)| RecordMinutia { kind, x, y, angle, quality });
    let core =
        (0..300_u16, 0..400_u16, proptest::option::of(angle.clone())).prop_map(|(x, y, angle)| Core { x, y, angle });
    let delta = (0..300_u16, 0..400_u16, proptest::option::of([angle.clone(), angle.clone(), angle]))
        .prop_map(|(x, y, angles)| Delta { x, y, angles });
    let count = any::<(u8, u8, u8)>().prop_map(|(a, b, count)| RidgeCount { a, b, count });
    let block = prop_oneof![
        (0..3_u8, vec(count, 0..5)).prop_map(|(method, counts)| ExtendedBlock::RidgeCounts { method, counts }),
        (vec(core, 0..4), vec(delta, 0..4)).prop_map(|(cores, deltas)| ExtendedBlock::CoresAndDeltas { cores, deltas }),
        (1..9_u8, vec(any::<u8>(), 0..20)).prop_map(|(bits, packed)| ExtendedBlock::ZonalQuality(ZonalQuality {
            algorithm: None,
            cell_width: 16,
            cell_height: 20,
            bits,
            packed,
        })),
        (0x100..=u16::MAX, vec(any::<u8>(), 0..9)).prop_map(|(kind, data)| ExtendedBlock::Other { kind, data }),
    ];
    let head = (0..=10_u8, 0..20_u8, 0..20_u8, proptest::option::of(0..=100_u8), 300..303_u16);
    (head, vec(minutia, 0..40), vec(block, 0..4)).prop_map(
        |((position, view_number, impression, quality, width), minutiae, extended)| FingerView {
            position: Finger::try_from(position).unwrap(),
            view_number,
            impression: ImpressionType::from_code(impression),
            quality,
            width,
            height: 400,
            x_per_cm: 197,
            y_per_cm: 198,
            minutiae,
            extended,
            capture: Capture::default(),
            ridge_ending_type: 0,
        },
    )
}

fn records() -> impl Strategy<Value = FingerMinutiaeRecord> {
    (0..5_usize).prop_flat_map(|edition| {
        let edition = all()[edition].0;
        (vec(views(edition), 1..3), any::<u16>()).prop_map(move |(views, id)| FingerMinutiaeRecord {
            edition,
            product: None,
            capture_device: CaptureDevice { certifications: 0, id },
            views,
        })
    })
}

#[test]
fn zonal_quality_is_read_cell_by_cell() {
    // Cells of 100 x 200 pixels on an image of 300 x 400: two rows of three cells of 5 bits, 30 bits in all.
    let values = [1_u8, 31, 0, 16, 7, 21];
    let packed = values.iter().fold(0_u32, |n, v| n << 5 | u32::from(*v)) << 2;
    let zones = |algorithm| ZonalQuality {
        algorithm,
        cell_width: 100,
        cell_height: 200,
        bits: 5,
        packed: packed.to_be_bytes().to_vec(),
    };
    assert_eq!(zones(None).cells(300, 400), Some(values.to_vec()));
    assert_eq!(zones(None).cells(301, 400), None, "four columns need 40 bits");
    assert_eq!(ZonalQuality { cell_width: 0, ..zones(None) }.cells(300, 400), None);

    let mut record = sample(Edition::Iso2005);
    record.views[0].extended = vec![ExtendedBlock::ZonalQuality(zones(None))];
    let old = iso19794_2::write(&record).unwrap();
    assert_eq!(old[old.len() - 11..], [&[0, 3, 0, 11, 100, 200, 5][..], &packed.to_be_bytes()].concat());
    assert_eq!(read(&old).unwrap().value, record);
    // The edition of 2011 names the algorithm; INCITS 378 has no such block.
    let new = read(&iso19794_2::write_2011(&record).unwrap()).unwrap().value;
    assert_eq!(new.views[0].extended, [ExtendedBlock::ZonalQuality(zones(Some((0x0103, 0))))]);
    assert_eq!(read(&iso19794_2::write(&new).unwrap()).unwrap().value.views[0].extended, record.views[0].extended);
    assert_eq!(read(&ansi378::write_2009(&record).unwrap()).unwrap().value.views[0].extended, []);
}

#[test]
fn a_quality_that_was_set_after_reading_is_of_an_algorithm_that_nobody_named() {
    let mut record = sample(Edition::Iso2011);
    record.views[0].capture.qualities[0].vendor = 7;
    let written = |r: &FingerMinutiaeRecord| {
        read(&iso19794_2::write_2011(r).unwrap()).unwrap().value.views[0].capture.qualities.clone()
    };
    assert_eq!(written(&record), [QualityRecord { value: 80, vendor: 7, algorithm: 0 }]);
    record.views[0].quality = Some(81);
    assert_eq!(written(&record), [QualityRecord { value: 81, vendor: 0x0103, algorithm: 0 }]);
    record.views[0].quality = None;
    assert_eq!(written(&record), []);
}

#[test]
fn devices_that_differ_stand_at_the_views_of_2011() {
    let mut record = sample(Edition::Iso2011);
    record.capture_device = CaptureDevice::default();
    record.views.push(FingerView { view_number: 200, ..record.views[0].clone() });
    (record.views[0].capture.device, record.views[1].capture.device) = (2, 3);
    assert_eq!(read(&iso19794_2::write_2011(&record).unwrap()).unwrap().value, record);
}

#[test]
fn an_outline_names_what_the_standards_name() {
    for (edition, bytes) in all() {
        let outline = read(&bytes).unwrap().value.outline().to_string();
        assert!(outline.starts_with(&format!("finger minutiae record: {edition}\n")), "{outline}");
        for said in [
            "finger position: right_index",
            "minutiae: 2 (1 endings, 1 bifurcations, 0 others)",
            "ridge counts: 1",
            "core: 150, 120 180°",
        ] {
            assert!(outline.contains(said), "{edition} {said}\n{outline}");
        }
    }
}
