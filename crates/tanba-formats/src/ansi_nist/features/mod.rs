//! Minutiae of Type-9 records: what each block of fields says, as the finger minutiae records that everything else uses.
//!
//! | | standard, 9.005 to 9.012 | INCITS 378 ("M1"), 9.126 to 9.150 | EFS, 9.300 to 9.399 |
//! |---|---|---|---|
//! | place | 0.01 mm from the bottom left of the image | pixels from the top left | 0.01 mm from the top left of the region of interest |
//! | direction of an ending | degrees, away from the ridge | units of 2 degrees, along the ridge | degrees, along the ridge |
//! | quality | 2 (best) to 63, 0 and 1 for none | 1 to 100 (best) | none |
//!
//! All angles grow counter-clockwise from the right. A record may have several blocks, each a set of its own. Vendors' blocks
//! stay fields: what is in them is theirs to say.

mod efs;
mod incits;
mod standard;

use super::{Field, FrictionRidge, Position, Record, Transaction};
use crate::minutiae::{
    CaptureDevice, Edition, FingerMinutiaeRecord, FingerView, ImpressionType, MAX_COORDINATE, RecordMinutiaKind,
};
use crate::{Decoded, Diagnostic, Finger};

pub use efs::{EfsCore, EfsDelta, EfsMinutia, ExtendedFeatures, Pattern, Region};
pub use incits::incits_record;

/// The type of the record.
pub(super) const KIND: u8 = 9;
const IMPRESSION: u16 = 3;
/// The most minutiae of a view.
const MOST_MINUTIAE: usize = 255;
/// Pixels per centimetre of 500 per inch, which is taken where nothing else is known.
const PER_CM: u16 = 197;
const CM_PER_INCH: f64 = 2.54;
/// Units of 0.01 mm in a centimetre.
const UNITS_PER_CM: f64 = 1000.0;
/// In ridge counts: no neighbour.
const NO_NEIGHBOUR: u32 = 255;

/// Which block of fields minutiae stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeatureSet {
    /// Fields 9.005 to 9.012, in use up to the edition of 2007.
    Standard,
    /// Fields 9.126 to 9.150, those of INCITS 378.
    Incits,
    /// Fields 9.300 to 9.399, the extended feature set.
    Extended,
}

/// The minutiae of one block.
#[derive(Debug, Clone, PartialEq)]
pub struct MinutiaeSet {
    /// Which block.
    pub set: FeatureSet,
    /// Information designation character: that of the image, where there is one.
    pub idc: Option<u8>,
    /// Which finger or palm it may be of.
    pub positions: Vec<Position>,
    /// The minutiae, as one view.
    pub record: FingerMinutiaeRecord,
}

/// The image that a set is of, as far as it is known.
#[derive(Debug, Clone, Copy)]
struct Frame {
    width: u16,
    height: u16,
    x_per_cm: u16,
    y_per_cm: u16,
    /// Whether there is an image.
    known: bool,
}

impl Transaction<'_> {
    /// Every set of minutiae in the Type-9 records, in the order of the file.
    ///
    /// Diagnostic codes: `image-missing`, `minutia-malformed`, `minutia-outside`, `minutiae-left-out`.
    pub fn minutiae(&self) -> Vec<Decoded<MinutiaeSet>> {
        let mut sets = Vec::new();
        for record in self.records.iter().filter(|r| r.kind == KIND) {
            // Several images may share an IDC: a latent print leads.
            let prints = self.friction_ridges().filter(|p| p.idc.is_some() && p.idc == record.idc());
            let image = prints.min_by_key(|p| (p.kind < 13, p.kind));
            let frame = Frame::of(image.as_ref());
            sets.extend(standard::read(record, frame));
            sets.extend(incits::read(record));
            sets.extend(efs::read(record, frame));
        }
        sets
    }
}

impl Frame {
    fn of(image: Option<&FrictionRidge<'_>>) -> Self {
        let size = |n: u32| u16::try_from(n).unwrap_or(u16::MAX).min(MAX_COORDINATE + 1);
        // As a whole number, as the formats of minutiae have it; 500 ppi are 197.
        let per_cm = |ppi: f64| (ppi / CM_PER_INCH).round().clamp(1.0, f64::from(u16::MAX)) as u16;
        let ppi = image.and_then(|i| i.ppi);
        Self {
            width: image.map_or(0, |i| size(i.width)),
            height: image.map_or(0, |i| size(i.height)),
            x_per_cm: ppi.map_or(PER_CM, |p| per_cm(p.0)),
            y_per_cm: ppi.map_or(PER_CM, |p| per_cm(p.1)),
            known: image.is_some(),
        }
    }

    /// Units of 0.01 mm as pixels, across and down.
    fn pixels(&self, x: f64, y: f64) -> (f64, f64) {
        // 197 pixels per centimetre stand for 500 per inch: the small difference would move what is far from the origin.
        let per_cm = |n: u16| if n == PER_CM { 500.0 / CM_PER_INCH } else { f64::from(n) };
        (x * per_cm(self.x_per_cm) / UNITS_PER_CM, y * per_cm(self.y_per_cm) / UNITS_PER_CM)
    }

