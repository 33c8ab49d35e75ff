//! Singular points and ridge counts as the extended data of ISO/IEC 19794-2 and ANSI INCITS 378 records.

use std::f32::consts::TAU;

use tanba_formats::minutiae::{self, Edition, ExtendedBlock, FingerMinutiaeRecord, MAX_COORDINATE};

use super::{NeighbourCount, Neighbours, Pattern};

/// Puts cores and deltas, with their angles, to the extended data of a record's first view, in place of any that were there. Both in
/// pixels at 500 ppi, as [`crate::iso::to_record`] makes it. Without a point or a view nothing is added.
pub fn add_pattern(record: &mut FingerMinutiaeRecord, pattern: &Pattern) {
    let edition = record.edition;
    let Some(view) = record.views.first_mut() else { return };
    view.extended.retain(|block| !matches!(block, ExtendedBlock::CoresAndDeltas { .. }));
    if pattern.cores.is_empty() && pattern.deltas.is_empty() {
        return;
    }
    let cores = pattern.cores.iter().map(|c| minutiae::Core {
        x: coordinate(c.x, view.width),
        y: coordinate(c.y, view.height),
        angle: Some(units(c.direction, edition)),
    });
    let deltas = pattern.deltas.iter().map(|d| minutiae::Delta {
        x: coordinate(d.x, view.width),
        y: coordinate(d.y, view.height),
        angles: Some(d.directions.map(|a| units(a, edition))),
    });
    let block = ExtendedBlock::CoresAndDeltas { cores: cores.collect(), deltas: deltas.collect() };
    view.extended.push(block);
}

/// Puts ridge counts to the extended data of a record's first view, in place of any that were there; the indices are those of the
/// template that the record was made of. Pairs of minutiae that the record left out are left out here too, and counts above
/// 255 are 255.
pub fn add_ridge_counts(record: &mut FingerMinutiaeRecord, counts: &[NeighbourCount], neighbours: Neighbours) {
    let Some(view) = record.views.first_mut() else { return };
    view.extended.retain(|block| !matches!(block, ExtendedBlock::RidgeCounts { .. }));
    let index = |i: u16| u8::try_from(i).ok().filter(|&i| usize::from(i) < view.minutiae.len());
    let counts: Vec<_> = counts
        .iter()
        .filter_map(|c| {
            let count = c.count.min(u16::from(u8::MAX)) as u8;
            Some(minutiae::RidgeCount { a: index(c.a)?, b: index(c.b)?, count })
        })
        .collect();
    if !counts.is_empty() {
        view.extended.push(ExtendedBlock::RidgeCounts { method: neighbours.code(), counts });
    }
}

/// In the image, so that a reader does not throw it away.
fn coordinate(v: f32, side: u16) -> u16 {
    v.round().clamp(0.0, f32::from(side.saturating_sub(1).min(MAX_COORDINATE))) as u16
}

fn units(angle: f32, edition: Edition) -> u8 {
    let turn = edition.units_per_turn();
    // A full turn is 0 again; the rest of 256 at most fits.
    ((angle / TAU * f32::from(turn)).round() as i32).rem_euclid(i32::from(turn)) as u8
}
