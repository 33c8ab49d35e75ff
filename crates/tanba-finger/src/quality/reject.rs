//! Error versus reject: how fast false non-matches go away when the images of lowest quality are rejected
//! (Grother and Tabassi 2007; ISO/IEC 29794-1 calls it error versus discard).
//!
//! The threshold stays; a comparison is lost with either of its images, so its quality is the lower of the two. The area under
//! the curve is told between two others: an order that knows nothing (the curve is flat on average) and one that knows the
//! errors and always rejects the image that has most of them left.

/// One genuine comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// The two images.
    pub images: (usize, usize),
    /// Whether its score was below the threshold.
    pub missed: bool,
}

/// Shares of images up to which the area counts.
pub const MOST: f64 = 0.2;
/// Steps of the curve up to there.
const STEPS: usize = 20;

/// False non-match rate when the given shares of the images are rejected.
#[derive(Debug, Clone, PartialEq)]
pub struct RejectCurve {
    /// Share of images rejected, 0 to [`MOST`] in even steps.
    pub rejected: Vec<f64>,
    /// False non-match rate of the comparisons that are left, 0 to 1; 0 when none is.
    pub fnmr: Vec<f64>,
}

impl RejectCurve {
    /// Rejects images from the first of `order` on.
    pub fn of(trials: &[Trial], order: &[usize]) -> Self {
        let mut place = vec![0usize; order.len()];
        order.iter().enumerate().for_each(|(at, &image)| place[image] = at);
        let rejected: Vec<f64> = (0..=STEPS).map(|i| MOST * i as f64 / STEPS as f64).collect();
        let fnmr = rejected.iter().map(|&share| {
            let gone = (share * order.len() as f64).round() as usize;
            let left = || trials.iter().filter(|t| place[t.images.0] >= gone && place[t.images.1] >= gone);
            left().filter(|t| t.missed).count() as f64 / left().count().max(1) as f64
        });
        let fnmr = fnmr.collect();
        Self { rejected, fnmr }
    }

    /// Mean rate over all shares (the area under the curve over its width).
    pub fn area(&self) -> f64 {
        self.fnmr.windows(2).map(|w| (w[0] + w[1]) / 2.0).sum::<f64>() / STEPS as f64
    }

    /// The rate at a share, linear between steps.
    pub fn at(&self, share: f64) -> f64 {
        let place = (share / MOST * STEPS as f64).clamp(0.0, STEPS as f64);
        let low = (place.floor() as usize).min(STEPS - 1);
        self.fnmr[low] + (place - low as f64) * (self.fnmr[low + 1] - self.fnmr[low])
    }
}

/// Images by quality, lowest first. Images of equal quality stand in an order that has nothing to do with where they come from.
pub fn by_quality(quality: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..quality.len()).collect();
    order.sort_by(|&a, &b| quality[a].total_cmp(&quality[b]).then(mixed(a).cmp(&mixed(b))));
    order
}

/// Images by an order that knows the errors: always the one with most missed comparisons left, of those the one with fewest
/// others.
pub fn by_errors(images: usize, trials: &[Trial]) -> Vec<usize> {
    let mut gone = vec![false; images];
    let mut counts = vec![(0i64, 0i64); images];
    let mut of: Vec<Vec<usize>> = vec![Vec::new(); images];
    for (at, t) in trials.iter().enumerate() {
        for i in [t.images.0, t.images.1] {
            of[i].push(at);
            counts[i].0 += i64::from(t.missed);
            counts[i].1 += i64::from(!t.missed);
        }
    }
    let mut order = Vec::with_capacity(images);
    for _ in 0..images {
        let best =
            (0..images).filter(|&i| !gone[i]).max_by_key(|&i| (counts[i].0, -counts[i].1, std::cmp::Reverse(mixed(i))));
        let Some(image) = best else { break };
        gone[image] = true;
        order.push(image);
        for &at in &of[image] {
            let (a, b) = trials[at].images;
            let other = if a == image { b } else { a };
            if trials[at].missed {
                counts[other].0 -= 1;
            } else {
                counts[other].1 -= 1;
            }
        }
    }
    order
}

/// Scatters neighbouring numbers (the finaliser of SplitMix64).
fn mixed(i: usize) -> u64 {
    let mut z = (i as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// How much of what could be won an order wins: 0 as much as by chance, 1 as much as by knowing the errors; below 0 it is worse
/// than chance.
pub fn gain(trials: &[Trial], order: &[usize]) -> f64 {
    let curve = RejectCurve::of(trials, order);
    let best = RejectCurve::of(trials, &by_errors(order.len(), trials));
    let flat = curve.fnmr[0];
    (flat - curve.area()) / (flat - best.area()).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten fingers with two images each; the images of the first finger are never matched.
    fn trials() -> Vec<Trial> {
        (0..10).map(|f| Trial { images: (2 * f, 2 * f + 1), missed: f == 0 }).collect()
    }

    #[test]
    fn rejecting_the_bad_image_ends_the_errors() {
        let mut quality = vec![50.0; 20];
        quality[1] = 10.0;
        let order = by_quality(&quality);
        assert_eq!(order[0], 1);
        let curve = RejectCurve::of(&trials(), &order);
        assert_eq!(curve.fnmr[0], 0.1);
        // One image of twenty is rejected from 2.5 % on.
        assert_eq!((curve.at(0.05), curve.at(0.2)), (0.0, 0.0));
        assert_eq!(gain(&trials(), &order), 1.0);
    }

    #[test]
    fn rejecting_the_best_is_worse_than_chance() {
        let quality: Vec<f64> = (0..20).map(|i| if i < 2 { 99.0 } else { 1.0 }).collect();
        assert!(gain(&trials(), &by_quality(&quality)) < 0.0);
    }

    #[test]
    fn nothing_is_left_of_nothing() {
        assert_eq!(RejectCurve::of(&[], &[]).area(), 0.0);
        assert!(gain(&[], &[]).is_finite());
    }
}
