//! The second look at the orientation: the structure tensor of the image after the first filtering.

use super::cells::smooth_grid;
use super::gabor::TILE;
use crate::params::ExtractParams;
use crate::sink::{Flow, Plane};

/// Ridge orientation on cells of [`TILE`] pixels, from gradients; its length is the certainty
/// `(l1 - l2) / (l1 + l2)` of the tensor's eigenvalues.
pub(crate) fn tensor_flow(image: &Plane, params: &ExtractParams) -> Flow {
    let (w, h) = (image.width, image.height);
    let mut flow = Flow::covering(w, h, TILE);
    let mut energy = vec![0.0f32; flow.cos2.len()];
    for y in 1..h - 1 {
        let (above, row, below) = (image.row(y - 1), image.row(y), image.row(y + 1));
        for x in 1..w - 1 {
            let (gx, gy) = (row[x + 1] - row[x - 1], below[x] - above[x]);
            let c = (y / TILE) * flow.width + x / TILE;
            // The gradient lies across the ridge: half a turn in the doubled angle.
            flow.cos2[c] += gy * gy - gx * gx;
            flow.sin2[c] -= 2.0 * gx * gy;
            energy[c] += gx * gx + gy * gy;
        }
    }
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
