//! From an image to the input of the network: every place gets its own mean and contrast.

use super::maps::Maps;
use crate::Plane;

/// From the middle of the window to its edge, pixels: 33 by 33, about four ridges.
const HALF: usize = 16;
/// Deviation that is added to that of the window, gray levels, so that the noise of an empty place stays small.
const FLOOR: f64 = 12.0;
/// Deviations beyond which it is cut.
const CLIP: f64 = 3.0;
/// The network halves its maps four times.
const MULTIPLE: usize = 16;

/// Width or height with what is added to make it a multiple of sixteen.
pub(super) fn padded(side: usize) -> usize {
    side.next_multiple_of(MULTIPLE)
}

/// Writes `(x - mean) / (deviation + 12)`, from -3 to 3, where mean and deviation are those of the window around `x` as far as it is on the
/// image, and zeros beyond the image; `input` is of the padded size. Gray levels are rounded first (what is no number is 0) and all sums
/// are whole numbers, so that every machine has the same.
pub(super) fn normalise(image: &Plane, input: &mut Maps<1>) {
    let (width, height) = (image.width, image.height);
    let levels: Vec<u8> = image.data.iter().map(|&v| rounded(v)).collect();
    let row = |y: usize| &levels[y * width..][..width];
    let across: Vec<f64> = (0..width).map(|x| window(x, width) as f64).collect();
    let mut columns = Sums::of(width);
    let mut windows = Sums::of(width);
    for y in 0..height.min(HALF) {
        columns.change::<1>(row(y));
    }
    for y in 0..height {
        if y + HALF < height {
            columns.change::<1>(row(y + HALF));
        }
        if y > HALF {
            columns.change::<-1>(row(y - HALF - 1));
        }
        slide(&columns.levels, &mut windows.levels);
        slide(&columns.squares, &mut windows.squares);
        let rows = window(y, height) as f64;
        let (out, beyond) = input.row_mut(0, y).split_at_mut(width);
        beyond.fill([0.0]);
        let sums = windows.levels.iter().zip(&windows.squares);
        for (((out, &level), (&sum, &squares)), &across) in out.iter_mut().zip(row(y)).zip(sums).zip(&across) {
            // Everything times the number of pixels: whole until the root.
            let (n, sum) = (rows * across, f64::from(sum));
            let from_mean = n * f64::from(level) - sum;
            let deviation = (n * f64::from(squares) - sum * sum).sqrt();
            out[0] = (from_mean / (deviation + FLOOR * n)).clamp(-CLIP, CLIP) as f32;
        }
    }
    for y in height..input.height() {
        input.row_mut(0, y).fill([0.0]);
    }
}

/// To the nearest gray level, halves up.
fn rounded(v: f32) -> u8 {
    // As casts do, this stays within 0 and 255.
    let below = v as u8;
    below.saturating_add(u8::from(v - f32::from(below) >= 0.5))
}

/// Pixels of a window around `at` that are on a line of `length` pixels.
fn window(at: usize, length: usize) -> usize {
    (at + HALF + 1).min(length) - at.saturating_sub(HALF)
}

/// Sums of gray levels and of their squares, for each column: below 2^27 for any window.
struct Sums {
    levels: Vec<i32>,
    squares: Vec<i32>,
}

impl Sums {
    fn of(width: usize) -> Self {
        Self { levels: vec![0; width], squares: vec![0; width] }
    }

    /// A row comes (1) or goes (-1).
    fn change<const SIGN: i32>(&mut self, row: &[u8]) {
        for ((sum, squares), &level) in self.levels.iter_mut().zip(&mut self.squares).zip(row) {
            let level = i32::from(level);
            *sum += SIGN * level;
            *squares += SIGN * level * level;
        }
    }
}

/// For each column the sum over those of its window.
fn slide(columns: &[i32], windows: &mut [i32]) {
    let mut sum: i32 = columns.iter().take(HALF).sum();
    for (x, window) in windows.iter_mut().enumerate() {
        sum += columns.get(x + HALF).unwrap_or(&0);
        if x > HALF {
            sum -= columns[x - HALF - 1];
        }
        *window = sum;
    }
}
