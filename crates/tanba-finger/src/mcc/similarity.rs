//! Local similarity of every cylinder of one template with every cylinder of another.

use super::params::{MCC, SECTION_WORDS, SECTIONS, WORDS};
use super::{Cylinder, Prepared};
use crate::exact::Exact;

/// Similarities, row-major: rows are the cylinders of `a`, columns those of `b`; 0 where a pair is not allowed.
#[derive(Debug, Default)]
pub(crate) struct Similarities {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) values: Vec<f32>,
}

impl Similarities {
    /// Fills the matrix, keeping its memory. The widest instructions that the machine has are used; the result is the same.
    pub(crate) fn fill(&mut self, a: &Prepared, b: &Prepared) {
        self.rows = a.cylinders.len();
        self.columns = b.cylinders.len();
        self.values.clear();
        self.values.resize(self.rows * self.columns, 0.0);
        // Compiled once for each instruction set (pulp is a safe dispatcher), so that popcount is one instruction where there is one.
        pulp::Arch::new().dispatch(FillRows { a, b, values: &mut self.values });
    }
}

/// The work of [`Similarities::fill`]; a type and not a closure because closures are not inlined into the dispatched function.
struct FillRows<'a> {
    a: &'a Prepared,
    b: &'a Prepared,
    values: &'a mut [f32],
}

impl pulp::WithSimd for FillRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        fill_rows(self.a, self.b, self.values);
    }
}

#[inline(always)]
fn fill_rows(a: &Prepared, b: &Prepared, values: &mut [f32]) {
    let least_cos = MCC.max_direction_difference.cos_exact();
    for (ca, row) in a.cylinders.iter().zip(values.chunks_exact_mut(b.cylinders.len().max(1))) {
        let pa = &a.points[usize::from(ca.point)];
        for (cb, out) in b.cylinders.iter().zip(row) {
            let pb = &b.points[usize::from(cb.point)];
            if pa.cos * pb.cos + pa.sin * pb.sin >= least_cos {
                *out = similarity(ca, cb);
            }
        }
    }
}

/// gamma = 1 - |a xor b| / (|a| + |b|) with Euclidean norms, over the jointly valid cells.
#[inline(always)]
fn similarity(a: &Cylinder, b: &Cylinder) -> f32 {
    let matchable: u32 = a.mask.iter().zip(&b.mask).map(|(x, y)| (x & y).count_ones()).sum();
    if (matchable as f32) < MCC.min_matchable * f32::from(a.valid.max(b.valid)) {
        return 0.0;
    }
    let mut common = 0u32;
    for w in 0..WORDS {
        common += (a.bits[w] & b.bits[w]).count_ones();
    }
    let (ones_a, ones_b) = (ones_within(a, b), ones_within(b, a));
    if ones_a + ones_b == 0 {
        return 0.0;
    }
    let different = ones_a + ones_b - 2 * common;
    1.0 - (different as f32).sqrt() / ((ones_a as f32).sqrt() + (ones_b as f32).sqrt())
}

/// Set bits of `a` in cells that are valid in `b` too.
#[inline(always)]
fn ones_within(a: &Cylinder, b: &Cylinder) -> u32 {
    let covered = (0..SECTION_WORDS).all(|w| a.mask[w] & !b.mask[w] == 0);
    if covered {
        return u32::from(a.ones);
    }
    let mut ones = 0;
    for section in 0..SECTIONS {
        for w in 0..SECTION_WORDS {
            ones += (a.bits[section * SECTION_WORDS + w] & b.mask[w]).count_ones();
        }
    }
    ones
}
