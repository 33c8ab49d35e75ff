//! Segmentation of slaps: an image of several fingers becomes single fingers, each with its place, turn, position and how sure that is.
//!
//! ```text
//! image -> 250 ppi -> ridge energy on cells -> patches of skin -> turn of the hand -> touching fingers cut apart
//!       -> lower joints told from tips -> box from tip to distal crease -> positions by the form of the hand -> what is odd about it
//! ```
//! The task and its tolerances are those of NIST's Slap Fingerprint Segmentation Evaluations (NISTIR 7209, 7553; SlapSeg III). Every number is
//! in `params`; [`score`] tells how well boxes agree with the truth, [`crop`] cuts fingers out, [`card`] takes whole ten-print cards.

mod blobs;
pub mod card;
mod crop;
mod energy;
mod fingers;
mod params;
mod position;
pub mod score;

use std::f32::consts::TAU;

use serde::{Deserialize, Serialize};
use tanba_formats::image::resample;
use tanba_formats::{Finger, Gray8, Ppi};

pub use crop::{CROP_MARGIN, crop};
use fingers::Fingertip;
use params::{MARGIN_SCALE, OTHER_HAND_MARGIN, SCRAP, SIDE_MAX, STRENGTH_FULL, WORKING_PPI};
use position::{Assignment, Places, assign, other_side};

/// What an image shows, as far as the caller knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlapKind {
    /// Nothing is known: one finger, two thumbs, or the fingers of a hand.
    #[default]
    Unknown,
    /// Index to little finger of the right hand.
    RightFour,
    /// Index to little finger of the left hand.
    LeftFour,
    /// Both thumbs, the left one at the left.
    Thumbs,
    /// One finger.
    Single,
}

/// A hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names are the documentation
pub enum Hand {
    Right,
    Left,
}

/// What is asked of a slap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SlapRequest {
    /// What the image shows.
    pub kind: SlapKind,
    /// Fingers that the person has not got, or cannot lay down. Others than those of the kind do not matter.
    pub missing: Vec<Finger>,
}

/// One finger of a slap. All places are pixels of the image that was given, x to the right and y down.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SlapFinger {
    /// Which finger; unknown where nothing tells.
    pub finger: Finger,
    /// Middle of the box.
    pub centre: (f32, f32),
    /// Half the width and half the length of the box.
    pub half: (f32, f32),
    /// Turn of the finger from upright, radians, counter-clockwise as seen.
    pub rotation: f32,
    /// How sure it is that this is a finger and this one, 0 to 1.
    pub confidence: f32,
}

impl SlapFinger {
    /// The corners of the box: tip left, tip right, base right, base left, as the finger lies.
    pub fn polygon(&self) -> [(f32, f32); 4] {
        let (s, c) = self.rotation.sin_cos();
        let (a, b) = self.half;
        [(-a, -b), (a, -b), (a, b), (-a, b)]
            .map(|(u, v)| (self.centre.0 + c * u + s * v, self.centre.1 + c * v - s * u))
    }

    fn scaled(self, scale: f32) -> Self {
        Self {
            centre: (self.centre.0 * scale, self.centre.1 * scale),
            half: (self.half.0 * scale, self.half.1 * scale),
            ..self
        }
    }
}

/// Something about a slap that the person who took it should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// No finger is on the image.
    NothingFound,
    /// Fewer fingers than there should be: three offered as four.
    TooFewFingers {
        /// How many were found.
        found: usize,
        /// How many there should be, after those said to be missing.
        expected: usize,
        /// The positions that nothing was found for; a guess by the form of the hand.
        absent: Vec<Finger>,
    },
    /// More fingers than there should be; the ones that fit best were taken.
    TooManyFingers {
        /// How many were found.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// The fingers lie as those of the other hand.
    OtherHand {
        /// The hand that they look like.
        seen: Hand,
    },
    /// A box of a ten-print card has no finger in it, and nobody said that it is missing.
    EmptyBox {
        /// The finger that the box is for.
        finger: Finger,
    },
    /// The edge of the image cuts a finger.
    AtEdge {
        /// Which.
        finger: Finger,
    },
}

