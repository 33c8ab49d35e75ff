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

/// Sums of gray levels and of their squares: below 2^32 for any window.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    level: u32,
    square: u32,
}

impl Sums {
    #[inline(always)]
    fn add(&mut self, other: Self) {
        self.level += other.level;
        self.square += other.square;
    }

    #[inline(always)]
    fn take(&mut self, other: Self) {
        self.level -= other.level;
        self.square -= other.square;
    }
}

/// Width or height with what is added to make it a multiple of sixteen.
pub(super) fn padded(side: usize) -> usize {
    side.next_multiple_of(MULTIPLE)
}

/// Writes `(x - mean) / (deviation + 12)`, from -3 to 3, where mean and deviation are those of the window around `x` as far as it is on the
/// image; `input` is of the padded size. Gray levels are rounded first (what is no number is 0) and all sums are whole numbers, so that
/// every machine has the same.
pub(super) fn normalise(image: &Plane, input: &mut Maps<1>) {
    let (width, height) = (image.width, image.height);
    let levels: Vec<u8> = image.data.iter().map(|v| v.round() as u8).collect();
    let row = |y: usize| &levels[y * width..][..width];
    let of = |&level: &u8| Sums { level: u32::from(level), square: u32::from(level) * u32::from(level) };
    // Of each column, over the rows of the window.
    let mut columns = vec![Sums::default(); width];
    let mut windows = vec![Sums::default(); width];
    for y in 0..height.min(HALF) {
        columns.iter_mut().zip(row(y)).for_each(|(sums, level)| sums.add(of(level)));
    }
    for y in 0..height {
        if y + HALF < height {
            columns.iter_mut().zip(row(y + HALF)).for_each(|(sums, level)| sums.add(of(level)));
        }
        if y > HALF {
            columns.iter_mut().zip(row(y - HALF - 1)).for_each(|(sums, level)| sums.take(of(level)));
        }
        let rows = (y + HALF + 1).min(height) - y.saturating_sub(HALF);
        slide(&columns, &mut windows);
        for (x, ((out, &level), sums)) in input.row_mut(0, y).iter_mut().zip(row(y)).zip(&windows).enumerate() {
            let pixels = rows * ((x + HALF + 1).min(width) - x.saturating_sub(HALF));
            let n = pixels as u32;
            // Everything times the number of pixels: whole until the root.
            let (sum, squares) = (f64::from(sums.level), f64::from(n) * f64::from(sums.square));
            let from_mean = f64::from(n) * f64::from(level) - sum;
            let deviation = (squares - sum * sum).sqrt();
            out[0] = (from_mean / (deviation + FLOOR * f64::from(n))).clamp(-CLIP, CLIP) as f32;
        }
        for out in &mut input.row_mut(0, y)[width..] {
            *out = [0.0];
        }
    }
    for y in height..input.height() {
        input.row_mut(0, y).fill([0.0]);
    }
}

/// The window of each column: the sum over its neighbours.
fn slide(columns: &[Sums], windows: &mut [Sums]) {
    let mut sum = Sums::default();
    for column in columns.iter().take(HALF) {
        sum.add(*column);
    }
    for (x, window) in windows.iter_mut().enumerate() {
        if let Some(column) = columns.get(x + HALF) {
            sum.add(*column);
        }
        if x > HALF {
            sum.take(columns[x - HALF - 1]);
        }
        *window = sum;
    }
}
