//! The best monotone curve from score to likelihood ratio: isotonic regression by pooling adjacent violators (Ayer et al. 1955).

use core::f64::consts::{LN_2, LN_10};

/// Comparisons of neighbouring scores that share one likelihood ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// Lowest and highest score of the block.
    pub scores: (f32, f32),
    /// Weight of the comparisons of one finger.
    pub genuine: f64,
    /// Weight of those of different fingers.
    pub impostors: f64,
}

impl Block {
    fn share(&self) -> f64 {
        self.genuine / (self.genuine + self.impostors)
    }

    fn joined(&self, higher: &Self) -> Self {
        Self {
            scores: (self.scores.0, higher.scores.1),
            genuine: self.genuine + higher.genuine,
            impostors: self.impostors + higher.impostors,
        }
    }
}

/// Blocks of falling scores in which the share of genuine comparisons falls too.
#[derive(Debug, Clone, PartialEq)]
pub struct Isotonic {
    /// Lowest scores first.
    pub blocks: Vec<Block>,
    /// Weight of all comparisons of one finger.
    pub genuine: f64,
    /// Weight of all others.
    pub impostors: f64,
}

impl Isotonic {
    /// Fits scores, each with whether it is of one finger, and its weight (1 for a plain comparison), in any order.
    pub fn fitted(trials: impl Iterator<Item = (f32, bool, f64)>) -> Self {
        let mut all: Vec<(f32, bool, f64)> = trials.collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut blocks: Vec<Block> = Vec::new();
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            // From a positive zero: the sum of nothing is a negative one, and dividing by that turns ratios over.
            let weight = |genuine| same.iter().filter(|t| t.1 == genuine).fold(0.0, |sum, t| sum + t.2);
            let score = same[0].0;
            let mut block = Block { scores: (score, score), genuine: weight(true), impostors: weight(false) };
            while let Some(below) = blocks.pop_if(|below| below.share() >= block.share()) {
                block = below.joined(&block);
            }
            blocks.push(block);
        }
        let (genuine, impostors) = blocks.iter().fold((0.0, 0.0), |s, b| (s.0 + b.genuine, s.1 + b.impostors));
        Self { blocks, genuine, impostors }
    }

    /// log10 likelihood ratio of a block; infinite where it holds one kind only.
    pub fn log10_lr(&self, block: &Block) -> f64 {
        ((block.genuine / self.genuine) / (block.impostors / self.impostors)).log10()
    }

    /// Cllr of the curve on the comparisons that it was fitted to, bits: no monotone conversion costs less.
    pub fn least_cost(&self) -> f64 {
        let sum: f64 = self
            .blocks
            .iter()
            .map(|b| {
                // A block of one kind costs nothing; 0 * infinity is not asked.
                let lr = (b.genuine / self.genuine) / (b.impostors / self.impostors);
                let cost = |n: f64, per: f64| if n > 0.0 { n * per } else { 0.0 };
                cost(b.genuine, (1.0 / lr).ln_1p()) / self.genuine + cost(b.impostors, lr.ln_1p()) / self.impostors
            })
            .sum();
        sum / (2.0 * LN_2)
    }
}

/// Cllr of claimed log10 likelihood ratios, each with whether it is of one finger, and its weight; bits.
pub fn cllr(claims: impl Iterator<Item = (f64, bool, f64)>) -> f64 {
    let (mut genuine, mut impostors) = ((0.0, 0.0), (0.0, 0.0));
    for (log10_lr, is_genuine, weight) in claims {
        let (sum, ln_lr) =
            if is_genuine { (&mut genuine, -LN_10 * log10_lr) } else { (&mut impostors, LN_10 * log10_lr) };
        sum.0 += weight * softplus(ln_lr);
        sum.1 += weight;
    }
    (genuine.0 / genuine.1 + impostors.0 / impostors.1) / (2.0 * LN_2)
}

/// ln(1 + e^x) without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separated_scores_cost_nothing_and_mixed_ones_a_bit() {
        let separated = Isotonic::fitted((0..100).map(|k| (k as f32, k >= 50, 1.0)));
        assert_eq!(separated.least_cost(), 0.0);
        let mixed = Isotonic::fitted((0..100).map(|k| ((k / 2) as f32, k % 2 == 0, 1.0)));
        assert!((mixed.least_cost() - 1.0).abs() < 1e-9);
        assert!((cllr([(0.0, true, 2.0), (0.0, false, 5.0)].into_iter()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn weights_count_like_copies() {
        let plain = [(0.1, false), (0.2, true), (0.3, false), (0.3, false), (0.3, true), (0.4, true)];
        let weighed = [(0.1, false, 1.0), (0.2, true, 1.0), (0.3, false, 2.0), (0.3, true, 1.0), (0.4, true, 1.0)];
        let copies = Isotonic::fitted(plain.into_iter().map(|(s, g)| (s, g, 1.0)));
        assert_eq!(copies, Isotonic::fitted(weighed.into_iter()));
        assert!(copies.blocks.windows(2).all(|w| copies.log10_lr(&w[0]) < copies.log10_lr(&w[1])));
    }
}
