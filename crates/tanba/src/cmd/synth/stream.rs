//! Impressions for a trainer: one stream of bytes instead of files. `docs/synth-stream.md` has a reader in Python.
//!
//! All numbers are little-endian. The stream is
//!
//! - the 8 bytes `TANBASYN`, then the version `u32`, 3;
//! - for each impression a record, ordered by finger and impression whatever the threads do: its length `u32` (without these four
//!   bytes), then the record;
//! - a length of 0: the end. A stream that stops before it was cut off, and every record before that is whole.
//!
//! A record is
//!
//! | bytes | type | what |
//! |---|---|---|
//! | 8 | `u64` | number of the finger in its population, from 1 |
//! | 4 | `u32` | impression of that finger, from 1 |
//! | 1 | `u8` | position of the finger (ISO/IEC 19794-2 table 2: 1 right thumb to 10 left little finger) |
//! | 1 | `u8` | class: 0 arch, 1 tented arch, 2 left loop, 3 right loop, 4 whorl |
//! | 2 | `u16` | length of the name |
//! | 4, 4 | `u32` | width and height of the image, pixels |
//! | 4 | `u32` | pixels per inch |
//! | 4 | `u32` | side of a cell, pixels of the image |
//! | 4, 4 | `u32` | columns and rows of cells |
//! | 4, 4, 4 | `u32` | number of minutiae, cores, deltas |
//! | name | UTF-8 | the name its files would have |
//! | width x height | `u8` | pixels, row by row, 0 black |
//! | width x height | `i8` | the unharmed ridges under the pixels, -128 where no skin lies on the glass ([`Impression::true_ridges`]) |
//! | 4 x columns x rows | `f32` | ridge direction of each cell, row by row ([`tanba_synth::TruthFields`]) |
//! | 4 x columns x rows | `f32` | ridge period |
//! | columns x rows | `u8` | mask |
//! | 16 x minutiae | `f32` x 3, `u8` x 2, `u16` | x, y, direction, kind (1 ending, 2 bifurcation), visible, which minutia of the finger (from 0): all that lie in the image |
//! | 8 x cores | `f32` x 2 | x, y |
//! | 8 x deltas | `f32` x 2 | x, y |

use tanba_synth::{Impression, MasterFinger, PatternClass};

use super::truth::{floats, kind_code};

/// What every stream begins with.
pub(super) const HEAD: [u8; 12] = *b"TANBASYN\x03\0\0\0";
/// What every whole stream ends with: no further record.
pub(super) const END: [u8; 4] = [0; 4];

/// Bytes of a record for an image of so many pixels, about.
pub(super) fn about(pixels: u64) -> u64 {
    // With cells of 8 pixels; nine bytes a cell.
    2 * pixels + pixels / 7 + 4096
}

/// One record, its length before it.
pub(super) fn record(
    (finger, k): (u64, u32),
    name: &str,
    master: &MasterFinger,
    impression: &Impression,
    cell: usize,
    out: &mut Vec<u8>,
) {
    let fields = impression.fields(master, cell);
    let truth = impression.truth_record();
    let begin = out.len();
    out.extend([0; 4]);
    out.extend(finger.to_le_bytes());
    out.extend(k.to_le_bytes());
    out.push(truth.finger.code());
    let class = PatternClass::ALL.iter().position(|c| *c == truth.class).unwrap_or_default();
    out.push(class as u8);
    // Names are numbers.
    out.extend((name.len() as u16).to_le_bytes());
    let counts = [
        usize::from(truth.width),
        usize::from(truth.height),
        truth.ppi as usize,
        fields.cell,
        fields.columns,
        fields.rows,
        truth.minutiae.len(),
        truth.cores.len(),
        truth.deltas.len(),
    ];
    counts.iter().for_each(|n| out.extend((*n as u32).to_le_bytes()));
    out.extend(name.as_bytes());
    out.extend(impression.image.pixels());
    out.extend(impression.true_ridges().iter().map(|v| v.cast_unsigned()));
    out.extend(floats(&fields.orientation));
    out.extend(floats(&fields.period));
    out.extend(fields.mask);
    for m in &truth.minutiae {
        out.extend(floats(&[m.x, m.y, m.direction]));
        out.extend([kind_code(m.kind), u8::from(m.visible)]);
        out.extend(m.number.to_le_bytes());
    }
    for (x, y) in truth.cores.iter().chain(&truth.deltas) {
        out.extend(floats(&[*x, *y]));
    }
    // A side has at most 4096 pixels: no record reaches 4 GiB.
    let length = (out.len() - begin - 4) as u32;
    out[begin..begin + 4].copy_from_slice(&length.to_le_bytes());
}
