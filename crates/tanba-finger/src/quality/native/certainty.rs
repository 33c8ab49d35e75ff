//! Orientation certainty: how much one direction rules the gradients of a block.

use super::blocks::BLOCK;
use super::frame::Frame;

/// One value for each whole block that is not of one gray, 0 (no direction) to 1.
pub(super) fn values(frame: &Frame) -> Vec<f64> {
    let corners = |side: usize| (0..side / BLOCK).map(|i| i * BLOCK);
    corners(frame.height).flat_map(|y| corners(frame.width).filter_map(move |x| certainty(frame, x, y))).collect()
}

/// 1 - smaller over larger eigenvalue of the gradients' covariance in the block at (x, y), which must lie in the image; none
/// when there is no gradient.
pub(super) fn certainty(frame: &Frame, x: usize, y: usize) -> Option<f64> {
    let g = frame.gradients(x, y, BLOCK, BLOCK);
    let (sum, root) = (g.xx + g.yy, ((g.xx - g.yy).powi(2) + 4.0 * g.xy * g.xy).sqrt());
    (sum + root > 0.0).then(|| 1.0 - (sum - root) / (sum + root))
}
