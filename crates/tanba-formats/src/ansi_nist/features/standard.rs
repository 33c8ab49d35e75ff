//! The block of the standard, as AFIS of the FBI and others wrote it up to the edition of 2007.

use super::{FeatureSet, Frame, Kept, MinutiaeSet, NO_NEIGHBOUR};
use super::{angle, item, kind, limited, malformed, note, outside, pixel, positions, set_of};
use crate::ansi_nist::Record;
use crate::minutiae::{Core, Delta, Edition, ExtendedBlock, MAX_COORDINATE, MAX_SINGULARITIES, RecordMinutia};
use crate::{Decoded, Diagnostic};

const POSITIONS: u16 = 6;
const CORES: u16 = 8;
const DELTAS: u16 = 9;
const MINUTIAE: u16 = 12;
/// Of 9.012: index, place and direction, quality, type, then ridge counts.
const FIRST_RIDGE_COUNT: usize = 4;
const MOST_RIDGE_COUNTS: usize = 8;
/// Ridge counts are those of the nearest in eight octants.
const OCTANTS: u8 = 2;
/// Digits of the direction behind those of the place.
const ANGLE_DIGITS: usize = 3;
/// The best and the worst quality; below the best there is none.
const BEST: u8 = 2;
const WORST: u8 = 63;
const EDITION: Edition = Edition::Iso2011;

pub(super) fn read(record: &Record<'_>, frame: Frame) -> Option<Decoded<MinutiaeSet>> {
    record.field(MINUTIAE)?;
    let mut notes = Vec::new();
    let rows = limited(record, MINUTIAE, &mut notes);
    let parsed: Vec<_> = rows.iter().map(|r| r.get(1).and_then(|t| place_and_angle(t))).collect();
    if !frame.known {
        let message = "there is no image to these minutiae: they are placed against the highest of them";
        note(&mut notes, record, "image-missing", message.into());
    }
    // From the bottom: without an image, the highest minutia lies at the top.
    let bottom = if frame.known {
        f64::from(frame.height)
    } else {
        let highest = parsed.iter().flatten().map(|m| m.1).fold(0.0, f64::max);
        frame.pixels(0.0, highest).1
    };
    let image = |x: f64, y: f64| {
        let (x, up) = frame.pixels(x, y);
        pixel((x, bottom - up), frame)
    };

    let mut found = Vec::new();
    let mut kept = Kept { places: Vec::new() };
    for (row, parsed) in rows.iter().zip(&parsed) {
        kept.places.push(None);
        let Some((x, y, degrees)) = *parsed else {
            malformed(&mut notes, record);
            continue;
        };
        let Some((x, y)) = image(x, y) else {
            outside(&mut notes, record);
            continue;
        };
        if let Some(place) = kept.places.last_mut() {
            *place = u8::try_from(found.len()).ok();
        }
        found.push(RecordMinutia {
            kind: kind(row.get(3).copied().unwrap_or_default()),
            x,
            y,
            // Here the direction points away from the ridge.
            angle: angle(degrees + 180.0, EDITION),
            quality: quality(item(row, 2)),
        });
    }
    let positions = positions(record, POSITIONS);
    let mut view = frame.view(record, &positions);
    view.minutiae = found;
    if !frame.known {
        view.width = view.minutiae.iter().map(|m| m.x).max().map_or(0, |x| x.min(MAX_COORDINATE) + 1);
        view.height = view.minutiae.iter().map(|m| m.y).max().map_or(0, |y| y.min(MAX_COORDINATE) + 1);
    }
    view.extended.extend(ridge_counts(&rows, &kept));
    view.extended.extend(singularities(record, &image, &mut notes));
    Some(Decoded { value: set_of(FeatureSet::Standard, record, positions, EDITION, view), diagnostics: notes })
}

/// Position and angle in one run of digits: four to the right (five for a palm), as many up, three of degrees.
fn place_and_angle(text: &str) -> Option<(f64, f64, f64)> {
    let (place, degrees) = text.split_at_checked(text.len().checked_sub(ANGLE_DIGITS)?)?;
    let (x, y) = point(place)?;
    Some((x, y, f64::from(degrees.parse::<u16>().ok()?)))
}

/// A position in one run of digits: four to the right and four up, in 0.01 mm.
fn point(text: &str) -> Option<(f64, f64)> {
    let digits = !text.is_empty() && text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_digit());
    let (x, y) = text.split_at_checked(text.len() / 2).filter(|_| digits)?;
    Some((f64::from(x.parse::<u32>().ok()?), f64::from(y.parse::<u32>().ok()?)))
}

/// 2 (best) to 63 as 100 to 1; 0 says that the minutia was placed by hand, 1 that there is none.
fn quality(stated: Option<u8>) -> u8 {
    match stated {
        Some(q @ BEST..=WORST) => 100 - (u16::from(q - BEST) * 99 / u16::from(WORST - BEST)) as u8,
        _ => 0,
    }
}

/// "neighbour,ridges" of each minutia.
fn ridge_counts(rows: &[Vec<&str>], kept: &Kept) -> Option<ExtendedBlock> {
    let of_row = |(row, at): (&Vec<&str>, u32)| {
        let counts = row.iter().skip(FIRST_RIDGE_COUNT).take(MOST_RIDGE_COUNTS);
        let counts = counts.filter_map(|c| c.split_once(',')).filter_map(move |(neighbour, ridges)| {
            let (neighbour, ridges) = (neighbour.trim().parse().ok()?, ridges.trim().parse().ok()?);
            (neighbour != NO_NEIGHBOUR).then(|| kept.count(at, neighbour, ridges)).flatten()
        });
        counts.collect::<Vec<_>>()
    };
    let counts: Vec<_> = rows.iter().zip(1..).flat_map(of_row).collect();
    (!counts.is_empty()).then_some(ExtendedBlock::RidgeCounts { method: OCTANTS, counts })
}

fn singularities(
    record: &Record<'_>,
    image: &dyn Fn(f64, f64) -> Option<(u16, u16)>,
    notes: &mut Vec<Diagnostic>,
) -> Option<ExtendedBlock> {
    let mut points = |number| {
        let found = record.rows(number).filter_map(|r| point(r.first()?)).filter_map(|(x, y)| {
            let place = image(x, y);
            if place.is_none() {
                outside(notes, record);
            }
            place
        });
        found.take(MAX_SINGULARITIES).collect::<Vec<_>>()
    };
    let cores: Vec<_> = points(CORES).into_iter().map(|(x, y)| Core { x, y, angle: None }).collect();
    let deltas: Vec<_> = points(DELTAS).into_iter().map(|(x, y)| Delta { x, y, angles: None }).collect();
    (!cores.is_empty() || !deltas.is_empty()).then_some(ExtendedBlock::CoresAndDeltas { cores, deltas })
}
