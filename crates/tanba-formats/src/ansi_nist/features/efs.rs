//! The extended feature set: what an examiner marks in a latent print.

use super::{
    FeatureSet, Frame, Kept, MinutiaeSet, angle, item, kind, limited, malformed, note, outside, pixel, set_of,
};
use crate::Decoded;
use crate::ansi_nist::{Field, Position, Record};
use crate::minutiae::{
    Core, Delta, Edition, ExtendedBlock, MAX_COORDINATE, MAX_SINGULARITIES, RecordMinutia, RecordMinutiaKind,
};

const REGION: u16 = 300;
const ORIENTATION: u16 = 301;
const POSITIONS: u16 = 302;
const PROFILE: u16 = 303;
const PATTERNS: u16 = 307;
const CORES: u16 = 320;
const DELTAS: u16 = 321;
const MINUTIAE: u16 = 331;
const RIDGE_METHOD: u16 = 332;
const RIDGE_COUNTS: u16 = 333;
const COMMENT: u16 = 351;
const VALUE: u16 = 353;
/// Vertices of a path that are read.
const MOST_VERTICES: usize = 200;
const EDITION: Edition = Edition::Iso2011;

/// Features of a friction ridge impression as fields 9.300 to 9.399 have them: places in 0.01 mm from the top left of the region of
/// interest, angles in degrees counter-clockwise from the right. Fields that are not here are read as any others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExtendedFeatures {
    /// The part of the image that was looked at (9.300).
    pub region: Option<Region>,
    /// How far the finger's tip is turned from upright, and how certain that is (9.301).
    pub orientation: Option<(i16, Option<u16>)>,
    /// Which finger, palm or sole it may be of (9.302).
    pub positions: Vec<Position>,
    /// The profiles that were followed (9.303).
    pub profiles: Vec<u8>,
    /// The patterns it may be of (9.307).
    pub patterns: Vec<Pattern>,
    /// Cores (9.320).
    pub cores: Vec<EfsCore>,
    /// Deltas (9.321).
    pub deltas: Vec<EfsDelta>,
    /// Minutiae (9.331).
    pub minutiae: Vec<EfsMinutia>,
    /// How neighbours were chosen for ridge counts (9.332).
    pub ridge_count_method: Option<String>,
    /// Ridge counts between minutiae, which are counted from 1: minutia, neighbour, ridges (9.333).
    pub ridge_counts: Vec<(u32, u32, u32)>,
    /// Comments (9.351).
    pub comment: Option<String>,
    /// The examiner's assessment of value (9.353), as its code.
    pub value: Option<String>,
}

/// The region of interest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Region {
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// How far its left edge is from that of the image.
    pub left: u32,
    /// How far its upper edge is from that of the image.
    pub top: u32,
    /// Its outline, empty where it is the whole rectangle.
    pub outline: Vec<(u32, u32)>,
}

/// A pattern class as codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// General class: AU, WU, RS, LS.
    pub class: String,
    /// Subclass, such as PA or PW.
    pub subclass: Option<String>,
    /// Relation of a whorl to its deltas: I, O or M.
    pub whorl: Option<String>,
}

/// A core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EfsCore {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Direction.
    pub direction: Option<u16>,
    /// Radius of what it may be in.
    pub uncertainty: Option<u32>,
}

/// A delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EfsDelta {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Directions up, left and right.
    pub directions: [Option<u16>; 3],
}

/// A minutia.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EfsMinutia {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Direction, along the ridge of an ending and between those of a bifurcation.
    pub direction: u16,
    /// Its type.
    pub kind: RecordMinutiaKind,
    /// Radius of what it may be in.
    pub uncertainty: Option<u32>,
    /// By how many degrees the direction may be off.
    pub direction_uncertainty: Option<u16>,
}

impl ExtendedFeatures {
    /// The features of a Type-9 record, if it has any of this block that are read here.
    pub fn of(record: &Record<'_>) -> Option<Self> {
        let text = |n| record.field(n).and_then(Field::text).map(str::to_owned);
        let some = |r: &[&str], i: usize| r.get(i).filter(|t| !t.is_empty()).map(|t| (*t).to_owned());
        let found = Self {
            region: record.rows(REGION).next().map(|r| Region {
                width: item(&r, 0).unwrap_or(0),
                height: item(&r, 1).unwrap_or(0),
                left: item(&r, 2).unwrap_or(0),
                top: item(&r, 3).unwrap_or(0),
                outline: r.get(4).map(|p| path(p)).unwrap_or_default(),
            }),
            orientation: record.rows(ORIENTATION).next().and_then(|r| Some((item(&r, 0)?, item(&r, 1)))),
            positions: super::positions(record, POSITIONS),
            profiles: record.rows(PROFILE).filter_map(|r| item(&r, 0)).collect(),
            patterns: record
                .rows(PATTERNS)
                .filter_map(|r| Some(Pattern { class: some(&r, 0)?, subclass: some(&r, 1), whorl: some(&r, 2) }))
                .collect(),
            cores: record.rows(CORES).filter_map(|r| core(&r)).collect(),
            deltas: record.rows(DELTAS).filter_map(|r| delta(&r)).collect(),
            minutiae: record.rows(MINUTIAE).filter_map(|r| minutia(&r)).collect(),
            ridge_count_method: text(RIDGE_METHOD),
            ridge_counts: record
                .rows(RIDGE_COUNTS)
                .filter_map(|r| Some((item(&r, 0)?, item(&r, 1)?, item(&r, 2)?)))
                .collect(),
            comment: text(COMMENT),
            value: record.rows(VALUE).next().and_then(|r| some(&r, 0)),
        };
        (found != Self::default()).then_some(found)
    }
}

