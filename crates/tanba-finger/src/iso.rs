//! Templates as ISO/IEC 19794-2 or ANSI INCITS 378 records and back.
//!
//! All sides count directions counter-clockwise from the right and point endings along the ridge into its body, so only units
//! change: radians and 2 pi / 256 (ISO) or two degrees (ANSI), 500 ppi and pixels per centimetre, at most 255 minutiae,
//! quality 0 as "not reported".

use std::f32::consts::TAU;

use tanba_formats::Finger;
use tanba_formats::minutiae::{
    Capture, CaptureDevice, Edition, FingerMinutiaeRecord, FingerView, ImpressionType, MAX_COORDINATE, RecordMinutia,
    RecordMinutiaKind,
};

use crate::{Minutia, MinutiaKind, Recipe, Template};

/// 500 ppi in whole pixels per centimetre, as everyone writes it; read back as exactly 500 ppi.
const NOMINAL_PER_CM: u16 = 197;
/// 196 is 500 ppi rounded down.
const NOMINAL_ROUNDED_DOWN: u16 = 196;
const CM_PER_INCH: f32 = 2.54;
const NOMINAL_PPI: f32 = 500.0;
/// Lowest and highest resolution at which a record's coordinates mean anything, pixels per centimetre (250 and 4000 ppi).
const PER_CM: std::ops::RangeInclusive<u16> = 98..=1575;
/// The most minutiae of a view: its count is one byte.
const MOST_MINUTIAE: usize = 255;
/// Taken for a minutia or impression whose quality the record does not report, 0 to 100.
const QUALITY_NOT_REPORTED: u8 = 50;

/// Why a record gives no template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IsoError {
    /// No such view.
    #[error("the minutiae record has {views} views, and view {wanted} (counted from 0) was asked for")]
    NoSuchView {
        /// The view asked for.
        wanted: usize,
        /// Views in the record.
        views: usize,
    },
    /// The resolution is impossible.
    #[error(
        "the minutiae record states {per_cm} pixels per centimetre, which no finger scanner has: correct or export it again"
    )]
    Resolution {
        /// Stated pixels per centimetre.
        per_cm: u16,
    },
    /// The image would be larger than any finger at 500 ppi.
    #[error("the minutiae record is of an image larger than {} pixels on a side at 500 ppi: it is no finger", u16::MAX)]
    TooLarge,
}

/// A record of one view in the units of ISO/IEC 19794-2:2005: the best 255 minutiae at 500 ppi, live-scan plain.
pub fn to_record(template: &Template, position: Finger) -> FingerMinutiaeRecord {
    to_record_of(template, position, Edition::Iso2005)
}

/// As [`to_record`], in the units of any edition, so that angles are rounded once.
pub fn to_record_of(template: &Template, position: Finger, edition: Edition) -> FingerMinutiaeRecord {
    let turn = edition.units_per_turn();
    let minutiae = template
        .minutiae
        .iter()
        .take(MOST_MINUTIAE)
        .map(|m| RecordMinutia {
            kind: match m.kind {
                MinutiaKind::Ending => RecordMinutiaKind::Ending,
                MinutiaKind::Bifurcation => RecordMinutiaKind::Bifurcation,
                MinutiaKind::Other => RecordMinutiaKind::Other,
            },
            x: to_coordinate(m.x),
            y: to_coordinate(m.y),
            // A full turn is 0 again.
            angle: ((m.direction / TAU * f32::from(turn)).round() as i32).rem_euclid(i32::from(turn)) as u8,
            quality: m.quality.clamp(1, 100),
        })
        .collect();
    FingerMinutiaeRecord {
        edition,
        product: None,
        capture_device: CaptureDevice::default(),
        views: vec![FingerView {
            position,
            view_number: 0,
            impression: ImpressionType::LiveScanPlain,
            quality: Some(template.quality.min(100)),
            width: template.width,
            height: template.height,
            x_per_cm: NOMINAL_PER_CM,
            y_per_cm: NOMINAL_PER_CM,
            minutiae,
            extended: Vec::new(),
            capture: Capture::default(),
            ridge_ending_type: 0,
        }],
    }
}

