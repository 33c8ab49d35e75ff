//! From what each window saw alone to one smooth field of ridge orientation and period.

use super::cells::{Cells, smooth_cells, smooth_grid};
use super::spectrum::{STEP, Spectrum};
use crate::exact::Exact;
use crate::params::ExtractParams;
use crate::sink::Flow;

/// The orientation field. Sure windows speak louder; where neighbours agree the smoothing is fine, so that cores and
/// deltas keep their curvature, and where they do not it is coarse, so that a blot takes its surroundings' flow.
pub(crate) fn smooth_flow(windows: &Spectrum, params: &ExtractParams) -> Flow {
    let n = windows.cos2.len();
    let mut c = vec![0.0; n];
    let mut s = vec![0.0; n];
    let mut weight = vec![0.0; n];
    for k in 0..n {
        let sure = windows.cos2[k].hypot_exact(windows.sin2[k]);
        c[k] = sure * windows.cos2[k];
        s[k] = sure * windows.sin2[k];
        weight[k] = sure * sure;
    }
    let smoothed = |sigma: f32| {
        let (mut c, mut s, mut weight) = (c.clone(), s.clone(), weight.clone());
        for map in [&mut c, &mut s, &mut weight] {
            smooth_grid(map, windows.width, windows.height, sigma);
        }
        (c, s, weight)
    };
    let (fine_c, fine_s, fine_w) = smoothed(params.flow_sigma_fine);
    let (coarse_c, coarse_s, coarse_w) = smoothed(params.flow_sigma_coarse);
    let mut flow =
        Flow { cell: STEP, width: windows.width, height: windows.height, cos2: vec![0.0; n], sin2: vec![0.0; n] };
    for k in 0..n {
        if coarse_w[k] < 1e-9 {
            continue;
        }
        // Agreement of the neighbourhood times its own certainty decides how far to look.
        let fine = fine_c[k].hypot_exact(fine_s[k]);
        let trust = (fine / fine_w[k].max(1e-9) * fine_w[k].sqrt()).clamp(0.0, 1.0);
        let (a, b) = (trust * trust / fine_w[k].max(1e-9), (1.0 - trust * trust) * 0.5 / coarse_w[k]);
        let (x, y) = (a * fine_c[k] + b * coarse_c[k], a * fine_s[k] + b * coarse_s[k]);
        let length = x.hypot_exact(y).max(1e-9);
        let sure = trust.max(0.02);
        flow.cos2[k] = x / length * sure;
        flow.sin2[k] = y / length * sure;
    }
    flow
}

/// A second opinion on the orientation, for where wet or dry skin misled the windows themselves: what the surest windows for several
/// ridges around say.
pub(crate) fn second_flow(windows: &Spectrum, params: &ExtractParams) -> Flow {
    let n = windows.cos2.len();
    let (mut c, mut s, mut weight) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    for k in 0..n {
        let (x, y) = (windows.cos2[k], windows.sin2[k]);
        // The cube of the certainty, so that a few sure windows outvote many unsure ones.
        let sure = x * x + y * y;
        (c[k], s[k], weight[k]) = (sure * x, sure * y, sure * sure.sqrt());
    }
    for map in [&mut c, &mut s, &mut weight] {
        smooth_grid(map, windows.width, windows.height, params.flow_sigma_second);
    }
    for k in 0..n {
        let scale = 1.0 / weight[k].max(1e-9);
        (c[k], s[k]) = (c[k] * scale, s[k] * scale);
    }
    Flow { cell: STEP, width: windows.width, height: windows.height, cos2: c, sin2: s }
}

/// The ridge period in pixels, smooth over the print.
pub(crate) fn smooth_period(windows: &Spectrum, params: &ExtractParams) -> Cells {
    let n = windows.cos2.len();
    let make = |data: Vec<f32>| Cells { cell: STEP, width: windows.width, height: windows.height, data };
    let sure: Vec<f32> = (0..n).map(|k| (windows.cos2[k].powi(2) + windows.sin2[k].powi(2)).powi(2)).collect();
    let mut sum = make((0..n).map(|k| sure[k] * windows.frequency[k]).collect());
    let mut weight = make(sure);
    // A little of the print's mean fills what the smoothing cannot reach.
    let total: f32 = weight.data.iter().sum();
    let mean = if total > 1e-6 { sum.data.iter().sum::<f32>() / total } else { 1.0 / params.period_typical };
    smooth_cells(&mut sum, params.period_sigma);
    smooth_cells(&mut weight, params.period_sigma);
    let prior = 0.01;
    for (s, &w) in sum.data.iter_mut().zip(&weight.data) {
        *s = (w + prior) / (*s + prior * mean);
    }
    sum
}
