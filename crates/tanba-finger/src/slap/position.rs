//! Which finger is which: the fingertips, from left to right, are laid on the places where a hand has its fingertips. All ways of leaving out
//! some of either are tried; the cheapest is taken, and by how much it is the cheapest says how sure the answer is.
//!
//! A hand may be turned against what its fingers' axes say, be of any size, and have its fingers spread; the longer middle finger and the short
//! little finger tell the hands apart.

use tanba_formats::Finger;

use super::Hand;
use super::blobs::turned;
use super::fingers::Fingertip;
use super::params::{
    CANDIDATES_MAX, LEAVE_OUT_BASE, LEAVE_OUT_WHOLE, MISSING_COST, PLACE_COST_MAX, PLACE_SIGMA, SCALES, SIZE_SIGMA,
    TURN_SIGMA, TURNS,
};

/// Where a fingertip lies in a hand.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    finger: Finger,
    /// Beside the tip of the middle finger (or the middle between the thumbs), to the right and down, pixels at 500 ppi.
    at: (f32, f32),
    /// Width against the middle finger.
    width: f32,
}

const fn place(finger: Finger, at: (f32, f32), width: f32) -> Place {
    Place { finger, at, width }
}

/// The fingertips of a right hand (own measures of one adult hand laid flat, fingers slightly spread).
const RIGHT: [Place; 4] = [
    place(Finger::RightIndex, (-345.0, 115.0), 0.98),
    place(Finger::RightMiddle, (0.0, 0.0), 1.0),
    place(Finger::RightRing, (340.0, 60.0), 0.96),
    place(Finger::RightLittle, (660.0, 270.0), 0.82),
];
/// Two thumbs side by side.
const THUMBS: [Place; 2] =
    [place(Finger::LeftThumb, (-185.0, 0.0), 1.12), place(Finger::RightThumb, (185.0, 0.0), 1.12)];

/// What fingertips are laid on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Places {
    places: Vec<Place>,
}

impl Places {
    /// The four fingers of a hand, from left to right, without those that are missing.
    pub(super) fn hand(hand: Hand, missing: &[Finger]) -> Self {
        let mut places = RIGHT.to_vec();
        if hand == Hand::Left {
            places.reverse();
            for place in &mut places {
                place.finger = other_side(place.finger);
                place.at.0 = -place.at.0;
            }
        }
        Self { places }.without(missing)
    }

    /// Both thumbs.
    pub(super) fn thumbs(missing: &[Finger]) -> Self {
        Self { places: THUMBS.to_vec() }.without(missing)
    }

    fn without(mut self, missing: &[Finger]) -> Self {
        self.places.retain(|p| !missing.contains(&p.finger));
        self
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// From left to right.
    pub(super) fn fingers(&self) -> impl Iterator<Item = Finger> {
        self.places.iter().map(|p| p.finger)
    }
}

/// How fingertips were laid on places.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    /// Cost; the logarithm of how unlikely it is, roughly.
    pub(super) cost: f32,
    /// Fingertip (its number in the list given) and finger, from left to right.
    pub(super) pairs: Vec<(usize, Finger)>,
    /// How much dearer the cheapest assignment is that gives a fingertip here another finger.
    pub(super) margin: f32,
}

/// The same finger of the other hand.
pub(super) fn other_side(finger: Finger) -> Finger {
    let code = finger.code();
    let code = if code == 0 {
        0
    } else if code <= 5 {
        code + 5
    } else {
        code - 5
    };
    Finger::try_from(code).unwrap_or(Finger::Unknown)
}