impl Finding {
    /// One sentence for a person.
    pub fn message(&self) -> String {
        match self {
            Self::NothingFound => "no finger was found: check glass, hand and resolution, capture again".to_owned(),
            Self::TooFewFingers { found, expected, absent } => {
                let names: Vec<&str> = absent.iter().map(|f| f.name()).collect();
                format!(
                    "{found} of {expected} fingers were found, perhaps without {}: capture again, or say which are missing",
                    names.join(", ")
                )
            }
            Self::TooManyFingers { found, expected } => {
                format!("{found} fingers were found where {expected} should be: check who and what lies on the glass")
            }
            Self::OtherHand { seen } => format!(
                "the fingers lie as those of the {} hand: check which hand it is",
                if *seen == Hand::Right { "right" } else { "left" }
            ),
            Self::EmptyBox { finger } => {
                format!("no print was found in the box of {}: check the card, or say that it is missing", finger.name())
            }
            Self::AtEdge { finger } => {
                format!("{} is cut off by the edge: move the hand and capture again", finger.name())
            }
        }
    }
}

/// The fingers of a slap.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Segmentation {
    /// What was segmented: as asked, or as guessed where that was unknown.
    pub kind: SlapKind,
    /// Turn of the hand, radians, counter-clockwise as seen.
    pub rotation: f32,
    /// The fingers from left to right as the hand lies.
    pub fingers: Vec<SlapFinger>,
    /// What is odd.
    pub findings: Vec<Finding>,
}

/// Why an image was not segmented, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// The image is larger than a ten-print card.
    #[error(
        "the image is {width} x {height} pixels at 500 ppi, at most {max} each way are taken: cut it, or give the right resolution"
    )]
    TooLarge {
        /// Width at 500 ppi.
        width: usize,
        /// Height at 500 ppi.
        height: usize,
        /// Largest side.
        max: usize,
    },
}

/// The fingers on an image of any resolution, fingertips up within 45 degrees.
///
/// Time and memory grow with the image's area and no faster: a slap takes a tenth of a second, the largest image two.
///
/// # Errors
/// [`SegmentError`] for an image larger than a ten-print card. An image without fingers is no error but [`Finding::NothingFound`].
pub fn segment(image: &Gray8, request: &SlapRequest) -> Result<Segmentation, SegmentError> {
    let work = working_image(image)?;
    let scale = (image.ppi().get() / Ppi::NOMINAL.get()) as f32;
    let mut energy = energy::energy(&work);
    Ok(segment_energy(&mut energy, request, 0.0).scaled(scale))
}

/// The image at the working resolution, if it is not too large.
fn working_image(image: &Gray8) -> Result<Gray8, SegmentError> {
    let side = |n: usize| (n as f64 * Ppi::NOMINAL.get() / image.ppi().get()).round() as usize;
    let (width, height) = (side(image.width()), side(image.height()));
    // Judged before any memory is asked for.
    if width > SIDE_MAX || height > SIDE_MAX {
        return Err(SegmentError::TooLarge { width, height, max: SIDE_MAX });
    }
    Ok(resample(image, Ppi::new(WORKING_PPI).unwrap_or(Ppi::NOMINAL)))
}

/// The fingers on an energy map, whose ridges have at least some contrast; pixels at 500 ppi.
fn segment_energy(energy: &mut energy::Energy, request: &SlapRequest, least: f32) -> Segmentation {
    let threshold = blobs::threshold(energy).max(least);
    let patches = blobs::patches(energy, threshold);
    let (rotation, parts) = fingers::hand(patches, energy);
    let tips = fingers::fingertips(&parts, rotation, energy);
    let (kind, kind_margin) = match request.kind {
        SlapKind::Unknown => guess(&tips, &request.missing, rotation),
        kind => (kind, f32::MAX),
    };
    let mut findings = Vec::new();
    let assignment = match places(kind, &request.missing) {
        Some(places) => {
            let mut assignment = assign(&tips, &places, rotation);
            if let (SlapKind::Thumbs, 2, [pair]) = (kind, places.len(), &mut assignment.pairs[..]) {
                // One thumb looks like the other; on which half of the glass it lies is all there is to go by.
                let left = tips[pair.0].centre.0 < 0.5 * params::PER_CELL * energy.width as f32;
                pair.1 = if left { Finger::LeftThumb } else { Finger::RightThumb };
            }
            let found = assignment.pairs.len() + whole_ones_left_out(&tips, &assignment);
            if found > places.len() {
                findings.push(Finding::TooManyFingers { found, expected: places.len() });
            }
            if assignment.pairs.len() < places.len() {
                let absent = places.fingers().filter(|f| assignment.pairs.iter().all(|p| p.1 != *f)).collect();
                findings.push(Finding::TooFewFingers { found: assignment.pairs.len(), expected: places.len(), absent });
            }
            findings.extend(other_hand(kind, &tips, &request.missing, rotation, &assignment));
            assignment
        }
        None => position::only(&tips),
    };
    if assignment.pairs.is_empty() {
        findings = vec![Finding::NothingFound];
    }
    let fingers: Vec<SlapFinger> = assignment
        .pairs
        .iter()
        .map(|(i, finger)| SlapFinger {
            finger: *finger,
            centre: tips[*i].centre,
            half: tips[*i].half,
            rotation: wrap(tips[*i].rotation),
            confidence: confidence(&tips[*i], assignment.margin.min(kind_margin)),
        })
        .collect();
    for (i, finger) in &assignment.pairs {
        if tips[*i].edges.iter().any(|e| *e) {
            findings.push(Finding::AtEdge { finger: *finger });
        }
    }
    Segmentation { kind, rotation, fingers, findings }
}

