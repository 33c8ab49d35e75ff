//! Bringing an image to another resolution.

use std::borrow::Cow;

use crate::{Gray8, Ppi};

/// Half-width of the Lanczos kernel, in samples of the coarser grid.
const LOBES: f64 = 3.0;
/// Below this relative difference of resolution the pixels stay as they are and only the label changes: over 10 mm the
/// difference is under a tenth of a pixel at 500 ppi.
const NEGLIGIBLE: f64 = 0.0005;
/// The largest enlargement; a target beyond it gets what this gives, and says so in its resolution.
const MAX_ENLARGEMENT: f64 = 16.0;
/// Weights are whole numbers of this fraction, so that sums are exact and results the same on every machine.
const ONE: i32 = 1 << 14;

/// The same finger at resolution `to`: Lanczos-3, with the kernel widened to the coarser grid when the image shrinks, so that
/// nothing finer than the new pixels aliases into false ridges. The top left corner stays where it is.
pub fn resample(image: &Gray8, to: Ppi) -> Gray8 {
    let scale = (to.get() / image.ppi().get()).min(MAX_ENLARGEMENT);
    let ppi = if scale < MAX_ENLARGEMENT { to } else { Ppi::new(image.ppi().get() * scale).unwrap_or(to) };
    resample_axes(image, scale, scale, ppi)
}

/// The same image no longer than so many pixels on a side, to be shown; as it is where it is not.
pub fn thumbnail(image: &Gray8, side: usize) -> Cow<'_, Gray8> {
    let longest = image.width().max(image.height());
    let smaller = || Ppi::new(image.ppi().get() * side as f64 / longest as f64);
    match smaller().filter(|_| longest > side) {
        Some(ppi) => Cow::Owned(resample(image, ppi)),
        None => Cow::Borrowed(image),
    }
}

/// Scales the two axes separately and labels the result with `ppi`.
pub(super) fn resample_axes(image: &Gray8, x_scale: f64, y_scale: f64, ppi: Ppi) -> Gray8 {
    let (width, height) = (image.width(), image.height());
    // Most scans are at 500 ppi already: the taps would give the same pixels, only slowly.
    if [x_scale, y_scale].iter().all(|scale| (scale - 1.0).abs() < NEGLIGIBLE) {
        return Gray8::new(width, height, ppi, image.pixels().to_vec()).unwrap_or_else(|_| image.clone());
    }
    let (across, down) = (Taps::new(width, x_scale), Taps::new(height, y_scale));
    let (new_width, new_height) = (across.len(), down.len());

    let mut wide = Vec::with_capacity(new_width * height);
    for row in image.pixels().chunks_exact(width) {
        wide.extend((0..new_width).map(|x| across.sum(x, |i| row[i])));
    }
    let mut pixels = Vec::with_capacity(new_width * new_height);
    for y in 0..new_height {
        pixels.extend((0..new_width).map(|x| down.sum(y, |i| wide[i * new_width + x])));
    }
    // Sides are at least one pixel and the buffer was filled row by row.
    Gray8::new(new_width, new_height, ppi, pixels).unwrap_or_else(|_| image.clone())
}

/// For each output sample: the first input sample that counts, and the weights from there on, which add up to [`ONE`].
struct Taps {
    taps: Vec<(usize, Vec<i32>)>,
}

impl Taps {
    fn new(len: usize, scale: f64) -> Self {
        if (scale - 1.0).abs() < NEGLIGIBLE {
            return Self { taps: (0..len).map(|i| (i, vec![ONE])).collect() };
        }
        let out_len = ((len as f64 * scale).round() as usize).max(1);
        let widening = (1.0 / scale).max(1.0);
        let reach = LOBES * widening;
        let taps = (0..out_len).map(|i| {
            // Sample i covers [i, i + 1): its centre in input samples.
            let centre = (i as f64 + 0.5) / scale - 0.5;
            let first = (centre - reach).ceil().max(0.0) as usize;
            let last = ((centre + reach).floor().max(0.0) as usize).min(len - 1);
            let first = first.min(last);
            let weights: Vec<f64> = (first..=last).map(|j| lanczos((j as f64 - centre) / widening)).collect();
            (first, to_fixed(&weights))
        });
        Self { taps: taps.collect() }
    }