/// The cheapest assignment of fingertips (from left to right as the hand lies) to places, all of which are expected to be there.
pub(super) fn assign(tips: &[Fingertip], places: &Places, rotation: f32) -> Assignment {
    // Where there are more than can be, the largest ones are the ones to look at.
    let mut order: Vec<usize> = (0..tips.len()).collect();
    order.sort_by(|a, b| tips[*b].weight().total_cmp(&tips[*a].weight()).then(a.cmp(b)));
    order.truncate(CANDIDATES_MAX);
    order.sort_unstable();
    let whole = order.iter().map(|i| tips[*i].weight()).fold(0.0, f32::max).max(1e-6);
    let left_out = |i: usize| LEAVE_OUT_BASE + LEAVE_OUT_WHOLE * tips[i].weight() / whole;

    let mut all: Vec<(f32, Vec<(usize, Finger)>)> = Vec::new();
    for chosen in 0u32..1 << order.len() {
        for taken in 0u32..1 << places.len() {
            if chosen.count_ones() != taken.count_ones() {
                continue;
            }
            let pick = |n: usize, set: u32| (0..n).filter(move |i| set >> i & 1 == 1);
            let pairs: Vec<_> = pick(order.len(), chosen)
                .map(|i| order[i])
                .zip(pick(places.len(), taken).map(|k| places.places[k]))
                .collect();
            let spare: f32 = (0..order.len()).filter(|i| chosen >> i & 1 == 0).map(|i| left_out(order[i])).sum();
            let absent = (places.len() - pairs.len()) as f32 * MISSING_COST;
            let on: Vec<_> = pairs.iter().map(|(i, place)| (&tips[*i], *place)).collect();
            let cost = spare + absent + fit(&on, rotation);
            all.push((cost, pairs.iter().map(|(i, place)| (*i, place.finger)).collect()));
        }
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some((cost, pairs)) = all.first().cloned() else {
        return Assignment { cost: f32::MAX, pairs: Vec::new(), margin: 0.0 };
    };
    let differs = |other: &[(usize, Finger)]| pairs.iter().any(|(i, f)| other.iter().any(|(j, g)| i == j && f != g));
    let margin = all.iter().find(|(_, other)| differs(other)).map_or(f32::MAX, |other| other.0 - cost);
    Assignment { cost, pairs, margin }
}

/// The fingertip that speaks most for itself, of a finger that nobody named.
pub(super) fn only(tips: &[Fingertip]) -> Assignment {
    let best = (0..tips.len()).max_by(|a, b| tips[*a].weight().total_cmp(&tips[*b].weight()).then(b.cmp(a)));
    Assignment { cost: 0.0, pairs: best.map(|i| (i, Finger::Unknown)).into_iter().collect(), margin: f32::MAX }
}

/// How badly fingertips lie on their places, at the best size and turn of the hand.
fn fit(on: &[(&Fingertip, Place)], rotation: f32) -> f32 {
    if on.is_empty() {
        return 0.0;
    }
    let n = on.len() as f32;
    let tips: Vec<(f32, f32)> = on.iter().map(|(tip, _)| turned(tip.tip(), rotation)).collect();
    // Relative widths do not depend on the turn.
    let widths: Vec<f32> = on.iter().map(|(tip, place)| (tip.half.0.max(1.0) / place.width).ln()).collect();
    let mean = widths.iter().sum::<f32>() / n;
    let size: f32 = widths.iter().map(|w| 0.5 * ((w - mean) / SIZE_SIGMA).powi(2)).sum();
    let mut best = f32::MAX;
    for step in -TURNS..=TURNS {
        let turn = step as f32 * 0.035;
        let (s, c) = turn.sin_cos();
        for k in 0..SCALES.2 {
            let scale = SCALES.0 + (SCALES.1 - SCALES.0) * k as f32 / (SCALES.2 - 1) as f32;
            let offsets: Vec<(f32, f32)> = on
                .iter()
                .zip(&tips)
                .map(|((_, place), tip)| {
                    let (x, y) = (scale * place.at.0, scale * place.at.1);
                    (tip.0 - (c * x + s * y), tip.1 - (c * y - s * x))
                })
                .collect();
            let (mx, my) = (offsets.iter().map(|o| o.0).sum::<f32>() / n, offsets.iter().map(|o| o.1).sum::<f32>() / n);
            let sum: f32 = offsets
                .iter()
                .map(|o| {
                    let off = 0.5 * (((o.0 - mx) / PLACE_SIGMA.0).powi(2) + ((o.1 - my) / PLACE_SIGMA.1).powi(2));
                    off / (1.0 + off / PLACE_COST_MAX)
                })
                .sum();
            best = best.min(sum + 0.5 * (turn / TURN_SIGMA).powi(2));
        }
    }
    best + size
}
