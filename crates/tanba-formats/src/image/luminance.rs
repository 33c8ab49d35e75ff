//! Colour to gray.

use super::admission::Gate;

/// How far apart two channels must be, of 255, before a picture counts as coloured (JPEG-like noise stays below).
const COLOUR_DIFFERENCE: u8 = 8;

/// Luma of ITU-R BT.601, in thousandths, rounded: what scanners and the other formats of this field use.
pub(super) fn luma([r, g, b]: [u8; 3]) -> u8 {
    let sum = 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b);
    // At most 255 * 1000 / 1000.
    ((sum + 500) / 1000) as u8
}

/// A 16-bit sample to 8 bits, rounded.
pub(super) fn narrow(v: u16) -> u8 {
    // At most 65535 / 257 = 255.
    ((u32::from(v) + 128) / 257) as u8
}

/// A sample of `bits` (1 to 16) bits to 8 bits, rounded.
pub(super) fn scale(v: u16, bits: u32) -> u8 {
    let max = (1_u32 << bits) - 1;
    // At most 255.
    ((u32::from(v).min(max) * 255 + max / 2) / max) as u8
}

/// Lays a value with opacity `alpha` over white paper.
pub(super) fn over_white(v: u8, alpha: u8) -> u8 {
    let a = u32::from(alpha);
    // A weighted mean of two values up to 255.
    ((u32::from(v) * a + 255 * (255 - a) + 127) / 255) as u8
}

/// Watches what the conversion to gray loses, to tell it once at the end.
#[derive(Default)]
pub(super) struct Losses {
    coloured: bool,
    transparent: bool,
    deep: bool,
}

impl Losses {
    /// One coloured pixel becomes gray.
    pub(super) fn rgb(&mut self, rgb: [u8; 3]) -> u8 {
        let low = rgb[0].min(rgb[1]).min(rgb[2]);
        let high = rgb[0].max(rgb[1]).max(rgb[2]);
        self.coloured |= high - low > COLOUR_DIFFERENCE;
        luma(rgb)
    }

    /// One pixel with opacity becomes a pixel on white.
    pub(super) fn alpha(&mut self, v: u8, alpha: u8) -> u8 {
        self.transparent |= alpha != 255;
        over_white(v, alpha)
    }

    /// More than eight bits were dropped to eight.
    pub(super) fn depth(&mut self) {
        self.deep = true;
    }

    pub(super) fn tell(self, gate: &mut Gate) {
        if self.coloured {
            gate.note("colour-converted", "the image has colours: its luminance is used", None);
        }
        if self.transparent {
            gate.note("alpha-composited", "the image has transparent parts: they are taken as white", None);
        }
        if self.deep {
            gate.note("depth-reduced", "the image has more than 8 bits per sample: they were reduced to 8", None);
        }
    }
}
