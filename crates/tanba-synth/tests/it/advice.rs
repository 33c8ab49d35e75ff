//! Each fault of a capture, made on purpose, gets its advice; a clean touch gets none.

use tanba_finger::{QualityReport, assess};
use tanba_formats::{Finger, Gray8};
use tanba_synth::{FingerSpec, ImpressionParams, ImpressionPreset, MasterFinger};

/// Fingers on which every fault is tried.
const FINGERS: u64 = 4;

struct Hand(Vec<MasterFinger>);

impl Hand {
    fn new() -> Self {
        Self((0..FINGERS).map(|f| MasterFinger::from_seed(f, FingerSpec::of(Finger::TEN[f as usize]))).collect())
    }

    /// What is said of a clean touch of each finger with one fault.
    fn with(&self, fault: impl Fn(&mut ImpressionParams)) -> Vec<QualityReport> {
        let images = self.images(fault);
        images.iter().map(assess).collect()
    }

    fn images(&self, fault: impl Fn(&mut ImpressionParams)) -> Vec<Gray8> {
        let touch = |(master, seed): (&MasterFinger, u64)| {
            let mut params = ImpressionParams::draw(ImpressionPreset::Clean, seed);
            fault(&mut params);
            master.impression(&params, seed).image
        };
        self.0.iter().zip(0..).map(touch).collect()
    }
}

fn codes(report: &QualityReport) -> Vec<&'static str> {
    report.advice.iter().map(|a| a.code).collect()
}

/// Every finger with the fault gets this advice, and first of all.
fn all_told(fault: &str, code: &str, reports: &[QualityReport]) {
    for (finger, report) in reports.iter().enumerate() {
        assert_eq!(codes(report).first(), Some(&code), "{fault}, finger {finger}: {:?} {report:?}", codes(report));
    }
}

#[test]
fn a_clean_touch_gets_no_advice() {
    for report in Hand::new().with(|_| {}) {
        assert!(report.advice.is_empty(), "{report:?}");
        assert!(report.quality >= 60, "{report:?}");
    }
}

#[test]
fn ordinary_touches_are_seldom_bothered() {
    let hand = Hand::new();
    let touch = |(master, seed): (&MasterFinger, u64)| {
        (0..5).map(|i| assess(&master.touch(ImpressionPreset::Easy, 10 * seed + i).image)).collect::<Vec<_>>()
    };
    let reports: Vec<QualityReport> = hand.0.iter().zip(0..).flat_map(touch).collect();
    let bothered: Vec<_> = reports.iter().map(codes).filter(|c| !c.is_empty()).collect();
    assert!(bothered.len() <= 2, "{} of {}: {bothered:?}", bothered.len(), reports.len());
}

#[test]
fn moisture_is_told() {
    let hand = Hand::new();
    all_told("very dry", "press-more", &hand.with(|p| (p.moisture, p.pressure) = (-1.0, -0.6)));
    all_told("very wet", "press-less", &hand.with(|p| (p.moisture, p.pressure) = (1.0, 0.6)));
}

#[test]
fn a_touch_beside_the_middle_is_sent_back_to_it() {
    let hand = Hand::new();
    all_told("too far left", "move-right", &hand.with(|p| p.shift = (-110.0, 0.0)));
    all_told("too far right", "move-left", &hand.with(|p| p.shift = (110.0, 0.0)));
    all_told("too high", "move-down", &hand.with(|p| p.shift = (0.0, -140.0)));
    all_told("too low", "move-up", &hand.with(|p| p.shift = (0.0, 140.0)));
}

#[test]
fn a_small_contact_asks_for_more_of_the_finger() {
    all_told("fingertip", "cover-more", &Hand::new().with(|p| p.contact = (68.0, 88.0)));
}

#[test]
fn a_faint_print_sends_someone_to_the_scanner() {
    all_told("faint", "check-scanner", &Hand::new().with(|p| p.contrast = 0.085));
}

#[test]
fn a_moved_finger_is_told_to_hold_still_and_to_be_wiped() {
    let hand = Hand::new();
    for (dx, dy) in [(16.0, 0.0), (0.0, 16.0), (16.0, 9.0)] {
        let smeared: Vec<QualityReport> =
            hand.images(|_| {}).iter().map(|image| assess(&smeared(image, dx, dy))).collect();
        all_told("moved", "hold-still", &smeared);
        assert!(smeared.iter().all(|r| codes(r).contains(&"wipe-finger")), "{smeared:?}");
    }
}

/// The mean of the image along a path, as a finger that moves while it is captured.
fn smeared(image: &Gray8, dx: f32, dy: f32) -> Gray8 {
    const STEPS: u32 = 12;
    let (w, h) = (image.width(), image.height());
    let held = |v: f32, n: usize| (v.round().max(0.0) as usize).min(n - 1);
    let pixels = (0..w * h).map(|k| {
        let along = |i: u32| i as f32 / (STEPS - 1) as f32 - 0.5;
        let at = |t: f32| held((k / w) as f32 + t * dy, h) * w + held((k % w) as f32 + t * dx, w);
        ((0..STEPS).map(|i| u32::from(image.pixels()[at(along(i))])).sum::<u32>() / STEPS) as u8
    });
    Gray8::new(w, h, image.ppi(), pixels.collect()).unwrap()
}
