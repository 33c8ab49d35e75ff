//! The block of INCITS 378, read and written.

use super::{FeatureSet, KIND, Kept, MOST_MINUTIAE, MinutiaeSet, NO_NEIGHBOUR, PER_CM};
use super::{finger, impression, item, limited, malformed, positions, set_of};
use crate::Decoded;
use crate::ansi_nist::{Field, Record, WriteError};
use crate::minutiae::{
    Core, Delta, Edition, ExtendedBlock, FingerMinutiaeRecord, FingerView, MAX_COORDINATE, MAX_SINGULARITIES,
    RecordMinutia, RecordMinutiaKind,
};

const IDC: u16 = 2;
const IMPRESSION: u16 = 3;
const FORMAT: u16 = 4;
const CBEFF: u16 = 126;
const EQUIPMENT: u16 = 127;
const WIDTH: u16 = 128;
const HEIGHT: u16 = 129;
const UNIT: u16 = 130;
const ACROSS: u16 = 131;
const DOWN: u16 = 132;
const VIEW: u16 = 133;
const POSITION: u16 = 134;
const QUALITY: u16 = 135;
const NUMBER: u16 = 136;
const MINUTIAE: u16 = 137;
const RIDGE_COUNTS: u16 = 138;
const CORES: u16 = 139;
const DELTAS: u16 = 140;
/// Units of resolution: inch and centimetre.
const PER_INCH: u8 = 1;
const PER_CENTIMETRE: u8 = 2;
/// CBEFF: the owner INCITS, its format without and with extended data; a product that is not told.
const OWNER: &str = "27";
const PLAIN: &str = "513";
const EXTENDED: &str = "515";
const EDITION: Edition = Edition::Ansi2004;

pub(super) fn read(record: &Record<'_>) -> Option<Decoded<MinutiaeSet>> {
    record.field(MINUTIAE)?;
    let mut notes = Vec::new();
    let mut found = Vec::new();
    let mut kept = Kept { places: Vec::new() };
    for row in limited(record, MINUTIAE, &mut notes) {
        let minutia = minutia(&row);
        kept.places.push(minutia.and_then(|_| u8::try_from(found.len()).ok()));
        match minutia {
            Some(minutia) => found.push(minutia),
            None => malformed(&mut notes, record),
        }
    }
    let number = |n| record.field(n).and_then(Field::number::<u16>);
    let per_cm = |n| match record.field(UNIT).and_then(Field::number) {
        Some(PER_INCH) => number(n).map_or(PER_CM, |ppi| (f64::from(ppi) / super::CM_PER_INCH).round() as u16),
        _ => number(n).unwrap_or(PER_CM),
    };
    let positions = positions(record, POSITION);
    let view = FingerView {
        position: finger(&positions),
        view_number: record.field(VIEW).and_then(Field::number).unwrap_or(0).min(15),
        impression: impression(record),
        quality: record.rows(QUALITY).next().and_then(|r| item::<u8>(&r, 0)).filter(|q| *q <= 100),
        width: number(WIDTH).unwrap_or(0),
        height: number(HEIGHT).unwrap_or(0),
        x_per_cm: per_cm(ACROSS),
        y_per_cm: per_cm(DOWN),
        minutiae: found,
        extended: ridge_counts(record, &kept).into_iter().chain(singularities(record)).collect(),
        capture: crate::minutiae::Capture::default(),
        ridge_ending_type: 0,
    };
    Some(Decoded { value: set_of(FeatureSet::Incits, record, positions, EDITION, view), diagnostics: notes })
}

fn minutia(row: &[&str]) -> Option<RecordMinutia> {
    let place = |i| item::<u16>(row, i).filter(|v| *v <= MAX_COORDINATE);
    Some(RecordMinutia {
        x: place(1)?,
        y: place(2)?,
        angle: turn(row, 3)?,
        kind: match item::<u8>(row, 4) {
            Some(1) => RecordMinutiaKind::Ending,
            Some(2) => RecordMinutiaKind::Bifurcation,
            _ => RecordMinutiaKind::Other,
        },
        quality: item(row, 5).filter(|q: &u8| *q <= 100).unwrap_or(0),
    })
}

/// An angle in units of two degrees, below a turn.
fn turn(row: &[&str], i: usize) -> Option<u8> {
    // Below 180.
    Some((item::<u16>(row, i)? % EDITION.units_per_turn()) as u8)
}

/// The method in the first subfield, then minutia, neighbour and ridges.
fn ridge_counts(record: &Record<'_>, kept: &Kept) -> Option<ExtendedBlock> {
    let mut rows = record.rows(RIDGE_COUNTS);
    let method = item(&rows.next()?, 0)?;
    let counts = rows.filter_map(|r| {
        let neighbour = item(&r, 1).filter(|n| *n != NO_NEIGHBOUR)?;
        kept.count(item(&r, 0)?, neighbour, item(&r, 2)?)
    });
    Some(ExtendedBlock::RidgeCounts { method, counts: counts.collect() })
}

