//! Streams of random numbers that depend on nothing but a seed and a name.
//!
//! Each purpose draws from its own ChaCha12 stream, keyed by SHA-256 over a fixed domain, the purpose's label, the seed and
//! an index. So adding a draw to one purpose moves no other, and the seed's holder gets the same people everywhere.

use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::exact;

const DOMAIN: &[u8] = b"tanba-synth/1";

/// A random stream for one purpose.
pub(crate) struct Stream(ChaCha12Rng);

/// A 64-bit seed derived from another one for a named purpose, such as the right index finger of a person.
pub(crate) fn derive(seed: u64, label: &str, index: u64) -> u64 {
    let digest = key(seed, label, index);
    u64::from_le_bytes(std::array::from_fn(|i| digest[i]))
}

fn key(seed: u64, label: &str, index: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update((label.len() as u64).to_le_bytes());
    hash.update(label.as_bytes());
    hash.update(seed.to_le_bytes());
    hash.update(index.to_le_bytes());
    hash.finalize().into()
}

impl Stream {
    pub(crate) fn new(seed: u64, label: &str) -> Self {
        Self(ChaCha12Rng::from_seed(key(seed, label, 0)))
    }

    /// Uniform in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `[low, high)`.
    pub(crate) fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..n`; 0 where `n` is 0. The bias of the multiply-shift is below `n / 2^32`.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(n)) >> 32) as u32
    }

    /// Normal with the given mean and standard deviation (Box-Muller), never further than 4 deviations.
    pub(crate) fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        let u = 1.0 - self.unit();
        let (_, c) = exact::sin_cos(std::f64::consts::TAU * self.unit());
        mean + deviation * ((-2.0 * exact::ln(u)).sqrt() * c).clamp(-4.0, 4.0)
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// An index drawn with the given weights; the last one if rounding leaves a rest.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (i, w) in weights.iter().enumerate() {
            left -= w;
            if left < 0.0 {
                return i;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// One of `from`, all alike.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u32) as usize]
    }

    /// Fills with random bytes.
    pub(crate) fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill_bytes(out);
    }

    /// Fills with noise, uniform in `[-1, 1)`, 16 bits each: fast enough for every pixel of an impression.
    pub(crate) fn fill_noise(&mut self, out: &mut [f32]) {
        let mut bytes = [0_u8; 1024];
        for chunk in out.chunks_mut(512) {
            self.0.fill_bytes(&mut bytes);
            for (o, b) in chunk.iter_mut().zip(bytes.chunks_exact(2)) {
                *o = f32::from(i16::from_le_bytes([b[0], b[1]])) / 32_768.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_label_and_seed_and_repeat() {
        let draw = |seed, label| Stream::new(seed, label).unit();
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
        assert_ne!(derive(1, "a", 0), derive(1, "a", 1));
    }

    #[test]
    fn normals_have_their_mean_and_deviation() {
        let mut s = Stream::new(7, "normal");
        let v: Vec<f64> = (0..20_000).map(|_| s.normal(3.0, 2.0)).collect();
        let mean = v.iter().sum::<f64>() / v.len() as f64;
        let var = v.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / v.len() as f64;
        assert!((mean - 3.0).abs() < 0.06 && (var.sqrt() - 2.0).abs() < 0.06, "{mean} {var}");
    }
}
