//! The measures that take minutiae, from this engine's own ones.

use super::blocks::BLOCK;
use super::certainty::certainty;
use super::contrast::mean;
use super::frame::Frame;
use crate::Minutia;

/// Half the side of the square around the minutiae's mean place, pixels.
const HALF: f64 = 100.0;
/// Darker than the image's mean by more than nothing and by at most this share of its deviation.
const DARKER: f64 = 0.5;
/// Orientation certainty around a minutia above which it counts, percent.
const CERTAIN: f64 = 80.0;

/// The measures.
pub(super) struct Found {
    pub(super) count: f64,
    /// Number in a square of 200 x 200 pixels about their mean place.
    pub(super) in_the_middle: f64,
    /// Share that lies in somewhat dark blocks.
    pub(super) somewhat_dark: f64,
    /// Share that lies where one direction rules.
    pub(super) certain: f64,
}

impl Found {
    /// `gray` and `deviation` are those of the whole image.
    pub(super) fn of(frame: &Frame, minutiae: &[Minutia], gray: f64, deviation: f64) -> Self {
        let place = |m: &Minutia| {
            (f64::from(m.x.floor()) - frame.origin.0 as f64, f64::from(m.y.floor()) - frame.origin.1 as f64)
        };
        let inside =
            |&(x, y): &(f64, f64)| (0.0..frame.width as f64).contains(&x) && (0.0..frame.height as f64).contains(&y);
        let places: Vec<(f64, f64)> = minutiae.iter().map(place).filter(inside).collect();
        let n = places.len().max(1) as f64;
        let middle = places.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0, s.1 + p.1));
        let middle = ((middle.0 / n).floor(), (middle.1 / n).floor());
        let near = |p: &&(f64, f64)| (p.0 - middle.0).abs() <= HALF && (p.1 - middle.1).abs() <= HALF;
        let block = |v: f64| (v as usize).saturating_sub(BLOCK / 2);
        let somewhat_dark = |&&(x, y): &&(f64, f64)| {
            let (x, y) = (block(x), block(y));
            let around = mean(frame, x, y, BLOCK.min(frame.width - x), BLOCK.min(frame.height - y));
            let darker = (gray - around) / deviation;
            darker > 0.0 && darker <= DARKER
        };
        let certain = |&&(x, y): &&(f64, f64)| {
            let fits = |v: f64, side: usize| side.checked_sub(BLOCK).map(|most| block(v).min(most));
            let (Some(x), Some(y)) = (fits(x, frame.width), fits(y, frame.height)) else { return false };
            (100.0 * certainty(frame, x, y).unwrap_or(0.0)).round() > CERTAIN
        };
        let count = |kept: usize| kept as f64;
        Self {
            count: count(places.len()),
            in_the_middle: count(places.iter().filter(near).count()),
            somewhat_dark: count(places.iter().filter(somewhat_dark).count()) / n,
            certain: count(places.iter().filter(certain).count()) / n,
        }
    }
}