fn singularities(record: &Record<'_>) -> Option<ExtendedBlock> {
    let place = |r: &[&str]| Some((item::<u16>(r, 0)?.min(MAX_COORDINATE), item::<u16>(r, 1)?.min(MAX_COORDINATE)));
    let cores = record.rows(CORES).filter_map(|r| {
        let (x, y) = place(&r)?;
        Some(Core { x, y, angle: turn(&r, 2) })
    });
    let deltas = record.rows(DELTAS).filter_map(|r| {
        let (x, y) = place(&r)?;
        let angles = turn(&r, 2).zip(turn(&r, 3)).zip(turn(&r, 4)).map(|((a, b), c)| [a, b, c]);
        Some(Delta { x, y, angles })
    });
    let (cores, deltas): (Vec<_>, Vec<_>) =
        (cores.take(MAX_SINGULARITIES).collect(), deltas.take(MAX_SINGULARITIES).collect());
    (!cores.is_empty() || !deltas.is_empty()).then_some(ExtendedBlock::CoresAndDeltas { cores, deltas })
}

/// A Type-9 record with the minutiae of one view in the block of INCITS 378.
///
/// # Errors
/// [`WriteError::Field`] when the record has no view, or more minutiae than the block holds.
pub fn incits_record(idc: u8, impression: u8, minutiae: &FingerMinutiaeRecord) -> Result<Record<'static>, WriteError> {
    let refused = |number, why| WriteError::Field { kind: KIND, number, why };
    let [view] = &minutiae.views[..] else {
        return Err(refused(VIEW, "give a minutiae record of one view"));
    };
    if view.minutiae.len() > MOST_MINUTIAE {
        return Err(refused(MINUTIAE, "keep at most 255 minutiae"));
    }
    let angle = |a: u8| minutiae.edition.angle_in(EDITION, a).to_string();
    let number = |n: u16, value: &dyn ToString| Field::new(n, value.to_string().into_bytes());
    let items = |n, rows: Vec<Vec<String>>| Field::of_items(n, &rows);
    let extended = view.extended.iter().any(|b| !matches!(b, ExtendedBlock::Unstructured(_)));
    let format = if extended { EXTENDED } else { PLAIN };
    let product = minutiae.product.map_or("0".into(), |p| p.kind.to_string());
    let mut fields = vec![
        Field::new(IDC, format!("{idc:02}").into_bytes()),
        number(IMPRESSION, &impression),
        Field::new(FORMAT, &b"U"[..]),
        items(CBEFF, vec![vec![OWNER.into(), format.into(), product]]),
        items(EQUIPMENT, vec![vec!["NONE".into(), minutiae.capture_device.id.to_string()]]),
        number(WIDTH, &view.width),
        number(HEIGHT, &view.height),
        number(UNIT, &PER_CENTIMETRE),
        number(ACROSS, &view.x_per_cm),
        number(DOWN, &view.y_per_cm),
        number(VIEW, &view.view_number),
        number(POSITION, &view.position.code()),
        number(NUMBER, &view.minutiae.len()),
    ];
    if let Some(quality) = view.quality {
        fields.push(items(QUALITY, vec![vec![quality.to_string(), "0103".into(), "0".into()]]));
    }
    let rows = view.minutiae.iter().zip(1..).map(|(m, index)| {
        let kind = match m.kind {
            RecordMinutiaKind::Other => 0,
            RecordMinutiaKind::Ending => 1,
            RecordMinutiaKind::Bifurcation => 2,
        };
        vec![
            format!("{index:03}"),
            m.x.to_string(),
            m.y.to_string(),
            angle(m.angle),
            kind.to_string(),
            m.quality.to_string(),
        ]
    });
    fields.push(items(MINUTIAE, rows.collect()));
    for block in &view.extended {
        match block {
            ExtendedBlock::RidgeCounts { method, counts } => {
                let first = std::iter::once(vec![method.to_string(), "0".into(), "0".into()]);
                let counted = |n: u8| format!("{:03}", u16::from(n) + 1);
                let rows = counts.iter().map(|c| vec![counted(c.a), counted(c.b), c.count.to_string()]);
                fields.push(items(RIDGE_COUNTS, first.chain(rows).collect()));
            }
            ExtendedBlock::CoresAndDeltas { cores, deltas } => {
                let row = |x: u16, y: u16, angles: &[u8]| {
                    [x.to_string(), y.to_string()].into_iter().chain(angles.iter().map(|a| angle(*a))).collect()
                };
                if !cores.is_empty() {
                    fields.push(items(CORES, cores.iter().map(|c| row(c.x, c.y, c.angle.as_slice())).collect()));
                }
                if !deltas.is_empty() {
                    let angles = |d: &Delta| d.angles.map(Vec::from).unwrap_or_default();
                    fields.push(items(DELTAS, deltas.iter().map(|d| row(d.x, d.y, &angles(d))).collect()));
                }
            }
            ExtendedBlock::ZonalQuality(_) | ExtendedBlock::Other { .. } | ExtendedBlock::Unstructured(_) => {}
        }
    }
    Ok(Record::tagged(KIND, fields))
}