pub(super) fn read(record: &Record<'_>, frame: Frame) -> Option<Decoded<MinutiaeSet>> {
    record.field(MINUTIAE)?;
    let features = ExtendedFeatures::of(record)?;
    let mut notes = Vec::new();
    let region = features.region.clone().unwrap_or_default();
    let image = |x: u32, y: u32| {
        let offset = |v: u32, by: u32| f64::from(v) + f64::from(by);
        pixel(frame.pixels(offset(x, region.left), offset(y, region.top)), frame)
    };
    if !frame.known {
        note(&mut notes, record, "image-missing", "there is no image to these minutiae: 500 ppi are assumed".into());
    }
    let mut view = frame.view(record, &features.positions);
    if !frame.known {
        let (width, height) = frame
            .pixels(f64::from(region.left) + f64::from(region.width), f64::from(region.top) + f64::from(region.height));
        let size = |v: f64| v.ceil().clamp(0.0, f64::from(MAX_COORDINATE) + 1.0) as u16;
        (view.width, view.height) = (size(width), size(height));
    }
    let mut kept = Kept { places: Vec::new() };
    for row in limited(record, MINUTIAE, &mut notes) {
        let parsed = minutia(&row);
        let place = parsed.and_then(|m| image(m.x, m.y));
        kept.places.push(place.and_then(|_| u8::try_from(view.minutiae.len()).ok()));
        match (parsed, place) {
            (Some(m), Some((x, y))) => view.minutiae.push(RecordMinutia {
                kind: m.kind,
                x,
                y,
                angle: angle(f64::from(m.direction), EDITION),
                quality: 0,
            }),
            (Some(_), None) => outside(&mut notes, record),
            (None, _) => malformed(&mut notes, record),
        }
    }
    let method = match features.ridge_count_method.as_deref() {
        Some("QUADRANT") => 1,
        Some("OCTANT" | "EFTS7" | "EFTS8") => 2,
        _ => 0,
    };
    let counts: Vec<_> = features.ridge_counts.iter().filter_map(|(a, b, n)| kept.count(*a, *b, *n)).collect();
    if !counts.is_empty() {
        view.extended.push(ExtendedBlock::RidgeCounts { method, counts });
    }
    let turn = |degrees: u16| angle(f64::from(degrees), EDITION);
    let cores: Vec<_> = features
        .cores
        .iter()
        .filter_map(|c| image(c.x, c.y).map(|(x, y)| Core { x, y, angle: c.direction.map(turn) }))
        .take(MAX_SINGULARITIES)
        .collect();
    let deltas: Vec<_> = features
        .deltas
        .iter()
        .filter_map(|d| {
            let angles = match d.directions {
                [Some(a), Some(b), Some(c)] => Some([a, b, c].map(turn)),
                _ => None,
            };
            image(d.x, d.y).map(|(x, y)| Delta { x, y, angles })
        })
        .take(MAX_SINGULARITIES)
        .collect();
    if !cores.is_empty() || !deltas.is_empty() {
        view.extended.push(ExtendedBlock::CoresAndDeltas { cores, deltas });
    }
    let positions = features.positions;
    Some(Decoded { value: set_of(FeatureSet::Extended, record, positions, EDITION, view), diagnostics: notes })
}

/// "x,y-x,y-...": the vertices of a path, up to the first that is none.
fn path(text: &str) -> Vec<(u32, u32)> {
    let vertex = |v: &str| {
        let (x, y) = v.split_once(',')?;
        Some((x.trim().parse().ok()?, y.trim().parse().ok()?))
    };
    text.split('-').map_while(vertex).take(MOST_VERTICES).collect()
}

fn core(r: &[&str]) -> Option<EfsCore> {
    Some(EfsCore { x: item(r, 0)?, y: item(r, 1)?, direction: item(r, 2), uncertainty: item(r, 3) })
}

fn delta(r: &[&str]) -> Option<EfsDelta> {
    Some(EfsDelta { x: item(r, 0)?, y: item(r, 1)?, directions: [item(r, 2), item(r, 3), item(r, 4)] })
}

fn minutia(r: &[&str]) -> Option<EfsMinutia> {
    Some(EfsMinutia {
        x: item(r, 0)?,
        y: item(r, 1)?,
        direction: item(r, 2)?,
        kind: kind(r.get(3).copied().unwrap_or_default()),
        uncertainty: item(r, 4),
        direction_uncertainty: item(r, 5),
    })
}