/// The template of one view, counted from 0, brought to 500 ppi. A resolution of zero is taken as 500 ppi.
///
/// # Errors
/// [`IsoError`] when there is no such view or the resolution or size is impossible.
pub fn from_record(record: &FingerMinutiaeRecord, view: usize) -> Result<Template, IsoError> {
    let chosen = record.views.get(view).ok_or(IsoError::NoSuchView { wanted: view, views: record.views.len() })?;
    let (sx, sy) = (scale(chosen.x_per_cm)?, scale(chosen.y_per_cm)?);
    let unit = TAU / f32::from(record.edition.units_per_turn());
    let side = |pixels: u16, scale: f32| {
        let scaled = (f32::from(pixels) * scale).round();
        (scaled <= f32::from(u16::MAX)).then_some(scaled as u16).ok_or(IsoError::TooLarge)
    };
    let mut minutiae: Vec<Minutia> = chosen
        .minutiae
        .iter()
        .map(|m| Minutia {
            x: f32::from(m.x) * sx,
            y: f32::from(m.y) * sy,
            direction: f32::from(m.angle) * unit,
            kind: match m.kind {
                RecordMinutiaKind::Ending => MinutiaKind::Ending,
                RecordMinutiaKind::Bifurcation => MinutiaKind::Bifurcation,
                RecordMinutiaKind::Other => MinutiaKind::Other,
            },
            quality: if m.quality == 0 { QUALITY_NOT_REPORTED } else { m.quality.min(100) },
        })
        .collect();
    // A template lists its best minutiae first; the sort is stable, so equals keep the order of the record.
    minutiae.sort_by_key(|m| std::cmp::Reverse(m.quality));
    Ok(Template {
        recipe: Recipe::Unknown,
        width: side(chosen.width, sx)?,
        height: side(chosen.height, sy)?,
        quality: chosen.quality.unwrap_or(QUALITY_NOT_REPORTED).min(100),
        minutiae,
        ridges: None,
    })
}

fn to_coordinate(v: f32) -> u16 {
    v.round().clamp(0.0, f32::from(MAX_COORDINATE)) as u16
}

/// From the record's pixels to pixels at 500 ppi.
fn scale(per_cm: u16) -> Result<f32, IsoError> {
    match per_cm {
        0 | NOMINAL_ROUNDED_DOWN | NOMINAL_PER_CM => Ok(1.0),
        n if PER_CM.contains(&n) => Ok(NOMINAL_PPI / (f32::from(n) * CM_PER_INCH)),
        n => Err(IsoError::Resolution { per_cm: n }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(n: usize) -> Template {
        let minutia = |i: usize| Minutia {
            x: 10.25 + i as f32,
            y: 200.5 - i as f32 / 2.0,
            direction: (i as f32 * 0.37) % TAU,
            kind: [MinutiaKind::Ending, MinutiaKind::Bifurcation, MinutiaKind::Other][i % 3],
            quality: 100 - (i * 99 / n) as u8,
        };
        let minutiae = (0..n).map(minutia).collect();
        Template { recipe: Recipe::Unknown, width: 388, height: 374, quality: 71, minutiae, ridges: None }
    }

    #[test]
    fn a_template_survives_every_edition_within_its_rounding() {
        use tanba_formats::{ansi378, minutiae};
        let template = template(60);
        for edition in [Edition::Iso2005, Edition::Ansi2004, Edition::Ansi2009, Edition::Ansi2009Am1] {
            let record = to_record_of(&template, Finger::LeftThumb, edition);
            let bytes = match edition {
                Edition::Ansi2004 => ansi378::write_2004(&record),
                Edition::Ansi2009 => ansi378::write_2009(&record),
                Edition::Ansi2009Am1 => ansi378::write_2009_am1(&record),
                _ => tanba_formats::iso19794_2::write(&record),
            };
            let read = minutiae::read(&bytes.unwrap()).unwrap();
            assert_eq!((read.value.edition, read.diagnostics.len()), (edition, 0));
            let back = from_record(&read.value, 0).unwrap();
            assert_eq!((back.width, back.height, back.quality), (388, 374, 71));
            let half_a_unit = TAU / f32::from(edition.units_per_turn()) / 2.0;
            for (a, b) in template.minutiae.iter().zip(&back.minutiae) {
                assert!((a.x - b.x).abs() <= 0.5 && (a.y - b.y).abs() <= 0.5);
                let turn = (a.direction - b.direction).rem_euclid(TAU);
                assert!(turn.min(TAU - turn) <= half_a_unit + 1e-5, "{edition}: {} {}", a.direction, b.direction);
                assert_eq!((a.kind, a.quality), (b.kind, b.quality));
            }
        }
    }

    #[test]
    fn only_the_best_255_are_written() {
        let record = to_record(&template(400), Finger::Unknown);
        assert_eq!(record.views[0].minutiae.len(), 255);
        assert_eq!(record.views[0].minutiae[0].quality, 100);
        assert!(tanba_formats::iso19794_2::write(&record).is_ok());
    }

    #[test]
    fn a_direction_just_below_a_full_turn_is_zero_again() {
        let mut one = template(1);
        one.minutiae[0].direction = TAU - 1e-3;
        assert_eq!(to_record(&one, Finger::Unknown).views[0].minutiae[0].angle, 0);
    }

    #[test]
    fn other_resolutions_are_brought_to_500_and_impossible_ones_refused() {
        let mut record = to_record(&template(3), Finger::Unknown);
        (record.views[0].x_per_cm, record.views[0].y_per_cm) = (394, 394);
        let half = from_record(&record, 0).unwrap();
        assert!((half.minutiae[0].x - f32::from(record.views[0].minutiae[0].x) * 500.0 / 1000.76).abs() < 1e-2);
        record.views[0].x_per_cm = 39;
        assert_eq!(from_record(&record, 0), Err(IsoError::Resolution { per_cm: 39 }));
        assert_eq!(from_record(&record, 1), Err(IsoError::NoSuchView { wanted: 1, views: 1 }));
    }
}
