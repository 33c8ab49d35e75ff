//! A print in files: the picture, and what is known about it beside the picture.
//!
//! For each impression `<name>`:
//!
//! | asked for | file | what it holds |
//! |---|---|---|
//! | `--image png` | `<name>.png` | 8-bit gray, with its resolution |
//! | `--image raw` | `<name>.raw` | the same pixels row by row, a byte each; width and height stand in the JSON |
//! | `--truth json` | `<name>.json` | `mode`, `preset`, then [`tanba_synth::TruthRecord`]: finger, class, size, pose, singular points, minutiae; written last |
//! | `--truth fmr` | `<name>.fmr` | the visible minutiae as an ISO/IEC 19794-2:2005 record, at 500 ppi whatever `--ppi` is, as every template here |
//! | `--truth npy` | `<name>_orientation.npy` | `<f4`, rows x columns of cells: ridge direction, radians in `[0, pi)`, counter-clockwise as seen |
//! | | `<name>_period.npy` | `<f4`, rows x columns: ridge period, pixels of the image; 0 where there is no skin |
//! | | `<name>_mask.npy` | `u1`, rows x columns: 1 where ridges can be seen in more than half of the cell |
//! | | `<name>_minutiae.npy` | `<f4`, n x 5: x, y (pixels of the image), direction (radians in `[0, 2 pi)`), kind (1 ending, 2 bifurcation), visible (0 or 1); those of the JSON, in its order |
//!
//! A cell has the side of `--cell` pixels of the image; there are as many as cover the image, the last ones reaching over its edge.

use std::f32::consts::TAU;
use std::path::Path;

use anyhow::{Context, bail};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tanba_finger::{Minutia, MinutiaKind, Template, iso};
use tanba_formats::image::encode_png_fast;
use tanba_formats::iso19794_2;
use tanba_synth::{Impression, ImpressionParams, MasterFinger, TruthMinutia, TruthRecord};

use super::write;
use crate::input::read_file;

/// In what form pictures are written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ImageForm {
    /// Gray PNG.
    Png,
    /// 8-bit rows, nothing else.
    Raw,
    /// No picture.
    None,
}

/// In what form the truth is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TruthForm {
    /// Everything that is known but the fields.
    Json,
    /// Visible minutiae as ISO/IEC 19794-2:2005.
    Fmr,
    /// Direction, period, mask and minutiae as NumPy arrays.
    Npy,
}

/// What is written for each impression.
pub(super) struct Files<'a> {
    pub(super) image: ImageForm,
    pub(super) truth: &'a [TruthForm],
    /// Side of a cell of the fields, pixels of the image.
    pub(super) cell: usize,
    pub(super) mode: &'a str,
    pub(super) preset: &'a str,
}

/// The truth beside a picture.
#[derive(Serialize)]
struct Truth<'a> {
    mode: &'a str,
    preset: &'a str,
    #[serde(flatten)]
    record: &'a TruthRecord,
}

/// What is read again of a truth that an earlier run left.
#[derive(Deserialize)]
struct Kept {
    mode: String,
    preset: String,
    params: ImpressionParams,
    minutiae: Vec<TruthMinutia>,
}

impl Files<'_> {
    /// Writes all of it, the JSON last: where that is there, everything is.
    pub(super) fn write(
        &self,
        folder: &Path,
        name: &str,
        master: &MasterFinger,
        impression: &Impression,
    ) -> anyhow::Result<()> {
        let record = impression.truth_record();
        let to = |ending: &str, bytes: &[u8]| write(&folder.join(format!("{name}{ending}")), bytes);
        match self.image {
            ImageForm::Png => to(".png", &encode_png_fast(&impression.image))?,
            ImageForm::Raw => to(".raw", impression.image.pixels())?,
            ImageForm::None => {}
        }
        if self.truth.contains(&TruthForm::Fmr) {
            let template = nominal(&impression.truth_template(), record.ppi);
            to(".fmr", &iso19794_2::write(&iso::to_record(&template, record.finger))?)?;
        }
        if self.truth.contains(&TruthForm::Npy) {
            let fields = impression.fields(master, self.cell);
            let shape = (fields.rows, fields.columns);
            to("_orientation.npy", &npy("<f4", shape, &floats(&fields.orientation)))?;
            to("_period.npy", &npy("<f4", shape, &floats(&fields.period)))?;
            to("_mask.npy", &npy("|u1", shape, &fields.mask))?;
            let rows: Vec<f32> = record.minutiae.iter().flat_map(row).collect();
            to("_minutiae.npy", &npy("<f4", (record.minutiae.len(), 5), &floats(&rows)))?;
        }
        if self.truth.contains(&TruthForm::Json) {
            to(".json", &serde_json::to_vec(&Truth { mode: self.mode, preset: self.preset, record: &record })?)?;
        }
        Ok(())
    }

    /// The visible minutiae of an impression that an earlier run has written whole; `None` where it is to be written (again).
    ///
    /// # Errors
    /// When the truth there is of a touch with other parameters than these.
    pub(super) fn kept(&self, folder: &Path, name: &str, params: &ImpressionParams) -> anyhow::Result<Option<u64>> {
        if !self.endings().all(|ending| folder.join(format!("{name}{ending}")).is_file()) {
            return Ok(None);
        }
        let path = folder.join(format!("{name}.json"));
        let kept: Kept = serde_json::from_slice(&read_file(&path)?)
            .with_context(|| format!("{} is no truth of this program: give another --out", path.display()))?;
        // Contact, size and moisture follow the finger, which is not known here; the place of the touch is as drawn.
        let turn = (kept.params.rotation - params.rotation).rem_euclid(TAU);
        let same = kept.params.ppi == params.ppi
            && turn.min(TAU - turn) < 1e-4
            && (kept.params.contact_shift.0 - params.contact_shift.0.clamp(-400.0, 400.0)).abs() < 1e-3;
        if !same || kept.mode != self.mode || kept.preset != self.preset {
            bail!(
                "{} is of a run with another --seed, --mode, --preset or --ppi: give those again, or another --out",
                path.display()
            );
        }
        Ok(Some(kept.minutiae.iter().filter(|m| m.visible).count() as u64))
    }

    fn endings(&self) -> impl Iterator<Item = &'static str> {
        let image: &[&str] = match self.image {
            ImageForm::Png => &[".png"],
            ImageForm::Raw => &[".raw"],
            ImageForm::None => &[],
        };
        let truth = self.truth.iter().flat_map(|form| match form {
            TruthForm::Json => &[".json"][..],
            TruthForm::Fmr => &[".fmr"],
            TruthForm::Npy => &["_orientation.npy", "_period.npy", "_mask.npy", "_minutiae.npy"],
        });
        image.iter().chain(truth).copied()
    }
}

