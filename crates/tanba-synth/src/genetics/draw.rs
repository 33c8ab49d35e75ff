//! Random numbers by place: one ChaCha12 key per purpose, one stream of it per person, family or stain.
//!
//! The key costs a few hashes and is made once; going to a person's stream costs nothing, so that person K of a million can be
//! made alone, and the million in any order on any number of threads.

use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};

use crate::exact;
use crate::random::derive;

/// The streams of one purpose.
#[derive(Clone)]
pub(super) struct Streams(ChaCha12Rng);

/// One stream.
pub(super) struct Draw(ChaCha12Rng);

impl Streams {
    pub(super) fn new(seed: u64, label: &str) -> Self {
        let mut key = [0; 32];
        for (i, part) in key.chunks_exact_mut(8).enumerate() {
            part.copy_from_slice(&derive(seed, label, i as u64).to_le_bytes());
        }
        Self(ChaCha12Rng::from_seed(key))
    }

    /// The stream of one person, family or stain.
    pub(super) fn at(&self, index: u64) -> Draw {
        let mut rng = self.0.clone();
        rng.set_stream(index);
        Draw(rng)
    }
}

impl Draw {
    #[inline]
    pub(super) fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Uniform in `[0, 1)`.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `(low, high)`.
    pub(super) fn uniform(&mut self, (low, high): (f64, f64)) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in the logarithm.
    pub(super) fn log_uniform(&mut self, (low, high): (f64, f64)) -> f64 {
        exact::exp(self.uniform((exact::ln(low), exact::ln(high))))
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform in `0..n`; 0 where `n` is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.word()) * n as u64) >> 32) as usize
    }

    /// An index by weights that need not sum to 1; the last positive one if rounding leaves a rest.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        let mut last = 0;
        for (i, w) in weights.iter().enumerate().filter(|(_, w)| **w > 0.0) {
            last = i;
            left -= w;
            if left < 0.0 {
                break;
            }
        }
        last
    }

    /// Standard normal (Box-Muller).
    fn normal(&mut self) -> f64 {
        let u = 1.0 - self.unit();
        (-2.0 * exact::ln(u)).sqrt() * exact::sin_cos(std::f64::consts::TAU * self.unit()).1
    }

    /// Exponential with mean 1.
    pub(super) fn exponential(&mut self) -> f64 {
        -exact::ln(1.0 - self.unit())
    }

    /// Gamma with the given shape and scale 1 (Marsaglia and Tsang 2000); 0 for a shape of 0.
    pub(super) fn gamma(&mut self, shape: f64) -> f64 {
        if shape <= 0.0 {
            return 0.0;
        }
        if shape < 1.0 {
            // A gamma of shape + 1, times a power of a uniform.
            let boost = exact::exp(exact::ln(1.0 - self.unit()) / shape);
            return self.gamma(shape + 1.0) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            if exact::ln(1.0 - self.unit()) < 0.5 * x * x + d - d * v + d * exact::ln(v) {
                return d * v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gammas_have_the_mean_and_variance_of_their_shape() {
        let streams = Streams::new(1, "test");
        for (i, shape) in [0.03, 0.4, 1.0, 4.0, 25.0].into_iter().enumerate() {
            let mut draw = streams.at(i as u64);
            let n = 40_000;
            let all: Vec<f64> = (0..n).map(|_| draw.gamma(shape)).collect();
            let mean = all.iter().sum::<f64>() / f64::from(n);
            let variance = all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n);
            let error = 5.0 * (shape / f64::from(n)).sqrt();
            assert!((mean - shape).abs() < error, "shape {shape}: mean {mean}");
            // The variance of a sample variance is sigma^4 (2 + excess kurtosis) / n, the excess 6 / shape.
            let error = 5.0 * shape * ((2.0 + 6.0 / shape) / f64::from(n)).sqrt();
            assert!((variance - shape).abs() < error, "shape {shape}: variance {variance}");
        }
    }

    #[test]
    fn streams_of_one_key_differ_and_repeat() {
        let streams = Streams::new(9, "a");
        let first = |s: &Streams, i| s.at(i).word();
        assert_eq!(first(&streams, 3), first(&Streams::new(9, "a"), 3));
        assert_ne!(first(&streams, 3), first(&streams, 4));
        assert_ne!(first(&streams, 3), first(&Streams::new(9, "b"), 3));
        assert_ne!(first(&streams, 3), first(&Streams::new(10, "a"), 3));
    }
}
