//! A picture of prints of nobody, small enough for a page of documentation.

use tanba_formats::image::{encode_png, resample};
use tanba_formats::{Gray8, Ppi};
use tanba_synth::{ImpressionPreset, MasterFinger, RidgeMethod};

use super::{finger_of, touch_seed};

/// Prints in a row, each of another finger.
const COLUMNS: u32 = 5;
/// Resolution of the picture, pixels per inch.
const SHOWN_PPI: f64 = 250.0;
/// Side of a cell, pixels of the picture, and the gray of what is between the prints.
const CELL: (usize, usize) = (176, 200);
const PAPER: u8 = 224;
/// Gray levels kept: noise that no eye sees is most of such a file.
const LEVELS: u16 = 52;

/// A PNG with a row for each preset in the order of [`ImpressionPreset::ALL`], all of the same fingers.
pub(super) fn by_preset(seed: u64) -> Vec<u8> {
    let masters: Vec<(u64, MasterFinger)> = (0..COLUMNS)
        .map(|f| {
            let (seed, spec) = finger_of(seed, f);
            (seed, MasterFinger::with_method(seed, spec, RidgeMethod::Phase))
        })
        .collect();
    let (width, height) = (CELL.0 * COLUMNS as usize, CELL.1 * ImpressionPreset::ALL.len());
    let mut pixels = vec![PAPER; width * height];
    for (row, preset) in ImpressionPreset::ALL.into_iter().enumerate() {
        for (column, (seed, master)) in masters.iter().enumerate() {
            let print = resample(&master.touch(preset, touch_seed(*seed, 0)).image, shown_at());
            paste(&mut pixels, width, &print, (column * CELL.0, row * CELL.1));
        }
    }
    let sheet = Gray8::new(width, height, shown_at(), pixels).expect("one byte per pixel, no empty side");
    encode_png(&sheet)
}

fn shown_at() -> Ppi {
    Ppi::new(SHOWN_PPI).expect("a resolution above zero")
}

/// The middle of a print into a cell, a narrow margin left free.
fn paste(pixels: &mut [u8], stride: usize, print: &Gray8, (left, top): (usize, usize)) {
    let (width, height) = (print.width().min(CELL.0 - 4), print.height().min(CELL.1 - 4));
    let (from_x, from_y) = ((print.width() - width) / 2, (print.height() - height) / 2);
    let (to_x, to_y) = (left + (CELL.0 - width) / 2, top + (CELL.1 - height) / 2);
    for y in 0..height {
        let from = &print.pixels()[(from_y + y) * print.width() + from_x..][..width];
        for (to, v) in pixels[(to_y + y) * stride + to_x..][..width].iter_mut().zip(from) {
            let level = (u16::from(*v) * (LEVELS - 1) + 127) / 255;
            *to = (level * 255 / (LEVELS - 1)) as u8;
        }
    }
}