/// A template in pixels of an image of this resolution, brought to 500 ppi.
fn nominal(template: &Template, ppi: f64) -> Template {
    let scale = 500.0 / ppi;
    let side = |pixels: u16| (f64::from(pixels) * scale).round().clamp(1.0, f64::from(u16::MAX)) as u16;
    let moved = |m: &Minutia| Minutia { x: (f64::from(m.x) * scale) as f32, y: (f64::from(m.y) * scale) as f32, ..*m };
    Template {
        recipe: template.recipe,
        width: side(template.width),
        height: side(template.height),
        quality: template.quality,
        minutiae: template.minutiae.iter().map(moved).collect(),
        ridges: None,
    }
}

/// Types as ISO/IEC 19794-2 numbers them.
pub(super) fn kind_code(kind: MinutiaKind) -> u8 {
    match kind {
        MinutiaKind::Other => 0,
        MinutiaKind::Ending => 1,
        MinutiaKind::Bifurcation => 2,
    }
}

fn row(m: &TruthMinutia) -> [f32; 5] {
    [m.x, m.y, m.direction, f32::from(kind_code(m.kind)), f32::from(u8::from(m.visible))]
}

/// Little-endian bytes.
pub(super) fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// An array of two dimensions, rows first, in the NPY format 1.0 of NumPy: a magic, the version, the length of the heading, the
/// heading as a Python dictionary padded with blanks so that the values begin at a multiple of 64 bytes, the values.
fn npy(descr: &str, (rows, columns): (usize, usize), values: &[u8]) -> Vec<u8> {
    const ALIGNED: usize = 64;
    const BEFORE: usize = 10;
    let mut heading = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let end = (BEFORE + heading.len() + 1).next_multiple_of(ALIGNED);
    heading.extend(std::iter::repeat_n(' ', end - BEFORE - heading.len() - 1));
    heading.push('\n');
    let mut out = Vec::with_capacity(end + values.len());
    out.extend(b"\x93NUMPY\x01\x00");
    // Two short numbers make it longer by some bytes only.
    out.extend((heading.len() as u16).to_le_bytes());
    out.extend(heading.as_bytes());
    out.extend(values);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use tanba_finger::Recipe;

    #[test]
    fn values_of_an_array_begin_at_a_multiple_of_64_bytes() {
        for shape in [(0, 5), (1, 1), (52, 49), (123_456, 7), (1_000_000_000, 1_000_000_000)] {
            let bytes = npy("<f4", shape, &[7; 4]);
            assert_eq!((&bytes[..8], bytes.len() % 64), (&b"\x93NUMPY\x01\x00"[..], 4));
            let heading = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
            assert_eq!((10 + heading, bytes[9 + heading]), (bytes.len() - 4, b'\n'));
            let text = std::str::from_utf8(&bytes[10..10 + heading]).unwrap();
            let said = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", shape.0, shape.1);
            assert_eq!(text.trim_end(), said);
        }
    }

    #[test]
    fn a_template_of_another_resolution_is_brought_to_500() {
        let minutia = Minutia { x: 101.0, y: 50.0, direction: 1.0, kind: MinutiaKind::Ending, quality: 100 };
        let minutiae = vec![minutia];
        let template =
            Template { recipe: Recipe::Unknown, width: 776, height: 832, quality: 100, minutiae, ridges: None };
        let got = nominal(&template, 1000.0);
        assert_eq!((got.width, got.height, got.minutiae[0].x, got.minutiae[0].y), (388, 416, 50.5, 25.0));
        assert_eq!(nominal(&template, 500.0), template);
    }
}
