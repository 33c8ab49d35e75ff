//! Minutia Cylinder-Code: what surrounds each minutia, as bits (MCC16b).
//!
//! Method: Cappelli, Ferrara, Maltoni, "Minutia Cylinder-Code: a new representation and matching technique for fingerprint
//! recognition", TPAMI 32(12), 2010, in its bit form. The recipe is [`Prepared::new`]: keep the best minutiae, find the hull
//! inside which absence of minutiae means something, and code every minutia's neighbourhood.

use crate::exact::Exact;
pub(crate) mod align;
mod cylinder;
mod hull;
pub(crate) mod params;
pub(crate) mod relax;
pub(crate) mod similarity;

use crate::{MinutiaKind, RidgeMap, Template, TemplateBytesError};
use cylinder::Coder;
use hull::Hull;
use params::{MCC, SECTION_WORDS, WORDS};
use std::sync::{Arc, LazyLock, OnceLock};

static CODER: LazyLock<Coder> = LazyLock::new(Coder::new);

const NO_CYLINDER: u16 = u16::MAX;

/// One minutia as the comparison sees it: `y` grows upward, so that directions turn the usual way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Direction, radians in `[0, 2 pi)`.
    pub(crate) direction: f32,
    pub(crate) cos: f32,
    pub(crate) sin: f32,
    /// 0 to 1.
    pub(crate) quality: f32,
    pub(crate) kind: MinutiaKind,
    /// Index in the template.
    pub(crate) source: u16,
    /// Index in [`Prepared::points`].
    pub(crate) number: u16,
}

#[cfg(test)]
impl Point {
    /// A minutia as a test draws it.
    fn drawn(x: f32, y: f32, direction: f32) -> Self {
        let (sin, cos) = direction.sin_cos();
        Self { x, y, direction, cos, sin, quality: 1.0, kind: MinutiaKind::Other, source: 0, number: 0 }
    }
}

/// The bits around one minutia.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cylinder {
    /// Value bits, section by section; bits outside `mask` are zero.
    pub(crate) bits: [u64; WORDS],
    /// Which cells of the base are valid, the same for every section.
    pub(crate) mask: [u64; SECTION_WORDS],
    /// Number of set value bits.
    pub(crate) ones: u16,
    /// Number of valid base cells.
    pub(crate) valid: u16,
    /// Index of the minutia in [`Prepared::points`].
    pub(crate) point: u16,
}

/// A template made ready for comparison: its minutiae (at most 128, the best by quality) and their cylinders, about 10 kB.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    pub(crate) points: Vec<Point>,
    pub(crate) cylinders: Vec<Cylinder>,
    /// For each point, the number of its cylinder, or `NO_CYLINDER`.
    coded: Vec<u16>,
    pub(crate) hull: Hull,
    quality: u8,
    ridges: Ridges,
    /// Identity of the content, for an order of two templates that does not depend on how they were passed.
    pub(crate) key: u64,
}

/// Where the ridges are, where that is known.
#[derive(Debug, Clone)]
struct Ridges {
    /// As in a native file; nothing where the map came with the template, or there is none.
    coded: Arc<[u8]>,
    /// Decoded when a comparison first comes to them: most never do.
    map: OnceLock<Option<Arc<RidgeMap>>>,
}

impl Ridges {
    fn get(&self) -> Option<&RidgeMap> {
        // Whoever wrote a map that cannot be read was faulty; the minutiae are compared as if there were none.
        self.map.get_or_init(|| RidgeMap::from_bytes(&self.coded).map(Arc::new)).as_deref()
    }
}

