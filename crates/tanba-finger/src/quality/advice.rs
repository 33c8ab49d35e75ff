//! What to tell the person at the scanner.

use super::Measures;
use super::measures::PIXELS_PER_MM2;
use crate::params::ExtractParams;
use serde::Serialize;

/// One piece of advice: a code that programs and translations hang on, and an English sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// Stable code, such as `press-less`.
    pub code: &'static str,
    /// One sentence for the person.
    pub message: &'static str,
}

const fn say(code: &'static str, message: &'static str) -> Advice {
    Advice { code, message }
}

pub(super) const WRONG_SIZE: Advice =
    say("check-image", "The image is too small or too large for a finger: check the file and its resolution.");
pub(super) const INVERTED: Advice =
    say("invert-image", "The image is inverted, light ridges on dark ground: check the scanner's settings.");
pub(super) const NO_FINGER: Advice =
    say("place-finger", "No fingerprint was seen: place the finger flat on the glass.");
const MORE_FINGER: Advice = say("cover-more", "Only part of the finger was seen: lay the whole fingertip flat.");
const LEFT: Advice = say("move-left", "Move the finger to the left.");
const RIGHT: Advice = say("move-right", "Move the finger to the right.");
const UP: Advice = say("move-up", "Move the finger up.");
const DOWN: Advice = say("move-down", "Move the finger down.");
const PRESS_LESS: Advice = say("press-less", "Press less, or dry the finger: the ridges run together.");
const PRESS_MORE: Advice = say("press-more", "Press a little more, or moisten the finger: the ridges are broken.");
const WIPE: Advice = say("wipe-finger", "Wipe the finger and the glass: the ridges are smeared or covered.");
const HOLD_STILL: Advice = say("hold-still", "Hold the finger still and straight down.");
const LOW_CONTRAST: Advice =
    say("check-scanner", "The image is very faint: clean the glass and check the scanner's settings.");
const OTHER_FINGER: Advice = say("try-another-finger", "The finger's skin is hard to read: try another finger.");

/// Limits below or above which something is said; read off synthetic touches with one fault each (`tanba-synth`, tests/it/advice.rs)
/// such that the fault is told and a clean touch is not.
mod limits {
    /// Readable area of a good single-finger capture, mm2.
    pub(super) const AREA: f32 = 90.0;
    /// Share of the print that must be readable.
    pub(super) const READABLE_SHARE: f32 = 0.5;
    /// Print off the middle by this share of half the image.
    pub(super) const OFF_CENTRE: f32 = 0.3;
    /// A print that runs out of the image on one side over this length is off the middle however large it is, mm.
    pub(super) const CUT: f32 = 8.0;
    /// Dark pixels exceed light ones by this share: wet or pressed hard.
    pub(super) const WET: f32 = 0.14;
    /// Light pixels exceed dark ones by this share, as a negative number: dry or pressed lightly (an ordinary print has
    /// somewhat more light than dark: -0.1 to -0.2).
    pub(super) const DRY: f32 = -0.3;
    /// Certainty from which thin ridges are whole and no sign of dryness.
    pub(super) const WHOLE: f32 = 0.78;
    /// Gray levels between ridges and valleys.
    pub(super) const CONTRAST: f32 = 15.0;
    /// Certainty below which the pattern is hard to read.
    pub(super) const CERTAINTY: f32 = 0.5;
    /// Evenness below which part of the print is smeared.
    pub(super) const UNIFORMITY: f32 = 0.45;
    /// Share of one wave below which an uneven print was moved: motion wipes out the ridges across it and leaves those along it.
    pub(super) const ONE_WAVE: f32 = 0.7;
}

/// Whether there is a fingerprint to speak of at all, by the same rules as the extraction.
pub(super) fn finger_seen(m: &Measures, params: &ExtractParams) -> bool {
    m.readable_area * PIXELS_PER_MM2 >= params.area_min as f32
        && m.ridge_like(params)
        && m.minutiae >= params.minutiae_min as f32
}

/// Most useful first.
pub(super) fn advise(m: &Measures) -> Vec<Advice> {
    use limits::{AREA, CERTAINTY, CONTRAST, CUT, DRY, OFF_CENTRE, ONE_WAVE, READABLE_SHARE, UNIFORMITY, WET, WHOLE};
    let mut out = Vec::new();
    let mut when = |condition: bool, advice: Advice| {
        if condition {
            out.push(advice);
        }
    };
    let (wet, dry) = (m.darkness > WET, m.darkness < DRY && m.certainty < WHOLE);
    let uneven = m.uniformity < UNIFORMITY;
    let moved = uneven && m.frequency_peak < ONE_WAVE;
    let small = m.readable_area < AREA;
    when(m.contrast < CONTRAST, LOW_CONTRAST);
    when(moved, HOLD_STILL);
    when(wet, PRESS_LESS);
    when(dry, PRESS_MORE);
    // The print lies where the finger lies: too far left asks for a move to the right.
    let [left, right, top, bottom] = m.cut;
    let off = |centre: f32, cut: f32, opposite: f32| centre > OFF_CENTRE && (small || (cut > CUT && opposite < CUT));
    let moves = [
        (off(-m.centre_x, left, right), RIGHT),
        (off(m.centre_x, right, left), LEFT),
        (off(-m.centre_y, top, bottom), DOWN),
        (off(m.centre_y, bottom, top), UP),
    ];
    for (condition, advice) in moves {
        when(condition, advice);
    }
    let placed = moves.iter().all(|(condition, _)| !condition);
    when(small && placed && m.print_area < 1.5 * AREA, MORE_FINGER);
    when(uneven || (small && m.readable_area < READABLE_SHARE * m.print_area), WIPE);
    when(!moved && !wet && !dry && m.certainty < CERTAINTY, HOLD_STILL);
    when(m.certainty < 0.7 * CERTAINTY, OTHER_FINGER);
    out
}
