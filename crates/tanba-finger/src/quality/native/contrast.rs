//! Gray levels of the whole image.

use super::blocks::BLOCK;
use super::frame::Frame;

/// Mean gray, and the deviation from it.
pub(super) fn mean_and_deviation(frame: &Frame) -> (f64, f64) {
    let n = frame.pixels.len() as f64;
    let (sum, square) = frame.pixels.iter().fold((0u64, 0u64), |(s, q), &v| {
        let v = u64::from(v);
        (s + v, q + v * v)
    });
    let mean = sum as f64 / n;
    (mean, (square as f64 / n - mean * mean).max(0.0).sqrt())
}

/// Mean of the means of all blocks, also of the smaller ones at the right and lower rim.
pub(super) fn mean_of_block_means(frame: &Frame) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for y in (0..frame.height).step_by(BLOCK) {
        for x in (0..frame.width).step_by(BLOCK) {
            sum += mean(frame, x, y, BLOCK.min(frame.width - x), BLOCK.min(frame.height - y));
            n += 1.0;
        }
    }
    sum / n
}

/// Mean gray of a rectangle that lies in the image.
pub(super) fn mean(frame: &Frame, x: usize, y: usize, width: usize, height: usize) -> f64 {
    let rows = (y..y + height).map(|y| &frame.pixels[y * frame.width + x..y * frame.width + x + width]);
    rows.flatten().map(|&v| u64::from(v)).sum::<u64>() as f64 / (width * height) as f64
}