impl PartialEq for Ridges {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Prepared {
    /// Reads a native file as [`Template::from_bytes`] does and prepares it; its ridges stay coded until a comparison comes to them,
    /// which with prints of different fingers is seldom.
    ///
    /// # Errors
    /// [`TemplateBytesError`] says what is wrong with the file, but for a map of ridges that cannot be read: the print counts as one without
    /// ridges then.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TemplateBytesError> {
        let (template, ridges) = Template::minutiae_from_bytes(bytes)?;
        let mut prepared = Self::new(&template);
        if let Some(coded) = ridges {
            prepared.ridges = Ridges { coded: coded.into(), map: OnceLock::new() };
        }
        Ok(prepared)
    }

    /// Codes the minutiae of `template`. Minutiae with a coordinate beyond 65,535 pixels, or a
    /// direction that is not finite, are left out.
    pub fn new(template: &Template) -> Self {
        let points = best_points(template);
        let hull = Hull::of(&points);
        let cylinders = CODER.code_all(&points, &hull);
        let mut coded = vec![NO_CYLINDER; points.len()];
        for (number, cylinder) in cylinders.iter().enumerate() {
            coded[usize::from(cylinder.point)] = number as u16;
        }
        let key = content_key(&points);
        Self {
            points,
            cylinders,
            coded,
            hull,
            quality: template.quality.min(100),
            ridges: Ridges { coded: Arc::default(), map: OnceLock::from(template.ridges.clone()) },
            key,
        }
    }

    /// Where the ridges are, where that is known.
    pub(crate) fn ridges(&self) -> Option<&RidgeMap> {
        self.ridges.get()
    }

    /// The number of the cylinder of point `i`.
    pub(crate) fn cylinder_of(&self, i: usize) -> Option<usize> {
        let number = self.coded[i];
        (number != NO_CYLINDER).then_some(usize::from(number))
    }

    /// Minutiae taking part in the comparison.
    pub fn minutiae(&self) -> usize {
        self.points.len()
    }

    /// Minutiae with enough around them to be coded; a template with fewer than two can match nothing.
    pub fn cylinders(&self) -> usize {
        self.cylinders.len()
    }

    /// Whether a comparison can say anything at all: at least two cylinders.
    pub fn comparable(&self) -> bool {
        self.cylinders.len() >= 2
    }

    /// Unified quality of the image, 0 (worst) to 100.
    pub fn quality(&self) -> u8 {
        self.quality
    }

    /// Bytes held, for capacity planning.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.points.len() * size_of::<Point>() + self.cylinders.len() * size_of::<Cylinder>()
    }
}

fn best_points(template: &Template) -> Vec<Point> {
    // No image is larger; beyond, squared distances would lose all precision.
    let limit = f32::from(u16::MAX);
    let mut order: Vec<usize> = (0..template.minutiae.len().min(usize::from(u16::MAX)))
        .filter(|&i| {
            let m = &template.minutiae[i];
            m.x.abs() <= limit && m.y.abs() <= limit && m.direction.is_finite()
        })
        .collect();
    // Stable: equal qualities keep the template's order, which is best first.
    order.sort_by_key(|&i| core::cmp::Reverse(template.minutiae[i].quality));
    order.truncate(MCC.max_minutiae);
    order
        .into_iter()
        .enumerate()
        .map(|(number, i)| {
            let m = &template.minutiae[i];
            let direction = m.direction.rem_euclid(core::f32::consts::TAU);
            Point {
                x: m.x,
                y: -m.y,
                direction,
                cos: direction.cos_exact(),
                sin: direction.sin_exact(),
                quality: f32::from(m.quality.min(100)) / 100.0,
                kind: m.kind,
                source: i as u16,
                number: number as u16,
            }
        })
        .collect()
}

/// FNV-1a over the numbers that decide the outcome of a comparison.
fn content_key(points: &[Point]) -> u64 {
    points
        .iter()
        .flat_map(|p| [p.x.to_bits(), p.y.to_bits(), p.direction.to_bits(), p.quality.to_bits()])
        .fold(0xcbf2_9ce4_8422_2325, |hash, word| {
            word.to_le_bytes().iter().fold(hash, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
        })
}
