//! What is known exactly about an impression, for others to measure against.

use serde::{Deserialize, Serialize};
use tanba_finger::{Minutia, MinutiaKind, Recipe, Template};
use tanba_formats::Finger;

use super::impression::Placement;
use super::{Impression, ImpressionParams, MasterFinger, PatternClass};

/// A minutia of the master, moved exactly as the skin was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TruthMinutia {
    /// Column in the impression, pixels at 500 ppi; may lie outside the image.
    pub x: f32,
    /// Row, growing downward.
    pub y: f32,
    /// Direction as [`Minutia::direction`] has it.
    pub direction: f32,
    /// Ending or bifurcation.
    pub kind: MinutiaKind,
    /// Whether it lies in the image, in contact with the glass, and not under a crease or scratch.
    pub visible: bool,
    /// Which minutia of the finger it is, from 0: the same one has the same number in every impression.
    #[serde(default)]
    pub number: u16,
}

/// What is known at every place of an impression, on a grid of square cells: what a network that reads flow is trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct TruthFields {
    /// Side of a cell, pixels of the image.
    pub cell: usize,
    /// Cells across: the image's width over the cell's side, rounded up.
    pub columns: usize,
    /// Cells down.
    pub rows: usize,
    /// Ridge direction in the middle of each cell, row by row: radians in `[0, pi)`, counter-clockwise as seen. Given wherever there
    /// is skin on the master, touching or not; 0 elsewhere.
    pub orientation: Vec<f32>,
    /// Ridge period, pixels of the image; 0 where there is no skin.
    pub period: Vec<f32>,
    /// 1 where ridges can be seen in more than half of the cell, else 0.
    pub mask: Vec<u8>,
}

/// Everything known about an impression, in the form written beside its image: no paths, no times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthRecord {
    /// Which finger.
    pub finger: Finger,
    /// Pattern class.
    pub class: PatternClass,
    /// Image width, pixels.
    pub width: u16,
    /// Image height, pixels.
    pub height: u16,
    /// Pixels per inch.
    pub ppi: f64,
    /// Rotation of the finger, radians counter-clockwise as seen.
    pub rotation: f32,
    /// Mean ridge period of the grown finger, pixels at 500 ppi.
    pub period: f32,
    /// How it was taken.
    pub params: ImpressionParams,
    /// Cores inside the image, pixels.
    pub cores: Vec<(f32, f32)>,
    /// Deltas inside the image, pixels.
    pub deltas: Vec<(f32, f32)>,
    /// All minutiae of the finger that lie in the image frame, visible or not.
    pub minutiae: Vec<TruthMinutia>,
}

impl Impression {
    /// The visible minutiae as a template, as a perfect extractor would give them. Quality is 100 throughout: the truth is certain.
    pub fn truth_template(&self) -> Template {
        let minutiae = self
            .minutiae
            .iter()
            .filter(|m| m.visible)
            .map(|m| Minutia { x: m.x, y: m.y, direction: m.direction, kind: m.kind, quality: 100 })
            .collect();
        let (width, height) = (self.width(), self.height());
        Template { recipe: Recipe::Unknown, width, height, quality: 100, minutiae, ridges: None }
    }

    /// Whether ridges can be seen at each pixel of the image, row by row: 1 where skin is in contact and neither creased, scratched nor
    /// worn away.
    pub fn visible_pixels(&self) -> &[u8] {
        &self.visible
    }

    /// Height of the unharmed ridge under each pixel of the image, row by row: -127 in the middle of a valley, 127 on the crest, whatever
    /// creases, scratches, moisture and wear made of it there; [`NO_CONTACT`](super::NO_CONTACT) where no skin lies on the glass.
    pub fn true_ridges(&self) -> &[i8] {
        &self.ridges
    }

    /// Direction, period and mask on cells of this many pixels; `master` is the finger that was touched. A cell of 0 counts as 1.
    pub fn fields(&self, master: &MasterFinger, cell: usize) -> TruthFields {
        let cell = cell.max(1);
        let (width, height) = (self.image.width(), self.image.height());
        let (columns, rows) = (width.div_ceil(cell), height.div_ceil(cell));
        let placement = Placement::new(&self.params, self.seed);
        let mut fields = TruthFields {
            cell,
            columns,
            rows,
            orientation: vec![0.0; columns * rows],
            period: vec![0.0; columns * rows],
            mask: vec![0; columns * rows],
        };
        for row in 0..rows {
            for column in 0..columns {
                let i = row * columns + column;
                let (x, y) = ((column as f64 + 0.5) * cell as f64 - 0.5, (row as f64 + 0.5) * cell as f64 - 0.5);
                let (mx, my) = placement.to_master(x, y);
                if master.has_skin(mx, my) {
                    let (theta, period) = (master.orientation.at(mx, my), master.period_field.at(mx, my));
                    let (theta, period) = placement.ridges_to_image(x, y, theta, period);
                    fields.orientation[i] = if theta >= std::f64::consts::PI { 0.0 } else { theta as f32 };
                    fields.period[i] = period as f32;
                }
                let (left, top) = (column * cell, row * cell);
                let (right, bottom) = ((left + cell).min(width), (top + cell).min(height));
                let seen: usize = (top..bottom)
                    .map(|y| self.visible[y * width + left..y * width + right].iter().filter(|v| **v == 1).count())
                    .sum();
                fields.mask[i] = u8::from(2 * seen > (right - left) * (bottom - top));
            }
        }
        fields
    }

    /// Everything known, for writing beside the image.
    pub fn truth_record(&self) -> TruthRecord {
        let inside = |&&(x, y): &&(f32, f32)| {
            x >= 0.0 && y >= 0.0 && x < f32::from(self.width()) && y < f32::from(self.height())
        };
        TruthRecord {
            finger: self.finger,
            class: self.class,
            width: self.width(),
            height: self.height(),
            ppi: self.image.ppi().get(),
            rotation: self.params.rotation,
            period: self.period,
            params: self.params,
            cores: self.cores.iter().filter(inside).copied().collect(),
            deltas: self.deltas.iter().filter(inside).copied().collect(),
            minutiae: self.minutiae.iter().filter(|m| inside(&&(m.x, m.y))).copied().collect(),
        }
    }
}