/// Fingertips that have no place and are no scraps beside those that have one.
fn whole_ones_left_out(tips: &[Fingertip], assignment: &Assignment) -> usize {
    let taken = |i: usize| assignment.pairs.iter().any(|p| p.0 == i);
    let typical =
        assignment.pairs.iter().map(|p| tips[p.0].weight()).sum::<f32>() / assignment.pairs.len().max(1) as f32;
    (0..tips.len()).filter(|i| !taken(*i) && tips[*i].weight() > SCRAP * typical).count()
}

fn places(kind: SlapKind, missing: &[Finger]) -> Option<Places> {
    match kind {
        SlapKind::RightFour => Some(Places::hand(Hand::Right, missing)),
        SlapKind::LeftFour => Some(Places::hand(Hand::Left, missing)),
        SlapKind::Thumbs => Some(Places::thumbs(missing)),
        SlapKind::Single | SlapKind::Unknown => None,
    }
}

/// What the fingertips look like most, and how much dearer the next best is.
fn guess(tips: &[Fingertip], missing: &[Finger], rotation: f32) -> (SlapKind, f32) {
    if tips.len() <= 1 {
        return (SlapKind::Single, f32::MAX);
    }
    let mut costs: Vec<(f32, SlapKind)> = [SlapKind::RightFour, SlapKind::LeftFour, SlapKind::Thumbs]
        .into_iter()
        .filter_map(|kind| Some((assign(tips, &places(kind, missing)?, rotation).cost, kind)))
        .collect();
    costs.sort_by(|a, b| a.0.total_cmp(&b.0));
    match costs[..] {
        [best, next, ..] => (best.1, next.0 - best.0),
        _ => (SlapKind::Single, 0.0),
    }
}

/// Whether the fingers look like the hand that was not stated.
fn other_hand(
    kind: SlapKind,
    tips: &[Fingertip],
    missing: &[Finger],
    rotation: f32,
    stated: &Assignment,
) -> Option<Finding> {
    let seen = match kind {
        SlapKind::RightFour => Hand::Left,
        SlapKind::LeftFour => Hand::Right,
        SlapKind::Thumbs | SlapKind::Single | SlapKind::Unknown => return None,
    };
    // Three fingers may be of either hand, two always are.
    if stated.pairs.len() < 4 {
        return None;
    }
    let mirrored: Vec<Finger> = missing.iter().map(|f| other_side(*f)).collect();
    let other = assign(tips, &Places::hand(seen, &mirrored), rotation);
    (stated.cost - other.cost > OTHER_HAND_MARGIN).then_some(Finding::OtherHand { seen })
}

fn confidence(tip: &Fingertip, margin: f32) -> f32 {
    let skin = (tip.strength / STRENGTH_FULL).min(1.0).sqrt() * tip.fill;
    let whole = if tip.edges.iter().any(|e| *e) { 0.8 } else { 1.0 };
    let position = 1.0 - 0.5 * (-margin / MARGIN_SCALE).exp();
    (skin * whole * position).clamp(0.0, 1.0)
}

fn wrap(angle: f32) -> f32 {
    angle - TAU * (angle / TAU).round()
}

impl Segmentation {
    /// All places multiplied.
    fn scaled(mut self, scale: f32) -> Self {
        for finger in &mut self.fingers {
            *finger = finger.scaled(scale);
        }
        self
    }
}

#[cfg(test)]
mod tests;
