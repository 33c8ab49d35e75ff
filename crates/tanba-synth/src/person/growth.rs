//! How ridges widen while a child grows.
//!
//! A finger's ridges keep their pattern and grow as the body does: Gottschlich et al. 2011 (IEEE TIFS 6(3)) found that prints of adolescents
//! fit later ones when they are scaled by the height of the growth chart. Height follows the first model of Preece and Baines
//! (Ann. Hum. Biol. 5, 1978), with own rounded parameters: girls' spurt is about two years earlier.

use crate::exact;
use crate::random::Stream;

use super::Sex;

/// Shape of growth: share of adult height at the spurt, the slow and the fast rate per year, age at the spurt.
struct Curve {
    at_spurt: f64,
    slow: f64,
    fast: f64,
    age: f64,
}

const BOYS: Curve = Curve { at_spurt: 0.93, slow: 0.108, fast: 1.2, age: 14.3 };
const GIRLS: Curve = Curve { at_spurt: 0.925, slow: 0.12, fast: 1.2, age: 11.9 };
/// How much earlier or later somebody's spurt comes, standard deviation in years (own choice).
const SPURT_DEVIATION: f64 = 0.9;

/// The size of a body at an age as a share of its adult size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Growth {
    sex: Sex,
    later: f64,
}

impl Growth {
    pub(super) fn draw(seed: u64, sex: Sex) -> Self {
        Self { sex, later: Stream::new(seed, "growth").normal(0.0, SPURT_DEVIATION) }
    }

    /// At an age in years with their fraction.
    pub(super) fn at(self, age: f64) -> f64 {
        let curve = if self.sex == Sex::Male { BOYS } else { GIRLS };
        // Somebody's spurt moves, his birth does not.
        let t = age.max(0.0) - curve.age - self.later * (age / curve.age).clamp(0.0, 1.0);
        1.0 - 2.0 * (1.0 - curve.at_spurt) / (exact::exp(curve.slow * t) + exact::exp(curve.fast * t.min(40.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_reach_known_shares_of_their_height() {
        // Medians of growth charts, rounded: share of adult height of boys and girls.
        let at = |sex, age| Growth { sex, later: 0.0 }.at(age);
        for (age, boys, girls) in [
            (2.0, 0.49, 0.53),
            (6.0, 0.66, 0.71),
            (10.0, 0.785, 0.845),
            (12.0, 0.845, 0.925),
            (14.0, 0.925, 0.98),
            (17.0, 0.99, 1.0),
        ] {
            assert!((at(Sex::Male, age) - boys).abs() < 0.04, "boys of {age}: {}", at(Sex::Male, age));
            assert!((at(Sex::Female, age) - girls).abs() < 0.04, "girls of {age}: {}", at(Sex::Female, age));
        }
        assert!(at(Sex::Female, 12.0) > at(Sex::Male, 12.0) + 0.06);
        assert!(at(Sex::Male, 40.0) > 0.999);
    }

    #[test]
    fn nobody_shrinks_while_growing() {
        for seed in 0..200 {
            let growth = Growth::draw(seed, if seed % 2 == 0 { Sex::Male } else { Sex::Female });
            let sizes: Vec<f64> = (0..120).map(|q| growth.at(f64::from(q) / 4.0)).collect();
            assert!(sizes.windows(2).all(|w| w[0] <= w[1] + 1e-9), "{seed}");
        }
    }
}
