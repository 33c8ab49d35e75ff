//! Contact sheets: many prints on one image, for the eye.

use tanba_formats::{Gray8, Ppi};

/// Pixels between the prints.
const GAP: usize = 8;
/// Gray of the paper.
const PAPER: u8 = 224;

/// The images side by side in rows, about as wide as high; a single pale pixel for no image at all. At most 16384 pixels a side:
/// what does not fit is left out.
pub fn sheet(images: &[Gray8]) -> Gray8 {
    const MOST: usize = 16_384;
    let cell_width = images.iter().map(Gray8::width).max().unwrap_or(1) + GAP;
    let cell_height = images.iter().map(Gray8::height).max().unwrap_or(1) + GAP;
    let columns = (1..).find(|c| c * c * cell_width >= images.len() * cell_height).unwrap_or(1);
    let columns = columns.clamp(1, (MOST / cell_width).max(1));
    let rows = images.len().div_ceil(columns).clamp(1, (MOST / cell_height).max(1));
    let (width, height) = ((columns * cell_width).min(MOST), (rows * cell_height).min(MOST));
    let mut pixels = vec![PAPER; width * height];
    for (i, image) in images.iter().enumerate() {
        let (left, top) = ((i % columns) * cell_width + GAP / 2, (i / columns) * cell_height + GAP / 2);
        if left >= width {
            continue;
        }
        let shown = image.width().min(width - left);
        for y in 0..image.height() {
            if top + y >= height {
                break;
            }
            let to = (top + y) * width + left;
            pixels[to..to + shown].copy_from_slice(&image.pixels()[y * image.width()..y * image.width() + shown]);
        }
    }
    Gray8::new(width, height, Ppi::NOMINAL, pixels).expect("one byte per pixel, no empty side")
}
