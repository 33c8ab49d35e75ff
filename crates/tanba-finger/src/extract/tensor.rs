//! The second look at the orientation: the structure tensor of the image after the first filtering.

use super::cells::{Cells, GradientRow, smooth_grid};
use super::gabor::TILE;
use crate::params::ExtractParams;
use crate::sink::{Flow, Plane};

/// Ridge orientation on cells of [`TILE`] pixels, from gradients; its length is the certainty
/// `(l1 - l2) / (l1 + l2)` of the tensor's eigenvalues.
pub(crate) fn tensor_flow(image: &Plane, params: &ExtractParams) -> Flow {
    let (w, h) = (image.width, image.height);
    let mut gradient = GradientRow::new(w);
    // The gradient lies across the ridge: half a turn in the doubled angle.
    let [cos2, sin2, energy] = Cells::sums((w, h), TILE, |y, [c, s, e]| {
        if y == 0 || y == h - 1 {
            return;
        }
        gradient.take(image, y);
        for ((((c, s), e), gx), gy) in c.iter_mut().zip(s).zip(e).zip(&gradient.x).zip(&gradient.y) {
            let (xx, yy) = (gx * gx, gy * gy);
            *c += yy - xx;
            *s -= 2.0 * gx * gy;
            *e += xx + yy;
        }
    });
    let mut energy = energy.data;
    let mut flow = Flow { cell: TILE, width: cos2.width, height: cos2.height, cos2: cos2.data, sin2: sin2.data };
    let sigma = params.tensor_sigma / TILE as f32;
    let (width, height) = (flow.width, flow.height);
    for map in [&mut flow.cos2, &mut flow.sin2, &mut energy] {
        smooth_grid(map, width, height, sigma);
    }
    for (k, &e) in energy.iter().enumerate() {
        let scale = 1.0 / e.max(1e-9);
        flow.cos2[k] *= scale;
        flow.sin2[k] *= scale;
    }
    flow
}