    fn len(&self) -> usize {
        self.taps.len()
    }

    fn sum(&self, i: usize, sample: impl Fn(usize) -> u8) -> u8 {
        let (first, weights) = &self.taps[i];
        let sum: i32 = weights.iter().enumerate().map(|(k, w)| w * i32::from(sample(first + k))).sum();
        // Clamped to a byte: the kernel overshoots at edges.
        ((sum + ONE / 2) / ONE).clamp(0, 255) as u8
    }
}

/// Rounds weights to fixed point; the largest takes up the rounding, so that a flat image stays flat.
fn to_fixed(weights: &[f64]) -> Vec<i32> {
    let total: f64 = weights.iter().sum();
    let mut fixed: Vec<i32> = weights.iter().map(|w| (w / total * f64::from(ONE)).round() as i32).collect();
    let rest = ONE - fixed.iter().sum::<i32>();
    if let Some(peak) = fixed.iter_mut().max_by_key(|w| **w) {
        *peak += rest;
    }
    fixed
}

/// The Lanczos kernel of [`LOBES`] lobes.
fn lanczos(x: f64) -> f64 {
    use std::f64::consts::PI;
    if x.abs() < 1e-9 {
        1.0
    } else if x.abs() >= LOBES {
        0.0
    } else {
        LOBES * (PI * x).sin() * (PI * x / LOBES).sin() / (PI * PI * x * x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grating(side: usize, ppi: f64, period_mm: f64) -> Gray8 {
        let period = period_mm / 25.4 * ppi;
        let pixel = |i: usize| {
            let phase = ((i % side) as f64 + 0.5) / period * std::f64::consts::TAU;
            (127.5 + 100.0 * phase.cos()).round() as u8
        };
        Gray8::new(side, side, Ppi::new(ppi).unwrap(), (0..side * side).map(pixel).collect()).unwrap()
    }

    #[test]
    fn ridges_keep_their_period_and_place() {
        for from in [1000.0, 569.0, 300.0] {
            let side = from as usize;
            let got = resample(&grating(side, from, 0.45), Ppi::NOMINAL);
            let want = grating(500, 500.0, 0.45);
            assert_eq!((got.width(), got.height()), (500, 500));
            // Away from the border, where the kernel is cut off.
            let worst = (10..490).map(|x| got.pixels()[250 * 500 + x].abs_diff(want.pixels()[250 * 500 + x])).max();
            assert!(worst <= Some(4), "{from} ppi: off by {worst:?}");
        }
    }

    #[test]
    fn detail_finer_than_the_new_pixels_becomes_gray_not_false_ridges() {
        // 0.06 mm at 2000 ppi is 4.7 pixels, but 1.2 at 500.
        let got = resample(&grating(1000, 2000.0, 0.06), Ppi::NOMINAL);
        let inner: Vec<u8> = (10..240).map(|x| got.pixels()[120 * 250 + x]).collect();
        assert!(inner.iter().all(|v| v.abs_diff(128) < 12), "{:?}..{:?}", inner.iter().min(), inner.iter().max());
    }

    #[test]
    fn an_absurd_target_gives_the_largest_enlargement_and_says_so() {
        let got = resample(&grating(8, 500.0, 0.45), Ppi::new(1e12).unwrap());
        assert_eq!((got.width(), got.ppi().get()), (128, 8000.0));
    }

    #[test]
    fn a_files_rounding_of_500_ppi_changes_no_pixel() {
        let image = grating(100, 19685.0 * 0.0254, 0.45);
        let got = resample(&image, Ppi::NOMINAL);
        assert_eq!((got.pixels(), got.ppi()), (image.pixels(), Ppi::NOMINAL));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn flat_stays_flat(v: u8, width in 1_usize..90, height in 1_usize..90, from in 100.0..3000.0_f64, to in 100.0..3000.0_f64) {
            let flat = Gray8::new(width, height, Ppi::new(from).unwrap(), vec![v; width * height]).unwrap();
            prop_assert!(resample(&flat, Ppi::new(to).unwrap()).pixels().iter().all(|p| *p == v));
        }
    }
}
