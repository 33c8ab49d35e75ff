//! The first look by codes of minutiae, on prints that the networks were not trained on.

use tanba_finger::scan::{ScanPrint, by_codes, scan};
use tanba_finger::{NoSink, Prepared, Template, default_extractor};
use tanba_formats::Finger;
use tanba_synth::{FingerSpec, ImpressionPreset, MasterFinger, RidgeMethod};

const FINGERS: u64 = 24;

/// Two touches of each finger.
fn touches() -> Vec<[Template; 2]> {
    let finger = |k: u64| {
        let spec = FingerSpec::of(Finger::TEN[(k % 10) as usize]);
        let master = MasterFinger::with_method(7_700 + k, spec, RidgeMethod::Phase);
        let touch = |n: u64| {
            let image = master.touch(ImpressionPreset::FvcLike, 900 * k + n).image;
            default_extractor().extract(&image, &mut NoSink).expect("a readable touch")
        };
        [touch(1), touch(2)]
    };
    (0..FINGERS).map(finger).collect()
}

fn coded(template: &Template) -> ScanPrint {
    ScanPrint::of(&Prepared::new(template))
}

/// How many probes have a stranger before their mate, and how far above the strongest stranger the mates are: the mean of the logarithms.
fn beaten(probes: &[ScanPrint], gallery: &[ScanPrint]) -> (usize, f64) {
    let mut scores = vec![0; gallery.len()];
    let (mut beaten, mut above) = (0, 0.0);
    for (k, probe) in probes.iter().enumerate() {
        scan(probe, gallery, &mut scores);
        let stranger = scores.iter().enumerate().filter(|(i, _)| *i != k).map(|(_, score)| *score).max().unwrap_or(0);
        beaten += usize::from(scores[k] <= stranger);
        above += (f64::from(scores[k]) / f64::from(stranger.max(1))).ln() / probes.len() as f64;
    }
    (beaten, above)
}

#[test]
fn codes_set_fingers_further_apart_than_cylinders_and_both_are_found_in_one_gallery() {
    let touches = touches();
    let [first, second] = [0, 1].map(|n| touches.iter().map(|touch| coded(&touch[n])).collect::<Vec<_>>());
    let plain = |n: usize| -> Vec<ScanPrint> {
        touches.iter().map(|touch| coded(&Template { ridges: None, ..touch[n].clone() })).collect()
    };
    let (plain_first, plain_second) = (plain(0), plain(1));

    let mut score = [0; 2];
    scan(&first[0], &[second[0].clone(), plain_second[0].clone()], &mut score);
    assert_eq!(score.map(by_codes), [true, false], "codes are compared where both have them");

    let (by_codes_beaten, by_codes_above) = beaten(&first, &second);
    let (by_cylinders_beaten, by_cylinders_above) = beaten(&plain_first, &plain_second);
    assert!(
        by_codes_beaten <= by_cylinders_beaten.min(1),
        "{by_codes_beaten} beaten, {by_cylinders_beaten} by cylinders"
    );
    assert!(by_codes_above > by_cylinders_above + 1.0, "{by_codes_above} above, {by_cylinders_above} by cylinders");

    // A record without ridges is found among prints with codes, and the other way round, as well as by cylinders throughout.
    for (probes, gallery) in [(&plain_first, &second), (&first, &plain_second)] {
        assert_eq!(beaten(probes, gallery).0, by_cylinders_beaten);
    }
}

/// A template is kept in a file and read again: that changes no code.
#[test]
fn codes_are_of_the_template_as_it_is_kept() {
    for touch in touches().iter().take(6) {
        let kept = Template::from_bytes(&touch[0].to_bytes()).unwrap();
        let mut bytes = [Vec::new(), Vec::new()];
        coded(&touch[0]).write(&mut bytes[0]);
        ScanPrint::of(&Prepared::from_bytes(&kept.to_bytes()).unwrap()).write(&mut bytes[1]);
        assert_eq!(bytes[0], bytes[1]);
    }
}