    fn view(&self, record: &Record<'_>, positions: &[Position]) -> FingerView {
        FingerView {
            position: finger(positions),
            view_number: 0,
            impression: impression(record),
            quality: None,
            width: self.width,
            height: self.height,
            x_per_cm: self.x_per_cm,
            y_per_cm: self.y_per_cm,
            minutiae: Vec::new(),
            extended: Vec::new(),
            capture: crate::minutiae::Capture::default(),
            ridge_ending_type: 0,
        }
    }
}

/// Whether a place is in the picture, as the pixel that it is; where no picture is known, whether a record can hold it.
fn pixel(at: (f64, f64), frame: Frame) -> Option<(u16, u16)> {
    let axis = |v: f64, size: u16| {
        let most = if frame.known { f64::from(size.saturating_sub(1)) } else { f64::from(MAX_COORDINATE) };
        // What is half a pixel outside was inside before it was rounded to 0.01 mm.
        let rounded = v.round();
        (-1.0..=most + 1.0).contains(&rounded).then(|| rounded.clamp(0.0, most) as u16)
    };
    Some((axis(at.0, frame.width)?, axis(at.1, frame.height)?))
}

fn finger(positions: &[Position]) -> Finger {
    match positions {
        [position] => position.finger().unwrap_or(Finger::Unknown),
        _ => Finger::Unknown,
    }
}

fn impression(record: &Record<'_>) -> ImpressionType {
    ImpressionType::from_code(record.field(IMPRESSION).and_then(Field::number).unwrap_or(UNKNOWN_IMPRESSION))
}

/// Impression type 29: unknown.
const UNKNOWN_IMPRESSION: u8 = 29;

/// Degrees in the units of an edition.
fn angle(degrees: f64, edition: Edition) -> u8 {
    let units = f64::from(edition.units_per_turn());
    // Below a turn, which is at most 256 units.
    ((degrees.rem_euclid(360.0) * units / 360.0).round() as u16 % edition.units_per_turn()) as u8
}

fn note(notes: &mut Vec<Diagnostic>, record: &Record<'_>, code: &'static str, message: String) {
    if !notes.iter().any(|n| n.code == code) {
        notes.push(Diagnostic { code, message, offset: Some(record.offset) });
    }
}

fn set_of(
    set: FeatureSet,
    record: &Record<'_>,
    positions: Vec<Position>,
    edition: Edition,
    view: FingerView,
) -> MinutiaeSet {
    let capture_device = CaptureDevice::default();
    let minutiae = FingerMinutiaeRecord { edition, product: None, capture_device, views: vec![view] };
    MinutiaeSet { set, idc: record.idc(), positions, record: minutiae }
}

fn item<T: std::str::FromStr>(items: &[&str], i: usize) -> Option<T> {
    items.get(i)?.parse().ok()
}

/// The positions of a field of codes.
fn positions(record: &Record<'_>, number: u16) -> Vec<Position> {
    record.rows(number).filter_map(|r| item(&r, 0).map(Position)).collect()
}

/// Rows of minutiae as far as a view holds them.
fn limited<'r>(record: &'r Record<'_>, number: u16, notes: &mut Vec<Diagnostic>) -> Vec<Vec<&'r str>> {
    let mut found: Vec<_> = record.rows(number).take(MOST_MINUTIAE + 1).collect();
    if found.len() > MOST_MINUTIAE {
        let message = format!("there are more minutiae than a view holds: the first {MOST_MINUTIAE} are kept");
        note(notes, record, "minutiae-left-out", message);
        found.truncate(MOST_MINUTIAE);
    }
    found
}

fn malformed(notes: &mut Vec<Diagnostic>, record: &Record<'_>) {
    note(notes, record, "minutia-malformed", "a minutia is not written as its field asks and was left out".into());
}

fn outside(notes: &mut Vec<Diagnostic>, record: &Record<'_>) {
    note(notes, record, "minutia-outside", "a minutia lies outside of the image and was left out".into());
}

/// Type letters of the standard block and of EFS.
fn kind(letter: &str) -> RecordMinutiaKind {
    match letter {
        // Ending: A in the standard block, E in EFS.
        "A" | "E" => RecordMinutiaKind::Ending,
        "B" => RecordMinutiaKind::Bifurcation,
        _ => RecordMinutiaKind::Other,
    }
}

/// Ridge counts between minutiae by their place in the field, once it is known which of them were kept.
struct Kept {
    /// For each subfield, where its minutia stands in the view.
    places: Vec<Option<u8>>,
}

impl Kept {
    /// A count between minutiae that are counted from 1.
    fn count(&self, a: u32, b: u32, ridges: u32) -> Option<crate::minutiae::RidgeCount> {
        let place = |n: u32| self.places.get(usize::try_from(n).ok()?.checked_sub(1)?).copied().flatten();
        Some(crate::minutiae::RidgeCount { a: place(a)?, b: place(b)?, count: u8::try_from(ridges).ok()? })
    }
}

#[cfg(test)]
mod tests;
