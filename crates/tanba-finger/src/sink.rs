//! Where the steps of an extraction can be seen: each stage hands its result, with a name and a sentence, to a sink.
//! The examiner's view, `--show` and debugging all use this one door; [`NoSink`] costs nothing.

use crate::exact::Exact;
use crate::{Minutia, Pattern};

/// A map of numbers, row-major from the top left.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Samples in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` samples.
    pub data: Vec<f32>,
}

impl Plane {
    /// A map of zeros.
    pub fn zeros(width: usize, height: usize) -> Self {
        Self { width, height, data: vec![0.0; width * height] }
    }

    /// One row.
    pub fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// The sample nearest to the given place, the edge repeated outside.
    pub fn clamped(&self, x: isize, y: isize) -> f32 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.data[y * self.width + x]
    }
}

/// A yes or no for each sample, row-major from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    /// Samples in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` samples.
    pub data: Vec<bool>,
}

impl Mask {
    /// A mask that is false everywhere.
    pub fn none(width: usize, height: usize) -> Self {
        Self { width, height, data: vec![false; width * height] }
    }

    /// Whether the sample is set; false outside.
    pub fn at(&self, x: isize, y: isize) -> bool {
        x >= 0
            && y >= 0
            && (x as usize) < self.width
            && (y as usize) < self.height
            && self.data[y as usize * self.width + x as usize]
    }

    /// How many samples are set.
    pub fn count(&self) -> usize {
        self.data.iter().filter(|&&b| b).count()
    }
}

/// Ridge orientation on a grid of square cells.
///
/// Orientations are kept as doubled-angle vectors `(cos 2t, sin 2t)`, with `t` the angle of the ridge line in pixel
/// coordinates (x right, y **down**), so that opposite directions are the same orientation and averages make sense.
/// The length of the vector, 0 to 1, is how sure the orientation is.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Side of a cell, pixels.
    pub cell: usize,
    /// Cells in a row.
    pub width: usize,
    /// Rows of cells.
    pub height: usize,
    /// `cos 2t` times certainty, cell by cell.
    pub cos2: Vec<f32>,
    /// `sin 2t` times certainty, cell by cell.
    pub sin2: Vec<f32>,
}

impl Flow {
    /// An unknown orientation everywhere, on cells that cover `width` x `height` pixels.
    pub fn covering(width: usize, height: usize, cell: usize) -> Self {
        let (w, h) = (width.div_ceil(cell), height.div_ceil(cell));
        Self { cell, width: w, height: h, cos2: vec![0.0; w * h], sin2: vec![0.0; w * h] }
    }

    /// The doubled-angle vector at a place in pixels, interpolated between cell centres.
    pub fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let (i, fx) = between(x / self.cell as f32 - 0.5, self.width);
        let (j, fy) = between(y / self.cell as f32 - 0.5, self.height);
        let (i1, j1) = ((i + 1).min(self.width - 1), (j + 1).min(self.height - 1));
        let mix = |v: &[f32]| {
            let top = v[j * self.width + i] * (1.0 - fx) + v[j * self.width + i1] * fx;
            let bottom = v[j1 * self.width + i] * (1.0 - fx) + v[j1 * self.width + i1] * fx;
            top * (1.0 - fy) + bottom * fy
        };
        (mix(&self.cos2), mix(&self.sin2))
    }

    /// The ridge orientation at a place in pixels: radians in `[0, pi)`, x right and y down.
    pub fn angle_at(&self, x: f32, y: f32) -> f32 {
        let (c, s) = self.at(x, y);
        (0.5 * s.atan2_exact(c)).rem_euclid(std::f32::consts::PI)
    }
}

/// The cell below a coordinate in cell units, and how far into the next one; held inside `0..n`.
pub(crate) fn between(v: f32, n: usize) -> (usize, f32) {
    let v = v.clamp(0.0, (n - 1) as f32);
    let i = v as usize;
    (i, v - i as f32)
}

/// What a stage made.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum StageData<'a> {
    /// A map of numbers (one sample per pixel or per cell).
    Map(&'a Plane),
    /// A yes or no for each pixel or cell.
    Mask(&'a Mask),
    /// Ridge orientations.
    Flow(&'a Flow),
    /// Minutiae, in pixels at 500 ppi.
    Minutiae(&'a [Minutia]),
    /// Singular points and pattern class, in pixels at 500 ppi.
    Pattern(&'a Pattern),
}

/// One step of the method, as handed to a sink.
#[derive(Debug, Clone, Copy)]
pub struct Stage<'a> {
    /// Short name, fit for a file name: `orientation`, `ridges`, ...
    pub name: &'static str,
    /// One sentence for the person who looks at it.
    pub explanation: &'static str,
    /// What was made.
    pub data: StageData<'a>,
}

/// Receives the stages in the order they are made.
pub trait StageSink {
    /// One stage.
    fn stage(&mut self, stage: Stage<'_>);

    /// Whether it looks at all: what nothing else of the method needs (the stages `singular` and `lines`) is made only then.
    fn looks(&self) -> bool {
        true
    }
}

/// A sink that looks at nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSink;

impl StageSink for NoSink {
    fn stage(&mut self, _: Stage<'_>) {}

    fn looks(&self) -> bool {
        false
    }
}

impl<F: FnMut(Stage<'_>)> StageSink for F {
    fn stage(&mut self, stage: Stage<'_>) {
        self(stage);
    }
}
