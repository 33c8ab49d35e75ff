//! Minutiae in all blocks: the same print in each of them, and written and read again.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::ansi_nist::Transaction;
use crate::minutiae::{Core, Delta, ExtendedBlock, RecordMinutia, RidgeCount};

fn field(number: u16, value: &str) -> Field<'static> {
    Field::new(number, value.replace(';', "\u{1e}").replace('|', "\u{1f}").into_bytes())
}

fn with(fields: Vec<Field<'static>>) -> Transaction<'static> {
    let image = vec![
        field(2, "01"),
        field(6, "800"),
        field(7, "768"),
        field(8, "2"),
        field(9, "197"),
        field(10, "197"),
        field(13, "8"),
    ];
    Transaction { records: vec![Record::tagged(1, vec![]), Record::tagged(9, fields), Record::tagged(13, image)] }
}

#[test]
fn the_blocks_say_the_same_of_the_same_minutia() {
    let transaction = with(vec![
        field(2, "01"),
        field(3, "4"),
        field(6, "08"),
        field(8, "20472583"),
        field(12, "001|24992578095|02|A|002,01|255,15;002|26112228098|63|B|001,01"),
        field(126, "27|513|0"),
        field(128, "800"),
        field(129, "768"),
        field(130, "2"),
        field(131, "197"),
        field(132, "197"),
        field(134, "08"),
        field(135, "90|000F|1"),
        field(137, "001|492|260|137|1|100;002|514|329|139|2|1"),
        field(138, "0|0|0;001|002|1;002|001|1;002|255|15"),
        field(139, "403|259|0"),
        field(300, "3000|3000|1000|1000"),
        field(302, "8"),
        field(320, "1047|316|0"),
        field(331, "1499|321|275|E;1611|671|278|B"),
        field(333, "1|2|1;2|1|1"),
    ]);
    let sets = transaction.minutiae();
    assert_eq!(
        sets.iter().map(|s| s.value.set).collect::<Vec<_>>(),
        [FeatureSet::Standard, FeatureSet::Incits, FeatureSet::Extended]
    );
    for set in &sets {
        assert_eq!(set.diagnostics, [], "{:?}", set.value.set);
        let view = &set.value.record.views[0];
        assert_eq!((view.width, view.height, view.x_per_cm), (800, 768, 197));
        assert_eq!((view.position, set.value.idc), (Finger::LeftMiddle, Some(1)));
        assert_eq!(view.minutiae.len(), 2);
        let degrees = |a: u8| f64::from(a) * 360.0 / f64::from(set.value.record.edition.units_per_turn());
        for (m, (x, y, angle, kind)) in view
            .minutiae
            .iter()
            .zip([(492, 260, 274.0, RecordMinutiaKind::Ending), (514, 329, 278.0, RecordMinutiaKind::Bifurcation)])
        {
            assert!(m.x.abs_diff(x) <= 1 && m.y.abs_diff(y) <= 1, "{:?}: {m:?}", set.value.set);
            assert!((degrees(m.angle) - angle).abs() <= 2.5, "{:?}: {m:?}", set.value.set);
            assert_eq!(m.kind, kind);
        }
        let counts = view.extended.iter().find_map(|b| match b {
            ExtendedBlock::RidgeCounts { counts, .. } => Some(counts.clone()),
            _ => None,
        });
        assert_eq!(counts.unwrap(), [RidgeCount { a: 0, b: 1, count: 1 }, RidgeCount { a: 1, b: 0, count: 1 }]);
        let core = view.extended.iter().find_map(|b| match b {
            ExtendedBlock::CoresAndDeltas { cores, .. } => cores.first().copied(),
            _ => None,
        });
        let core = core.unwrap();
        assert!(core.x.abs_diff(403) <= 1 && core.y.abs_diff(259) <= 1, "{:?}: {core:?}", set.value.set);
    }
    let qualities = |i: usize| sets[i].value.record.views[0].minutiae.iter().map(|m| m.quality).collect::<Vec<_>>();
    assert_eq!((qualities(0), qualities(1), qualities(2)), (vec![100, 1], vec![100, 1], vec![0, 0]));
}

#[test]
fn minutiae_without_an_image_or_outside_of_it_are_told() {
    let mut transaction = with(vec![field(2, "01"), field(12, "001|24992578095|02|A;002|99990000000|02|A;003|x|02|A")]);
    let got = &transaction.minutiae()[0];
    assert_eq!(got.value.record.views[0].minutiae.len(), 1);
    assert_eq!(got.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["minutia-outside", "minutia-malformed"]);
    transaction.records.pop();
    let got = &transaction.minutiae()[0];
    assert_eq!(got.diagnostics[0].code, "image-missing");
    let view = &got.value.record.views[0];
    assert_eq!((view.minutiae[0].y, view.minutiae[1].y), (0, 507));
    assert_eq!((view.width, view.height), (1969, 508));
}

#[test]
fn what_an_examiner_marked_is_read() {
    let record = Record::tagged(
        9,
        vec![
            field(2, "00"),
            field(300, "2540|1270|10|20|0,0-100,0-100,50"),
            field(301, "-15|20"),
            field(307, "WU|PW|I;AU"),
            field(321, "5|6|90|210|"),
            field(351, "smudged"),
            field(353, "VALUE|Doe|Jane"),
        ],
    );
    let got = ExtendedFeatures::of(&record).unwrap();
    let region = got.region.unwrap();
    assert_eq!((region.width, region.left, region.outline.len()), (2540, 10, 3));
    assert_eq!(got.orientation, Some((-15, Some(20))));
    assert_eq!((&*got.patterns[0].class, got.patterns[1].subclass.clone()), ("WU", None));
    assert_eq!(got.deltas[0].directions, [Some(90), Some(210), None]);
    assert_eq!((got.comment.as_deref(), got.value.as_deref()), (Some("smudged"), Some("VALUE")));
    assert_eq!(ExtendedFeatures::of(&Record::tagged(9, vec![])), None);
}

fn any_view() -> impl Strategy<Value = FingerView> {
    let minutia = (0..3u8, 0..=MAX_COORDINATE, 0..=MAX_COORDINATE, 0..180u8, 0..=100u8);
    let minutia = minutia.prop_map(|(kind, x, y, angle, quality)| RecordMinutia {
        kind: match kind {
            0 => RecordMinutiaKind::Other,
            1 => RecordMinutiaKind::Ending,
            _ => RecordMinutiaKind::Bifurcation,
        },
        x,
        y,
        angle,
        quality,
    });
    (vec(minutia, 1..60), proptest::option::of(0..=100u8), 0..=10u8, 0..16u8).prop_map(
        |(minutiae, quality, position, view_number)| {
            let last = (minutiae.len() - 1) as u8;
            FingerView {
                position: Finger::try_from(position).unwrap(),
                view_number,
                impression: ImpressionType::from_code(4),
                quality,
                width: 800,
                height: 600,
                x_per_cm: 197,
                y_per_cm: 394,
                minutiae,
                extended: vec![
                    ExtendedBlock::RidgeCounts { method: 1, counts: vec![RidgeCount { a: 0, b: last, count: 7 }] },
                    ExtendedBlock::CoresAndDeltas {
                        cores: vec![Core { x: 1, y: 2, angle: Some(3) }, Core { x: 4, y: 5, angle: None }],
                        deltas: vec![Delta { x: 6, y: 7, angles: Some([8, 9, 179]) }],
                    },
                ],
                capture: crate::minutiae::Capture::default(),
                ridge_ending_type: 0,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn minutiae_are_written_and_read_back(view in any_view()) {
        let record = FingerMinutiaeRecord {
            edition: Edition::Ansi2004,
            product: None,
            capture_device: CaptureDevice::default(),
            views: vec![view],
        };
        let transaction = with(Vec::new());
        let mut transaction = transaction;
        transaction.records[1] = incits_record(1, 4, &record).unwrap();
        let sets = transaction.minutiae();
        prop_assert_eq!(&sets[0].diagnostics, &[]);
        prop_assert_eq!(&sets[0].value.record, &record);
    }

    #[test]
    fn any_values_are_survived(number in prop::sample::select(vec![8u16, 9, 12, 137, 138, 139, 140, 300, 320, 321, 331, 333]),
                               value in "[0-9,;|AB-]{0,60}") {
        let transaction = with(vec![field(2, "01"), field(12, "001|1|1"), field(331, "1|1|1"), field(number, &value)]);
        let _ = transaction.minutiae();
        let mut alone = transaction;
        alone.records.truncate(2);
        let _ = alone.minutiae();
    }
}
