//! Random numbers from a seed: the same on every machine.

use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};

/// One stream of random numbers.
#[derive(Debug, Clone)]
pub(super) struct Draw(ChaCha12Rng);

impl Draw {
    /// The stream of a seed and a purpose.
    pub(super) fn new(seed: u64, purpose: u64) -> Self {
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        rng.set_stream(purpose);
        Self(rng)
    }

    /// Uniform in `(0, 1)`: never an end, so that logarithms and quantiles exist.
    pub(super) fn unit(&mut self) -> f64 {
        ((self.0.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// A place among weights, which need not sum to 1.
    pub(super) fn weighted(&mut self, weights: impl IntoIterator<Item = f64, IntoIter: Clone>) -> usize {
        let weights = weights.into_iter();
        let mut left = self.unit() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (at, weight) in weights.enumerate() {
            if weight > 0.0 {
                last = at;
                if left < weight {
                    return at;
                }
            }
            left -= weight;
        }
        last
    }

    /// Standard normal (Box and Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let (u, v) = (self.unit(), self.unit());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// Gamma with this shape and scale 1 (Marsaglia and Tsang 2000).
    pub(super) fn gamma(&mut self, shape: f64) -> f64 {
        if shape <= 0.0 {
            return 0.0;
        }
        if shape < 1.0 {
            let u = self.unit();
            return self.gamma(shape + 1.0) * u.powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.unit().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut draw = Draw::new(1, 0);
        let n = 100_000;
        for shape in [0.3, 1.0, 7.5] {
            let all: Vec<f64> = (0..n).map(|_| draw.gamma(shape)).collect();
            let mean = all.iter().sum::<f64>() / f64::from(n);
            let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
            assert!((mean / shape - 1.0).abs() < 0.02 && (variance / shape - 1.0).abs() < 0.05, "{mean} {variance}");
        }
        let mut counts = [0_u32; 3];
        (0..n).for_each(|_| counts[draw.weighted([1.0, 0.0, 3.0])] += 1);
        assert!(counts[1] == 0 && (f64::from(counts[0]) / f64::from(n) - 0.25).abs() < 0.01);
    }
}
